"""The future: due times, each a row that goes in the same transaction as what it causes."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, delete, func, select

from store.batch import Tx
from store.db import table_of
from store.model import Timer
from store.rows import nouns


def fire(tx: Tx, now: datetime, limit: int) -> list[Timer]:
    """Remove and return the timers that are due, earliest first; no two processes get the same one."""
    table = table_of(Timer)
    chosen = (
        select(table.c.id)
        .where(table.c.due <= now)
        .order_by(table.c.due)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = tx.connection.execute(
        delete(table).where(table.c.id.in_(chosen.scalar_subquery())).returning(*table.columns)
    )
    return sorted(nouns(Timer, rows.mappings()), key=lambda timer: (timer.due, timer.id))


def next_due(connection: Connection) -> datetime | None:
    """Tell when the earliest timer is due."""
    due: datetime | None = connection.execute(select(func.min(table_of(Timer).c.due))).scalar()
    return due


def drop(tx: Tx, ticket_ids: Iterable[int], kinds: Iterable[str] | None = None, *, about: str | None = None) -> int:
    """Remove the timers of tickets, all or those of some kinds, or about one thing; answers how many there were."""
    table = table_of(Timer)
    tickets = sorted(set(ticket_ids))
    if not tickets:
        return 0
    gone = delete(table).where(table.c.ticket_id.in_(tickets))
    if kinds is not None:
        gone = gone.where(table.c.kind.in_(sorted(str(kind) for kind in kinds)))
    if about is not None:
        gone = gone.where(table.c.about == about)
    return tx.connection.execute(gone).rowcount
