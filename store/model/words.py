"""The few values that a column may have, and the words for them."""

from enum import IntEnum, StrEnum


class Kind(StrEnum):
    """What a message is about (design of the product, section 2); only a fault has a level."""

    FAULT = "fault"
    CONSULTATION = "consultation"
    COMPLAINT = "complaint"
    SITE_VISIT = "site_visit"
    CHANGE_REQUEST = "change_request"
    EMERGENCY_SUPPORT = "emergency_support"
    CHAT = "praise_or_chat"
    FOLLOWUP = "followup"


class TicketState(StrEnum):
    """Where a matter stands."""

    PAGING = "paging"
    """Nobody has it yet; somebody is being asked."""
    TAKEN = "taken"
    ON_SITE = "on_site"
    RESOLVED = "resolved"
    CLOSED = "closed"
    MERGED = "merged"
    """It is a part of another matter now."""


OPEN_STATES = (TicketState.PAGING, TicketState.TAKEN, TicketState.ON_SITE)


class Direction(StrEnum):
    """Whether somebody told us or we told somebody."""

    IN = "in"
    OUT = "out"


class MessageState(StrEnum):
    """How far a message is: `new` and `judged` come in; the others go out."""

    NEW = "new"
    JUDGED = "judged"
    QUARANTINED = "quarantined"
    QUEUED = "queued"
    SENT = "sent"
    RINGING = "ringing"
    ANSWERED = "answered"
    DELIVERED = "delivered"
    FAILED = "failed"
    UNKNOWN = "unknown"
    """It left and no answer came; nobody knows whether it arrived."""
    CANCELLED = "cancelled"
    """No longer wanted before it was sent."""


class PageState(StrEnum):
    """Whether the person asked has answered."""

    OPEN = "open"
    ACKED = "acked"
    SNOOZED = "snoozed"
    ESCALATED = "escalated"
    CANCELLED = "cancelled"


class VisitState(StrEnum):
    """How far a visit is."""

    ASKED = "asked"


class Lane(IntEnum):
    """Which outgoing text goes first."""

    PAGE = 0
    REPLY = 1
    NOTICE = 2
    BROADCAST = 3


class ClockKind(StrEnum):
    """The promises of the contract."""

    RESPOND = "respond"
    ARRIVE = "arrive"
    RESOLVE = "resolve"
    ANSWER = "answer"
    """A complaint is answered in one working day."""


class TimerKind(StrEnum):
    """What a due time is for."""

    STEP = "step"
    """The next step of a ticket's ladder."""
    FOLD = "fold"
    """A person's bundle of waiting tickets."""
    CLOCK = "clock"
    """A warning or breach of a clock."""
    CLOSE = "close"
    """A resolved ticket that nobody reopened."""
    QUESTION = "question"
    """A customer who was asked which matter was meant."""


class EventKind(StrEnum):
    """One line of history; the names are also those that `yizhan replay` prints."""

    OPENED = "opened"
    JOINED = "joined"
    IGNORED = "ignored"
    ASKED = "asked"
    PAGE = "page"
    REPLY = "reply"
    TAKEN = "taken"
    ESCALATED = "escalated"
    SNOOZED = "snoozed"
    TRANSFERRED = "transferred"
    RELEASED = "released"
    UNDONE = "undone"
    ARRIVED = "arrived"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    RATED = "rated"
    NOTED = "noted"
    LEVEL = "level"
    PROPOSED = "proposed"
    """A milder level was proposed; nothing changes until somebody accepts it."""
    KIND = "kind"
    """A person said what the matter is."""
    CLOSED = "closed"
    WARNING = "warning"
    BREACH = "breach"
    SUPPRESSED = "suppressed"
    FAILED = "failed"
    RECEIPT = "receipt"
    QUARANTINED = "quarantined"
    ALARM = "alarm"
    COMMAND = "command"
    MERGED = "merged"
    SPLIT = "split"
    CHILD = "child"
    APART = "apart"
    """A child left its parent, or a merge was undone."""
    SUGGESTED = "suggested"
    DISMISSED = "dismissed"


class SuggestionState(StrEnum):
    """What became of a suggestion to merge."""

    OPEN = "open"
    MERGED = "merged"
    DISMISSED = "dismissed"
