"""The clocks in the store are what the history of their ticket says, after any moves at any time.

What a merge or a great outage brings in from another ticket is compared as well: its history has a line for it. Only
what another ticket met in the same second may differ, and no sequence here makes that happen.
"""

import os
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from channels.contract import Can
from gateway.commands.promises import status
from gateway.contracting import Contracting
from gateway.moves import Moves, Wish
from gateway.web.ticket import command
from router.promises import Days, terms_named
from router.retold import Run
from router.retold import read as retold
from store.contacts import Row
from store.model import Clock, Event, Ticket

CANS = {"sms:main": Can(book="tel")}
NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
OPENINGS = [
    "滨江机房全部断电，业务中断",
    "滨江机房打印机卡纸",
    "东站医院网络很慢，收费受影响",
    "我要投诉你们的服务态度",
    "您好，请问怎么申请新账号？",
    "请派人现场保障明天的重要活动，应急支援",
]
ORDERS = [
    *(["接单 {n}", "到场 {n}"] * 4),
    *(["挂起 {n} 等备件 2h", "恢复处理 {n}", "二线 {n} 现场修不好", "临时恢复 {n} 换上备机"] * 2),
    "撤销",
    "退单 {n}",
    "上报 {n}",
    "转 李雷 {n}",
    "挂起 {n} 等备件 2h",
    "挂起 {n} 等客户",
    "恢复处理 {n}",
    "临时恢复 {n} 换上备机",
    "二线 {n} 现场修不好",
    "级别 1 {n}",
    "级别 2 {n}",
    "级别 3 {n}",
    "类型 投诉 {n}",
    "类型 咨询 {n}",
    "类型 应急 {n}",
    "解决 {n} 更换电源",
    "误报 {n}",
    "备注 {n} 在路上",
    "合并 {m} {n}",
    "归属 {m} {n}",
    "分开 {m}",
]
SAID = ["{n} 还没好", "{n} 现在全部断电了，业务全部中断", "{n} 已经恢复了，谢谢"]
CONTRACTS = """
  contract:
    1: {respond: 10m, arrive: 1h, resolve: 3h}
    2: {respond: 15m, arrive: 2h, resolve: 5h}
    3: {respond: 30m, arrive: 4h, resolve: 8h}
"""


def facts(clock: Clock | Run) -> tuple[object, ...]:
    """What is compared of a clock."""
    if isinstance(clock, Run):
        broken, paused = clock.broken_at is not None, clock.paused.total_seconds()
        times = (clock.started, clock.due, clock.stopped, clock.paused_at)
    else:
        broken, paused = clock.breached_at is not None, clock.paused_seconds
        times = (clock.started_at, clock.due_at, clock.stopped_at, clock.paused_at)
    return (str(clock.kind), *(f"{at:%d %H:%M:%S}" if at else "-" for at in times), broken, paused, clock.void)


def compare(town, done: list[str]) -> None:
    settings, now = town.house.config.router, town.clock.now()
    days = Days(calendar=settings.calendar, zone=settings.zone)
    events = [Event(**row) for row in town.rows(Event)]
    clocks = [Clock(**row) for row in town.rows(Clock)]
    for row in town.rows(Ticket):
        own = [event for event in events if event.ticket_id == row["id"]]
        said = retold(own, lambda name: terms_named(settings, name), days=days, until=now)
        kept = [facts(clock) for clock in clocks if clock.ticket_id == row["id"]]
        told = "\n".join(f"{e.at:%d %H:%M:%S} {e.kind} {e.actor} {e.text} {e.more}" for e in own)
        assert [facts(run) for run in said] == kept, f"{row['number']} after {done}\n{told}"


@pytest.mark.parametrize("seed", range(int(os.environ.get("YIZHAN_SEEDS", "2"))))
async def test_the_clocks_are_what_the_history_says_after_any_moves(town, seed):
    chance = random.Random(seed)
    one = await town(CANS, CONTRACTS)
    done: list[str] = []
    for sender in ("+8613900000001", "+8613900000002"):
        text = chance.choice(OPENINGS)
        done.append(text)
        await one.say("sms:main", sender, text)
        await one.forward(seconds=chance.choice([7, 61, 500]))
    for _ in range(16):
        numbers = [row["number"] for row in one.rows(Ticket)]
        if not numbers:
            break
        first, second = chance.choice(numbers), chance.choice(numbers)
        if chance.random() < 0.15:
            text = chance.choice(SAID).format(n=first)
            sender = {row["number"]: row["reply_to"] for row in one.rows(Ticket)}[first]
            await one.say("sms:main", sender, text)
        else:
            text = chance.choice(ORDERS).format(n=first, m=second)
            await one.say("sms:main", chance.choice(["+8613800000101", "+8613800000102"]), text)
        done.append(text)
        compare(one, done)
        await one.forward(seconds=chance.choice([3, 47, 307, 1201, 4003]))
        compare(one, done)


async def test_a_contract_that_an_import_changes_counts_the_open_tickets_anew(town):
    settings = """
  contracts:
    A-17:
      1: {respond: 5m, arrive: 30m, resolve: 2h}
"""
    one = await town(CANS, settings)
    moves = Contracting(one.house.standing)
    chen = Row(place="t:1", name="Chen", customer="滨江医院", addresses=[("tel", "+8613900000001")])
    await one.house.writer.do(moves.bring, [chen])
    await one.say("sms:main", "+8613900000001", OPENINGS[0])
    await one.forward(minutes=2)
    await one.house.writer.do(moves.bring, [replace(chen, contract="A-17")])
    await one.house.writer.do(moves.bring, [replace(chen, contract="A-17")])
    lengths = [(row["kind"], row["due_at"] - row["started_at"]) for row in one.rows(Clock)]
    assert lengths == [("respond", timedelta(minutes=5)), ("arrive", timedelta(minutes=30))]
    assert [text.partition(":")[0] for text in one.history("clock")] == ["contract - -> A-17", "respond", "arrive"]
    compare(one, ["import"])
    await one.say("sms:main", "+8613800000101", "到场 1001")
    compare(one, ["arrived"])
    assert one.rows(Clock)[2]["due_at"] - one.clock.now() == timedelta(hours=2)


@pytest.mark.parametrize(
    ("move", "text", "state"),
    [
        pytest.param("hold", "waiting for a part", "on_hold", id="on hold"),
        pytest.param("workaround", "spare unit", "taken", id="a workaround"),
        pytest.param("second_line", "needs the vendor", "taken", id="the second line"),
    ],
)
async def test_a_page_makes_the_same_moves(town, move, text, state):
    one = await town(CANS)
    await one.say("sms:main", "+8613900000001", OPENINGS[0])
    await one.say("sms:main", "+8613800000101", "接单 1001")
    order = command(move, text=text)
    assert order is not None
    made = await one.house.writer.do(Moves(one.house.standing).make, Wish(person="zhang", number=1001, command=order))
    assert (made.ok, one.rows(Ticket)[0]["state"], one.history(move if move != "hold" else "held")) == (
        True,
        state,
        [text],
    )
    refused = command(move)
    assert refused is not None
    made = await one.house.writer.do(Moves(one.house.standing).make, Wish(person="zhang", number=1001, command=refused))
    assert not made.ok


@pytest.mark.parametrize(
    ("clock", "says"),
    [
        pytest.param({}, "runs, 1 h 0 min left", id="it runs"),
        pytest.param({"stopped_at": NOW - timedelta(minutes=5)}, "kept by 1 h 5 min", id="kept"),
        pytest.param({"void": True, "stopped_at": NOW}, "no longer owed", id="no longer owed"),
        pytest.param(
            {"paused_at": NOW - timedelta(minutes=30)},
            "stands still with 1 h 30 min left, stood still for 30 min",
            id="on hold",
        ),
        pytest.param(
            {"due_at": NOW - timedelta(days=2), "breached_at": NOW - timedelta(days=2)},
            "BROKEN by 2 d 0 h, and still runs",
            id="broken",
        ),
        pytest.param(
            {"due_at": NOW - timedelta(minutes=9), "breached_at": NOW, "stopped_at": NOW, "paused_seconds": 60.0},
            "BROKEN by 9 min, stood still for 1 min",
            id="broken and over",
        ),
    ],
)
def test_how_a_promise_is_told_on_the_command_line(clock, says):
    row = {"due_at": NOW + timedelta(hours=1), "stopped_at": None, "paused_at": None, "paused_seconds": 0.0}
    assert status({**row, "breached_at": None, "void": False, **clock}, NOW) == says
