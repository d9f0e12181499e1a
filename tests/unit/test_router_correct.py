"""How a person says what a matter is, and what that changes on its ticket."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from router.case import Case, Scene, stored
from router.commands import Command, Intent, NotUnderstood, read
from router.correct import correct
from router.duty import on_duty, plan_of
from router.effects import Change, Climb, Correct, Halt, MoveClock, Note, StartClock, StopClock, Tell, TellCustomer
from router.ladder import plan
from router.orders import Speaker, obey
from router.settings import RouterSettings
from store.model import Clock, ClockKind, EventKind, Page, Ticket

NOW = datetime(2026, 11, 24, 10, 2, tzinfo=UTC)
START = NOW - timedelta(minutes=2)
SETTINGS = RouterSettings.model_validate(
    {
        "time_zone": "UTC",
        "people": {
            key: {"name": name, "addresses": {"tel": f"+{key}"}}
            for key, name in {"zhang": "张三", "li": "李雷", "wang": "王经理"}.items()
        },
        "rota": {"lead": "zhang", "second": "li", "manager": "wang"},
    }
)
SCENE = Scene(now=NOW, duty=on_duty(plan_of(SETTINGS), NOW), settings=SETTINGS)


def order(kind: str, *numbers: int, level: int | None = None) -> Command:
    first = numbers[0] if numbers else None
    return Command(intent=Intent.KIND, number=first, numbers=numbers, kind=kind, level=level)


SAID = [
    ("类型 投诉 1042", order("complaint", 1042)),
    ("類型 投訴 1042", order("complaint", 1042)),
    ("类型：咨询 1042", order("consultation", 1042)),
    ("类型投诉1042", order("complaint", 1042)),
    ("类型 1042 上门", order("site_visit", 1042)),
    ("1042 类型 变更", order("change_request", 1042)),
    ("1042 改为投诉", order("complaint", 1042)),
    ("1042改成咨询，谢谢", order("consultation", 1042)),
    ("类型 故障 1042", order("fault", 1042)),
    ("类型 故障 1级 1042", order("fault", 1042, level=1)),
    ("kind fault p2 1042", order("fault", 1042, level=2)),
    ("类型 应急保障 1042", order("emergency_support", 1042)),
    ("类型 投诉", order("complaint")),
    ("类型 投诉 1042 1043", order("complaint", 1042, 1043)),
    ("kind complaint 1042", order("complaint", 1042)),
    ("1042 kind complaint", order("complaint", 1042)),
    ("kind: change request 1042", order("change_request", 1042)),
    ("type question 1042 please", order("consultation", 1042)),
    ("误报 1042", order("praise_or_chat", 1042)),
    ("1042 误报", order("praise_or_chat", 1042)),
    ("1042是误报", order("praise_or_chat", 1042)),
    ("误报", order("praise_or_chat")),
    ("誤報 1042", order("praise_or_chat", 1042)),
    ("false alarm 1042", order("praise_or_chat", 1042)),
    ("1042 false alarm", order("praise_or_chat", 1042)),
    ("类型", Command(intent=Intent.KIND)),
]


@pytest.mark.parametrize(("text", "meaning"), [pytest.param(*row, id=row[0]) for row in SAID])
def test_a_kind_is_read(text: str, meaning: Command) -> None:
    assert read(text) == meaning


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("1042 误报？", id="a question is no order"),
        pytest.param("kind regards", id="a greeting"),
        pytest.param("类型选第二个就可以", id="a sentence"),
        pytest.param("投诉", id="a lone word"),
    ],
)
def test_what_only_looks_like_a_kind_is_no_order(text: str) -> None:
    assert read(text) is None


@pytest.mark.parametrize("text", ["1042 投诉", "1042 误报的事已经核实，请放心"])
def test_words_after_a_number_still_go_to_the_customer(text: str) -> None:
    found = read(text)
    assert isinstance(found, Command)
    assert found.intent is Intent.REPLY


def test_a_slip_of_a_false_alarm_reaches_no_customer() -> None:
    assert read("1042 误抱") == NotUnderstood(word="误抱")


def clock(kind: str, minutes: int = 10) -> Clock:
    return Clock(id=9, ticket_id=1, kind=kind, started_at=START, due_at=START + timedelta(minutes=minutes))


def case(*clocks: Clock, **more: Any) -> Case:
    values = {
        "id": 1,
        "number": 1001,
        "kind": "fault",
        "level": 1,
        "doubt": 2,
        "state": "paging",
        "title": "断电",
        "symptom": "张三 滨江机房断电",
        "channel": "sms:main",
        "opened_at": START,
        "heard_at": START,
        "round": 1,
        "plan": stored(plan(SETTINGS.policies["fault-1"], SCENE.duty)),
        "plan_from": START,
        "plan_next": 2,
    }
    ticket = Ticket(**{**values, **more})
    asked = Page(id=5, ticket_id=1, person="zhang", round=1, asked_at=START)
    return Case(ticket=ticket, pages=(asked,), clocks=clocks or (clock("respond"), clock("arrive", 60)))


def held(**more: Any) -> Case:
    return case(**{"state": "taken", "owner": "zhang", "taken_at": START, **more})


def values(effects: list[Any]) -> dict[str, Any]:
    return {name: value for one in effects if isinstance(one, Change) for name, value in one.values.items()}


def started(effects: list[Any]) -> list[tuple[str, float]]:
    """The promises that begin or move, with minutes since the report."""
    return [
        (e.kind.value, (e.due - START) / timedelta(minutes=1)) for e in effects if isinstance(e, StartClock | MoveClock)
    ]


def planned(effects: list[Any]) -> list[str]:
    """Who is asked from now on, with minutes from now."""
    climb = next(e for e in effects if isinstance(e, Climb))
    since = (climb.start - NOW) / timedelta(minutes=1)
    return [f"{since + rung.after / 60:g} {rung.person} {rung.by}" for rung in climb.plan[climb.next :]]


def answers(effects: list[Any]) -> list[str]:
    return [effect.template for effect in effects if isinstance(effect, Tell) and effect.answer]


def test_a_level_that_is_set_is_kept_as_what_the_judge_should_have_said() -> None:
    effects = correct(case(), "zhang", SCENE, kind="fault", level=2)
    assert effects[0] == Correct(by="zhang", kind_before="fault", kind_after="fault", level_before=1, level_after=2)
    assert started(effects) == [("respond", 15), ("arrive", 120)]


def test_the_same_level_again_confirms_it() -> None:
    assert correct(case(), "zhang", SCENE, kind="fault", level=1)[0] == Correct(
        by="zhang", kind_before="fault", kind_after="fault", level_before=1, level_after=1
    )


def test_a_fault_that_is_a_question_loses_its_promises_and_rings_nobody_who_was_asked() -> None:
    effects = correct(case(), "zhang", SCENE, kind="consultation")
    assert values(effects) == {"kind": "consultation", "level": None, "doubt": None}
    assert (started(effects), planned(effects)) == ([], [])
    assert {e.kind.value for e in effects if isinstance(e, StopClock)} == set(ClockKind)
    assert not any(isinstance(e, Halt | TellCustomer) for e in effects)
    assert [e.text for e in effects if isinstance(e, Note)] == [
        "fault -> consultation",
        "respond: 2026-11-24 10:10 -> - (fault -> consultation)",
        "arrive: 2026-11-24 11:00 -> - (fault -> consultation)",
    ]


def test_a_complaint_has_its_own_promise_from_the_report_and_never_the_one_it_names() -> None:
    effects = correct(held(), "li", SCENE, kind="complaint")
    assert started(effects) == [("answer", 24 * 60)]
    assert values(effects)["state"] == "paging"
    assert planned(effects) == ["0 wang sms"]


def test_emergency_support_that_is_taken_already_promises_only_to_arrive() -> None:
    assert started(correct(held(), "zhang", SCENE, kind="emergency_support")) == [("arrive", 240)]
    waiting = correct(case(), "zhang", SCENE, kind="emergency_support")
    assert started(waiting) == [("arrive", 240)], "the limit of the answer is the same"
    assert planned(waiting)[0] == "0 zhang sms"


def test_a_question_that_is_a_fault_begins_to_count_from_the_report() -> None:
    question = case(clock("answer"), kind="complaint", level=None)
    effects = correct(question, "zhang", SCENE, kind="fault", level=1)
    assert started(effects) == [("respond", 10), ("arrive", 60)]
    taken = replace(held(kind="consultation", level=None), clocks=())
    assert started(correct(taken, "zhang", SCENE, kind="fault")) == [("arrive", 120)]


def test_a_false_alarm_closes_and_writes_to_no_customer() -> None:
    effects = correct(case(), "zhang", SCENE, kind="praise_or_chat")
    assert values(effects) == {
        "kind": "praise_or_chat",
        "level": None,
        "doubt": None,
        "state": "closed",
        "closed_at": NOW,
    }
    assert [type(e).__name__ for e in effects if isinstance(e, TellCustomer | Tell)] == ["Tell"]
    assert answers(effects) == ["false_alarm"]
    assert next(e for e in effects if isinstance(e, Halt)).inform is None


def test_whoever_is_on_the_way_for_a_false_alarm_hears_of_it() -> None:
    told = [e for e in correct(held(), "li", SCENE, kind="praise_or_chat") if isinstance(e, Tell)]
    assert [(e.person, e.template) for e in told] == [("li", "false_alarm"), ("zhang", "page_cancelled")]


def test_what_is_settled_stays_and_only_the_correction_is_kept() -> None:
    effects = correct(held(state="resolved"), "zhang", SCENE, kind="complaint")
    assert (answers(effects), values(effects)) == (["correction_kept"], {})
    assert isinstance(effects[0], Correct)


def test_a_false_alarm_that_was_none_is_a_matter_again() -> None:
    closed = case(kind="praise_or_chat", level=None, state="closed", closed_at=NOW)
    effects = correct(closed, "zhang", SCENE, kind="fault", level=1)
    assert (values(effects)["state"], values(effects)["closed_at"]) == ("paging", None)
    assert started(effects) == [("respond", 10), ("arrive", 60)]
    assert planned(effects)[0] == "0 zhang sms"
    assert EventKind.REOPENED in [e.kind for e in effects if isinstance(e, Note)]


def test_the_kind_that_it_has_is_confirmed() -> None:
    effects = correct(case(kind="complaint", level=None), "zhang", SCENE, kind="complaint")
    assert [type(e).__name__ for e in effects] == ["Correct", "Tell"]


def test_a_bare_false_alarm_closes_nothing_while_it_could_mean_two() -> None:
    asked, own = case(), replace(held(id=2, number=1002), pages=())
    speaker = Speaker(person="zhang", cases={1001: asked, 1002: own})
    command = read("误报")
    assert isinstance(command, Command)
    ordered = obey(command, speaker, SCENE)
    assert (ordered.on, answers(list(ordered.said))) == ((), ["which_one"])
    alone = obey(command, Speaker(person="zhang", cases={1001: asked}), SCENE)
    assert [number for number, _ in alone.on] == [1001]
