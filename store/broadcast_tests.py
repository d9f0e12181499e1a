"""Tests of broadcasts: what an author sent to themselves, counted so that nobody makes a habit of it."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from store.db import table_of
from store.ids import first_after
from store.model import Event, EventKind

TESTED = "tested"
"""The text of the line of history."""


def tests_since(connection: Connection, person: str, since: datetime) -> int:
    """Count the tests that somebody sent after an instant."""
    c = table_of(Event).c
    # The id leads to the last hour of a history of years; the clock that made it may be a little off.
    recent = c.id >= first_after(since - timedelta(hours=1))
    wanted = (recent, c.kind == EventKind.BROADCAST, c.actor == person, c.text == TESTED, c.at > since)
    return connection.execute(select(func.count()).select_from(table_of(Event)).where(*wanted)).scalar() or 0
