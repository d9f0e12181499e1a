"""Questions about the secret addresses under which calendars are read."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, RowMapping, select

from store.db import table_of
from store.model import Feed
from store.rows import noun


def feed_at(connection: Connection, digest: str) -> Feed | None:
    """Return the feed of a secret's digest, unless it was revoked."""
    c = table_of(Feed).c
    row = connection.execute(select(*c).where(c.digest == digest, c.revoked_at.is_(None))).mappings().first()
    return noun(Feed, row) if row else None


def feeds(connection: Connection) -> Sequence[RowMapping]:
    """Return all feeds that hold, oldest first."""
    c = table_of(Feed).c
    return connection.execute(select(*c).where(c.revoked_at.is_(None)).order_by(c.id)).mappings().all()
