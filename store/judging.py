"""What waits to be judged, and setting aside what cannot be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, func, literal_column, select

from store.batch import Tx
from store.db import table_of
from store.inbox import short
from store.model import Event, Message, Quarantine, Ticket
from store.quarantine import quarantine_message
from store.rows import nouns

NEW: ColumnElement[str] = literal_column("'new'")
"""Spoken out, since a partial index is not found for a bound value in a plan that is kept."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Unjudged:
    """A message that no judgement could be made of, where it failed and why."""

    message_id: int
    where: str
    why: str


def waiting(connection: Connection, most: int, *, only: int | None = None) -> list[Message]:
    """Return messages that nobody has judged yet, oldest first, without their raw bytes."""
    c = table_of(Message).c
    statement = select(*(column for column in c if column.name != "raw")).where(c.state == NEW)
    if only is not None:
        statement = statement.where(c.id == only)
    return nouns(Message, connection.execute(statement.order_by(c.id).limit(most)).mappings())


def waiting_ids(tx: Tx, limits: Sequence[int]) -> list[list[int]]:
    """Return the ids of messages that nobody has judged yet, oldest first."""
    c = table_of(Message).c
    statement = select(c.id).where(c.state == NEW).order_by(c.id)
    return [list(tx.connection.execute(statement.limit(limit)).scalars()) for limit in limits]


def verdict(connection: Connection, message_id: int) -> dict[str, Any]:
    """Return what was decided on a message; empty while nobody judged it."""
    c = table_of(Message).c
    found = connection.execute(select(c.verdict).where(c.id == message_id)).scalar()
    return found or {}


def id_of(connection: Connection, channel: str, key: str) -> int | None:
    """Return the id of a message by the provider's id of it; None when it never came."""
    c = table_of(Message).c
    found: int | None = connection.execute(
        select(c.id).where(c.channel == channel, c.key == short(key), c.direction == "in")
    ).scalar()
    return found


def placed(connection: Connection) -> dict[str, int | None]:
    """Return the number of the ticket that each message that came in belongs to, by its key; None: to none."""
    m, t = table_of(Message), table_of(Ticket)
    joined = m.outerjoin(t, t.c.id == m.c.ticket_id)
    statement = select(m.c.key, t.c.number).select_from(joined).where(m.c.direction == "in").order_by(m.c.id)
    return {row[0]: row[1] for row in connection.execute(statement)}


def unannounced(connection: Connection) -> Sequence[RowMapping]:
    """Return what lies in quarantine and no history tells of yet, oldest first, without raw bytes."""
    q, e = table_of(Quarantine), table_of(Event)
    about = func.coalesce(q.c.message_id, q.c.id)
    # Ids follow time, so histories from before the row need not be read.
    later = (e.c.id > q.c.id, e.c.at >= q.c.at)
    told = select(e.c.id).where(*later, e.c.kind == "quarantined", e.c.message_id == about).exists()
    statement = select(*(c for c in q.c if c.name != "raw")).where(q.c.released_at.is_(None), ~told).order_by(q.c.id)
    return connection.execute(statement).mappings().all()


def raws(connection: Connection, channel: str, keys: Iterable[str]) -> dict[str, bytes]:
    """Return the bytes of those messages that are there already, by key."""
    c = table_of(Message).c
    statement = select(c.key, c.raw).where(c.key.in_([short(key) for key in keys]), c.channel == channel)
    return {row.key: row.raw for row in connection.execute(statement)}


def set_aside(tx: Tx, items: Sequence[Unjudged]) -> list[int | None]:
    """Move messages to quarantine; their bytes stay with the message."""
    return [quarantine_message(tx, one.message_id, where=one.where, why=one.why) for one in items]


def lines_before(connection: Connection, message: Message, span: timedelta, most: int) -> Sequence[RowMapping]:
    """Return what the same person said in the same place just before and that belongs to no matter, newest first."""
    c = table_of(Message).c
    columns = [column for column in c if column.name != "raw"]
    there = (c.channel == message.channel, c.sender == message.sender, c.direction == "in", c.ticket_id.is_(None))
    group = c.group == message.group if message.group else c.group.is_(None)
    # Ids follow time, so the primary key bounds the search; an older clock only makes it longer.
    when = (c.id < message.id, c.at >= message.at - span, c.state == "judged", c.automatic.is_(None))
    statement = select(*columns).where(*there, group, *when).order_by(c.id.desc()).limit(most)
    return connection.execute(statement).mappings().all()
