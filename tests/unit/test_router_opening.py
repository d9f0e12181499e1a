"""What a matter causes when it is opened, added to, made worse, and opened again."""

from datetime import UTC, datetime, timedelta

import pytest

from router.case import Case, Scene
from router.duty import on_duty, plan_of
from router.effects import Change, Climb, MoveClock, Note, StartClock, Tell, TellCustomer
from router.opening import joined, ladder, opened, rated, relevelled, reopened
from router.settings import RouterSettings
from store.model import Clock, EventKind, Ticket

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
NAMES = {"zhang": "张三", "li": "李雷", "wang": "王经理", "zhao": "Zhao"}
SETTINGS = RouterSettings.model_validate(
    {
        "time_zone": "Asia/Shanghai",
        "people": {key: {"name": name, "addresses": {"tel": f"+{key}"}} for key, name in NAMES.items()},
        "rota": {"lead": "zhang", "second": "li", "manager": "wang"},
    }
)


def scene(now: datetime = NOW) -> Scene:
    return Scene(now=now, duty=on_duty(plan_of(SETTINGS), NOW), settings=SETTINGS)


def ticket(**more) -> Ticket:
    values = {
        "id": 1,
        "number": 1001,
        "kind": "fault",
        "level": 2,
        "state": "paging",
        "title": "打印机",
        "symptom": "打印机",
        "channel": "sms:main",
        "opened_at": NOW,
        "heard_at": NOW,
        "round": 1,
        "plan_from": NOW,
    }
    return Ticket(**{**values, **more})


def clocks(effects) -> dict[str, timedelta]:
    return {effect.kind.value: effect.due - NOW for effect in effects if isinstance(effect, StartClock | MoveClock)}


def asks(effects) -> list[str]:
    climb = next(effect for effect in effects if isinstance(effect, Climb))
    return [f"{rung.after / 60:g} {rung.person} {rung.by}" for rung in climb.plan]


MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("kind", "level", "promised", "receipt"),
    [
        pytest.param("fault", 1, {"respond": 10 * MINUTE, "arrive": HOUR}, "customer_receipt", id="level 1"),
        pytest.param("fault", 2, {"respond": 15 * MINUTE, "arrive": 2 * HOUR}, "customer_receipt", id="level 2"),
        pytest.param("fault", 3, {"respond": 30 * MINUTE, "arrive": 2 * HOUR}, "customer_receipt", id="level 3"),
        pytest.param("complaint", None, {"answer": DAY}, "customer_receipt_complaint", id="a complaint"),
        pytest.param(
            "emergency_support",
            None,
            {"respond": 10 * MINUTE, "arrive": 4 * HOUR},
            "customer_receipt_emergency",
            id="emergency support",
        ),
        pytest.param("consultation", None, {}, "customer_receipt_question", id="a question"),
        pytest.param("site_visit", None, {}, "customer_receipt_visit", id="a visit"),
        pytest.param("change_request", None, {}, "customer_receipt_change", id="a change"),
    ],
)
def test_what_is_promised_and_said_when_a_matter_is_opened(kind, level, promised, receipt):
    effects = opened(ticket(kind=kind, level=level), scene(), answerable=True)
    said = [effect.template for effect in effects if isinstance(effect, TellCustomer)]
    assert (clocks(effects), said) == (promised, [receipt])


def test_a_machine_is_not_answered():
    effects = opened(ticket(), scene(), answerable=False)
    assert [effect for effect in effects if isinstance(effect, TellCustomer)] == []


@pytest.mark.parametrize(
    ("text", "person"),
    [
        pytest.param("态度太差", "wang", id="nobody named: the manager"),
        pytest.param("张三态度太差", "wang", id="the lead named: the manager"),
        pytest.param("王经理态度太差", "zhang", id="the manager named: the lead"),
        pytest.param("王经理和张三都不来", "li", id="both named: the second"),
        pytest.param("王经理、张三、李雷、Zhao 都不来", "wang", id="everybody named: somebody must know"),
    ],
)
def test_whom_a_complaint_goes_to(text, person):
    assert asks([ladder(ticket(kind="complaint", level=None, symptom=text), scene())]) == [f"0 {person} sms"]


def test_a_name_in_a_fault_changes_nothing():
    assert asks([ladder(ticket(symptom="张三报的打印机"), scene())])[0] == "0 zhang sms"


@pytest.mark.parametrize(
    ("state", "fixed", "told"),
    [
        pytest.param("paging", False, [], id="nobody has it: the ladder goes on"),
        pytest.param("taken", False, ["customer_added"], id="the owner hears it"),
        pytest.param("taken", True, ["customer_fixed"], id="the owner hears that it works"),
        pytest.param("resolved", False, ["customer_added"], id="the last owner hears a chase"),
        pytest.param("resolved", True, [], id="thanks after the fix disturb nobody"),
    ],
)
def test_who_hears_what_a_customer_adds(state, fixed, told):
    owner = None if state == "paging" else "li"
    effects = joined(Case(ticket=ticket(state=state, owner=owner)), scene(), text="词", level=None, fixed=fixed)
    assert [effect.template for effect in effects if isinstance(effect, Tell)] == told


@pytest.mark.parametrize(
    ("kind", "level", "new", "becomes"),
    [
        pytest.param("fault", 3, 1, [1], id="worse"),
        pytest.param("fault", 1, 3, [], id="milder words change nothing"),
        pytest.param("fault", 2, 2, [], id="the same"),
        pytest.param("consultation", None, 1, [1], id="a question that becomes an outage"),
        pytest.param("consultation", None, 3, [], id="a question with an obstacle stays one"),
        pytest.param("complaint", None, 1, [], id="a complaint stays one"),
    ],
)
def test_later_words_of_a_customer_make_a_matter_worse_only(kind, level, new, becomes):
    case = Case(ticket=ticket(kind=kind, level=level))
    effects = joined(case, scene(), text="词", level=new, fixed=False)
    assert [e.values["level"] for e in effects if isinstance(e, Change) and "level" in e.values] == becomes


def respond(**more) -> Clock:
    return Clock(**{"id": 9, "ticket_id": 1, "kind": "respond", "started_at": NOW, "due_at": NOW + 15 * MINUTE, **more})


@pytest.mark.parametrize(
    ("by", "clock", "due"),
    [
        pytest.param("zhang", respond(), {"respond": 10 * MINUTE}, id="the staff correct it: from the report"),
        pytest.param("customer", respond(), {"respond": 12 * MINUTE}, id="the customer adds it: from the adding"),
        pytest.param(
            "zhang",
            respond(started_at=NOW + MINUTE, due_at=NOW + 16 * MINUTE),
            {"respond": 11 * MINUTE},
            id="reopened: from the reopening",
        ),
        pytest.param("zhang", respond(breached_at=NOW + MINUTE), {}, id="broken once is not broken twice"),
    ],
)
def test_from_when_a_new_level_counts(by, clock, due):
    case = Case(ticket=ticket(), clocks=(clock,))
    effects = relevelled(case, 1, scene(NOW + 2 * MINUTE), by=by)
    assert clocks(effects) == due
    assert [e.text for e in effects if isinstance(e, Note) and e.kind == EventKind.LEVEL] == ["2 -> 1"]


def test_reopened_the_last_owner_has_two_minutes_before_the_ladder():
    case = Case(ticket=ticket(level=1, state="resolved", owner="zhao", rating=5))
    effects = reopened(case, scene(), text="还没好")
    assert asks(effects)[:4] == ["0 zhao sms", "1 zhao voice", "2 zhang sms", "3 zhang voice"]
    assert clocks(effects) == {"respond": 10 * MINUTE, "arrive": HOUR}


def test_reopened_by_an_owner_who_leads_the_ladder_is_the_usual_one():
    case = Case(ticket=ticket(level=1, state="resolved", owner="zhang"))
    assert asks(reopened(case, scene(), text="还没好"))[:3] == ["0 zhang sms", "1 zhang voice", "3 zhang sms"]


def test_reopened_an_owner_who_left_is_not_asked():
    case = Case(ticket=ticket(state="resolved", owner="somebody"))
    assert asks(reopened(case, scene(), text="还没好"))[0] == "0 zhang sms"


def test_a_good_rating_is_thanked_and_a_bad_one_told_as_well():
    given = Case(ticket=ticket(state="closed"))
    told = [[type(e).__name__ for e in rated(given, scene(), score)] for score in (5, 2)]
    assert told == [["Change", "Note", "TellCustomer"], ["Change", "Note", "TellCustomer", "Tell"]]


@pytest.mark.parametrize(
    ("score", "state", "becomes"),
    [
        pytest.param(5, "resolved", ["closed"], id="a good rating closes it"),
        pytest.param(3, "resolved", ["closed"], id="a fair one, too"),
        pytest.param(2, "resolved", [], id="a bad one leaves it open to the manager"),
        pytest.param(5, "closed", [], id="what is closed stays so"),
    ],
)
def test_what_a_rating_closes(score, state, becomes):
    effects = rated(Case(ticket=ticket(state=state)), scene(), score)
    assert [e.values["state"] for e in effects if isinstance(e, Change) and "state" in e.values] == becomes
