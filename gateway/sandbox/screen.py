"""What the sandbox page shows: everybody's phones and mailboxes, the newest of every ticket; pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from channels.simulation import Heard, Ringing
from gateway.sandbox.people import Player
from gateway.sandbox.state import Spoke
from gateway.web.history import Line, line
from gateway.web.view import Eye, Row, row
from store.model import Clock, Event, Ticket

SHOWN = 30
"""Texts of one phone that the page shows, the newest."""
LINES = 6
"""Lines of history of one ticket."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Bubble:
    """One text on a phone or mail in a mailbox."""

    at: str
    text: str
    subject: str
    mine: bool
    """The person with the phone wrote it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Device:
    """One phone or mailbox."""

    player: Player
    bubbles: tuple[Bubble, ...]
    roles: tuple[str, ...] = ()
    """What the person is on duty for now: lead, second, manager."""
    call: Ringing | None = None
    says: str = ""
    """What the ringing call says once it is answered."""
    last: str = ""
    """The id of the last mail received, for a reply."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Card:
    """One ticket with its newest lines."""

    row: Row
    lines: tuple[Line, ...]


def bubbles(heard: Iterable[Heard], spoken: Iterable[Spoke], eye: Eye) -> tuple[Bubble, ...]:
    """Put what came and what went into one conversation, oldest first."""
    both: list[tuple[datetime, Bubble]] = [
        (one.at, Bubble(at=eye.at(one.at), text=one.text, subject=one.subject or "", mine=False)) for one in heard
    ]
    both += [(one.at, Bubble(at=eye.at(one.at), text=one.text, subject=one.subject or "", mine=True)) for one in spoken]
    return tuple(bubble for _, bubble in sorted(both, key=lambda pair: pair[0])[-SHOWN:])


def cards(tickets: Sequence[Ticket], clocks: Sequence[Clock], events: Sequence[Event], eye: Eye) -> tuple[Card, ...]:
    """Lay out tickets with the last things that happened on each."""
    return tuple(
        Card(
            row=row(ticket, [clock for clock in clocks if clock.ticket_id == ticket.id], eye),
            lines=tuple(line(event, eye.on(ticket)) for event in events if event.ticket_id == ticket.id)[-LINES:],
        )
        for ticket in tickets
    )
