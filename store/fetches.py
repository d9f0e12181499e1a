"""Files that still lie with a provider: which are due, and what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import Connection, delete, func, select, update

from store.batch import Tx
from store.db import table_of
from store.inbox import clean
from store.model import Attachment, Blob, Event, EventKind, Fetch, Message
from store.rows import nouns
from store.work import Work


@dataclass(frozen=True, kw_only=True, slots=True)
class Want:
    """A wish for files that are due: at most so many, nobody else's for the time of `lease`."""

    most: int
    lease: timedelta


@dataclass(frozen=True, kw_only=True, slots=True)
class Brought:
    """A file that came."""

    fetch: Fetch
    name: str
    type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Put:
    """A file that did not come: when to try again, or None to leave it."""

    fetch: Fetch
    again: datetime | None
    why: str


def claim(tx: Tx, wants: Sequence[Want]) -> list[list[Fetch]]:
    """Hand out what is due, by pushing its next try ahead of us."""
    return [_claim(tx, want) for want in wants]


def _claim(tx: Tx, want: Want) -> list[Fetch]:
    table = table_of(Fetch)
    chosen = select(table.c.id).where(table.c.due <= tx.now).order_by(table.c.due).limit(want.most)
    statement = (
        update(table)
        .where(table.c.id.in_(chosen.with_for_update(skip_locked=True).scalar_subquery()))
        .values(due=tx.now + want.lease, attempt=table.c.attempt + 1)
        .returning(*table.c)
    )
    return nouns(Fetch, tx.connection.execute(statement).mappings())


def keep(tx: Tx, items: Sequence[Brought]) -> list[bool]:
    """Keep files beside their messages; False for one that another process has brought meanwhile."""
    return [_keep(tx, item) for item in items]


def _keep(tx: Tx, item: Brought) -> bool:
    table = table_of(Fetch)
    if not tx.connection.execute(delete(table).where(table.c.id == item.fetch.id)).rowcount:
        return False
    digest = sha256(item.content).hexdigest()
    blob = tx.database.insert(Blob).on_conflict_do_nothing()
    tx.connection.execute(blob, [{"sha256": digest, "body": item.content}])
    row = {
        "id": tx.database.ids(),
        "message_id": item.fetch.message_id,
        "name": clean(item.name),
        "type": clean(item.type),
        "size": len(item.content),
        "sha256": digest,
    }
    tx.connection.execute(table_of(Attachment).insert(), [row])
    return True


def put(tx: Tx, items: Sequence[Put]) -> list[None]:
    """Plan the next try, or leave the file with the provider for good, with a line of history."""
    table, work = table_of(Fetch), Work(tx)
    for item in items:
        if item.again is None:
            gone = tx.connection.execute(delete(table).where(table.c.id == item.fetch.id)).rowcount
            if gone:  # else another process has brought it meanwhile
                work.add(_left(tx, work, item))
        else:
            tx.connection.execute(update(table).where(table.c.id == item.fetch.id).values(due=item.again))
    work.flush()
    return [None] * len(items)


def _left(tx: Tx, work: Work, item: Put) -> Event:
    messages = table_of(Message)
    ticket = tx.connection.execute(select(messages.c.ticket_id).where(messages.c.id == item.fetch.message_id)).scalar()
    return Event(
        id=work.id(),
        at=tx.now,
        kind=EventKind.FAILED,
        ticket_id=ticket,
        message_id=item.fetch.message_id,
        text=f"a file could not be brought: {item.why}",
        more={"file": item.fetch.name},
    )


def upcoming(connection: Connection) -> datetime | None:
    """Return when the next try is due."""
    found: datetime | None = connection.execute(select(func.min(table_of(Fetch).c.due))).scalar()
    return found
