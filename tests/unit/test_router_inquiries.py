"""Which question of several a reply answers, and that silence is an answer too."""

from datetime import UTC, datetime, timedelta

import pytest

from router.case import Case, Scene
from router.commands import Command, read
from router.duty import on_duty, plan_of
from router.effects import Answered, Note, Tell
from router.inquiries import Asked, Meant, meant, settled, stale
from router.settings import RouterSettings
from store.model import Answer, EventKind, Inquiry, Page, Ticket

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
SETTINGS = RouterSettings.model_validate(
    {"people": {"zhang": {"name": "张三", "addresses": {"tel": "+1"}}}, "rota": {"lead": "zhang"}}
)
SCENE = Scene(now=NOW, duty=on_duty(plan_of(SETTINGS), NOW), settings=SETTINGS)


def case(number: int, *, owner: str | None = None, paged: float | None = None, **more) -> Case:
    state = "taken" if owner else "paging"
    values = {"kind": "fault", "level": 1, "channel": "sms:main", "opened_at": NOW, "heard_at": NOW, "round": 1}
    ticket = Ticket(id=number, number=number, owner=owner, **{"state": state, **values, **more})
    at = NOW - timedelta(minutes=paged or 0)
    pages = () if paged is None else (Page(id=1, ticket_id=number, person="zhang", round=1, asked_at=at),)
    return Case(ticket=ticket, pages=pages)


def asked(kind: str, ident: int = 1, *, about: Case | None = None, minutes: float = 10) -> Asked:
    inquiry = Inquiry(
        id=ident,
        kind=kind,
        person="zhang",
        ticket_id=about.ticket.id if about else None,
        round=1,
        asked_at=NOW - timedelta(minutes=minutes),
        until=NOW,
    )
    return Asked(inquiry=inquiry, case=about)


MINE = case(1042, owner="zhang")
DRILL, HANDOVER, STILL = asked("drill", 1), asked("handover", 2), asked("still", 3, about=MINE)
SWAP, WAITING = asked("swap", 5, minutes=31), asked("handover", 6, minutes=31)
VISIT = asked("visit", 4, about=case(1043, owner="li"))
OLD, FRESH = case(1050, paged=9.5), case(1051, paged=3)


@pytest.mark.parametrize(
    ("text", "inquiries", "pages", "expected"),
    [
        pytest.param("1", [DRILL], [], (1, "yes"), id="1 answers the only question"),
        pytest.param("2", [HANDOVER], [], (2, "no"), id="2 is no"),
        pytest.param("收到", [HANDOVER], [], (2, "yes"), id="in a word"),
        pytest.param("接班", [DRILL, HANDOVER, STILL], [FRESH], (2, "yes"), id="a word for one kind finds it"),
        pytest.param("测试", [DRILL, HANDOVER], [FRESH], (1, "yes"), id="test answers the drill"),
        pytest.param("同意", [DRILL, HANDOVER], [], (2, "yes"), id="to agree is no answer to a drill"),
        pytest.param("拒绝", [VISIT], [FRESH], (4, "no"), id="to refuse is never about a page"),
        pytest.param("1", [DRILL, HANDOVER], [], "which", id="two questions"),
        pytest.param("1 1042", [DRILL, STILL], [FRESH], (3, "yes"), id="the number of its ticket"),
        pytest.param("上报 1042", [STILL], [], None, id="whoever has the ticket passes it on"),
        pytest.param("2 1043", [VISIT], [], (4, "no"), id="whoever was asked to go says no"),
        pytest.param("1", [DRILL], [FRESH], None, id="a page that came later is meant"),
        pytest.param("1", [DRILL], [OLD], "which", id="a page of the same minute may be meant"),
        pytest.param("2", [DRILL], [OLD], None, id="2 passes a page on rather than answering a question"),
        pytest.param("到场 1042", [STILL], [], None, id="other orders are no answers"),
        pytest.param("1 1099", [STILL], [], None, id="another ticket"),
        pytest.param("2", [asked("swap", 5, minutes=30)], [], (5, "no"), id="half an hour later 2 is still no"),
        pytest.param("2", [SWAP], [], None, id="later 2 refuses no swap"),
        pytest.param("1", [WAITING], [], None, id="later 1 takes over no duty"),
        pytest.param("拒绝", [SWAP, WAITING][:1], [FRESH], (5, "no"), id="a word refuses a swap however late"),
        pytest.param("接班", [SWAP, WAITING], [FRESH], (6, "yes"), id="a word takes over however late"),
        pytest.param("1", [SWAP, STILL], [], (3, "yes"), id="the question of a ticket is not doubted for an old one"),
        pytest.param("1", [asked("drill", minutes=31)], [], (1, "yes"), id="a drill keeps its digit"),
        pytest.param("1", [], [FRESH], None, id="nothing was asked"),
    ],
)
def test_what_a_reply_answers(text, inquiries, pages, expected):
    command = read(text)
    assert isinstance(command, Command)
    found = meant(command, inquiries, pages=pages, pointed=None, now=NOW)
    if isinstance(found, Meant):
        assert (found.asked.inquiry.id, found.answer) == expected
    else:
        assert ("which" if found else None) == expected


def test_the_way_of_the_reply_points_at_its_question():
    command = read("1")
    assert isinstance(command, Command)
    found = meant(command, [DRILL, HANDOVER], pages=[FRESH], pointed=1, now=NOW)
    assert found == Meant(asked=DRILL, answer=Answer.YES)


def test_an_answer_is_kept_with_who_gave_it_and_thanked():
    effects = settled(DRILL, Answer.YES, SCENE)
    assert effects[0] == Answered(inquiry=1, answer=Answer.YES, by="zhang")
    assert [e.kind for e in effects if isinstance(e, Note)] == [EventKind.ANSWERED]
    assert [e.template for e in effects if isinstance(e, Tell)] == ["test_ok"]


def test_silence_is_kept_as_nobodys_answer():
    effects = settled(DRILL, Answer.LAPSED, SCENE)
    assert effects[0] == Answered(inquiry=1, answer=Answer.LAPSED, by="")
    assert not [e for e in effects if isinstance(e, Tell)]


@pytest.mark.parametrize(
    ("question", "void"),
    [
        pytest.param(STILL, False, id="the ticket stands as it did"),
        pytest.param(asked("still", about=case(1042, state="resolved")), True, id="it was settled"),
        pytest.param(asked("still", about=case(1042, owner="zhang", round=2)), True, id="it went round again"),
        pytest.param(DRILL, False, id="a question about no ticket"),
    ],
)
def test_a_question_about_a_ticket_that_went_on_is_void(question, void):
    assert stale(question) is void
