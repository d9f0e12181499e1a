"""The queue on both databases: order, limits, leases, fencing, cancelling."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from store import queue
from store.batch import Failed, Tx, run
from store.db import Database, table_of
from store.model import Attempt, Bucket, Delivery, Lane, Message, MessageState
from store.queue import Ask, Done
from store.work import Work
from store.writer import Writer

HERE = "sms:main"
LEASE = timedelta(seconds=30)
LIMITED = [pytest.param("postgres", marks=pytest.mark.postgres)]


def play(database: Database, move, *items):
    with database.engine.connect() as connection:
        answers, _ = run(connection, database, [(move, item) for item in items])
    for answer in answers:
        if isinstance(answer, Failed):
            raise answer.error
    return answers


def fill(database: Database, *wanted):
    """Queue texts; each is (key, lane, due in seconds from now), perhaps with a page."""

    def move(tx: Tx, rows):
        work = Work(tx)
        for key, lane, wait, *more in rows:
            message = Message(
                id=work.id(),
                direction="out",
                channel=HERE,
                key=key,
                state=MessageState.QUEUED,
                at=tx.now,
                recipient="+8613800000000",
                text=f"文 {key}",
                variables={"code": key},
                refs=["thread"],
                page_id=more[0] if more else None,
            )
            due = tx.now + timedelta(seconds=wait)
            queue.put(work, message, destination=HERE, lane=lane, due=due)
        work.flush()
        return [None] * len(rows)

    play(database, move, *wanted)


def ask(owner="a", slots=10, lease=LEASE, **limits):
    return Ask(owner=owner, free={HERE: slots}, limits={HERE: limits["limit"]} if limits else {}, lease=lease)


def claim(database: Database, **options):
    return play(database, queue.claim, ask(**options))[0]


def done(claimed, outcome="sent", **more):
    return Done(delivery_id=claimed.delivery_id, owner=claimed.owner, attempt=claimed.attempt, outcome=outcome, **more)


def rows(database: Database, noun, *names):
    table = table_of(noun)
    with database.read() as connection:
        found = connection.execute(select(*(table.c[name] for name in names)).order_by(table.c.id)).all()
    return [tuple(row) for row in found]


def test_higher_lanes_go_first_and_within_a_lane_what_was_due_first(database):
    fill(database, ("cast", 3, -9), ("page2", 0, -1), ("reply", 1, -5), ("page1", 0, -2), ("future", 0, 60))
    assert [one.key for one in claim(database, slots=4)] == ["page1", "page2", "reply", "cast"]
    assert claim(database) == []


def test_what_was_claimed_carries_all_that_a_sender_needs(database):
    fill(database, ("k", Lane.PAGE, -1, 77))
    (one,) = claim(database)
    assert (one.channel, one.key, one.recipient, one.text) == (HERE, "k", "+8613800000000", "文 k")
    assert (one.variables, one.refs, one.language, one.page_id) == ({"code": "k"}, ["thread"], "zh", 77)
    assert (one.owner, one.attempt, one.lane, one.due) == ("a", 1, 0, database.now() - timedelta(seconds=1))


def test_no_more_is_claimed_than_there_are_slots(database):
    fill(database, *((f"k{number}", 0, -1) for number in range(5)))
    assert [len(claim(database, slots=slots)) for slots in (2, 0, 2, 2)] == [2, 0, 2, 1]


def test_the_attempt_is_written_before_the_send(database):
    fill(database, ("k", 0, -1))
    (one,) = claim(database)
    assert rows(database, Attempt, "message_id", "number", "outcome", "started_at", "ended_at") == [
        (one.message_id, 1, "sending", database.now(), None)
    ]


def test_two_asks_in_one_transaction_get_different_texts(database):
    fill(database, *((f"k{number}", 0, -1) for number in range(4)))
    first, second = play(database, queue.claim, ask(owner="a", slots=3), ask(owner="b", slots=3))
    assert [one.owner for one in first + second] == ["a", "a", "a", "b"]
    assert len({one.delivery_id for one in first + second}) == 4


@pytest.mark.parametrize(
    ("outcome", "more", "state"),
    [
        pytest.param("sent", {"provider_id": "SM1", "segments": 2}, "sent", id="sent"),
        pytest.param("sent", {"status": MessageState.DELIVERED, "provider_id": "SM1"}, "delivered", id="delivered"),
        pytest.param("failed", {"reason": "no such number"}, "failed", id="failed"),
        pytest.param("unknown", {"reason": "no answer"}, "unknown", id="unknown"),
    ],
)
def test_a_final_outcome_ends_the_delivery(database, clock, outcome, more, state):
    fill(database, ("k", 0, -1))
    (one,) = claim(database)
    later = clock.move(seconds=2)
    assert play(database, queue.complete, done(one, outcome, **more)) == [True]
    assert rows(database, Delivery, "id") == []
    assert rows(database, Message, "state", "provider_id", "reason") == [
        (state, more.get("provider_id"), more.get("reason"))
    ]
    assert rows(database, Attempt, "outcome", "ended_at", "reason", "segments") == [
        (outcome, later, more.get("reason"), more.get("segments", 0))
    ]


def test_a_text_for_later_waits_and_counts_its_attempts(database, clock):
    fill(database, ("k", 0, -1))
    (one,) = claim(database)
    at = clock() + timedelta(seconds=30)
    assert play(database, queue.complete, done(one, "later", reason="throttled", retry_at=at)) == [True]
    assert (claim(database), rows(database, Message, "state")) == ([], [("queued",)])
    with database.read() as connection:
        assert queue.pending(connection, clock()) == at
    clock.move(seconds=30)
    assert [(one.key, one.attempt) for one in claim(database)] == [("k", 2)]
    assert rows(database, Attempt, "number", "outcome") == [(1, "later"), (2, "sending")]


def test_whoever_lost_the_claim_changes_nothing(database):
    fill(database, ("k", Lane.PAGE, -1))
    (old,) = claim(database, owner="old", lease=timedelta(0))
    play(database, _expire(resend={Lane.PAGE}), None)
    (new,) = claim(database, owner="new")
    assert play(database, queue.complete, done(old, "failed", reason="too late"), done(new)) == [False, True]
    assert rows(database, Message, "state", "reason") == [("sent", None)]
    assert rows(database, Attempt, "number", "outcome") == [(1, "unknown"), (2, "sent")]
    assert play(database, queue.complete, done(new)) == [False]


def test_the_same_owner_with_an_older_attempt_is_fenced_off(database):
    fill(database, ("k", Lane.PAGE, -1))
    (first,) = claim(database, lease=timedelta(0))
    play(database, _expire(resend={Lane.PAGE}), None)
    claim(database)
    assert play(database, queue.complete, done(first)) == [False]


def test_a_receipt_that_overtook_the_answer_is_not_undone(database):
    fill(database, ("k", 0, -1))
    (one,) = claim(database)
    table = table_of(Message)
    with database.engine.begin() as connection:
        connection.execute(update(table).values(state="delivered"))
    play(database, queue.complete, done(one, provider_id="SM1"))
    assert rows(database, Message, "state", "provider_id") == [("delivered", "SM1")]


def _expire(resend=frozenset(), **options):
    def move(tx, items):
        return [queue.expired(tx, resend=frozenset(resend), **options) for _ in items]

    return move


def test_a_lease_that_ended_gives_pages_back_and_reports_the_rest_as_unknown(database):
    fill(database, ("page", Lane.PAGE, -1, 5), ("reply", Lane.REPLY, -1))
    claim(database, lease=timedelta(0))
    (gone,) = play(database, _expire(resend={Lane.PAGE}), None)
    assert [(one.lane, one.page_id, one.owner, one.attempt, one.resent) for one in gone] == [
        (0, 5, "a", 1, True),
        (1, None, "a", 1, False),
    ]
    assert rows(database, Message, "key", "state") == [("page", "queued"), ("reply", "unknown")]
    assert rows(database, Attempt, "outcome") == [("unknown",), ("unknown",)]
    assert [(one.key, one.attempt) for one in claim(database)] == [("page", 2)]


def test_a_lease_that_runs_is_left_alone_and_can_be_lengthened(database):
    fill(database, ("a", 0, -1), ("b", 0, -1))
    claim(database, owner="a", slots=1, lease=timedelta(0))
    claim(database, owner="b", slots=1)
    assert play(database, queue.renew, ("a", LEASE), ("nobody", LEASE)) == [1, 0]
    assert play(database, _expire(resend={0}), None) == [[]]


def test_at_the_start_every_claim_of_another_owner_is_lost(database):
    fill(database, ("a", 0, -1), ("b", 0, -1))
    claim(database, owner="dead", slots=1)
    claim(database, owner="me", slots=1)
    (gone,) = play(database, _expire(resend={0}, all_owners_but="me"), None)
    assert [one.owner for one in gone] == ["dead"]


def test_cancelling_a_page_takes_back_what_nobody_has_claimed(database):
    fill(database, ("sending", 0, -9, 7), ("waiting", 0, -1, 7), ("later", 0, 60, 7), ("other", 0, -1, 8))
    (sending,) = claim(database, slots=1)

    def move(tx, items):
        return [queue.cancel(tx, page_ids=pages, reason="taken") for pages in items]

    assert [len(gone) for gone in play(database, move, [7], [])] == [2, 0]
    assert rows(database, Message, "key", "state", "reason") == [
        ("sending", "queued", None),
        ("waiting", "cancelled", "taken"),
        ("later", "cancelled", "taken"),
        ("other", "queued", None),
    ]
    assert play(database, queue.complete, done(sending)) == [True]
    assert [one.key for one in claim(database)] == ["other"]


def test_depths_count_what_waits_and_what_is_under_way(database, clock):
    fill(database, ("a", 0, -5), ("b", 0, -3), ("c", 3, 60))
    claim(database, slots=1)
    with database.read() as connection:
        found = [(one.lane, one.waiting, one.claimed, one.oldest) for one in queue.depths(connection)]
        assert queue.pending(connection, clock()) == clock() + timedelta(seconds=60)
    assert found == [
        (0, 1, 1, clock() - timedelta(seconds=3)),
        (3, 1, 0, clock() + timedelta(seconds=60)),
    ]


def test_a_limit_lets_the_burst_through_and_then_its_rate(database):
    fill(database, *((f"k{number}", 0, -1) for number in range(9)))
    limit = (0.001, 3.0)
    assert [len(claim(database, limit=limit, slots=slots)) for slots in (2, 9, 9)] == [2, 1, 0]
    table = table_of(Bucket)
    with database.engine.begin() as connection:
        connection.execute(update(table).values(at=table.c["at"] - 2000))
    assert len(claim(database, limit=limit)) == 2
    with database.engine.begin() as connection:
        connection.execute(update(table).values(at=table.c["at"] - 1_000_000))
    assert len(claim(database, limit=limit)) == 3


def test_a_throttled_ask_learns_when_the_next_token_comes(database):
    fill(database, ("a", 0, -1), ("b", 0, -1))
    wish = ask(limit=(0.5, 1.0))
    assert [play(database, queue.throttled, wish), len(claim(database, limit=(0.5, 1.0)))] == [[None], 1]
    (until,) = play(database, queue.throttled, wish)
    assert timedelta(seconds=1) < until - database.now() <= timedelta(seconds=2)
    assert play(database, queue.throttled, ask()) == [None]


@pytest.mark.parametrize("kind", LIMITED, indirect=True)
def test_what_another_process_is_just_claiming_is_not_waited_for(database, opened, url):
    fill(database, ("a", 0, -2), ("b", 0, -1))
    other = opened(url)
    with database.engine.begin() as busy, other.engine.connect() as connection:
        (first,) = queue.claim(Tx(busy, database, database.now()), [ask(slots=1)])[0]
        connection.exec_driver_sql("SET lock_timeout = '2s'")
        connection.commit()
        (answer,), _ = run(connection, other, [(queue.claim, ask(owner="b"))])
    assert [first.key, *(one.key for one in answer)] == ["a", "b"]


@pytest.mark.parametrize("kind", LIMITED, indirect=True)
async def test_a_limit_holds_over_two_processes(url, opened):
    first = opened(url)
    fill(first, *((f"k{number}", 0, -1) for number in range(40)))
    writers = [Writer(database, woken=lambda _: None, most=1) for database in (first, opened(url))]
    for writer in writers:
        writer.start()
    wishes = [
        writer.do(queue.claim, ask(owner=str(id(writer)), slots=2, limit=(0.001, 15.0))) for writer in writers * 12
    ]
    got = await asyncio.gather(*wishes)
    for writer in writers:
        await writer.stop()
    assert sum(len(one) for one in got) == 15


async def test_four_workers_claim_each_of_200_texts_exactly_once(url, kind, opened):
    databases = [opened(url) for _ in range(4 if kind == "postgres" else 1)]
    fill(databases[0], *((f"k{number}", number % 4, -1) for number in range(200)))
    writers = [Writer(database, woken=lambda _: None) for database in databases]
    for writer in writers:
        writer.start()
    got: list[str] = []

    async def work(number):
        writer = writers[number % len(writers)]
        while claimed := await writer.do(queue.claim, ask(owner=f"w{number}", slots=7)):
            got.extend(one.key for one in claimed)
            results = await asyncio.gather(*(writer.do(queue.complete, done(one)) for one in claimed))
            assert all(results)

    await asyncio.gather(*(work(number) for number in range(4)))
    for writer in writers:
        await writer.stop()
    assert sorted(got) == sorted(f"k{number}" for number in range(200))
    assert rows(databases[0], Delivery, "id") == []
    assert {row[0] for row in rows(databases[0], Message, "state")} == {"sent"}
