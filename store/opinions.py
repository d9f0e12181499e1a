"""Questions to a second opinion: which is due, and what became of those that were asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select, update

from store.batch import Tx
from store.db import table_of
from store.model import Delivery, Opinion, Page
from store.rows import nouns

WORTH = timedelta(minutes=30)
"""After this a question is not asked any more: people have looked themselves."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Want:
    """A wish for one question: at most `per_hour` tries in an hour, nobody else's for the time of `lease`."""

    per_hour: int
    lease: timedelta


@dataclass(frozen=True, kw_only=True, slots=True)
class Handed:
    """The question to ask now, and how many were given up unasked."""

    opinion: Opinion | None = None
    late: int = 0
    skipped: int = 0


def claim(tx: Tx, want: Want) -> Handed:
    """Hand out the oldest question whose ticket has no page that still has to leave."""
    c = table_of(Opinion).c
    late = _given_up(tx, c.at < tx.now - WORTH, "late")
    if _tries(tx) >= want.per_hour:
        return Handed(late=late, skipped=_given_up(tx, c.due <= tx.now, "skipped"))
    page, delivery = table_of(Page), table_of(Delivery)
    unsent = (
        select(delivery.c.id)
        .select_from(page.join(delivery, delivery.c.page_id == page.c.id))
        .where(page.c.ticket_id == c.ticket_id)
        .exists()
    )
    chosen = select(c.id).where(c.due <= tx.now, ~unsent).order_by(c.due, c.id).limit(1)
    statement = (
        update(table_of(Opinion))
        .where(c.id.in_(chosen.with_for_update(skip_locked=True).scalar_subquery()))
        .values(due=tx.now + want.lease, asked_at=tx.now, attempt=c.attempt + 1)
        .returning(*c)
    )
    found = nouns(Opinion, tx.connection.execute(statement).mappings())
    return Handed(opinion=found[0] if found else None, late=late)


def _tries(tx: Tx) -> int:
    """Count the tries of the last hour."""
    c = table_of(Opinion).c
    statement = select(func.coalesce(func.sum(c.attempt), 0)).where(c.asked_at > tx.now - timedelta(hours=1))
    return int(tx.connection.execute(statement).scalar_one())


def _given_up(tx: Tx, which: object, outcome: str) -> int:
    table = table_of(Opinion)
    statement = update(table).where(table.c.due.is_not(None), which)  # type: ignore[arg-type]  # a comparison of columns
    return tx.connection.execute(statement.values(due=None, outcome=outcome)).rowcount


def current(connection: Connection, opinion_id: int, attempt: int) -> Opinion | None:
    """Return a question while this try is still the last one and nothing came of it; None when somebody went on."""
    c = table_of(Opinion).c
    statement = select(*c).where(c.id == opinion_id, c.attempt == attempt, c.due.is_not(None))
    found = nouns(Opinion, connection.execute(statement).mappings())
    return found[0] if found else None


def upcoming(connection: Connection) -> datetime | None:
    """Return when the next question is due; it may be past while a page still has to leave."""
    found: datetime | None = connection.execute(select(func.min(table_of(Opinion).c.due))).scalar()
    return found


def outcomes(connection: Connection, since: datetime) -> Mapping[str, int]:
    """Count what became of the questions about tickets opened since an instant."""
    c = table_of(Opinion).c
    statement = select(c.outcome, func.count()).where(c.at > since, c.outcome != "").group_by(c.outcome)
    return {row[0]: row[1] for row in connection.execute(statement).all()}
