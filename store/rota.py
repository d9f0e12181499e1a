"""Questions about who was put on duty against the rota, who is away, and what the staff were asked."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, RowMapping, or_, select

from store.db import table_of
from store.model import Inquiry, Presence, Shift, ShiftState
from store.rows import nouns

Rows = Sequence[RowMapping]
STANDS = (ShiftState.IN_FORCE, ShiftState.PROPOSED)


def shifts(connection: Connection, now: datetime, *, proposed: bool = False) -> list[Shift]:
    """Return what holds against the rota and is not over, oldest first; with `proposed` what may come to hold, too."""
    c = table_of(Shift).c
    states = STANDS if proposed else STANDS[:1]
    statement = select(*c).where(c.state.in_(states), or_(c.ends.is_(None), c.ends > now)).order_by(c.id)
    return nouns(Shift, connection.execute(statement).mappings())


def presences(connection: Connection, now: datetime) -> list[Presence]:
    """Return who is or will be away or awake, oldest first."""
    c = table_of(Presence).c
    return nouns(Presence, connection.execute(select(*c).where(c.ends > now).order_by(c.id)).mappings())


def open_inquiries(connection: Connection, people: Collection[str]) -> Rows:
    """Return what these people were asked and have not answered, oldest first."""
    c = table_of(Inquiry).c
    statement = select(*c).where(c.answer == "", c.person.in_(list(people))).order_by(c.id)
    return connection.execute(statement).mappings().all()


def inquiries_of(connection: Connection, tickets: Iterable[int]) -> Rows:
    """Return the open inquiries about these tickets, oldest first."""
    c = table_of(Inquiry).c
    statement = select(*c).where(c.answer == "", c.ticket_id.in_(list(tickets))).order_by(c.id)
    return connection.execute(statement).mappings().all()


def inquiries_by_ids(connection: Connection, ids: Iterable[int]) -> Rows:
    """Return inquiries by id, open or not."""
    c = table_of(Inquiry).c
    return connection.execute(select(*c).where(c.id.in_(list(ids))).order_by(c.id)).mappings().all()


def inquiries_since(connection: Connection, kind: str, since: datetime) -> Rows:
    """Return all inquiries of a kind that were asked since an instant, oldest first."""
    c = table_of(Inquiry).c
    statement = select(*c).where(c.kind == kind, c.asked_at >= since).order_by(c.id)
    return connection.execute(statement).mappings().all()
