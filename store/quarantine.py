"""What could not be read or judged: listed, shown, and taken in again after the cure."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select, update

from store.batch import Tx
from store.db import table_of
from store.inbox import clean
from store.model import Message, MessageState, Quarantine
from store.rows import noun, nouns


def quarantine_message(tx: Tx, message_id: int, *, where: str, why: str) -> int | None:
    """Set a message aside that cannot be judged; returns the id of its row, None when there is no such message.

    A message that was released and fails again uses its old row.
    """
    table = table_of(Message)
    stored = tx.connection.execute(
        update(table)
        .where(table.c.id == message_id)
        .values(state=MessageState.QUARANTINED.value)
        .returning(table.c.channel, table.c.key)
    ).first()
    if stored is None:
        return None
    statement = tx.database.insert(Quarantine)
    statement = statement.on_conflict_do_update(
        index_elements=["channel", "key"],
        set_={name: statement.excluded[name] for name in ("at", "where", "why", "message_id", "released_at")},
    ).returning(table_of(Quarantine).c.id)
    row = {
        "id": tx.database.ids(),
        "channel": stored.channel,
        "key": stored.key,
        "at": tx.now,
        "where": clean(where),
        "why": clean(why),
        "message_id": message_id,
        "released_at": None,
        "raw": b"",
    }
    tx.wake("quarantine")
    return int(tx.connection.execute(statement, row).scalar_one())


def quarantined(connection: Connection, *, limit: int = 100, released: bool = False) -> list[Quarantine]:
    """List what lies in quarantine, newest first, without the raw bytes."""
    table = table_of(Quarantine)
    columns = [column for column in table.columns if column.name != "raw"]
    asked = select(*columns).order_by(table.c.id.desc()).limit(limit)
    if not released:
        asked = asked.where(table.c.released_at.is_(None))
    return nouns(Quarantine, connection.execute(asked).mappings())


def quarantined_one(connection: Connection, number: int) -> Quarantine | None:
    """Get one row with its raw bytes; those of a message that could be read are the message's."""
    table = table_of(Quarantine)
    row = connection.execute(select(table).where(table.c.id == number)).mappings().first()
    if row is None:
        return None
    found = noun(Quarantine, row)
    if found.message_id is not None:
        messages = table_of(Message)
        found.raw = connection.execute(select(messages.c.raw).where(messages.c.id == found.message_id)).scalar() or b""
    return found


def release(tx: Tx, numbers: Sequence[int]) -> list[Quarantine | None]:
    """Let rows out; None for one that is not there or was let out before.

    A message goes back to `new` and is judged again. Bytes that could not be read are returned to be read again by
    their channel, and `accept` takes what that gives.
    """
    table = table_of(Quarantine)
    rows = tx.connection.execute(
        update(table)
        .where(table.c.id.in_(numbers), table.c.released_at.is_(None))
        .values(released_at=tx.now)
        .returning(*table.columns)
    )
    freed = {row.id: row for row in nouns(Quarantine, rows.mappings())}
    again = [row.message_id for row in freed.values() if row.message_id is not None]
    if again:
        messages = table_of(Message)
        tx.connection.execute(
            update(messages)
            .where(messages.c.id.in_(again), messages.c.state == MessageState.QUARANTINED.value)
            .values(state=MessageState.NEW.value)
        )
        tx.wake("judge")
    return [freed.get(number) for number in numbers]


def oldest_quarantined(connection: Connection) -> datetime | None:
    """Tell since when something waits in quarantine."""
    table = table_of(Quarantine)
    at: datetime | None = connection.execute(
        select(table.c.at).where(table.c.released_at.is_(None)).order_by(table.c.id).limit(1)
    ).scalar()
    return at
