"""What people said that a judgement should have been."""

from datetime import datetime

from sqlalchemy import Column, Index, Text
from sqlmodel import Field

from store.model.base import Noun, key, long_text, ref


class Correction(Noun, table=True):
    """One person says what a message was, and with it what the judge said; append-only, the latest of a message holds.

    It carries the words themselves, so that learning from it reads nothing else.
    """

    __table_args__ = (Index("ix_correction_message", "message_id", "id"),)

    id: int = key()
    message_id: int = ref(nullable=False)
    """The message that was judged: it opened its ticket, made it worse, or was ignored."""
    ticket_id: int | None = ref()
    at: datetime
    by: str
    """A staff key."""
    kind_before: str
    kind_after: str
    """The same as before where the person confirmed what was in doubt."""
    level_before: int | None = None
    level_after: int | None = None
    channel: str
    """"<channel>:<account>"."""
    subject: str | None = Field(default=None, sa_column=Column(Text))
    text: str = long_text()
    """As it was judged: short lines of one person in a row stand together."""
    automatic: str | None = None
