"""What moves do to many recipients at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import and_, bindparam, delete, select, update

from store.batch import Tx
from store.completion import Mark, mark
from store.db import table_of
from store.model import Delivery, MessageState, Recipient, RecipientState
from store.rows import values

WAITING = frozenset({RecipientState.PENDING.value, RecipientState.QUEUED.value})


def take_back(tx: Tx, broadcast_id: int, reason: str, *, channel: str | None = None) -> int:
    """Withdraw what lies in the queue and nobody has claimed: those recipients are pending again; returns how many."""
    table, recipients = table_of(Delivery), table_of(Recipient)
    mine = select(recipients.c.message_id).where(
        recipients.c.broadcast_id == broadcast_id, recipients.c.state == RecipientState.QUEUED.value
    )
    if channel is not None:
        mine = mine.where(recipients.c.channel == channel)
    gone = tx.connection.execute(
        delete(table).where(table.c.message_id.in_(mine), table.c.owner.is_(None)).returning(table.c.message_id)
    )
    ids = sorted(gone.scalars())
    mark(tx, [Mark(message_id=one, state=MessageState.CANCELLED, reason=reason) for one in ids])
    pending_again(tx, ids)
    return len(ids)


def pending_again(tx: Tx, message_ids: Iterable[int]) -> None:
    """Let the recipients of these messages wait as if nothing had been queued for them."""
    ids = list(message_ids)
    if not ids:
        return
    c = table_of(Recipient).c
    statement = update(table_of(Recipient)).where(c.message_id.in_(ids))
    tx.connection.execute(
        statement.values(
            state=RecipientState.PENDING.value, reason=None, message_id=None, ended_at=None, tries=c.tries - 1
        )
    )


def queue(tx: Tx, pairs: Sequence[tuple[int, int]]) -> None:
    """Note that these recipients were put into the queue: (recipient, message)."""
    if pairs:
        table = table_of(Recipient)
        tx.connection.execute(
            tx.database.once("broadcast.queue", lambda: _queue(table)),
            [{"id_": one, "message_": message, "state_": RecipientState.QUEUED.value} for one, message in pairs],
        )


def _queue(table: Any) -> Any:
    return (
        update(table)
        .where(table.c.id == bindparam("id_"))
        .values(state=bindparam("state_"), message_id=bindparam("message_"), tries=table.c.tries + 1)
    )


def fail(tx: Tx, failed: Iterable[tuple[int, str]]) -> None:
    """Note why these recipients cannot be written to at all: (recipient, reason)."""
    _end(tx, failed, RecipientState.FAILED)


def skip(tx: Tx, skipped: Iterable[tuple[int, str]]) -> None:
    """Note why these recipients are left out although they stood on the list: (recipient, reason)."""
    _end(tx, skipped, RecipientState.SKIPPED)


def _end(tx: Tx, ended: Iterable[tuple[int, str]], state: RecipientState) -> None:
    rows = [{"id_": one, "reason_": reason, "now_": tx.now} for one, reason in ended]
    if rows:
        table = table_of(Recipient)
        statement = update(table).where(table.c.id == bindparam("id_"))
        now = bindparam("now_", type_=table.c.ended_at.type)
        new = {"state": state.value, "reason": bindparam("reason_"), "ended_at": now}
        tx.connection.execute(statement.values(**new), rows)


def cancel_some(tx: Tx, broadcast_id: int, limit: int) -> int:
    """Cancel some of those that wait; returns how many."""
    return _change_some(tx, broadcast_id, RecipientState.PENDING, RecipientState.CANCELLED, limit)


def _change_some(tx: Tx, broadcast_id: int, old: RecipientState, new: RecipientState, limit: int) -> int:
    table = table_of(Recipient)
    chosen = select(table.c.id).where(table.c.broadcast_id == broadcast_id, table.c.state == old.value).limit(limit)
    statement = update(table).where(table.c.id.in_(chosen.scalar_subquery()))
    done = tx.connection.execute(statement.values(state=new.value, ended_at=tx.now))
    return int(done.rowcount)


def again(tx: Tx, broadcast_id: int, states: Sequence[str]) -> int:
    """Let those that failed, or of whom nobody knows, wait once more; returns how many."""
    table = table_of(Recipient)
    mine = and_(table.c.broadcast_id == broadcast_id, table.c.state.in_(list(states)), table.c.wave > 0)
    new = {"state": RecipientState.PENDING.value, "reason": None, "message_id": None, "ended_at": None}
    new["recall_at"] = None
    return int(tx.connection.execute(update(table).where(mine).values(**new)).rowcount)


def add(tx: Tx, rows: Sequence[Recipient]) -> None:
    """Add recipients; one that stands there already stays as it is."""
    if rows:
        # Only this: a code that was drawn before must raise, and is drawn anew when the move is run again.
        same = ["broadcast_id", "who", "channel"]
        statement = tx.database.insert(Recipient).on_conflict_do_nothing(index_elements=same)
        tx.connection.execute(statement, [values(row) for row in rows])


def remove_all(tx: Tx, broadcast_id: int) -> None:
    """Forget a list of which nothing was sent yet."""
    tx.connection.execute(delete(table_of(Recipient)).where(table_of(Recipient).c.broadcast_id == broadcast_id))


def ask_recall(tx: Tx, broadcast_id: int) -> int:
    """Note for everybody who got it that it is to be taken back; returns how many."""
    table = table_of(Recipient)
    got = (RecipientState.SENT.value, RecipientState.DELIVERED.value)
    mine = and_(table.c.broadcast_id == broadcast_id, table.c.state.in_(got), table.c.recall_at.is_(None))
    return int(tx.connection.execute(update(table).where(mine).values(recall_at=tx.now)).rowcount)


def renumber(tx: Tx, broadcast_id: int, waves: Sequence[int]) -> None:
    """Call the waves that have somebody 1, 2, 3 without a gap."""
    table = table_of(Recipient)
    for new, old in enumerate(waves, 1):
        if new != old:
            mine = and_(table.c.broadcast_id == broadcast_id, table.c.wave == old)
            tx.connection.execute(update(table).where(mine).values(wave=new))
