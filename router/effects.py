"""What a decision asks for; the gateway performs these in one transaction, in their order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from store.model import (
    Answer,
    ClockKind,
    EventKind,
    InquiryKind,
    PageState,
    PresenceKind,
    ShiftState,
    SuggestionState,
    TimerKind,
    VisitState,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """New values of the ticket's own columns."""

    values: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Note:
    """One line of the ticket's history."""

    kind: EventKind
    actor: str = ""
    text: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Correct:
    """A person says what the judge should have said of the message behind the ticket, or confirms what was in doubt."""

    by: str
    kind_before: str
    kind_after: str
    level_before: int | None
    level_after: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Tell:
    """A text to one of the staff, by the way they last used or the given one; never a page."""

    person: str
    template: str
    variables: Mapping[str, str] = field(default_factory=dict)
    answer: bool = False
    """It answers what the person just said, on the same channel."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TellCustomer:
    """A text to the customer on the customer's own channel."""

    template: str
    variables: Mapping[str, str] = field(default_factory=dict)
    words: str | None = None
    """A person's own words instead of a template."""
    by: str = ""
    """The staff key whose words these are; "" for the gateway."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StartClock:
    """A promise begins to run."""

    kind: ClockKind
    due: datetime
    breached: bool = False
    """It was broken before it came here, and that was told then."""
    since: datetime | None = None
    """What its limit counts from; now when it is not said."""
    again: bool = False
    """The last one of its kind runs on as if it had never stopped."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StopClock:
    """A promise was kept or no longer matters; a clock that does not run is left alone."""

    kind: ClockKind
    void: bool = False
    """It was neither kept nor broken: nobody is owed it any more."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MoveClock:
    """The running promise of this kind gets another limit."""

    kind: ClockKind
    due: datetime
    since: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class PauseClock:
    """A promise stands still; one that does not run, or is broken, is left alone."""

    kind: ClockKind


@dataclass(frozen=True, kw_only=True, slots=True)
class ResumeClock:
    """A promise that stood still goes on, with a limit later by as long as it stood."""

    kind: ClockKind


@dataclass(frozen=True, kw_only=True, slots=True)
class Wait:
    """A due time of the ticket; earlier ones for the same are forgotten."""

    kind: TimerKind
    at: datetime
    about: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rung:
    """One planned ask: this person, by this method, `after` seconds from the start of the plan."""

    after: float
    person: str
    by: str
    last: bool = False
    """Belongs to the policy's last step, which repeats."""
    giver: str = ""
    """The staff key of who handed the ticket over; the words say so."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Climb:
    """Page: begin this ladder, or go on with it after a change; its next rung is due at start + after."""

    plan: tuple[Rung, ...]
    start: datetime
    next: int = 0
    new_round: bool = True
    policy: str = ""
    """The policy that it was planned by; "" where a ladder goes on by the one that it has."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Halt:
    """Stop asking: the pages of this ticket end, what was not sent yet is cancelled."""

    by: str
    """The staff key who ended it, or ""."""
    state: PageState
    """What becomes of that person's own page; all others are cancelled."""
    inform: str | None = None
    """A template for the others who had been asked."""
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Excuse:
    """One person's page ends and what was not sent to them yet is cancelled; the others are asked on."""

    person: str
    state: PageState


@dataclass(frozen=True, kw_only=True, slots=True)
class TellOthers:
    """One text to each of the others whose pages of these tickets just ended, however many tickets those are."""

    by: str
    numbers: tuple[int, ...]
    template: str
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class CloseLater:
    """Close the resolved ticket at this instant unless it is reopened."""

    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class List:
    """Remember which tickets the text to this person names, for `9`."""

    person: str
    numbers: tuple[int, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class EndTimers:
    """Nothing that was planned for this ticket comes any more."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Inquire:
    """Ask one of the staff something: `1` is yes, `2` is no, and silence has its consequence at `until`."""

    kind: InquiryKind
    person: str
    template: str
    until: datetime
    variables: Mapping[str, str] = field(default_factory=dict)
    about: int | None = None
    """The row that it is about: a swap, a visit."""
    by: str = ""
    """The method to ask by (push, sms, voice, mail); "" is a text, a push or a mail, whichever there is."""
    destination: str = ""
    """The account to ask by; "" any of the method."""
    more: Mapping[str, str] = field(default_factory=dict)
    """What its kind must remember."""
    remark: str = ""
    """A template that is added where the text has room for it; "" none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answered:
    """Somebody answered an inquiry, or nobody did in time; what follows stands beside it."""

    inquiry: int
    answer: Answer
    by: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class SetShift:
    """A shift comes into force or goes: an agreed swap, a stand-in."""

    swap: int
    """The swap_id of both halves."""
    state: ShiftState
    told: tuple[str, ...] = ()
    """Who hears of it otherwise; everybody else whom it puts on duty or off it is told."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Half:
    """Somebody has a role from one instant to another, against the rota."""

    role: str
    person: str
    begins: datetime
    ends: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class PutShifts:
    """Shifts that belong together come to be: the halves of a swap, or a stand-in."""

    halves: tuple[Half, ...]
    state: ShiftState
    asks: Inquire | None = None
    """A question about them; it is given their swap_id."""
    by: str = ""
    why: str = ""
    told: tuple[str, ...] = ()
    """Who hears of it otherwise; everybody else whom it puts on duty or off it is told."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PutPresence:
    """Somebody is away or awake until an instant; one of the same kind that holds when it begins ends then."""

    person: str
    kind: PresenceKind
    until: datetime
    begins: datetime | None = None
    """None: now."""
    why: str = ""
    by: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class EndPresence:
    """Somebody is back, or will not be away after all: what holds or begins at an instant ends."""

    presence: int
    """Its id."""
    by: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class SendOnSite:
    """Somebody is sent on site: they are asked until an instant, or go of their own accord."""

    engineer: str
    by: str
    visit: int | None
    """The customer's wish that this answers; None: a visit of its own."""
    state: VisitState
    until: datetime | None = None
    """When silence means no; None where nobody need be asked."""
    details: Mapping[str, str] = field(default_factory=dict)
    """Where, when and whom, for a visit of its own."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SetVisit:
    """New values of a visit's own columns."""

    visit: int
    values: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Announce:
    """The customer hears who comes, with the code that will prove it; who goes hears what to answer."""

    visit: int
    person: str


@dataclass(frozen=True, kw_only=True, slots=True)
class EndSuggestion:
    """Somebody decided whether this ticket and another are one matter."""

    other: int
    """The id of the other ticket."""
    state: SuggestionState
    by: str


Effect = (
    Change
    | Note
    | Correct
    | Tell
    | TellOthers
    | TellCustomer
    | StartClock
    | StopClock
    | MoveClock
    | PauseClock
    | ResumeClock
    | Wait
    | Climb
    | Halt
    | Excuse
    | CloseLater
    | List
    | EndTimers
    | EndSuggestion
    | Inquire
    | Answered
    | SetShift
    | PutShifts
    | PutPresence
    | EndPresence
    | SendOnSite
    | SetVisit
    | Announce
)
