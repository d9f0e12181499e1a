"""One ticket with everything that belongs to it, as the pages and the API show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from store import showing, tickets
from store.model import Attachment, Attempt, Clock, Event, Message, Page, Ticket, Visit
from store.rows import nouns


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


def whole(connection: Connection, number: int) -> Whole | None:
    """Return a ticket by the number people say, or None."""
    found = nouns(Ticket, tickets.by_numbers(connection, [number]))
    if not found:
        return None
    ticket = found[0]
    messages = nouns(Message, tickets.messages_of(connection, ticket.id))
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
        visits=nouns(Visit, tickets.visits_of(connection, [ticket.id])),
    )
