"""Questions about texts that went out, and what providers said of them later."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, and_, select

from store.batch import Tx
from store.completion import RANK, Mark, mark
from store.db import table_of
from store.model import Message, MessageState
from store.rows import nouns


def _select(connection: Connection, *conditions: object) -> list[Message]:
    c = table_of(Message).c
    columns = [column for column in c if column.name != "raw"]
    statement = select(*columns).where(c.direction == "out", *conditions)  # type: ignore[arg-type]
    return nouns(Message, connection.execute(statement).mappings())


def by_ids(connection: Connection, ids: Iterable[int]) -> Mapping[int, Message]:
    """Return our messages by id."""
    return {message.id: message for message in _select(connection, table_of(Message).c.id.in_(list(ids)))}


def find(connection: Connection, channel: str, *, key: str | None, provider_id: str | None) -> Message | None:
    """Return our message by our key, else by the provider's id."""
    c = table_of(Message).c
    found: Sequence[Message] = _select(connection, c.channel == channel, c.key == key) if key else []
    if not found and provider_id:
        found = _select(connection, c.channel == channel, c.provider_id == provider_id)
    return found[0] if found else None


def of_pages(connection: Connection, page_ids: Iterable[int], channels: Iterable[str]) -> list[Message]:
    """Return what was sent by these channels for these pages, and has an id there."""
    c = table_of(Message).c
    sent = (c.page_id.in_(list(page_ids)), c.channel.in_(list(channels)), c.provider_id.is_not(None))
    return _select(connection, *sent, c.replaces.is_(None))


def another_out(connection: Connection, page_id: int, *, but: int) -> bool:
    """Tell whether another text for a page is on its way or has arrived."""
    c = table_of(Message).c
    gone = c.state.not_in(("failed", "cancelled", "unknown"))
    statement = select(c.id).where(c.page_id == page_id, c.id != but, gone, c.replaces.is_(None)).limit(1)
    return connection.execute(statement).first() is not None


def confirmed(connection: Connection, page_id: int) -> bool:
    """Tell whether a text or call of a page is known to have reached its phone."""
    c = table_of(Message).c
    there = c.state.in_(("ringing", "answered", "delivered"))
    return connection.execute(select(c.id).where(c.page_id == page_id, there).limit(1)).first() is not None


def newer_out(connection: Connection, page_id: int, than: int, channels: Iterable[str]) -> bool:
    """Tell whether a later text or call for a page is on its way by one of these destinations."""
    c = table_of(Message).c
    going = and_(c.state.in_(("queued", "sent")), c.channel.in_(list(channels)))
    statement = select(c.id).where(c.page_id == page_id, c.id > than, going, c.replaces.is_(None)).limit(1)
    return connection.execute(statement).first() is not None


def progress(tx: Tx, message: Message, state: MessageState, reason: str | None) -> bool:
    """Move a message forward; False when it already stands there or further, since receipts overtake each other."""
    if RANK[state] <= RANK[message.state]:
        return False
    mark(tx, [Mark(message_id=message.id, state=state, reason=reason)])
    return True


def destinations(connection: Connection, page_id: int) -> Sequence[str]:
    """Return by which destinations a page was tried."""
    c = table_of(Message).c
    return list(connection.execute(select(c.channel).where(c.page_id == page_id).distinct()).scalars())
