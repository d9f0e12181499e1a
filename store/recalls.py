"""Texts of broadcasts that somebody wants taken back: which wait for it, and what came of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, case, func, select, update

from store.batch import Tx
from store.db import table_of
from store.inbox import clean
from store.model import Attempt, Message, Recipient, RecipientState

GOT = (RecipientState.SENT.value, RecipientState.DELIVERED.value)
KEPT = "not taken back: "
"""What the reason of somebody begins with who keeps the text."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Recall:
    """One text that is to be taken back."""

    recipient_id: int
    broadcast_id: int
    channel: str
    address: str
    group: bool
    provider_id: str
    """"" where the provider gave none."""
    at: datetime
    """When it was decided to send it."""
    parts: int
    """In how many it went."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What came of one."""

    recall: Recall
    why: str = ""
    """Why it was not taken back; "" when it was."""
    again: datetime | None = None
    """Not known yet: it is tried once more then."""


def waiting(connection: Connection, now: datetime, limit: int) -> list[Recall]:
    """Return what is to be taken back by now, the longest asked for first."""
    r, m, a = table_of(Recipient).c, table_of(Message).c, table_of(Attempt).c
    parts = select(func.max(a.segments)).where(a.message_id == m.id).scalar_subquery()
    statement = (
        select(r.id, r.broadcast_id, r.channel, r.address, r.group, m.provider_id, m.at, parts)
        .select_from(table_of(Recipient).join(table_of(Message), m.id == r.message_id))
        .where(r.recall_at <= now, r.state.in_(GOT))
        .order_by(r.recall_at, r.id)
        .limit(limit)
    )
    return [
        Recall(
            recipient_id=row[0],
            broadcast_id=row[1],
            channel=row[2],
            address=row[3],
            group=row[4],
            provider_id=row[5] or "",
            at=row[6],
            parts=row[7] or 1,
        )
        for row in connection.execute(statement).all()
    ]


def next_at(connection: Connection) -> datetime | None:
    """Return when the next one is to be taken back."""
    c = table_of(Recipient).c
    statement = select(func.min(c.recall_at)).where(c.recall_at.is_not(None), c.state.in_(GOT))
    found: datetime | None = connection.execute(statement).scalar()
    return found


def settle(tx: Tx, outcomes: Sequence[Outcome]) -> None:
    """Write down what came of recalls; one that was settled meanwhile stays as it is."""
    table = table_of(Recipient)
    for one in outcomes:
        mine = (table.c.id == one.recall.recipient_id, table.c.state.in_(GOT), table.c.recall_at.is_not(None))
        values: dict[str, object] = {"recall_at": one.again}
        if one.again is None and one.why:
            values |= {"reason": KEPT + clean(one.why)}
        elif one.again is None:
            values = {"state": RecipientState.RECALLED.value, "ended_at": tx.now, "reason": None}
        tx.connection.execute(update(table).where(*mine).values(**values))


def waits(connection: Connection, broadcast_id: int) -> bool:
    """Tell whether anything of a broadcast is still to be taken back."""
    c = table_of(Recipient).c
    mine = (c.recall_at.is_not(None), c.state.in_(GOT), c.broadcast_id == broadcast_id)
    return connection.execute(select(c.id).where(*mine).limit(1)).first() is not None


def tally(connection: Connection, broadcast_id: int) -> tuple[int, int, int]:
    """Count of a broadcast what waits to be taken back, what was, and what its reader keeps."""
    c = table_of(Recipient).c
    got = c.state.in_(GOT)
    waits = func.sum(case((got & c.recall_at.is_not(None), 1), else_=0))
    back = func.sum(case((c.state == RecipientState.RECALLED.value, 1), else_=0))
    kept = func.sum(case((got & c.recall_at.is_(None) & c.reason.startswith(KEPT), 1), else_=0))
    row = connection.execute(select(waits, back, kept).where(c.broadcast_id == broadcast_id)).one()
    return row[0] or 0, row[1] or 0, row[2] or 0
