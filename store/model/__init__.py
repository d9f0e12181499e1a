"""The nouns that are kept, as tables: what they are called, what they hold, what makes a row unique.

Ids are 64-bit, time-ordered and made by the gateway (`store.ids`). Instants are aware UTC. Texts that stand for one of
a few values are plain strings with the values of the StrEnums here, so that a new value needs no migration.
"""

from store.model.base import Noun
from store.model.broadcasts import (
    Broadcast,
    Installation,
    Member,
    Package,
    Recipient,
    Suppression,
    UserGroup,
)
from store.model.corrections import Correction
from store.model.logins import Login
from store.model.matters import Question, Suggestion
from store.model.messages import Attachment, Blob, Cursor, Fetch, Message, Poll, Quarantine
from store.model.opinions import Opinion
from store.model.people import Address, Contact, Customer, LinkCode, StaffAddress
from store.model.queue import AccessToken, Attempt, Bucket, Counter, Delivery, Lease, Timer
from store.model.rota import Feed, Inquiry, Presence, Pulse, Shift
from store.model.tickets import Clock, Event, Listing, Page, Ticket, Visit
from store.model.words import (
    HELD_STATES,
    OPEN_STATES,
    OUT_STATES,
    Answer,
    BroadcastState,
    ClockKind,
    Direction,
    EventKind,
    InquiryKind,
    Kind,
    Lane,
    MessageState,
    PackageState,
    PageState,
    PresenceKind,
    RecipientState,
    ShiftState,
    SuggestionState,
    SuppressionKind,
    TicketState,
    TimerKind,
    VisitState,
)

__all__ = [
    "HELD_STATES",
    "OPEN_STATES",
    "OUT_STATES",
    "AccessToken",
    "Address",
    "Answer",
    "Attachment",
    "Attempt",
    "Blob",
    "Broadcast",
    "BroadcastState",
    "Bucket",
    "Clock",
    "ClockKind",
    "Contact",
    "Correction",
    "Counter",
    "Cursor",
    "Customer",
    "Delivery",
    "Direction",
    "Event",
    "EventKind",
    "Feed",
    "Fetch",
    "Inquiry",
    "InquiryKind",
    "Installation",
    "Kind",
    "Lane",
    "Lease",
    "LinkCode",
    "Listing",
    "Login",
    "Member",
    "Message",
    "MessageState",
    "Noun",
    "Opinion",
    "Package",
    "PackageState",
    "Page",
    "PageState",
    "Poll",
    "Presence",
    "PresenceKind",
    "Pulse",
    "Quarantine",
    "Question",
    "Recipient",
    "RecipientState",
    "Shift",
    "ShiftState",
    "StaffAddress",
    "Suggestion",
    "SuggestionState",
    "Suppression",
    "SuppressionKind",
    "Ticket",
    "TicketState",
    "Timer",
    "TimerKind",
    "UserGroup",
    "Visit",
    "VisitState",
]
