"""Quotas: when the next text may go, and how a ladder is laid so that none of its pages is swallowed."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.blocks import Hours
from router.effects import Rung
from router.quotas import Prospect, Quota, Sending, Use, foresee, room, used

NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
ALIYUN = (Quota(most=1, within=MINUTE), Quota(most=5, within=HOUR), Quota(most=20, within=24 * HOUR))
NIGHT = Quota(most=1, within=10 * HOUR, hours=Hours(begin=time(22), end=time(8)))
"""It is ten in the morning in the zone at NOW."""


PAGE = Sending(to="a", template="page")


def gone(*minutes: float, to: str = "a", template: str = "page") -> list[Use]:
    return [Use(at=NOW + one * MINUTE, to=to, template=template) for one in minutes]


def wait(quotas, uses, sending=PAGE, now=NOW):
    return (room(quotas, uses, sending, now, ZONE).at - now) / MINUTE


@pytest.mark.parametrize(
    ("quotas", "uses", "minutes"),
    [
        pytest.param(ALIYUN, [], 0, id="nothing went"),
        pytest.param(ALIYUN, gone(-0.5), 0.5, id="one half a minute ago"),
        pytest.param(ALIYUN, gone(-1), 0, id="one just a minute ago"),
        pytest.param(ALIYUN, gone(-50, -40, -30, -20, -10), 10, id="five in this hour: when the first is an hour old"),
        pytest.param(ALIYUN, gone(-0.5, -40, -30, -20, -10), 20, id="the widest of two that hold decides"),
        pytest.param(ALIYUN, gone(*range(-1200, 0, 60)), 240, id="twenty in a day"),
        pytest.param(ALIYUN, gone(-0.5, to="b"), 0, id="to somebody else"),
        pytest.param(ALIYUN, gone(0.5), 1.5, id="one planned in half a minute: after it"),
        pytest.param(ALIYUN, gone(1), 0, id="one planned in a minute: before it"),
        pytest.param((Quota(most=1, within=MINUTE, per="template"),), gone(-0.5, template="x"), 0, id="other template"),
        pytest.param((Quota(most=1, within=MINUTE, per="account"),), gone(-0.5, to="b"), 0.5, id="of the account"),
        pytest.param((Quota(most=1, within=MINUTE, per="group"),), gone(-0.5), 0, id="of groups only"),
        pytest.param((), gone(-0.1), 0, id="no quota"),
    ],
)
def test_the_next_text_may_go(quotas, uses, minutes):
    assert wait(quotas, uses) == pytest.approx(minutes)


@pytest.mark.parametrize(
    ("now", "calls", "hours"),
    [
        pytest.param("2026-11-24T23:00", ["2026-11-24T22:30"], 9, id="one call in the night: at eight"),
        pytest.param("2026-11-25T07:59", ["2026-11-24T22:30"], 1 / 60, id="the last minute of the night"),
        pytest.param("2026-11-25T08:00", ["2026-11-25T07:59"], 0, id="by day nothing holds"),
        pytest.param("2026-11-24T22:30", ["2026-11-24T21:59"], 0, id="a call by day does not count"),
        pytest.param("2026-11-24T22:30", [], 0, id="the first of the night"),
    ],
)
def test_a_quota_of_the_night_holds_in_the_night_only(now, calls, hours):
    at = datetime.fromisoformat(now).replace(tzinfo=ZONE).astimezone(UTC)
    uses = [Use(at=datetime.fromisoformat(call).replace(tzinfo=ZONE).astimezone(UTC), to="a") for call in calls]
    found = room([NIGHT], uses, Sending(to="a"), at, ZONE)
    assert (found.at - at) / HOUR == pytest.approx(hours)
    assert (found.quota is None) == (hours == 0)


def test_a_group_quota_counts_texts_to_that_group():
    quota = (Quota(most=1, within=MINUTE, per="group"),)
    assert wait(quota, gone(-0.5), Sending(to="a", group=True)) == pytest.approx(0.5)


@settings(max_examples=200, deadline=None)
@given(
    most=st.integers(1, 4),
    asks=st.lists(st.integers(0, 7200), min_size=1, max_size=30),
    hours=st.sampled_from([None, Hours(begin=time(9), end=time(11)), Hours(begin=time(10, 30), end=time(10, 10))]),
)
def test_however_texts_come_no_window_holds_more_than_the_quota(most, asks, hours):
    quota = Quota(most=most, within=10 * MINUTE, hours=hours)
    sent: list[Use] = []
    for ask in sorted(asks):
        at = room([quota], sent, Sending(to="a"), NOW + timedelta(seconds=ask), ZONE).at
        sent.append(Use(at=at, to="a"))
    counted = sorted(use.at for use in sent if hours is None or hours.holds(use.at.astimezone(ZONE).time()))
    assert all(counted[i + most] - counted[i] >= quota.within for i in range(len(counted) - most))


def test_what_was_used_counts_within_the_window():
    assert used(ALIYUN[1], gone(-70, -50, -1, 5), Sending(to="a", template="page"), NOW, ZONE) == 3


def test_a_quota_says_what_it_is():
    assert [str(quota) for quota in (*ALIYUN, NIGHT)] == [
        "1 in 1 min per number",
        "5 in 1 h per number",
        "20 in 1 d per number",
        "1 in 10 h per number from 22:00 to 08:00",
    ]


ONE = Quota(most=1, within=HOUR)


def rung(minutes: float, person: str, by: str) -> Rung:
    return Rung(after=minutes * 60, person=person, by=by)


def prospect(ways: str, quotas: dict[str, Quota], uses: dict[str, list[Use]] | None = None) -> Prospect:
    """`zhang/voice: phone:a phone:b` for each way; the address of everybody is their name."""
    known = {}
    for line in ways.split(";"):
        whom, _, accounts = line.strip().partition(": ")
        person, _, by = whom.partition("/")
        known[person, by] = [(account, person) for account in accounts.split()]
    return Prospect(quotas={name: (quota,) for name, quota in quotas.items()}, ways=known, uses=uses or {}, zone=ZONE)


WAYS = "zhang/sms: sms:a; zhang/voice: phone:a; li/sms: sms:a; li/voice: phone:a"
LADDER = [rung(0, "zhang", "sms"), rung(1, "zhang", "voice"), rung(4, "li", "voice")]


@pytest.mark.parametrize(
    ("ladder", "ways", "quotas", "uses", "laid"),
    [
        pytest.param(LADDER, WAYS, {}, {}, "0 zhang sms, 1 zhang voice, 4 li voice", id="no quotas: as it was"),
        pytest.param(
            LADDER, WAYS, {"phone:a": ONE}, {}, "0 zhang sms, 1 zhang voice, 4 li voice", id="all has room: as it was"
        ),
        pytest.param(
            [*LADDER, rung(8, "zhang", "voice")],
            WAYS,
            {"phone:a": ONE},
            {},
            "0 zhang sms, 1 zhang voice, 4 li voice, 8 zhang sms",
            id="a second call to one phone is a text",
        ),
        pytest.param(
            [*LADDER, rung(8, "zhang", "voice")],
            WAYS + "; zhang/voice: phone:a phone:b",
            {"phone:a": ONE},
            {},
            "0 zhang sms, 1 zhang voice, 4 li voice, 8 zhang voice",
            id="another account of the way has room: the rung stays",
        ),
        pytest.param(
            LADDER,
            WAYS,
            {"phone:a": ONE},
            {"phone:a": gone(-10, to="zhang")},
            "0 zhang sms, 1 li sms, 4 li voice",
            id="a text a minute ago says it already: the next person is asked, and keeps the own call",
        ),
        pytest.param(
            [rung(0, "zhang", "voice")],
            "zhang/voice: phone:a; zhang/sms: ; li/voice: phone:a",
            {"phone:a": ONE},
            {"phone:a": gone(-10, to="zhang")},
            "0 zhang voice",
            id="nobody else: it stays and waits",
        ),
    ],
)
def test_a_ladder_is_laid_along_the_quotas(ladder, ways, quotas, uses, laid):
    rungs, moves = foresee(ladder, NOW, NOW, prospect(ways, quotas, uses))
    assert ", ".join(f"{one.after / 60:g} {one.person} {one.by}" for one in rungs) == laid
    assert [(move.rung, move.instead) for move in moves] == [
        (before, after) for before, after in zip(ladder, rungs, strict=True) if before != after
    ]


def test_a_move_names_the_quota_and_its_account():
    ladder = [*LADDER, rung(8, "zhang", "voice")]
    _, (move,) = foresee(ladder, NOW, NOW, prospect(WAYS, {"phone:a": ONE}))
    assert (str(move.quota), move.account) == ("1 in 1 h per number", "phone:a")


def test_a_ladder_that_began_long_ago_is_looked_at_from_now_on():
    late = [rung(0, "zhang", "voice"), rung(30, "zhang", "voice")]
    rungs, _ = foresee(late, NOW - HOUR, NOW, prospect(WAYS, {"phone:a": ONE}))
    assert [one.by for one in rungs] == ["voice", "sms"]
