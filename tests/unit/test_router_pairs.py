"""Merge, child, apart: the words for them, what follows on each ticket, and what is refused."""

from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pytest

from router import family, merging
from router.case import Case, Scene
from router.commands import Command, read
from router.duty import on_duty, plan_of
from router.effects import Change, Climb, Correct, EndTimers, Halt, Note, StartClock, StopClock, Tell, TellCustomer
from router.grammar import Intent
from router.orders import Speaker, obey
from router.settings import RouterSettings
from store.model import Clock, ClockKind, Kind, Ticket

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
NAMES = {"zhang": "张三", "li": "李雷", "wang": "王经理"}
SETTINGS = RouterSettings.model_validate(
    {
        "time_zone": "UTC",
        "people": {key: {"name": name, "addresses": {"tel": f"+{key}"}} for key, name in NAMES.items()},
        "rota": {"lead": "zhang", "second": "li", "manager": "wang"},
    }
)
E = TypeVar("E")
SCENE = Scene(now=NOW, duty=on_duty(plan_of(SETTINGS), NOW), settings=SETTINGS)


@pytest.mark.parametrize(
    ("text", "intent", "numbers"),
    [
        ("合并 1043 1042", "merge", (1043, 1042)),
        ("合并1043、1042", "merge", (1043, 1042)),
        ("合并 1043 到 1042 谢谢", "merge", (1043, 1042)),
        ("1043 合并到 1042", "merge", (1043, 1042)),
        ("1043并入1042", "merge", (1043, 1042)),
        ("合併 1043 1042", "merge", (1043, 1042)),
        ("請合併 1043 1042", "merge", (1043, 1042)),
        ("merge 1043 1042", "merge", (1043, 1042)),
        ("Merge #1043 into #1042 please", "merge", (1043, 1042)),
        ("1043 merge with 1042", "merge", (1043, 1042)),
        ("合并 1043", "merge", (1043,)),
        ("归属 1043 1042", "child", (1043, 1042)),
        ("1043归属1042", "child", (1043, 1042)),
        ("歸屬 1043 1042", "child", (1043, 1042)),
        ("child 1043 1042", "child", (1043, 1042)),
        ("child 1043 of 1042", "child", (1043, 1042)),
        ("1043 child of 1042", "child", (1043, 1042)),
        ("分开 1043", "apart", (1043,)),
        ("1043 分開", "apart", (1043,)),
        ("apart 1043", "apart", (1043,)),
        ("解决分单 1042", "resolve_all", (1042,)),
        ("1042 分单解决", "resolve_all", (1042,)),
        ("resolve children 1042", "resolve_all", (1042,)),
    ],
)
def test_the_words_of_an_order_about_two_tickets(text: str, intent: str, numbers: tuple[int, ...]) -> None:
    assert read(text) == Command(intent=Intent(intent), number=numbers[0], numbers=numbers)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        pytest.param("合并1043和1042吗？", None, id="a question is no order"),
        pytest.param("合并后再重启一次", None, id="a sentence that begins with the word"),
        pytest.param("1042 合并后请重启", "reply", id="words for the customer"),
        pytest.param("1042 分开放置就好", "reply", id="the same"),
        pytest.param("children are crying", None, id="another word"),
        pytest.param("解决 1042 换了电源", "resolve", id="one ticket"),
        pytest.param("解决分单 1042 换了电源", "resolve_all", id="all of them, with what was done"),
    ],
)
def test_what_is_no_such_order(text: str, meant: str | None) -> None:
    found = read(text)
    assert (found.intent.value if isinstance(found, Command) else found) == meant


def case(number: int, *running: tuple[str, int], **more: Any) -> Case:
    """Build a case; each running clock is its kind and the minute from now at which it is due."""
    given = {
        "id": number,
        "number": number,
        "kind": Kind.FAULT,
        "level": 3,
        "state": "paging",
        "title": f"matter {number}",
        "symptom": "x",
        "channel": "sms:main",
        "reply_to": "+1",
        "opened_at": NOW - timedelta(minutes=5),
        "heard_at": NOW,
        "round": 1,
    }
    clocks = tuple(
        Clock(id=n, ticket_id=number, kind=kind, started_at=NOW, due_at=NOW + timedelta(minutes=due))
        for n, (kind, due) in enumerate(running)
    )
    return Case(ticket=Ticket(**{**given, **more}), clocks=clocks)


def held(number: int, *running: tuple[str, int], **more: Any) -> Case:
    return case(number, *running, **{"state": "taken", "owner": "li", "taken_at": NOW, **more})


def of(on: merging.On, number: int, kind: type[E]) -> list[E]:
    return [effect for n, effects in on if n == number for effect in effects if isinstance(effect, kind)]


def answer(on: merging.On) -> list[str]:
    return [e.template for _, effects in on for e in effects if isinstance(e, Tell) and e.answer]


COMPLAINT: dict[str, Any] = {"kind": Kind.COMPLAINT, "level": None}


@pytest.mark.parametrize(
    ("one", "into", "said"),
    [
        pytest.param(case(2), case(1), "", id="two that wait"),
        pytest.param(case(2, state="resolved"), case(1), "", id="a settled one into one that waits"),
        pytest.param(case(2, state="closed"), case(1, state="resolved"), "", id="both settled"),
        pytest.param(case(2, **COMPLAINT), case(1, **COMPLAINT), "", id="two complaints"),
        pytest.param(case(2), case(2), "same", id="itself"),
        pytest.param(case(2), case(1, state="resolved"), "settled", id="an open one would be settled unseen"),
        pytest.param(case(2, state="merged"), case(1), "merged", id="it is a part already"),
        pytest.param(case(2, **COMPLAINT), case(1), "complaint", id="a complaint disappears in nothing"),
        pytest.param(case(2), case(1, **COMPLAINT), "complaint", id="and nothing in a complaint"),
    ],
)
def test_what_can_become_a_part_of_what(one: Case, into: Case, said: str) -> None:
    assert merging.refusal(one, into) == said


def test_everything_of_the_ticket_that_goes_ends_and_no_customer_is_told() -> None:
    on = merging.merge(case(2, ("respond", 5)), case(1, ("respond", 9)), "zhang", SCENE)
    assert of(on, 2, EndTimers)
    assert of(on, 2, Halt)[0].inform is None
    assert {effect.kind for effect in of(on, 2, StopClock)} == set(ClockKind)
    values = of(on, 2, Change)[0].values
    assert (values["state"], values["merged_id"], values["closed_at"]) == ("merged", 1, NOW)
    assert [e for _, effects in on for e in effects if isinstance(e, TellCustomer)] == []
    assert answer(on) == ["merged"]


@pytest.mark.parametrize(
    ("one", "into", "level", "due"),
    [
        pytest.param(case(2, ("respond", 5), level=1), case(1, ("respond", 25)), 1, [5], id="worse and earlier"),
        pytest.param(case(2, ("respond", 25)), case(1, ("respond", 5), level=1), None, [], id="milder and later"),
        pytest.param(case(2, ("respond", 30), level=2), case(1, ("respond", 9)), 2, [], id="worse and later"),
        pytest.param(case(2, ("respond", 5)), case(1, kind="consultation", level=None), 3, [5], id="into a question"),
        pytest.param(case(2, ("respond", 5), level=1), held(1, level=2), 1, [], id="a take has met the response"),
        pytest.param(case(2, ("arrive", 40)), held(1, ("arrive", 90)), None, [40], id="the arrival still runs"),
    ],
)
def test_the_worse_level_and_the_earlier_limit_hold(one: Case, into: Case, level: int | None, due: list[int]) -> None:
    on = merging.merge(one, into, "zhang", SCENE)
    levels = [e.values["level"] for e in of(on, 1, Change) if "level" in e.values]
    assert levels == ([level] if level else [])
    assert [(e.due - NOW) / timedelta(minutes=1) for e in of(on, 1, StartClock)] == due


def test_a_promise_that_was_broken_is_not_broken_again() -> None:
    late = case(2, ("respond", -1))
    late.clocks[0].breached_at = NOW
    assert [e.breached for e in of(merging.merge(late, case(1, ("respond", 9)), "li", SCENE), 1, StartClock)] == [True]


def test_whoever_is_at_work_has_the_ticket_that_stays() -> None:
    on = merging.merge(held(2), case(1, ("respond", 9)), "zhang", SCENE)
    assert [e.values["owner"] for e in of(on, 1, Change) if "owner" in e.values] == ["li"]
    assert [(e.person, e.template) for e in of(on, 2, Tell) if not e.answer] == [("li", "merged_away")]
    assert [e.kind for e in of(on, 1, StopClock)] == [ClockKind.RESPOND]


def test_who_orders_it_is_warned_of_another_customer() -> None:
    assert answer(merging.merge(case(2, reply_to="+2"), case(1), "zhang", SCENE)) == ["merged_other"]


def test_nobody_merges_a_complaint_that_names_them() -> None:
    one = case(2, **COMPLAINT, symptom="张三态度差")
    assert answer(merging.merge(one, case(1, **COMPLAINT), "zhang", SCENE)) == ["no_right"]


@pytest.mark.parametrize(
    ("more", "state", "asks"),
    [
        pytest.param({}, "paging", True, id="it waited"),
        pytest.param({"owner": "li", "taken_at": NOW}, "taken", False, id="somebody had it"),
        pytest.param({"owner": "li", "taken_at": NOW, "arrived_at": NOW}, "on_site", False, id="somebody was there"),
        pytest.param({"resolved_at": NOW - timedelta(hours=1)}, "resolved", False, id="it was resolved"),
        pytest.param({"resolved_at": NOW - timedelta(days=9)}, "closed", False, id="it was closed"),
    ],
)
def test_an_undone_merge_gives_back_the_state_and_the_promises(more: dict[str, Any], state: str, asks: bool) -> None:
    one = case(2, ("arrive", 40), state="merged", merged_id=1, closed_at=NOW - timedelta(minutes=3), **more)
    one.clocks[0].stopped_at = NOW - timedelta(minutes=3)
    on = merging.unmerge(one, case(1), "zhang", SCENE)
    assert (of(on, 2, Change)[0].values["state"], bool(of(on, 2, Climb))) == (state, asks)
    assert [e.kind for e in of(on, 2, StartClock)] == [ClockKind.ARRIVE]


@pytest.mark.parametrize(
    ("child", "parent", "said"),
    [
        pytest.param(case(2), case(1), "", id="two that are open"),
        pytest.param(case(2), held(1), "", id="a parent that somebody has"),
        pytest.param(case(1), case(1), "same", id="itself"),
        pytest.param(case(2, state="resolved"), case(1), "settled", id="a settled report"),
        pytest.param(case(2), case(1, state="closed"), "settled", id="a settled outage"),
        pytest.param(case(2, **COMPLAINT), case(1), "complaint", id="a complaint is no report"),
    ],
)
def test_what_can_be_a_report_of_what(child: Case, parent: Case, said: str) -> None:
    assert family.refusal(child, parent) == said


def test_a_child_of_a_taken_parent_is_taken_along_and_says_why_nobody_is_asked() -> None:
    effects = family.along(case(2, ("respond", 9)), held(1), SCENE)
    assert [e.text for e in effects if isinstance(e, Note) and e.kind == "suppressed"] == [
        "not asked again: 1, of which this is a report, is with 李雷"
    ]
    assert [e.values["owner"] for e in effects if isinstance(e, Change)] == ["li"]
    assert not [e for e in effects if isinstance(e, Tell | TellCustomer)]


@pytest.mark.parametrize(
    ("child", "parent", "follows"),
    [
        pytest.param(held(2, owner="zhang"), held(1), True, id="the parent was taken just now"),
        pytest.param(
            held(2, owner="zhang"), held(1, taken_at=NOW - timedelta(hours=1)), False, id="it was taken before"
        ),
        pytest.param(held(2, owner="zhang", state="on_site"), held(1), False, id="somebody is there for the child"),
        pytest.param(case(2), case(1), False, id="nobody has the parent"),
        pytest.param(case(2, state="resolved"), held(1), False, id="the child is settled"),
    ],
)
def test_which_child_goes_along(child: Case, parent: Case, follows: bool) -> None:
    assert bool(family.along(child, parent, SCENE)) == follows


def test_the_arrival_at_the_cause_counts_for_a_child() -> None:
    parent = held(1, ("resolve", 240), state="on_site", arrived_at=NOW)
    effects = family.along(held(2, ("arrive", 30)), parent, SCENE)
    assert [e.kind for e in effects if isinstance(e, StopClock)] == [ClockKind.ARRIVE]
    assert [(e.kind, e.due - NOW) for e in effects if isinstance(e, StartClock)] == [("resolve", timedelta(hours=4))]


def test_a_child_that_is_given_to_somebody_else_goes_its_own_way() -> None:
    cases = {2: held(2, parent_id=1), 1: held(1)}
    ordered = obey(Command(intent=Intent.RELEASE, number=2, numbers=(2,)), Speaker(person="li", cases=cases), SCENE)
    values = [e.values for _, effects in ordered.on for e in effects if isinstance(e, Change)]
    assert [one["parent_id"] for one in values if "parent_id" in one] == [None]


def test_an_order_on_a_part_is_meant_for_the_whole_but_for_words_to_its_customer() -> None:
    cases = {1: case(1), 2: case(2, state="merged", merged_id=1)}
    speaker = Speaker(person="li", cases=cases, became={2: 1})
    taken = obey(Command(intent=Intent.TAKE, number=2, numbers=(2,)), speaker, SCENE)
    words = obey(Command(intent=Intent.REPLY, number=2, numbers=(2,), text="hello"), speaker, SCENE)
    stands = obey(Command(intent=Intent.STATUS, number=2, numbers=(2,)), speaker, SCENE)
    assert [number for number, _ in (*taken.on, *words.on)] == [1, 2]
    assert [e.template for e in stands.on[0][1] if isinstance(e, Tell)] == ["status_merged"]


def test_a_bare_order_means_the_outage_and_not_its_reports() -> None:
    cases = {n: held(n, parent_id=1 if n > 1 else None) for n in (1, 2, 3)}
    ordered = obey(Command(intent=Intent.ARRIVE), Speaker(person="li", cases=cases), SCENE)
    assert [number for number, _ in ordered.on] == [1]


def corrected(text: str, *cases: Case, became: dict[int, int] | None = None) -> merging.On:
    command = read(text)
    assert isinstance(command, Command)
    speaker = Speaker(person="zhang", cases={one.number: one for one in cases}, became=became or {})
    return [(number, list(effects)) for number, effects in obey(command, speaker, SCENE).on]


@pytest.mark.parametrize(
    ("text", "said", "parted"),
    [
        pytest.param("误报 1042", "false_alarm_parent", True, id="a false alarm"),
        pytest.param("类型 投诉 1042", "level_changed", True, id="a complaint has no reports"),
        pytest.param("类型 咨询 1042", "level_changed", False, id="another kind"),
        pytest.param("级别 3 1042", "level_changed", False, id="another level"),
    ],
)
def test_an_outage_of_another_kind_comes_apart_from_its_reports(text: str, said: str, parted: bool) -> None:
    parent = held(1042)
    children = [held(1043, parent_id=parent.ticket.id), case(1044, parent_id=parent.ticket.id)]
    on = corrected(text, parent, *children)
    assert answer(on) == [said]
    for child in children:
        values = {"parent_id": None} if parted else {}
        assert {k: v for change in of(on, child.number, Change) for k, v in change.values.items()} == values
        assert of(on, child.number, Climb) == []
        assert of(on, child.number, Halt) == []


def test_a_report_that_is_no_matter_comes_apart_from_the_outage() -> None:
    parent = held(1042)
    on = corrected("误报 1043", parent, held(1043, parent_id=parent.ticket.id), held(1044, parent_id=parent.ticket.id))
    assert answer(on) == ["false_alarm"]
    assert [note.text for note in of(on, 1043, Note) if note.kind == "apart"] == ["<- 1042"]
    assert [note.text for note in of(on, 1042, Note)] == ["-> 1043"]
    assert of(on, 1044, Change) == []


def test_a_settled_outage_keeps_its_reports_when_it_is_corrected() -> None:
    parent = case(1042, state="resolved", resolved_at=NOW)
    on = corrected("误报 1042", parent, held(1043, parent_id=parent.ticket.id))
    assert (answer(on), of(on, 1043, Change)) == (["correction_kept"], [])


@pytest.mark.parametrize(("level", "parent", "silent"), [(1, 1, True), (2, 1, True), (1, 3, False), (None, 1, True)])
def test_a_report_of_a_worse_level_than_its_outage_speaks_for_itself(
    level: int | None, parent: int, silent: bool
) -> None:
    assert family.watched("arrive", case(1043, level=level).ticket, held(1042, ("arrive", 60), level=parent)) is silent


def test_a_correction_by_the_number_of_a_part_is_kept_for_the_words_of_both() -> None:
    whole = case(1042, level=2)
    on = corrected("级别 1 1043", whole, case(1043, state="merged", merged_id=whole.ticket.id), became={1043: 1042})
    kept = [(number, one.level_before, one.level_after) for number, some in on for one in some if type(one) is Correct]
    assert kept == [(1042, 2, 1), (1043, 3, 1)]
    assert of(on, 1043, Change) == []


def test_a_false_alarm_that_was_merged_and_taken_apart_stays_closed() -> None:
    one = case(1043, state="merged", kind="praise_or_chat", level=None, closed_at=NOW, merged_id=1)
    on = merging.unmerge(one, case(1042), "zhang", SCENE)
    assert [(c.values["state"], c.values["closed_at"]) for c in of(on, 1043, Change)] == [("closed", NOW)]
    assert of(on, 1043, Climb) == []
