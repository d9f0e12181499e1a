"""Finds what was forgotten: open tickets that nothing is planned for, promises without a breach ahead, late timers.

Tickets are walked in pages by the index on state and id: one question about all of them would read every open ticket
and every timer at once, and the more there are the longer the writer would stand still.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, exists, func, select

from store.db import table_of
from store.model import OPEN_STATES, Clock, Delivery, Lane, Ticket, TicketState, Timer, TimerKind

PAGE = 500
"""Tickets looked at with one question."""
AHEAD = (
    TimerKind.STEP,
    TimerKind.CLOCK,
    TimerKind.HOLD,
    TimerKind.STILL,
    TimerKind.INQUIRY,
    TimerKind.UNTOUCHED,
)
"""What is planned for an open ticket; a receipt that is waited for plans nothing."""
Rows = Sequence[RowMapping]


def page(connection: Connection, state: str, after: int, limit: int = PAGE) -> Sequence[int]:
    """Return ids of the tickets in a state after an id, in order."""
    c = table_of(Ticket).c
    statement = select(c.id).where(c.state == state, c.id > after).order_by(c.id).limit(limit)
    return [row[0] for row in connection.execute(statement)]


def rungless(connection: Connection, ids: Iterable[int]) -> Rows:
    """Return those of these tickets that wait for somebody and have no rung of their round ahead."""
    t, m = table_of(Ticket).c, table_of(Timer).c
    ahead = _planned(m.kind == TimerKind.STEP, m.round == t.round)
    return _all(connection, select(*t).where(t.id.in_(list(ids)), t.state == TicketState.PAGING, ~ahead))


def dueless(connection: Connection, ids: Iterable[int]) -> Rows:
    """Return those of these tickets that are open and have no due time at all."""
    t, m = table_of(Ticket).c, table_of(Timer).c
    ahead = _planned(m.kind.in_(AHEAD))
    return _all(connection, select(*t).where(t.id.in_(list(ids)), t.state.in_(OPEN_STATES), ~ahead))


def unguarded(connection: Connection, ids: Iterable[int]) -> Rows:
    """Return the running clocks of these tickets, where they are open, whose breach is not planned."""
    t, c, m = table_of(Ticket).c, table_of(Clock).c, table_of(Timer).c
    planned = exists().where(m.ticket_id == c.ticket_id, m.kind == TimerKind.CLOCK, m.about == c.kind, m.part >= 1.0)
    running = (c.stopped_at.is_(None), c.breached_at.is_(None), c.paused_at.is_(None))
    joined = table_of(Clock).join(table_of(Ticket), t.id == c.ticket_id)
    statement = select(*c).select_from(joined).where(c.ticket_id.in_(list(ids)), t.state.in_(OPEN_STATES), *running)
    return _all(connection, statement.where(~planned))


def _planned(*wanted: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(table_of(Timer).c.ticket_id == table_of(Ticket).c.id, *wanted)


def _all(connection: Connection, statement: Any) -> Rows:
    found: Rows = connection.execute(statement).mappings().all()
    return found


def late_timers(connection: Connection, before: datetime, limit: int = 100) -> Rows:
    """Return due times that passed before an instant and still stand there, the oldest first."""
    c = table_of(Timer).c
    return _all(connection, select(*c).where(c.due < before).order_by(c.due).limit(limit))


def oldest_page(connection: Connection, destinations: Iterable[str]) -> datetime | None:
    """Return since when the oldest page to one of these accounts is due that nobody has claimed."""
    c = table_of(Delivery).c
    found = [
        connection.execute(
            select(func.min(c.due)).where(c.destination == name, c.lane == int(Lane.PAGE), c.owner.is_(None))
        ).scalar()
        for name in destinations
    ]
    return min((due for due in found if due is not None), default=None)
