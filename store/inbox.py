"""Takes in what people said: stored once, raw, and only then acknowledged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from types import MappingProxyType
from typing import Any

from sqlalchemy import literal_column

from store.batch import Tx
from store.db import Database, table_of
from store.model import Attachment, Blob, Cursor, Fetch, Message, Quarantine

KEY_LIMIT = 400
"""Characters of a key; an index row of PostgreSQL holds about 2,700 bytes, and a hostile Message-ID is longer."""
_SAME = MappingProxyType({"direction": "'in'", "state": "'new'", "template": "''", "verdict": "'{}'"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrival:
    """One thing said to us; `channel` is "<channel>:<account>", `key` the provider's id of it."""

    channel: str
    key: str
    at: datetime
    sender: str
    text: str = field(repr=False)
    said_at: datetime | None = None
    sender_name: str = ""
    reply_to: str | None = None
    """Where answers go when not to `sender`; kept as the recipient of the message."""
    group: str | None = None
    subject: str | None = field(default=None, repr=False)
    whole: str | None = field(default=None, repr=False)
    refs: Sequence[str] = ()
    answers: Sequence[str] = ()
    automatic: str | None = None
    language: str = "zh"
    attachments: Sequence[tuple[str, str, bytes]] = field(default=(), repr=False)
    """Name, media type and content of each."""
    remotes: Sequence[tuple[str, str, str, int | None]] = field(default=(), repr=False)
    """Reference, name, media type and size of each file that still lies with the provider."""
    hints: Mapping[str, str] = field(default_factory=dict)
    """What the channel knew besides the words."""
    raw: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Broken:
    """Genuine bytes that could not be read."""

    channel: str
    key: str
    at: datetime
    where: str
    why: str
    raw: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Bring:
    """What one webhook or one poll brought; the cursor is kept in the same transaction."""

    items: Sequence[Arrival | Broken]
    account: str | None = None
    cursor: str | None = None


def accept(tx: Tx, brings: Sequence[Bring]) -> list[list[int | None]]:
    """Keep what came; answers with the ids of the new messages, None for what was there already or is broken."""
    make = tx.database.ids
    ids = [[make() if isinstance(item, Arrival) else None for item in bring.items] for bring in brings]
    arrivals = [
        (number, item)
        for bring, numbers in zip(brings, ids, strict=True)
        for item, number in zip(bring.items, numbers, strict=True)
        if isinstance(item, Arrival) and number is not None
    ]
    new = _keep_messages(tx, arrivals)
    _keep_attachments(tx, [(number, item) for number, item in arrivals if item.attachments and number in new])
    _keep_remotes(tx, [(number, item) for number, item in arrivals if item.remotes and number in new])
    _keep_broken(tx, [item for bring in brings for item in bring.items if isinstance(item, Broken)])
    _keep_cursors(tx, brings)
    if new:
        tx.wake("judge")
    return [[number if number in new else None for number in numbers] for numbers in ids]


def _keep_messages(tx: Tx, arrivals: Sequence[tuple[int, Arrival]]) -> set[int]:
    if not arrivals:
        return set()
    statement = tx.database.once("inbox.insert", lambda: _insert_messages(tx.database))
    return set(tx.connection.execute(statement, [_message(number, item) for number, item in arrivals]).scalars())


def _insert_messages(database: Database) -> Any:
    """Build the INSERT with what is the same for every arrival as literals: a third less to bind."""
    statement = database.insert(Message).values({name: literal_column(value) for name, value in _SAME.items()})
    return statement.on_conflict_do_nothing(index_elements=["channel", "key"]).returning(table_of(Message).c.id)


def _message(number: int, item: Arrival) -> dict[str, Any]:
    return {
        "id": number,
        "channel": item.channel,
        "key": short(item.key),
        "at": item.at,
        "said_at": item.said_at,
        "sender": clean(item.sender),
        "sender_name": clean(item.sender_name),
        "recipient": clean(item.reply_to or ""),
        "group": item.group and clean(item.group),
        "subject": item.subject and clean(item.subject),
        "text": clean(item.text),
        "whole": item.whole and clean(item.whole),
        "refs": [short(key) for key in item.refs],
        "answers": [short(key) for key in item.answers],
        "automatic": item.automatic,
        "variables": dict(item.hints),
        "language": item.language,
        "raw": item.raw,
    }


def clean(text: str) -> str:
    """Replace what PostgreSQL or UTF-8 cannot hold: NUL characters and halves of surrogate pairs."""
    if text.isascii():
        return text.replace("\0", "\ufffd") if "\0" in text else text
    return text.replace("\0", "\ufffd").encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def short(key: str) -> str:
    """Give the key itself, or its start and digest when it is longer than an index can hold."""
    key = clean(key)
    if len(key) <= KEY_LIMIT:
        return key
    return f"{key[: KEY_LIMIT - 65]}#{sha256(key.encode()).hexdigest()}"


def _keep_attachments(tx: Tx, arrivals: Sequence[tuple[int, Arrival]]) -> None:
    if not arrivals:
        return
    rows, blobs = [], {}
    for number, item in arrivals:
        for name, kind, content in item.attachments:
            digest = sha256(content).hexdigest()
            blobs[digest] = content
            rows.append(
                {
                    "id": tx.database.ids(),
                    "message_id": number,
                    "name": clean(name),
                    "type": clean(kind),
                    "size": len(content),
                    "sha256": digest,
                }
            )
    tx.connection.execute(
        tx.database.insert(Blob).on_conflict_do_nothing(),
        [{"sha256": digest, "body": content} for digest, content in sorted(blobs.items())],
    )
    tx.connection.execute(table_of(Attachment).insert(), rows)


def _keep_remotes(tx: Tx, arrivals: Sequence[tuple[int, Arrival]]) -> None:
    rows = [
        {
            "id": tx.database.ids(),
            "message_id": number,
            "channel": item.channel,
            "ref": clean(ref),
            "name": clean(name),
            "type": clean(kind),
            "size": size,
            "due": tx.now,
            "attempt": 0,
        }
        for number, item in arrivals
        for ref, name, kind, size in item.remotes
    ]
    if rows:
        tx.connection.execute(table_of(Fetch).insert(), rows)
        tx.wake("fetch")


def _keep_broken(tx: Tx, items: Sequence[Broken]) -> None:
    if not items:
        return
    rows = [
        {
            "id": tx.database.ids(),
            "channel": item.channel,
            "key": short(item.key),
            "at": item.at,
            "where": clean(item.where),
            "why": clean(item.why),
            "raw": item.raw,
        }
        for item in {(item.channel, short(item.key)): item for item in items}.values()  # one row once in a statement
    ]
    table, statement = table_of(Quarantine), tx.database.insert(Quarantine)
    # What was let out and still cannot be read is set aside once more; a mere repeat changes nothing.
    again = {name: statement.excluded[name] for name in ("at", "where", "why", "released_at")}
    statement = statement.on_conflict_do_update(
        index_elements=["channel", "key"], set_=again, where=table.c.released_at.is_not(None)
    )
    new = tx.connection.execute(statement.returning(table.c.id), [{**row, "released_at": None} for row in rows])
    if new.first() is not None:
        tx.wake("quarantine")


def _keep_cursors(tx: Tx, brings: Sequence[Bring]) -> None:
    newest = {bring.account: bring.cursor for bring in brings if bring.account is not None and bring.cursor is not None}
    if not newest:
        return
    statement = tx.database.insert(Cursor)
    statement = statement.on_conflict_do_update(
        index_elements=["account"],
        set_={"value": statement.excluded.value, "updated_at": statement.excluded.updated_at},
    )
    rows = [{"account": account, "value": newest[account], "updated_at": tx.now} for account in sorted(newest)]
    tx.connection.execute(statement, rows)
