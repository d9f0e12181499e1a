"""Questions that only the pages ask: tries to send, files that came, and what a contact is called."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, select

from store.db import table_of
from store.model import Attachment, Attempt, Contact
from store.rows import nouns


def attempts_of(connection: Connection, messages: Collection[int]) -> list[Attempt]:
    """Return the tries to send these messages, oldest first."""
    c = table_of(Attempt).c
    statement = select(*c).where(c.message_id.in_(list(messages))).order_by(c.id)
    return nouns(Attempt, connection.execute(statement).mappings())


def attachments_of(connection: Connection, messages: Collection[int]) -> list[Attachment]:
    """Return the files that came with these messages, without their content, oldest first."""
    c = table_of(Attachment).c
    statement = select(*c).where(c.message_id.in_(list(messages))).order_by(c.id)
    return nouns(Attachment, connection.execute(statement).mappings())


def contact_name(connection: Connection, ident: int | None) -> str:
    """Return what a contact is called; "" for one that is not known."""
    c = table_of(Contact).c
    return connection.execute(select(c.name).where(c.id == ident)).scalar() or "" if ident else ""
