"""One ticket with everything that belongs to it, as the pages and the API show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from gateway.post import hidden
from store import matters, showing, tickets
from store.model import Attachment, Attempt, Clock, Event, Message, Page, Ticket, Visit
from store.rows import nouns


@dataclass(frozen=True, kw_only=True, slots=True)
class Similar:
    """Another ticket that may be the same matter."""

    number: int
    likeness: float
    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Kin:
    """The tickets that hang together with one."""

    into: Ticket | None = None
    """What it became a part of."""
    parts: Sequence[Ticket] = ()
    parent: Ticket | None = None
    children: Sequence[Ticket] = ()
    similar: Sequence[Similar] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Whole:
    """One ticket with everything that belongs to it, each oldest first."""

    ticket: Ticket
    customer: str = ""
    """The contact's name, where it is known."""
    events: Sequence[Event] = ()
    messages: Sequence[Message] = ()
    pages: Sequence[Page] = ()
    clocks: Sequence[Clock] = ()
    attempts: Sequence[Attempt] = ()
    attachments: Sequence[Attachment] = ()
    visits: Sequence[Visit] = ()
    kin: Kin = Kin()


def whole(connection: Connection, number: int) -> Whole | None:
    """Return a ticket by the number people say, or None."""
    found = nouns(Ticket, tickets.by_numbers(connection, [number]))
    if not found:
        return None
    ticket = found[0]
    kin = kin_of(connection, ticket)
    together = [ticket.id, *(part.id for part in kin.parts)]
    said = [row for ident in together for row in tickets.messages_of(connection, ident)]
    messages = nouns(Message, sorted(said, key=lambda row: row["id"]))
    for message in messages:
        message.text = hidden(message.text, message.variables)
    ids = [message.id for message in messages]
    return Whole(
        ticket=ticket,
        customer=showing.contact_name(connection, ticket.contact_id),
        events=nouns(Event, tickets.history(connection, ticket.id)),
        messages=messages,
        pages=nouns(Page, tickets.pages_of(connection, [ticket.id])),
        clocks=nouns(Clock, tickets.clocks_of(connection, [ticket.id])),
        attempts=showing.attempts_of(connection, ids),
        attachments=showing.attachments_of(connection, ids),
        visits=nouns(Visit, tickets.visits_of(connection, together)),
        kin=kin,
    )


def kin_of(connection: Connection, ticket: Ticket) -> Kin:
    """Return the tickets that hang together with one."""
    above = [ident for ident in (ticket.merged_id, ticket.parent_id) if ident is not None]
    known = {one.id: one for one in nouns(Ticket, tickets.by_ids(connection, above))} if above else {}
    rows = matters.suggested(connection, [ticket.id])
    return Kin(
        into=known.get(ticket.merged_id or 0),
        parts=nouns(Ticket, matters.parts_of(connection, [ticket.id])),
        parent=known.get(ticket.parent_id or 0),
        children=nouns(Ticket, matters.children_of(connection, [ticket.id])),
        similar=[
            Similar(
                number=row["other"] if row["ticket_id"] == ticket.id else row["number"],
                likeness=row["likeness"],
                why=row["why"],
            )
            for row in rows
        ],
    )
