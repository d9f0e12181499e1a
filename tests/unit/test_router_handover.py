"""How a shift passes from one to the next: what is due, who is asked, and what a yes, a no and silence cause."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from router.case import Scene
from router.duty import on_duty, plan_of
from router.effects import Inquire, PutShifts, SetShift, Tell
from router.handover import Load, begun, listed, moved, reminded, steps
from router.inquiries import Asked, settled
from router.settings import RouterSettings
from store.model import Answer, Inquiry, Presence, Shift, ShiftState

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NAMES = {"zhang": "张三", "li": "李雷", "wang": "王经理"}


def settings(**more) -> RouterSettings:
    rota = {
        "manager": "wang",
        "layers": [{"name": "days", "people": ["li", "zhang"], "every": "daily", "begins": "2026-11-23 08:00"}],
    }
    people = {key: {"name": name, "addresses": {"tel": f"+{key}"}} for key, name in NAMES.items()}
    return RouterSettings.model_validate({"time_zone": "UTC", "people": people, "rota": rota, **more})


def scene(now: datetime = NOW, *, shifts=(), presences=(), **more) -> Scene:
    known = settings(**more)
    plan = plan_of(known, shifts, presences)
    return Scene(now=now, duty=on_duty(plan, now), settings=known, plan=plan)


def away(person: str, begins: datetime, ends: datetime) -> Presence:
    return Presence(id=1, person=person, kind="away", begins=begins, ends=ends, at=begins)


def stand_in(person: str, begins: datetime, ends: datetime | None) -> Shift:
    return Shift(id=1, role="lead", person=person, begins=begins, ends=ends, state="in_force", at=begins)


def due(now: datetime, **more) -> dict[str, datetime]:
    given = scene(now, **more)
    return {step.about.partition("@")[0]: step.due for step in steps(given.rota, now, given.settings.handover)}


def test_each_role_and_step_has_one_due_time_and_it_lies_ahead():
    found = due(NOW - HOUR / 2)
    assert found == {
        "lead:remind:1440": NOW,
        "lead:remind:60": NOW + DAY - HOUR,
        "lead:begin": NOW,
        "look": NOW + DAY - HOUR / 2,
    }


def test_a_step_knows_its_change_however_late_it_fires():
    given = scene()
    found = {
        step.about.partition("@")[0]: replace(step, due=step.due + HOUR)
        for step in steps(given.rota, NOW, given.settings.handover)
    }
    assert {about: (one.role, one.reminds, one.change) for about, one in found.items() if one.role} == {
        "lead:remind:1440": ("lead", True, NOW + 2 * DAY),
        "lead:remind:60": ("lead", True, NOW + DAY),
        "lead:begin": ("lead", False, NOW + DAY),
    }


@pytest.mark.parametrize(
    ("now", "about", "expected"),
    [
        pytest.param(NOW, "lead:begin", NOW + DAY, id="a change that is now is not ahead any more"),
        pytest.param(NOW, "lead:remind:1440", NOW + DAY, id="nor is its reminder"),
        pytest.param(NOW - HOUR, "lead:remind:60", NOW + DAY - HOUR, id="the reminder that is due now"),
    ],
)
def test_what_is_due_next(now, about, expected):
    assert due(now)[about] == expected


def test_without_anything_that_can_change_nothing_is_planted():
    assert due(NOW, rota={"lead": "zhang", "second": "li"}) == {}


def test_without_reminders_only_the_beginning_is_due():
    assert set(due(NOW, handover={"remind": []})) == {"lead:begin", "look"}


POSTS = [
    pytest.param(datetime(2026, 11, 24, 8, tzinfo=UTC), datetime(2026, 11, 30, 9, tzinfo=UTC), id="on a Tuesday"),
    pytest.param(datetime(2026, 11, 30, 8, tzinfo=UTC), datetime(2026, 11, 30, 9, tzinfo=UTC), id="early on a Monday"),
    pytest.param(datetime(2026, 11, 30, 9, tzinfo=UTC), datetime(2026, 12, 7, 9, tzinfo=UTC), id="when it is due"),
]


@pytest.mark.parametrize(("now", "expected"), POSTS)
def test_the_group_is_told_on_mondays(now, expected):
    assert due(now, handover={"post": {"group": "telegram:main|-100"}})["post"] == expected


REMINDERS = [
    pytest.param(scene(NOW - HOUR), NOW, [("zhang", "li")], id="whoever takes over"),
    pytest.param(scene(NOW - HOUR), NOW + HOUR, [], id="nothing passes then any more"),
    pytest.param(scene(NOW + HOUR), NOW, [], id="it is over"),
    pytest.param(scene(NOW - HOUR, shifts=[stand_in("li", NOW - DAY, None)]), NOW, [], id="the same person goes on"),
    pytest.param(scene(NOW - HOUR, presences=[away("zhang", NOW, NOW + DAY)]), NOW, [], id="the next one is away"),
]


@pytest.mark.parametrize(("given", "change", "expected"), REMINDERS)
def test_who_is_reminded(given, change, expected):
    found = reminded(given.rota, "lead", change, given.now)
    assert [(one.person, one.variables["who"]) for one in found] == expected


def test_the_new_lead_is_asked_with_what_there_is_to_take_over():
    ask = begun("li", NOW, scene(), Load(held=5, waiting=1, urgent=(1001, 1004)))
    assert ask is not None
    assert (ask.person, ask.until, ask.remark) == ("zhang", NOW + timedelta(minutes=15), "handover_open")
    assert (ask.variables["held"], ask.variables["waiting"], ask.variables["list"]) == ("5", "1", "1001 1004")
    assert ask.more == {"before": "li", "change": NOW.isoformat(), "ends": (NOW + DAY).isoformat()}


UNASKED = [
    pytest.param("zhang", scene(), id="nothing passes"),
    pytest.param("li", scene(handover={"accept": False}), id="nobody is asked here"),
    pytest.param("li", scene(presences=[away(p, NOW, NOW + HOUR) for p in ("zhang", "li")]), id="nobody leads"),
]


@pytest.mark.parametrize(("before", "given"), UNASKED)
def test_when_nobody_is_asked(before, given):
    assert begun(before, NOW, given, Load()) is None


def test_a_long_list_is_counted():
    assert (listed((1, 2, 3)), listed((1, 2, 3, 4, 5)), listed(())) == ("1 2 3", "1 2 3 +2", "")


def asked(*, about: int | None = None, before: str = "li", kept: tuple[int, ...] = ()) -> Asked:
    more = {"before": before, "change": NOW.isoformat(), "ends": (NOW + DAY).isoformat()}
    inquiry = Inquiry(id=7, kind="handover", person="zhang", asked_at=NOW, until=NOW + HOUR, about=about, more=more)
    return Asked(inquiry=inquiry, kept=kept)


def told(effects) -> list[tuple[str, str]]:
    return [(one.person, one.template) for one in effects if isinstance(one, (Tell, Inquire))]


def test_a_yes_passes_the_lead_and_both_hear_of_it():
    effects = settled(asked(), Answer.YES, scene())
    assert told(effects) == [("zhang", "handover_yes"), ("li", "handover_over")]
    assert not any(isinstance(one, (PutShifts, SetShift)) for one in effects)


def test_what_the_previous_lead_keeps_is_listed():
    tell = settled(asked(kept=(1001, 1004)), Answer.YES, scene())[-1]
    assert isinstance(tell, Tell)
    assert (tell.template, tell.variables["list"]) == ("handover_over_kept", "1001 1004")


@pytest.mark.parametrize("answer", [Answer.NO, Answer.LAPSED])
def test_a_no_and_silence_keep_the_previous_lead_until_the_turn_ends(answer):
    now = NOW + HOUR / 4
    effects = settled(asked(), answer, scene(now))
    [put] = [one for one in effects if isinstance(one, PutShifts)]
    assert [(h.role, h.person, h.begins, h.ends) for h in put.halves] == [("lead", "li", now, NOW + DAY)]
    assert (put.state, put.told) == (ShiftState.IN_FORCE, ("zhang", "li"))
    assert put.asks is not None
    assert (put.asks.person, put.asks.template, put.asks.until) == ("zhang", "handover_late", NOW + DAY)
    assert told(effects) == [("li", "handover_kept"), ("wang", "handover_open_end")]


ALONE = [
    pytest.param(asked(), scene(presences=[away("li", NOW - HOUR, NOW + HOUR)]), id="away"),
    pytest.param(asked(before=""), scene(), id="nobody led before"),
    pytest.param(asked(before="gone"), scene(), id="no longer among the people"),
]


@pytest.mark.parametrize(("question", "given"), ALONE)
def test_where_the_previous_lead_cannot_stay_the_manager_hears_of_it(question, given):
    effects = settled(question, Answer.LAPSED, given)
    assert told(effects) == [("wang", "handover_alone"), ("zhang", "handover_alone")]
    assert not any(isinstance(one, PutShifts) for one in effects)


OVER = [
    pytest.param(scene(shifts=[stand_in("wang", NOW, None)]), id="somebody else was put on duty meanwhile"),
    pytest.param(scene(NOW + 2 * DAY), id="the turn is over"),
]


@pytest.mark.parametrize("given", OVER)
def test_silence_about_a_turn_that_is_not_theirs_any_more_changes_nothing(given):
    assert told(settled(asked(), Answer.LAPSED, given)) == []


def test_a_late_yes_ends_the_stand_in_and_a_late_no_does_not():
    given = scene(shifts=[stand_in("li", NOW, NOW + DAY)])
    yes, no = (settled(asked(about=3), answer, given) for answer in (Answer.YES, Answer.NO))
    assert [one for one in yes if isinstance(one, SetShift)] == [
        SetShift(swap=3, state=ShiftState.WITHDRAWN, told=("zhang", "li"))
    ]
    assert told(no) == [("zhang", "handover_stays")]
    assert told(settled(asked(about=3), Answer.LAPSED, given)) == []


def changes(shifts=(), presences=()) -> list[tuple[str, str]]:
    before, after = scene(NOW + HOUR), scene(NOW + HOUR, shifts=shifts, presences=presences)
    return told(moved(before.rota, after.rota, NOW + HOUR))


MOVED = [
    pytest.param([stand_in("li", NOW, NOW + 2 * HOUR)], [("zhang", "duty_now"), ("li", "duty_now")], id="for an hour"),
    pytest.param(
        [stand_in("wang", NOW + DAY, NOW + 2 * DAY)], [("wang", "shift_moved"), ("li", "shift_off")], id="tomorrow"
    ),
    pytest.param(
        [stand_in("zhang", NOW + DAY, None)],
        [("zhang", "shift_moved"), ("li", "shift_off")],
        id="whoever leads goes on",
    ),
    pytest.param([], [], id="nothing"),
]


@pytest.mark.parametrize(("shifts", "expected"), MOVED)
def test_who_is_told_of_a_change_of_shifts(shifts, expected):
    assert changes(shifts) == expected


def test_who_knows_of_a_change_is_not_told():
    given = scene(NOW + HOUR, shifts=[stand_in("li", NOW, NOW + 2 * HOUR)])
    assert told(moved(replace(given.rota, shifts=()), given.rota, NOW + HOUR, ("zhang",))) == [("li", "duty_now")]
