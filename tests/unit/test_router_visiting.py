"""What orders and answers about visits cause, and why they do not."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from router import moves, onsite, visiting
from router.case import Case, Scene
from router.commands import Command, NotUnderstood, read
from router.duty import on_duty, plan_of
from router.effects import Announce, Change, SendOnSite, SetVisit, StartClock, Tell, TellCustomer
from router.grammar import Intent
from router.inquiries import Asked, settled, stale
from router.settings import RouterSettings
from store.model import Answer, Inquiry, Ticket, Visit, VisitState

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
NAMES = {"zhang": "张三", "li": "李雷", "zhao": "赵六"}
SETTINGS = RouterSettings.model_validate(
    {
        "time_zone": "UTC",
        "people": {key: {"name": name, "addresses": {"tel": f"+{key}"}} for key, name in NAMES.items()},
        "rota": {"lead": "zhang"},
    }
)
SCENE = Scene(now=NOW, duty=on_duty(plan_of(SETTINGS), NOW), settings=SETTINGS)
CODE = visiting.digest(7, "4821")


def case(*visits: Visit, **more) -> Case:
    values = {"id": 1, "number": 1042, "kind": "fault", "level": 1, "channel": "sms:main", "title": "断电"}
    values |= {"opened_at": NOW, "heard_at": NOW, "state": "taken", "owner": "zhang", "symptom": "断电", "round": 1}
    return Case(ticket=Ticket(**{**values, **more}), visits=visits)


def visit(state: VisitState = VisitState.ACCEPTED, engineer: str | None = "li", **more) -> Visit:
    return Visit(**{"id": 7, "ticket_id": 1, "created_at": NOW, "by": "zhang", **more}, state=state, engineer=engineer)


def asked(one: Case, person: str = "li", about: int = 7, **more) -> Asked:
    values = {"id": 3, "kind": "visit", "person": person, "ticket_id": 1, "about": about, "round": 1}
    return Asked(inquiry=Inquiry(**{**values, "asked_at": NOW, "until": NOW, **more}), case=one)


def of(effects, kind: type) -> list[Any]:
    return [effect for effect in effects if isinstance(effect, kind)]


def answers(effects) -> list[str]:
    return [tell.template for tell in of(effects, Tell) if tell.answer]


def states(effects) -> list[str]:
    return [one.values["state"] for one in of(effects, SetVisit) if "state" in one.values]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("派 张三 1042", (Intent.DISPATCH, 1042, "张三", None, None)),
        ("派张三去1042", (Intent.DISPATCH, 1042, "张三", None, None)),
        ("派 1042 张三", (Intent.DISPATCH, 1042, "张三", None, None)),
        ("派 1042", (Intent.DISPATCH, 1042, None, None, None)),
        ("dispatch zhang to 1042", (Intent.DISPATCH, 1042, "zhang", None, None)),
        ("出发 1042 40", (Intent.LEAVE, 1042, None, 40, None)),
        ("出发 1042 一个半小时", (Intent.LEAVE, 1042, None, 90, None)),
        ("出发 1042 3", (Intent.LEAVE, 1042, None, 3, None)),
        ("on the way 1042 40 min", (Intent.LEAVE, 1042, None, 40, None)),
        ("出发了", (Intent.LEAVE, None, None, None, None)),
        ("确认码 1042 4821", (Intent.PROVE, 1042, None, None, "4821")),
        ("code 1042 0821", (Intent.PROVE, 1042, None, None, "0821")),
        ("确认码 4821", (Intent.PROVE, 4821, None, None, None)),
    ],
)
def test_orders_about_visits_are_read(text, expected) -> None:
    found = read(text)
    assert isinstance(found, Command)
    assert (found.intent, found.number, found.person, found.minutes, found.text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "派人过来",
        "派出所来人了",
        "派送中",
        "派小王过去",
        "在路上了，大概40分钟",
        "on the way to the office",
        "code red",
    ],
)
def test_words_about_going_that_are_no_order_stay_words(text) -> None:
    assert not isinstance(read(text), Command | NotUnderstood)


@pytest.mark.parametrize(
    ("name", "found"),
    [("李雷", ["li"]), ("li", ["li"]), ("LI", ["li"]), ("李", ["li"]), ("王", []), ("", [])],
)
def test_a_name_means_whom_it_names(name, found) -> None:
    assert visiting.meant(name, SCENE) == found


def test_level_one_has_ten_minutes_to_accept_and_all_else_thirty() -> None:
    untils = [of(visiting.send(case(level=level), "zhang", "li", SCENE), SendOnSite)[0].until for level in (1, 2, None)]
    assert untils == [NOW + timedelta(minutes=minutes) for minutes in (10, 30, 30)]


def test_the_wish_of_the_customer_is_the_visit_that_is_sent() -> None:
    wish = visit(VisitState.ASKED, None, place="滨江", contact="李工")
    (sent,) = of(visiting.send(case(wish), "zhang", "li", SCENE), SendOnSite)
    assert (sent.visit, sent.details["contact"]) == (7, "李工")


def test_after_a_no_the_next_visit_keeps_what_the_customer_wished() -> None:
    (sent,) = of(visiting.send(case(visit(VisitState.DECLINED, contact="李工")), "zhang", "zhao", SCENE), SendOnSite)
    assert (sent.visit, sent.details["contact"]) == (None, "李工")


@pytest.mark.parametrize(
    ("one", "by", "to", "answer"),
    [
        pytest.param(case(), "zhang", "li", "visit_sent", id="asked"),
        pytest.param(case(), "zhang", "zhang", "visit_noted", id="oneself need not be asked"),
        pytest.param(case(visit(VisitState.SENT)), "zhang", "li", "visit_already", id="asked before"),
        pytest.param(case(state="resolved"), "zhang", "li", "already_settled", id="settled"),
        pytest.param(
            case(kind="complaint", title="投诉李雷", symptom=""),
            "zhang",
            "li",
            "no_right",
            id="the complaint names them",
        ),
    ],
)
def test_who_may_be_sent(one, by, to, answer) -> None:
    assert answers(visiting.send(one, by, to, SCENE)) == [answer]


def test_a_ticket_that_nobody_has_is_taken_by_the_one_who_sends() -> None:
    effects = visiting.send(case(state="paging", owner=None), "zhang", "li", SCENE)
    assert of(effects, Change)[0].values["owner"] == "zhang"
    assert answers(effects) == ["visit_sent"]


@pytest.mark.parametrize(
    ("answer", "state", "told"),
    [
        (Answer.YES, "accepted", ["visit_accepted"]),
        (Answer.NO, "declined", ["visit_declined"]),
        (Answer.LAPSED, "declined", ["visit_declined"]),
    ],
)
def test_an_answer_goes_to_who_sent_them_and_silence_is_a_no(answer, state, told) -> None:
    effects = settled(asked(case(visit(VisitState.SENT))), answer, SCENE)
    assert (states(effects), [t.template for t in of(effects, Tell) if not t.answer]) == ([state], told)
    assert bool(of(effects, Announce)) == (answer is Answer.YES)


def test_sender_and_owner_both_hear_and_one_person_hears_once() -> None:
    one = case(visit(VisitState.SENT, by="zhao"))
    effects = visiting.answered(asked(one), Answer.NO, SCENE)
    assert [tell.person for tell in of(effects, Tell) if not tell.answer] == ["zhao", "zhang"]


@pytest.mark.parametrize("state", [VisitState.CALLED_OFF, VisitState.ON_THE_WAY, VisitState.DONE])
def test_an_answer_that_comes_too_late_changes_nothing(state) -> None:
    effects = visiting.answered(asked(case(visit(state))), Answer.YES, SCENE)
    assert (of(effects, SetVisit), answers(effects)) == ([], ["already_settled"])


def test_the_question_stands_when_the_ticket_goes_to_somebody_else() -> None:
    assert not stale(asked(case(visit(VisitState.SENT), round=2)))
    assert stale(asked(case(visit(VisitState.SENT), round=2), kind="still"))
    assert stale(asked(case(visit(VisitState.SENT), state="resolved")))


@pytest.mark.parametrize(
    ("one", "minutes", "customer"),
    [
        pytest.param(case(visit()), None, ["customer_on_the_way"], id="sent"),
        pytest.param(case(visit()), 40, ["customer_on_the_way_in"], id="with minutes"),
        pytest.param(case(), 40, ["customer_on_the_way_in"], id="of one's own accord"),
        pytest.param(case(visit(VisitState.ON_THE_WAY)), None, [], id="said twice"),
        pytest.param(case(visit(VisitState.ON_THE_WAY)), 20, ["customer_on_the_way_in"], id="later than said"),
        pytest.param(case(visit(VisitState.ARRIVED)), 20, [], id="there already"),
        pytest.param(case(visit(VisitState.SENT)), None, ["customer_on_the_way"], id="to go is to accept"),
    ],
)
def test_the_customer_hears_once_who_is_on_the_way(one, minutes, customer) -> None:
    effects = visiting.leave(one, "li", SCENE, minutes=minutes)
    assert [tell.template for tell in of(effects, TellCustomer)] == customer


@pytest.mark.parametrize(
    ("one", "code", "answer", "tries"),
    [
        pytest.param(visit(code_digest=CODE), "4821", "code_right", None, id="right"),
        pytest.param(visit(code_digest=CODE), "4822", "code_wrong", 1, id="wrong"),
        pytest.param(visit(code_digest=CODE, tries=4), "4822", "code_locked", 5, id="wrong for the last time"),
        pytest.param(visit(code_digest=CODE, tries=5), "4821", "code_locked", None, id="right, too late"),
        pytest.param(visit(code_digest=CODE, proof="code"), "1111", "code_right", None, id="proved before"),
        pytest.param(visit(VisitState.DONE, code_digest=CODE), "4821", "code_right", None, id="after the work"),
        pytest.param(visit(), "4821", "code_none", None, id="none was told"),
        pytest.param(visit(code_digest=CODE), "", "code_needed", None, id="not given"),
        pytest.param(visit(VisitState.DECLINED, code_digest=CODE), "4821", "code_none", None, id="never went"),
    ],
)
def test_a_code_is_counted_and_compared(one, code, answer, tries) -> None:
    effects = visiting.prove(case(one), "li", code, SCENE)
    assert answers(effects) == [answer]
    assert [e.values["tries"] for e in of(effects, SetVisit) if "tries" in e.values] == ([tries] if tries else [])


def test_the_code_of_one_visit_is_not_that_of_another() -> None:
    assert visiting.digest(7, "4821") != visiting.digest(8, "4821")


def test_an_arrival_is_written_into_the_visit_and_starts_the_clock_once() -> None:
    first = moves.arrive(case(visit()), "li", SCENE, how="position", position="30.1,120.1,5")
    values = of(first, SetVisit)[0].values
    assert (values["arrived_by"], values["position"], values["arrived_at"]) == ("position", "30.1,120.1,5", NOW)
    assert len(of(first, StartClock)) == 1
    second = moves.arrive(case(visit(), state="on_site", arrived_at=NOW - timedelta(minutes=9)), "li", SCENE)
    assert (states(second), of(second, StartClock)) == (["arrived"], [])
    third = moves.arrive(case(visit(VisitState.ARRIVED), state="on_site", arrived_at=NOW), "li", SCENE)
    assert of(third, SetVisit) == []


def test_who_goes_for_somebody_else_does_not_arrive_for_them() -> None:
    assert onsite.arrived(case(visit()), "zhang", SCENE) == []


@pytest.mark.parametrize(
    ("one", "by", "state", "told"),
    [
        pytest.param(visit(VisitState.ARRIVED), "zhang", "done", [], id="was there"),
        pytest.param(visit(VisitState.ON_THE_WAY), "li", "done", [], id="solves without a word of arriving"),
        pytest.param(visit(VisitState.ON_THE_WAY), "zhang", "called_off", ["visit_off"], id="solved without them"),
        pytest.param(visit(VisitState.ASKED, None), "zhang", "called_off", [], id="nobody was sent"),
    ],
)
def test_a_repair_ends_every_visit(one, by, state, told) -> None:
    effects = moves.resolve(case(one), by, SCENE, text="换模块")
    assert (states(effects), [t.template for t in of(effects, Tell) if not t.answer]) == ([state], told)


def test_the_second_line_takes_over_from_who_was_there_and_not_from_who_comes() -> None:
    there, coming = visit(VisitState.ARRIVED), visit(VisitState.ON_THE_WAY, "zhao", id=8)
    effects = onsite.handed_on(case(there, coming), "li", "主板坏", SCENE)
    assert [(e.visit, e.values["state"], e.values["report"]) for e in of(effects, SetVisit)] == [
        (7, "second_line", "主板坏")
    ]


@pytest.mark.parametrize(
    ("one", "reminded"),
    [
        pytest.param(case(visit(VisitState.ASKED, None, wanted_at=NOW)), ["zhang"], id="nobody was sent"),
        pytest.param(
            case(visit(VisitState.ASKED, None, wanted_at=NOW), owner=None, state="paging"), ["zhang"], id="lead"
        ),
        pytest.param(case(visit(VisitState.SENT, wanted_at=NOW)), [], id="somebody was"),
        pytest.param(case(visit(VisitState.DECLINED, wanted_at=NOW)), ["zhang"], id="who was sent does not go"),
        pytest.param(case(visit(VisitState.ASKED, None, wanted_at=NOW), state="resolved"), [], id="settled"),
        pytest.param(case(visit(VisitState.ASKED, None, wanted_at=NOW), arrived_at=NOW), [], id="somebody is there"),
    ],
)
def test_a_wish_is_brought_to_mind_while_nobody_goes(one, reminded) -> None:
    assert [tell.person for tell in of(visiting.overdue(one, 7, SCENE), Tell)] == reminded
