"""Passwords in the store, on both databases: tries are counted before they are decided, and epochs end sessions."""

import asyncio
from datetime import timedelta

from sqlalchemy import select

from store import logins
from store.batch import run
from store.db import open_database, table_of
from store.logins import Asked, Decided, Held, NewPassword, Try
from store.model import Event
from store.writer import Writer

LOCKS = (timedelta(0), timedelta(0), timedelta(minutes=1), timedelta(minutes=2))


def do(database, move, *items):
    with database.engine.connect() as connection:
        answers, _ = run(connection, database, [(move, item) for item in items])
    return answers


def kept(database, person="zhang"):
    with database.read() as connection:
        return logins.login(connection, person)


def texts(database):
    c = table_of(Event).c
    with database.read() as connection:
        return list(connection.execute(select(c.text, c.actor).order_by(c.id)).all())


def give(database, person="zhang", digest="d", by=""):
    return do(database, logins.set_password, NewPassword(person=person, digest=digest, by=by))[0]


def try_it(database, person="zhang"):
    return do(database, logins.tried, Try(person=person, locks=LOCKS))[0]


def test_a_thousand_tries_at_once_are_no_more_than_those_before_the_lock(database):
    give(database)
    answers = do(database, logins.tried, *[Try(person="zhang", locks=LOCKS)] * 1000)
    assert [one for one in answers if one] == [Held(digest="d", epoch=1)] * 3
    assert kept(database).failures == 3


def test_a_lock_ends_by_itself_and_the_next_is_longer(database, clock):
    give(database)
    for _ in range(3):
        try_it(database)
    do(database, logins.decided, Decided(person="zhang", right=False, epoch=1))
    clock.move(seconds=59)
    assert try_it(database) is None
    clock.move(seconds=2)
    assert try_it(database) is not None
    clock.move(seconds=119)
    assert try_it(database) is None
    clock.move(seconds=2)
    assert try_it(database) is not None
    assert kept(database).locked_until == clock() + timedelta(minutes=2)
    assert texts(database)[1:] == [("signing in as zhang failed 3 times in a row", "")]


def test_a_right_one_forgets_the_wrong_ones_and_keeps_a_new_digest(database, clock):
    give(database)
    for _ in range(3):
        try_it(database)
    assert do(database, logins.decided, Decided(person="zhang", right=True, epoch=1, digest="new")) == [True]
    row = kept(database)
    assert (row.failures, row.locked_until, row.digest, row.seen_at) == (0, None, "new", clock())


def test_a_right_one_for_a_password_that_was_changed_meanwhile_lets_nobody_in(database):
    give(database)
    try_it(database)
    assert give(database, digest="other", by="zhang") == 2
    assert do(database, logins.decided, Decided(person="zhang", right=True, epoch=1, digest="d2")) == [False]
    assert kept(database).digest == "other"


def test_an_epoch_is_never_used_again_not_even_after_the_password_was_taken_away(database):
    assert give(database) == 1
    assert do(database, logins.sign_out, Asked(person="zhang", by="zhang")) == [True]
    assert do(database, logins.remove, Asked(person="zhang", by="")) == [True]
    with database.read() as connection:
        assert (logins.epoch(connection, "zhang"), logins.listed(connection)) == (None, [])
    assert try_it(database) is None
    assert give(database) == 4
    assert texts(database) == [
        ("the password of zhang was set", ""),
        ("zhang was signed out everywhere", "zhang"),
        ("the password of zhang was taken away", ""),
        ("the password of zhang was set", ""),
    ]


def test_what_is_done_to_somebody_without_a_password_is_nothing(database):
    for move in (logins.sign_out, logins.remove, logins.unlock):
        assert do(database, move, Asked(person="nobody", by="")) == [False]
    assert texts(database) == []


def test_unlocking_lets_somebody_try_at_once(database):
    give(database)
    for _ in range(3):
        try_it(database)
    assert try_it(database) is None
    assert do(database, logins.unlock, Asked(person="zhang", by="")) == [True]
    assert try_it(database) is not None


async def test_two_processes_count_together(database, url, clock):
    give(database)
    # On SQLite one process alone may write: there it is one writer twice.
    other = open_database(url, now=clock) if database.shared else database
    writers = [Writer(one, woken=lambda _: None, most=1) for one in {database, other}]
    for one in writers:
        one.start()
    tries = [one.do(logins.tried, Try(person="zhang", locks=LOCKS[:1])) for one in writers for _ in range(40)]
    await asyncio.gather(*tries)
    for one in writers:
        await one.stop()
    if database.shared:
        other.close()
    assert kept(database).failures == len(tries)
