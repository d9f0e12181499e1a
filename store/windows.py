"""What was last said in a conversation, and how often it was answered since: for providers that limit answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from store.db import table_of
from store.model import Message

FAILED = ("failed", "cancelled")
PAGED = "trouble-"
"""Begins the keys of what was written on a page of ours: no provider knows it; it opens no window, nobody quotes it."""


def of_page(key: str) -> bool:
    """Tell whether a message was written on a page of ours, in the name of whom the page belongs to."""
    return key.startswith(PAGED)


@dataclass(frozen=True, kw_only=True, slots=True)
class Last:
    """The newest message of a person or a group, and what was sent there since."""

    key: str
    at: datetime
    sent: int
    """Texts of ours that went out after it, the one asked about not counted."""


def last(connection: Connection, channel: str, *, sender: str, group: str | None, but: int) -> Last | None:
    """Return the newest message of a conversation; `but` is the id of the text about to go. None: nothing was said."""
    c = table_of(Message).c
    there = (c.channel == channel, c.group == group if group else c.sender == sender)
    spoken = c.key.not_like(f"{PAGED}%")
    heard = select(c.id, c.key, c.at, c.said_at).where(c.direction == "in", spoken, *there)
    row = connection.execute(heard.order_by(c.id.desc()).limit(1)).first()
    if row is None:
        return None
    to = (c.channel == channel, c.group == group if group else c.recipient == sender)
    gone = c.state.in_(("sent", "delivered", "ringing", "answered", "unknown"))
    sent = select(func.count()).where(c.direction == "out", c.id > row[0], c.id != but, gone, *to)
    return Last(key=row[1], at=row[3] or row[2], sent=connection.execute(sent).scalar() or 0)
