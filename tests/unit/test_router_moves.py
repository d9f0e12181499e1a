"""What each move of the staff causes, and why it does not."""

from datetime import UTC, datetime, timedelta

import pytest

from router import moves
from router.case import Case, Scene, stored
from router.correct import correct
from router.duty import on_duty, plan_of
from router.effects import Climb, Excuse, Halt, Rung, StartClock, StopClock, Tell
from router.ladder import plan
from router.settings import RouterSettings
from store.model import Clock, ClockKind, Page, PageState, Ticket

NOW = datetime(2026, 11, 24, 10, 2, tzinfo=UTC)
START = NOW - timedelta(minutes=2)
NAMES = {"zhang": "张三", "li": "李雷", "wang": "王经理", "zhao": "Zhao"}
SETTINGS = RouterSettings.model_validate(
    {
        "time_zone": "UTC",
        "people": {key: {"name": name, "addresses": {"tel": f"+{key}"}} for key, name in NAMES.items()},
        "rota": {"lead": "zhang", "second": "li", "manager": "wang"},
    }
)
SCENE = Scene(now=NOW, duty=on_duty(plan_of(SETTINGS), NOW), settings=SETTINGS)
LADDER = plan(SETTINGS.policies["fault-1"], SCENE.duty)


def page(person: str, **more) -> Page:
    return Page(**{"id": hash(person) % 1000, "ticket_id": 1, "person": person, "round": 1, "asked_at": START, **more})


def case(*pages: Page, clocks: tuple[Clock, ...] | None = None, undone: bool = False, **more) -> Case:
    values = {
        "id": 1,
        "number": 1001,
        "kind": "fault",
        "level": 1,
        "state": "paging",
        "title": "断电",
        "symptom": "滨江机房断电",
        "channel": "sms:main",
        "opened_at": START,
        "heard_at": START,
        "round": 1,
        "plan": stored(LADDER),
        "plan_from": START,
        "plan_next": 2,
    }
    respond = Clock(id=9, ticket_id=1, kind="respond", started_at=START, due_at=START + timedelta(minutes=10))
    ticket = Ticket(**{**values, **more})
    return Case(ticket=ticket, pages=pages or (page("zhang"),), clocks=clocks or (respond,), undone=undone)


def held(**more) -> Case:
    return case(**{"state": "taken", "owner": "zhang", "taken_at": NOW - timedelta(minutes=1), **more})


def answers(effects) -> list[str]:
    return [effect.template for effect in effects if isinstance(effect, Tell) and effect.answer]


def asked(effects) -> list[str]:
    """Whom the ladder asks at which minute from now on."""
    climb = next(effect for effect in effects if isinstance(effect, Climb))
    return [
        f"{(climb.start + timedelta(seconds=rung.after) - NOW).total_seconds() / 60:g} {rung.person} {rung.by}"
        for rung in climb.plan[climb.next :]
    ]


@pytest.mark.parametrize(
    ("given", "move", "answer"),
    [
        pytest.param(case(), lambda c: moves.take(c, "zhang", SCENE), "taken", id="take"),
        pytest.param(held(), lambda c: moves.take(c, "zhang", SCENE), "taken", id="take twice"),
        pytest.param(held(), lambda c: moves.take(c, "li", SCENE), "too_late", id="take what another has"),
        pytest.param(
            case(state="resolved"), lambda c: moves.take(c, "li", SCENE), "already_settled", id="take settled"
        ),
        pytest.param(case(), lambda c: moves.release(c, "zhang", SCENE), "status", id="release what nobody has"),
        pytest.param(held(), lambda c: moves.release(c, "li", SCENE), "too_late", id="release another's"),
        pytest.param(held(), lambda c: moves.release(c, "zhang", SCENE), "released", id="release"),
        pytest.param(held(), lambda c: moves.undo(c, "zhang", SCENE), "undone", id="undo"),
        pytest.param(held(undone=True), lambda c: moves.undo(c, "zhang", SCENE), "nothing_to_undo", id="undo twice"),
        pytest.param(
            held(taken_at=NOW - timedelta(minutes=6)),
            lambda c: moves.undo(c, "zhang", SCENE),
            "nothing_to_undo",
            id="undo late",
        ),
        pytest.param(case(), lambda c: moves.snooze(c, "zhang", SCENE), "snoozed", id="snooze"),
        pytest.param(
            case(snoozes=2), lambda c: moves.snooze(c, "zhang", SCENE), "not_snoozed", id="snooze a third time"
        ),
        pytest.param(
            case(state="resolved"),
            lambda c: moves.transfer(c, "zhang", "li", SCENE),
            "already_settled",
            id="transfer settled",
        ),
        pytest.param(case(), lambda c: moves.transfer(c, "zhang", "zhang", SCENE), "taken", id="transfer to oneself"),
        pytest.param(
            held(), lambda c: moves.transfer(c, "li", "zhang", SCENE), "too_late", id="transfer to who has it"
        ),
        pytest.param(case(), lambda c: moves.resolve(c, "zhang", SCENE, text=None), "resolve_needs_text", id="resolve"),
        pytest.param(case(), lambda c: correct(c, "zhang", SCENE, kind="fault", level=2), "level_changed", id="level"),
        pytest.param(
            case(state="closed"),
            lambda c: correct(c, "zhang", SCENE, kind="fault", level=2),
            "correction_kept",
            id="level of a closed one",
        ),
        pytest.param(case(), lambda c: moves.arrive(c, "zhang", SCENE), "arrived", id="arrive takes as well"),
        pytest.param(
            case(kind="complaint", level=None, symptom="投诉张三"),
            lambda c: moves.arrive(c, "zhang", SCENE),
            "no_right",
            id="whom the complaint names",
        ),
    ],
)
def test_the_answer_to_a_move(given, move, answer):
    assert answers(move(given)) == [answer]


def test_escalated_the_next_person_is_asked_now_and_the_sender_no_more():
    effects = moves.escalate(case(), "zhang", SCENE)
    assert asked(effects)[:4] == ["0 li sms", "1 li voice", "3 wang sms", "4 wang voice"]
    assert not any("zhang" in line for line in asked(effects))
    assert Excuse(person="zhang", state=PageState.ESCALATED) in effects


def test_escalated_when_all_were_asked_everybody_else_is_asked_in_turn():
    effects = moves.escalate(case(*(page(person) for person in NAMES)), "zhang", SCENE)
    assert [line for line in asked(effects) if line.endswith("sms")] == ["0 li sms", "3 wang sms", "6 zhao sms"]


def test_those_not_asked_come_first():
    effects = moves.escalate(case(page("zhang"), page("li"), plan_next=len(LADDER)), "zhang", SCENE)
    assert [line for line in asked(effects) if line.endswith("sms")] == ["0 wang sms", "3 zhao sms", "6 li sms"]


def test_the_only_one_there_is_is_asked_again():
    rota = SETTINGS.rota.model_copy(update={"second": None, "manager": None})
    alone = SETTINGS.model_copy(update={"people": {"zhang": SETTINGS.people["zhang"]}, "rota": rota})
    scene = Scene(now=NOW, duty=on_duty(plan_of(alone), NOW), settings=alone)
    assert asked(moves.release(held(kind="consultation", level=None), "zhang", scene)) == ["0 zhang sms"]


def test_a_snooze_moves_one_person_to_a_minute_before_the_limit_and_leaves_the_others():
    effects = moves.snooze(case(), "zhang", SCENE)
    assert asked(effects) == [
        "1 li sms",
        "2 li voice",
        "4 wang sms",
        "5 wang voice",
        "6 li sms",
        "6 wang sms",
        "6 zhao sms",
        "7 li voice",
        "7 wang voice",
        "7 zhao voice",
        "7 zhang sms",
        "8 zhang voice",
    ]
    assert Excuse(person="zhang", state=PageState.SNOOZED) in effects


def test_handed_over_the_target_has_two_minutes_alone():
    lines = asked(moves.transfer(case(), "zhang", "zhao", SCENE))
    assert lines[:4] == ["0 zhao sms", "1 zhao voice", "2 zhang sms", "3 zhang voice"]
    climb = next(e for e in moves.transfer(case(), "zhang", "zhao", SCENE) if isinstance(e, Climb))
    assert [rung.giver for rung in climb.plan[:3]] == ["zhang", "zhang", ""]


def test_taken_from_its_owner_the_owner_is_told():
    effects = moves.transfer(held(), "li", "zhao", SCENE)
    assert [e for e in effects if isinstance(e, Tell) and not e.answer] == [
        Tell(person="zhang", template="taken_from_you", variables={"who": "zhao"})
    ]


def test_an_undo_restores_the_old_limit_and_asks_somebody_else_first():
    stopped = Clock(
        id=9, ticket_id=1, kind="respond", started_at=START, due_at=START + timedelta(minutes=10), stopped_at=NOW
    )
    effects = moves.undo(held(clocks=(stopped,)), "zhang", SCENE)
    assert asked(effects)[:2] == ["0 li sms", "1 zhang voice"]
    assert StartClock(kind=ClockKind.RESPOND, due=START + timedelta(minutes=10), again=True) in effects


def test_resolving_stops_every_clock_and_page():
    effects = moves.resolve(case(), "zhang", SCENE, text="换电源")
    assert next(e for e in effects if isinstance(e, Halt)).state == PageState.ACKED
    assert [e.kind for e in effects if isinstance(e, StopClock)] == list(ClockKind)


def test_a_rung_of_an_older_version_without_a_giver_is_read():
    old = case(plan=[{"after": 0.0, "person": "zhang", "by": "sms", "last": False}])
    assert old.rungs == (Rung(after=0.0, person="zhang", by="sms"),)
