"""The moves on groups, on both databases: what is said twice is there once, and every change leaves a line."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, select

from store import group_lists, groups
from store.batch import run
from store.db import Database, table_of
from store.groups import Change, Did, Gone, Installed, Members, NewGroup
from store.model import (
    Address,
    Broadcast,
    BroadcastState,
    Contact,
    Customer,
    Event,
    EventKind,
    Installation,
    Member,
    Message,
    UserGroup,
)

AT = datetime(2026, 11, 20, tzinfo=UTC)


def do(database: Database, move: Any, *items: Any) -> list[Did]:
    with database.engine.connect() as connection:
        answers, _ = run(connection, database, [(move, item) for item in items])
    return answers


def rows(database: Database, noun: type) -> list[Any]:
    with database.read() as connection:
        return list(connection.execute(select(table_of(noun)).order_by(table_of(noun).c.id)).mappings())


def fill(database: Database, *some: Any) -> None:
    with database.engine.begin() as connection:
        for row in some:
            connection.execute(insert(table_of(type(row))), [row.model_dump()])


def draft(number: int, state: str, *names: str) -> Broadcast:
    return Broadcast(
        id=number, number=number, title="x", state=state, author="zhang", at=AT, plan={"audience": {"groups": names}}
    )


def lines(database: Database) -> list[str]:
    return [row["text"] for row in rows(database, Event) if row["kind"] == EventKind.BROADCAST]


def test_a_group_is_made_once_and_its_name_is_tidied(database: Database) -> None:
    first, again, other, bad = do(
        database,
        groups.create,
        NewGroup(name=" OLT \u00a0 用户", by="zhang"),
        NewGroup(name="OLT 用户", by="li"),
        NewGroup(name="OLT 用户", by="li", contractual=True),
        NewGroup(name="甲、乙", by="li"),
    )
    assert [one.answer for one in (first, again, other, bad)] == ["done", "same", "exists", "bad_name"]
    assert [(row["name"], row["by"]) for row in rows(database, UserGroup)] == [("OLT 用户", "zhang")]
    assert lines(database) == ["a group was made"]
    assert first.id == again.id


def test_a_group_that_a_draft_names_is_neither_renamed_nor_deleted(database: Database) -> None:
    made = do(database, groups.create, NewGroup(name="A", by="z"), NewGroup(name="B", by="z"))
    first, second = made[0].id or 0, made[1].id or 0
    fill(
        database,
        draft(7, BroadcastState.DRAFT, "A"),
        draft(8, BroadcastState.FREEZING, "B", "A"),
        draft(9, BroadcastState.DONE, "B"),
    )
    rename, delete = Change(id=first, by="z", name="C"), Gone(id=first, by="z")
    assert [one.numbers for one in [*do(database, groups.change, rename), *do(database, groups.remove, delete)]] == [
        (7, 8),
        (7, 8),
    ]
    owed = Change(id=first, by="z", contractual=True)
    assert [one.answer for one in do(database, groups.change, owed, owed)] == ["done", "same"]
    fill_state(database, 8, BroadcastState.APPROVED)
    taken = Change(id=second, by="z", name="A")
    answers = do(database, groups.change, taken, Change(id=second, by="z", name="D"), Change(id=5, by="z", name="E"))
    assert [one.answer for one in answers] == ["exists", "done", "unknown_group"]
    assert [(row["name"], row["contractual"]) for row in rows(database, UserGroup)] == [("A", True), ("D", False)]


def fill_state(database: Database, number: int, state: str) -> None:
    table = table_of(Broadcast)
    with database.engine.begin() as connection:
        connection.execute(table.update().where(table.c.number == number).values(state=state))


def test_members_come_and_go_and_twice_is_once(database: Database) -> None:
    (made,) = do(database, groups.create, NewGroup(name="A", by="z"))
    ident = made.id or 0
    whos = {"c1": "", "k1": "", "im:bot|g7": "群"}
    join = Members(group_id=ident, by="z", whos=whos)
    assert [(one.answer, one.count) for one in do(database, groups.join, join, join)] == [("done", 3), ("same", 0)]
    called = do(database, groups.join, Members(group_id=ident, by="z", whos={"im:bot|g7": "滨江群"}))
    assert [(one.answer, one.count) for one in called] == [("done", 0)]
    assert {row["who"]: row["name"] for row in rows(database, Member)} == {"c1": "", "k1": "", "im:bot|g7": "滨江群"}
    leave = Members(group_id=ident, by="z", whos={"c1": "", "c9": ""})
    assert [(one.answer, one.count) for one in do(database, groups.leave, leave, leave)] == [("done", 1), ("same", 0)]
    assert do(database, groups.join, Members(group_id=3, by="z", whos={"c1": ""}))[0].answer == "unknown_group"
    assert do(database, groups.remove, Gone(id=ident, by="z"), Gone(id=ident, by="z"))[0].count == 2
    assert (rows(database, Member), rows(database, UserGroup)) == ([], [])
    assert len(lines(database)) == 5


def test_one_product_in_one_region_has_one_version(database: Database) -> None:
    home = Installed(owner="k1", product="OLT", version="2.2", by="z")
    newer = Installed(owner="k1", product="OLT", version="2.3", by="z")
    there = Installed(owner="k1", product="OLT", version="2.2", region="华南", by="z")
    answers = do(database, groups.install, home, home, newer, there)
    assert [one.answer for one in answers] == ["done", "same", "done", "done"]
    assert [(row["version"], row["region"]) for row in rows(database, Installation)] == [("2.3", ""), ("2.2", "华南")]
    gone = Gone(id=answers[0].id or 0, by="z")
    assert [one.answer for one in do(database, groups.uninstall, gone, gone)] == ["done", "same"]
    assert len(rows(database, Installation)) == 1


def test_groups_are_counted_and_their_members_found_by_part_of_anything(database: Database) -> None:
    fill(
        database,
        Customer(id=1, name="华信 100%"),
        Contact(id=1, name="张三", customer_id=1, created_at=AT),
        Contact(id=2, name="李四", created_at=AT),
        Address(id=1, contact_id=2, book="tel", value="+8613900000002"),
    )
    (made,) = do(database, groups.create, NewGroup(name="A", by="z"))
    ident = made.id or 0
    whos = {"c1": "", "c2": "", "k1": "", "call:x|g1": "滨江群"}
    do(database, groups.join, Members(group_id=ident, by="z", whos=whos))
    with database.read() as connection:
        (counted,) = group_lists.groups(connection)
        found = {
            word: [one.who for one in group_lists.members(connection, ident, word=word)]
            for word in ("华信", "100%", "0000002", "滨江", "张", "%")
        }
        first = group_lists.members(connection, ident, limit=3)
        rest = group_lists.members(connection, ident, after=first[-1].who, limit=3)
    assert (counted.contacts, counted.customers, counted.own, counted.members) == (2, 1, 1, 4)
    assert found == {
        "华信": ["c1", "k1"],
        "100%": ["c1", "k1"],
        "0000002": ["c2"],
        "滨江": ["call:x|g1"],
        "张": ["c1"],
        "%": ["c1", "k1"],
    }
    assert sorted(one.who for one in [*first, *rest]) == sorted(whos)
    assert next(one for one in [*first, *rest] if one.who == "k1").people == 1


def test_chat_groups_that_were_heard_are_offered(database: Database) -> None:
    said = [("im:bot", "g1", "a"), ("im:bot", "g1", "b"), ("im:bot", "g2", "a"), ("im:bot", None, "a")]
    fill(
        database,
        *(
            Message(id=n, direction="in", channel=channel, key=f"k{n}", state="new", at=AT, sender=who, group=group)
            for n, (channel, group, who) in enumerate(said, 1)
        ),
    )
    with database.read() as connection:
        assert [(one.group, one.people) for one in group_lists.chats(connection)] == [("g1", 2), ("g2", 1)]
