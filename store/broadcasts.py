"""Questions about broadcasts and their recipients."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, func, select, update

from store.batch import Tx
from store.completion import ENDED
from store.db import table_of
from store.model import Broadcast, BroadcastState, Delivery, Event, Lane, Package, Recipient, RecipientState
from store.rows import nouns


def find(connection: Connection, number: int) -> Broadcast | None:
    """Return a broadcast by its number."""
    return _one(connection, table_of(Broadcast).c.number == number)


def by_id(connection: Connection, ident: int) -> Broadcast | None:
    """Return a broadcast by its id."""
    return _one(connection, table_of(Broadcast).c.id == ident)


def locked(tx: Tx, *, number: int | None = None, ident: int | None = None) -> Broadcast | None:
    """Return a broadcast that nobody else changes until this transaction ends."""
    c = table_of(Broadcast).c
    wanted = c.number == number if ident is None else c.id == ident
    rows = tx.connection.execute(select(table_of(Broadcast)).where(wanted).with_for_update()).mappings()
    return next(iter(nouns(Broadcast, rows)), None)


def _one(connection: Connection, condition: object) -> Broadcast | None:
    statement = select(table_of(Broadcast)).where(condition)  # type: ignore[arg-type]
    return next(iter(nouns(Broadcast, connection.execute(statement).mappings())), None)


def listed(
    connection: Connection, *, open_only: bool = False, before: int | None = None, limit: int = 100
) -> list[Broadcast]:
    """Return broadcasts, the newest first; `before` is the number of the last one seen."""
    table = table_of(Broadcast)
    statement = select(table).order_by(table.c.number.desc()).limit(limit)
    if open_only:
        statement = statement.where(table.c.state.not_in((BroadcastState.DONE, BroadcastState.CANCELLED)))
    if before is not None:
        statement = statement.where(table.c.number < before)
    return nouns(Broadcast, connection.execute(statement).mappings())


def package(connection: Connection, ident: int | None) -> Package | None:
    """Return the package of a broadcast."""
    table = table_of(Package)
    rows = connection.execute(select(table).where(table.c.id == ident)).mappings() if ident else ()
    return next(iter(nouns(Package, rows)), None)


def package_named(connection: Connection, name: str, version: str) -> Package | None:
    """Return a package by its name and version."""
    c = table_of(Package).c
    statement = select(table_of(Package)).where(c.name == name, c.version == version)
    return next(iter(nouns(Package, connection.execute(statement).mappings())), None)


def freezing(connection: Connection) -> list[Broadcast]:
    """Return the broadcasts whose lists are being written."""
    table = table_of(Broadcast)
    statement = select(table).where(table.c.state == BroadcastState.FREEZING).order_by(table.c.id)
    return nouns(Broadcast, connection.execute(statement).mappings())


def in_states(connection: Connection, states: Sequence[BroadcastState]) -> list[Broadcast]:
    """Return the broadcasts in some states, the oldest first."""
    table = table_of(Broadcast)
    statement = select(table).where(table.c.state.in_(states)).order_by(table.c.id)
    return nouns(Broadcast, connection.execute(statement).mappings())


def at_work(connection: Connection, now: datetime) -> list[int]:
    """Return the ids of the broadcasts that have something to do now."""
    c = table_of(Broadcast).c
    return list(connection.execute(select(c.id).where(c.due <= now).order_by(c.due, c.id)).scalars())


def put_off(tx: Tx, ident: int, until: datetime) -> None:
    """Look at a broadcast again only then."""
    table = table_of(Broadcast)
    tx.connection.execute(update(table).where(table.c.id == ident).values(due=until))


def next_due(connection: Connection) -> datetime | None:
    """Return when the next broadcast is to be looked at."""
    found: datetime | None = connection.execute(select(func.min(table_of(Broadcast).c.due))).scalar()
    return found


def counts(connection: Connection, broadcast_id: int) -> Mapping[tuple[int, str], int]:
    """Count the recipients by (wave, state)."""
    c = table_of(Recipient).c
    statement = select(c.wave, c.state, func.count()).where(c.broadcast_id == broadcast_id).group_by(c.wave, c.state)
    return {(row[0], row[1]): row[2] for row in connection.execute(statement).all()}


def by_channel(connection: Connection, broadcast_id: int) -> Mapping[tuple[str, str], int]:
    """Count the recipients by (channel, state)."""
    c = table_of(Recipient).c
    statement = select(c.channel, c.state, func.count()).where(c.broadcast_id == broadcast_id)
    rows = connection.execute(statement.group_by(c.channel, c.state)).all()
    return {(row[0], row[1]): row[2] for row in rows}


def reasons(connection: Connection, broadcast_id: int, state: str) -> Mapping[str, int]:
    """Count why recipients are in a state."""
    c = table_of(Recipient).c
    statement = select(c.reason, func.count()).where(c.broadcast_id == broadcast_id, c.state == state)
    return {row[0] or "": row[1] for row in connection.execute(statement.group_by(c.reason)).all()}


def fetched(connection: Connection, broadcast_id: int) -> tuple[int, int]:
    """Count who opened the page and who fetched the package."""
    c = table_of(Recipient).c
    # One by one, each from its own small index.
    opened, downloaded = (
        connection.execute(select(func.count()).where(c.broadcast_id == broadcast_id, column.is_not(None))).scalar()
        for column in (c.opened_at, c.downloaded_at)
    )
    return opened or 0, downloaded or 0


def troubles(connection: Connection, broadcast_id: int, since: datetime | None = None) -> int:
    """Count the reports that the upgrade went wrong."""
    c = table_of(Recipient).c
    statement = select(func.count()).where(c.broadcast_id == broadcast_id, c.trouble_at.is_not(None))
    if since is not None:
        statement = statement.where(c.trouble_at >= since)
    return int(connection.execute(statement).scalar() or 0)


def lately(connection: Connection, broadcast_id: int, since: datetime | None, limit: int) -> list[str]:
    """Return the states of the recipients that ended last, the newest first, but what our own end left unknown."""
    c = table_of(Recipient).c
    ours = c.reason.is_distinct_from(ENDED)
    statement = select(c.state).where(c.broadcast_id == broadcast_id, c.ended_at.is_not(None), ours)
    if since is not None:
        statement = statement.where(c.ended_at >= since)
    return list(connection.execute(statement.order_by(c.ended_at.desc()).limit(limit)).scalars())


def recipients(
    connection: Connection,
    broadcast_id: int,
    *,
    state: str | None = None,
    channel: str | None = None,
    wave: int | None = None,
    reason: str | None = None,
    search: str = "",
    after: int = 0,
    limit: int = 100,
) -> list[Recipient]:
    """Return recipients in the order of their ids, those after an id."""
    table = table_of(Recipient)
    c = table.c
    statement = select(table).where(c.broadcast_id == broadcast_id, c.id > after).order_by(c.id).limit(limit)
    for column, value in ((c.state, state), (c.channel, channel), (c.wave, wave), (c.reason, reason)):
        if value is not None:
            statement = statement.where(column == value)
    if search:
        found = [column.contains(search, autoescape=True) for column in (c.name, c.address)]
        statement = statement.where(found[0] | found[1])
    return nouns(Recipient, connection.execute(statement).mappings())


def recipient(connection: Connection, ident: int) -> Recipient | None:
    """Return one recipient."""
    table = table_of(Recipient)
    rows = connection.execute(select(table).where(table.c.id == ident)).mappings()
    return next(iter(nouns(Recipient, rows)), None)


def by_code(connection: Connection, code: str) -> Recipient | None:
    """Return the recipient of a code."""
    table = table_of(Recipient)
    rows = connection.execute(select(table).where(table.c.code == code)).mappings()
    return next(iter(nouns(Recipient, rows)), None)


def history(connection: Connection, broadcast_id: int, *, limit: int = 1000) -> list[Event]:
    """Return what was done to a broadcast, the oldest first."""
    table = table_of(Event)
    statement = select(table).where(table.c.broadcast_id == broadcast_id).order_by(table.c.id).limit(limit)
    return nouns(Event, connection.execute(statement).mappings())


def pending(tx: Tx, broadcast_id: int, channel: str, wave: int, limit: int) -> list[Recipient]:
    """Return who is to be written to next by one channel, up to a wave."""
    table = table_of(Recipient)
    c = table.c
    statement = select(table).where(
        c.broadcast_id == broadcast_id,
        c.channel == channel,
        c.wave <= wave,
        c.state == RecipientState.PENDING.value,
    )
    rows = tx.connection.execute(statement.order_by(c.wave, c.id).limit(limit)).mappings()
    return nouns(Recipient, rows)


def strange_channels(connection: Connection, broadcast_id: int, wave: int, known: Iterable[str]) -> Sequence[str]:
    """Return the channels beside the known ones by which somebody is still to be written to."""
    c = table_of(Recipient).c
    statement = select(c.channel).where(
        c.broadcast_id == broadcast_id,
        c.state == RecipientState.PENDING.value,
        c.wave <= wave,
        c.channel.not_in(list(known)),
    )
    return [row[0] for row in connection.execute(statement.limit(1)).all()]


def queued(connection: Connection, channel: str, now: datetime) -> tuple[int, int]:
    """Count of one channel's broadcasts what nobody has claimed: what may go now, and all of it."""
    c = table_of(Delivery).c
    mine = (c.destination == channel, c.lane == int(Lane.BROADCAST), c.owner.is_(None))
    row = connection.execute(select(func.count().filter(c.due <= now), func.count()).where(*mine)).one()
    return row[0], row[1]


def waiting(connection: Connection, broadcast_id: int, wave: int) -> bool:
    """Tell whether anybody up to a wave has no outcome yet."""
    c = table_of(Recipient).c
    states = (RecipientState.PENDING.value, RecipientState.QUEUED.value)
    statement = select(c.id).where(c.broadcast_id == broadcast_id, c.state.in_(states), c.wave <= wave).limit(1)
    return connection.execute(statement).first() is not None


def sending(connection: Connection, broadcast_id: int) -> bool:
    """Tell whether anything of a broadcast lies in the queue or is being sent."""
    c = table_of(Recipient).c
    statement = select(c.id).where(c.broadcast_id == broadcast_id, c.state == RecipientState.QUEUED.value).limit(1)
    return connection.execute(statement).first() is not None


def of_messages(connection: Connection, ids: Iterable[int]) -> Mapping[int, int]:
    """Return the broadcast of each of these messages, as far as they are of one."""
    c = table_of(Recipient).c
    rows = connection.execute(select(c.message_id, c.broadcast_id).where(c.message_id.in_(list(ids)))).all()
    return {row[0]: row[1] for row in rows}
