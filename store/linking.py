"""Identities tied to people by one-time codes, and second ways to a contact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, func, or_, select

from store.batch import Tx
from store.db import table_of
from store.model import Address, Contact, Customer, Event, LinkCode, Message, StaffAddress
from store.work import Work


@dataclass(frozen=True, kw_only=True, slots=True)
class NewCode:
    """A code for a contact or for one of the staff."""

    digest: str
    expires_at: datetime
    contact_id: int | None = None
    person: str = ""


def new_code(wish: Mapping[str, Any]) -> NewCode:
    """Read a wish for a code as commands and the API write it."""
    return NewCode(
        digest=wish["digest"],
        expires_at=datetime.fromisoformat(wish["expires_at"]),
        contact_id=wish["contact_id"],
        person=wish["person"],
    )


def put_code(tx: Tx, codes: Sequence[NewCode]) -> list[None]:
    """Keep codes."""
    work = Work(tx)
    for one in codes:
        row = LinkCode(
            id=work.id(),
            digest=one.digest,
            contact_id=one.contact_id,
            person=one.person,
            expires_at=one.expires_at,
        )
        work.add(row)
    work.flush()
    return [None] * len(codes)


def code(connection: Connection, digest: str, now: datetime) -> RowMapping | None:
    """Return a code that is still good."""
    c = table_of(LinkCode).c
    good = (c.digest == digest, c.used_at.is_(None), c.expires_at > now)
    return connection.execute(select(*c).where(*good)).mappings().first()


def wrong_codes(connection: Connection, channel: str, sender: str, now: datetime) -> int:
    """Count the wrong codes that somebody sent within the last hour."""
    e, m = table_of(Event).c, table_of(Message).c
    joined = table_of(Event).join(table_of(Message), e.message_id == m.id)
    recent = (e.at > now - timedelta(hours=1), m.channel == channel, m.sender == sender)
    told = e.text == "a code that is wrong, used or too old"
    return connection.execute(select(func.count()).select_from(joined).where(*recent, told)).scalar() or 0


def forget_address(connection: Connection, book: str, value: str, *, staff: bool) -> None:
    """Take an address from whoever has it."""
    table = table_of(StaffAddress if staff else Address)
    connection.execute(delete(table).where(table.c.book == book, table.c.value == value))


def staff_addresses(connection: Connection) -> dict[tuple[str, str], str]:
    """Return the addresses of the staff that were proved by a code, with their keys."""
    c = table_of(StaffAddress).c
    return {(row[0], row[1].lower()): row[2] for row in connection.execute(select(c.book, c.value, c.person))}


def language(connection: Connection, contact_id: int) -> str:
    """Return the language in which a contact first wrote; "" for nobody known."""
    c = table_of(Contact).c
    found: str | None = connection.execute(select(c.language).where(c.id == contact_id)).scalar()
    return found or ""


def books_of(connection: Connection, contact_id: int) -> set[str]:
    """Return the address books that a contact stands in."""
    c = table_of(Address).c
    return set(connection.execute(select(c.book).where(c.contact_id == contact_id)).scalars())


def address_in(connection: Connection, contact_id: int, book: str) -> str | None:
    """Return a contact's address in a book."""
    c = table_of(Address).c
    statement = select(c.value).where(c.contact_id == contact_id, c.book == book).order_by(c.id).limit(1)
    found: str | None = connection.execute(statement).scalar()
    return found


def contacts(connection: Connection, word: str, *, limit: int = 200) -> list[dict[str, Any]]:
    """Return contacts whose name, customer, id or address holds a word, newest first, with their addresses."""
    c, a, o = table_of(Contact).c, table_of(Address).c, table_of(Customer).c
    joined = table_of(Contact).outerjoin(table_of(Customer), c.customer_id == o.id)
    holds = select(a.contact_id).where(a.value.contains(word, autoescape=True))
    fits = [c.name.contains(word, autoescape=True), o.name.contains(word, autoescape=True), c.id.in_(holds)]
    if word.isdigit() and len(word) < 19:
        fits.append(c.id == int(word))
    statement = select(c.id, c.name, o.name.label("customer")).select_from(joined).order_by(c.id.desc()).limit(limit)
    rows = connection.execute(statement.where(or_(*fits)) if word else statement).mappings().all()
    ids = [row["id"] for row in rows]
    found: dict[int, list[tuple[str, str]]] = {ident: [] for ident in ids}
    for ident, book, value in connection.execute(select(a.contact_id, a.book, a.value).where(a.contact_id.in_(ids))):
        found[ident].append((book, value))
    return [{**row, "addresses": found[row["id"]]} for row in rows]
