"""Reading an audience in chunks, on both databases: who belongs to it, each once, in the same order."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import event, insert

from channels.contract import Can
from gateway import config
from gateway.app import table_of as rules_of
from gateway.broadcast.audience import estimate, everybody, resolve
from gateway.standing import Standing, Ways
from router.broadcast_plan import Plan
from store.db import Database, table_of
from store.model import Address, Contact, Customer, Installation, Member, Suppression, UserGroup

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


def small(database: Database) -> None:
    """Three people of two customers, in groups of every kind."""
    fill(
        database,
        Customer(id=1, name="华信", grade="A", contract="H-1"),
        Customer(id=2, name="东海", grade="B"),
        Contact(id=1, name="张工", customer_id=1, created_at=AT),
        Contact(id=2, name="李工", customer_id=1, language="en", created_at=AT),
        Contact(id=3, name="", customer_id=2, created_at=AT),
        Contact(id=4, name="路人", created_at=AT),
        Address(id=1, contact_id=1, book="tel", value="+862155558888"),
        Address(id=2, contact_id=1, book="tel", value="+8613900000001"),
        Address(id=3, contact_id=2, book="email", value="li@hx.example"),
        Address(id=4, contact_id=3, book="tel", value="+862155558888转802"),
        Address(id=5, contact_id=4, book="email", value="olt@lists.example"),
        UserGroup(id=1, name="用户", at=AT),
        UserGroup(id=2, name="合同", contractual=True, at=AT),
        Member(id=1, group_id=1, who="k1", at=AT),
        Member(id=2, group_id=2, who="c1", at=AT),
        Member(id=3, group_id=1, who="im:bot|g7", name="滨江群", at=AT),
        Member(id=4, group_id=2, who="im:bot|g7", at=AT),
        Member(id=5, group_id=1, who="email:main|olt@lists.example", at=AT),
        Member(id=6, group_id=1, who="c3", at=AT),
        Member(id=7, group_id=1, who="c4", at=AT),
        Installation(id=1, owner="k1", product="OLT", version="2.2", region="华东", at=AT),
        Installation(id=2, owner="c2", product="OLT", version="2.3", region="华南", at=AT),
        Installation(id=3, owner="k2", product="OLT", at=AT),
    )


def test_everybody_is_found_once_by_their_best_channel_or_with_the_reason(
    database: Database, standing: Standing
) -> None:
    small(database)
    asked = plan(groups=["用户", "合同"], pilots=["zhang", "gone"])
    expected = {
        "s:zhang": "email:main zhang@ours.example",
        "s:gone": "no_address",
        "email:main|olt@lists.example": "email:main olt@lists.example",
        "im:bot|g7": "im:bot g7",
        "c1": "sms:main +8613900000001",
        "c2": "email:main li@hx.example",
        "c3": "not_mobile",
        "c4": "one_group",
    }
    assert told(database, standing, asked) == expected
    for limit in (1, 2, 3):
        assert list(told(database, standing, asked, limit=limit).items()) == list(expected.items())
    assert set(told(database, standing, plan(customers=["东海"]))) == {"c3"}
    assert set(told(database, standing, plan(everyone=True, grades=["A"]))) == {"c1", "c2"}
    assert set(told(database, standing, plan(everyone=True, contracts=["H-1"], grades=["B"]))) == set()
    assert told(database, standing, plan()) == {}


def test_filters_leave_chat_groups_out_and_say_whose_version_is_not_known(
    database: Database, standing: Standing
) -> None:
    small(database)
    found = told(database, standing, plan(groups=["用户"], product="OLT", versions="<2.3"))
    assert found == {
        "email:main|olt@lists.example": "filtered",
        "im:bot|g7": "filtered",
        "c1": "sms:main +8613900000001",
        "c2": "email:main li@hx.example",
        "c3": "version_unknown",
    }
    with database.read() as connection:
        chunk = resolve(connection, standing, plan(customers=["华信"], product="OLT"), after="", limit=10)
    assert [dict(one.values) for one in chunk.people] == [
        {
            "name": "张工",
            "customer": "华信",
            "product": "OLT",
            "version": "2.2",
            "region": "华东",
            "grade": "A",
            "contract": "H-1",
        },
        {
            "name": "李工",
            "customer": "华信",
            "product": "OLT",
            "version": "2.3, 2.2",
            "region": "华南, 华东",
            "grade": "A",
            "contract": "H-1",
        },
    ]
    assert chunk.cursor is None


def test_what_stands_against_an_address_counts_as_the_plan_says(database: Database, standing: Standing) -> None:
    small(database)
    for n, (method, address) in enumerate([("sms", "+8613900000001"), ("im", "g7")], 1):
        fill(database, Suppression(id=n, channel=method, address=address, kind="opted_out", at=AT))
    fill(database, Suppression(id=9, channel="mail", address="li@hx.example", kind="bounced", at=AT))
    plain = told(database, standing, plan(groups=["用户"]))
    assert (plain["c1"], plain["c2"], plain["im:bot|g7"]) == ("opted_out", "bounced", "opted_out")
    owed = told(database, standing, plan(groups=["用户"], security=True))
    assert owed["c1"] == "sms:main +8613900000001"
    assert owed["c2"] == "bounced"
    assert owed["im:bot|g7"] == "im:bot g7"


def test_an_estimate_counts_what_the_list_will_hold(database: Database, standing: Standing) -> None:
    small(database)
    with database.read() as connection:
        found = estimate(connection, standing, plan(groups=["用户", "没有"], pilots=["zhang"]))
    assert (found.total, found.pilots, found.by_channel) == (5, 1, {"email:main": 3, "im:bot": 1, "sms:main": 1})
    assert found.left_out == {"not_mobile": 1, "one_group": 1}
    assert found.first == ("olt@lists.example", "滨江群", "张工", "李工")
    assert found.longest is not None
    assert found.emptiest is not None
    assert (found.longest.who, found.emptiest.who) == ("c2", "email:main|olt@lists.example")
    assert found.missing == ("没有",)


def test_the_order_of_accounts_follows_the_country_of_the_number(database: Database) -> None:
    small(database)
    routes = "  routes:\n    - {method: sms, country: CN, order: ['sms:cn'], only: true}\nstore:"
    known = config.parse(SETTINGS.replace("store:", routes), channels=False)
    ways = Ways(can={**WAYS, "sms:cn": Can(book="tel")})
    routed = Standing(config=known, ways=ways, table=rules_of(known), judges=())
    assert told(database, routed, plan(customers=["华信"]))["c1"] == "sms:cn +8613900000001"
