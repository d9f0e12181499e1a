"""What a lead takes over, and what stays with whoever led before, counted without reading every ticket."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, func, select

from store.db import table_of
from store.model import HELD_STATES, OPEN_STATES, Ticket, TicketState


def counts(connection: Connection) -> tuple[int, int]:
    """Return how many tickets somebody has in hand, and how many wait for somebody."""
    c = table_of(Ticket).c
    statement = select(c.state, func.count()).where(c.state.in_(OPEN_STATES)).group_by(c.state)
    found = {row[0]: row[1] for row in connection.execute(statement)}
    return sum(found.get(state, 0) for state in HELD_STATES), found.get(TicketState.PAGING, 0)


def numbers_of_levels(connection: Connection, levels: Collection[int], limit: int) -> Sequence[int]:
    """Return the numbers of the open tickets of some levels, the oldest first."""
    c = table_of(Ticket).c
    statement = select(c.number).where(c.state.in_(OPEN_STATES), c.level.in_(list(levels)))
    return connection.execute(statement.order_by(c.id).limit(limit)).scalars().all()


def numbers_of(connection: Connection, owner: str, limit: int) -> Sequence[int]:
    """Return the numbers of the tickets that somebody has in hand, the oldest first."""
    c = table_of(Ticket).c
    statement = select(c.number).where(c.state.in_(HELD_STATES), c.owner == owner)
    return connection.execute(statement.order_by(c.id).limit(limit)).scalars().all()
