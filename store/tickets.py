"""Questions about tickets, their pages, clocks and history."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, and_, func, literal_column, or_, select, tuple_

from store.db import table_of
from store.model import (
    OPEN_STATES,
    OUT_STATES,
    Clock,
    ClockKind,
    Event,
    EventKind,
    Listing,
    Message,
    MessageState,
    Page,
    Ticket,
    TicketState,
    Timer,
    Visit,
)

Rows = Sequence[RowMapping]
REMEMBERED = timedelta(days=7)
"""A closed ticket older than this is no longer a candidate for a message without a number."""

OPEN: ColumnElement[str] = literal_column("'open'")
"""Spoken out, since a partial index is not found for a bound value in a plan that is kept."""


def _all(connection: Connection, statement: Select[tuple[object, ...]]) -> Rows:
    return connection.execute(statement).mappings().all()


def by_ids(connection: Connection, ids: Iterable[int]) -> Rows:
    """Return tickets by id."""
    return _all(connection, select(*table_of(Ticket).c).where(table_of(Ticket).c.id.in_(list(ids))))


def by_numbers(connection: Connection, numbers: Iterable[int]) -> Rows:
    """Return tickets by the number people say."""
    return _all(connection, select(*table_of(Ticket).c).where(table_of(Ticket).c.number.in_(list(numbers))))


def of_contacts(connection: Connection, contacts: Iterable[int], now: datetime) -> Rows:
    """Return the matters of these people that are open or were closed lately, newest first."""
    c = table_of(Ticket).c
    whole = table_of(Ticket).alias("whole").c
    # What became a part of another matter is theirs while that one would be.
    alive = select(whole.id).where(
        whole.id == c.merged_id, or_(whole.state != TicketState.CLOSED, whole.closed_at > now - REMEMBERED)
    )
    settled = (TicketState.CLOSED, TicketState.MERGED)
    lately = or_(
        c.state.not_in(settled),
        and_(c.state == TicketState.CLOSED, c.closed_at > now - REMEMBERED),
        and_(c.state == TicketState.MERGED, alive.exists()),
    )
    return _all(connection, select(*c).where(c.contact_id.in_(list(contacts)), lately).order_by(c.id.desc()))


def heard_since(connection: Connection, since: datetime, sites: Iterable[str] | None, limit: int = 200) -> Rows:
    """Return the open matters of these sites (None: of all) that customers spoke of since an instant, newest first."""
    c = table_of(Ticket).c
    statement = select(*c).where(c.state.in_(OPEN_STATES), c.heard_at >= since)
    if sites is not None:
        statement = statement.where(c.site.in_(list(sites)))
    return _all(connection, statement.order_by(c.id.desc()).limit(limit))


def of_groups(connection: Connection, groups: Iterable[tuple[str, str]]) -> Rows:
    """Return the open matters of these (channel, group), newest first."""
    c = table_of(Ticket).c
    wanted = tuple_(c.channel, c.group).in_(list(groups))
    return _all(connection, select(*c).where(c.state.in_(OPEN_STATES), wanted).order_by(c.id.desc()))


def joined_by(connection: Connection, contacts: Iterable[int], since: datetime) -> Sequence[tuple[int, int]]:
    """Return (contact, ticket) for what these people said since an instant on matters, theirs or those of others."""
    c = table_of(Message).c
    statement = (
        select(c.contact_id, c.ticket_id)
        .where(c.contact_id.in_(list(contacts)), c.direction == "in", c.ticket_id.is_not(None), c.at > since)
        .distinct()
    )
    return [(row[0], row[1]) for row in connection.execute(statement).all()]


def undone(connection: Connection, tickets: Iterable[int]) -> set[int]:
    """Return which of these tickets were taken and given back by "undo"."""
    c = table_of(Event).c
    statement = select(c.ticket_id).where(c.ticket_id.in_(list(tickets)), c.kind == EventKind.UNDONE)
    return {row[0] for row in connection.execute(statement).all()}


def of_staff(connection: Connection, people: Iterable[str], since: datetime) -> Sequence[int]:
    """Return ids of the tickets these people have, go to, are asked about, or were asked about since an instant."""
    names = list(people)
    v = table_of(Visit).c
    going = select(v.ticket_id).where(v.engineer.in_(names), v.state.in_(OUT_STATES))
    t, p = table_of(Ticket).c, table_of(Page).c
    held = select(t.id).where(t.owner.in_(names), t.state.in_(OPEN_STATES))
    open_pages = select(p.ticket_id).where(p.person.in_(names), p.state == OPEN)
    ended = select(p.ticket_id).where(p.person.in_(names), p.ended_at >= since)
    return [row[0] for row in connection.execute(held.union(open_pages, ended, going)).all()]


def pages_of(connection: Connection, tickets: Iterable[int]) -> Rows:
    """Return the pages of these tickets, oldest first."""
    c = table_of(Page).c
    return _all(connection, select(*c).where(c.ticket_id.in_(list(tickets))).order_by(c.id))


def clocks_of(connection: Connection, tickets: Iterable[int]) -> Rows:
    """Return the clocks of these tickets, oldest first."""
    c = table_of(Clock).c
    return _all(connection, select(*c).where(c.ticket_id.in_(list(tickets))).order_by(c.id))


def visits_of(connection: Connection, tickets: Iterable[int]) -> Rows:
    """Return the visits that these tickets ask for, oldest first."""
    c = table_of(Visit).c
    return _all(connection, select(*c).where(c.ticket_id.in_(list(tickets))).order_by(c.id))


def waiting_for(connection: Connection, person: str) -> Sequence[int]:
    """Return ids of the tickets whose page waits for this person's answer, oldest first."""
    p, t = table_of(Page).c, table_of(Ticket).c
    joined = table_of(Page).join(table_of(Ticket), and_(t.id == p.ticket_id, t.round == p.round))
    statement = (
        select(t.id)
        .select_from(joined)
        .where(p.person == person, p.state == OPEN, t.state == TicketState.PAGING)
        .order_by(p.id)
    )
    return [row[0] for row in connection.execute(statement).all()]


def last_listing(connection: Connection, person: str, since: datetime) -> tuple[int, ...]:
    """Return the numbers that the last list to this person named."""
    c = table_of(Listing).c
    found = connection.execute(
        select(c.numbers).where(c.person == person, c.at >= since).order_by(c.id.desc()).limit(1)
    ).first()
    return tuple(found[0]) if found else ()


def page_texts_since(connection: Connection, channel: str, recipient: str, since: datetime) -> Sequence[datetime]:
    """Return when texts of pages went to an address by a destination since an instant, oldest first."""
    c = table_of(Message).c
    statement = (
        select(c.at)
        .where(
            c.recipient == recipient,
            c.at > since,
            c.channel == channel,
            c.page_id.is_not(None),
            c.state != MessageState.CANCELLED,
        )
        .order_by(c.at)
    )
    return [row[0] for row in connection.execute(statement).all()]


def urgent_since(connection: Connection, channel: str, recipient: str, since: datetime) -> bool:
    """Tell whether a page of level 1 went to an address by a destination since an instant."""
    c, t, p = table_of(Message).c, table_of(Ticket).c, table_of(Page).c
    # A ticket that became one of level 1 began a new round: its texts of before were about less.
    of_round = and_(p.id == c.page_id, p.round == t.round)
    joined = table_of(Message).join(table_of(Ticket), t.id == c.ticket_id).join(table_of(Page), of_round)
    statement = (
        select(c.id)
        .select_from(joined)
        .where(
            c.recipient == recipient,
            c.at > since,
            c.channel == channel,
            c.state != MessageState.CANCELLED,
            t.level == 1,
        )
    )
    return connection.execute(statement.limit(1)).first() is not None


def last_text(connection: Connection, page_id: int) -> datetime | None:
    """Return when the last text or call of a page was written."""
    c = table_of(Message).c
    statement = select(func.max(c.at)).where(c.page_id == page_id, c.state != MessageState.CANCELLED)
    found: datetime | None = connection.execute(statement).scalar()
    return found


def reached(connection: Connection, pages: Iterable[int]) -> set[int]:
    """Return which of these pages had a text that left, or may have left."""
    c = table_of(Message).c
    gone = ("queued", "cancelled")
    statement = select(c.page_id).where(c.page_id.in_(list(pages)), c.state.not_in(gone))
    return {row[0] for row in connection.execute(statement).all()}


def bundled(connection: Connection, messages: Iterable[int], pages: Iterable[int]) -> set[str]:
    """Return the people of these pages to whom one of these messages was a bundle of several tickets."""
    c, p = table_of(Message).c, table_of(Page).c
    joined = table_of(Message).join(table_of(Page), p.id == c.page_id)
    statement = select(p.person, c.variables).select_from(joined).where(c.id.in_(list(messages)), p.id.in_(list(pages)))
    return {row[0] for row in connection.execute(statement).all() if " " in str((row[1] or {}).get("numbers", ""))}


def told_since(connection: Connection, recipient: str, templates: Iterable[str], now: datetime) -> int:
    """Count the texts of these templates that went to an address within the last hour."""
    c = table_of(Message).c
    statement = select(func.count()).where(
        c.recipient == recipient, c.template.in_(list(templates)), c.at > now - timedelta(hours=1)
    )
    return int(connection.execute(statement).scalar_one())


def inbound_keys(connection: Connection, ticket_id: int, limit: int = 10) -> Sequence[str]:
    """Return the keys of what the customer said on a ticket, newest first."""
    c = table_of(Message).c
    statement = select(c.key).where(c.ticket_id == ticket_id, c.direction == "in").order_by(c.id.desc()).limit(limit)
    return [row[0] for row in connection.execute(statement).all()]


def fold_ahead(connection: Connection, person: str) -> bool:
    """Tell whether a bundle for this person is planned."""
    c = table_of(Timer).c
    return connection.execute(select(c.id).where(c.kind == "fold", c.about == person).limit(1)).first() is not None


def history(connection: Connection, ticket_id: int) -> Rows:
    """Return every line of a ticket's history, oldest first."""
    c = table_of(Event).c
    return _all(connection, select(*c).where(c.ticket_id == ticket_id).order_by(c.id))


def messages_of(connection: Connection, ticket_id: int) -> Rows:
    """Return what was said on a ticket, in and out, oldest first, without raw bytes."""
    c = table_of(Message).c
    columns = [column for column in c if column.name != "raw"]
    return _all(connection, select(*columns).where(c.ticket_id == ticket_id).order_by(c.id))


def listed(connection: Connection, *, open_only: bool, limit: int = 200) -> Rows:
    """Return tickets for a board: the worst and oldest open first, then the newest settled."""
    c = table_of(Ticket).c
    statement = select(*c)
    if open_only:
        return _all(
            connection,
            statement.where(c.state.in_(OPEN_STATES)).order_by(func.coalesce(c.level, 4), c.id).limit(limit),
        )
    return _all(connection, statement.order_by(c.id.desc()).limit(limit))


def events_since(connection: Connection, after: int, limit: int = 1000) -> Rows:
    """Return the lines of all histories after an id, oldest first."""
    c = table_of(Event).c
    return _all(connection, select(*c).where(c.id > after).order_by(c.id).limit(limit))


def told(connection: Connection, after: int) -> Rows:
    """Return lines of all histories after an id with their ticket's number and the key of their message."""
    e, t, m = table_of(Event), table_of(Ticket), table_of(Message)
    joined = e.outerjoin(t, t.c.id == e.c.ticket_id).outerjoin(m, m.c.id == e.c.message_id)
    columns = (
        e.c.id,
        e.c.at,
        e.c.kind,
        e.c.text,
        e.c.more,
        t.c.number,
        t.c.kind.label("ticket_kind"),
        t.c.level,
        m.c.key,
    )
    return _all(connection, select(*columns).select_from(joined).where(e.c.id > after).order_by(e.c.id))


def of_customers(connection: Connection) -> dict[int, int]:
    """Return the open tickets whose customer is known, each with that customer."""
    t = table_of(Ticket).c
    statement = select(t.id, t.customer_id).where(t.state.in_(OPEN_STATES), t.customer_id.is_not(None))
    return {row[0]: row[1] for row in connection.execute(statement).all()}


def counted(connection: Connection) -> Sequence[tuple[str, int | None, int]]:
    """Count the open tickets: (state, level, how many)."""
    c = table_of(Ticket).c
    statement = select(c.state, c.level, func.count()).where(c.state.in_(OPEN_STATES)).group_by(c.state, c.level)
    return [(row[0], row[1], row[2]) for row in connection.execute(statement)]


def unanswered(connection: Connection, now: datetime) -> int:
    """Count the pages that wait for an answer although the time to respond to their ticket is over."""
    p, t, k = table_of(Page).c, table_of(Ticket).c, table_of(Clock).c
    joined = table_of(Page).join(table_of(Ticket), and_(t.id == p.ticket_id, t.round == p.round))
    joined = joined.join(table_of(Clock), k.ticket_id == t.id)
    statement = (
        select(func.count(p.id.distinct()))
        .select_from(joined)
        .where(
            p.state == OPEN,
            t.state == TicketState.PAGING,
            k.kind == ClockKind.RESPOND,
            k.stopped_at.is_(None),
            k.due_at < now,
        )
    )
    return int(connection.execute(statement).scalar_one())


def urgent_pages(connection: Connection) -> bool:
    """Tell whether somebody is being asked about a ticket of level 1 just now."""
    p, t = table_of(Page).c, table_of(Ticket).c
    joined = table_of(Page).join(table_of(Ticket), and_(t.id == p.ticket_id, t.round == p.round))
    statement = select(p.id).select_from(joined).where(p.state == OPEN, t.state == TicketState.PAGING, t.level == 1)
    return connection.execute(statement.limit(1)).first() is not None


def overdue(connection: Connection, now: datetime) -> Sequence[tuple[str, int]]:
    """Count the promises to open tickets that run past their time: (kind of clock, how many)."""
    t, k = table_of(Ticket).c, table_of(Clock).c
    joined = table_of(Ticket).join(table_of(Clock), k.ticket_id == t.id)
    running = (k.stopped_at.is_(None), k.paused_at.is_(None), k.due_at < now)
    statement = select(k.kind, func.count()).select_from(joined).where(t.state.in_(OPEN_STATES), *running)
    return [(row[0], row[1]) for row in connection.execute(statement.group_by(k.kind))]
