"""Questions about contacts and addresses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, or_, select, tuple_, update

from store.db import table_of
from store.model import Address, Contact, Customer, Message


def contacts_at(connection: Connection, addresses: Iterable[tuple[str, str]]) -> Mapping[tuple[str, str], int]:
    """Return the contact behind each (book, value) that is known."""
    c = table_of(Address).c
    wanted = list(addresses)
    if not wanted:
        return {}
    statement = select(c.book, c.value, c.contact_id).where(tuple_(c.book, c.value).in_(wanted))
    return {(row[0], row[1]): row[2] for row in connection.execute(statement).all()}


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """A contact, and the customer that the contact belongs to; "" for what is not known."""

    name: str
    customer_id: int | None
    customer: str = ""
    grade: str = ""
    contract: str = ""


def persons(connection: Connection, contacts: Iterable[int]) -> Mapping[int, Person]:
    """Return these contacts with their customers."""
    c, k = table_of(Contact).c, table_of(Customer).c
    both = table_of(Contact).outerjoin(table_of(Customer), k.id == c.customer_id)
    columns = (c.id, c.name, c.customer_id, k.name.label("customer"), k.grade, k.contract)
    statement = select(*columns).select_from(both).where(c.id.in_(list(contacts)))
    return {
        row[0]: Person(
            name=row[1], customer_id=row[2], customer=row[3] or "", grade=row[4] or "", contract=row[5] or ""
        )
        for row in connection.execute(statement).all()
    }


def customers(connection: Connection, ids: Iterable[int]) -> Mapping[int, tuple[str, str, str]]:
    """Return (name, grade, contract) of these customers; "" for what is not known."""
    c = table_of(Customer).c
    statement = select(c.id, c.name, c.grade, c.contract).where(c.id.in_(list(ids)))
    return {row[0]: (row[1], row[2] or "", row[3] or "") for row in connection.execute(statement).all()}


def automatic_since(connection: Connection, addresses: Iterable[str], since: datetime) -> Mapping[str, int]:
    """Count the texts that went to customers without a person's words since an instant, by address."""
    c = table_of(Message).c
    statement = (
        select(c.recipient, func.count())
        .where(
            c.direction == "out",
            c.sender == "",
            c.page_id.is_(None),
            # Somebody who is no contact yet may be answered as well: with how to report, or about a code.
            or_(c.contact_id.is_not(None), c.template.startswith("customer_", autoescape=True)),
            c.recipient.in_(list(addresses)),
            c.at > since,
        )
        .group_by(c.recipient)
    )
    return {row[0]: row[1] for row in connection.execute(statement).all()}


@dataclass(frozen=True, kw_only=True, slots=True)
class Earlier:
    """A message that a later one answers or quotes."""

    key: str
    provider_id: str
    ticket_id: int | None
    numbers: str
    """The tickets that it named, with spaces between."""
    recipient: str
    """Of ours: to whom it went; of others "" or where they want answers."""
    ours: bool
    inquiry: int | None = None
    """The question to one of the staff that it asked."""


def said(connection: Connection, channels: Iterable[str], keys: Iterable[str]) -> Sequence[Earlier]:
    """Return messages of these channels by our or the provider's key."""
    c = table_of(Message).c
    wanted, places = list(keys), list(channels)
    columns = (c.id, c.key, c.provider_id, c.ticket_id, c.variables, c.recipient, c.direction)
    # Two statements, each with an index of its own: an OR over both would read the whole table.
    by_key = select(*columns).where(c.channel.in_(places), c.key.in_(wanted))
    by_provider = select(*columns).where(c.provider_id.in_(wanted), c.channel.in_(places))
    rows = [*connection.execute(by_key).all(), *connection.execute(by_provider).all()]
    found = [row[1:] for row in {row[0]: row for row in rows}.values()]
    return [
        Earlier(
            key=row[0],
            provider_id=row[1] or "",
            ticket_id=row[2],
            numbers=str((row[3] or {}).get("numbers", "")),
            recipient=row[4],
            ours=row[5] == "out",
            inquiry=int((row[3] or {}).get("inquiry") or 0) or None,
        )
        for row in found
    ]


def customer_named(connection: Connection, name: str) -> int | None:
    """Return the customer of this name."""
    c = table_of(Customer).c
    found: int | None = connection.execute(select(c.id).where(c.name == name).order_by(c.id).limit(1)).scalar()
    return found


def belongs(connection: Connection, contact_id: int, customer_id: int) -> None:
    """Make a contact one of a customer's people."""
    contacts = table_of(Contact)
    connection.execute(update(contacts).where(contacts.c.id == contact_id).values(customer_id=customer_id))
