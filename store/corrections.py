"""What people said that a judgement should have been: what can be corrected, and everything that was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, func, literal_column, or_, select

from store.db import table_of
from store.model import Correction, Event, EventKind, Message
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


def judged(connection: Connection, ticket_id: int) -> tuple[Message, str] | None:
    """Return the message by which a ticket got its kind and level, with its words as they were judged.

    That is the one that opened it or the last one by which the customer made it worse. None for a ticket that no
    message opened.
    """
    e, m = table_of(Event).c, table_of(Message).c
    decided = or_(e.kind == EventKind.OPENED, and_(e.kind == EventKind.LEVEL, e.actor == "customer"))
    found = connection.execute(
        select(e.message_id, e.kind)
        .where(e.ticket_id == ticket_id, e.message_id.is_not(None), decided)
        .order_by(e.id.desc())
        .limit(1)
    ).first()
    message = by_id(connection, found[0]) if found else None
    if message is None or found is None or found[1] != EventKind.OPENED:
        return (message, message.text) if message else None
    # Short lines that came just before were judged together with the one that opened it.
    same = (m.ticket_id == ticket_id, m.direction == "in", m.sender == message.sender, m.id < message.id)
    lines = connection.execute(select(m.text).where(*same).order_by(m.id)).scalars().all()
    return message, "\n".join([*lines, message.text])


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
