"""The shapes of the API, version 1. Ids are strings: they have 64 bits and JavaScript's numbers have 53."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from gateway.web.shape import Id, Shape
from gateway.web.shapes_visits import VisitShape

Move = Literal[
    "take",
    "escalate",
    "snooze",
    "arrive",
    "resolve",
    "release",
    "undo",
    "transfer",
    "note",
    "level",
    "kind",
    "reply",
    "merge",
    "child",
    "apart",
    "dismiss",
    "resolve_all",
    "split",
    "hold",
    "resume",
    "workaround",
    "second_line",
    "dispatch",
    "leave",
]
MatterKind = Literal[
    "fault", "consultation", "complaint", "site_visit", "change_request", "emergency_support", "praise_or_chat"
]
"""What a person can say that a message is; a follow-up is no matter of its own."""
Role = Literal["lead", "second", "manager"]


class TicketShape(Shape):
    """One matter."""

    number: int
    kind: str
    level: int | None
    doubt: int | None
    level_by: str
    proposed: int | None
    confidence: float
    reasons: list[str]
    state: str
    title: str
    site: str
    channel: str
    reply_to: str
    language: str
    opened_at: datetime
    heard_at: datetime
    owner: str | None
    taken_at: datetime | None
    arrived_at: datetime | None
    resolved_at: datetime | None
    closed_at: datetime | None
    rating: int | None
    version: int


class EventShape(Shape):
    """One line of history."""

    id: Id
    at: datetime
    kind: str
    message_id: Id | None
    actor: str
    text: str
    more: dict[str, Any]


class AttemptShape(Shape):
    """One try to send a message."""

    message_id: Id
    number: int
    destination: str
    started_at: datetime
    ended_at: datetime | None
    outcome: str
    reason: str | None
    provider_id: str | None


class AttachmentShape(Shape):
    """A file that came with a message; `size` in bytes."""

    message_id: Id
    name: str
    type: str
    size: int
    sha256: str


class MessageShape(Shape):
    """One thing said, in or out."""

    id: Id
    direction: str
    channel: str
    key: str
    state: str
    at: datetime
    said_at: datetime | None
    sender: str
    sender_name: str
    recipient: str
    group: str | None
    subject: str | None
    text: str
    whole: str | None
    automatic: str | None
    language: str
    page_id: Id | None
    template: str
    verdict: dict[str, Any]
    provider_id: str | None
    reason: str | None


class PageShape(Shape):
    """One demand that a person look at the ticket."""

    id: Id
    person: str
    round: int
    state: str
    asked_at: datetime
    ended_at: datetime | None
    ended_by: str | None


class ClockShape(Shape):
    """One promise."""

    kind: str
    started_at: datetime
    due_at: datetime
    stopped_at: datetime | None
    breached_at: datetime | None


class RelatedShape(Shape):
    """Another ticket that hangs together with one."""

    number: int
    state: str
    title: str
    owner: str | None


class SimilarShape(Shape):
    """Another ticket that may be the same matter; `likeness` from 0 to 1, 0 where what was said fitted both."""

    number: int
    likeness: float
    why: str


class KinShape(Shape):
    """What one became a part of, what became a part of it, its parent, its children, and what may be the same."""

    into: RelatedShape | None
    parts: list[RelatedShape]
    parent: RelatedShape | None
    children: list[RelatedShape]
    similar: list[SimilarShape]


class WholeShape(Shape):
    """One ticket with everything that belongs to it, each oldest first."""

    ticket: TicketShape
    events: list[EventShape]
    messages: list[MessageShape]
    pages: list[PageShape]
    clocks: list[ClockShape]
    attempts: list[AttemptShape]
    attachments: list[AttachmentShape]
    visits: list[VisitShape]
    kin: KinShape


class MoveShape(BaseModel):
    """A move that somebody makes; `version` is that of the ticket as the caller saw it."""

    model_config = ConfigDict(extra="forbid")

    by: str
    """A staff key."""
    move: Move
    version: int | None = None
    text: str = ""
    """For resolve, note, reply, hold, workaround and second_line; a reason for escalate."""
    to: str = ""
    """For transfer and dispatch: a staff key or name."""
    level: int | None = Field(default=None, ge=1, le=3)
    """For level, and for kind when that is a fault."""
    kind: MatterKind | None = None
    """For kind."""
    minutes: int | None = Field(default=None, ge=5, le=120)
    """For snooze; for leave, how far somebody is."""
    other: int | None = Field(default=None, ge=1)
    """For merge, child and dismiss: the number of the other ticket."""
    message: str = Field(default="", pattern="^[0-9]{0,19}$")
    """For split: the id of what was said."""
    following: bool = False
    """For split: with what its sender said after it."""
    receipt: bool = False
    """For split: the customer is told the new number."""


class MadeShape(BaseModel):
    """What became of a move."""

    ok: bool
    answer: str
    variables: dict[str, str]
    ticket: TicketShape | None


class PollShape(Shape):
    """One look into a mailbox."""

    account: str
    slot: datetime | None
    started_at: datetime
    ended_at: datetime | None
    first: int | None
    last: int | None
    count: int
    error: str | None


class MailboxShape(BaseModel):
    """One account that is pulled, with its last look and its last good one."""

    account: str
    times: list[str]
    last: PollShape | None
    last_good: PollShape | None


class QuarantineShape(Shape):
    """One thing that could not be read or judged."""

    id: Id
    channel: str
    key: str
    at: datetime
    where: str
    why: str
    message_id: Id | None
    released_at: datetime | None


class ReleasedShape(BaseModel):
    """What became of a release."""

    id: str
    released: bool


class DutyShape(BaseModel):
    """Who has which role now."""

    lead: str
    second: str | None
    manager: str | None


class StandInShape(BaseModel):
    """Somebody stands in for a role, until an instant or for good."""

    model_config = ConfigDict(extra="forbid")

    person: str
    until: datetime | None = None
    by: str = ""


class SwapShape(BaseModel):
    """Somebody gives a turn to somebody else, for one of theirs where `for_day` is given; that one is asked."""

    model_config = ConfigDict(extra="forbid")

    by: str
    """A staff key: whose turn it is."""
    other: str
    """A staff key: who is asked."""
    day: date
    """On which the turn begins; of a long turn the part of that day."""
    for_day: date | None = None


class LinkShape(BaseModel):
    """A one-time code that links an identity; only its digest crosses the wire."""

    digest: str = Field(pattern="^[0-9a-f]{64}$")
    expires_at: datetime
    contact_id: int | None = None
    person: str = ""


class IgnoredShape(BaseModel):
    """One message that opened nothing, and why; `verdict` is what it was taken for."""

    message: MessageShape
    why: str


class OpenShape(BaseModel):
    """A person says that an ignored message was a matter."""

    model_config = ConfigDict(extra="forbid")

    by: str
    """A staff key."""
    kind: MatterKind = "fault"
    level: int | None = Field(default=None, ge=1, le=3)
    """For a fault; 3 where it is not given."""


class CorrectionShape(Shape):
    """The last word of a person on what a message was, with the words that were judged."""

    id: Id
    message_id: Id
    ticket_id: Id | None
    at: datetime
    by: str
    kind_before: str
    kind_after: str
    level_before: int | None
    level_after: int | None
    channel: str
    subject: str | None
    text: str
    automatic: str | None
