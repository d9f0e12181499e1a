"""What the ticket page tells: everything that happened on one ticket, as lines of words; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.web.questions import Whole
from gateway.web.view import Eye, Row, allowed, row, span
from gateway.web.visits import Outing, outing, requested
from gateway.web.words_reasons import reason, refusal
from router.details import people_in, wanted_in
from router.extract import about
from store.model import OPEN_STATES, Attachment, Attempt, Clock, Event, EventKind, Message, MessageState, Page

LOST = (MessageState.FAILED, MessageState.UNKNOWN, MessageState.CANCELLED)
"""How a text ended that did not get through, as far as anybody knows."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One line of history: when, who, what, and the words that go with it."""

    at: str
    instant: datetime
    who: str
    what: str
    kind: str
    way: str
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """One thing that came in."""

    at: str
    sender: str
    subject: str
    text: str
    whole: str
    """With quotes and signature; "" when `text` is all."""
    files: tuple[tuple[str, int], ...]
    """Name and bytes."""
    part: str
    """The number of the ticket on which it was said, where that became a part of this one."""
    ident: str
    """By this it can be taken out into a ticket of its own; "" for what cannot."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sent:
    """One text that went out, with its tries."""

    at: str
    to: str
    way: str
    state: str
    state_name: str
    text: str
    receipt: str
    tries: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Promise:
    """One clock."""

    kind: str
    due: str
    status: str
    tone: str
    """running, kept or broken."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """One page."""

    person: str
    key: str
    at: str
    answer: str
    open: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Kin:
    """The tickets that hang together with this one, as rows."""

    into: Row | None
    parts: tuple[Row, ...]
    parent: Row | None
    children: tuple[Row, ...]
    open_children: int
    similar: tuple[tuple[int, str], ...]
    """Number of another ticket, and how much both are alike ("" where the customer's words fitted both)."""
    apart: bool
    """It can be taken out of what it belongs to."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """The whole page."""

    row: Row
    version: int
    opened: str
    heard: str
    customer: str
    reasons: tuple[str, ...]
    confidence: str
    doubt: str
    actions: tuple[str, ...]
    said: tuple[Said, ...]
    lines: tuple[Line, ...]
    asked: tuple[Asked, ...]
    sent: tuple[Sent, ...]
    promises: tuple[Promise, ...]
    visits: tuple[tuple[tuple[str, str], ...], ...]
    """What each visit asks for: what it is called, and what was said."""
    outings: tuple[Outing, ...]
    """The visits that somebody was sent on."""
    told: tuple[tuple[str, str], ...]
    """What was read out of the customer's words: what it is called, and what was said."""
    kin: Kin


def sheet(whole: Whole, eye: Eye) -> Sheet:
    """Lay out the page of one ticket."""
    ticket = whole.ticket
    eye = eye.on(ticket)
    incoming = [message for message in whole.messages if message.direction == "in"]
    outgoing = [message for message in whole.messages if message.direction == "out"]
    alive = {message.id for message in outgoing if message.state not in LOST}
    parts = {part.id: str(part.number) for part in whole.kin.parts}
    return Sheet(
        row=row(ticket, whole.clocks, eye),
        version=ticket.version,
        opened=eye.at(ticket.opened_at),
        heard=eye.at(ticket.heard_at),
        customer=" ".join(part for part in (whole.customer, ticket.reply_to) if part),
        reasons=tuple(reason(one, eye.words) for one in ticket.reasons),
        confidence=f"{ticket.confidence:.0%}",
        doubt=eye.words.level(ticket.doubt, ticket.kind)[1] if ticket.doubt else "",
        actions=allowed(ticket),
        said=tuple(
            said(message, whole.attachments, eye, part=parts.get(message.ticket_id or 0, ""))
            for message in incoming
            if not staff(message)
        ),
        lines=tuple(line(event, eye, again=event.message_id in alive) for event in whole.events),
        asked=tuple(asked(page, eye) for page in whole.pages),
        sent=tuple(sent(message, whole.attempts, eye) for message in outgoing),
        promises=tuple(promise(clock, eye) for clock in whole.clocks),
        visits=tuple(dict.fromkeys(requested(one, eye) for one in whole.visits)),
        outings=tuple(outing(one, eye) for one in whole.visits if one.engineer),
        told=told([message for message in incoming if not staff(message)], eye),
        kin=kin(whole, eye),
    )


def kin(whole: Whole, eye: Eye) -> Kin:
    """Lay out what hangs together with a ticket."""
    found = whole.kin
    return Kin(
        into=row(found.into, (), eye) if found.into else None,
        parts=tuple(row(one, (), eye) for one in found.parts),
        parent=row(found.parent, (), eye) if found.parent else None,
        children=tuple(row(one, (), eye) for one in found.children),
        open_children=sum(1 for one in found.children if one.state in OPEN_STATES),
        similar=tuple((one.number, f"{one.likeness:.0%}" if one.likeness else "") for one in found.similar),
        apart=bool(found.into or found.parent),
    )


def told(messages: Sequence[Message], eye: Eye) -> tuple[tuple[str, str], ...]:
    """Lay out how many are hit, whom to call back, codes, and until when; the first message that says so counts."""
    found: dict[str, str] = {}
    for message in messages:
        words = f"{message.subject or ''}\n{message.text}"
        read = about(message.subject, message.text)
        wanted = wanted_in(words, at=message.said_at or message.at, zone=eye.zone)
        said = {
            "people": people_in(words),
            "callback": read.callback or "",
            "codes": ", ".join(read.error_codes[:5]),
            "wanted": " ".join(part for part in (wanted.said, f"({eye.at(wanted.at)})" if wanted.at else "") if part),
        }
        for name, value in said.items():
            found[name] = found.get(name) or value
    return tuple((eye.words(f"told.{name}"), value) for name, value in found.items() if value)


def staff(message: Message) -> bool:
    """Tell whether one of the staff said it."""
    return bool((message.verdict or {}).get("staff"))


def said(message: Message, attachments: Sequence[Attachment], eye: Eye, *, part: str = "") -> Said:
    """Lay out what somebody said."""
    files = tuple((file.name, file.size) for file in attachments if file.message_id == message.id)
    return Said(
        at=eye.at(message.at),
        sender=message.sender_name or message.sender,
        subject=message.subject or "",
        text=message.text,
        whole=message.whole if message.whole and message.whole != message.text else "",
        files=files,
        part=part,
        ident="" if part else str(message.id),
    )


def line(event: Event, eye: Eye, *, again: bool = False) -> Line:
    """Lay out one line of history; `again`: its text was or will be tried again, so it failed in one try only."""
    more = event.more or {}
    by, to = str(more.get("by") or ""), str(more.get("to") or "")
    named = eye.words.named("method", by) if by else ""
    way = eye.words("to_by", to=eye.name(to), by=named) if to and named else (eye.name(to) if to else named)
    return Line(
        at=eye.at(event.at),
        instant=event.at,
        who=eye.name(event.actor),
        what=eye.words.named("event", "failed_once" if again and event.kind == EventKind.FAILED else event.kind),
        kind=event.kind,
        way=way,
        text=_text(event, eye),
    )


def _text(event: Event, eye: Eye) -> str:
    if event.kind in (EventKind.WARNING, EventKind.BREACH):
        return eye.words.named("clock", event.text)
    if event.kind == EventKind.RECEIPT:
        return eye.words.named("message", event.text)
    if event.kind == EventKind.FAILED:
        return refusal(event.text, eye.words)
    return event.text if event.actor else reason(event.text, eye.words)


def asked(page: Page, eye: Eye) -> Asked:
    """Lay out one page."""
    ended = " ".join(part for part in (eye.names.get(page.ended_by or "", ""), eye.at(page.ended_at)) if part)
    answer = eye.words.named("page", page.state)
    return Asked(
        person=eye.name(page.person),
        key=page.person,
        at=eye.at(page.asked_at),
        answer=f"{answer} ({ended})" if ended else answer,
        open=page.ended_at is None,
    )


def sent(message: Message, attempts: Sequence[Attempt], eye: Eye) -> Sent:
    """Lay out one text that went out."""
    own = [attempt for attempt in attempts if attempt.message_id == message.id]
    receipt = " · ".join(part for part in (message.provider_id or "", refusal(message.reason or "", eye.words)) if part)
    return Sent(
        at=eye.at(message.at),
        to=message.recipient,
        way=eye.way(message.channel),
        state=eye.words.named("message", "again" if own and message.state == MessageState.QUEUED else message.state),
        state_name=message.state,
        text=message.text,
        receipt=receipt,
        tries=tuple(tried(attempt, eye) for attempt in own),
    )


def tried(attempt: Attempt, eye: Eye) -> str:
    """Lay out one try to send."""
    outcome = eye.words.named("outcome", attempt.outcome)
    parts = (
        eye.words("of_attempts", n=attempt.number),
        eye.at(attempt.started_at),
        outcome,
        refusal(attempt.reason or "", eye.words),
    )
    return " ".join(part for part in parts if part)


def promise(clock: Clock, eye: Eye) -> Promise:
    """Lay out one clock."""
    if clock.breached_at is not None:
        late = span((clock.stopped_at or eye.now) - clock.due_at, eye.words)
        status, tone = (
            f"{eye.words('breached')} {eye.at(clock.breached_at)}, {eye.words('late_by', span=late)}",
            "broken",
        )
    elif clock.void:
        status, tone = eye.words("void"), "kept"
    elif clock.stopped_at is not None:
        early = span(clock.due_at - clock.stopped_at, eye.words)
        status, tone = f"{eye.words('kept')} {eye.at(clock.stopped_at)}, {eye.words('to_spare', span=early)}", "kept"
    elif clock.paused_at is not None:
        status, tone = f"{eye.words('paused')} {eye.at(clock.paused_at)}", "running"
    else:
        status, tone = eye.words("running"), "running"
    return Promise(kind=eye.words.named("clock", clock.kind), due=eye.at(clock.due_at), status=status, tone=tone)
