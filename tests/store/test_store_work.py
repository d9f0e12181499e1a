"""Collecting changes and writing them with few statements; making nouns of rows."""

from datetime import timedelta

import pytest
from sqlalchemy import event, select

from store.batch import Tx, run
from store.db import Database, table_of
from store.model import Event, Message, Ticket, Timer
from store.rows import noun
from store.work import Work

TICKETS = table_of(Ticket)


def ticket(work: Work, number: int, **more):
    return Ticket(
        id=work.id(), number=number, kind="fault", channel="sms:main", opened_at=work.now, heard_at=work.now, **more
    )


def play(database: Database, move):
    """Run one move and return its answer with the statements it made."""
    statements: list[str] = []

    def note(_connection, _cursor, statement, _parameters, _context, many):
        statements.append(f"{statement.split()[0]} {'many' if many else 'one'}")

    with database.engine.connect() as connection:
        event.listen(connection, "before_cursor_execute", note)
        (answer,), _ = run(connection, database, [(lambda tx, _: [move(tx)], None)])
    assert not hasattr(answer, "error"), answer
    return answer, statements


def tickets(database: Database):
    with database.read() as connection:
        return connection.execute(select(TICKETS).order_by(TICKETS.c.number)).mappings().all()


def test_added_rows_are_written_with_the_values_they_have_at_the_flush(database: Database):
    def move(tx: Tx):
        work = Work(tx)
        row = work.add(ticket(work, 1001, reasons=["a"]))
        work.change(row, level=1, title="断了")
        row.reasons = ["a", "b"]
        work.flush()
        work.flush()
        return row.id

    number, statements = play(database, move)
    (row,) = tickets(database)
    assert (row["id"], row["level"], row["title"], row["reasons"], row["plan"]) == (number, 1, "断了", ["a", "b"], [])
    assert [one for one in statements if one.startswith(("INSERT", "UPDATE"))] == ["INSERT one"]


def test_rows_of_a_kind_share_a_statement(database: Database):
    def move(tx: Tx):
        work = Work(tx)
        for number in range(5):
            row = work.add(ticket(work, 1001 + number))
            work.add(Event(id=work.id(), at=tx.now, kind="opened", ticket_id=row.id))
        work.flush()

    _, statements = play(database, move)
    assert len([one for one in statements if one.startswith("INSERT")]) == 2
    assert len(tickets(database)) == 5


def test_changes_of_the_same_columns_share_a_statement(database: Database):
    def make(tx: Tx):
        work = Work(tx)
        for number in range(4):
            work.add(ticket(work, 1001 + number))
        work.flush()

    play(database, make)

    def move(tx: Tx):
        work = Work(tx)
        rows = work.load(Ticket, tx.connection.execute(select(TICKETS).order_by(TICKETS.c.number)).mappings())
        for row in rows[:3]:
            work.change(row, state="taken", plan=[{"step": row.number}])
        work.change(rows[2], state="closed")
        work.change(rows[3], closed_at=tx.now + timedelta(hours=1))
        work.flush()

    _, statements = play(database, move)
    assert len([one for one in statements if one.startswith("UPDATE")]) == 2
    found = tickets(database)
    assert [row["state"] for row in found] == ["taken", "taken", "closed", "paging"]
    assert [row["plan"] for row in found] == [[{"step": 1001}], [{"step": 1002}], [{"step": 1003}], []]
    assert [row["closed_at"] for row in found] == [None, None, None, database.now() + timedelta(hours=1)]


def test_the_same_id_loaded_twice_is_the_same_noun(database: Database):
    def move(tx: Tx):
        work = Work(tx)
        work.add(ticket(work, 1001))
        work.flush()
        (first,) = work.load(Ticket, tx.connection.execute(select(TICKETS)).mappings())
        work.change(first, title="changed")
        (second,) = work.load(Ticket, tx.connection.execute(select(TICKETS)).mappings())
        return first is second, second.title

    assert play(database, move)[0] == (True, "changed")


def test_deleted_rows_are_gone(database: Database):
    def move(tx: Tx):
        work = Work(tx)
        rows = [work.add(Timer(id=work.id(), due=tx.now, kind="step")) for _ in range(3)]
        work.flush()
        work.delete(Timer, [row.id for row in rows[:2]])
        work.delete(Timer, [])
        work.flush()
        return rows[2].id, tx.connection.execute(select(table_of(Timer).c.id)).scalars().all()

    (kept, left), _ = play(database, move)
    assert left == [kept]


def test_a_noun_of_a_row_behaves_like_one_made_by_hand(clock):
    made = Message(id=1, direction="in", channel="c", key="k", state="new", at=clock())
    loaded = noun(Message, {name: getattr(made, name) for name in Message.model_fields})
    assert loaded.model_dump() == made.model_dump()
    loaded.state = "judged"
    loaded.verdict = {"kind": "fault"}
    assert (loaded.state, loaded.model_dump()["verdict"], loaded.reason) == ("judged", {"kind": "fault"}, None)


def test_a_column_that_was_not_read_is_none():
    assert noun(Message, {"id": 1}).text is None


@pytest.mark.parametrize("value", [b"\x00\xff", b""], ids=["bytes", "nothing"])
def test_bytes_come_back_as_bytes(database: Database, value):
    def move(tx: Tx):
        work = Work(tx)
        work.add(Message(id=work.id(), direction="in", channel="c", key="k", state="new", at=tx.now, raw=value))
        work.flush()
        return tx.connection.execute(select(table_of(Message).c.raw)).scalar()

    assert play(database, move)[0] == value
