"""Alarms for what was set aside: told once, a line of history each, and never a flood of texts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import select

from channels.contract import Can
from gateway.alarms import MOST, Alarms
from gateway.clock import MovedClock
from gateway.config import parse
from gateway.standing import Standing, Ways
from router.rules import Table
from store import inbox, judging, quarantine
from store.db import Database, open_database, table_of
from store.inbox import Arrival, Bring, Broken
from store.model import Event, Message, Quarantine
from store.writer import Writer

START = datetime(2026, 3, 2, tzinfo=UTC)
CONFIG = """\
router:
  people:
    zhang: {name: 张三, addresses: {tel: "+8613800000101"}}
    wang: {name: 王经理, addresses: {tel: "+8613800000103"}}
  rota: {lead: zhang, manager: wang}
"""


@dataclass
class Stand:
    clock: MovedClock
    database: Database
    writer: Writer
    alarms: Alarms

    async def aside(self, *keys: str, at: datetime = START, why: str = "too deep") -> None:
        items = tuple(
            Broken(channel="email:support", key=key, at=at, where="part 3", why=why, raw=b"x") for key in keys
        )
        await self.writer.do(inbox.accept, Bring(items=items))

    async def tell(self) -> int:
        return await self.writer.do(self.alarms.quarantined, None)

    def rows(self, table: Any) -> list[Any]:
        with self.database.read() as connection:
            return list(connection.execute(select(table_of(table)).order_by(table_of(table).c.id)).mappings())

    def texts(self) -> list[tuple[str, str]]:
        return [(row["recipient"], row["text"]) for row in self.rows(Message)]

    def lines(self) -> list[str]:
        return [row["text"] for row in self.rows(Event) if row["kind"] == "quarantined"]


@pytest.fixture
async def stand(tmp_path: Path) -> AsyncIterator[Stand]:
    clock = MovedClock(START)
    database = open_database(f"sqlite:///{tmp_path / 's.db'}", now=clock.now, node=1)
    database.migrate()
    writer = Writer(database, woken=lambda _names: None)
    writer.start()
    ways = Ways(can={"sms:main": Can(book="tel")})
    alarms = Alarms(Standing(config=parse(CONFIG), ways=ways, table=cast("Table", None), judges=()))
    yield Stand(clock, database, writer, alarms)
    await writer.stop()
    database.close()


async def test_the_manager_is_told_what_was_set_aside_and_why(stand: Stand) -> None:
    await stand.aside("a")
    assert await stand.tell() == 1
    assert stand.lines() == ["email:support part 3: too deep"]
    assert stand.texts() == [("+8613800000103", "【服务台】系统告警：email:support part 3: too deep")]


async def test_what_was_told_is_not_told_again(stand: Stand) -> None:
    await stand.aside("a")
    assert [await stand.tell(), await stand.tell()] == [1, 0]
    await stand.aside("a")
    assert (await stand.tell(), len(stand.texts())) == (0, 1)


async def test_what_the_clock_of_another_process_dates_later_is_told_once(stand: Stand) -> None:
    await stand.aside("a", at=START + timedelta(seconds=3))
    assert [await stand.tell(), await stand.tell()] == [1, 0]


async def test_what_was_released_before_anybody_was_told_is_not_told(stand: Stand) -> None:
    await stand.aside("a")
    await stand.writer.do(quarantine.release, stand.rows(Quarantine)[0]["id"])
    assert (await stand.tell(), stand.texts()) == (0, [])


async def test_a_message_that_fails_again_after_its_release_is_told_again(stand: Stand) -> None:
    item = Arrival(channel="email:support", key="m", at=START, sender="a@b.cn", text="x")
    ((ident,),) = (await stand.writer.do(inbox.accept, Bring(items=(item,))),)
    unjudged = judging.Unjudged(message_id=ident or 0, where="judge", why="KeyError")
    for _ in range(2):
        await stand.writer.do(judging.set_aside, unjudged)
        assert await stand.tell() == 1
        stand.clock.move(stand.clock.now() + timedelta(minutes=1))
        await stand.writer.do(quarantine.release, stand.rows(Quarantine)[0]["id"])
    assert stand.lines() == ["email:support judge: KeyError"] * 2


async def test_a_flood_in_one_go_is_a_few_texts_and_every_line_of_history(stand: Stand) -> None:
    await stand.aside(*(f"k{n}" for n in range(30)))
    assert await stand.tell() == 30
    assert (len(stand.lines()), len(stand.texts())) == (30, MOST)


async def test_a_flood_one_by_one_is_a_few_texts_an_hour(stand: Stand) -> None:
    for n in range(20):
        await stand.aside(f"k{n}", at=stand.clock.now())
        await stand.tell()
        stand.clock.move(stand.clock.now() + timedelta(seconds=1))
    assert (len(stand.lines()), len(stand.texts())) == (20, MOST)
    stand.clock.move(START + timedelta(hours=2))
    await stand.aside("later", at=stand.clock.now())
    await stand.tell()
    assert len(stand.texts()) == MOST + 1


async def test_a_long_reason_is_shortened_in_the_text(stand: Stand) -> None:
    await stand.aside("a", why="x" * 5000)
    await stand.tell()
    assert len(stand.texts()[0][1]) < 250
    assert len(stand.lines()[0]) > 5000
