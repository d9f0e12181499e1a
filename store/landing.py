"""What the page of one recipient shows, and what is kept of its being opened, fetched from and complained on."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from store.batch import Tx
from store.db import table_of
from store.model import Broadcast, BroadcastState, Event, EventKind, Message, Package, Recipient
from store.rows import noun
from store.work import Work


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """A recipient with what was sent; not yet believed."""

    recipient: Recipient
    broadcast: Broadcast
    package: Package | None = None

    def gone(self, now: datetime) -> str:
        """Say why there is nothing to be had any more: "revoked" or "expired"; "" while there is."""
        if self.broadcast.revoked_at is not None or (self.package and self.package.revoked_at is not None):
            return "revoked"
        until = self.broadcast.link_until
        return "expired" if until is not None and until <= now else ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Trouble:
    """Somebody said on the page that the upgrade went wrong."""

    recipient_id: int
    message_id: int | None
    """What came in by it; None: it had come before."""
    text: str = field(repr=False)


def found(connection: Connection, recipient_id: int) -> Found | None:
    """Return a recipient with broadcast and package."""
    return _with(connection, table_of(Recipient).c.id == recipient_id)


def by_code(connection: Connection, code: str) -> Found | None:
    """Return the recipient whose code this is."""
    return _with(connection, table_of(Recipient).c.code == code)


def _with(connection: Connection, which: Any) -> Found | None:
    row = connection.execute(select(table_of(Recipient)).where(which)).mappings().first()
    if row is None:
        return None
    recipient = noun(Recipient, row)
    b, p = table_of(Broadcast), table_of(Package)
    sent = connection.execute(select(b).where(b.c.id == recipient.broadcast_id)).mappings().first()
    if sent is None:
        return None
    broadcast = noun(Broadcast, sent)
    file = connection.execute(select(p).where(p.c.id == broadcast.package_id)).mappings().first()
    return Found(recipient=recipient, broadcast=broadcast, package=noun(Package, file) if file else None)


def reports(connection: Connection, channel: str, keys: Collection[str]) -> dict[str, tuple[str, datetime]]:
    """Return what came in under these keys: its text, and when."""
    c = table_of(Message).c
    statement = select(c.key, c.text, c.at).where(c.channel == channel, c.key.in_(list(keys)))
    return {row[0]: (row[1], row[2]) for row in connection.execute(statement).all()}


def opened(tx: Tx, recipients: Sequence[int]) -> list[None]:
    """Note when a page was first opened."""
    return _once(tx, recipients, "opened_at")


def downloaded(tx: Tx, recipients: Sequence[int]) -> list[None]:
    """Note when the last byte was first fetched."""
    return _once(tx, recipients, "downloaded_at")


def troubled(tx: Tx, troubles: Sequence[Trouble]) -> list[None]:
    """Note that the upgrade went wrong, once for each recipient, and write each report into the history."""
    _once(tx, [one.recipient_id for one in troubles], "trouble_at")
    work, c = Work(tx), table_of(Recipient).c
    for one in troubles:
        row = tx.connection.execute(select(c.broadcast_id, c.who).where(c.id == one.recipient_id)).first()
        if row is None or one.message_id is None:
            continue
        work.add(
            Event(
                id=work.id(),
                at=tx.now,
                kind=EventKind.BROADCAST,
                broadcast_id=row[0],
                message_id=one.message_id,
                actor="customer",
                text="trouble",
                more={"recipient": one.recipient_id, "who": row[1], "words": one.text},
            )
        )
    work.flush()
    _look_at(tx, [one.recipient_id for one in troubles])
    return [None] * len(troubles)


def _look_at(tx: Tx, recipients: Sequence[int]) -> None:
    """Have the broadcasts looked at now, whatever they wait for: a report may shut their gate."""
    b, r = table_of(Broadcast), table_of(Recipient)
    of = select(r.c.broadcast_id).where(r.c.id.in_(sorted(set(recipients))))
    running = b.c.state == BroadcastState.RUNNING
    tx.connection.execute(update(b).where(b.c.id.in_(of), running).values(due=tx.now))
    tx.wake("broadcast")


def _once(tx: Tx, recipients: Sequence[int], column: str) -> list[None]:
    table = table_of(Recipient)
    statement = update(table).where(table.c.id.in_(sorted(set(recipients))), table.c[column].is_(None))
    tx.connection.execute(statement.values({column: tx.now}))
    return [None] * len(recipients)
