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
    ON_HOLD = "on_hold"
    """It waits for a part or for the customer; the promise of its repair stands still."""
    RESOLVED = "resolved"
    CLOSED = "closed"
    MERGED = "merged"
    """It is a part of another matter now."""


OPEN_STATES = (TicketState.PAGING, TicketState.TAKEN, TicketState.ON_SITE, TicketState.ON_HOLD)
HELD_STATES = (TicketState.TAKEN, TicketState.ON_SITE, TicketState.ON_HOLD)
"""Somebody has it and it is not settled."""


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
    """The customer wants one; nobody was sent."""
    SENT = "sent"
    """An engineer was asked to go."""
    ACCEPTED = "accepted"
    ON_THE_WAY = "on_the_way"
    ARRIVED = "arrived"
    DONE = "done"
    SECOND_LINE = "second_line"
    """Not solved on site: handed to senior staff or the manufacturer."""
    DECLINED = "declined"
    """The engineer cannot go, or did not answer."""
    CALLED_OFF = "called_off"
    """The matter was settled before anybody was there."""


OUT_STATES = (VisitState.SENT, VisitState.ACCEPTED, VisitState.ON_THE_WAY, VisitState.ARRIVED)
"""Somebody was sent and the visit is not over."""


class ShiftState(StrEnum):
    """Whether a change of the rota holds."""

    PROPOSED = "proposed"
    """The other side of a swap has not answered."""
    IN_FORCE = "in_force"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class PresenceKind(StrEnum):
    """What is known of where somebody is."""

    AWAY = "away"
    AWAKE = "awake"


class InquiryKind(StrEnum):
    """What one of the staff is asked, beside taking a ticket."""

    STILL = "still"
    """Are you still on this ticket?"""
    HANDOVER = "handover"
    """Do you take over the duty?"""
    SWAP = "swap"
    """Do you swap these shifts?"""
    DRILL = "drill"
    """Does this phone receive and answer?"""
    VISIT = "visit"
    """Will you go there?"""


class Answer(StrEnum):
    """What came of an inquiry."""

    YES = "yes"
    NO = "no"
    LAPSED = "lapsed"
    """Nobody answered in time."""
    VOID = "void"
    """It no longer mattered."""


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
    SECOND_ARRIVE = "second_arrive"
    """Senior staff or the manufacturer come, when it was not solved on site."""
    SECOND_RESOLVE = "second_resolve"
    """They solve it, from when they came."""


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
    INQUIRY = "inquiry"
    """One of the staff was asked something; `about` is the id of the inquiry."""
    STILL = "still"
    """A ticket that was taken and not touched since; `about` is empty."""
    HOLD = "hold"
    """A ticket on hold goes on."""
    RECEIPT = "receipt"
    """A page whose provider has not said that it arrived; `about` is the id of the message."""
    SHIFT = "shift"
    """A shift begins or comes near; `about` says which of what."""
    VISIT = "visit"
    """The time that a customer wants somebody on site comes near; `about` is the id of the visit."""
    UNTOUCHED = "untouched"
    """An open ticket that nothing else is planned for."""
    DRILL = "drill"
    """The phones are proved; `about` says which step of it."""


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
    HELD = "held"
    """Put on hold, with the reason; the clock of the repair stands still."""
    RESUMED = "resumed"
    WORKAROUND = "workaround"
    """The customer can work again, though the cause is not mended."""
    SECOND_LINE = "second_line"
    """Handed to senior staff or the manufacturer."""
    CLOCK = "clock"
    """A promise was set, moved or stopped: which, from what, to what, why."""
    INQUIRED = "inquired"
    """One of the staff was asked something that is no page."""
    ANSWERED = "answered"
    """What they said to it, or that they said nothing."""
    DUTY = "duty"
    """Somebody took over, stands in, swapped, or is away."""
    LATE = "late"
    """A text left much later than it was due."""
    STORM = "storm"
    DISPATCHED = "dispatched"
    ON_THE_WAY = "on_the_way"
    PROVED = "proved"
    """The customer's signature or code."""
    REPORTED = "reported"
    BROADCAST = "broadcast"
    """Something was done to a broadcast, a package or a group; `text` says what."""


class SuggestionState(StrEnum):
    """What became of a suggestion to merge."""

    OPEN = "open"
    MERGED = "merged"
    DISMISSED = "dismissed"


class BroadcastState(StrEnum):
    """How far a broadcast is."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    """A second person has to approve it."""
    FREEZING = "freezing"
    """It was approved; its list of recipients is being written."""
    APPROVED = "approved"
    """The list stands; nothing was sent."""
    SCHEDULED = "scheduled"
    RUNNING = "running"
    PAUSED = "paused"
    HELD = "held"
    """It missed its time: a person decides."""
    DONE = "done"
    CANCELLED = "cancelled"


class RecipientState(StrEnum):
    """What became of one recipient; from `queued` on these are the states of its message."""

    PENDING = "pending"
    QUEUED = "queued"
    """It lies in the queue or is being sent."""
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    UNKNOWN = "unknown"
    """It left and no answer came: it is reported and not sent again by itself."""
    SKIPPED = "skipped"
    """Left out on purpose; the reason says why."""
    CANCELLED = "cancelled"
    RECALLED = "recalled"


class PackageState(StrEnum):
    """Whether a package can be fetched."""

    COMING = "coming"
    """Its bytes are still being uploaded."""
    READY = "ready"
    BROKEN = "broken"
    """What came is not what was announced."""
    REVOKED = "revoked"


class SuppressionKind(StrEnum):
    """Why an address is not written to."""

    OPTED_OUT = "opted_out"
    BOUNCED = "bounced"
    REFUSED = "refused"
    """The provider says that it will never take anything for this address."""
