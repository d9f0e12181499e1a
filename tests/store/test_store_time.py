"""Timers, named leases and the record of polls."""

import asyncio
from datetime import timedelta

import pytest

from store import leases, polls, timers
from store.batch import Tx, run
from store.db import Database
from store.leases import Hold
from store.model import Timer
from store.polls import Look, Looked
from store.work import Work
from store.writer import Writer

LONG = timedelta(minutes=5)


def play(database: Database, move, *items):
    with database.engine.connect() as connection:
        answers, _ = run(connection, database, [(move, item) for item in items])
    return answers


def plan(database: Database, *wanted):
    def move(tx: Tx, rows):
        work = Work(tx)
        for wait, kind, ticket in rows:
            work.add(Timer(id=work.id(), due=tx.now + timedelta(seconds=wait), kind=kind, ticket_id=ticket))
        work.flush()
        return [None] * len(rows)

    play(database, move, *wanted)


def fire(tx: Tx, limits):
    return [[(timer.kind, timer.ticket_id) for timer in timers.fire(tx, tx.now, limit)] for limit in limits]


def test_due_timers_fire_once_earliest_first(database: Database, clock):
    plan(database, (5, "late", 1), (-1, "second", 2), (-9, "first", 3), (0, "third", 4))
    assert play(database, fire, 2) == [[("first", 3), ("second", 2)]]
    assert play(database, fire, 9) == [[("third", 4)]]
    with database.read() as connection:
        assert timers.next_due(connection) == clock() + timedelta(seconds=5)
    clock.move(seconds=5)
    assert play(database, fire, 9) == [[("late", 1)]]
    with database.read() as connection:
        assert timers.next_due(connection) is None


def test_timers_of_a_ticket_are_dropped_by_kind(database: Database):
    plan(database, (-1, "step", 1), (-2, "clock", 1), (-3, "step", 2), (-4, "close", 3))

    def drop(tx: Tx, items):
        return [timers.drop(tx, tickets, kinds) for tickets, kinds in items]

    assert play(database, drop, ([1], ["step", "fold"]), ([3, 4], None), ([], None)) == [1, 1, 0]
    assert play(database, fire, 9) == [[("step", 2), ("clock", 1)]]


@pytest.mark.parametrize("kind", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
async def test_two_processes_never_fire_the_same_timer(url, opened):
    databases = [opened(url), opened(url)]
    plan(databases[0], *((-1, "step", number) for number in range(60)))
    writers = [Writer(database, woken=lambda _: None, most=1) for database in databases]
    for writer in writers:
        writer.start()
    fired = await asyncio.gather(*(writer.do(fire, 3) for _ in range(20) for writer in writers))
    for writer in writers:
        await writer.stop()
    assert sorted(ticket for each in fired for _, ticket in each) == list(range(60))


@pytest.mark.parametrize("kind", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
def test_timers_that_another_process_is_just_firing_are_not_waited_for(url, opened, database: Database):
    plan(database, (-2, "first", 1), (-1, "second", 2))
    other = opened(url)
    with database.engine.begin() as busy, other.engine.connect() as connection:
        assert fire(Tx(busy, database, database.now()), [1]) == [[("first", 1)]]
        connection.exec_driver_sql("SET lock_timeout = '2s'")
        connection.commit()
        assert run(connection, other, [(fire, 9)])[0] == [[("second", 2)]]


def hold(owner, lease=LONG):
    return Hold(name="poll email:desk", owner=owner, lease=lease)


def test_a_lease_belongs_to_one_until_it_is_given_back(database: Database):
    assert play(database, leases.take, hold("a"), hold("b"), hold("a")) == [True, False, True]
    assert play(database, leases.release, hold("b"), hold("a")) == [False, True]
    assert play(database, leases.take, hold("b")) == [True]


def test_a_lease_that_ended_can_be_taken_by_another(database: Database):
    assert play(database, leases.take, hold("a", timedelta(0))) == [True]
    assert play(database, leases.take, hold("b")) == [True]
    assert play(database, leases.take, hold("a")) == [False]


def test_on_sqlite_a_lease_ends_by_the_moved_clock(tmp_path, clock, opened):
    database = opened(f"sqlite:///{tmp_path / 'moved.db'}", now=clock)
    database.migrate()
    play(database, leases.take, hold("a"))
    clock.move(minutes=4)
    assert play(database, leases.take, hold("b")) == [False]
    clock.move(minutes=1)
    assert play(database, leases.take, hold("b")) == [True]


def test_each_look_into_a_mailbox_is_recorded(database: Database, clock):
    slot = clock() - timedelta(minutes=1)
    first, second, third = play(
        database, polls.start, Look(account="m", slot=slot), Look(account="m"), Look(account="other", slot=slot)
    )
    began = clock()
    ended = clock.move(seconds=3)
    play(
        database,
        polls.finish,
        Looked(poll_id=first, generation="7", first=2**40, last=2**40 + 2, count=3),
        Looked(poll_id=second, error="refused\0"),
        Looked(poll_id=third, error="no route"),
    )
    with database.read() as connection:
        served = polls.poll_for(connection, "m", slot)
        newest = polls.last_poll(connection, "m")
        good = polls.last_poll(connection, "m", succeeded=True)
        assert polls.poll_for(connection, "other", slot) is None
        assert polls.last_poll(connection, "nobody") is None
        listed = [one.id for one in polls.polls_between(connection, "m", began, ended)]
        assert polls.polls_between(connection, "m", ended, ended + LONG) == []
    assert served is not None
    assert newest is not None
    assert good is not None
    assert (served.id, served.last, served.count, served.ended_at) == (first, 2**40 + 2, 3, ended)
    assert (newest.id, newest.error, good.id, listed) == (second, "refused\ufffd", first, [first, second])


def test_a_poll_that_has_not_ended_serves_no_slot(database: Database, clock):
    play(database, polls.start, Look(account="m", slot=clock()))
    with database.read() as connection:
        assert polls.poll_for(connection, "m", clock()) is None
