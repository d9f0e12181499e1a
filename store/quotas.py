"""What went by an account lately and what is about to go, counted for the quotas of its provider."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from json import dumps
from typing import Any

from sqlalchemy import Connection, TextClause, bindparam, select, text

from store.batch import Tx
from store.db import Database, table_of
from store.ids import EPOCH
from store.model import Attempt, Delivery, Message

_LOCK = 7318349394477058
_TIME_SHIFT = 22


@dataclass(frozen=True, kw_only=True, slots=True)
class Used:
    """One text to one address by one account; `at` may lie ahead."""

    destination: str
    to: str
    template: str
    at: datetime


def lock(tx: Tx) -> None:
    """Let nobody else count and send by a quota until this transaction ends; one process needs no lock."""
    if tx.database.shared:
        tx.connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def used(
    connection: Connection,
    database: Database,
    wanted: Iterable[tuple[str, str]],
    since: datetime,
    *,
    waiting: bool = True,
) -> Sequence[Used]:
    """Return what went to these (account, address) since an instant, and what waits to go; one statement for all.

    A text that waits counts at the instant it is due, or now when that is over.
    """
    pairs = dumps(sorted(set(wanted)))
    statement = database.once(("quotas.used", waiting), lambda: _asked(database, waiting=waiting))
    now = database.now()
    rows = connection.execute(statement, {"pairs": pairs, "since": since})
    return [
        Used(destination=row[0], to=row[1], template=row[2], at=max(row[3], now) if row[4] else row[3]) for row in rows
    ]


def used_by_account(
    connection: Connection, destination: str, since: datetime, now: datetime, *, waiting: bool = True
) -> Sequence[Used]:
    """Return what went by an account since an instant, and what waits there."""
    a, d, m = table_of(Attempt).c, table_of(Delivery).c, table_of(Message).c
    floor = max(0, (since - EPOCH) // timedelta(milliseconds=1)) << _TIME_SHIFT
    gone = select(a.recipient, a.template, a.started_at).where(
        # By the key, which is ordered by time: an index on accounts alone would be paid for by every send.
        a.id >= floor,
        a.destination == destination,
        a.started_at > since,
        a.outcome != "cancelled",
    )
    waits = (
        select(m.recipient, m.template, d.due)
        .join_from(table_of(Delivery), table_of(Message), m.id == d.message_id)
        .where(d.destination == destination, d.owner.is_(None))
        .limit(1000)
    )
    found = [Used(destination=destination, to=row[0], template=row[1], at=row[2]) for row in connection.execute(gone)]
    if not waiting:
        return found
    return found + [
        Used(destination=destination, to=row[0], template=row[1], at=max(row[2], now))
        for row in connection.execute(waits)
    ]


def _asked(database: Database, *, waiting: bool) -> TextClause:
    """As text with one JSON parameter, since a list of changing length is compiled anew every time."""
    source = (
        "SELECT value->>0 AS destination, value->>1 AS recipient FROM json_array_elements(CAST(:pairs AS json))"
        if database.shared
        else "SELECT json_extract(value, '$[0]') AS destination, json_extract(value, '$[1]') AS recipient "
        "FROM json_each(:pairs)"
    )
    # CROSS JOIN in this order tells SQLite which table to begin with; PostgreSQL finds it by itself.
    ahead = """
        UNION ALL
        SELECT w.destination, w.recipient, m.template, d.due AS at, 1 AS waits
        FROM w CROSS JOIN message AS m CROSS JOIN delivery AS d
        WHERE m.recipient = w.recipient AND m.at > :since AND m.channel = w.destination AND m.state = 'queued'
          AND d.message_id = m.id AND d.owner IS NULL
    """
    statement = f"""
        WITH w AS ({source})
        SELECT w.destination, w.recipient, a.template, a.started_at AS at, 0 AS waits
        FROM w CROSS JOIN attempt AS a
        WHERE a.destination = w.destination AND a.recipient = w.recipient AND a.started_at > :since
          AND a.outcome <> 'cancelled' {ahead if waiting else ""}
    """  # noqa: S608 - the source is ours
    instant: Any = table_of(Delivery).c.due.type
    found = text(statement).bindparams(bindparam("since", type_=instant))
    return found.columns(at=instant)  # type: ignore[return-value]
