"""Token buckets as rows: the limit of a destination holds over all processes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from store.batch import Tx
from store.db import table_of
from store.model import Bucket

Limit = tuple[float, float]
"""Tokens per second, and how many may gather."""


@dataclass(slots=True)
class _Level:
    tokens: float
    at: float
    rate: float
    most: float
    used: int = 0


class Buckets:
    """The tokens of some destinations within one transaction; nobody else takes from them until it ends."""

    def __init__(self, tx: Tx, limits: Mapping[str, Limit]) -> None:
        self._tx = tx
        self._levels = _levels(tx, limits) if limits else {}

    def left(self, destination: str, most: int, *, keep: int = 0) -> int:
        """How many of `most` sends the destination bears now; one without a limit bears all.

        `keep` tokens are left for others, as far as so many and one more can gather.
        """
        level = self._levels.get(destination)
        return most if level is None else min(most, int(level.tokens - min(keep, level.most - 1)))

    def take(self, destination: str, count: int) -> None:
        """Use up tokens."""
        level = self._levels.get(destination)
        if level is not None:
            level.tokens -= count
            level.used += count

    def wait(self, destination: str, *, keep: int = 0) -> float:
        """Seconds until there is a token beside those that are kept for others; 0 when there is one."""
        level = self._levels.get(destination)
        return 0.0 if level is None else max(0.0, (1 + min(keep, level.most - 1) - level.tokens) / level.rate)

    def flush(self) -> None:
        """Write the buckets that were used."""
        rows = [
            {"destination": destination, "tokens": level.tokens, "at": level.at}
            for destination, level in sorted(self._levels.items())
            if level.used
        ]
        if not rows:
            return
        statement = self._tx.database.insert(Bucket)
        statement = statement.on_conflict_do_update(
            index_elements=["destination"],
            set_={"tokens": statement.excluded.tokens, "at": statement.excluded["at"]},
        )
        self._tx.connection.execute(statement, rows)


def _levels(tx: Tx, limits: Mapping[str, Limit]) -> dict[str, _Level]:
    found = _read(tx, sorted(limits))
    missing = sorted(set(limits) - set(found))
    if missing:
        # Made first and then read with a lock, so that two processes do not both start with a full bucket.
        rows = [{"destination": name, "tokens": limits[name][1], "at": 0.0} for name in missing]
        tx.connection.execute(tx.database.insert(Bucket).on_conflict_do_nothing(), rows)
        found |= _read(tx, missing)
    return {name: _filled(*found[name], limit=limits[name]) for name in limits}


def _read(tx: Tx, names: Sequence[str]) -> dict[str, tuple[float, float, float]]:
    table = table_of(Bucket)
    rows = tx.connection.execute(
        select(table.c.destination, table.c.tokens, table.c["at"], tx.database.clock())
        .where(table.c.destination.in_(names))
        .order_by(table.c.destination)
        .with_for_update()
    )
    return {row[0]: (row[1], row[2], row[3]) for row in rows}


def _filled(tokens: float, at: float, now: float, *, limit: Limit) -> _Level:
    """Add what ran in since `at`; a clock that stepped back adds nothing."""
    rate, burst = limit
    return _Level(tokens=min(burst, tokens + max(0.0, now - at) * rate), at=max(at, now), rate=rate, most=burst)
