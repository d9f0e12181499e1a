"""Questions about how matters hang together: parts, children, suggestions to merge, what a customer was asked."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, RowMapping, and_, insert, or_, select, update

from store.batch import Tx
from store.db import table_of
from store.model import OPEN_STATES, Event, EventKind, Message, Question, Suggestion, SuggestionState, Ticket
from store.rows import nouns, values

Rows = Sequence[RowMapping]


def children_of(connection: Connection, parents: Iterable[int]) -> Rows:
    """Return the tickets that are reports of these great outages, oldest first."""
    c = table_of(Ticket).c
    return connection.execute(select(*c).where(c.parent_id.in_(list(parents))).order_by(c.id)).mappings().all()


def parts_of(connection: Connection, tickets: Iterable[int]) -> Rows:
    """Return the tickets that were merged into these, and into those in turn, oldest first."""
    c = table_of(Ticket).c
    found: dict[int, RowMapping] = {}
    ahead = list(tickets)
    while ahead:
        rows = connection.execute(select(*c).where(c.merged_id.in_(ahead))).mappings().all()
        ahead = [row["id"] for row in rows if row["id"] not in found]
        found |= {row["id"]: row for row in rows}
    return [found[ident] for ident in sorted(found)]


def suggested(connection: Connection, tickets: Collection[int] | None) -> Rows:
    """Return open suggestions about these tickets (None: all), with both numbers, while both tickets are open."""
    s, t = table_of(Suggestion), table_of(Ticket).alias("t")
    o = table_of(Ticket).alias("o")
    joined = s.join(t, t.c.id == s.c.ticket_id).join(o, o.c.id == s.c.other_id)
    columns = (*s.c, t.c.number.label("number"), o.c.number.label("other"))
    both = and_(t.c.state.in_(OPEN_STATES), o.c.state.in_(OPEN_STATES), s.c.state == SuggestionState.OPEN)
    statement = select(*columns).select_from(joined).where(both)
    if tickets is not None:
        wanted = list(tickets)
        statement = statement.where(or_(s.c.ticket_id.in_(wanted), s.c.other_id.in_(wanted)))
    return connection.execute(statement.order_by(s.c.id)).mappings().all()


def suggest(tx: Tx, row: Suggestion) -> bool:
    """Keep a suggestion; False when these two were suggested before, whatever became of it."""
    s = table_of(Suggestion)
    pair = (row.ticket_id, row.other_id)
    known = select(s.c.id).where(s.c.ticket_id.in_(pair), s.c.other_id.in_(pair)).limit(1)
    if tx.connection.execute(known).first() is not None:
        return False
    tx.connection.execute(insert(s).values(values(row)))
    return True


def end_suggestion(tx: Tx, pair: tuple[int, int], state: SuggestionState, by: str) -> bool:
    """Close the suggestion about two tickets, whichever came first; False when there is none open."""
    s = table_of(Suggestion)
    statement = update(s).where(s.c.ticket_id.in_(pair), s.c.other_id.in_(pair), s.c.state == SuggestionState.OPEN)
    return tx.connection.execute(statement.values(state=state, by=by, ended_at=tx.now)).rowcount > 0


def lately(
    connection: Connection, since: datetime, *, contacts: Iterable[int], customers: Iterable[int], sites: Iterable[str]
) -> Rows:
    """Return the newest open matters heard of since an instant from these people, customers or sites."""
    c = table_of(Ticket).c
    theirs = or_(c.contact_id.in_(list(contacts)), c.customer_id.in_(list(customers)), c.site.in_(list(sites)))
    statement = select(*c).where(c.state.in_(OPEN_STATES), c.heard_at >= since, theirs)
    return connection.execute(statement.order_by(c.id.desc()).limit(50)).mappings().all()


def questions(connection: Connection, contacts: Iterable[int]) -> Rows:
    """Return the questions that these people have not answered yet, oldest first."""
    c = table_of(Question).c
    statement = select(*c).where(c.contact_id.in_(list(contacts)), c.ended_at.is_(None))
    return connection.execute(statement.order_by(c.id)).mappings().all()


def question(connection: Connection, ident: int) -> Rows:
    """Return one question, or nothing."""
    c = table_of(Question).c
    return connection.execute(select(*c).where(c.id == ident)).mappings().all()


def messages(connection: Connection, ids: Iterable[int]) -> Rows:
    """Return messages by id, oldest first, without their raw bytes."""
    c = table_of(Message).c
    columns = [column for column in c if column.name != "raw"]
    return connection.execute(select(*columns).where(c.id.in_(list(ids))).order_by(c.id)).mappings().all()


def message_with(connection: Connection, number: int, ident: int) -> Message | None:
    """Return what came in on the ticket of this number under this id."""
    m, t = table_of(Message), table_of(Ticket)
    columns = [column for column in m.c if column.name != "raw"]
    mine = and_(t.c.id == m.c.ticket_id, t.c.number == number)
    statement = select(*columns).select_from(m.join(t, mine)).where(m.c.id == ident, m.c.direction == "in")
    return next(iter(nouns(Message, connection.execute(statement).mappings())), None)


def spoken_of(connection: Connection, recipient: str, tickets: Iterable[int], since: datetime) -> int | None:
    """Return on which of these tickets one of the staff last wrote to an address since an instant."""
    c = table_of(Message).c
    statement = select(c.ticket_id).where(
        c.recipient == recipient, c.at >= since, c.direction == "out", c.sender != "", c.ticket_id.in_(list(tickets))
    )
    found: int | None = connection.execute(statement.order_by(c.at.desc(), c.id.desc()).limit(1)).scalar()
    return found


def resolution(connection: Connection, ticket_id: int) -> str:
    """Return what was last said to have cured a ticket; "" when nothing was."""
    c = table_of(Event).c
    statement = select(c.text).where(c.ticket_id == ticket_id, c.kind == EventKind.RESOLVED)
    return connection.execute(statement.order_by(c.id.desc()).limit(1)).scalar() or ""
