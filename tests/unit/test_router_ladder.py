"""Whom a ladder asks and when: planned, softened, repeated, in turn."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from router.blocks import Hours
from router.duty import OnDuty
from router.effects import Rung
from router.ladder import (
    due,
    first_new,
    in_quiet_hours,
    in_turn,
    next_due,
    plan,
    quiet_ends,
    renewed,
    softened,
    urgency,
    ways,
    without,
)
from router.policy_settings import default_policies

DUTY = OnDuty(lead="zhang", second="li", manager="wang", everyone=("zhang", "li", "wang", "zhao"))
START = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
SHANGHAI, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")
NIGHT = Hours(begin=time(22), end=time(7))


def told(rungs) -> list[str]:
    return [f"{rung.after / 60:g} {rung.person} {rung.by}" for rung in rungs]


@pytest.mark.parametrize(
    ("kind", "level", "name"),
    [
        pytest.param("fault", 1, "fault-1", id="a fault by its level"),
        pytest.param("fault", None, "fault-3", id="a fault without one is mild"),
        pytest.param("complaint", None, "complaint", id="a complaint"),
        pytest.param("emergency_support", None, "emergency_support", id="emergency support"),
        pytest.param("consultation", None, "other", id="everything else"),
    ],
)
def test_the_policy_of_a_matter(kind, level, name):
    assert urgency(kind, level) == name


@pytest.mark.parametrize(
    ("name", "rungs"),
    [
        pytest.param(
            "fault-1",
            [
                "0 zhang sms",
                "1 zhang voice",
                "3 zhang sms",
                "3 li sms",
                "4 zhang voice",
                "4 li voice",
                "6 wang sms",
                "7 wang voice",
                "8 zhang sms",
                "8 li sms",
                "8 wang sms",
                "8 zhao sms",
                "9 zhang voice",
                "9 li voice",
                "9 wang voice",
                "9 zhao voice",
            ],
            id="level 1 is done within ten minutes",
        ),
        pytest.param(
            "fault-3",
            ["0 zhang sms", "10 zhang voice", "15 li sms", "22 wang sms", "25 li voice", "32 wang voice"],
            id="level 3",
        ),
        pytest.param("complaint", ["0 wang sms"], id="a complaint is the manager's"),
        pytest.param("other", ["0 zhang sms"], id="a question is the lead's"),
    ],
)
def test_a_policy_laid_over_who_is_on_duty(name, rungs):
    assert told(plan(default_policies()[name], DUTY)) == rungs


def test_an_empty_role_is_the_leads_and_nobody_is_asked_twice_at_once():
    alone = OnDuty(lead="zhang", second=None, manager=None, everyone=("zhang",))
    assert told(plan(default_policies()["fault-1"], alone))[:4] == [
        "0 zhang sms",
        "1 zhang voice",
        "3 zhang sms",
        "4 zhang voice",
    ]


@pytest.mark.parametrize(
    ("hours", "at", "quiet"),
    [
        pytest.param(NIGHT, "2026-11-24T22:00", True, id="from its first minute"),
        pytest.param(NIGHT, "2026-11-25T06:59", True, id="past midnight"),
        pytest.param(NIGHT, "2026-11-25T07:00", False, id="not in the minute it ends"),
        pytest.param(NIGHT, "2026-11-24T21:59", False, id="not before"),
        pytest.param(Hours(begin=time(1), end=time(5)), "2026-11-24T03:00", True, id="within one day"),
        pytest.param(Hours(begin=time(1), end=time(5)), "2026-11-24T23:00", False, id="outside of one day"),
    ],
)
def test_the_quiet_hours(hours, at, quiet):
    instant = datetime.fromisoformat(at).replace(tzinfo=SHANGHAI).astimezone(UTC)
    assert in_quiet_hours(hours, SHANGHAI, instant) is quiet


@pytest.mark.parametrize(
    ("zone", "now", "end"),
    [
        pytest.param(SHANGHAI, "2026-11-24T15:00", "2026-11-24T23:00", id="the same night"),
        pytest.param(NEW_YORK, "2026-11-01T03:30", "2026-11-01T12:00", id="the night in which clocks go back"),
        pytest.param(NEW_YORK, "2026-03-08T04:30", "2026-03-08T11:00", id="the night in which they go forward"),
    ],
)
def test_the_quiet_hours_end_by_the_clock_on_the_wall(zone, now, end):
    instant = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert quiet_ends(NIGHT, zone, instant) == datetime.fromisoformat(end).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "rungs"),
    [
        pytest.param("fault-1", ["0 a sms", "1 a voice"], id="level 1 never"),
        pytest.param("fault-3", ["0 a sms", "60 a voice"], id="level 3 rings in the morning"),
        pytest.param("other", ["60 a sms", "61 a voice"], id="other kinds wait"),
    ],
)
def test_a_ladder_that_begins_at_night(name, rungs):
    given = [Rung(after=0, person="a", by="sms"), Rung(after=60, person="a", by="voice")]
    assert told(softened(given, name, START, START + timedelta(hours=1))) == rungs


def test_what_is_due_and_when_the_next_is():
    rungs = [Rung(after=after, person="a", by="sms") for after in (0, 60, 120)]
    assert due(rungs, START, 0, START + timedelta(seconds=60)) == 2
    assert due(rungs, START, 2, START + timedelta(seconds=60)) == 2
    assert next_due(rungs, START, 2) == START + timedelta(minutes=2)
    assert next_due(rungs, START, 3) is None


def test_a_ladder_repeats_its_last_step_and_stays_short_however_long_nobody_answers():
    rungs = plan(default_policies()["other"], DUTY)
    begin = 1
    for _ in range(50):
        rungs, begin = renewed(rungs, timedelta(hours=4))
    assert (told(rungs[begin:]), len(rungs)) == (["12000 zhang sms"], 2)


def test_a_repeat_never_comes_before_the_ladder_ended():
    rungs = plan(default_policies()["fault-1"], DUTY)
    again, begin = renewed(rungs, timedelta(seconds=1))
    assert (told(again[begin : begin + 1]), len(again) - begin) == (["10 zhang sms"], 8)


def test_a_ladder_without_a_repeat_ends():
    rungs = (Rung(after=0, person="a", by="sms", last=True),)
    assert renewed(rungs, None) == (rungs, 1)


def test_a_ladder_without_its_last_person_repeats_with_whoever_is_last_then():
    rungs = plan(default_policies()["fault-3"], OnDuty(lead="zhang", second="li", manager=None, everyone=("zhang",)))
    rest = without(rungs, "zhang")
    assert told(rest) == ["15 li sms", "25 li voice"]
    again, begin = renewed(rest, timedelta(hours=1))
    assert told(again[begin:]) == ["75 li sms", "85 li voice"]


def test_somebody_left_out_changes_nothing_for_a_last_step_that_others_have_too():
    rungs = plan(default_policies()["fault-1"], DUTY)
    assert without(rungs, "zhao") == tuple(rung for rung in rungs if rung.person != "zhao")


def test_the_first_who_was_not_asked():
    rungs = plan(default_policies()["fault-1"], DUTY)
    assert first_new(rungs, ["zhang", "li"]) == Rung(after=360, person="wang", by="sms")
    assert first_new(rungs, DUTY.everyone) is None


def test_people_in_turn_are_asked_by_the_ways_of_the_ladder():
    methods = ways([Rung(after=90, person="a", by="voice"), Rung(after=30, person="a", by="sms")])
    assert told(in_turn(["li", "wang"], methods)) == ["0 li sms", "1 li voice", "3 wang sms", "4 wang voice"]
