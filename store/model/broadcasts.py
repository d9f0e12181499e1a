"""One text or package for many: who belongs to which group, what is sent, to whom, and what became of each."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Index, Text, UniqueConstraint, text
from sqlmodel import Field

from store.model.base import Noun, json_list, json_map, key, long_text, ref


class UserGroup(Noun, table=True):
    """Whom a broadcast may be meant for: people, chat groups and mailing lists under one name."""

    __table_args__ = (UniqueConstraint("name", name="uq_user_group"),)

    id: int = key()
    name: str
    contractual: bool = False
    """They are owed security notices by contract, whatever they said of adverts."""
    at: datetime
    by: str = ""


class Member(Noun, table=True):
    """One of a group: a contact, or an address of its own such as a chat group or a mailing list."""

    __table_args__ = (
        UniqueConstraint("group_id", "who", name="uq_member"),
        Index("ix_member_who", "who"),
    )

    id: int = key()
    group_id: int = ref(nullable=False)
    who: str
    """"c<id of a contact>", "k<id of a customer>" for all its people, or "<channel>:<account>|<address>"."""
    name: str = ""
    """What an address of its own is called."""
    at: datetime


class Installation(Noun, table=True):
    """What runs where: one product in one version, with a customer or with one of its people."""

    __table_args__ = (
        UniqueConstraint("owner", "product", "region", name="uq_installation"),
        Index("ix_installation_product", "product"),
    )

    id: int = key()
    owner: str
    """"k<id of the customer>" or "c<id of the contact>"."""
    product: str
    version: str = ""
    region: str = ""
    at: datetime


class Package(Noun, table=True):
    """A file that is handed out by links."""

    __table_args__ = (UniqueConstraint("name", "version", name="uq_package"),)

    id: int = key()
    name: str
    version: str
    product: str = ""
    applies: str = ""
    """The installed versions that it is for, such as ">=2.0 <2.3"; "" is every one."""
    notes: dict[str, str] = json_map()
    """What is new, by language (zh, en)."""
    intranet: bool = False
    """It can be fetched only inside the customer's own network."""
    file: str = ""
    """What people see: the name of the file."""
    place: str = ""
    """Where the storage keeps it."""
    size: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
    """Bytes that it has when it is whole."""
    received: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
    """Bytes that have come."""
    sha256: str = ""
    """Of the whole file, in hex; "" until it is whole."""
    state: str
    """A PackageState."""
    by: str = ""
    at: datetime
    revoked_at: datetime | None = None
    revoked_by: str = ""


class Broadcast(Noun, table=True):
    """One text, with or without a package, for many; what it is to do stands in its plan."""

    __table_args__ = (
        UniqueConstraint("number", name="uq_broadcast"),
        Index("ix_broadcast_due", "due"),
        Index("ix_broadcast_state", "state"),
    )

    id: int = key()
    number: int
    """Short, from 1, never used again; people say it."""
    title: str
    state: str
    """A BroadcastState."""
    author: str
    """A staff key."""
    at: datetime
    plan: dict[str, Any] = json_map()
    """Audience, texts, waves and gate (`router.broadcast_plan.Plan`)."""
    package_id: int | None = ref()
    writers: list[str] = json_list()
    """Whose hand is in it: its author, whoever edited it, whoever submitted it. None of them approves it."""
    version: int = 1
    """Grows with every change: a form that shows an older one is refused."""
    secret: str = ""
    """Key of the links of its recipients, hex; a new one makes all of them worthless."""
    submitted_at: datetime | None = None
    approved_by: str = ""
    approved_at: datetime | None = None
    expected: int = 0
    """How many messages the audience came to when it was approved."""
    frozen: int = 0
    """How many recipients to be written to stand in the table."""
    cursor: str = ""
    """How far the list has been frozen."""
    scheduled_at: datetime | None = None
    zone: str = ""
    """The time zone in which the start was written."""
    started_at: datetime | None = None
    wave: int = 0
    """The wave that is being sent; 0 before the first."""
    waves: list[int] = json_list()
    """How many messages each wave has."""
    wave_at: datetime | None = None
    """When the last message of the wave was handed over: the gate counts from here."""
    counted_from: datetime | None = None
    """Failures and reports from before do not stop it: a person knew of them and went on."""
    due: datetime | None = None
    """When something is to be looked at again; None: nothing waits for time."""
    why: str = long_text()
    """Why it is paused or held."""
    link_until: datetime | None = None
    revoked_at: datetime | None = None
    ended_at: datetime | None = None


class Recipient(Noun, table=True):
    """One (broadcast, person, channel): the truth about who gets what; progress is counted over these rows."""

    __table_args__ = (
        UniqueConstraint("broadcast_id", "who", "channel", name="uq_recipient"),
        UniqueConstraint("code", name="uq_recipient_code"),
        Index("ix_recipient_state", "broadcast_id", "state", "wave", "id"),
        Index("ix_recipient_ended", "broadcast_id", "ended_at"),
        Index("ix_recipient_message", "message_id"),
        # Only the few that have it: they are counted while a broadcast runs.
        *(
            Index(
                f"ix_recipient_{column}",
                "broadcast_id",
                column,
                sqlite_where=text(f"{column} IS NOT NULL"),
                postgresql_where=text(f"{column} IS NOT NULL"),
            )
            for column in ("opened_at", "downloaded_at", "trouble_at")
        ),
        Index(
            "ix_recipient_recall",
            "recall_at",
            sqlite_where=text("recall_at IS NOT NULL"),
            postgresql_where=text("recall_at IS NOT NULL"),
        ),
        Index(
            "ix_recipient_remind",
            "broadcast_id",
            "channel",
            "ended_at",
            sqlite_where=text("reminded_at IS NULL AND downloaded_at IS NULL"),
            postgresql_where=text("reminded_at IS NULL AND downloaded_at IS NULL"),
        ),
        Index(
            "ix_recipient_reminder",
            "reminder_id",
            sqlite_where=text("reminder_id IS NOT NULL"),
            postgresql_where=text("reminder_id IS NOT NULL"),
        ),
        Index(
            "ix_recipient_pending",
            "broadcast_id",
            "channel",
            "wave",
            "id",
            sqlite_where=text("state = 'pending'"),
            postgresql_where=text("state = 'pending'"),
        ),
    )

    id: int = key()
    broadcast_id: int = ref(nullable=False)
    who: str
    """"c<id of the contact>", "s:<staff key>", or "<channel>:<account>|<address>" for a chat group or list."""
    channel: str
    """"<channel>:<account>"; "" where a person has no address at all."""
    contact_id: int | None = ref()
    name: str = ""
    language: str = "zh"
    address: str = ""
    group: bool = False
    """The address is a chat group."""
    wave: int = 0
    """From 1; 0 for a row that is left out."""
    state: str
    """A RecipientState."""
    reason: str | None = Field(default=None, sa_column=Column(Text))
    """Why it is left out, failed or unknown."""
    values: dict[str, str] = json_map()
    """What the text is filled with, as it was when the list was frozen."""
    code: str | None = None
    """Eight letters and digits by which the page of the package is found without a link."""
    message_id: int | None = ref()
    tries: int = 0
    """How often it was put into the queue."""
    ended_at: datetime | None = None
    """When its state became one that is final for now."""
    opened_at: datetime | None = None
    downloaded_at: datetime | None = None
    trouble_at: datetime | None = None
    """When somebody said that the upgrade went wrong."""
    recall_at: datetime | None = None
    """When somebody asked that it be taken back."""
    reminder_id: int | None = ref()
    """The message that reminded."""
    reminded_at: datetime | None = None


class Suppression(Noun, table=True):
    """An address that is not written to: its owner said so, or it does not exist."""

    __table_args__ = (UniqueConstraint("channel", "address", name="uq_suppression"),)

    id: int = key()
    channel: str
    """The method (sms, mail) or, for others, the channel's name."""
    address: str
    kind: str
    """A SuppressionKind."""
    why: str = long_text()
    broadcast_id: int | None = ref()
    at: datetime
    by: str = ""
    """A staff key where one of the staff wrote it down; "" where it came of itself."""
