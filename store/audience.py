"""Questions about who belongs to an audience; each is one statement for as many people as there are."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Connection, Text, cast, func, literal, or_, select

from store.among import among
from store.db import table_of
from store.model import Address, Contact, Customer, Installation, Member, UserGroup


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """Whom a plan names, before its filters of products."""

    everyone: bool = False
    groups: Collection[int] = ()
    customers: Collection[str] = ()
    grades: Collection[str] = ()
    contracts: Collection[str] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """One contact with the customer; "" for what is not known."""

    id: int
    name: str = field(repr=False)
    language: str
    customer_id: int | None
    customer: str
    grade: str
    contract: str

    @property
    def owners(self) -> tuple[str, ...]:
        """What the person's installations and memberships stand under: their own first."""
        return (f"c{self.id}",) if self.customer_id is None else (f"c{self.id}", f"k{self.customer_id}")


def groups_named(connection: Connection, names: Collection[str]) -> Mapping[str, int]:
    """Return the ids of the groups of these names that there are."""
    c = table_of(UserGroup).c
    found = connection.execute(select(c.name, c.id).where(c.name.in_(sorted(set(names)))))
    return {row[0]: row[1] for row in found} if names else {}


def customers_named(connection: Connection, names: Collection[str]) -> set[str]:
    """Return which of these customers there are."""
    c = table_of(Customer).c
    found = connection.execute(select(c.name).where(c.name.in_(sorted(set(names)))))
    return set(found.scalars()) if names else set()


def candidates(connection: Connection, wanted: Wanted, *, after: int, limit: int) -> list[Candidate]:
    """Return the next contacts by id that are named, each once whatever the number of their groups."""
    c, k = table_of(Contact).c, table_of(Customer).c
    both = table_of(Contact).outerjoin(table_of(Customer), k.id == c.customer_id)
    columns = (c.id, c.name, c.language, c.customer_id, k.name, k.grade, k.contract)
    statement = select(*columns).select_from(both).where(c.id > after, _is_named(wanted))
    if wanted.grades:
        statement = statement.where(k.grade.in_(sorted(wanted.grades)))
    if wanted.contracts:
        statement = statement.where(k.contract.in_(sorted(wanted.contracts)))
    return [
        Candidate(
            id=row[0],
            name=row[1],
            language=row[2],
            customer_id=row[3],
            customer=row[4] or "",
            grade=row[5] or "",
            contract=row[6] or "",
        )
        for row in connection.execute(statement.order_by(c.id).limit(limit)).all()
    ]


def _is_named(wanted: Wanted) -> ColumnElement[bool]:
    c, k, m = table_of(Contact).c, table_of(Customer).c, table_of(Member).c
    named: list[ColumnElement[bool]] = []
    if wanted.everyone:
        named.append(c.customer_id.is_not(None))
    if wanted.customers:
        named.append(k.name.in_(sorted(wanted.customers)))
    if wanted.groups:
        owners = (
            literal("c").concat(cast(c.id, Text)),
            literal("k").concat(cast(c.customer_id, Text)),
        )
        # A scalar, looked up for each contact: as an EXISTS under OR, PostgreSQL may read all members for each chunk.
        one = select(m.id).where(m.group_id.in_(sorted(wanted.groups)), m.who.in_(owners)).limit(1)
        named.append(one.correlate(table_of(Contact)).scalar_subquery().is_not(None))
    return or_(literal(False), *named)


def own_addresses(connection: Connection, groups: Collection[int], *, after: str, limit: int) -> list[tuple[str, str]]:
    """Return (who, name) of the next chat groups and lists, each once whatever the number of their groups."""
    if not groups:
        return []
    c = table_of(Member).c
    statement = select(c.who, func.max(c.name)).where(
        c.group_id.in_(sorted(groups)), c.who > after, c.who.contains("|", autoescape=True)
    )
    found = connection.execute(statement.group_by(c.who).order_by(c.who).limit(limit)).all()
    return [(row[0], row[1]) for row in found]


def members_among(connection: Connection, groups: Collection[int], whos: Collection[str]) -> set[str]:
    """Return which of these are members of one of the groups."""
    if not groups or not whos:
        return set()
    c = table_of(Member).c
    statement = select(c.who).where(c.group_id.in_(sorted(groups)), among(connection, c.who, whos))
    return set(connection.execute(statement).scalars())


def owed_among(connection: Connection, whos: Iterable[str]) -> set[str]:
    """Return which of these are members of a contractual group."""
    m, g = table_of(Member).c, table_of(UserGroup).c
    both = table_of(Member).join(table_of(UserGroup), g.id == m.group_id)
    statement = select(m.who).select_from(both).where(among(connection, m.who, set(whos)), g.contractual.is_(True))
    return set(connection.execute(statement).scalars())


def addresses_of(connection: Connection, contacts: Sequence[int]) -> Mapping[int, Mapping[str, list[str]]]:
    """Return every address of these contacts by book, the oldest first."""
    c = table_of(Address).c
    found: dict[int, dict[str, list[str]]] = {}
    if contacts:
        statement = select(c.contact_id, c.book, c.value).where(among(connection, c.contact_id, contacts))
        for contact, book, value in connection.execute(statement.order_by(c.id)).all():
            found.setdefault(contact, {}).setdefault(book, []).append(value)
    return found


def homes_of(connection: Connection, owners: Iterable[str]) -> Mapping[str, list[tuple[str, str, str]]]:
    """Return (product, version, region) of what runs with these owners."""
    c = table_of(Installation).c
    wanted = set(owners)
    found: dict[str, list[tuple[str, str, str]]] = {}
    if wanted:
        statement = select(c.owner, c.product, c.version, c.region).where(among(connection, c.owner, wanted))
        for owner, *home in connection.execute(statement.order_by(c.product, c.region, c.id)).all():
            found.setdefault(owner, []).append((home[0], home[1], home[2]))
    return found
