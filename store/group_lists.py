"""Questions about user groups for pages, commands and the API."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import BigInteger, ColumnElement, Connection, case, cast, func, or_, select

from store.among import among
from store.db import table_of
from store.model import Address, Contact, Customer, Installation, Member, Message, UserGroup
from store.rows import nouns

LATELY = 20_000
"""Messages that are looked through for chat groups."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """A group with how many it has of each sort."""

    id: int
    name: str
    contractual: bool
    contacts: int = 0
    customers: int = 0
    own: int = 0
    """Chat groups and lists."""

    @property
    def members(self) -> int:
        """All of them."""
        return self.contacts + self.customers + self.own


@dataclass(frozen=True, kw_only=True, slots=True)
class Listed:
    """One member as people know it."""

    who: str
    name: str = field(default="", repr=False)
    customer: str = ""
    addresses: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    installations: tuple[Installation, ...] = ()
    people: int = 0
    """Of a customer: how many it has."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Chat:
    """A chat group that was heard."""

    channel: str
    group: str
    people: int
    """How many different people wrote there."""


def groups(connection: Connection, *, ident: int | None = None) -> list[Group]:
    """Return the groups by name, with their counts."""
    g, m = table_of(UserGroup).c, table_of(Member).c
    own = m.who.contains("|", autoescape=True)
    customer = m.who.startswith("k", autoescape=True) & ~own
    contact = m.who.startswith("c", autoescape=True) & ~own
    sums = [func.coalesce(func.sum(case((kind, 1), else_=0)), 0) for kind in (contact, customer, own)]
    both = table_of(UserGroup).outerjoin(table_of(Member), m.group_id == g.id)
    statement = select(g.id, g.name, g.contractual, *sums).select_from(both).group_by(g.id, g.name, g.contractual)
    if ident is not None:
        statement = statement.where(g.id == ident)
    return [
        Group(id=row[0], name=row[1], contractual=row[2], contacts=row[3], customers=row[4], own=row[5])
        for row in connection.execute(statement.order_by(g.name)).all()
    ]


def group_named(connection: Connection, name: str) -> Group | None:
    """Return the group of a name."""
    c = table_of(UserGroup).c
    ident = connection.execute(select(c.id).where(c.name == name)).scalar()
    return next(iter(groups(connection, ident=ident)), None) if ident is not None else None


def members(connection: Connection, group: int, *, word: str = "", after: str = "", limit: int = 100) -> list[Listed]:
    """Return the next members in a fixed order; `word` is a part of a name, a customer or an address."""
    m = table_of(Member).c
    statement = select(m.who, m.name).where(m.group_id == group, m.who > after)
    if word:
        statement = statement.where(_holds(word))
    rows = connection.execute(statement.order_by(m.who).limit(limit)).all()
    return described(connection, [(row[0], row[1]) for row in rows])


def _holds(word: str) -> ColumnElement[bool]:
    m, c, k, a = (table_of(noun).c for noun in (Member, Contact, Customer, Address))
    both = table_of(Contact).outerjoin(table_of(Customer), k.id == c.customer_id)
    people = (
        select(c.id)
        .select_from(both)
        .where(
            or_(
                c.name.contains(word, autoescape=True),
                k.name.contains(word, autoescape=True),
                c.id.in_(select(a.contact_id).where(a.value.contains(word, autoescape=True))),
            )
        )
    )
    firms = select(k.id).where(k.name.contains(word, autoescape=True))
    own = m.who.contains("|", autoescape=True)
    number = cast(func.substr(m.who, 2), BigInteger)
    return case(
        (own, or_(m.who.contains(word, autoescape=True), m.name.contains(word, autoescape=True))),
        (m.who.startswith("c", autoescape=True), number.in_(people)),
        else_=number.in_(firms),
    )


def described(connection: Connection, rows: Sequence[tuple[str, str]]) -> list[Listed]:
    """Return members with names, addresses and installations, in the order given."""
    contacts = _numbers(rows, "c")
    firms = _numbers(rows, "k")
    people = _people(connection, contacts)
    customers = _customers(connection, firms)
    addresses = _addresses(connection, contacts)
    homes = installations(connection, [who for who, _ in rows])
    made = []
    for who, name in rows:
        found = homes.get(who, ())
        if "|" in who:
            channel, _, address = who.partition("|")
            made.append(Listed(who=who, name=name, addresses=((channel, address),)))
        elif who.startswith("c"):
            known = people.get(int(who[1:]), ("", ""))
            mine = addresses.get(int(who[1:]), ())
            made.append(
                Listed(who=who, name=known[0], customer=known[1], addresses=tuple(mine), installations=tuple(found))
            )
        else:
            firm = customers.get(int(who[1:]), ("", 0))
            made.append(Listed(who=who, name=firm[0], customer=firm[0], installations=tuple(found), people=firm[1]))
    return made


def _numbers(rows: Sequence[tuple[str, str]], letter: str) -> list[int]:
    return [int(who[1:]) for who, _ in rows if "|" not in who and who.startswith(letter) and who[1:].isdecimal()]


def _people(connection: Connection, contacts: Collection[int]) -> Mapping[int, tuple[str, str]]:
    c, k = table_of(Contact).c, table_of(Customer).c
    both = table_of(Contact).outerjoin(table_of(Customer), k.id == c.customer_id)
    statement = select(c.id, c.name, k.name).select_from(both).where(among(connection, c.id, contacts))
    return {row[0]: (row[1], row[2] or "") for row in connection.execute(statement).all()} if contacts else {}


def _customers(connection: Connection, firms: Collection[int]) -> Mapping[int, tuple[str, int]]:
    c, k = table_of(Contact).c, table_of(Customer).c
    both = table_of(Customer).outerjoin(table_of(Contact), k.id == c.customer_id)
    statement = select(k.id, k.name, func.count(c.id)).select_from(both).where(among(connection, k.id, firms))
    rows = connection.execute(statement.group_by(k.id, k.name)).all() if firms else ()
    return {row[0]: (row[1], row[2]) for row in rows}


def _addresses(connection: Connection, contacts: Collection[int]) -> Mapping[int, list[tuple[str, str]]]:
    c = table_of(Address).c
    found: dict[int, list[tuple[str, str]]] = {}
    if contacts:
        statement = select(c.contact_id, c.book, c.value).where(among(connection, c.contact_id, contacts))
        for contact, book, value in connection.execute(statement.order_by(c.id)).all():
            found.setdefault(contact, []).append((book, value))
    return found


def installations(connection: Connection, owners: Collection[str]) -> Mapping[str, list[Installation]]:
    """Return what runs with each of these owners."""
    table = table_of(Installation)
    statement = select(table).where(among(connection, table.c.owner, owners))
    found: dict[str, list[Installation]] = {}
    for one in nouns(Installation, connection.execute(statement.order_by(table.c.product, table.c.region)).mappings()):
        found.setdefault(one.owner, []).append(one)
    return found


def chats(connection: Connection, *, limit: int = 200) -> list[Chat]:
    """Return the chat groups from which something came lately, the liveliest first."""
    c = table_of(Message).c
    # No index knows the groups: of years of messages only the newest are looked through.
    lately = select(c.channel, c.group, c.sender, c.direction).order_by(c.id.desc()).limit(LATELY).subquery().c
    people = func.count(lately.sender.distinct())
    statement = (
        select(lately.channel, lately.group, people)
        .where(lately.direction == "in", lately.group.is_not(None), lately.group != "")
        .group_by(lately.channel, lately.group)
        .order_by(people.desc(), lately.channel, lately.group)
    )
    return [
        Chat(channel=row[0], group=row[1], people=row[2]) for row in connection.execute(statement.limit(limit)).all()
    ]


def customers_holding(connection: Connection, word: str, *, limit: int = 50) -> list[tuple[int, str]]:
    """Return customers whose name holds a word."""
    c = table_of(Customer).c
    statement = select(c.id, c.name).where(c.name.contains(word, autoescape=True)).order_by(c.name).limit(limit)
    return [(row[0], row[1]) for row in connection.execute(statement).all()]
