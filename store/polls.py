"""The proof that mailboxes were read: one row for each look, and up to where each was read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, select

from store.batch import Tx
from store.db import table_of
from store.inbox import clean
from store.model import Cursor, Poll
from store.rows import noun, nouns
from store.work import Work


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """The start of a poll; `slot` is the promised time it serves, None for one in between."""

    account: str
    slot: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Looked:
    """What a poll found, or why it failed; the range is the provider's own."""

    poll_id: int
    generation: str | None = None
    first: int | None = None
    last: int | None = None
    count: int = 0
    error: str | None = None


def start(tx: Tx, looks: Sequence[Look]) -> list[int]:
    """Record that polls begin; answers their ids."""
    work = Work(tx)
    rows = [work.add(Poll(id=work.id(), account=look.account, slot=look.slot, started_at=tx.now)) for look in looks]
    work.flush()
    return [row.id for row in rows]


def finish(tx: Tx, looked: Sequence[Looked]) -> list[None]:
    """Record how polls ended."""
    work = Work(tx)
    for one in looked:
        work.change(
            noun(Poll, {"id": one.poll_id}),
            ended_at=tx.now,
            generation=one.generation,
            first=one.first,
            last=one.last,
            count=one.count,
            error=one.error and clean(one.error),
        )
    work.flush()
    return [None] * len(looked)


def last_poll(connection: Connection, account: str, *, succeeded: bool = False) -> Poll | None:
    """Get the newest poll of an account, finished or not; with `succeeded`, the newest that ended without an error."""
    asked = _of(account).order_by(table_of(Poll).c.id.desc())
    return _first(connection, _good(asked) if succeeded else asked)


def poll_for(connection: Connection, account: str, slot: datetime) -> Poll | None:
    """Get the poll that served a promised time without an error; None means that the promise is still open."""
    table = table_of(Poll)
    return _first(connection, _good(_of(account)).where(table.c.slot == slot).order_by(table.c.id.desc()))


def polls_between(connection: Connection, account: str, begin: datetime, end: datetime) -> list[Poll]:
    """List the polls of an account that began from `begin` to before `end`, oldest first: the proof for a report."""
    table = table_of(Poll)
    rows = connection.execute(
        _of(account).where(table.c.started_at >= begin, table.c.started_at < end).order_by(table.c.id)
    )
    return nouns(Poll, rows.mappings())


def _of(account: str) -> Select[Any]:
    return select(table_of(Poll)).where(table_of(Poll).c.account == account)


def _good(asked: Select[Any]) -> Select[Any]:
    table = table_of(Poll)
    return asked.where(table.c.ended_at.is_not(None), table.c.error.is_(None))


def _first(connection: Connection, asked: Select[Any]) -> Poll | None:
    row = connection.execute(asked.limit(1)).mappings().first()
    return None if row is None else noun(Poll, row)


def cursor(connection: Connection, account: str) -> str | None:
    """Read up to where an account was read; None when it never was."""
    table = table_of(Cursor)
    value: str | None = connection.execute(select(table.c.value).where(table.c.account == account)).scalar()
    return value


def recent_polls(connection: Connection, limit: int) -> list[Poll]:
    """List the newest looks into all mailboxes, newest first."""
    table = table_of(Poll)
    rows = connection.execute(select(table).order_by(table.c.id.desc()).limit(limit))
    return [noun(Poll, row) for row in rows.mappings()]
