"""Work to do: what is due when, who does it, and how much at once."""

from datetime import datetime

from sqlalchemy import BigInteger, Column, Index, Text, text
from sqlmodel import Field

from store.model.base import Noun, key, ref


class Timer(Noun, table=True):
    """The future: one due time; the row goes when it fires, in the same transaction as what it causes."""

    __table_args__ = (Index("ix_timer_due", "due"), Index("ix_timer_ticket", "ticket_id"))

    id: int = key()
    due: datetime
    kind: str
    ticket_id: int | None = ref()
    round: int = 0
    about: str = ""
    """A person for a fold, a clock kind for a clock."""
    part: float = 0.0
    """Of a clock: 0.5, 0.75 (warnings) or 1 (breach)."""


class Delivery(Noun, table=True):
    """Due now: one outgoing text in the queue; narrow, and gone when done."""

    __table_args__ = (
        Index(
            "ix_delivery_waiting",
            "destination",
            "lane",
            "due",
            sqlite_where=text("owner IS NULL"),
            postgresql_where=text("owner IS NULL"),
        ),
        Index(
            "ix_delivery_leased",
            "lease_until",
            sqlite_where=text("owner IS NOT NULL"),
            postgresql_where=text("owner IS NOT NULL"),
        ),
        Index("ix_delivery_page", "page_id"),
        Index("ix_delivery_message", "message_id"),
    )

    id: int = key()
    message_id: int = ref(nullable=False)
    page_id: int | None = ref()
    ticket_id: int | None = ref()
    destination: str
    """"<channel>:<account>"."""
    lane: int
    due: datetime
    owner: str | None = None
    lease_until: float | None = None
    """Seconds since 1970 by the database's clock."""
    attempt: int = 0


class Attempt(Noun, table=True):
    """One try to send a message, written before the send."""

    __table_args__ = (
        Index("ix_attempt_message", "message_id"),
        Index("ix_attempt_to", "destination", "recipient", "started_at"),
    )

    id: int = key()
    message_id: int = ref(nullable=False)
    number: int
    destination: str
    recipient: str = ""
    """Whom it went to, or the group: quotas count by it."""
    template: str = ""
    started_at: datetime
    ended_at: datetime | None = None
    outcome: str = "sending"
    """sending, sent, later, failed, unknown, or cancelled between the claim and the send."""
    reason: str | None = Field(default=None, sa_column=Column(Text))
    provider_id: str | None = None
    segments: int = 0


class Lease(Noun, table=True):
    """Who of several processes does a thing just now, by the database's clock."""

    name: str = Field(primary_key=True)
    owner: str
    until: float


class AccessToken(Noun, table=True):
    """A provider's access token that all processes share."""

    name: str = Field(primary_key=True)
    value: str = Field(sa_column=Column(Text, nullable=False))
    renew_at: datetime


class Bucket(Noun, table=True):
    """The tokens of a destination, so that its limit holds over all processes."""

    destination: str = Field(primary_key=True)
    tokens: float
    at: float
    """Seconds since 1970 by the database's clock, when `tokens` was right."""


class Counter(Noun, table=True):
    """A number handed out once."""

    name: str = Field(primary_key=True)
    value: int = Field(sa_column=Column(BigInteger, nullable=False))
