"""What hold, resume, workaround, second line and "still on it?" cause, and why they do not."""

from datetime import UTC, datetime, timedelta

import pytest

from router import holding, moves, still
from router.case import Case, Scene
from router.commands import Command, read
from router.duty import on_duty, plan_of
from router.effects import (
    Answered,
    Change,
    Climb,
    Inquire,
    MoveClock,
    Note,
    PauseClock,
    ResumeClock,
    StartClock,
    StopClock,
    Tell,
    TellCustomer,
    Wait,
)
from router.inquiries import Asked, settled
from router.opening import joined
from router.policies import Client
from router.recount import by_contract
from router.settings import RouterSettings
from store.model import Answer, Clock, ClockKind, EventKind, Inquiry, Ticket

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
"""10:00 in Shanghai."""
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
NAMES = {"zhang": "张三", "li": "李雷", "wang": "王经理"}
SETTINGS = RouterSettings.model_validate(
    {
        "people": {key: {"name": name, "addresses": {"tel": f"+{key}"}} for key, name in NAMES.items()},
        "rota": {"lead": "zhang", "second": "li", "manager": "wang"},
        "contracts": {"A-17": {1: {"respond": "5m", "arrive": "30m", "resolve": "2h"}}},
    }
)


def scene(now: datetime = NOW, **customers: tuple[str, str]) -> Scene:
    known = {int(key.strip("c")): Client(contract=said[0], grade=said[1]) for key, said in customers.items()}
    return Scene(now=now, duty=on_duty(plan_of(SETTINGS), now), settings=SETTINGS, clients=known)


def clock(kind: str, minutes: float, **more) -> Clock:
    due = NOW + minutes * MINUTE
    return Clock(**{"id": 9, "ticket_id": 1, "kind": kind, "started_at": NOW - HOUR, "due_at": due, **more})


def case(state: str = "on_site", *clocks: Clock, **more) -> Case:
    values = {
        "id": 1,
        "number": 1001,
        "kind": "fault",
        "level": 1,
        "state": state,
        "owner": None if state == "paging" else "zhang",
        "taken_at": NOW - HOUR,
        "arrived_at": NOW - HOUR if state == "on_site" else None,
        "channel": "sms:main",
        "opened_at": NOW - 2 * HOUR,
        "heard_at": NOW - 2 * HOUR,
        "round": 1,
    }
    return Case(ticket=Ticket(**{**values, **more}), clocks=clocks)


def kinds(effects, of) -> list[str]:
    return [effect.kind.value for effect in effects if isinstance(effect, of)]


def answers(effects) -> list[str]:
    return [effect.template for effect in effects if isinstance(effect, Tell) and effect.answer]


def values(effects) -> dict[str, object]:
    return {name: value for one in effects if isinstance(one, Change) for name, value in one.values.items()}


ORDERS = [
    ("挂起 1042 等备件", "hold", 1042, "等备件"),
    ("1042 挂起 等备件 2h", "hold", 1042, "等备件 2h"),
    ("挂起 1042 等备件 明天 9:00", "hold", 1042, "等备件 明天 9:00"),
    ("hold 1042 waiting for a part", "hold", 1042, "waiting for a part"),
    ("挂起 1042", "hold", 1042, None),
    ("挂起", "hold", None, None),
    ("恢复处理 1042", "resume", 1042, None),
    ("取消挂起 1042", "resume", 1042, None),
    ("resume 1042", "resume", 1042, None),
    ("临时恢复 1042 换上备机", "workaround", 1042, "换上备机"),
    ("workaround 1042 spare unit", "workaround", 1042, "spare unit"),
    ("二线 1042 主板坏，需厂家", "second_line", 1042, "主板坏，需厂家"),
    ("转二线 1042 现场修不好", "second_line", 1042, "现场修不好"),
    ("second line 1042 needs the vendor", "second_line", 1042, "needs the vendor"),
]


@pytest.mark.parametrize(("text", "intent", "number", "words"), ORDERS)
def test_orders_about_what_cannot_be_settled_now_are_read(text, intent, number, words):
    command = read(text)
    assert isinstance(command, Command)
    assert (command.intent, command.number, command.text) == (intent, number, words)


@pytest.mark.parametrize("text", ["hold on, I am coming", "二线城市的客户", "先恢复再说"])
def test_ordinary_words_are_no_such_orders(text):
    assert not isinstance(read(text), Command)


@pytest.mark.parametrize(
    ("text", "length"),
    [
        pytest.param("等备件", 24 * HOUR, id="no time said: the usual"),
        pytest.param("等备件 2h", 2 * HOUR, id="2h"),
        pytest.param("等备件 半小时", 30 * MINUTE, id="half an hour in Chinese"),
        pytest.param("等备件，2小时", 2 * HOUR, id="hours in Chinese"),
        pytest.param("waiting for a part 90 min", 90 * MINUTE, id="minutes in English"),
        pytest.param("waiting for a part for 2 days", 48 * HOUR, id="days"),
        pytest.param("等备件 明天 9:00", 23 * HOUR, id="tomorrow at nine"),
        pytest.param("waiting for the customer tomorrow 9:00", 23 * HOUR, id="the same in English"),
        pytest.param("等备件 5天", 72 * HOUR, id="no longer than the longest"),
        pytest.param("等客户 下月", 24 * HOUR, id="what is no time is the usual"),
        pytest.param("换3号柜", 24 * HOUR, id="a number that is no length"),
    ],
)
def test_until_when_a_ticket_is_on_hold(text, length):
    assert holding.held_until(text, scene()) - NOW == length


def test_a_hold_lets_the_repair_stand_still_and_nothing_else():
    effects = holding.hold(case("on_site", clock("resolve", 60)), "zhang", scene(), text="等备件 2h")
    assert kinds(effects, PauseClock) == ["resolve", "second_resolve"]
    assert (values(effects)["state"], answers(effects)) == ("on_hold", ["held"])
    assert [(e.kind.value, e.at - NOW) for e in effects if isinstance(e, Wait)] == [("hold", 2 * HOUR)]
    assert [e.text for e in effects if isinstance(e, Note)] == ["等备件 2h"]


@pytest.mark.parametrize(
    ("given", "move", "answer"),
    [
        pytest.param(case(), lambda c: holding.hold(c, "zhang", scene(), text=None), "hold_needs_text", id="no reason"),
        pytest.param(case("paging"), lambda c: holding.hold(c, "li", scene(), text="等"), "status", id="nobody has it"),
        pytest.param(
            case("resolved"), lambda c: holding.hold(c, "li", scene(), text="等"), "already_settled", id="settled"
        ),
        pytest.param(case(), lambda c: holding.resume(c, "zhang"), "taken", id="resume what runs"),
        pytest.param(
            case(), lambda c: holding.workaround(c, "zhang", scene(), text=""), "workaround_needs_text", id="no words"
        ),
        pytest.param(
            case("closed"),
            lambda c: holding.workaround(c, "zhang", scene(), text="备机"),
            "already_settled",
            id="too late",
        ),
        pytest.param(
            case(), lambda c: holding.second_line(c, "zhang", scene(), text=None), "second_line_needs_text", id="no why"
        ),
        pytest.param(
            case("paging"),
            lambda c: holding.second_line(c, "zhang", scene(), text="修不好"),
            "status",
            id="not in anybody's hands",
        ),
    ],
)
def test_what_is_refused_and_why(given, move, answer):
    effects = move(given)
    assert (answers(effects), values(effects)) == ([answer], {})


@pytest.mark.parametrize(("arrived", "state"), [(NOW - HOUR, "on_site"), (None, "taken")])
def test_a_ticket_goes_on_as_it_was(arrived, state):
    effects = holding.resume(case("on_hold", arrived_at=arrived, held_until=NOW + HOUR), "li")
    assert (values(effects), kinds(effects, ResumeClock)) == (
        {"state": state, "held_until": None},
        ["resolve", "second_resolve"],
    )


def test_a_hold_ends_by_itself_and_its_owner_is_told_but_a_longer_one_waits():
    over = holding.hold_over(case("on_hold", held_until=NOW), scene())
    assert [(e.person, e.template) for e in over if isinstance(e, Tell)] == [("zhang", "hold_over")]
    assert kinds(holding.hold_over(case("on_hold", held_until=NOW + HOUR), scene()), Wait) == ["hold"]
    assert holding.hold_over(case("on_site"), scene()) == []


@pytest.mark.parametrize(("human", "state"), [(True, "taken"), (False, None)])
def test_a_customer_lets_it_go_on_and_a_machine_does_not(human, state):
    effects = joined(case("on_hold"), scene(), text="备件到了", level=None, fixed=False, human=human)
    assert values(effects).get("state") == state


def test_giving_up_a_ticket_on_hold_lets_its_clock_go_on():
    effects = moves.release(case("on_hold", clock("resolve", 60)), "zhang", scene())
    assert (kinds(effects, ResumeClock), values(effects)["held_until"]) == (["resolve", "second_resolve"], None)


def test_a_workaround_ends_the_harm_and_not_the_ticket():
    effects = holding.workaround(case("on_site", clock("resolve", 60)), "zhang", scene(), text="换上备机")
    assert (values(effects), kinds(effects, StopClock)) == ({"workaround_at": NOW}, ["resolve", "second_resolve"])
    assert [(e.template, e.variables["what"]) for e in effects if isinstance(e, TellCustomer)] == [
        ("customer_workaround", "换上备机")
    ]
    assert [e.at - NOW for e in effects if isinstance(e, Wait)] == [timedelta(days=7)], "five working days"


def test_after_a_workaround_an_arrival_promises_no_repair():
    effects = moves.arrive(case("taken", clock("arrive", 30), workaround_at=NOW), "zhang", scene())
    assert kinds(effects, StartClock) == []


def test_the_second_line_comes_and_the_manager_knows():
    effects = holding.second_line(case("on_site", clock("resolve", 60)), "zhang", scene(), text="主板坏")
    assert [(e.kind.value, e.due - NOW) for e in effects if isinstance(e, StartClock)] == [("second_arrive", 4 * HOUR)]
    assert [(e.person, e.template) for e in effects if isinstance(e, Tell) and not e.answer] == [
        ("wang", "second_line_told")
    ]
    again = holding.second_line(case("on_site", clock("second_arrive", 90)), "zhang", scene(), text="主板坏")
    assert (answers(again), kinds(again, StartClock)) == (["second_line_asked"], [])


def test_the_first_arrival_after_it_is_that_of_the_second_line():
    given = case("on_site", clock("resolve", 60), clock("second_arrive", 90))
    effects = moves.arrive(given, "li", scene())
    assert kinds(effects, StopClock) == ["second_arrive"]
    assert [(e.kind.value, e.due - NOW) for e in effects if isinstance(e, StartClock)] == [("second_resolve", 4 * HOUR)]
    assert (values(effects)["owner"], values(effects)["arrived_at"]) == ("zhang", NOW - HOUR)


def test_a_second_arrival_starts_no_second_promise_of_repair():
    effects = moves.arrive(case("taken", clock("resolve", 60)), "zhang", scene())
    assert kinds(effects, StartClock) == []


@pytest.mark.parametrize(
    ("level", "hours"), [pytest.param(1, 1, id="level 1"), pytest.param(3, 4, id="level 3, by day")]
)
def test_whoever_does_nothing_is_asked(level, hours):
    given = case("taken", level=level, taken_at=NOW - hours * HOUR)
    (effect,) = still.quiet(given, scene(), parent=None, asked=False)
    assert isinstance(effect, Inquire)
    assert (effect.person, effect.template, effect.until - NOW) == ("zhang", "still_on_it", 10 * MINUTE)


NIGHT = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)
"""00:00 in Shanghai."""


@pytest.mark.parametrize(
    ("given", "now", "again"),
    [
        pytest.param(case("taken", touched_at=NOW - 10 * MINUTE), NOW, NOW + 20 * MINUTE, id="did something lately"),
        pytest.param(case("taken", level=3), NIGHT, NIGHT + 7 * HOUR, id="level 3 in the quiet hours"),
        pytest.param(case("on_site"), NOW, NOW + 30 * MINUTE, id="on site"),
        pytest.param(case("taken", workaround_at=NOW), NOW, NOW + 30 * MINUTE, id="after a workaround"),
    ],
)
def test_who_is_not_asked_and_when_it_is_looked_at_again(given, now, again):
    effects = still.quiet(given, scene(now), parent=None, asked=False)
    assert [(type(e), e.at) for e in effects if isinstance(e, Wait)] == [(Wait, again)]
    assert not [e for e in effects if isinstance(e, Inquire)]


def test_a_report_of_an_outage_that_is_in_hand_is_not_asked_about():
    effects = still.quiet(case("taken"), scene(), parent=case("taken"), asked=False)
    assert [type(e) for e in effects] == [Wait]


@pytest.mark.parametrize("state", ["paging", "on_hold", "resolved"])
def test_nobody_is_asked_about_what_nobody_works_on(state):
    assert still.quiet(case(state), scene(), parent=None, asked=False) == []


def test_on_site_a_broken_repair_is_told_again():
    late = clock("resolve", -90, breached_at=NOW - 90 * MINUTE)
    effects = still.quiet(case("on_site", late), scene(), parent=None, asked=False)
    assert [(e.template, e.variables["late"]) for e in effects if isinstance(e, Tell)] == [("breach", "90")]


def question() -> Inquiry:
    return Inquiry(
        id=7, kind="still", person="zhang", ticket_id=1, round=1, asked_at=NOW - 10 * MINUTE, until=NOW, method="sms"
    )


@pytest.mark.parametrize(
    ("answer", "more", "state", "told"),
    [
        pytest.param(Answer.YES, {}, None, "still_yes", id="yes: the wait begins anew"),
        pytest.param(Answer.NO, {}, "paging", "released", id="no: given back"),
        pytest.param(Answer.LAPSED, {}, "paging", "still_lapsed", id="silence: somebody else"),
        pytest.param(Answer.VOID, {}, None, None, id="something done in place of an answer"),
        pytest.param(Answer.LAPSED, {"owner": "li"}, None, None, id="somebody else has it by now"),
    ],
)
def test_what_the_answer_means(answer, more, state, told):
    asked = Asked(inquiry=question(), case=case("taken", **more))
    effects = still.answered(asked, answer, scene())
    assert values(effects).get("state") == state
    assert [e.template for e in effects if isinstance(e, Tell)] == ([told] if told else [])


def test_whoever_did_something_need_not_answer_as_well():
    effects = settled(Asked(inquiry=question(), case=case("taken", touched_at=NOW - MINUTE)), Answer.LAPSED, scene())
    assert [type(effect) for effect in effects] == [Answered, Wait]


def test_after_silence_the_owner_is_not_the_first_to_be_asked():
    effects = still.answered(Asked(inquiry=question(), case=case("taken")), Answer.LAPSED, scene())
    climb = next(e for e in effects if isinstance(e, Climb))
    assert climb.plan[0].person == "li"
    assert [e.text for e in effects if isinstance(e, Note) and e.kind == EventKind.RELEASED] == [still.GIVEN_UP]


def test_a_contract_that_changes_counts_the_running_promises_anew():
    given = case("taken", clock("arrive", 0, counts_from=NOW - HOUR), customer_id=5)
    changed = scene(c5=("A-17", ""))
    effects = by_contract(given, changed, before=scene().terms(given.ticket))
    assert [(e.kind.value, e.due - NOW) for e in effects if isinstance(e, MoveClock)] == [("arrive", -30 * MINUTE)]
    assert [e.text for e in effects if isinstance(e, Note)] == [
        "contract - -> A-17",
        "arrive: 2026-11-24 10:00 -> 2026-11-24 09:30 (contract - -> A-17)",
    ]
    assert by_contract(given, changed, before=changed.terms(given.ticket)) == []
    assert by_contract(case("resolved", customer_id=5), changed, before=scene().terms(given.ticket)) == []


def test_another_level_moves_the_repair_as_well_with_a_line_of_history():
    from router.opening import relevelled

    own = clock("resolve", 180, counts_from=NOW - HOUR, paused_seconds=600.0)
    effects = relevelled(case("on_site", own, level=2, customer_id=5), 1, scene(c5=("A-17", "")), by="zhang")
    assert [(e.kind, e.due - NOW) for e in effects if isinstance(e, MoveClock)] == [(ClockKind.RESOLVE, 70 * MINUTE)]
    assert [e.text for e in effects if isinstance(e, Note) and e.kind == EventKind.CLOCK] == [
        "resolve: 2026-11-24 13:00 -> 2026-11-24 11:10 (level 2 -> 1)"
    ]


def test_the_owner_of_a_workaround_is_reminded_after_five_working_days():
    assert holding.eased_again(scene()) == NOW + timedelta(days=7)
