"""Which pages still wait for an answer: asked once more between the claim and the send."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, and_, select, union_all

from store.db import table_of
from store.model import Page, PageState, Ticket, TicketState


@dataclass(frozen=True, kw_only=True, slots=True)
class Waits:
    """What one read says of pages and of the tickets that bundles name."""

    open_pages: frozenset[int]
    """Ids of the pages whose person is still asked."""
    persons: dict[int, str]
    """Page id to its person."""
    open_numbers: frozenset[tuple[str, int]]
    """(person, ticket number) that still wait."""


def waits(connection: Connection, pages: Iterable[int], numbers: Iterable[int]) -> Waits:
    """Ask for these pages, and for every open page of the tickets with these numbers; one statement by index."""
    p, t = table_of(Page), table_of(Ticket)
    joined = p.join(t, t.c.id == p.c.ticket_id)
    columns = (p.c.id, p.c.person, t.c.number, p.c.state, p.c.round, t.c.round.label("now"), t.c.state.label("is"))
    own = select(*columns).select_from(joined).where(p.c.id.in_(list(pages)))
    listed = select(*columns).select_from(joined)
    listed = listed.where(t.c.number.in_(list(numbers)), and_(p.c.state == PageState.OPEN, p.c.round == t.c.round))
    rows = connection.execute(union_all(own, listed)).all()
    still = [row for row in rows if row[3] == PageState.OPEN and row[4] == row[5] and row[6] == TicketState.PAGING]
    return Waits(
        open_pages=frozenset(row[0] for row in still),
        persons={row[0]: row[1] for row in rows},
        open_numbers=frozenset((row[1], row[2]) for row in still),
    )
