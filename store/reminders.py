"""Who is reminded of a package that they have not fetched: once, and never in two transactions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, bindparam, delete, func, or_, select, update

from store.batch import Tx
from store.completion import Mark, mark
from store.db import table_of
from store.model import Broadcast, BroadcastState, Delivery, Lane, MessageState, Recipient, RecipientState
from store.rows import nouns

GOT = (RecipientState.SENT.value, RecipientState.DELIVERED.value)
GOING = (BroadcastState.RUNNING.value, BroadcastState.DONE.value)


def broadcasts(connection: Connection, now: datetime) -> list[Broadcast]:
    """Return the broadcasts whose package can be fetched now and of which reminders may go."""
    table = table_of(Broadcast)
    c = table.c
    alive = (c.state.in_(GOING), c.package_id.is_not(None), c.revoked_at.is_(None), c.link_until > now)
    return nouns(Broadcast, connection.execute(select(table).where(*alive).order_by(c.id)).mappings())


def _open(broadcast_id: int) -> ColumnElement[bool]:
    """Got it, has not fetched it, said nothing against it, and was not reminded."""
    c = table_of(Recipient).c
    return and_(
        c.broadcast_id == broadcast_id,
        c.state.in_(GOT),
        c.reminded_at.is_(None),
        c.downloaded_at.is_(None),
        c.trouble_at.is_(None),
        c.recall_at.is_(None),
    )


def waiting(tx: Tx, broadcast_id: int, channel: str, before: datetime, limit: int) -> list[Recipient]:
    """Return who got it by a channel before an instant and is to be reminded."""
    table = table_of(Recipient)
    c = table.c
    statement = select(table).where(_open(broadcast_id), c.channel == channel, c.ended_at <= before)
    rows = tx.connection.execute(statement.order_by(c.ended_at, c.id).limit(limit)).mappings()
    return nouns(Recipient, rows)


def first(connection: Connection, broadcast_id: int, channel: str) -> datetime | None:
    """Return when the first of those got it by a channel who are not reminded yet."""
    c = table_of(Recipient).c
    mine = (_open(broadcast_id), c.channel == channel, c.ended_at.is_not(None))
    found: datetime | None = connection.execute(select(c.ended_at).where(*mine).order_by(c.ended_at).limit(1)).scalar()
    return found


def forget(tx: Tx, message_ids: Sequence[int]) -> Sequence[int]:
    """Let those be reminded once it goes on whose reminders were refused while it runs; returns these broadcasts."""
    table, b = table_of(Recipient), table_of(Broadcast)
    runs = select(b.c.id).where(b.c.state == BroadcastState.RUNNING.value)
    mine = update(table).where(table.c.reminder_id.in_(list(message_ids)), table.c.broadcast_id.in_(runs))
    gone = tx.connection.execute(mine.values(reminder_id=None, reminded_at=None).returning(table.c.broadcast_id))
    return sorted(set(gone.scalars()))


def of_messages(connection: Connection, ids: Sequence[int]) -> Mapping[int, int]:
    """Count by broadcast how many of these messages are reminders."""
    c = table_of(Recipient).c
    statement = select(c.broadcast_id, func.count()).where(c.reminder_id.in_(list(ids))).group_by(c.broadcast_id)
    return {row[0]: row[1] for row in connection.execute(statement).all()}


def reminded(tx: Tx, pairs: Sequence[tuple[int, int | None]]) -> None:
    """Note that these were reminded: (recipient, message), or will not be, without a message."""
    if pairs:
        table = table_of(Recipient)
        statement = update(table).where(table.c.id == bindparam("id_"))
        at = bindparam("now_", type_=table.c.reminded_at.type)
        new = statement.values(reminder_id=bindparam("message_"), reminded_at=at)
        tx.connection.execute(new, [{"id_": one, "message_": message, "now_": tx.now} for one, message in pairs])


def withdraw(tx: Tx, reason: str) -> int:
    """Take back the reminders that nobody has claimed of broadcasts that stand still; they may be reminded later."""
    d, r, b = table_of(Delivery), table_of(Recipient), table_of(Broadcast)
    still = or_(b.c.state.not_in(GOING), b.c.revoked_at.is_not(None), b.c.link_until <= tx.now)
    lying = select(d.c.message_id).where(d.c.lane == int(Lane.BROADCAST), d.c.owner.is_(None))
    joined = r.join(b, b.c.id == r.c.broadcast_id)
    mine = select(r.c.reminder_id).select_from(joined).where(r.c.reminder_id.in_(lying), still)
    gone = tx.connection.execute(
        delete(d).where(d.c.message_id.in_(mine), d.c.owner.is_(None)).returning(d.c.message_id)
    )
    ids = sorted(gone.scalars())
    mark(tx, [Mark(message_id=one, state=MessageState.CANCELLED, reason=reason) for one in ids])
    if ids:
        tx.connection.execute(update(r).where(r.c.reminder_id.in_(ids)).values(reminder_id=None, reminded_at=None))
    return len(ids)
