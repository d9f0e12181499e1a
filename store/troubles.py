"""What did not go as it should: texts suppressed, failed, late, of unknown outcome, or cancelled while being sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, literal_column, not_, or_, select

from store.db import table_of
from store.model import Event, Message, Ticket
from store.model.tickets import TROUBLES

SHOWN = ("suppressed", "failed", "late")
_TROUBLE: ColumnElement[bool] = literal_column(f"event.{TROUBLES}")
"""Spoken out, since a partial index is not found for bound values."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Trouble:
    """One line of what went wrong, or was left out on purpose."""

    id: int
    at: datetime
    kind: str
    """suppressed, failed or late."""
    number: int | None
    """Of the ticket."""
    to: str
    """A staff key, or an address."""
    method: str
    account: str
    """The destination of the text; "" when none was written."""
    state: str
    """What the text is now (unknown, cancelled, ...); "" when none was written."""
    reason: str


def listed(
    connection: Connection, *, number: int | None = None, before: int | None = None, but: Sequence[str], limit: int
) -> list[Trouble]:
    """Return troubles, the newest first: of one ticket, before an id, without those whose reason begins with `but`."""
    e, t, m = table_of(Event), table_of(Ticket), table_of(Message)
    joined = e.outerjoin(t, t.c.id == e.c.ticket_id).outerjoin(m, m.c.id == e.c.message_id)
    wanted: list[Any] = [_TROUBLE, e.c.kind.in_(SHOWN), _besides(but)]
    if number is not None:
        wanted.append(e.c.ticket_id == select(t.c.id).where(t.c.number == number).scalar_subquery())
    if before is not None:
        wanted.append(e.c.id < before)
    statement = (
        select(e.c.id, e.c.at, e.c.kind, e.c.text, e.c.more, t.c.number, m.c.channel, m.c.state)
        .select_from(joined)
        .where(*wanted)
        .order_by(e.c.at.desc(), e.c.id.desc())
        .limit(limit)
    )
    return [_trouble(row) for row in connection.execute(statement).mappings()]


def _trouble(row: Any) -> Trouble:
    more = row["more"] or {}
    return Trouble(
        id=row["id"],
        at=row["at"],
        kind=row["kind"],
        number=row["number"],
        to=str(more.get("to") or ""),
        method=str(more.get("by") or ""),
        account=row["channel"] or "",
        state=row["state"] or "",
        reason=row["text"],
    )


def counted(connection: Connection, since: datetime, *, but: Sequence[str]) -> int:
    """Count the troubles since an instant."""
    c = table_of(Event).c
    statement = select(func.count()).where(_TROUBLE, c.at >= since, c.kind.in_(SHOWN), _besides(but))
    return int(connection.execute(statement).scalar_one())


def _besides(but: Sequence[str]) -> Any:
    c = table_of(Event).c
    ordinary = [c.text.startswith(words, autoescape=True) for words in but]
    return not_(and_(c.kind == "suppressed", or_(*ordinary))) if ordinary else c.kind != ""


def storm_since(connection: Connection, person: str, since: datetime) -> bool:
    """Tell whether a storm before this person was told since an instant."""
    c = table_of(Event).c
    rows = connection.execute(select(c.more).where(_TROUBLE, c.at >= since, c.kind == "storm"))
    return any((row[0] or {}).get("to") == person for row in rows)
