"""Who is on duty against the plan, who is away or awake, and what one of the staff is asked and answers with 1."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint, text

from store.model.base import Noun, json_map, key, long_text, ref


class Shift(Noun, table=True):
    """Somebody has a role for a while, whatever the rota says: a stand-in, or one half of a swap."""

    __table_args__ = (Index("ix_shift_ends", "state", "ends"), Index("ix_shift_begins", "begins"))

    id: int = key()
    role: str
    """lead, second or manager."""
    person: str
    begins: datetime
    ends: datetime | None = None
    """None: until further notice."""
    state: str
    """A ShiftState; only one in force counts."""
    swap_id: int | None = ref()
    """The same for both halves of a swap."""
    by: str = ""
    at: datetime
    """When it was said; of two that are in force at one instant the later word counts."""
    why: str = ""


class Presence(Noun, table=True):
    """Somebody is away (holiday, illness), or awake and wants no calls."""

    __table_args__ = (Index("ix_presence_ends", "ends"),)

    id: int = key()
    person: str
    kind: str
    """A PresenceKind."""
    begins: datetime
    ends: datetime
    why: str = ""
    by: str = ""
    at: datetime


class Inquiry(Noun, table=True):
    """One question to one of the staff that `1` answers with yes and `2` with no, with a consequence when nobody does.

    A page asks for a ticket to be taken; an inquiry asks for anything else.
    """

    __table_args__ = (
        Index(
            "ix_inquiry_open",
            "person",
            sqlite_where=text("answer = ''"),
            postgresql_where=text("answer = ''"),
        ),
        Index("ix_inquiry_ticket", "ticket_id"),
        Index("ix_inquiry_asked", "kind", "asked_at"),
    )

    id: int = key()
    kind: str
    """An InquiryKind."""
    person: str
    ticket_id: int | None = ref()
    about: int | None = ref()
    """The row that it is about: a swap, a visit."""
    round: int = 0
    """Of the ticket, when it was asked: a question of an earlier round is void."""
    asked_at: datetime
    until: datetime
    """When silence becomes an answer."""
    answer: str = ""
    """"" while it is open, then an Answer."""
    answered_at: datetime | None = None
    method: str = ""
    """By which it went out (push, sms, voice, mail), and below to which account."""
    destination: str = ""
    more: dict[str, str] = json_map()
    """What else its kind must remember."""


class Pulse(Noun, table=True):
    """The last sign of life of something that must not fall silent."""

    __table_args__ = (UniqueConstraint("name", name="uq_pulse_name"),)

    id: int = key()
    name: str
    """An account such as sms:main, or what the gateway itself does."""
    at: datetime
    alarmed_at: datetime | None = None
    """When somebody was told that it is late; None since it lives again."""
    note: str = long_text()


class Feed(Noun, table=True):
    """A secret address under which a calendar is read; only the digest of the secret is kept."""

    __table_args__ = (UniqueConstraint("digest", name="uq_feed_digest"),)

    id: int = key()
    digest: str
    person: str = ""
    """A staff key; "" for the whole rota."""
    made_at: datetime
    by: str = ""
    revoked_at: datetime | None = None
