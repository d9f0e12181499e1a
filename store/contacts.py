"""Brings customers and contacts in from tables: a plan is made of what is there, and written or only shown.

Done again it changes nothing. The first row that speaks of a contact or a customer in one import counts; a later one
that says something else is told and not taken, since otherwise two rows would overwrite each other for ever.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count

from sqlalchemy import Connection, select

from store.batch import Tx, exclusive
from store.belongings import Belongings, Home, known
from store.db import table_of
from store.groups import tidy, wrong
from store.inbox import clean
from store.model import Address, Contact, Customer, Event, EventKind, Installation, Member, UserGroup
from store.model.base import Noun
from store.people import contacts_at
from store.rows import nouns
from store.work import Work

CHUNK = 400
"""Addresses asked for at once; a statement takes a limited number of values."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One person out of a table; "" says nothing and never erases."""

    place: str
    """Where it stands, as "file:line"."""
    customer: str = ""
    name: str = field(default="", repr=False)
    grade: str = ""
    contract: str = ""
    language: str = ""
    addresses: Sequence[tuple[str, str]] = field(default=(), repr=False)
    """(book, value), at least one."""
    groups: Sequence[str] = ()
    """Names of user groups, which are made where there are none."""
    product: str = ""
    """What runs with the person; without one the next two say nothing."""
    version: str = ""
    region: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """What was not taken."""

    place: str
    why: str


@dataclass(kw_only=True, slots=True)
class Outcome:
    """What an import did or would do."""

    contacts_new: int = 0
    contacts_changed: int = 0
    contacts_same: int = 0
    customers_new: int = 0
    customers_changed: int = 0
    addresses_new: int = 0
    groups_new: int = 0
    members_new: int = 0
    installations_new: int = 0
    installations_changed: int = 0
    refused: list[Refusal] = field(default_factory=list)


@dataclass(slots=True)
class _Plan:
    """The rows as they will be, and what is to be written."""

    make_id: Callable[[], int]
    now: datetime
    owner: dict[tuple[str, str], int]
    """The contact behind each address, those of this import included."""
    contacts: dict[int, Contact]
    customers: dict[str, Customer]
    belongings: Belongings
    outcome: Outcome = field(default_factory=Outcome)
    added: list[Noun] = field(default_factory=list)
    changed: list[tuple[Noun, dict[str, object]]] = field(default_factory=list)
    spoken: dict[int, str] = field(default_factory=dict)
    """Contacts and customers that a row of this import speaks of, and its place."""


def preview(connection: Connection, rows: Sequence[Row], *, now: datetime) -> Outcome:
    """Say what an import would do; nothing is written."""
    numbers = count(-1, -1)
    return _planned(connection, rows, make_id=lambda: next(numbers), now=now).outcome


@exclusive  # the gateway makes contacts as well, of whoever writes for the first time
def bring(tx: Tx, imports: Sequence[Sequence[Row]]) -> list[Outcome]:
    """Write what the rows say; each import sees what the one before it wrote."""
    outcomes = []
    for rows in imports:
        plan = _planned(tx.connection, rows, make_id=tx.database.ids, now=tx.now)
        work = Work(tx)
        for one in [*plan.added, *plan.belongings.added]:
            work.add(one)
        for row, columns in [*plan.changed, *plan.belongings.changed]:
            work.change(row, **columns)
        if told := plan.belongings.told:
            work.add(Event(id=work.id(), at=tx.now, kind=EventKind.BROADCAST, text="an import was made", more=told))
        work.flush()
        outcomes.append(plan.outcome)
    return outcomes


def _planned(connection: Connection, rows: Sequence[Row], *, make_id: Callable[[], int], now: datetime) -> _Plan:
    wanted = list(dict.fromkeys(one for row in rows for one in row.addresses))
    owner: dict[tuple[str, str], int] = {}
    for at in range(0, len(wanted), CHUNK):
        owner |= contacts_at(connection, wanted[at : at + CHUNK])
    contacts = _contacts(connection, sorted(set(owner.values())))
    names = {tidy(name) for row in rows for name in row.groups}
    plan = _Plan(
        make_id=make_id,
        now=now,
        owner=owner,
        contacts=contacts,
        customers=_customers(connection),
        belongings=known(connection, contacts, names),
    )
    for row in rows:
        _take(plan, row)
    mine, outcome = plan.belongings, plan.outcome
    outcome.groups_new, outcome.members_new = mine.counted(UserGroup), mine.counted(Member)
    outcome.installations_new, outcome.installations_changed = mine.counted(Installation), len(mine.changed)
    return plan


def _contacts(connection: Connection, numbers: Sequence[int]) -> dict[int, Contact]:
    table = table_of(Contact)
    found: dict[int, Contact] = {}
    for at in range(0, len(numbers), CHUNK):
        statement = select(table).where(table.c.id.in_(numbers[at : at + CHUNK]))
        found |= {one.id: one for one in nouns(Contact, connection.execute(statement).mappings())}
    return found


def _customers(connection: Connection) -> dict[str, Customer]:
    """Every customer by name, the oldest where two are called alike."""
    table = table_of(Customer)
    rows = nouns(Customer, connection.execute(select(table).order_by(table.c.id.desc())).mappings())
    return {one.name: one for one in rows}


def _take(plan: _Plan, row: Row) -> None:
    """Find whose row it is, and plan what it changes."""
    owners = list(dict.fromkeys(plan.owner[one] for one in row.addresses if one in plan.owner))
    mine = _whose(plan, row, owners)
    strange = [one for one in row.addresses if plan.owner.get(one, mine) != mine]
    for book, value in strange:
        _refuse(plan, row, f"the {book} address {_hint(value)} {_of_another(plan, plan.owner[book, value])}")
    own = [one for one in row.addresses if one not in strange]
    if not own:
        return
    customer = _customer(plan, row)
    if mine is None:
        mine = _new(plan, row, customer)
    else:
        _change(plan, row, plan.contacts[mine], customer, adds=any(one not in plan.owner for one in own))
    _add_addresses(plan, mine, own)
    _belong(plan, row, mine)


def _belong(plan: _Plan, row: Row, contact: int) -> None:
    """Plan the groups that the person joins, and what runs with them."""
    mine, who = plan.belongings, f"c{contact}"
    for name in map(tidy, row.groups):
        if wrong(name):
            _refuse(plan, row, "the name of a group is longer than it may be")
        else:
            mine.join(who, name, make_id=plan.make_id, now=plan.now)
    if row.product:
        home = Home(product=tidy(row.product), version=tidy(row.version), region=tidy(row.region), place=row.place)
        if against := mine.install(who, home, make_id=plan.make_id, now=plan.now):
            _refuse(plan, row, against)


def _whose(plan: _Plan, row: Row, owners: Sequence[int]) -> int | None:
    """Return the contact that the row speaks of: the one of that name, or the only one that nobody spoke of yet."""
    named = [one for one in owners if plan.contacts[one].name == clean(row.name)]
    if len(named) == 1:
        return named[0]
    if len(owners) == 1 and (not row.name or owners[0] not in plan.spoken):
        return owners[0]
    return None


def _of_another(plan: _Plan, contact: int) -> str:
    place = plan.spoken.get(contact)
    return f"belongs to the person of {place}" if place else "belongs to another contact"


def _hint(value: str) -> str:
    """Enough of an address to find it in the row, where there are several."""
    return f"...{value[-4:]}"


def _customer(plan: _Plan, row: Row) -> Customer | None:
    name = clean(row.customer)
    if not name:
        return None
    said = {key: clean(value) for key, value in (("grade", row.grade), ("contract", row.contract)) if value}
    found = plan.customers.get(name)
    if found is None:
        found = plan.customers[name] = Customer(id=plan.make_id(), name=name, **said)
        plan.added.append(found)
        plan.outcome.customers_new += 1
    differing = {key: value for key, value in said.items() if getattr(found, key) != value}
    first = plan.spoken.setdefault(found.id, row.place)
    if differing and first == row.place:
        _write(plan, found, differing)
        plan.outcome.customers_changed += 1
    elif differing:
        _refuse(plan, row, f"{' and '.join(differing)} of the customer differ from {first}")
    return found


def _new(plan: _Plan, row: Row, customer: Customer | None) -> int:
    contact = Contact(
        id=plan.make_id(),
        name=clean(row.name),
        customer_id=customer.id if customer else None,
        language=row.language or "zh",
        created_at=plan.now,
    )
    plan.contacts[contact.id] = contact
    plan.spoken[contact.id] = row.place
    plan.added.append(contact)
    plan.outcome.contacts_new += 1
    return contact.id


def _change(plan: _Plan, row: Row, contact: Contact, customer: Customer | None, *, adds: bool) -> None:
    said = {"name": clean(row.name), "customer_id": customer and customer.id, "language": row.language}
    differing = {key: value for key, value in said.items() if value and getattr(contact, key) != value}
    first = plan.spoken.setdefault(contact.id, row.place)
    if differing and first != row.place:
        what = " and ".join(key.removesuffix("_id") for key in differing)
        _refuse(plan, row, f"{what} of the person differ from {first}")
        differing = {}
    if differing:
        _write(plan, contact, differing)
    if differing or adds:
        plan.outcome.contacts_changed += 1
    else:
        plan.outcome.contacts_same += 1


def _add_addresses(plan: _Plan, contact: int, addresses: Sequence[tuple[str, str]]) -> None:
    for book, value in dict.fromkeys(addresses):
        if (book, value) not in plan.owner:
            plan.owner[book, value] = contact
            plan.added.append(Address(id=plan.make_id(), contact_id=contact, book=book, value=value))
            plan.outcome.addresses_new += 1


def _write(plan: _Plan, row: Customer | Contact, columns: Mapping[str, object]) -> None:
    row.__dict__.update(columns)
    plan.changed.append((row, dict(columns)))


def _refuse(plan: _Plan, row: Row, why: str) -> None:
    plan.outcome.refused.append(Refusal(place=row.place, why=why))
