"""The gateway watches itself: what is forgotten is found, who falls silent is missed, the heartbeat tells the truth."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from sqlalchemy import delete, insert, update

from channels.contract import Can
from store.db import StoreUnavailable, table_of
from store.model import Clock, Pulse, Ticket, Timer

SMS = Can(book="tel")
OUTAGE = "滨江机房全部断电，业务中断"
CHEN = "+8613900000001"
ZHANG = "+8613800000101"


async def write(town: Any, *statements: Any) -> None:
    """Do to the store what no code of ours would."""

    def move(tx: Any, items: Any) -> list[None]:
        for statement in statements:
            tx.connection.execute(statement)
        tx.wake("due")
        return [None] * len(items)

    await town.house.writer.do(move, None)


# the sweep


async def test_a_ladder_that_lost_its_next_rung_is_found_within_a_minute_and_told_once(town: Any) -> None:
    here = await town({"sms:main": SMS}, watches=True)
    await here.say("sms:main", CHEN, OUTAGE)
    await write(here, delete(table_of(Timer)).where(table_of(Timer).c.kind == "step"))
    await here.forward(minutes=2)
    assert here.history("alarm") == ["no rung ahead: asked again"]
    await here.forward(minutes=5)
    assert here.history("alarm") == ["no rung ahead: asked again"]
    assert [row["kind"] for row in here.rows(Timer) if row["kind"] == "step"] == ["step"]


async def test_a_promise_whose_breach_is_not_planned_is_guarded_again(town: Any) -> None:
    here = await town({"sms:main": SMS}, watches=True)
    await here.say("sms:main", CHEN, OUTAGE)
    await here.say("sms:main", ZHANG, "1")
    await write(here, delete(table_of(Timer)).where(table_of(Timer).c.kind == "clock"))
    await here.forward(minutes=2)
    running = {row["kind"] for row in here.rows(Clock) if row["stopped_at"] is None}
    planned = {(row["about"], row["part"]) for row in here.rows(Timer) if row["kind"] == "clock"}
    assert running
    assert planned == {(kind, 1.0) for kind in running}
    assert here.history("alarm") == [f"the breach of {kind} was not planned: planned again" for kind in sorted(running)]
    await here.forward(hours=2)
    assert here.history("breach") == ["arrive"]


async def test_a_question_that_was_taken_and_left_is_brought_to_mind_a_day_later_in_office_hours(town: Any) -> None:
    here = await town({"sms:main": SMS}, "  untouched_after: 1d\n", watches=True)
    await here.say("sms:main", CHEN, "请问数据库授权怎么续期？")
    await here.say("sms:main", ZHANG, "接单 1001")
    await write(here, delete(table_of(Timer)).where(table_of(Timer).c.kind != "untouched"))
    await here.forward(minutes=2)
    ahead = [(row["kind"], row["due"]) for row in here.rows(Timer)]
    assert ahead == [("untouched", datetime(2026, 11, 25, 8, 30, tzinfo=UTC))]
    assert here.history("alarm") == []
    await write(here, update(table_of(Timer)).values(due=here.clock.now() + timedelta(minutes=1)))
    await here.forward(minutes=2)
    assert not [text for text in here.channels["sms:main"].texts(ZHANG) if "很久没有动静" in text]
    await write(here, update(table_of(Ticket)).values(opened_at=here.clock.now() - timedelta(days=9), taken_at=None))
    await write(here, update(table_of(Ticket)).values(heard_at=here.clock.now() - timedelta(days=9), touched_at=None))
    await write(here, update(table_of(Timer)).values(due=here.clock.now() + timedelta(hours=6)))
    await here.forward(hours=6, minutes=1)
    (text,) = [text for text in here.channels["sms:main"].texts(ZHANG) if "很久没有动静" in text]
    assert text.startswith("【服务台】1001很久没有动静，现在")
    assert [row["kind"] for row in here.rows(Timer)] == ["untouched"]


async def test_due_times_that_nobody_acts_on_are_told_of_once_and_acted_on(town: Any) -> None:
    here = await town({"sms:main": SMS}, watches=True)
    stuck, here.house.due.fire = here.house.due.fire, lost
    await write(here, insert(table_of(Timer)).values(late(here)))
    here.house.wake(frozenset({"due"}))
    await here.forward(minutes=6)
    (alarm,) = here.history("alarm")
    assert alarm.startswith("due times passed more than two minutes ago and nothing followed; the oldest: close")
    here.house.due.fire = stuck
    await here.forward(minutes=2)
    assert [row["about"] for row in here.rows(Timer) if row["kind"] == "close"] == []
    assert [row["alarmed_at"] for row in here.rows(Pulse) if row["name"] == "due times"] == [None]


def lost(tx: Any, asks: Any) -> list[tuple[int, None]]:
    """Fire nothing and know of nothing ahead."""
    del tx
    return [(0, None)] * len(asks)


def late(here: Any) -> dict[str, Any]:
    return {
        "id": 1,
        "due": here.clock.now() - timedelta(minutes=1),
        "kind": "close",
        "ticket_id": 7,
        "round": 0,
        "about": "",
        "part": 0.0,
    }


# signs of life


SILENCE = "  silence: {'email:support': 30m}\n"


async def test_an_account_that_falls_silent_is_missed_once_and_its_return_is_told(town: Any) -> None:
    cans = {"sms:main": SMS, "email:support": Can(book="email")}
    here = await town(cans, watches=True, gateway=SILENCE)
    sms = here.channels["sms:main"]
    await here.say("email:support", "chen@x.cn", "请问数据库授权怎么续期？")
    await here.forward(minutes=29)
    assert here.history("alarm") == []
    await here.forward(minutes=3)
    assert here.history("alarm") == ["email:support gave no sign of life since 2026-11-24 03:00Z"]
    await here.forward(hours=1)
    told = [text for text in sms.texts(ZHANG) if "没有动静" in text]
    assert told == ["【服务台】email:support已31分钟没有动静，可能已断，请检查。"]
    await here.say("email:support", "chen@x.cn", "还在等")
    await here.forward(minutes=1)
    assert here.history("alarm")[1:] == ["email:support lives again"]
    assert sms.texts(ZHANG)[-1] == "【服务台】恢复正常：email:support"


async def test_a_sign_of_life_is_written_once_a_minute_and_a_text_that_left_is_one(town: Any) -> None:
    here = await town({"sms:main": SMS})
    written: list[str] = []
    write_down = here.house.signs._writer.do

    async def counted(move: Any, item: Any) -> Any:
        if move.__name__ == "beat":
            written.append(item.name)
        return await write_down(move, item)

    here.house.signs._writer = type("Counted", (), {"do": staticmethod(counted)})()
    await here.say("sms:main", CHEN, OUTAGE)
    await here.forward(seconds=59)
    assert written == ["sms:main"]
    await here.forward(seconds=2)
    assert written == ["sms:main"] * 2
    (row,) = here.rows(Pulse)
    assert (row["name"], row["note"]) == ("sms:main", "a text left")


# the heartbeat


class Outside:
    """What rings somebody when it is no longer asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.status = 200

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(f"{request.method} {request.path}")
        return web.Response(status=self.status)


@pytest.fixture
async def outside() -> AsyncIterator[Outside]:
    """A server on loopback."""
    here = Outside()
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", here.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    here.url = f"http://127.0.0.1:{runner.addresses[0][1]}/ping/quite-secret"  # type: ignore[attr-defined]
    yield here
    await runner.cleanup()


@pytest.fixture
def heartbeat(outside: Any, tmp_path: Path) -> str:
    """The block that asks for it."""
    (tmp_path / "url").write_text(outside.url)
    return f"  heartbeat: {{url: {{file: {tmp_path / 'url'}}}, method: POST}}\n"


def held(here: Any) -> list[str]:
    return [row["note"] for row in here.rows(Pulse) if row["name"] == "heartbeat held back"]


async def test_the_heartbeat_leaves_after_each_whole_cycle(town: Any, outside: Outside, heartbeat: str) -> None:
    here = await town({"sms:main": SMS}, watches=True, gateway=heartbeat)
    await here.settle()
    assert outside.asked == []
    await here.forward(minutes=3)
    assert outside.asked == ["POST /ping/quite-secret"] * 3
    assert {row["name"]: row["at"] for row in here.rows(Pulse)}["heartbeat"] == here.clock.now()
    assert held(here) == []


async def test_no_heartbeat_leaves_while_a_page_is_not_sent(
    town: Any, outside: Outside, heartbeat: str, capsys: pytest.CaptureFixture[str]
) -> None:
    here = await town({"sms:main": SMS}, watches=True, gateway=heartbeat)
    step = here.house.out.step

    async def idle() -> None:
        return None

    here.house.loops["send"]._step = idle
    await here.say("sms:main", CHEN, OUTAGE)
    await here.forward(minutes=4)
    assert len(outside.asked) == 1
    assert held(here) == ["a page is overdue by 240 s"]
    here.house.loops["send"]._step = step
    here.house.loops["send"].wake()
    await here.settle()
    await here.forward(minutes=2)
    assert len(outside.asked) == 3
    said = capsys.readouterr()
    assert "quite-secret" not in said.out + said.err


async def test_no_heartbeat_leaves_while_a_loop_hangs_or_nothing_can_be_written(
    town: Any, outside: Outside, heartbeat: str
) -> None:
    here = await town({"sms:main": SMS}, watches=True, gateway=heartbeat)
    await here.settle()
    here.house.loops["judge"].busy_since = here.clock.now()
    await here.forward(minutes=1)
    assert (outside.asked, held(here)) == ([], ["loop judge is at the same step all the time"])
    here.house.loops["judge"].busy_since = None
    here.house.beating._writer = Dead()
    await here.forward(minutes=1)
    assert outside.asked == []
    here.house.beating._writer = here.house.writer
    await here.forward(minutes=1)
    assert len(outside.asked) == 1


class Dead:
    async def do(self, move: Any, item: Any) -> Any:
        raise StoreUnavailable("gone")


async def test_a_heartbeat_that_does_not_arrive_is_counted_and_said_without_the_address(
    town: Any, outside: Outside, heartbeat: str
) -> None:
    here = await town({"sms:main": SMS}, watches=True, gateway=heartbeat)
    outside.status = 500
    await here.settle()
    await here.forward(minutes=1)
    assert held(here) == ["the address answered 500"]
    assert 'yizhan_heartbeats_total{outcome="failed"} 1.0' in here.house.metrics.text().decode()
    assert "heartbeat" not in {row["name"] for row in here.rows(Pulse)}
