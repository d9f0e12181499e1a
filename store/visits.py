"""Questions about visits to sites, and the moves that only they need."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, RowMapping, or_, select, update

from store.db import table_of
from store.model import OPEN_STATES, OUT_STATES, Blob, Message, MessageState, Ticket, Visit, VisitState
from store.writer import Tx

Rows = Sequence[RowMapping]
MOST = 500
HIDDEN = "****"
"""Stands in a text where a code was."""


def of_tickets(connection: Connection, tickets: Iterable[int]) -> list[tuple[int, RowMapping]]:
    """Return (ticket, visit) of these tickets and of what became a part of them, oldest first."""
    v, t, wanted = table_of(Visit).c, table_of(Ticket).c, list(tickets)
    parts = connection.execute(select(t.id, t.merged_id).where(t.merged_id.is_not(None), t.merged_id.in_(wanted)))
    whole = {row[0]: row[1] for row in parts.all()}
    statement = select(*v).where(v.ticket_id.in_([*wanted, *whole])).order_by(v.id)
    found = connection.execute(statement).mappings().all()
    pairs = [(ticket, row) for row in found for ticket in (row["ticket_id"], whole.get(row["ticket_id"]))]
    return [(ticket, row) for ticket, row in pairs if ticket in wanted]


def out(connection: Connection, people: Collection[str]) -> list[tuple[str, int]]:
    """Return (engineer, ticket number) of everybody who was sent and is not back."""
    v, t = table_of(Visit).c, table_of(Ticket).c
    joined = table_of(Visit).join(table_of(Ticket), t.id == v.ticket_id)
    statement = select(v.engineer, t.number).select_from(joined)
    found = connection.execute(statement.where(v.engineer.in_(list(people)), v.state.in_(OUT_STATES)))
    return [(row[0], row[1]) for row in found.all()]


def listed(connection: Connection, *, open_only: bool, limit: int = MOST, sites: str = "") -> Rows:
    """Return visits with number, site, title and state of their tickets, newest first; `sites` is one site's name."""
    v, t = table_of(Visit).c, table_of(Ticket).c
    joined = table_of(Visit).join(table_of(Ticket), t.id == v.ticket_id)
    columns = (t.number, t.site, t.title, t.level, t.state.label("ticket_state"), t.language)
    statement = select(*v, *columns).select_from(joined).order_by(v.id.desc()).limit(limit)
    if open_only:
        statement = statement.where(v.state.in_((VisitState.ASKED, *OUT_STATES)))
    if sites:
        statement = statement.where(or_(t.site == sites, v.place.contains(sites, autoescape=True)))
    return connection.execute(statement).mappings().all()


def open_at(connection: Connection, site: str) -> Rows:
    """Return number, level and state of the open tickets of a site, the worst first."""
    t = table_of(Ticket).c
    statement = select(t.number, t.level, t.kind, t.state).where(t.site == site, t.state.in_(OPEN_STATES))
    return connection.execute(statement.order_by(t.level, t.id)).mappings().all()


def keep_picture(tx: Tx, sha256: str, body: bytes) -> None:
    """Keep a drawn signature, once per content."""
    tx.connection.execute(
        tx.database.insert(Blob).on_conflict_do_nothing(),
        [{"sha256": sha256, "body": body}],
    )


def picture(connection: Connection, visit_id: int) -> bytes | None:
    """Return the drawn signature of a visit."""
    v, b = table_of(Visit).c, table_of(Blob).c
    statement = select(b.body).where(v.id == visit_id, b.sha256 == v.signature, v.signature != "")
    found: bytes | None = connection.execute(statement).scalar()
    return found


def forget_code(tx: Tx, tickets: Collection[int], template: str, *, since: datetime) -> None:
    """Take the codes out of texts that told them since an instant; their digests are all that is needed."""
    m = table_of(Message)
    told = select(m.c.id, m.c.text, m.c.variables).where(m.c.ticket_id.in_(list(tickets)), m.c.template == template)
    for row in tx.connection.execute(told.where(m.c.at >= since, m.c.state != MessageState.QUEUED)).all():
        if code := row.variables.get("code"):
            kept = {name: value for name, value in row.variables.items() if name != "code"}
            values = {"text": row.text.replace(code, HIDDEN), "variables": kept}
            tx.connection.execute(update(m).where(m.c.id == row.id).values(**values))
