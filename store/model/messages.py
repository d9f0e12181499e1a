"""What was said, and up to where it was fetched."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Index, LargeBinary, Text, UniqueConstraint, text
from sqlmodel import Field

from store.model.base import Noun, json_list, json_map, key, long_text, ref


class Message(Noun, table=True):
    """One thing said, in or out, kept as it came; never edited but for what became of it."""

    __table_args__ = (
        UniqueConstraint("key", "channel", name="uq_message"),
        Index("ix_message_new", "id", sqlite_where=text("state = 'new'"), postgresql_where=text("state = 'new'")),
        Index("ix_message_ticket", "ticket_id", "id"),
        Index("ix_message_contact", "contact_id", "id"),
        Index("ix_message_provider", "provider_id"),
        Index("ix_message_recipient", "recipient", "at"),
    )

    id: int = key()
    direction: str
    channel: str
    """"<channel>:<account>"."""
    key: str
    """In: the provider's id. Out: ours, the same over all attempts."""
    state: str
    at: datetime
    """When it reached us, or when we decided to send it."""
    said_at: datetime | None = None
    """When the sender says it was said."""
    sender: str = ""
    """In: the provider's id of the person. Out: the staff member whose words these are, or ""."""
    sender_name: str = ""
    recipient: str = ""
    group: str | None = None
    subject: str | None = Field(default=None, sa_column=Column(Text))
    text: str = long_text()
    whole: str | None = Field(default=None, sa_column=Column(Text))
    refs: list[str] = json_list()
    """In: keys of messages that this one answers. Out: the thread it continues."""
    answers: list[str] = json_list()
    """In: keys of our own messages that it answers."""
    automatic: str | None = None
    language: str = "zh"
    contact_id: int | None = ref()
    ticket_id: int | None = ref()
    page_id: int | None = ref(index=True)
    template: str = ""
    variables: dict[str, str] = json_map()
    """Out: what the template was filled with. In: what the channel knew besides the words (`named`, `customer`)."""
    verdict: dict[str, Any] = json_map()
    provider_id: str | None = None
    replaces: str | None = None
    """Out: the provider's id of an earlier text of ours that this one takes the place of."""
    reason: str | None = Field(default=None, sa_column=Column(Text))
    """Why it failed, was cancelled or is unknown."""
    raw: bytes = Field(default=b"", sa_column=Column(LargeBinary, nullable=False))


class Blob(Noun, table=True):
    """The content of attachments, once per content."""

    sha256: str = Field(primary_key=True)
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class Attachment(Noun, table=True):
    """A file that came with a message."""

    id: int = key()
    message_id: int = ref(index=True, nullable=False)
    name: str
    type: str
    size: int
    """Bytes."""
    sha256: str


class Fetch(Noun, table=True):
    """A file of a message that still lies with the provider; the row goes when it was brought or given up."""

    __table_args__ = (Index("ix_fetch_due", "due"),)

    id: int = key()
    message_id: int = ref(nullable=False)
    channel: str
    ref: str = long_text()
    """What the channel needs to find it."""
    name: str
    type: str
    size: int | None = Field(default=None, sa_column=Column(BigInteger))
    """Bytes, where the provider said so."""
    due: datetime
    """The next try; pushed ahead by whoever is trying, so that nobody else does."""
    attempt: int = 0


class Quarantine(Noun, table=True):
    """What could not be parsed or judged, with its bytes, place and reason."""

    __table_args__ = (UniqueConstraint("channel", "key", name="uq_quarantine"),)

    id: int = key()
    channel: str
    key: str
    at: datetime
    where: str
    why: str = long_text()
    message_id: int | None = ref()
    released_at: datetime | None = None
    raw: bytes = Field(default=b"", sa_column=Column(LargeBinary, nullable=False))


class Poll(Noun, table=True):
    """One look into a mailbox: the proof that it was read."""

    __table_args__ = (Index("ix_poll_account", "account", "id"),)

    id: int = key()
    account: str
    slot: datetime | None = None
    """The promised time that this poll serves; None: on demand or in between."""
    started_at: datetime
    ended_at: datetime | None = None
    generation: str | None = None
    first: int | None = Field(default=None, sa_column=Column(BigInteger))
    last: int | None = Field(default=None, sa_column=Column(BigInteger))
    count: int = 0
    error: str | None = Field(default=None, sa_column=Column(Text))


class Cursor(Noun, table=True):
    """Up to where a pulled account was read; opaque to all but its adapter."""

    account: str = Field(primary_key=True)
    value: str = long_text()
    updated_at: datetime
