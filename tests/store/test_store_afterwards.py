"""What happens to recipients after they got it, on both databases: reminders, recalls, and who is left alone."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from gateway.broadcast import suppressing
from gateway.broadcast.recalling import Settled, settled
from gateway.broadcast.suppressing import OWNER, Against
from store import recalls, reminders
from store.batch import run
from store.db import table_of
from store.model import Broadcast, BroadcastState, Event, Message, Recipient, RecipientState, Suppression
from store.model import SuppressionKind as Kind
from store.queue import put
from store.recalls import Outcome
from store.rows import values
from store.work import Work


def played(database, move):
    """Play a move over one item in a transaction of its own."""
    with database.engine.connect() as connection:
        answers, _ = run(connection, database, [(lambda tx, items: [move(tx) for _ in items], None)])
    if hasattr(answers[0], "error"):
        raise answers[0].error
    return answers[0]


def rows(database, noun):
    with database.read() as connection:
        return [dict(row) for row in connection.execute(select(table_of(noun)).order_by("id")).mappings()]


@pytest.fixture
def sent(database, clock):
    """A broadcast of ten, all of whom got it at this instant."""
    now = clock()
    add(
        database,
        Broadcast(
            id=7,
            number=1,
            title="x",
            state=BroadcastState.DONE,
            author="zhang",
            at=now,
            package_id=9,
            link_until=now + timedelta(days=9),
        ),
    )
    for n in range(10):
        add(database, message(n, now), recipient(n, now))
    return now


def add(database, *nouns):
    with database.engine.begin() as connection:
        for one in nouns:
            connection.execute(table_of(type(one)).insert(), [values(one)])


def message(n, now, **more):
    given = {"id": 100 + n, "key": f"k{n}", "state": "sent", "provider_id": f"p{n}", "template": "broadcast", **more}
    return Message(direction="out", channel="im:a", at=now, recipient=f"u{n}", text="x", **given)


def recipient(n, now):
    return Recipient(
        id=n + 1,
        broadcast_id=7,
        who=f"c{n}",
        channel="im:a",
        address=f"u{n}",
        wave=1,
        state=RecipientState.SENT,
        message_id=100 + n,
        ended_at=now,
    )


def remind(tx, message_id, limit=4):
    """Queue one reminder for the first that wait and mark all of them, as the gateway does."""
    found = reminders.waiting(tx, 7, "im:a", tx.now, limit)
    work = Work(tx)
    given = message(
        message_id, tx.now, id=message_id, key=f"r{message_id}", state="queued", template="broadcast_reminder"
    )
    put(work, given, destination="im:a", lane=3, due=tx.now)
    work.flush()
    reminders.reminded(tx, [(one.id, message_id if n == 0 else None) for n, one in enumerate(found)])
    return [one.id for one in found]


@pytest.mark.usefixtures("sent")
def test_everybody_is_reminded_in_one_transaction_only(database, clock):
    clock.move(hours=1)
    first, second, third = (played(database, lambda tx, n=n: remind(tx, 900 + n)) for n in range(3))
    assert (first, second, third) == ([1, 2, 3, 4], [5, 6, 7, 8], [9, 10])
    assert played(database, lambda tx: reminders.waiting(tx, 7, "im:a", tx.now, 9)) == []
    assert {row["reminded_at"] for row in rows(database, Recipient)} == {clock()}


def test_what_was_undone_reminded_nobody(database, clock, sent):
    clock.move(hours=1)

    def broken(tx):
        remind(tx, 900)
        raise RuntimeError("the process ended")

    with pytest.raises(RuntimeError):
        played(database, broken)
    assert [row["reminded_at"] for row in rows(database, Recipient)] == [None] * 10
    with database.read() as connection:
        assert reminders.first(connection, 7, "im:a") == sent


@pytest.mark.usefixtures("sent")
@pytest.mark.parametrize(
    "change", [{"state": "paused"}, {"state": "cancelled"}, {"revoked_at": True}, {"link_until": True}]
)
def test_a_reminder_that_nobody_claimed_goes_with_its_broadcast(database, clock, change):
    clock.move(hours=1)
    played(database, lambda tx: remind(tx, 900))
    assert played(database, lambda tx: reminders.withdraw(tx, "why")) == 0
    with database.engine.begin() as connection:
        changed = {name: clock() if value is True else value for name, value in change.items()}
        connection.execute(table_of(Broadcast).update().values(**changed))
    assert played(database, lambda tx: reminders.withdraw(tx, "why")) == 1
    assert [row["reminder_id"] for row in rows(database, Recipient)] == [None] * 10
    assert (rows(database, Message)[-1]["state"], rows(database, Message)[-1]["reason"]) == ("cancelled", "why")
    with database.read() as connection:
        assert reminders.broadcasts(connection, clock()) == []


def test_recalls_are_settled_once_and_the_last_one_tells_the_counts(database, clock, sent):
    with database.engine.begin() as connection:
        connection.execute(table_of(Recipient).update().where(table_of(Recipient).c.id <= 4).values(recall_at=sent))
    with database.read() as connection:
        found = recalls.waiting(connection, clock(), 9)
    assert [(one.recipient_id, one.provider_id, one.parts) for one in found] == [
        (n, f"p{n - 1}", 1) for n in (1, 2, 3, 4)
    ]
    later = clock.move(seconds=15)
    first = [Outcome(recall=found[0]), Outcome(recall=found[1], why="too late"), Outcome(recall=found[2], again=later)]
    played(database, lambda tx: settled(tx, [Settled(outcomes=first)]))
    played(database, lambda tx: settled(tx, [Settled(outcomes=[Outcome(recall=found[0], why="again")])]))
    with database.read() as connection:
        assert (recalls.next_at(connection), recalls.tally(connection, 7)) == (sent, (2, 1, 1))
    assert rows(database, Event) == []
    played(database, lambda tx: settled(tx, [Settled(outcomes=[Outcome(recall=one) for one in found[2:]])]))
    assert [(row["text"], row["more"]) for row in rows(database, Event)] == [("recalled", {"count": "3", "kept": "1"})]
    states = [(row["state"], row["reason"]) for row in rows(database, Recipient)[:4]]
    assert states == [("recalled", None), ("sent", "not taken back: too late"), *[("recalled", None)] * 2]


def test_who_is_left_alone_stands_once_with_one_line_of_history(database):
    wish = Against(method="mail", address="A@b.cn", kind=Kind.OPTED_OUT, why="x", by=OWNER, broadcast_id=7)
    assert played(database, lambda tx: suppressing.leave_alone(tx, [wish, wish])) == [True, False]
    assert played(database, lambda tx: suppressing.leave_alone(tx, [wish])) == [False]
    (stands,) = rows(database, Suppression)
    assert (stands["address"], stands["by"], stands["broadcast_id"]) == ("a@b.cn", "", 7)
    lifted = lambda tx: suppressing.allow_again(tx, ("mail", "a@B.cn"), by="zhang", why="y")  # noqa: E731
    assert (played(database, lifted), played(database, lifted)) == (True, False)
    assert [(row["text"], row["actor"], row["more"]["why"]) for row in rows(database, Event)] == [
        ("suppressed", "customer", "x"),
        ("allowed", "zhang", "y"),
    ]
