"""The facts around a message reach the judge, gathered once for a batch, and the reasons say which decided."""

from typing import Any

import pytest
from sqlalchemy import event

from channels.contract import Can, Inbound
from store.model import Address, Contact, Customer, Message, Ticket
from store.work import Work
from store.writer import exclusive

SMS = Can(book="tel")
CHEN, SUN, NEW = "+8613900000001", "+8613900000002", "+8613900000009"
RULES = """  critical_systems: [计费平台, PAYGW]
  rules:
    - {name: gold, level: 1, force: true, kind: fault, grades: [金牌]}
    - {name: the contract is over, level: 3, kind: fault, force: true, contract: ended}
    - {name: the guard, kind: complaint, force: true, senders: [门卫*]}
    - {name: known to us, kind: consultation, force: true, known: true, any: [暗号]}
    - {name: a stranger, kind: complaint, force: true, known: false, any: [暗号]}
    - {name: something is open, kind: consultation, force: true, open: true, any: [暗语]}
    - {name: by their form, kind: change_request, force: true, customers: [市第一医院]}
"""
ODD = "王五说的那样东西，你懂的"


def known(tx: Any, items: Any) -> list[None]:
    """Two customers with a person each, and a person of nobody."""
    work = Work(tx)
    rows = (
        (CHEN, "陈工", "华信集团", "金牌", "2025-01-01至2027-12-31"),
        (SUN, "孙工", "老街茶馆", "", "2020-01-01至2021-12-31"),
        ("+8613900000003", "门卫老李", "", "", ""),
        ("+8613900000004", "吴工", "", "", ""),
    )
    for tel, name, customer, grade, contract in rows:
        of = None
        if customer:
            of = work.add(Customer(id=work.id(), name=customer, grade=grade, contract=contract)).id
        person = work.add(Contact(id=work.id(), name=name, customer_id=of, created_at=work.now))
        work.add(Address(id=work.id(), contact_id=person.id, book="tel", value=tel))
    work.flush()
    return [None] * len(items)


@pytest.fixture
async def here(town):
    """A house that knows some people, with rules about them."""
    made = await town({"sms:main": SMS}, RULES)
    await made.house.writer.do(exclusive(known), None)
    return made


@pytest.mark.parametrize(
    ("sender", "text", "kind", "level", "reason"),
    [
        pytest.param(CHEN, ODD, "fault", 1, "gold: grade 金牌", id="the grade of the customer"),
        pytest.param(SUN, ODD, "fault", 3, "the contract is over: contract ended", id="a contract that is over"),
        pytest.param("+8613900000003", ODD, "complaint", None, "the guard: sender 门卫老李", id="the contact's name"),
        pytest.param("+8613900000004", "暗号", "consultation", None, "known to us: sender known", id="who is known"),
        pytest.param(NEW, "暗号", "complaint", None, "a stranger: ", id="who is not known"),
        pytest.param(
            "+8613900000004",
            "计费平台导出的表有一列对不齐",
            "fault",
            2,
            "the customer's vital system: “计费平台”",
            id="a system that is critical here",
        ),
    ],
)
async def test_a_fact_reaches_the_judge_and_stands_among_the_reasons(here, sender, text, kind, level, reason) -> None:
    await here.say("sms:main", sender, text)
    (ticket,) = here.rows(Ticket)
    assert (ticket["kind"], ticket["level"]) == (kind, level)
    assert any(one.startswith(reason) for one in ticket["reasons"])


async def test_an_open_matter_is_a_fact(here) -> None:
    await here.say("sms:main", NEW, "东站医院3号楼打印机坏了")
    await here.forward(minutes=5)
    await here.say("sms:main", NEW, "暗语")
    await here.say("sms:main", "+8613900000004", "暗语")
    verdicts = {m["sender"]: m["verdict"]["reasons"][0] for m in here.rows(Message) if m["text"] == "暗语"}
    assert verdicts[NEW] == "something is open: an open matter, “暗语”"
    assert not verdicts["+8613900000004"].startswith("something is open")


async def test_a_customer_whom_the_way_proves_is_a_fact_before_anybody_is_known(here) -> None:
    await here.say("sms:main", NEW, ODD, customer="市第一医院")
    assert [kind for _, kind, _ in here.tickets] == ["change_request"]


async def test_twenty_people_are_gathered_with_as_many_statements_as_two(here) -> None:
    people = [f"+86138000{n:05d}" for n in range(20)]
    await here.house.intake.accept("sms:main", [Inbound(key=f"a{n}", sender=n, text=ODD) for n in people])
    await here.settle()
    counts = []
    for size in (2, 20):
        asked: list[str] = []

        def note(_connection, _cursor, statement, _parameters, _context, _many, asked=asked) -> None:
            if "JOIN customer" in statement:
                asked.append(statement)

        event.listen(here.house.database.engine, "before_cursor_execute", note)
        texts = [Inbound(key=f"{size}-{n}", sender=n, text="谢谢王工，辛苦了") for n in people[:size]]
        await here.house.intake.accept("sms:main", texts)
        await here.settle()
        event.remove(here.house.database.engine, "before_cursor_execute", note)
        counts.append(len(asked))
    assert counts == [1, 1]
