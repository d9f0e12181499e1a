"""Questions that only the pages of broadcasts ask: progress of many, numbers by wave, reports, and what was sent."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from sqlalchemy import Connection, func, select

from store.db import table_of
from store.model import (
    Contact,
    Customer,
    Event,
    Installation,
    Member,
    Message,
    Recipient,
    RecipientState,
    Ticket,
    UserGroup,
)
from store.rows import nouns


def progress(connection: Connection, ids: Collection[int]) -> Mapping[int, Mapping[str, int]]:
    """Count the recipients of some broadcasts by state."""
    c = table_of(Recipient).c
    statement = select(c.broadcast_id, c.state, func.count()).where(c.broadcast_id.in_(list(ids)))
    found: dict[int, dict[str, int]] = {ident: {} for ident in ids}
    for ident, state, count in connection.execute(statement.group_by(c.broadcast_id, c.state)).all():
        found[ident][state] = count
    return found


def fetched(connection: Connection, broadcast_id: int) -> Mapping[int, tuple[int, int]]:
    """Count by wave who opened the page and who fetched the package."""
    c = table_of(Recipient).c
    statement = select(c.wave, func.count(c.opened_at), func.count(c.downloaded_at))
    rows = connection.execute(statement.where(c.broadcast_id == broadcast_id, c.wave > 0).group_by(c.wave)).all()
    return {row[0]: (row[1], row[2]) for row in rows}


def first_names(connection: Connection, broadcast_id: int, limit: int) -> list[str]:
    """Return what the first to be written to are called, by name or address; own people come before all."""
    c = table_of(Recipient).c
    statement = select(c.name, c.address).where(c.broadcast_id == broadcast_id, c.wave > 0)
    return [row[0] or row[1] for row in connection.execute(statement.order_by(c.wave, c.id).limit(limit)).all()]


def troubled(connection: Connection, broadcast_id: int, limit: int) -> list[tuple[Recipient, int | None]]:
    """Return who reported that the upgrade went wrong, the newest first, with the number of the ticket."""
    table = table_of(Recipient)
    statement = select(table).where(table.c.broadcast_id == broadcast_id, table.c.trouble_at.is_not(None))
    rows = connection.execute(statement.order_by(table.c.trouble_at.desc()).limit(limit)).mappings()
    found = nouns(Recipient, rows)
    tickets = _tickets(connection, broadcast_id)
    return [(one, tickets.get(one.id)) for one in found]


def _tickets(connection: Connection, broadcast_id: int) -> dict[int, int]:
    """Return recipient to number of the ticket that their report opened or joined."""
    event, message, ticket = table_of(Event), table_of(Message), table_of(Ticket)
    joined = event.join(message, message.c.id == event.c.message_id).join(ticket, ticket.c.id == message.c.ticket_id)
    statement = select(event.c.more, ticket.c.number).select_from(joined)
    wanted = (event.c.broadcast_id == broadcast_id, event.c.text == "trouble")
    rows = connection.execute(statement.where(*wanted).order_by(event.c.id)).all()
    return {int(more["recipient"]): number for more, number in rows if (more or {}).get("recipient")}


def recallable(connection: Connection, broadcast_id: int, since: Mapping[str, datetime]) -> Mapping[str, int]:
    """Count by channel what was taken by the provider after an instant."""
    c = table_of(Recipient).c
    out = (RecipientState.SENT.value, RecipientState.DELIVERED.value)
    found = {}
    for channel, begin in since.items():
        statement = select(func.count()).where(
            c.broadcast_id == broadcast_id, c.channel == channel, c.state.in_(out), c.ended_at > begin
        )
        found[channel] = int(connection.execute(statement).scalar() or 0)
    return found


def messages_of(connection: Connection, ids: Iterable[int]) -> dict[int, Message]:
    """Return some messages by id, without the bytes as which they came."""
    table = table_of(Message)
    columns = [column for column in table.c if column.name != "raw"]
    rows = connection.execute(select(*columns).where(table.c.id.in_(list(ids)))).mappings()
    return {one.id: one for one in nouns(Message, rows)}


def customers_known(connection: Connection, names: Iterable[str]) -> set[str]:
    """Return which of these names a customer has."""
    c = table_of(Customer).c
    return set(connection.execute(select(c.name).where(c.name.in_(list(names)))).scalars())


def customers_of(connection: Connection, contacts: Iterable[int]) -> dict[int, str]:
    """Return contact to the name of the customer."""
    c, k = table_of(Contact).c, table_of(Customer).c
    statement = select(c.id, k.name).join_from(table_of(Contact), table_of(Customer), k.id == c.customer_id)
    return {row[0]: row[1] for row in connection.execute(statement.where(c.id.in_(list(contacts)))).all()}


def groups(connection: Connection) -> list[tuple[UserGroup, int]]:
    """Return the user groups by name, with how many members each has."""
    group, member = table_of(UserGroup), table_of(Member)
    rows = connection.execute(select(member.c.group_id, func.count()).group_by(member.c.group_id)).all()
    counts = {row[0]: row[1] for row in rows}
    found = nouns(UserGroup, connection.execute(select(group).order_by(group.c.name)).mappings())
    return [(one, counts.get(one.id, 0)) for one in found]


def products(connection: Connection, limit: int = 200) -> list[str]:
    """Return the products that are installed somewhere."""
    c = table_of(Installation).c
    return list(connection.execute(select(c.product).distinct().order_by(c.product).limit(limit)).scalars())


def piece(connection: Connection, broadcast_id: int, *, skipped: bool, after: int, limit: int) -> list[Recipient]:
    """Return the next of those who are written to, or of those left out, in the order of their ids."""
    table = table_of(Recipient)
    left_out = table.c.state == RecipientState.SKIPPED.value
    statement = select(table).where(table.c.broadcast_id == broadcast_id, table.c.id > after)
    statement = statement.where(left_out if skipped else ~left_out).order_by(table.c.id).limit(limit)
    return nouns(Recipient, connection.execute(statement).mappings())
