"""Matters: their history, promises and pages."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint, false, text
from sqlmodel import Field

from store.model.base import Noun, json_list, json_map, key, long_text, ref
from store.model.words import PageState, TicketState, VisitState

TROUBLES = "kind IN ('suppressed', 'failed', 'late', 'storm')"
"""What the page of troubles asks for; a query must say it with the same words to find the index."""


class Ticket(Noun, table=True):
    """One matter to settle; never deleted."""

    __table_args__ = (
        UniqueConstraint("number", name="uq_ticket_number"),
        Index("ix_ticket_contact", "contact_id", "id"),
        Index("ix_ticket_state", "state", "id"),
        Index("ix_ticket_opened", "opened_at"),
        Index("ix_ticket_heard", "site", "heard_at"),
        Index(
            "ix_ticket_merged",
            "merged_id",
            sqlite_where=text("merged_id IS NOT NULL"),
            postgresql_where=text("merged_id IS NOT NULL"),
        ),
        Index(
            "ix_ticket_parent",
            "parent_id",
            sqlite_where=text("parent_id IS NOT NULL"),
            postgresql_where=text("parent_id IS NOT NULL"),
        ),
    )

    id: int = key()
    number: int
    kind: str
    level: int | None = None
    doubt: int | None = None
    """Another level that was near."""
    level_by: str = ""
    """Who set the level: a staff key, "customer", "second opinion", or "" for the judgement itself."""
    proposed: int | None = None
    """A milder level that a second opinion proposed and nobody has accepted or refused yet."""
    confidence: float = 0.0
    reasons: list[str] = json_list()
    state: str = TicketState.PAGING
    title: str = ""
    site: str = ""
    symptom: str = long_text()
    """The text by which a second report of the same matter is recognised."""
    customer_id: int | None = ref()
    contact_id: int | None = ref()
    channel: str
    """Where the customer is answered: "<channel>:<account>"."""
    reply_to: str = ""
    group: str | None = None
    language: str = "zh"
    opened_at: datetime
    heard_at: datetime
    """When the customer last said something."""
    owner: str | None = None
    """The staff key of who has it."""
    taken_at: datetime | None = None
    arrived_at: datetime | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    rating: int | None = None
    linked_id: int | None = ref()
    """The earlier matter that this one came back from."""
    merged_id: int | None = ref()
    """The matter that this one became a part of."""
    parent_id: int | None = ref()
    """The great outage that this one is a report of; it keeps a customer of its own."""
    round: int = 0
    """Counts ladders: a reopened or released ticket starts a new one."""
    plan: list[dict[str, Any]] = json_list()
    """The frozen ladder of this round: what was planned when it began."""
    plan_from: datetime | None = None
    """The instant that the offsets of the plan count from."""
    plan_next: int = 0
    policy: str = ""
    """The policy that the ladder of this round was planned by; it says how often that repeats."""
    snoozes: int = 0
    touched_at: datetime | None = None
    """When whoever has it last did something to it."""
    held_until: datetime | None = None
    """When a ticket on hold goes on by itself; the reason stands in its history."""
    workaround_at: datetime | None = None
    """Since when the customer can work again although the cause is not mended."""
    second_line_at: datetime | None = None
    """When it was handed to senior staff or the manufacturer."""
    version: int = 0


class Event(Noun, table=True):
    """One line of history: when, who, what, why; append-only."""

    __table_args__ = (
        Index("ix_event_ticket", "ticket_id", "id"),
        Index(
            "ix_event_ignored", "id", sqlite_where=text("kind = 'ignored'"), postgresql_where=text("kind = 'ignored'")
        ),
        Index("ix_event_trouble", "at", sqlite_where=text(TROUBLES), postgresql_where=text(TROUBLES)),
        Index("ix_event_alarm", "id", sqlite_where=text("kind = 'alarm'"), postgresql_where=text("kind = 'alarm'")),
        Index(
            "ix_event_broadcast",
            "broadcast_id",
            "id",
            sqlite_where=text("broadcast_id IS NOT NULL"),
            postgresql_where=text("broadcast_id IS NOT NULL"),
        ),
    )

    id: int = key()
    at: datetime
    kind: str
    ticket_id: int | None = ref()
    message_id: int | None = ref()
    broadcast_id: int | None = ref()
    actor: str = ""
    """A staff key, "customer", or "" for the gateway itself."""
    text: str = long_text()
    more: dict[str, Any] = json_map()


class Clock(Noun, table=True):
    """A promise that runs."""

    __table_args__ = (Index("ix_clock_ticket", "ticket_id"),)

    id: int = key()
    ticket_id: int = ref(nullable=False)
    kind: str
    started_at: datetime
    due_at: datetime
    stopped_at: datetime | None = None
    breached_at: datetime | None = None
    paused_at: datetime | None = None
    """Since when it stands still; when it goes on, `due_at` moves by as long as it stood."""
    paused_seconds: float = 0.0
    """How long it stood still before."""
    counts_from: datetime | None = None
    """The instant that its limit counts from; a correction counts from the report, which is before `started_at`."""
    void: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """It ended neither kept nor broken: the matter was another than it seemed, or became a part of another."""


class Page(Noun, table=True):
    """One demand that a named person look at one ticket now."""

    __table_args__ = (
        Index("ix_page_ticket", "ticket_id"),
        Index("ix_page_person", "person", "ended_at"),
        Index("ix_page_open", "person", sqlite_where=text("state = 'open'"), postgresql_where=text("state = 'open'")),
    )

    id: int = key()
    ticket_id: int = ref(nullable=False)
    person: str
    round: int = 0
    state: str = PageState.OPEN
    asked_at: datetime
    ended_at: datetime | None = None
    ended_by: str | None = None


class Visit(Noun, table=True):
    """Somebody goes on site: what was asked for, who was sent, how far they are, and the proof that they were there."""

    __table_args__ = (
        Index("ix_visit_ticket", "ticket_id"),
        Index("ix_visit_wanted", "wanted_at"),
        Index("ix_visit_engineer", "engineer", "state"),
    )

    id: int = key()
    ticket_id: int = ref(nullable=False)
    place: str = long_text()
    wanted: str = long_text()
    """When, in the customer's words."""
    wanted_at: datetime | None = None
    """The instant, only where the words leave no doubt."""
    contact: str = long_text()
    """Whom to ask for on site."""
    phone: str = long_text()
    bring: str = long_text()
    created_at: datetime
    state: str = VisitState.ASKED
    engineer: str | None = None
    """The staff key of who goes."""
    by: str = ""
    """Who sent them."""
    sent_at: datetime | None = None
    accepted_at: datetime | None = None
    left_at: datetime | None = None
    arrived_at: datetime | None = None
    arrived_by: str = ""
    """How it is known: reply, button, code (of the site) or position."""
    position: str = ""
    """Latitude, longitude and accuracy in metres, as the phone gave them; "" when it was not offered."""
    ended_at: datetime | None = None
    result: str = long_text()
    report: str = long_text()
    code_digest: str = ""
    """SHA-256 of the code that the customer was told, in hex; telling it back is proof."""
    proof: str = ""
    """code or signature; "" while there is none."""
    proved_by: str = ""
    """The name that the customer signed with."""
    proved_at: datetime | None = None
    signature: str = ""
    """SHA-256 of the drawn signature among the blobs, in hex."""
    tries: int = 0
    """Wrong codes that were given for it, and below on the page of the site."""
    site_tries: int = 0


class Listing(Noun, table=True):
    """The tickets that one text to a person named; `9` takes exactly these."""

    __table_args__ = (Index("ix_listing_person", "person", "id"),)

    id: int = key()
    person: str
    at: datetime
    numbers: list[int] = json_list()
