"""Writes one outgoing text and its place in the queue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from gateway.files import Files
from store.model import Direction, Event, EventKind, Lane, Message, MessageState, Ticket
from store.queue import put

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, kw_only=True, slots=True)
class Letter:
    """One text to one address, with everything that its row needs."""

    destination: str
    recipient: str
    text: str
    template: str
    language: str
    lane: Lane
    kind: EventKind
    to: str
    """Who is meant, for the history: a staff key or "customer"."""
    variables: Mapping[str, str] = field(default_factory=dict)
    ticket: Ticket | None = None
    page_id: int | None = None
    contact_id: int | None = None
    subject: str | None = None
    group: str | None = None
    refs: tuple[str, ...] = ()
    sender: str = ""
    replaces: str | None = None
    """Provider id of an earlier text that this one takes the place of."""
    due: datetime | None = None


def short_id(number: int) -> str:
    """Write an id in base 36."""
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = DIGITS[rest] + digits
    return digits or "0"


def send(files: Files, letter: Letter) -> Message:
    """Queue the text and write its line of history."""
    message = _message(files, letter)
    put(
        files.work,
        message,
        destination=letter.destination,
        lane=letter.lane,
        due=letter.due or files.tx.now,
        page_id=letter.page_id,
    )
    remember(files, letter, message)
    return message


def remember(files: Files, letter: Letter, message: Message | None) -> None:
    """Write the line of history for a text."""
    files.work.add(
        Event(
            id=files.work.id(),
            at=files.tx.now,
            kind=letter.kind,
            ticket_id=letter.ticket.id if letter.ticket else None,
            message_id=message.id if message else None,
            actor=letter.sender,
            text=hidden(letter.text, letter.variables),
            more={"to": letter.to, "by": files.standing.ways.method(letter.destination), "at": letter.recipient},
        )
    )


def hidden(text: str, variables: Mapping[str, str]) -> str:
    """Return a text as others may see it: a code is for its reader alone."""
    code = variables.get("code")
    return text.replace(code, "****") if code else text


def _message(files: Files, letter: Letter) -> Message:
    ident = files.work.id()
    number = letter.ticket.number if letter.ticket else 0
    return Message(
        id=ident,
        direction=Direction.OUT,
        channel=letter.destination,
        key=f"{number}-{short_id(ident)}",
        state=MessageState.QUEUED,
        at=files.tx.now,
        sender=letter.sender,
        recipient=letter.recipient,
        group=letter.group,
        subject=letter.subject,
        text=letter.text,
        refs=list(letter.refs),
        language=letter.language,
        contact_id=letter.contact_id,
        ticket_id=letter.ticket.id if letter.ticket else None,
        page_id=letter.page_id,
        template=letter.template,
        variables=dict(letter.variables),
        replaces=letter.replaces,
    )
