"""How a delivery ends: completed by the one who sent it, taken back when its lease ended, or cancelled before."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy import Integer, RowMapping, and_, bindparam, case, delete, func, literal_column, select, update

from store.batch import Tx
from store.db import table_of
from store.inbox import clean
from store.model import Attempt, Delivery, Message, MessageState, Recipient, RecipientState

LATER = "later"
ENDED = "the sender ended before it could tell what came of it"
"""Why a message is unknown whose process died; no provider is to blame for it."""
RANK: Mapping[str, int] = MappingProxyType(
    {
        MessageState.QUEUED.value: 0,
        MessageState.CANCELLED.value: 1,
        MessageState.UNKNOWN.value: 2,
        MessageState.SENT.value: 3,
        MessageState.RINGING.value: 4,
        MessageState.ANSWERED.value: 5,
        MessageState.FAILED.value: 6,
        MessageState.DELIVERED.value: 7,
    }
)
"""What an outgoing message may become: never something lower, since receipts overtake each other."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Done:
    """What came of one send. `outcome` is sent, later, failed or unknown."""

    delivery_id: int
    owner: str
    attempt: int
    outcome: str
    status: str | None = None
    """The MessageState to set; by default that of the outcome."""
    provider_id: str | None = None
    reason: str | None = field(default=None, repr=False)
    segments: int = 0
    retry_at: datetime | None = None
    """With "later": when to try again."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """News about an outgoing message."""

    message_id: int
    state: str
    provider_id: str | None = None
    reason: str | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Expired:
    """A claim that its owner lost."""

    delivery_id: int
    message_id: int
    page_id: int | None
    ticket_id: int | None
    destination: str
    lane: int
    owner: str
    attempt: int
    resent: bool
    """It waits again; otherwise the message is marked unknown."""


def complete(tx: Tx, dones: Sequence[Done]) -> list[bool]:
    """Record what came of sends; False for one whose claim was lost meanwhile, of which nothing is changed."""
    held = _held(tx, [done.delivery_id for done in dones])
    valid = [held.get(done.delivery_id, (None, None, 0))[:2] == (done.owner, done.attempt) for done in dones]
    kept = {done.delivery_id: done for done, good in zip(dones, valid, strict=True) if good}
    message_of = {number: held[number][2] for number in kept}
    final = [done for done in kept.values() if done.outcome != LATER]
    _put_back(tx, {done.delivery_id: done.retry_at or tx.now for done in kept.values() if done.outcome == LATER})
    _remove(tx, [done.delivery_id for done in final])
    mark(tx, [_mark(done, message_of[done.delivery_id]) for done in final])
    _end_attempts(tx, [(message_of[number], done) for number, done in kept.items()])
    return valid


def _held(tx: Tx, ids: Sequence[int]) -> dict[int, tuple[str | None, int, int]]:
    rows = tx.connection.execute(tx.database.once("completion.held", _select_held), {"ids_": list(ids)})
    return {row[0]: (row[1], row[2], row[3]) for row in rows}


def _select_held() -> Any:
    table = table_of(Delivery)
    return (
        select(table.c.id, table.c.owner, table.c.attempt, table.c.message_id)
        .where(table.c.id.in_(bindparam("ids_", expanding=True)))
        .order_by(table.c.id)
        .with_for_update()
    )


def _put_back(tx: Tx, due: Mapping[int, datetime]) -> None:
    if not due:
        return
    table = table_of(Delivery)
    tx.connection.execute(
        update(table)
        .where(table.c.id == bindparam("id_"))
        .values(owner=None, lease_until=None, due=bindparam("due_", type_=table.c.due.type)),
        [{"id_": number, "due_": at} for number, at in sorted(due.items())],
    )
    tx.wake("send")


def _remove(tx: Tx, ids: Sequence[int]) -> None:
    if ids:
        tx.connection.execute(tx.database.once("completion.delete", _delete), {"ids_": list(ids)})


def _delete() -> Any:
    return delete(table_of(Delivery)).where(table_of(Delivery).c.id.in_(bindparam("ids_", expanding=True)))


def _mark(done: Done, message_id: int) -> Mark:
    return Mark(
        message_id=message_id, state=done.status or done.outcome, provider_id=done.provider_id, reason=done.reason
    )


def mark(tx: Tx, marks: Sequence[Mark]) -> None:
    """Set the state of outgoing messages, never backwards; a provider id or reason once known stays when none is given.

    States that an outgoing message cannot have raise KeyError.
    """
    if not marks:
        return
    tx.connection.execute(
        tx.database.once("completion.mark", _update_message),
        [_parameters(one) for one in sorted(marks, key=lambda one: one.message_id)],
    )
    tx.connection.execute(
        tx.database.once("completion.follow", _follow),
        {"ids_": [one.message_id for one in marks], "now_": tx.now, "queued_": MessageState.QUEUED.value},
    )


def _follow() -> Any:
    """Let recipients of broadcasts follow their messages, so that the two never differ; a recall is the last word."""
    table, message = table_of(Recipient), table_of(Message)

    def of_message(column: Any) -> Any:
        return select(column).where(message.c.id == table.c.message_id).scalar_subquery()

    state = of_message(message.c.state)
    return (
        update(table)
        .where(
            table.c.message_id.in_(bindparam("ids_", expanding=True)),
            table.c.state != RecipientState.RECALLED.value,
        )
        .values(
            state=state,
            reason=of_message(message.c.reason),
            ended_at=case(
                (state == bindparam("queued_"), None),
                # That it arrived is no new outcome: it would push failures out of the window that stops a broadcast.
                (
                    and_(table.c.state == MessageState.SENT.value, state == MessageState.DELIVERED.value),
                    table.c.ended_at,
                ),
                else_=bindparam("now_", type_=table.c.ended_at.type),
            ),
        )
    )


def _update_message() -> Any:
    table = table_of(Message)
    ranks = " ".join(f"WHEN '{state}' THEN {rank}" for state, rank in RANK.items())
    forward = literal_column(f"CASE message.state {ranks} ELSE 0 END", Integer) <= bindparam("rank_")
    return (
        update(table)
        .where(table.c.id == bindparam("id_"))
        .values(
            state=case((forward, bindparam("state_")), else_=table.c.state),
            reason=case((forward, func.coalesce(bindparam("reason_"), table.c.reason)), else_=table.c.reason),
            provider_id=func.coalesce(bindparam("provider_"), table.c.provider_id),
        )
    )


def _parameters(one: Mark) -> dict[str, Any]:
    return {
        "id_": one.message_id,
        "rank_": RANK[one.state],
        "state_": str(one.state),
        "reason_": one.reason and clean(one.reason),
        "provider_": one.provider_id,
    }


def _end_attempts(tx: Tx, ended: Sequence[tuple[int, Done]]) -> None:
    if not ended:
        return
    tx.connection.execute(
        tx.database.once("completion.attempt", _update_attempt),
        [
            {
                "ended_": tx.now,
                "message_": message_id,
                "number_": done.attempt,
                "outcome_": done.outcome,
                "reason_": done.reason and clean(done.reason),
                "provider_": done.provider_id,
                "segments_": done.segments,
            }
            for message_id, done in ended
        ],
    )


def _update_attempt() -> Any:
    table = table_of(Attempt)
    return (
        update(table)
        .where(table.c.message_id == bindparam("message_"), table.c.number == bindparam("number_"))
        .values(
            ended_at=bindparam("ended_"),
            outcome=bindparam("outcome_"),
            reason=bindparam("reason_"),
            provider_id=bindparam("provider_"),
            segments=bindparam("segments_"),
        )
    )


def renew(tx: Tx, leases: Sequence[tuple[str, timedelta]]) -> list[int]:
    """Lengthen all claims of these owners, from the database's now on; answers how many each has."""
    table = table_of(Delivery)
    counts = []
    for owner, lease in leases:
        until = tx.database.clock() + lease.total_seconds()
        counts.append(
            tx.connection.execute(update(table).where(table.c.owner == owner).values(lease_until=until)).rowcount
        )
    return counts


def expired(tx: Tx, *, resend: frozenset[int], all_owners_but: str | None = None) -> list[Expired]:
    """Take back claims whose lease ended by the database's clock; with `all_owners_but`, those of every other owner.

    Those of the lanes in `resend` are due again now (twice is better than not at all); the others are removed and
    their messages marked unknown.
    """
    table = table_of(Delivery)
    lost = table.c.lease_until <= tx.database.clock() if all_owners_but is None else table.c.owner != all_owners_but
    rows = tx.connection.execute(
        select(table).where(table.c.owner.is_not(None), lost).order_by(table.c.id).with_for_update(skip_locked=True)
    )
    found = [_expired(row, resent=row["lane"] in resend) for row in rows.mappings()]
    _put_back(tx, {one.delivery_id: tx.now for one in found if one.resent})
    gone = [one for one in found if not one.resent]
    _remove(tx, [one.delivery_id for one in gone])
    mark(tx, [Mark(message_id=one.message_id, state=MessageState.UNKNOWN, reason=ENDED) for one in gone])
    _end_attempts(tx, [(one.message_id, _unknown(one)) for one in found])
    return found


def _expired(row: RowMapping, *, resent: bool) -> Expired:
    return Expired(
        delivery_id=row["id"],
        message_id=row["message_id"],
        page_id=row["page_id"],
        ticket_id=row["ticket_id"],
        destination=row["destination"],
        lane=row["lane"],
        owner=row["owner"],
        attempt=row["attempt"],
        resent=resent,
    )


def _unknown(one: Expired) -> Done:
    return Done(
        delivery_id=one.delivery_id,
        owner=one.owner,
        attempt=one.attempt,
        outcome=MessageState.UNKNOWN.value,
        reason=ENDED,
    )


def cancel(tx: Tx, *, page_ids: Iterable[int], reason: str | None = None) -> list[int]:
    """Remove what waits for these pages and nobody has claimed; answers the ids of the cancelled messages."""
    return _cancel(tx, table_of(Delivery).c.page_id, page_ids, reason)


def withdraw(tx: Tx, deliveries: Iterable[int], reason: str) -> list[int]:
    """Remove these deliveries as far as nobody has claimed them; answers the ids of the cancelled messages."""
    return _cancel(tx, table_of(Delivery).c.id, deliveries, reason)


def _cancel(tx: Tx, column: Any, values: Iterable[int], reason: str | None) -> list[int]:
    wanted = sorted(set(values))
    if not wanted:
        return []
    table = table_of(Delivery)
    gone = tx.connection.execute(
        delete(table).where(column.in_(wanted), table.c.owner.is_(None)).returning(table.c.message_id)
    )
    ids = sorted(gone.scalars())
    mark(tx, [Mark(message_id=number, state=MessageState.CANCELLED, reason=reason) for number in ids])
    return ids
