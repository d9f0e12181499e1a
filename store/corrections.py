"""What people said that a judgement should have been: what can be corrected, and everything that was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, literal_column, or_, select

from store.db import table_of
from store.model import Correction, Event, EventKind, Message, Ticket
from store.rows import nouns

IGNORED: ColumnElement[str] = literal_column("'ignored'")
"""Spoken out, since a partial index is not found for a bound value in a plan that is kept."""
CHANNELS_OWN = ("bounce", "history")
"""What a channel or an import marked; no judge looked at it, so nobody could correct one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ignored:
    """One message that opened nothing, and why."""

    message: Message
    why: str


def judged(connection: Connection, ticket_id: int, before: int | None = None) -> tuple[Message, str] | None:
    """Return the message by which a ticket got its kind and level (until an event), with its words as they were judged.

    That is the one that opened it, the last one by which the customer made it worse, or that of the ticket whose level
    it took over in a merge. None for a ticket that no message opened, or whose message was split off.
    """
    e = table_of(Event).c
    wanted = [e.ticket_id == ticket_id, e.kind.in_((EventKind.OPENED, EventKind.LEVEL))]
    if before is not None:
        wanted.append(e.id < before)
    statement = select(e.id, e.kind, e.message_id, e.actor, e.more).where(*wanted).order_by(e.id.desc())
    for event in connection.execute(statement).all():
        number = (event.more or {}).get("from") if event.kind == EventKind.LEVEL else None
        if number is not None:
            part = connection.execute(select(table_of(Ticket).c.id).where(table_of(Ticket).c.number == number)).scalar()
            return judged(connection, part, event.id) if part is not None else None
        decided = event.kind == EventKind.OPENED or event.actor == "customer"
        message = by_id(connection, event.message_id) if decided and event.message_id is not None else None
        if message is not None and message.ticket_id == ticket_id:
            return message, words(connection, message) if event.kind == EventKind.OPENED else message.text
    return None


def words(connection: Connection, message: Message) -> str:
    """Return what was judged when a message opened a ticket: short lines that came just before, and its own text."""
    m = table_of(Message).c
    same = (m.ticket_id == message.ticket_id, m.direction == "in", m.sender == message.sender, m.id < message.id)
    lines = connection.execute(select(m.text).where(*same).order_by(m.id)).scalars().all()
    return "\n".join([*lines, message.text])


def by_id(connection: Connection, message_id: int) -> Message | None:
    """Return a message without its raw bytes."""
    c = table_of(Message).c
    statement = select(*(column for column in c if column.name != "raw")).where(c.id == message_id)
    return next(iter(nouns(Message, connection.execute(statement).mappings())), None)


def ignored(connection: Connection, since: datetime, limit: int = 100) -> list[Ignored]:
    """Return what opened nothing since an instant and still belongs to nothing, newest first."""
    e, m = table_of(Event), table_of(Message)
    judge = or_(m.c.automatic.is_(None), m.c.automatic.not_in(CHANNELS_OWN))
    statement = (
        select(*(column for column in m.c if column.name != "raw"), e.c.text.label("why"))
        .select_from(e.join(m, m.c.id == e.c.message_id))
        .where(e.c.kind == IGNORED, e.c.at >= since, m.c.ticket_id.is_(None), judge)
        .order_by(e.c.id.desc())
        .limit(limit)
    )
    rows = connection.execute(statement).mappings().all()
    found = nouns(Message, [{name: row[name] for name in row if name != "why"} for row in rows])
    both = zip(found, rows, strict=True)
    # A wrong code or an order that was not proved was ignored as well, but nobody judged its words.
    return [Ignored(message=message, why=row["why"]) for message, row in both if "kind" in (message.verdict or {})]


def latest(connection: Connection, since: int = 0) -> Sequence[Correction]:
    """Return what people said of each message, oldest first; the last word on a message holds.

    `since`: only corrections whose id is greater.
    """
    c = table_of(Correction).c
    last = select(func.max(c.id)).group_by(c.message_id)
    statement = select(*c).where(c.id.in_(last), c.id > since).order_by(c.id)
    return nouns(Correction, connection.execute(statement).mappings())
