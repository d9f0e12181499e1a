"""How much waits in the queue, for the dispatcher's sleep, the metrics and the doctor."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, text

from store.db import table_of
from store.model import Delivery, Lane


@dataclass(frozen=True, kw_only=True, slots=True)
class Depth:
    """What waits or is under way for one destination and lane."""

    destination: str
    lane: int
    waiting: int
    claimed: int
    oldest: datetime | None
    """Since when the oldest unclaimed one is due; it may be in the future."""


_LANES = " UNION ALL ".join(f"SELECT {lane.value} AS lane" for lane in Lane)
# From destination to destination and lane by the index on what waits: an index on `due` alone would tempt PostgreSQL
# to claim by it, through all that waits in the other lanes.
_PENDING = f"""
WITH RECURSIVE hop(destination) AS (
    SELECT min(destination) FROM delivery WHERE owner IS NULL
    UNION ALL
    SELECT (SELECT min(d.destination) FROM delivery AS d WHERE d.owner IS NULL AND d.destination > hop.destination)
    FROM hop WHERE hop.destination IS NOT NULL
)
SELECT min((
    SELECT min(d.due) FROM delivery AS d
    WHERE d.owner IS NULL AND d.destination = hop.destination AND d.lane = lanes.lane AND d.due > :now
)) AS due
FROM hop, ({_LANES}) AS lanes
"""  # noqa: S608 - the lanes are ours


def pending(connection: Connection, now: datetime) -> datetime | None:
    """Tell when the next unclaimed text after `now` becomes due; what is due already is found by `claim`.

    Give the `now` from before that claim, so that nothing falls between the two.
    """
    due: datetime | None = connection.execute(_asked(), {"now": now}).scalar()
    return due


@cache
def _asked() -> Any:
    instant = table_of(Delivery).c.due.type
    return text(_PENDING).bindparams(bindparam("now", type_=instant)).columns(due=instant)


def depths(connection: Connection) -> list[Depth]:
    """Count the queue; it reads every row, so ask it every few seconds at most."""
    table = table_of(Delivery)
    waiting = table.c.owner.is_(None)
    rows = connection.execute(
        select(
            table.c.destination,
            table.c.lane,
            func.count().filter(waiting),
            func.count().filter(~waiting),
            func.min(table.c.due).filter(waiting),
        )
        .group_by(table.c.destination, table.c.lane)
        .order_by(table.c.destination, table.c.lane)
    )
    return [Depth(destination=row[0], lane=row[1], waiting=row[2], claimed=row[3], oldest=row[4]) for row in rows]
