"""What a text of the staff means when it names no ticket, one, or several."""

from datetime import UTC, datetime, timedelta

import pytest

from router.case import Case, Scene
from router.commands import Command, read
from router.duty import on_duty, plan_of
from router.effects import List, Note, Tell, TellOthers
from router.grammar import Intent
from router.orders import Ordered, Speaker, obey
from router.settings import RouterSettings
from store.model import EventKind, Page, PageState, Ticket

NOW = datetime(2026, 11, 24, 10, 5, tzinfo=UTC)
NAMES = {"zhang": "张三", "li": "李雷", "wang": "王经理", "zhao": "Zhao", "zhaoliu": "赵六"}
SETTINGS = RouterSettings.model_validate(
    {
        "time_zone": "UTC",
        "people": {key: {"name": name, "addresses": {"tel": f"+{key}"}} for key, name in NAMES.items()},
        "rota": {"lead": "zhang", "second": "li", "manager": "wang"},
    }
)
SCENE = Scene(now=NOW, duty=on_duty(plan_of(SETTINGS), NOW), settings=SETTINGS)


def order(text: str) -> Command:
    found = read(text)
    assert isinstance(found, Command)
    return found


def ticket(number: int, **more) -> Ticket:
    values = {
        "id": number,
        "number": number,
        "kind": "fault",
        "level": 3,
        "state": "paging",
        "title": "打印机",
        "site": "东站医院",
        "symptom": "打印机",
        "channel": "sms:main",
        "opened_at": NOW,
        "heard_at": NOW,
        "round": 1,
        "plan_from": NOW,
    }
    return Ticket(**{**values, **more})


def asked(number: int, *, minutes: float = 3, **more) -> Case:
    page = Page(id=number, ticket_id=number, person="zhang", round=1, asked_at=NOW - timedelta(minutes=minutes), **more)
    return Case(ticket=ticket(number), pages=(page,))


def crossed(number: int) -> Case:
    """Somebody else took it half a minute ago."""
    page = Page(
        id=number,
        ticket_id=number,
        person="zhang",
        round=1,
        asked_at=NOW - timedelta(minutes=4),
        ended_at=NOW - timedelta(seconds=30),
        ended_by="li",
        state=PageState.CANCELLED,
    )
    return Case(ticket=ticket(number, state="taken", owner="li", taken_at=NOW - timedelta(seconds=30)), pages=(page,))


def held(number: int) -> Case:
    return Case(ticket=ticket(number, state="taken", owner="zhang", taken_at=NOW - timedelta(minutes=1)))


def speaker(*cases: Case, **more) -> Speaker:
    return Speaker(person="zhang", cases={case.number: case for case in cases}, **more)


def told(ordered: Ordered) -> list[str]:
    effects = [effect for _, some in ordered.on for effect in some] + list(ordered.said)
    return [effect.template for effect in effects if isinstance(effect, Tell) and effect.person == "zhang"]


@pytest.mark.parametrize(
    ("text", "who", "touched", "answers"),
    [
        pytest.param("1", speaker(asked(1001)), [1001], ["taken"], id="the only one asked about"),
        pytest.param("1", speaker(asked(1001), asked(1002)), [], ["which_one"], id="two asked about"),
        pytest.param("1", speaker(), [], ["nothing_open"], id="nothing asked about"),
        pytest.param("1", speaker(crossed(1001)), [1001], ["too_late"], id="taken by another a moment ago"),
        pytest.param("1", speaker(crossed(1001), asked(1002, minutes=0.5)), [], ["which_one"], id="pages that crossed"),
        pytest.param(
            "1", speaker(crossed(1001), asked(1002, minutes=2)), [1002], ["taken"], id="after a minute it is clear"
        ),
        pytest.param(
            "1", speaker(asked(1001), asked(1002), pointed=(1002,)), [1002], ["taken"], id="in the call about it"
        ),
        pytest.param("接单 1002", speaker(asked(1001), asked(1002)), [1002], ["taken"], id="by number"),
        pytest.param(
            "接单 1001 1002", speaker(asked(1001), asked(1002)), [1001, 1002], ["taken_all"], id="by two numbers"
        ),
        pytest.param("接单 1009", speaker(asked(1001)), [], ["unknown_ticket"], id="by a number that is none"),
        pytest.param("2", speaker(asked(1001)), [1001], ["escalated"], id="escalate the one asked about"),
        pytest.param("2", speaker(held(1001)), [1001], ["escalated"], id="escalate the one in hand"),
        pytest.param("2", speaker(asked(1001), asked(1002)), [], ["which_one"], id="escalate: which"),
        pytest.param(
            "2",
            speaker(asked(1001), asked(1002), listed=(1001, 1002)),
            [1001, 1002],
            ["escalated", "escalated"],
            id="escalate the bundle",
        ),
        pytest.param("3", speaker(asked(1001)), [1001], ["snoozed"], id="snooze"),
        pytest.param(
            "9",
            speaker(asked(1001), asked(1002), asked(1003), listed=(1001, 1002)),
            [1001, 1002],
            ["taken_all"],
            id="all that were listed and no newer one",
        ),
        pytest.param(
            "9",
            speaker(asked(1001), asked(1002), asked(1003), listed=(1001, 1002), pointed=(1003,)),
            [1003],
            ["taken_all"],
            id="all that the call told of",
        ),
        pytest.param("9", speaker(held(1001), listed=(1001,)), [], ["taken_all"], id="9 again gives the same answer"),
        pytest.param("9", speaker(crossed(1001), listed=(1001,)), [1001], ["too_late"], id="9 for what others took"),
        pytest.param("9", speaker(held(1002)), [], ["listing"], id="9 without a list"),
        pytest.param("0", speaker(asked(1001), held(1002)), [], ["listing"], id="the list"),
        pytest.param("0", speaker(), [], ["nothing_open"], id="an empty list"),
        pytest.param("解决 1001 换粉盒", speaker(held(1001)), [1001], ["resolved"], id="resolve"),
        pytest.param("解决 1001", speaker(held(1001)), [1001], ["resolve_needs_text"], id="resolve without words"),
        pytest.param("1001 马上到", speaker(held(1001)), [1001], ["reply_sent"], id="words for the customer"),
        pytest.param("备注 1001 缺备件", speaker(held(1001)), [1001], ["noted"], id="a note"),
        pytest.param("级别 1001 1", speaker(held(1001)), [1001], ["level_changed"], id="a level"),
        pytest.param("状态 1001", speaker(held(1001)), [1001], ["status"], id="a status"),
        pytest.param("转 李雷 1001", speaker(held(1001)), [1001], ["transfer_done"], id="a transfer by name"),
        pytest.param("转 zhao 1001", speaker(held(1001)), [1001], ["transfer_done"], id="by key, not by a longer key"),
        pytest.param("转 王五 1001", speaker(held(1001)), [1001], ["who_is_that"], id="to nobody we know"),
        pytest.param("值班", speaker(), [], ["duty"], id="who is on duty"),
        pytest.param("测试", speaker(), [], ["test_ok"], id="a test"),
        pytest.param("帮助", speaker(), [], ["help"], id="help"),
    ],
)
def test_what_a_text_does(text, who, touched, answers):
    ordered = obey(order(text), who, SCENE)
    assert ([number for number, _ in ordered.on], told(ordered)) == (touched, answers)


def test_what_was_asked_which_of_is_remembered_for_9():
    ordered = obey(order("1"), speaker(asked(1001), asked(1002)), SCENE)
    assert [effect for effect in ordered.said if isinstance(effect, List)] == [
        List(person="zhang", numbers=(1001, 1002))
    ]


def test_a_batch_tells_the_others_once():
    ordered = obey(order("9"), speaker(asked(1001), asked(1002), listed=(1001, 1002)), SCENE)
    assert [effect.numbers for effect in ordered.said if isinstance(effect, TellOthers)] == [(1001, 1002)]


def test_a_list_ends_a_number_before_words_that_begin_with_a_digit():
    case = Case(ticket=ticket(1001, site="3号楼", state="taken", owner="zhang"))
    listing = obey(Command(intent=Intent.LIST), speaker(case), SCENE).said[0]
    assert isinstance(listing, Tell)
    assert listing.variables["lines"] == "1001-3号楼"


def test_a_word_that_bars_the_phone_alarms_the_manager_and_is_not_answered():
    ordered = obey(order("TD"), speaker(), SCENE)
    assert [
        (type(effect), getattr(effect, "person", effect.kind if isinstance(effect, Note) else ""))
        for effect in ordered.said
    ] == [
        (Note, EventKind.ALARM),
        (Tell, "wang"),
    ]
