"""Taking in: once, whole, with its cursor; and quarantine for what cannot be read or judged."""

import asyncio
from datetime import timedelta
from hashlib import sha256

import pytest
from sqlalchemy import func, select

from store import inbox, judging, quarantine
from store.batch import run
from store.db import Database, table_of
from store.inbox import Arrival, Bring, Broken
from store.model import Attachment, Blob, Cursor, Message, Quarantine
from store.polls import cursor


def arrival(database: Database, key="k", **more):
    return Arrival(**{"channel": "sms:main", "key": key, "at": database.now(), "sender": "+86", "text": "断了", **more})


def broken(database: Database, key="b", **more):
    return Broken(
        channel="email:desk", key=key, at=database.now(), where="header", why="no end", raw=b"\xff\x00", **more
    )


def play(database: Database, move, *items):
    with database.engine.connect() as connection:
        return run(connection, database, [(move, item) for item in items])


def accept(database: Database, *items, **more):
    answers, _ = play(database, inbox.accept, Bring(items=items, **more))
    return answers[0]


def count(database: Database, noun):
    with database.read() as connection:
        return connection.execute(select(func.count()).select_from(table_of(noun))).scalar()


def only_message(database: Database):
    with database.read() as connection:
        return dict(connection.execute(select(table_of(Message))).mappings().one())


def test_a_message_is_kept_as_it_came(database):
    said = database.now() - timedelta(minutes=3)
    (number,) = accept(
        database,
        arrival(
            database,
            said_at=said,
            sender_name="王",
            reply_to="boss@x.example",
            group="g1",
            subject="急",
            whole="断了\n> 引",
            refs=["r1", "r2"],
            answers=["o1"],
            automatic="bulk",
            language="en",
            raw=b"\x00raw",
        ),
    )
    assert only_message(database) == {
        "id": number,
        "direction": "in",
        "channel": "sms:main",
        "key": "k",
        "state": "new",
        "at": database.now(),
        "said_at": said,
        "sender": "+86",
        "sender_name": "王",
        "recipient": "boss@x.example",
        "group": "g1",
        "subject": "急",
        "text": "断了",
        "whole": "断了\n> 引",
        "refs": ["r1", "r2"],
        "answers": ["o1"],
        "automatic": "bulk",
        "language": "en",
        "contact_id": None,
        "ticket_id": None,
        "page_id": None,
        "template": "",
        "variables": {},
        "verdict": {},
        "provider_id": None,
        "reason": None,
        "replaces": None,
        "raw": b"\x00raw",
    }


def test_what_came_before_is_not_kept_again(database):
    first = accept(database, arrival(database, "a"))
    assert [one is not None for one in first] == [True]
    assert accept(database, arrival(database, "a"), arrival(database, "b"))[0] is None
    assert count(database, Message) == 2


def test_the_same_key_on_another_account_is_another_message(database):
    answer = accept(database, arrival(database, "a"), arrival(database, "a", channel="sms:other"))
    assert None not in answer


def test_two_callers_bringing_the_same_at_once_keep_it_once(database):
    brings = [Bring(items=(arrival(database, "a"),)), Bring(items=(arrival(database, "a"), arrival(database, "c")))]
    answers, names = play(database, inbox.accept, *brings)
    assert [[one is not None for one in each] for each in answers] == [[True], [False, True]]
    assert names == {"judge"}
    assert play(database, inbox.accept, *brings) == ([[None], [None, None]], frozenset())


def test_attachments_are_kept_once_for_each_content(database):
    files = (("a.txt", "text/plain", b"same"), ("b.txt", "text/plain", b"same"), ("c.bin", "x/y", b"\x00"))
    accept(database, arrival(database, "a", attachments=files))
    accept(database, arrival(database, "a", attachments=files), arrival(database, "b", attachments=files[:1]))
    assert (count(database, Attachment), count(database, Blob)) == (4, 2)


def test_the_cursor_moves_with_the_messages(database):
    assert accept(database, arrival(database, "a"), account="email:desk", cursor="17")[0] is not None
    accept(database, account="email:desk", cursor="18")
    with database.read() as connection:
        assert (cursor(connection, "email:desk"), cursor(connection, "email:other")) == ("18", None)
    assert count(database, Cursor) == 1


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        pytest.param("a\0b", "a\ufffdb", id="NUL"),
        pytest.param("断\0了", "断\ufffd了", id="NUL in Chinese"),
        pytest.param("断\ud800了", "断\ufffd\ufffd\ufffd了", id="half a surrogate pair"),
        pytest.param("a\U0001f600b", "a\U0001f600b", id="emoji"),
    ],
)
def test_no_character_can_stop_a_mailbox(database, given, kept):
    odd = arrival(
        database,
        key=given,
        sender=given,
        sender_name=given,
        text=given,
        subject=given,
        whole=given,
        group=given,
        refs=[given],
        attachments=((given, given, b""),),
    )
    assert None not in accept(database, odd, broken(database), arrival(database, "plain"))[::2]
    with database.read() as connection:
        (row, _) = connection.execute(select(table_of(Message)).order_by(table_of(Message).c.id)).mappings()
    assert (row["key"], row["sender"], row["text"], row["subject"], row["whole"], row["refs"][0]) == (kept,) * 6


def test_a_key_that_no_index_can_hold_is_cut_and_still_recognised(database):
    long = "".join(sha256(str(number).encode()).hexdigest() for number in range(90))  # the index would pack repeats
    other = long[:-1] + "x"
    assert None not in accept(database, arrival(database, long), arrival(database, other))
    assert accept(database, arrival(database, long)) == [None]


def test_broken_bytes_go_to_quarantine_once(database):
    answers, names = play(database, inbox.accept, Bring(items=(broken(database), arrival(database), broken(database))))
    assert ([one is None for one in answers[0]], names) == ([True, False, True], {"judge", "quarantine"})
    play(database, inbox.accept, Bring(items=(broken(database),)))
    with database.read() as connection:
        (row,) = quarantine.quarantined(connection)
        whole = quarantine.quarantined_one(connection, row.id)
        assert quarantine.quarantined_one(connection, 1) is None
        assert quarantine.oldest_quarantined(connection) == database.now()
    assert (row.channel, row.key, row.where, row.why, row.message_id) == ("email:desk", "b", "header", "no end", None)
    assert whole is not None
    assert whole.raw == b"\xff\x00"


def test_released_bytes_are_given_back_to_be_read_again(database):
    accept(database, broken(database))
    with database.read() as connection:
        (row,) = quarantine.quarantined(connection)
    answers, _ = play(database, quarantine.release, row.id, 1)
    assert [answers[0].raw, answers[1]] == [b"\xff\x00", None]
    assert accept(database, arrival(database, "b", channel="email:desk")) != [None]
    with database.read() as connection:
        assert quarantine.quarantined(connection) == []
        assert [one.id for one in quarantine.quarantined(connection, released=True)] == [row.id]
    assert play(database, quarantine.release, row.id)[0] == [None]


def test_a_message_set_aside_can_be_judged_again_and_set_aside_again(database):
    (number,) = accept(database, arrival(database, raw=b"raw"))

    def aside(tx, items):
        return [quarantine.quarantine_message(tx, item, where="judge", why="no rule") for item in items]

    def waiting():
        with database.read() as connection:
            return [one.id for one in judging.waiting(connection, 10)]

    for _ in range(2):
        answers, names = play(database, aside, number, 1)
        assert (answers[1], names, waiting()) == (None, {"quarantine"}, [])
        with database.read() as connection:
            row = quarantine.quarantined_one(connection, answers[0])
        assert row is not None
        assert (row.message_id, row.raw, row.released_at) == (number, b"raw", None)
        _, names = play(database, quarantine.release, row.id)
        assert (names, waiting()) == ({"judge"}, [number])
    assert count(database, Quarantine) == 1


def test_unjudged_messages_come_oldest_first_without_their_bytes(database):
    numbers = accept(database, *(arrival(database, f"k{number}", raw=b"raw") for number in range(4)))
    with database.read() as connection:
        found = judging.waiting(connection, 3)
    assert [one.id for one in found] == numbers[:3]
    assert (found[0].text, found[0].refs, "raw" in found[0].__dict__) == ("断了", [], False)


async def test_many_callers_at_once_each_learn_their_own_id(database, writer):
    items = [arrival(database, f"k{number % 30}") for number in range(60)]
    answers = await asyncio.gather(*(writer.do(inbox.accept, Bring(items=(item,))) for item in items))
    new = [number for (number,) in answers if number is not None]
    assert (len(new), len(set(new)), count(database, Message)) == (30, 30, 30)


def test_bytes_that_still_cannot_be_read_after_their_release_are_set_aside_again(database):
    accept(database, broken(database))
    with database.read() as connection:
        (row,) = quarantine.quarantined(connection)
    play(database, quarantine.release, row.id)
    _, names = play(database, inbox.accept, Bring(items=(broken(database),)))
    with database.read() as connection:
        assert [one.id for one in quarantine.quarantined(connection)] == [row.id]
    assert names == {"quarantine"}
