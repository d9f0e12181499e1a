"""What people said of judgements: found by its ticket, the last word holds, and what was ignored is found again."""

from datetime import timedelta

from store import corrections
from store.batch import run
from store.db import Database
from store.model import Correction, Event, Message
from store.work import Work
from store.writer import Tx, exclusive

CHEN = "+8613900000001"


def message(work: Work, text: str, **more) -> Message:
    given = {"direction": "in", "channel": "sms:main", "state": "judged", "at": work.now, "sender": CHEN, **more}
    return work.add(Message(id=work.id(), key=text, text=text, **given))


def event(work: Work, kind: str, about: Message, **more) -> None:
    work.add(Event(id=work.id(), at=work.now, kind=kind, message_id=about.id, ticket_id=about.ticket_id, **more))


def written(tx: Tx, items):
    work = Work(tx)
    message(work, "你好", ticket_id=5)
    opening = message(work, "打印机坏了", ticket_id=5)
    event(work, "opened", opening, actor="customer")
    message(work, "还有扫描仪", ticket_id=5)
    event(work, "level", message(work, "类型 二级", ticket_id=6), actor="zhang")
    chat = {"kind": "praise_or_chat"}
    for text, verdict in (("谢谢", chat), ("绑定 123456", {}), ("退信", chat)):
        event(
            work,
            "ignored",
            message(work, text, verdict=verdict, automatic="bounce" if text == "退信" else None),
            text=text,
        )
    for by, level in (("zhang", 1), ("li", 2)):
        work.add(
            Correction(
                id=work.id(), message_id=opening.id, ticket_id=5, at=work.now, by=by, kind_before="fault",
                kind_after="fault", level_before=3, level_after=level, channel="sms:main", text="打印机坏了",
            )
        )  # fmt: skip
    work.flush()
    return [None] * len(items)


def worse(tx: Tx, items):
    work = Work(tx)
    event(work, "level", message(work, "全瘫痪了", ticket_id=5), actor="customer")
    work.flush()
    return [None] * len(items)


def play(database: Database, move) -> None:
    with database.engine.connect() as connection:
        (answer,), _ = run(connection, database, [(exclusive(move), None)])
    assert answer is None


def test_a_ticket_is_corrected_by_the_words_that_decided_it(database: Database) -> None:
    play(database, written)
    with database.read() as connection:
        first = corrections.judged(connection, 5)
        by_staff = corrections.judged(connection, 6)
    play(database, worse)
    with database.read() as connection:
        second = corrections.judged(connection, 5)
    assert first is not None
    assert second is not None
    assert (first[0].text, first[1]) == ("打印机坏了", "你好\n打印机坏了")
    assert (second[0].text, second[1], by_staff) == ("全瘫痪了", "全瘫痪了", None)


def test_the_last_word_holds_and_what_was_ignored_is_listed(database: Database) -> None:
    play(database, written)
    since = database.now() - timedelta(days=1)
    with database.read() as connection:
        assert [(one.by, one.level_after) for one in corrections.latest(connection)] == [("li", 2)]
        assert [(one.message.text, one.why) for one in corrections.ignored(connection, since)] == [("谢谢", "谢谢")]
        assert corrections.ignored(connection, database.now() + timedelta(days=1)) == []
