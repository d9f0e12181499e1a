"""Reading an audience in chunks, on both databases: who belongs to it, each once, in the same order."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import event, insert

from channels.contract import Can
from gateway import config
from gateway.app import table_of as rules_of
from gateway.broadcast.audience import everybody
from gateway.standing import Standing, Ways
from router.broadcast_plan import Plan
from store.db import Database, table_of
from store.model import Address, Contact, Customer, Installation, Member, UserGroup

AT = datetime(2026, 11, 20, tzinfo=UTC)
WAYS = {
    "sms:main": Can(book="tel"),
    "email:main": Can(book="email"),
    "im:bot": Can(book="im", groups=True),
    "kf:main": Can(book="kf", links=False, sends=False),
}
SETTINGS = """
router:
  people: {zhang: {name: 张三, addresses: {tel: "+8613800000101", email: zhang@ours.example}}}
  rota: {lead: zhang}
store: {url: 'sqlite:///unused.db'}
"""


@pytest.fixture(scope="module")
def standing() -> Standing:
    known = config.parse(SETTINGS, channels=False)
    return Standing(config=known, ways=Ways(can=WAYS), table=rules_of(known), judges=())


def plan(**audience: Any) -> Plan:
    more = {name: audience.pop(name) for name in list(audience) if name in Plan.model_fields}
    return Plan.model_validate({"audience": audience, "texts": {"zh": {"text": "请升级"}}, **more})


def fill(database: Database, *rows: Any) -> None:
    with database.engine.begin() as connection:
        for row in rows:
            connection.execute(insert(table_of(type(row))), [row.model_dump()])


def crowd(database: Database, count: int) -> None:
    """Write down many contacts with four addresses each, in ten customers, all members of group 1."""
    rows: dict[type, list[dict[str, Any]]] = {Customer: [], Contact: [], Address: [], Member: [], Installation: []}
    for n in range(10):
        rows[Customer].append({"id": n + 1, "name": f"客户{n}", "grade": "AB"[n % 2], "contract": ""})
        home = {"product": "OLT", "version": f"2.{n}", "region": "", "at": AT}
        rows[Installation].append({"id": n + 1, "owner": f"k{n + 1}", **home})
    for n in range(1, count + 1):
        person = {"name": f"人{n}", "customer_id": n % 10 + 1, "language": "zh", "created_at": AT}
        rows[Contact].append({"id": n, **person})
        rows[Member].append({"id": n, "group_id": 1, "who": f"c{n}", "name": "", "at": AT})
        books = {"tel": f"+86138{n:08}", "email": f"p{n}@x.example", "im": f"i{n}", "kf": f"k{n}"}
        for place, (book, value) in enumerate(books.items()):
            rows[Address].append({"id": 4 * n + place, "contact_id": n, "book": book, "value": value})
    with database.engine.begin() as connection:
        for noun, some in rows.items():
            connection.execute(insert(table_of(noun)), some)


def told(database: Database, standing: Standing, asked: Plan, *, limit: int = 500) -> dict[str, str]:
    """Return by whom which channel and address is chosen, or the reason."""
    with database.read() as connection:
        found = list(everybody(connection, standing, asked, limit=limit))
    assert len({one.who for one in found}) == len(found)
    return {
        one.who: f"{one.chosen.channel} {one.chosen.address}" if one.chosen else one.rows[0].reason for one in found
    }


def test_three_thousand_come_once_each_in_few_statements(database: Database, standing: Standing) -> None:
    crowd(database, 3000)
    fill(database, UserGroup(id=1, name="全部", at=AT), UserGroup(id=2, name="再来", at=AT))
    fill(database, *(Member(id=9000 + n, group_id=2, who=f"c{n}", at=AT) for n in range(1, 50)))
    said: list[str] = []
    with database.read() as connection:
        event.listen(connection.engine, "before_cursor_execute", lambda *given: said.append(given[2]))
        found = list(everybody(connection, standing, plan(groups=["全部", "再来"], versions="<2.3", product="olt")))
    assert len(found) == 3 * 300
    assert [one.contact_id for one in found] == sorted(one.contact_id or 0 for one in found)
    assert {row.channel for one in found for row in one.rows if row.chosen} == {"im:bot"}
    assert len(said) < 14 * 7
