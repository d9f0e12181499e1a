"""The future: due times, each a row that goes in the same transaction as what it causes."""

from collections.abc import Iterable, Sequence
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


def of_kind(connection: Connection, kind: str, limit: int = 10_000) -> list[Timer]:
    """Return the due times of a kind that belong to no ticket, the earliest first."""
    c = table_of(Timer).c
    statement = select(*c).where(c.ticket_id.is_(None), c.kind == kind).order_by(c.due).limit(limit)
    return nouns(Timer, connection.execute(statement).mappings())


def remove(tx: Tx, ids: Sequence[int]) -> None:
    """Remove single due times."""
    if ids:
        tx.connection.execute(delete(table_of(Timer)).where(table_of(Timer).c.id.in_(list(ids))))


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


def about(connection: Connection, kind: str, begin: str) -> list[Timer]:
    """Return the timers of a kind that are about something; it looks through all of them, and is for a start only."""
    c = table_of(Timer).c
    statement = select(*c).where(c.kind == kind, c.about.startswith(begin, autoescape=True)).order_by(c.id)
    return nouns(Timer, connection.execute(statement).mappings())
