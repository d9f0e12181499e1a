"""Access tokens of providers, shared by all processes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, select

from store.batch import Tx
from store.db import table_of
from store.model import AccessToken


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """A token and the instant from which a new one is asked for."""

    name: str
    value: str = field(repr=False)
    renew_at: datetime


def find(connection: Connection, name: str) -> Kept | None:
    """Return the token called `name`."""
    c = table_of(AccessToken).c
    row = connection.execute(select(c.value, c.renew_at).where(c.name == name)).first()
    return Kept(name=name, value=row[0], renew_at=row[1]) if row else None


def keep(tx: Tx, items: Sequence[Kept]) -> list[None]:
    """Keep tokens in the place of earlier ones."""
    for item in items:
        statement = tx.database.insert(AccessToken).values(name=item.name, value=item.value, renew_at=item.renew_at)
        new = {column: statement.excluded[column] for column in ("value", "renew_at")}
        tx.connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_=new))
    return [None] * len(items)
