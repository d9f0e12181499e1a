"""Swaps: which turn is meant, what is refused and why, and what follows from the answer."""

from datetime import UTC, date, datetime, timedelta

import pytest

from router.case import Scene
from router.duty import on_duty, plan_of
from router.effects import PutShifts, SetShift, Tell
from router.inquiries import Asked, settled
from router.settings import RouterSettings
from router.swaps import Wish, proposed, turn_of
from store.model import Answer, Inquiry, Presence, Shift, ShiftState

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
"""A Tuesday."""
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
NAMES = {"zhang": "张三", "li": "李雷", "wang": "王经理", "zhao": "Zhao"}
DAILY = {
    "second": "wang",
    "layers": [{"name": "days", "people": ["li", "zhang"], "every": "daily", "begins": "2026-11-23 08:00"}],
}
WEEKLY = {"layers": [{"name": "w", "people": ["li", "zhang"], "every": "weekly", "begins": "2026-11-16 08:00"}]}
NIGHTS = {
    "lead": "li",
    "layers": [
        {
            "name": "n",
            "people": ["zhang"],
            "begins": "2026-11-01 20:00",
            "hours": {"begin": "20:00", "end": "06:00"},
        }
    ],
}


def scene(rota=DAILY, now: datetime = NOW, *, shifts=(), presences=(), zone: str = "UTC") -> Scene:
    people = {key: {"name": name, "addresses": {"tel": f"+{key}"}} for key, name in NAMES.items()}
    known = RouterSettings.model_validate({"time_zone": zone, "people": people, "rota": rota})
    plan = plan_of(known, shifts, presences)
    return Scene(now=now, duty=on_duty(plan, now), settings=known, plan=plan)


def away(person: str, begins: datetime) -> Presence:
    return Presence(id=1, person=person, kind="away", begins=begins, ends=begins + DAY, at=NOW)


TURNS = [
    pytest.param(DAILY, "zhang", 26, ("11-26 08:00", "11-27 08:00"), id="the turn that begins on that day"),
    pytest.param(DAILY, "zhang", 25, None, id="not the one that ends on it"),
    pytest.param(WEEKLY, "zhang", 26, ("11-26 08:00", "11-27 08:00"), id="of a week the part of the day"),
    pytest.param(WEEKLY, "zhang", 29, ("11-29 08:00", "11-30 08:00"), id="the last day of a week"),
    pytest.param(NIGHTS, "zhang", 26, ("11-26 20:00", "11-27 06:00"), id="a night belongs to its evening"),
    pytest.param({"lead": "zhang"}, "zhang", 26, ("11-26 00:00", "11-27 00:00"), id="without hand-overs from midnight"),
    pytest.param({"lead": "zhang"}, "li", 26, None, id="nothing of theirs"),
]


@pytest.mark.parametrize(("rota", "person", "day", "expected"), TURNS)
def test_which_turn_of_a_day_is_meant(rota, person, day, expected):
    found = turn_of(scene(rota).rota, "lead", person, date(2026, 11, day))
    assert (found and (f"{found.begins:%m-%d %H:%M}", f"{found.ends:%m-%d %H:%M}")) == expected


def test_a_day_is_a_day_of_the_site():
    found = turn_of(scene({"lead": "zhang"}, zone="Asia/Shanghai").rota, "lead", "zhang", date(2026, 11, 26))
    assert found is not None
    assert f"{found.begins.astimezone(UTC):%m-%d %H:%M}" == "11-25 16:00"


def offer(*days: str, other: str = "李雷", **more):
    return proposed(Wish(person="zhang", other=other, days=days), scene(**more))


REFUSED = [
    pytest.param(offer("11-25"), "swap_no_turn", "11-25", id="no turn of the speaker's"),
    pytest.param(offer("11-26", "11-28"), "swap_no_turn_theirs", "11-28", id="no turn of the other's"),
    pytest.param(offer("11-22"), "swap_over", "11-22", id="over"),
    pytest.param(offer("昨天"), "swap_over", "昨天", id="yesterday"),
    pytest.param(offer("13-45"), "swap_day", "13-45", id="no such day"),
    pytest.param(offer(), "swap_day", "", id="no day at all"),
    pytest.param(offer("11-26", other="张三"), "swap_self", "", id="oneself"),
    pytest.param(offer("11-26", other="王五"), "swap_who", "王五", id="nobody"),
    pytest.param(offer("11-26", presences=[away("li", NOW + 2 * DAY)]), "swap_away", "李雷", id="away within the turn"),
    pytest.param(
        offer("11-26", "11-27", presences=[away("zhang", NOW + 3 * DAY)]), "swap_away", "张三", id="away within theirs"
    ),
]


@pytest.mark.parametrize(("effects", "why", "word"), REFUSED)
def test_what_is_refused_and_why(effects, why, word):
    [tell] = effects
    assert isinstance(tell, Tell)
    assert (tell.template, tell.variables) == ("swap_refused", {"why": why, "word": word})


def test_the_other_side_is_asked_and_both_halves_wait_for_the_answer():
    put, tell = offer("11-26", "11-27")
    assert isinstance(put, PutShifts)
    assert [(h.person, f"{h.begins:%m-%d}") for h in put.halves] == [("li", "11-26"), ("zhang", "11-27")]
    assert (put.state, put.asks and (put.asks.person, put.asks.template)) == (
        ShiftState.PROPOSED,
        ("li", "swap_ask_both"),
    )
    assert isinstance(tell, Tell)
    assert tell.template == "swap_sent"


UNTIL = [
    pytest.param("11-28", NOW, NOW + 12 * HOUR, id="half a day"),
    pytest.param(
        "11-26", datetime(2026, 11, 26, 2, tzinfo=UTC), datetime(2026, 11, 26, 7, tzinfo=UTC), id="an hour before"
    ),
    pytest.param("今天", NOW, NOW + HOUR / 4, id="a turn that runs"),
]


@pytest.mark.parametrize(("day", "now", "until"), UNTIL)
def test_how_long_the_other_side_has(day, now, until):
    put = offer(day, now=now)[0]
    assert isinstance(put, PutShifts)
    assert put.asks is not None
    assert put.asks.until == until


def answer(said: Answer, *days: str, **more):
    put = offer(*days)[0]
    assert isinstance(put, PutShifts)
    assert put.asks is not None
    inquiry = Inquiry(id=5, kind="swap", person="li", about=3, asked_at=NOW, until=NOW + HOUR, more=dict(put.asks.more))
    return settled(Asked(inquiry=inquiry), said, scene(**more))


def outcome(effects):
    [state] = [one.state for one in effects if isinstance(one, SetShift)]
    return state, [(one.person, one.template, one.answer) for one in effects if isinstance(one, Tell)]


def taken_by(person: str) -> Shift:
    begins = datetime(2026, 11, 26, 8, tzinfo=UTC)
    return Shift(id=1, role="lead", person=person, begins=begins, ends=begins + DAY, state="in_force", at=NOW)


ANSWERS = [
    pytest.param(
        answer(Answer.YES, "11-26"), "in_force", [("zhang", "swap_done", False), ("li", "swap_done", True)], id="yes"
    ),
    pytest.param(
        answer(Answer.YES, "11-26", "11-27"),
        "in_force",
        [("zhang", "swap_done_both", False), ("li", "swap_done_both", True)],
        id="yes to both",
    ),
    pytest.param(
        answer(Answer.NO, "11-26"), "refused", [("zhang", "swap_no", False), ("li", "swap_no", True)], id="no"
    ),
    pytest.param(
        answer(Answer.LAPSED, "11-26"), "refused", [("zhang", "swap_no", False), ("li", "swap_no", False)], id="silence"
    ),
    pytest.param(
        answer(Answer.YES, "11-26", shifts=[taken_by("wang")]),
        "refused",
        [("zhang", "swap_void", False), ("li", "swap_void", True)],
        id="yes to what has changed since",
    ),
    pytest.param(
        answer(Answer.YES, "11-26", now=NOW + 5 * DAY),
        "refused",
        [("zhang", "swap_void", False), ("li", "swap_void", True)],
        id="yes to what is over",
    ),
]


@pytest.mark.parametrize(("effects", "state", "told"), ANSWERS)
def test_what_an_answer_causes(effects, state, told):
    assert outcome(effects) == (state, told)
