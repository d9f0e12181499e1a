"""Signs of life: one row for each thing that must not fall silent, with when it last lived and whether it is missed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from store.batch import Tx
from store.db import table_of
from store.model import Pulse
from store.rows import nouns


@dataclass(frozen=True, kw_only=True, slots=True)
class Beat:
    """Something lived at an instant; `note` says how that was seen."""

    name: str
    at: datetime
    note: str = ""


def beat(tx: Tx, beats: Sequence[Beat]) -> list[None]:
    """Write signs of life down; one that is older than what is known changes nothing."""
    newest: dict[str, Beat] = {}
    for one in sorted(beats, key=lambda one: one.at):
        newest[one.name] = one
    table = table_of(Pulse)
    for name in sorted(newest):
        one = newest[name]
        statement = tx.database.insert(Pulse).values(
            id=tx.database.ids(), name=name, at=one.at, alarmed_at=None, note=one.note
        )
        statement = statement.on_conflict_do_update(
            index_elements=["name"],
            set_={"at": statement.excluded.at, "note": statement.excluded.note},
            where=table.c.at <= statement.excluded.at,
        )
        tx.connection.execute(statement)
    return [None] * len(beats)


def missed(tx: Tx, items: Sequence[tuple[str, bool]]) -> list[None]:
    """Keep of something whether it is missed: that somebody was told, or that there is nothing to tell any more."""
    for name, told in items:
        at = tx.now if told else None
        statement = tx.database.insert(Pulse).values(id=tx.database.ids(), name=name, at=tx.now, alarmed_at=at, note="")
        statement = statement.on_conflict_do_update(index_elements=["name"], set_={"alarmed_at": at})
        tx.connection.execute(statement)
    return [None] * len(items)


def pulses(connection: Connection) -> list[Pulse]:
    """Return every sign of life, by name."""
    table = table_of(Pulse)
    return nouns(Pulse, connection.execute(select(*table.c).order_by(table.c.name)).mappings())


def server_now(connection: Connection) -> datetime | None:
    """Return what time it is by the clock of the database's server; None where it has none of its own."""
    if connection.dialect.name != "postgresql":
        return None
    found: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
    return found
