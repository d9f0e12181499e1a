"""Tests of broadcasts are counted by who made them and when, on both databases, and nothing else is."""

from datetime import timedelta

from store import broadcast_tests
from store.batch import run
from store.db import Database
from store.model import Event, EventKind
from store.work import Work
from store.writer import Tx


def written(tx: Tx, items):
    work = Work(tx)
    for actor, kind, text in (
        ("zhang", EventKind.BROADCAST, broadcast_tests.TESTED),
        ("zhang", EventKind.BROADCAST, "drafted"),
        ("zhang", EventKind.NOTED, broadcast_tests.TESTED),
        ("li", EventKind.BROADCAST, broadcast_tests.TESTED),
    ):
        work.add(Event(id=work.id(), at=work.now, kind=kind, actor=actor, text=text))
    work.flush()
    return [None] * len(items)


def test_only_the_tests_of_one_person_within_the_time_count(database: Database, clock) -> None:
    with database.engine.connect() as connection:
        run(connection, database, [(written, None)])
        clock.move(hours=3)
        run(connection, database, [(written, None)])
    with database.read() as connection:
        since = {hours: clock() - timedelta(hours=hours) for hours in (1, 4)}
        assert [broadcast_tests.tests_since(connection, "zhang", at) for at in since.values()] == [1, 2]
        assert broadcast_tests.tests_since(connection, "zhang", clock()) == 0
