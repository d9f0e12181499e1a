"""The queue of outgoing texts: put, claimed by one sender at a time, completed by that sender only."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from json import dumps
from typing import Any

from sqlalchemy import Float, Integer, RowMapping, TextClause, bindparam, select, text, update

from store.batch import Tx
from store.buckets import Buckets, Limit
from store.completion import LATER, Done, Expired, cancel, complete, expired, mark, renew, withdraw
from store.db import Database, table_of
from store.depth import Depth, depths, pending
from store.model import Attempt, Delivery, Lane, Message
from store.work import Work

__all__ = [
    "LATER",
    "Ask",
    "Claimed",
    "Depth",
    "Done",
    "Expired",
    "Limit",
    "cancel",
    "claim",
    "complete",
    "depths",
    "expired",
    "mark",
    "pending",
    "put",
    "renew",
    "throttled",
    "withdraw",
]

_OF_MESSAGE = (
    "channel",
    "key",
    "recipient",
    "text",
    "template",
    "variables",
    "language",
    "subject",
    "group",
    "refs",
    "automatic",
    "sender",
    "replaces",
    "contact_id",
    "at",
)
KEPT = 1
"""Tokens of a limited destination that broadcasts leave for a page."""
_OF_DELIVERY = ("id", "message_id", "page_id", "ticket_id", "destination", "lane", "due", "attempt")


@dataclass(frozen=True, kw_only=True, slots=True)
class Claimed:
    """One text that the asker now has to send; nobody else will until its lease ends."""

    delivery_id: int
    message_id: int
    page_id: int | None
    ticket_id: int | None
    destination: str
    lane: int
    due: datetime
    owner: str
    attempt: int
    """1 for the first try."""
    channel: str
    key: str
    recipient: str
    text: str = field(repr=False)
    template: str
    variables: Mapping[str, str] = field(repr=False)
    language: str
    subject: str | None = field(repr=False)
    group: str | None
    refs: Sequence[str]
    automatic: str | None
    sender: str
    """The staff member whose words these are, or ""."""
    replaces: str | None = None
    contact_id: int | None = None
    at: datetime | None = None
    """When it was decided to send it."""

    @property
    def to(self) -> str:
        """Where it goes: the group, else the recipient."""
        return self.group or self.recipient


@dataclass(frozen=True, kw_only=True, slots=True)
class Ask:
    """What a sender can take now."""

    owner: str
    free: Mapping[str, int]
    """Destination to free slots."""
    limits: Mapping[str, Limit] = field(default_factory=dict)
    """Destination to (tokens per second, burst); one that is missing has no limit."""
    lease: timedelta = timedelta(seconds=30)
    spare: int = 0
    """Slots of each destination that broadcasts leave free, so that a page never waits for one of theirs to end."""


def put(
    work: Work,
    message: Message,
    *,
    destination: str,
    lane: int,
    due: datetime,
    page_id: int | None = None,
    ticket_id: int | None = None,
) -> Delivery:
    """Add an outgoing message and its delivery to the work; the transaction wakes the senders."""
    work.add(message)
    work.tx.wake("send")
    return work.add(
        Delivery(
            id=work.id(),
            message_id=message.id,
            page_id=message.page_id if page_id is None else page_id,
            ticket_id=message.ticket_id if ticket_id is None else ticket_id,
            destination=destination,
            lane=int(lane),
            due=due,
        )
    )


Bars = Callable[[Tx, Sequence[Claimed]], Mapping[int, datetime]]
"""Of texts about to be claimed, the ids of those deliveries that must not go now, and when each may."""


def claim(tx: Tx, asks: Sequence[Ask], bars: Bars | None = None) -> list[list[Claimed]]:
    """Give each asker due texts, highest lane first, as its slots and the destinations' limits allow.

    The attempt row is written here, before any send. What `bars` holds back is put off and given to nobody.
    """
    waiting = _waiting(tx, sorted({name for ask in asks for name, slots in ask.free.items() if slots > 0}))
    taken = [_claim_rows(tx, ask, waiting) for ask in asks] if waiting else [[] for _ in asks]
    rows = [row for each in taken for row in each]
    if not rows:
        return [[] for _ in asks]
    messages = _messages(tx, [row["message_id"] for row in rows])
    claimed = [
        [_claimed(row, messages[row["message_id"]], owner=ask.owner) for row in each if row["message_id"] in messages]
        for ask, each in zip(asks, taken, strict=True)
    ]
    barred = bars(tx, [one for each in claimed for one in each]) if bars else {}
    put_off(tx, barred)
    going = [[one for one in each if one.delivery_id not in barred] for each in claimed]
    _begin_attempts(tx, [one for each in going for one in each])
    return going


def _waiting(tx: Tx, destinations: Sequence[str]) -> Sequence[tuple[str, int]]:
    """Find which destinations and lanes have something due: one index probe each instead of one claim each."""
    if not destinations:
        return []
    statement = tx.database.once("queue.waiting", lambda: _probe(tx.database))
    pairs = dumps([(destination, int(lane)) for destination in destinations for lane in Lane])
    rows = tx.connection.execute(statement, {"pairs": pairs, "now": tx.now})
    return sorted(((row[0], row[1]) for row in rows), key=lambda pair: (pair[1], pair[0]))


def _probe(database: Database) -> TextClause:
    """As text with one JSON parameter, since a VALUES clause of changing length is compiled anew every time."""
    source = (
        "SELECT value->>0 AS destination, CAST(value->>1 AS integer) AS lane "
        "FROM json_array_elements(CAST(:pairs AS json))"
        if database.shared
        else "SELECT json_extract(value, '$[0]') AS destination, json_extract(value, '$[1]') AS lane "
        "FROM json_each(:pairs)"
    )
    # Not EXISTS: PostgreSQL makes a join of it that reads all that is due, 8 ms instead of 0.1 while 100,000 wait.
    return text(
        f"SELECT w.destination, w.lane FROM ({source}) AS w WHERE (SELECT 1 FROM delivery AS d "  # noqa: S608
        "WHERE d.destination = w.destination AND d.lane = w.lane AND d.due <= :now AND d.owner IS NULL LIMIT 1) = 1"
    ).bindparams(bindparam("now", type_=table_of(Delivery).c.due.type))


def _claim_rows(tx: Tx, ask: Ask, waiting: Sequence[tuple[str, int]]) -> list[RowMapping]:
    free = {name: slots for name, slots in ask.free.items() if slots > 0}
    here = {name for name, _ in waiting if name in free}
    buckets = Buckets(tx, {name: ask.limits[name] for name in here if name in ask.limits})
    taken: list[RowMapping] = []
    for destination, lane in waiting:
        last = lane == Lane.BROADCAST
        slots = free.get(destination, 0) - (ask.spare if last else 0)
        most = buckets.left(destination, slots, keep=KEPT if last else 0)
        if most <= 0:
            continue
        rows = _claim_lane(tx, ask, destination=destination, lane=lane, most=most)
        free[destination] -= len(rows)
        buckets.take(destination, len(rows))
        taken.extend(rows)
    buckets.flush()
    return taken


def _claim_lane(tx: Tx, ask: Ask, *, destination: str, lane: int, most: int) -> list[RowMapping]:
    rows = tx.connection.execute(
        tx.database.once("queue.claim", lambda: _update_claimed(tx.database)),
        {
            "owner_": ask.owner,
            "lease_": ask.lease.total_seconds(),
            "destination_": destination,
            "lane_": lane,
            "now_": tx.now,
            "most_": most,
        },
    )
    # RETURNING has no order (sqlite.org/lang_returning.html).
    return sorted(rows.mappings(), key=lambda row: (row["due"], row["id"]))


def _update_claimed(database: Database) -> Any:
    table = table_of(Delivery)
    chosen = (
        select(table.c.id)
        .where(
            table.c.destination == bindparam("destination_"),
            table.c.lane == bindparam("lane_"),
            table.c.due <= bindparam("now_"),
            table.c.owner.is_(None),
        )
        .order_by(table.c.due)
        .limit(bindparam("most_", type_=Integer))
        .with_for_update(skip_locked=True)
    )
    return (
        update(table)
        .where(table.c.id.in_(chosen.scalar_subquery()))
        .values(
            owner=bindparam("owner_"),
            attempt=table.c.attempt + 1,
            lease_until=database.clock() + bindparam("lease_", type_=Float),
        )
        .returning(*(table.c[name] for name in _OF_DELIVERY))
    )


def put_off(tx: Tx, until: Mapping[int, datetime]) -> None:
    """Let claimed deliveries go, as if nobody had claimed them, until these instants."""
    if not until:
        return
    table = table_of(Delivery)
    tx.connection.execute(
        update(table)
        .where(table.c.id == bindparam("id_"))
        .values(
            owner=None, lease_until=None, attempt=table.c.attempt - 1, due=bindparam("due_", type_=table.c.due.type)
        ),
        [{"id_": number, "due_": at} for number, at in sorted(until.items())],
    )


def _begin_attempts(tx: Tx, claimed: Sequence[Claimed]) -> None:
    if not claimed:
        return
    tx.connection.execute(
        table_of(Attempt).insert(),
        [
            {
                "id": tx.database.ids(),
                "message_id": one.message_id,
                "number": one.attempt,
                "destination": one.destination,
                "recipient": one.to,
                "template": one.template,
                "started_at": tx.now,
            }
            for one in claimed
        ],
    )


def _messages(tx: Tx, ids: Sequence[int]) -> dict[int, RowMapping]:
    statement = tx.database.once("queue.messages", _select_messages)
    rows = tx.connection.execute(statement, {"ids_": list(ids)})
    return {row["id"]: row for row in rows.mappings()}


def _select_messages() -> Any:
    table = table_of(Message)
    columns = (table.c.id, *(table.c[name] for name in _OF_MESSAGE))
    return select(*columns).where(table.c.id.in_(bindparam("ids_", expanding=True)))


def _claimed(row: RowMapping, message: RowMapping, *, owner: str) -> Claimed:
    of_delivery = {name: row[name] for name in _OF_DELIVERY if name != "id"}
    of_message = {name: message[name] for name in _OF_MESSAGE}
    return Claimed(delivery_id=row["id"], owner=owner, **of_delivery, **of_message)


def throttled(tx: Tx, asks: Sequence[Ask]) -> list[datetime | None]:
    """Tell each asker when the next token comes for a due text that only a limit holds back, else None."""
    return [_throttled(tx, ask) if ask.limits else None for ask in asks]


def _throttled(tx: Tx, ask: Ask) -> datetime | None:
    limited = sorted(name for name, slots in ask.free.items() if slots > 0 and name in ask.limits)
    waiting = _waiting(tx, limited)
    buckets = Buckets(tx, {name: ask.limits[name] for name, _ in waiting})
    kept = [(name, KEPT if lane == Lane.BROADCAST else 0) for name, lane in waiting]
    waits = [wait for name, keep in kept if (wait := buckets.wait(name, keep=keep)) > 0]
    return tx.now + timedelta(seconds=min(waits)) if waits else None
