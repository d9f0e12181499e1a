"""What was asked of a second opinion, and what came of it."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field

from store.model.base import Noun, key, long_text, ref


class Opinion(Noun, table=True):
    """One question about one ticket: to be asked while it has a due time, afterwards what became of it."""

    __table_args__ = (Index("ix_opinion_due", "due"), Index("ix_opinion_asked", "asked_at"))

    id: int = key()
    ticket_id: int = ref(nullable=False)
    at: datetime
    """When the ticket was opened that it is about."""
    due: datetime | None = None
    """The next try; pushed ahead by whoever is asking, so that nobody else does; None: over."""
    attempt: int = 0
    asked_at: datetime | None = None
    """The last try."""
    outcome: str = ""
    """agrees, raised, proposed, kept, late, skipped, or why there is no answer."""
    kind: str = ""
    """What it said, where it said something; so are the two below."""
    level: int | None = Field(default=None)
    reason: str = long_text()
