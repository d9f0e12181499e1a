"""What the pages show of a ticket: tickets in, rows and words out; no clock, no store, no web framework."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from gateway.web.words import Words
from store.model import HELD_STATES, OPEN_STATES, Clock, Ticket, TicketState

SPEAKERS: Mapping[str | None, str] = {"customer": "customer", "second opinion": "second_opinion"}
"""Who acts in a history without being one of the staff."""
SOON = timedelta(minutes=5)
"""Less time than this left is shown as urgent."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Eye:
    """Who looks, from where, and when."""

    words: Words
    zone: ZoneInfo
    now: datetime
    names: Mapping[str, str]
    """Staff key to name."""
    method: Mapping[str, str]
    """Destination to method: sms, voice, mail, or a channel's own name."""
    addresses: Mapping[str, str] = field(default_factory=dict)
    """An address of one of the staff to the name."""

    def name(self, person: str | None) -> str:
        """Name one of the staff by key or address, the customer, or the gateway itself."""
        if person in SPEAKERS:
            return self.words(SPEAKERS[person])
        given = person or ""
        return self.names.get(given) or self.addresses.get(given, given) or self.words("gateway")

    def on(self, ticket: Ticket) -> Eye:
        """Return the same eye on one ticket, whose customer is known by address."""
        return replace(self, addresses={**self.addresses, ticket.reply_to: self.words("customer")})

    def way(self, destination: str) -> str:
        """Name the way of a destination."""
        return self.words.named("method", self.method.get(destination, destination.partition(":")[0]))

    def at(self, instant: datetime | None) -> str:
        """Write an instant as the site's time of day, with the date when it is not today."""
        if instant is None:
            return ""
        local = instant.astimezone(self.zone)
        today = self.now.astimezone(self.zone).date()
        return local.strftime("%H:%M:%S" if local.date() == today else "%m-%d %H:%M")


@dataclass(frozen=True, kw_only=True, slots=True)
class Left:
    """The time left of one promise."""

    kind: str
    text: str
    due: datetime
    tone: str
    """calm, soon or over."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One ticket on the board."""

    number: int
    level: tuple[str, str]
    """Shape and word."""
    rank: int
    """1 to 3 for faults, 4 for all else."""
    proposed: str
    """The milder level that a second opinion proposes, in words; "" without one."""
    milder: int | None
    """The same as a number."""
    state: tuple[str, str]
    state_name: str
    channel: str
    site: str
    title: str
    left: Left | None
    owner: str
    parent: int | None = None
    """The number of the great outage that it is a report of."""
    children: int = 0
    similar: int | None = None
    """The number of another ticket that may be the same matter."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ties:
    """How the tickets of a board hang together."""

    numbers: Mapping[int, int] = field(default_factory=dict)
    """Id to number, of the parents that are not on the board themselves."""
    similar: Mapping[int, int] = field(default_factory=dict)
    """Number to the number of what may be the same matter."""


NO_TIES = Ties()


@dataclass(frozen=True, kw_only=True, slots=True)
class Board:
    """The board: its rows and what they add up to."""

    rows: tuple[Row, ...]
    paging: int
    held: int
    late: int


def board(tickets: Sequence[Ticket], clocks: Iterable[Clock], eye: Eye, ties: Ties = NO_TIES) -> Board:
    """Lay out the board; the order of the tickets is kept, but for children, which follow their parent."""
    running: dict[int, list[Clock]] = {}
    for clock in clocks:
        running.setdefault(clock.ticket_id, []).append(clock)
    numbers = {**ties.numbers, **{ticket.id: ticket.number for ticket in tickets}}
    families = Counter(ticket.parent_id for ticket in tickets)
    rows = tuple(
        replace(
            row(ticket, running.get(ticket.id, ()), eye),
            parent=numbers.get(ticket.parent_id or 0),
            children=families[ticket.id],
            similar=ties.similar.get(ticket.number),
        )
        for ticket in in_families(tickets)
    )
    return Board(
        rows=rows,
        paging=sum(1 for ticket in tickets if ticket.state == TicketState.PAGING),
        held=sum(1 for ticket in tickets if ticket.state in HELD_STATES),
        late=sum(1 for one in rows if one.left and one.left.tone == "over"),
    )


def in_families(tickets: Sequence[Ticket]) -> list[Ticket]:
    """Put children right behind their parent, where that is there."""
    shown = {ticket.id for ticket in tickets}
    children: dict[int, list[Ticket]] = {}
    for ticket in tickets:
        if ticket.parent_id in shown:
            children.setdefault(ticket.parent_id or 0, []).append(ticket)
    heads = [ticket for ticket in tickets if ticket.parent_id not in shown]
    return [one for head in heads for one in (head, *children.get(head.id, ()))]


def row(ticket: Ticket, clocks: Iterable[Clock], eye: Eye) -> Row:
    """Lay out one ticket."""
    milder = ticket.proposed if ticket.state in OPEN_STATES else None
    return Row(
        number=ticket.number,
        level=eye.words.level(ticket.level, ticket.kind),
        rank=ticket.level or 4,
        proposed=eye.words.level(milder, ticket.kind)[1] if milder else "",
        milder=milder,
        state=eye.words.state(ticket.state),
        state_name=ticket.state,
        channel=eye.way(ticket.channel),
        site=ticket.site,
        title=ticket.title,
        left=left(clocks, eye),
        owner=eye.names.get(ticket.owner or "", ticket.owner or ""),
    )


def nearest(clocks: Iterable[Clock]) -> Clock | None:
    """Return the running promise that is due first."""
    going = (c for c in clocks if c.stopped_at is None and c.paused_at is None)
    return min(going, key=lambda clock: clock.due_at, default=None)


def left(clocks: Iterable[Clock], eye: Eye) -> Left | None:
    """Return what is left of the promise that is due first."""
    clock = nearest(clocks)
    if clock is None:
        return None
    rest = clock.due_at - eye.now
    text = eye.words("left" if rest >= timedelta(0) else "over", span=span(abs(rest), eye.words))
    tone = "over" if rest < timedelta(0) else "soon" if rest < SOON else "calm"
    return Left(kind=eye.words.named("clock", clock.kind), text=text, due=clock.due_at, tone=tone)


def span(length: timedelta, words: Words) -> str:
    """Write a length of time in the two units that matter."""
    minutes = int(length.total_seconds() // 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    if days:
        return words("span.d", d=days, h=hour)
    return words("span.h", h=hours, m=minute) if hours else words("span.m", m=minutes)


def masked(address: str) -> str:
    """Hide the middle of a phone number or of a mailbox name."""
    name, at, host = address.partition("@")
    if at:
        return f"{name[:2]}***@{host}"
    return f"{address[:-8]}****{address[-4:]}" if len(address) >= 10 else address


def allowed(ticket: Ticket) -> tuple[str, ...]:
    """Return the moves that the ticket's state has room for, in the order in which they are shown."""
    first: tuple[str, ...] = ()
    match ticket.state:
        case TicketState.PAGING:
            first = ("take", "escalate", "snooze", "arrive")
        case TicketState.TAKEN:
            first = ("arrive", "release", "undo", "escalate", "hold", "workaround", "second_line")
        case TicketState.ON_SITE:
            first = ("release", "escalate", "hold", "workaround", "second_line")
            if ticket.second_line_at is not None:
                first = ("arrive", *first)
        case TicketState.ON_HOLD:
            first = ("resume", "arrive", "release", "hold", "workaround", "second_line")
    if ticket.state in OPEN_STATES:
        return (*first, "resolve", "transfer", "dispatch", "level", "kind", "reply", "note", "merge", "child")
    if ticket.state == TicketState.MERGED:
        return ("reply", "note")
    return ("reply", "note", "level", "kind", "merge")
