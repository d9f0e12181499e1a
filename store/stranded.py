"""Finds texts that wait for an account which nobody sends for any more."""

from collections.abc import Collection, Iterator, Sequence

from sqlalchemy import Connection, func, select

from store.batch import Tx
from store.db import table_of
from store.model import Delivery


def others(tx: Tx, known: Sequence[Collection[str]]) -> list[Sequence[str]]:
    """Return the destinations, other than the known ones, for which something waits."""
    names = list(_destinations(tx.connection))
    return [[name for name in names if name not in ours] for ours in known]


def _destinations(connection: Connection) -> Iterator[str]:
    """Go from name to name by the index: neither database skips to the next distinct value by itself."""
    c = table_of(Delivery).c
    name: str | None = ""
    while name is not None:
        following = select(func.min(c.destination)).where(c.owner.is_(None), c.destination > name)
        name = connection.execute(following).scalar()
        if name is not None:
            yield name
