"""Which of several matters is meant: the lean of words, the margin of doubt, and what answers a question."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from router.doubt import answered, clearly, likeness, rivals, worth_a_word
from router.matter import Join, Known, Limits, Said, meant, place
from store.model import Kind, Ticket

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
LIMITS = Limits(reopen_within=timedelta(hours=24), burst=timedelta(minutes=2))


def ticket(number: int, symptom: str, **more: Any) -> Ticket:
    values = {
        "id": number,
        "number": number,
        "kind": Kind.FAULT,
        "level": 3,
        "state": "taken",
        "title": symptom,
        "site": "",
        "symptom": symptom,
        "contact_id": 7,
        "channel": "sms:main",
        "opened_at": NOW - timedelta(hours=2),
        "heard_at": NOW - timedelta(hours=1),
    }
    return Ticket(**{**values, **more})


PRINTER = ticket(1001, "东站医院3号楼打印机坏了，一直卡纸", site="东站医院")
NETWORK = ticket(1002, "东站收费站网络断断续续", site="东站收费站")
PRINTER_5 = ticket(1003, "东站医院5号楼打印机坏了", site="东站医院")
ENGLISH = ticket(1004, "The label printer on dock 3 prints nothing")
VPN = ticket(1005, "VPN drops every ten minutes for all of us")


def said(text: str, site: str = "", **more: Any) -> Said:
    given: dict[str, Any] = {"subject": None, "kind": Kind.FOLLOWUP, "level": None, "contact_id": 7, "at": NOW}
    return Said(text=text, site=site, **{**given, **more})


@pytest.mark.parametrize(
    ("text", "matters", "meant_one"),
    [
        pytest.param("打印机修得怎么样了", (PRINTER, NETWORK), 1001, id="it names the device"),
        pytest.param("网络还是断", (PRINTER, NETWORK), 1002, id="it names the system"),
        pytest.param("5号楼的好了没", (PRINTER, PRINTER_5), 1003, id="it names the number of the building"),
        pytest.param("any news on the label printer?", (ENGLISH, VPN), 1004, id="in English"),
        pytest.param("the vpn still drops", (ENGLISH, VPN), 1005, id="in English, the other"),
        pytest.param("还没好吗", (PRINTER, NETWORK), None, id="it names nothing"),
        pytest.param("any news?", (ENGLISH, VPN), None, id="it names nothing in English"),
        pytest.param("打印机怎么样了", (PRINTER, PRINTER_5), None, id="both are printers"),
        pytest.param("还没好吗", (PRINTER,), 1001, id="there is but one"),
        pytest.param("还没好吗", (), None, id="there is none"),
    ],
)
def test_the_matter_to_which_words_lean(text: str, matters: tuple[Ticket, ...], meant_one: int | None) -> None:
    found = clearly(said(text), matters)
    assert (found.number if found else None) == meant_one


@pytest.mark.parametrize(
    ("text", "site", "numbers"),
    [
        pytest.param("还没好吗", "", (1002, 1001), id="about equally"),
        pytest.param("打印机好了没", "", (), id="the words decide"),
        pytest.param("东站医院的还没好吗", "东站医院", (), id="the site decides"),
        pytest.param("5号楼还没好吗", "", (), id="another device is named than that of one"),
    ],
)
def test_the_matters_between_which_words_do_not_decide(text: str, site: str, numbers: tuple[int, ...]) -> None:
    assert tuple(t.number for t in rivals(said(text, site), (NETWORK, PRINTER))) == numbers


@pytest.mark.parametrize(
    ("known", "numbers"),
    [
        pytest.param(Known(own=(NETWORK, PRINTER)), (1002, 1001), id="two open matters"),
        pytest.param(Known(own=(NETWORK,)), (), id="one"),
        pytest.param(Known(own=(NETWORK, ticket(9, "打印机坏了", state="closed"))), (), id="one open, one settled"),
        pytest.param(Known(own=(NETWORK, PRINTER), numbered=(PRINTER,)), (), id="a number"),
        pytest.param(Known(own=(NETWORK, PRINTER), referred=(PRINTER,)), (), id="a reply"),
    ],
)
def test_only_open_matters_without_stronger_evidence_are_in_doubt(known: Known, numbers: tuple[int, ...]) -> None:
    placed = place(said("还没好吗"), known, LIMITS)
    assert isinstance(placed, Join)
    assert tuple(t.number for t in placed.rivals) == numbers


CHOICES = [(1002, f"{NETWORK.title} {NETWORK.symptom}"), (1001, f"{PRINTER.title} {PRINTER.symptom}")]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1001", 1001),
        ("1002。", 1002),
        ("是1001", 1001),
        ("1001的，谢谢", 1001),
        ("#1002 thanks", 1002),
        ("第一个", 1002),
        ("第二个", 1001),
        ("2", 1001),
        ("the second one", 1001),
        ("后者", 1001),
        ("打印机", 1001),
        ("网络", 1002),
        ("1003", None),
        ("3", None),
        ("都是", None),
        ("谢谢", None),
        ("", None),
        ("1001 机房又断电了，所有业务全部中断，快来人啊", None),
        ("您好，我想再问一下你们几点下班", None),
    ],
)
def test_what_answers_the_question(text: str, number: int | None) -> None:
    assert answered(text, CHOICES) == number


@pytest.mark.parametrize(
    ("text", "site", "other", "worth"),
    [
        pytest.param("3号楼打印机坏了，一直卡纸", "东站医院", PRINTER, True, id="the same words"),
        pytest.param("5号楼打印机坏了，一直卡纸", "东站医院", PRINTER, False, id="another building"),
        pytest.param("网络断断续续", "东站医院", NETWORK, False, id="another site"),
        pytest.param("食堂刷卡机没反应", "东站医院", PRINTER, False, id="other words"),
        pytest.param(
            "东站医院挂号系统登录不上了",
            "东站医院",
            ticket(9, "西区挂号系统登录不上了", site="西区"),
            True,
            id="one central system at two sites",
        ),
        pytest.param(
            "3号楼打印机坏了，一直卡纸",
            "东站医院",
            ticket(9, PRINTER.symptom, kind=Kind.COMPLAINT),
            False,
            id="a complaint is never suggested",
        ),
    ],
)
def test_reports_of_two_people_that_are_worth_a_suggestion(text: str, site: str, other: Ticket, worth: bool) -> None:
    assert worth_a_word(likeness(said(text, site, kind=Kind.FAULT, level=3), other)) == worth


def test_what_was_meant_is_placed_as_if_it_had_been_said_so() -> None:
    resolved = ticket(1001, "打印机坏了", state="resolved", resolved_at=NOW - timedelta(hours=1))
    placed = meant(resolved, said("还没好"), LIMITS, "the person said which")
    assert isinstance(placed, Join)
    assert (placed.reopen, placed.why) == (True, "the person said which")
