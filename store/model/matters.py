"""Where it is not certain which matter is meant: what was asked, and which two look like one."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field

from store.model.base import Noun, json_list, key, ref
from store.model.words import SuggestionState


class Question(Noun, table=True):
    """One question to a customer: which of these matters did you mean; the words wait for the answer."""

    __table_args__ = (
        Index(
            "ix_question_open",
            "contact_id",
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: int = key()
    contact_id: int = ref(nullable=False)
    messages: list[int] = json_list()
    """Ids of what was said, oldest first; several short lines are one."""
    tickets: list[int] = json_list()
    """Ids of the matters that it may belong to, the likeliest first."""
    at: datetime
    until: datetime
    """Then the likeliest is taken."""
    ticket_id: int | None = ref()
    """What was chosen."""
    ended_at: datetime | None = None


class Suggestion(Noun, table=True):
    """Two tickets that may be one matter; a person says whether they are."""

    __table_args__ = (
        UniqueConstraint("ticket_id", "other_id", name="uq_suggestion"),
        Index("ix_suggestion_other", "other_id"),
    )

    id: int = key()
    ticket_id: int = ref(nullable=False)
    """The later one."""
    other_id: int = ref(nullable=False)
    """The earlier one, into which it would be merged."""
    likeness: float = 0.0
    """From 0 to 1; how much the words of both share."""
    why: str = ""
    at: datetime
    state: str = Field(default=SuggestionState.OPEN)
    by: str = ""
    """The staff key of who decided."""
    ended_at: datetime | None = None
