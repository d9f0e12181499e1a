"""Lines of history that belong to no ticket."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, literal_column, select

from store.batch import Tx
from store.db import table_of
from store.model import Event, EventKind
from store.rows import nouns
from store.work import Work

ALARM: ColumnElement[str] = literal_column("'alarm'")
"""Spoken out, since a partial index is not found for a bound value in a plan that is kept."""


def alarm(tx: Tx, texts: Sequence[str]) -> list[None]:
    """Write an alarm for each text."""
    work = Work(tx)
    for text in texts:
        work.add(Event(id=work.id(), at=tx.now, kind=EventKind.ALARM, text=text))
    work.flush()
    return [None] * len(texts)


def alarms(connection: Connection, since: datetime, *, begins: str = "", limit: int = 100) -> list[Event]:
    """Return the alarms since an instant whose words begin so, the newest first."""
    c = table_of(Event).c
    statement = select(*c).where(c.kind == ALARM, c.at >= since, c.text.startswith(begins, autoescape=True))
    return nouns(Event, connection.execute(statement.order_by(c.id.desc()).limit(limit)).mappings())
