"""Somebody awake is spared texts and calls, somebody away is passed over, and no page is lost by either."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from router.absence import passed_over
from router.awake import awake_until, patient, put_back
from router.case import Case, Scene, stored
from router.commands import Command, read
from router.duty import on_duty, plan_of
from router.effects import Climb, PutPresence, Rung, Tell
from router.grammar import Intent
from router.opening import reopened
from router.orders import Speaker, obey
from router.settings import RouterSettings
from store.model import Page, Presence, Ticket

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SETTINGS = RouterSettings.model_validate(
    {
        "people": {key: {"name": key, "addresses": {"tel": key}} for key in ("zhang", "li", "wang", "zhao")},
        "rota": {"lead": "zhang", "second": "li", "manager": "wang"},
    }
)


def presence(kind: str, person: str, begins: float, ends: float) -> Presence:
    return Presence(
        id=1, person=person, kind=kind, begins=NOW + begins * MINUTE, ends=NOW + ends * MINUTE, at=NOW - 60 * MINUTE
    )


@pytest.mark.parametrize(
    ("presences", "until"),
    [
        pytest.param([], None, id="nobody said anything"),
        pytest.param([("awake", "zhang", -5, 55)], 55, id="while it holds"),
        pytest.param([("awake", "zhang", -60, 0)], None, id="not at its end"),
        pytest.param([("awake", "li", -5, 55)], None, id="not by another's word"),
        pytest.param([("away", "zhang", -5, 55)], None, id="not by being away"),
    ],
)
def test_until_when_somebody_is_awake(presences, until):
    found = awake_until([presence(*one) for one in presences], "zhang", NOW)
    assert found == (None if until is None else NOW + until * MINUTE)


def ticket(level: int = 1, kind: str = "fault", **more: object) -> Ticket:
    given: dict[str, object] = {"id": 1, "number": 1001, "kind": kind, "level": level, "channel": "sms:main"}
    return Ticket.model_validate({**given, "opened_at": NOW, "heard_at": NOW, "round": 1, "state": "paging", **more})


@pytest.mark.parametrize(
    ("level", "kind", "age", "alone"),
    [
        pytest.param(1, "fault", 2.9, True, id="level 1 for three minutes"),
        pytest.param(1, "fault", 3, False, id="and no longer"),
        pytest.param(None, "emergency_support", 3, False, id="emergency support like level 1"),
        pytest.param(2, "fault", 60, True, id="level 2 as long as it holds"),
    ],
)
def test_how_long_the_app_alone_will_do(level, kind, age, alone):
    page = Page(id=1, ticket_id=1, person="zhang", asked_at=NOW - age * MINUTE)
    assert patient(ticket(level, kind), page, NOW) is alone


def rung(after: float, person: str, by: str = "sms", *, last: bool = False) -> Rung:
    return Rung(after=after * 60, person=person, by=by, last=last)


def told(rungs) -> list[str]:
    return [f"{one.after / 60:g} {one.person} {one.by}" for one in rungs]


@pytest.mark.parametrize(
    ("rungs", "then"),
    [
        pytest.param([rung(9, "li")], ["0 zhang sms", "3 zhang sms", "9 li sms"], id="in between"),
        pytest.param([rung(2, "li")], ["0 zhang sms", "2 li sms", "3 zhang sms"], id="at the end"),
        pytest.param([rung(3, "zhang")], ["0 zhang sms", "3 zhang sms"], id="not twice"),
        pytest.param(
            [rung(3, "zhang", "voice")], ["0 zhang sms", "3 zhang voice", "3 zhang sms"], id="beside another way"
        ),
        pytest.param(
            [rung(1, "zhang")], ["0 zhang sms", "1 zhang sms", "3 zhang sms"], id="one within is put back too"
        ),
    ],
)
def test_what_was_spared_is_planned_again_for_three_minutes_later(rungs, then):
    first = rung(0, "zhang")
    assert told(put_back((first, *rungs), 0, first, 0.0)) == then


def scene(away: list[str]) -> Scene:
    plan = plan_of(SETTINGS, [], [presence("away", person, -5, 60) for person in away])
    return Scene(now=NOW, duty=on_duty(plan, NOW), settings=SETTINGS)


def case(rungs: list[Rung], done: int, pages: dict[str, str], **more: Any) -> Case:
    began = NOW - timedelta(seconds=rungs[done - 1].after)
    row = ticket(plan=stored(tuple(rungs)), plan_from=began, plan_next=done, **more)
    asked = [
        Page(id=i, ticket_id=1, person=person, round=1, state=state, asked_at=began)
        for i, (person, state) in enumerate(pages.items())
    ]
    return Case(ticket=row, pages=tuple(asked))


LADDER = [rung(0, "zhang"), rung(3, "li"), rung(6, "wang", last=True)]


@pytest.mark.parametrize(
    ("rungs", "done", "pages", "away", "then"),
    [
        pytest.param(LADDER, 1, {}, ["zhang"], ["0 li sms", "3 wang sms"], id="the next one at once"),
        pytest.param(LADDER, 1, {}, ["zhang", "li"], ["-3 li sms", "0 wang sms"], id="the next one who is there"),
        pytest.param(
            LADDER, 1, {"zhang": "open"}, ["zhang"], ["0 li sms", "3 wang sms"], id="an open page is no answer"
        ),
        pytest.param(LADDER, 2, {"zhang": "open"}, ["li"], None, id="by itself while another is asked"),
        pytest.param(LADDER, 2, {"zhang": "escalated"}, ["li"], ["0 wang sms"], id="not while the other passed it on"),
        pytest.param(
            LADDER,
            3,
            {"zhang": "open", "li": "open"},
            ["wang"],
            ["0 zhao sms", "3 zhang sms", "6 li sms"],
            id="whoever else there is when the step that repeats is of nobody",
        ),
        pytest.param(
            [rung(0, "zhang", last=True)], 1, {}, ["zhang"], ["0 li sms", "3 wang sms", "6 zhao sms"], id="all"
        ),
    ],
)
def test_how_a_ladder_goes_on_when_somebody_is_away(rungs, done, pages, away, then):
    skipped = [rungs[done - 1]]
    found = passed_over(case(rungs, done, pages), skipped, scene(away))
    if then is None:
        assert found is None
        return
    assert found is not None
    passed = (NOW - found.start).total_seconds()
    ahead = [f"{(one.after - passed) / 60:g} {one.person} {one.by}" for one in found.plan[found.next :]]
    assert (ahead, found.new_round) == (then, False)


def test_when_all_are_away_they_are_asked_nevertheless():
    nobody = scene(["zhang", "li", "wang", "zhao"])
    assert [nobody.absent(person) for person in ("zhang", "zhao")] == [False, False]


@pytest.mark.parametrize(
    ("text", "pushes", "minutes", "template"),
    [
        pytest.param("醒着 30", True, 30, "awake", id="for as long as they say"),
        pytest.param("awake", True, 60, "awake", id="an hour when they do not"),
        pytest.param("awake 30", False, None, "awake_no_app", id="nothing without an app"),
        pytest.param("睡了", False, 0, "awake_over", id="until they say the opposite"),
        pytest.param("awake 0", True, 0, "awake_over", id="or none at all"),
    ],
)
def test_what_being_awake_causes(text, pushes, minutes, template):
    command = read(text)
    assert isinstance(command, Command)
    ordered = obey(command, Speaker(person="zhang", cases={}, pushes=pushes), scene([]))
    put = [one for one in ordered.said if isinstance(one, PutPresence)]
    said = [one.template for one in ordered.said if isinstance(one, Tell)]
    lengths = [(one.person, one.kind, (one.until - NOW) / MINUTE) for one in put]
    assert (lengths, said) == ([] if minutes is None else [("zhang", "awake", minutes)], [template])


def test_who_passes_a_page_on_is_told_the_name_of_somebody_who_is_there():
    ordered = obey(Command(intent=Intent.ESCALATE), speaking(), scene(["li"]))
    ((_, effects),) = ordered.on
    assert [one.variables["to"] for one in effects if isinstance(one, Tell)] == ["wang"]


def speaking() -> Speaker:
    return Speaker(person="zhang", cases={1001: case(LADDER, 1, {"zhang": "open"})})


@pytest.mark.parametrize(("away", "first"), [([], "li"), (["li"], "zhang")])
def test_a_matter_that_comes_back_goes_to_whoever_had_it_unless_they_are_away(away, first):
    back = case(LADDER, 1, {}, state="resolved", owner="li", resolved_at=NOW)
    (climb,) = [one for one in reopened(back, scene(away), text="again") if isinstance(one, Climb)]
    assert climb.plan[0].person == first
