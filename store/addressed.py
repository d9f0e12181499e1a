"""Questions about who was written to for many: by the address, and by the recipient whose page is asked for."""

from __future__ import annotations

from sqlalchemy import Connection, select

from store.db import table_of
from store.model import Message

TEMPLATES = "broadcast"
"""What the templates of texts that go to many begin with."""


def written_to(connection: Connection, address: str) -> bool:
    """Tell whether a text for many ever went to an address."""
    c = table_of(Message).c
    many = c.template.startswith(TEMPLATES, autoescape=True)
    statement = select(c.id).where(c.recipient == address, c.direction == "out", many).limit(1)
    return connection.execute(statement).first() is not None
