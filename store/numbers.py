"""Short numbers, of tickets from 1001, handed out within the writing transaction and never reused."""

from __future__ import annotations

from sqlalchemy import select

from store.batch import Tx
from store.db import table_of
from store.model import Counter

FIRST = 1001
NAME = "ticket"


class Numbers:
    """The numbers of one exclusive transaction: read once, written back once.

    A transaction that fails gives its numbers back unseen; no other can hand out the same, only exclusive moves do.
    """

    def __init__(self, tx: Tx, name: str = NAME, first: int = FIRST) -> None:
        self._tx = tx
        self._name = name
        self._first = first
        self._last: int | None = None
        self._stored: int | None = None

    def next(self) -> int:
        """Return the next number."""
        if self._last is None:
            counter = table_of(Counter)
            found = self._tx.connection.execute(select(counter.c.value).where(counter.c.name == self._name)).scalar()
            self._stored = self._last = self._first - 1 if found is None else int(found)
        self._last += 1
        return self._last

    def flush(self) -> None:
        """Write back how far the numbers went."""
        if self._last == self._stored:
            return
        statement = self._tx.database.insert(Counter).values(name=self._name, value=self._last)
        self._tx.connection.execute(
            statement.on_conflict_do_update(index_elements=["name"], set_={"value": statement.excluded.value})
        )
        self._stored = self._last
