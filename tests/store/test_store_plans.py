"""The hot statements go by an index on SQLite; a scan would grow with everything that was ever said."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from store import (
    addressed,
    inbox,
    judging,
    notices,
    queue,
    recalls,
    reminders,
    suppressions,
    sweep,
    tickets,
    timers,
)  # fmt: skip
from store.batch import Failed, run
from store.db import Database
from store.inbox import Arrival, Bring
from store.model import Message, Timer
from store.queue import Ask, Done
from store.work import Work

HERE = "sms:main"


def put(tx, lanes):
    work = Work(tx)
    for lane in lanes:
        message = Message(id=work.id(), direction="out", channel=HERE, key=str(work.id()), state="queued", at=tx.now)
        queue.put(work, message, destination=HERE, lane=lane, due=tx.now, page_id=5)
        work.add(Timer(id=work.id(), due=tx.now, kind="step", ticket_id=5))
    work.flush()
    return [None] * len(lanes)


def accept(database, play):
    play(inbox.accept, Bring(items=(Arrival(channel=HERE, key="k", at=database.now(), sender="x", text="x"),)))


def unjudged(_database, play):
    play(lambda tx, items: [judging.waiting(tx.connection, 100) for _ in items], None)


def candidates(database, play):
    def ask(tx, items):
        now = database.now()
        tickets.of_contacts(tx.connection, [7], now)
        tickets.of_staff(tx.connection, ["zhang"], now)
        tickets.waiting_for(tx.connection, "zhang")
        tickets.heard_since(tx.connection, now, ["东站医院"])
        return [None] * len(items)

    play(ask, None)


def claim_and_complete(_database, play):
    limits = {HERE: (1.0, 5.0)}
    (one,) = play(queue.claim, Ask(owner="a", free={HERE: 1, "other": 1}, limits=limits))
    assert play(queue.complete, Done(delivery_id=one.delivery_id, owner="a", attempt=1, outcome="sent"))


def take_back(_database, play):
    play(queue.claim, Ask(owner="a", free={HERE: 1}, lease=timedelta(0)))
    assert play(lambda tx, items: [queue.expired(tx, resend=frozenset({0})) for _ in items], None)


def cancel(_database, play):
    assert play(lambda tx, items: [queue.cancel(tx, page_ids=[5]) for _ in items], None)


def pending(database, play):
    play(lambda tx, items: [queue.pending(tx.connection, database.now()) for _ in items], None)


def fire(_database, play):
    assert play(lambda tx, items: [timers.fire(tx, tx.now, 5) for _ in items], None)


def drop(_database, play):
    assert play(lambda tx, items: [timers.drop(tx, [5], ["step"]) for _ in items], None)


def swept(database, play):
    def ask(tx, items):
        now, connection = database.now(), tx.connection
        assert sweep.page(connection, "paging", 0) == []
        for question in (sweep.rungless, sweep.dueless, sweep.unguarded):
            question(connection, [7, 8])
        sweep.late_timers(connection, now)
        assert sweep.oldest_page(connection, [HERE]) == now
        return [None] * len(items)

    play(ask, None)


def watched(database, play):
    def ask(tx, items):
        tickets.unanswered(tx.connection, database.now())
        tickets.urgent_pages(tx.connection)
        tickets.overdue(tx.connection, database.now())
        notices.alarms(tx.connection, database.now())
        return [None] * len(items)

    play(ask, None)


def left_alone(database, play):
    def ask(tx, items):
        now = database.now()
        suppressions.suppressed(tx.connection, [("sms", "+861"), ("mail", "a@b.cn")])
        reminders.withdraw(tx, "why")
        reminders.waiting(tx, 7, HERE, now, 9)
        recalls.waiting(tx.connection, now, 9)
        assert not addressed.written_to(tx.connection, "+861")
        return [None] * len(items)

    play(ask, None)


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "use",
    [
        accept,
        unjudged,
        candidates,
        claim_and_complete,
        take_back,
        cancel,
        pending,
        fire,
        drop,
        swept,
        watched,
        left_alone,
    ],
)
def test_no_hot_statement_reads_a_whole_table(database: Database, use):
    asked: list[tuple[str, Any]] = []
    with database.engine.connect() as connection:

        def play(move, item):
            (answer,), _ = run(connection, database, [(move, item)])
            assert not isinstance(answer, Failed), answer
            return answer

        play(put, 0)
        play(put, 3)

        @event.listens_for(connection, "before_cursor_execute")
        def note(_connection, _cursor, statement, parameters, _context, many):
            if not statement.startswith("BEGIN"):
                asked.append((statement, parameters[0] if many else parameters))

        use(database, play)
    with database.engine.connect() as connection:
        plans = [
            (row[3], statement)
            for statement, parameters in asked
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        ]
    tables = (
        "message",
        "delivery",
        "d",
        "attempt",
        "timer",
        "bucket",
        "ticket",
        "page",
        "clock",
        "event",
        "recipient",
        "suppression",
    )
    assert [plan for plan in plans if plan[0] in {f"SCAN {table}" for table in tables}] == []
    # A walk through a whole index in the order of ids is a scan as well.
    assert [plan for plan in plans if plan[0].startswith(("SCAN ticket USING", "SCAN page USING INDEX sqlite"))] == []
    assert asked
