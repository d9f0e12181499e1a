"""What the pages show: tickets in, rows and words out."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from jinja2 import Environment, meta, nodes

import gateway.web
from gateway.web.history import line, sheet
from gateway.web.questions import Whole
from gateway.web.view import Eye, allowed, board, left, masked, row, span
from gateway.web.words import LEVELS, NAMED, PLAIN, STATES, Words, preferred
from gateway.web.words_plain import SANDBOX
from store.model import (
    Attempt,
    Clock,
    ClockKind,
    Event,
    EventKind,
    Kind,
    Message,
    MessageState,
    Page,
    PageState,
    Ticket,
    TicketState,
)

NOW = datetime(2026, 11, 24, 19, 12, tzinfo=UTC)
TEMPLATES = Path(gateway.web.__file__).parent / "templates"


def eye(language: str = "en") -> Eye:
    return Eye(
        words=Words(language),
        zone=ZoneInfo("Asia/Shanghai"),
        now=NOW,
        names={"zhang": "张三", "li": "李雷"},
        method={"sms:main": "sms", "phone:main": "voice", "email:support": "mail"},
        addresses={"+8613800000101": "张三"},
    )


def ticket(**values) -> Ticket:
    given = {
        "id": 1,
        "number": 1042,
        "kind": Kind.FAULT,
        "level": 1,
        "state": TicketState.PAGING,
        "title": "rack without power",
        "site": "Binjiang",
        "channel": "sms:main",
        "reply_to": "+8613900000001",
        "opened_at": NOW,
        "heard_at": NOW,
        "version": 3,
    }
    return Ticket(**{**given, **values})


def clock(kind: ClockKind, minutes: float, *, stopped: bool = False, ticket_id: int = 1) -> Clock:
    due = NOW + timedelta(minutes=minutes)
    return Clock(
        id=int(minutes), ticket_id=ticket_id, kind=kind, started_at=NOW, due_at=due, stopped_at=NOW if stopped else None
    )


@pytest.mark.parametrize(
    ("clocks", "expected"),
    [
        pytest.param([], None, id="without a promise nothing runs"),
        pytest.param([clock(ClockKind.RESPOND, 8)], ("Respond", "8 min left", "calm"), id="time enough"),
        pytest.param([clock(ClockKind.RESPOND, 4)], ("Respond", "4 min left", "soon"), id="soon"),
        pytest.param([clock(ClockKind.RESPOND, -3)], ("Respond", "3 min over", "over"), id="too late"),
        pytest.param(
            [clock(ClockKind.RESPOND, 2, stopped=True), clock(ClockKind.ARRIVE, 118)],
            ("Arrive", "1 h 58 min left", "calm"),
            id="a stopped promise counts no more",
        ),
        pytest.param(
            [clock(ClockKind.ARRIVE, 60), clock(ClockKind.RESPOND, 10)],
            ("Respond", "10 min left", "calm"),
            id="the nearest of two",
        ),
    ],
)
def test_the_time_left_is_that_of_the_nearest_running_promise(clocks, expected) -> None:
    shown = left(clocks, eye())
    assert (shown and (shown.kind, shown.text, shown.tone)) == expected


@pytest.mark.parametrize(
    ("minutes", "zh", "en"),
    [
        pytest.param(0.5, "0 分", "0 min", id="under a minute"),
        pytest.param(59, "59 分", "59 min", id="minutes"),
        pytest.param(118, "1 小时 58 分", "1 h 58 min", id="hours"),
        pytest.param(60 * 50, "2 天 2 小时", "2 d 2 h", id="days"),
    ],
)
def test_a_length_of_time_names_the_two_units_that_matter(minutes, zh, en) -> None:
    length = timedelta(minutes=minutes)
    assert (span(length, Words("zh")), span(length, Words("en"))) == (zh, en)


def test_a_row_tells_level_and_state_by_shape_and_word() -> None:
    shown = row(ticket(state=TicketState.TAKEN, owner="li"), [], eye("zh"))
    assert (shown.level, shown.state, shown.channel, shown.owner) == (("▲", "一级"), ("◐", "已接单"), "短信", "李雷")


def test_what_is_no_fault_is_named_by_its_kind() -> None:
    assert row(ticket(kind=Kind.COMPLAINT, level=None), [], eye()).level == ("·", "complaint")


def test_the_board_adds_up_what_waits_what_is_held_and_what_is_late() -> None:
    tickets = [
        ticket(id=1, number=1),
        ticket(id=2, number=2, state=TicketState.ON_SITE, owner="li"),
        ticket(id=3, number=3, state=TicketState.RESOLVED),
    ]
    laid = board(tickets, [clock(ClockKind.RESPOND, -1), clock(ClockKind.RESOLVE, 9, ticket_id=2)], eye())
    assert [r.number for r in laid.rows] == [1, 2, 3]
    assert (laid.paging, laid.held, laid.late) == (1, 1, 1)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        pytest.param("+8613800000101", "+86138****0101", id="a mobile number"),
        pytest.param("zhang.san@example.com", "zh***@example.com", id="a mailbox"),
        pytest.param("12345", "12345", id="a service number is no secret"),
    ],
)
def test_an_address_is_masked_where_others_may_look(address, shown) -> None:
    assert masked(address) == shown


@pytest.mark.parametrize(
    ("state", "first"),
    [
        pytest.param(TicketState.PAGING, "take", id="a waiting one is taken"),
        pytest.param(TicketState.TAKEN, "arrive", id="a taken one is gone to"),
        pytest.param(TicketState.ON_SITE, "release", id="on site it may be given back"),
        pytest.param(TicketState.CLOSED, "reply", id="a closed one may still be answered"),
    ],
)
def test_only_moves_that_the_state_has_room_for_are_offered(state, first) -> None:
    assert allowed(ticket(state=state))[0] == first


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        pytest.param(
            Event(id=1, at=NOW, kind=EventKind.PAGE, text="P1 1042", more={"to": "zhang", "by": "sms"}),
            ("page", "System", "to 张三 by text", "P1 1042"),
            id="a page names who and how",
        ),
        pytest.param(
            Event(id=1, at=NOW, kind=EventKind.TAKEN, actor="li", more={"by": "web"}),
            ("taken", "李雷", "page", ""),
            id="a move names who made it and where",
        ),
        pytest.param(
            Event(id=1, at=NOW, kind=EventKind.RECEIPT, text="delivered", more={"to": "+8613800000101", "by": "sms"}),
            ("receipt", "System", "to 张三 by text", "delivered"),
            id="a receipt names the person behind the number",
        ),
        pytest.param(
            Event(id=1, at=NOW, kind=EventKind.BREACH, text="arrive"),
            ("promise broken", "System", "", "Arrive"),
            id="a breach names the promise",
        ),
        pytest.param(
            Event(id=1, at=NOW, kind="of tomorrow", text="?"),
            ("of tomorrow", "System", "", "?"),
            id="an unknown kind is shown as it is",
        ),
    ],
)
def test_a_line_of_history_says_what_who_how_and_why(event, expected) -> None:
    shown = line(event, eye())
    assert (shown.what, shown.who, shown.way, shown.text) == expected


def test_the_sheet_shows_deliveries_with_attempts_pages_and_promises() -> None:
    customer = Message(
        id=1,
        direction="in",
        channel="sms:main",
        key="a",
        state="judged",
        at=NOW,
        sender="+86139",
        text="no power",
        whole="no power\n> old",
    )
    staff = Message(
        id=2, direction="in", channel="sms:main", key="b", state="judged", at=NOW, text="1", verdict={"staff": "zhang"}
    )
    page = Message(
        id=3,
        direction="out",
        channel="sms:main",
        key="c",
        state=MessageState.DELIVERED,
        at=NOW,
        recipient="+86138",
        text="P1",
        provider_id="SM1",
    )
    tries = [
        Attempt(id=1, message_id=3, number=1, destination="sms:main", started_at=NOW, outcome="later", reason="503"),
        Attempt(id=2, message_id=3, number=2, destination="sms:main", started_at=NOW, outcome="sent"),
    ]
    asked = Page(id=1, ticket_id=1, person="zhang", asked_at=NOW, state=PageState.ACKED, ended_at=NOW, ended_by="zhang")
    laid = sheet(
        Whole(
            ticket=ticket(doubt=2, reasons=["paralysed"], confidence=0.954),
            messages=[customer, staff, page],
            pages=[asked],
            clocks=[clock(ClockKind.RESPOND, 10, stopped=True)],
            attempts=tries,
        ),
        eye(),
    )
    assert [(one.text, one.whole) for one in laid.said] == [("no power", "no power\n> old")]
    assert [(one.state, one.receipt, one.tries) for one in laid.sent] == [
        ("delivered", "SM1", ("try 1 03:12:00 again later 503", "try 2 03:12:00 sent"))
    ]
    assert [(one.person, one.answer, one.open) for one in laid.asked] == [("张三", "taken (张三 03:12:00)", False)]
    assert [(one.kind, one.due, one.status) for one in laid.promises] == [
        ("Respond", "03:22:00", "Stopped 03:12:00, 10 min to spare")
    ]
    assert (laid.doubt, laid.confidence, laid.reasons) == ("Level 2", "95%", ("paralysed",))


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        pytest.param("", "zh", id="nothing asked"),
        pytest.param("en-GB,en;q=0.9", "en", id="English"),
        pytest.param("zh-CN,zh;q=0.9,en;q=0.8", "zh", id="Chinese first"),
        pytest.param("de,en;q=0.5", "en", id="the nearest that we have"),
        pytest.param("en;q=rubbish, zh;q=0.1", "zh", id="a broken quality counts nothing"),
    ],
)
def test_the_language_is_the_one_the_browser_prefers(accept, language) -> None:
    assert preferred(accept) == language


def test_every_word_stands_in_both_languages() -> None:
    pairs = {**PLAIN, **NAMED, **SANDBOX}
    assert [key for key, words in pairs.items() if not all(words)] == []
    assert [key for key, (zh, en) in pairs.items() if fields(zh) != fields(en)] == []
    assert [words for words in (*STATES.values(), *LEVELS.values()) if not all(words)] == []


def fields(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


@pytest.mark.parametrize(
    ("group", "values"),
    [
        pytest.param("event", EventKind, id="events"),
        pytest.param("clock", ClockKind, id="clocks"),
        pytest.param("page", PageState, id="pages"),
        pytest.param("message", MessageState, id="messages"),
        pytest.param("kind", Kind, id="kinds"),
    ],
)
def test_every_stored_value_has_a_word(group, values) -> None:
    assert [value for value in values if f"{group}.{value}" not in NAMED] == []
    assert set(STATES) == set(TicketState)


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.name)
def test_a_template_holds_no_words_of_its_own(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    parsed = Environment(autoescape=True).parse(source)
    assert meta.find_undeclared_variables(parsed) or "lead_expired" in path.name
    text = "".join(data.data for data in parsed.find_all(nodes.TemplateData))
    bare = re.sub(r"<[^<>]*>|&\w+;", " ", re.sub(r"(?s)<(style|script)[^>]*>.*?</\1>", "", text))
    assert re.findall(r"[^\W\d_]{2,}", re.sub(r"<[^>]*$|^[^<]*>", "", bare)) == []


def test_the_sheet_shows_what_was_read_out_of_the_words_of_the_customer() -> None:
    said = "portal says error 503 to all 40 agents. please fix it by 5pm today, call 020 7946 0018"
    given = Message(id=1, direction="in", channel="sms:main", key="k", state=MessageState.JUDGED, at=NOW, text=said)
    told = dict(sheet(Whole(ticket=ticket(), messages=[given]), eye()).told)
    assert {name: told[name] for name in ("People hit", "Call back", "Error codes")} == {
        "People hit": "40 agents",
        "Call back": "02079460018",
        "Error codes": "error 503",
    }
    assert told["Wanted by"].startswith("by 5pm today")
