"""The door of the house: stored, judged, set aside alone, and answered while somebody is on the line."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import select, update

from channels.contract import Attachment, Can, Inbound, Spoken, Unreadable
from gateway.clock import MovedClock
from gateway.failing import Receipts
from gateway.intake import ONE_MOMENT, Intake
from gateway.judge import Batch, Judge
from gateway.judged import Judged
from gateway.standing import Ways
from store import quarantine
from store.db import Database, StoreUnavailable, open_database, table_of
from store.judging import waiting
from store.model import Message, MessageState, Quarantine
from store.writer import Tx, Writer, exclusive

START = datetime(2026, 3, 2, tzinfo=UTC)
CHANNEL = "phone:main"


@dataclass
class Reader:
    """A judge that cannot read poison, and repeats everything else."""

    cured: bool = False
    away: bool = False
    batches: list[int] = field(default_factory=list)

    @exclusive
    def batch(self, tx: Tx, asks: Sequence[Batch]) -> list[list[Judged]]:
        if self.away:
            raise StoreUnavailable("gone")
        return [self._one(tx, ask) for ask in asks]

    def _one(self, tx: Tx, ask: Batch) -> list[Judged]:
        messages = waiting(tx.connection, ask.most, only=ask.only)
        self.batches.append(len(messages))
        if any(m.text.startswith("poison") for m in messages) and not self.cured:
            raise KeyError("poison and private words")
        table = table_of(Message)
        for m in messages:
            verdict = {"spoken": f"heard {m.text}", "language": "en", "more": True}
            statement = update(table).where(table.c.id == m.id)
            tx.connection.execute(statement.values(state=MessageState.JUDGED, verdict=verdict))
        return [Judged(message_id=m.id, spoken=f"heard {m.text}", language="en", more=True) for m in messages]


@dataclass
class Stand:
    intake: Intake
    reader: Reader
    database: Database
    writer: Writer
    woken: set[str]

    def states(self) -> dict[str, str]:
        return {row["key"]: row["state"] for row in self.rows(Message)}

    def rows(self, table: Any) -> list[Any]:
        with self.database.read() as connection:
            return list(connection.execute(select(table_of(table)).order_by(table_of(table).c.id)).mappings())


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("intake") / "start.db"
    made = open_database(f"sqlite:///{path}", now=lambda: START)
    made.migrate()
    made.close()
    return path.read_bytes()


@pytest.fixture
async def stand(template: bytes, tmp_path: Path) -> AsyncIterator[Stand]:
    (tmp_path / "s.db").write_bytes(template)
    clock, woken = MovedClock(START), set[str]()
    database = open_database(f"sqlite:///{tmp_path / 's.db'}", now=clock.now, node=1)
    writer = Writer(database, woken=woken.update)
    writer.start()
    reader = Reader()
    intake = Intake(database, writer, cast("Judge", reader), cast("Receipts", None), clock, ways=Ways(can={}))
    yield Stand(intake, reader, database, writer, woken)
    await writer.stop()
    database.close()


def said(key: str, text: str = "") -> Inbound:
    return Inbound(key=key, sender="+1", text=text or key, raw=key.encode())


async def test_what_comes_twice_is_kept_once(stand: Stand) -> None:
    first = await stand.intake.accept(CHANNEL, [said("a"), said("b")])
    again = await stand.intake.accept(CHANNEL, [said("b"), said("c")])
    assert ([ident is not None for ident in first], [ident is not None for ident in again]) == (
        [True, True],
        [False, True],
    )
    assert stand.woken == {"judge"}


async def test_a_message_keeps_all_that_the_channel_read(stand: Stand) -> None:
    item = Inbound(
        key="k",
        sender="a@b.cn",
        text="电源坏了",
        raw=b"raw",
        subject="s",
        group="g",
        references=("r",),
        answers=("o",),
        attachments=(Attachment(name="n.txt", type="text/plain", content=b"x"),),
    )
    await stand.intake.accept(CHANNEL, [item])
    (row,) = stand.rows(Message)
    kept = {name: row[name] for name in ("sender", "text", "raw", "subject", "group", "refs", "answers", "language")}
    assert kept == {
        "sender": "a@b.cn",
        "text": "电源坏了",
        "raw": b"raw",
        "subject": "s",
        "group": "g",
        "refs": ["r"],
        "answers": ["o"],
        "language": "zh",
    }


async def test_what_waits_is_judged_batch_after_batch_until_nothing_is_left(stand: Stand) -> None:
    await stand.intake.accept(CHANNEL, [said(f"m{n}") for n in range(60)])
    assert await stand.intake.judge() is None
    assert stand.reader.batches == [25, 25, 10, 0]
    assert set(stand.states().values()) == {"judged"}


async def test_a_message_that_cannot_be_judged_goes_aside_alone(stand: Stand) -> None:
    await stand.intake.accept(CHANNEL, [said("a"), said("poison1"), said("b"), said("poison2"), said("c")])
    await stand.intake.judge()
    assert stand.states() == {
        "a": "judged",
        "poison1": "quarantined",
        "b": "judged",
        "poison2": "quarantined",
        "c": "judged",
    }
    aside = stand.rows(Quarantine)
    assert [(row["key"], row["where"]) for row in aside] == [("poison1", "judge"), ("poison2", "judge")]
    assert aside[0]["why"].startswith("KeyError at ")
    assert "private" not in aside[0]["why"]
    assert "quarantine" in stand.woken


async def test_a_message_released_after_the_cure_is_judged(stand: Stand) -> None:
    await stand.intake.accept(CHANNEL, [said("poison")])
    await stand.intake.judge()
    stand.woken.clear()
    stand.reader.cured = True
    await stand.writer.do(quarantine.release, stand.rows(Quarantine)[0]["id"])
    assert "judge" in stand.woken
    await stand.intake.judge()
    assert stand.states() == {"poison": "judged"}


async def test_a_message_released_too_early_goes_aside_again_in_its_old_row(stand: Stand) -> None:
    await stand.intake.accept(CHANNEL, [said("poison")])
    await stand.intake.judge()
    await stand.writer.do(quarantine.release, stand.rows(Quarantine)[0]["id"])
    await stand.intake.judge()
    assert [row["released_at"] for row in stand.rows(Quarantine)] == [None]


async def test_a_store_that_is_away_is_no_fault_of_a_message(stand: Stand) -> None:
    await stand.intake.accept(CHANNEL, [said("a")])
    stand.reader.away = True
    with pytest.raises(StoreUnavailable):
        await stand.intake.judge()
    assert (stand.states(), stand.rows(Quarantine)) == ({"a": "new"}, [])


async def test_unreadable_bytes_are_kept_with_their_place(stand: Stand) -> None:
    item = Unreadable(key="u", raw=b"\x00\xff", where="part 3", why="too deep")
    assert await stand.intake.accept(CHANNEL, [item, said("a")]) == [None, stand.rows(Message)[0]["id"]]
    assert [(row["raw"], row["where"], row["why"]) for row in stand.rows(Quarantine)] == [
        (b"\x00\xff", "part 3", "too deep")
    ]


HEARD = Spoken(text="heard 1", language="en", more=True)


async def test_a_caller_on_the_line_hears_what_was_decided(stand: Stand) -> None:
    (ident,) = await stand.intake.accept(CHANNEL, [said("call-1", "1")])
    waiting_for = asyncio.create_task(stand.intake.answer(ident, channel=CHANNEL, key="call-1"))
    await asyncio.sleep(0)
    await stand.intake.judge()
    assert await waiting_for == HEARD


async def test_a_key_press_told_twice_gets_the_answer_of_the_first(stand: Stand) -> None:
    await stand.intake.accept(CHANNEL, [said("call-0", "0"), said("call-1", "1")])
    await stand.intake.judge()
    (ident,) = await stand.intake.accept(CHANNEL, [said("call-1", "1")])
    assert ident is None
    assert await stand.intake.answer(None, channel=CHANNEL, key="call-1") == HEARD


async def test_two_who_wait_for_the_same_key_press_hear_the_same(stand: Stand) -> None:
    (ident,) = await stand.intake.accept(CHANNEL, [said("call-1", "1")])
    both = [asyncio.create_task(stand.intake.answer(i, channel=CHANNEL, key="call-1")) for i in (ident, None)]
    await asyncio.sleep(0)
    await stand.intake.judge()
    assert await asyncio.gather(*both) == [HEARD, HEARD]


async def test_what_another_process_decided_is_heard_too(stand: Stand) -> None:
    (ident,) = await stand.intake.accept(CHANNEL, [said("call-1", "1")])
    other = Intake(
        stand.database,
        stand.writer,
        cast("Judge", stand.reader),
        cast("Receipts", None),
        MovedClock(START),
        ways=Ways(can={}),
    )
    await other.judge()
    assert await stand.intake.answer(ident, channel=CHANNEL, key="call-1") == HEARD


async def test_a_key_press_that_never_came_asks_for_patience(stand: Stand) -> None:
    assert await stand.intake.answer(None, channel=CHANNEL, key="nothing") == ONE_MOMENT


async def test_the_same_key_of_another_channel_is_another_key_press(stand: Stand) -> None:
    await stand.intake.accept("phone:other", [said("call-1", "1")])
    await stand.intake.judge()
    assert await stand.intake.answer(None, channel=CHANNEL, key="call-1") == ONE_MOMENT


async def test_two_different_mails_with_one_message_id_are_both_kept(stand: Stand) -> None:
    mail = "email:desk"
    stand.intake = Intake(
        stand.database,
        stand.writer,
        cast("Judge", stand.reader),
        cast("Receipts", None),
        MovedClock(START),
        ways=Ways(can={mail: Can(vouches=False)}),
    )
    one = Inbound(key="<same@x>", sender="a@x.cn", text="one", raw=b"one")
    other = Inbound(key="<same@x>", sender="a@x.cn", text="other", raw=b"other")
    answers = [await stand.intake.accept(mail, [item]) for item in (one, other, one, other)]
    assert [[ident is not None for ident in ids] for ids in answers] == [[True], [True], [False], [False]]
