"""The dispatcher: what each outcome of a send leads to, when it is tried again, and what goes first."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import select, update

from channels.contract import (
    Can,
    Channel,
    GiveUp,
    Misconfigured,
    Outgoing,
    Receipt,
    Status,
    TryLater,
    Uncertain,
)
from gateway.clock import MovedClock
from gateway.config import GatewaySettings, Limit
from gateway.failing import Failing, Missed, Recovery
from gateway.loop import Loop
from gateway.out import MOST_ATTEMPTS, Out
from store import queue
from store.db import Database, StoreUnavailable, open_database, table_of
from store.model import Attempt, Delivery, Lane, Message
from store.work import Work
from store.writer import Tx, Writer

START = datetime(2026, 3, 2, tzinfo=UTC)
SECOND = timedelta(seconds=1)


class Provider:
    """A channel that does what it is told to, in order; then it accepts."""

    def __init__(self, *script: Any) -> None:
        self.script = list(script)
        self.sent: list[str] = []
        self.held: asyncio.Event | None = None
        self.can = Can()

    async def send(self, outgoing: Outgoing) -> Receipt:
        self.sent.append(outgoing.key)
        if self.held is not None:
            await self.held.wait()
        answer = self.script.pop(0) if self.script else Receipt(provider_id=f"p-{outgoing.key}")
        if isinstance(answer, Exception):
            raise answer
        return cast("Receipt", answer)


@dataclass
class Keeping:
    """Completes like the real move and remembers what it was given."""

    missed: list[Missed] = field(default_factory=list)
    away: int = 0

    def take(self, tx: Tx, missed: Sequence[Missed]) -> list[bool]:
        if self.away:
            self.away -= 1
            raise StoreUnavailable("gone")
        self.missed += missed
        return queue.complete(tx, [one.done for one in missed])


class Recovering:
    """Takes back expired claims like the real move, without telling anybody."""

    def take(self, tx: Tx, owners: Sequence[str | None]) -> list[int]:
        return [len(queue.expired(tx, resend=frozenset({int(Lane.PAGE)}), all_owners_but=owner)) for owner in owners]


@dataclass
class Stand:
    database: Database
    writer: Writer
    clock: MovedClock
    failing: Keeping = field(default_factory=Keeping)
    loops: list[asyncio.Task[None]] = field(default_factory=list)

    def out(self, channels: Mapping[str, Provider], **settings: Any) -> Out:
        return Out(
            owner="me",
            writer=self.writer,
            channels=cast("Mapping[str, Channel]", channels),
            failing=cast("Failing", self.failing),
            recovery=cast("Recovery", Recovering()),
            clock=self.clock,
            settings=GatewaySettings(**settings),
            database=self.database,
        )

    async def put(self, key: str, destination: str = "sms:main", lane: Lane = Lane.PAGE) -> None:
        def move(tx: Tx, items: Sequence[None]) -> list[None]:
            work = Work(tx)
            message = Message(
                id=work.id(), direction="out", channel=destination, key=key, state="queued", at=tx.now, text="private"
            )
            queue.put(work, message, destination=destination, lane=lane, due=tx.now)
            work.flush()
            return [None for _ in items]

        await self.writer.do(move, None)

    async def settle(self, out: Out) -> None:
        while out.busy:  # noqa: ASYNC110 - nothing tells it
            await asyncio.sleep(0.001)

    async def send(self, out: Out) -> datetime | None:
        due = await out.step()
        await self.settle(out)
        return due

    async def running(self, out: Out) -> Loop:
        loop = Loop("send", self.clock, out.step)
        out.wake = loop.wake
        self.loops.append(asyncio.create_task(loop.run()))
        await self.calm(out, loop)
        return loop

    async def calm(self, out: Out, loop: Loop) -> None:
        calm = 0
        while calm < 3:
            await asyncio.sleep(0.001)
            calm = calm + 1 if loop.idle and not out.busy and not self.writer.pending else 0

    def rows(self, table: Any) -> list[Any]:
        with self.database.read() as connection:
            return list(connection.execute(select(table_of(table)).order_by(table_of(table).c.id)).mappings())

    def states(self) -> dict[str, str]:
        return {row["key"]: row["state"] for row in self.rows(Message)}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("out") / "start.db"
    made = open_database(f"sqlite:///{path}", now=lambda: START)
    made.migrate()
    made.close()
    return path.read_bytes()


@pytest.fixture
async def stand(template: bytes, tmp_path: Path) -> AsyncIterator[Stand]:
    (tmp_path / "s.db").write_bytes(template)
    clock = MovedClock(START)
    database = open_database(f"sqlite:///{tmp_path / 's.db'}", now=clock.now, node=1)
    writer = Writer(database, woken=lambda _names: None)
    writer.start()
    made = Stand(database, writer, clock)
    yield made
    for task in made.loops:
        task.cancel()
    await asyncio.gather(*made.loops, return_exceptions=True)
    await writer.stop()
    database.close()


async def test_a_text_that_the_provider_takes_is_sent_once(stand: Stand) -> None:
    provider = Provider(Receipt(provider_id="p1", status=Status.RINGING, segments=3))
    out = stand.out({"sms:main": provider})
    await stand.put("a")
    await stand.send(out)
    await stand.send(out)
    (attempt,) = stand.rows(Attempt)
    assert (provider.sent, stand.states(), stand.rows(Delivery)) == (["a"], {"a": "ringing"}, [])
    assert (attempt["outcome"], attempt["provider_id"], attempt["segments"]) == ("sent", "p1", 3)


PAGE, REPLY = Lane.PAGE, Lane.REPLY


@pytest.mark.parametrize(
    ("lane", "error", "expected"),
    [
        (PAGE, TryLater("busy"), ("later", "busy", 15, False)),
        (PAGE, TryLater("busy", after=timedelta(seconds=40)), ("later", "busy", 40, False)),
        (PAGE, TryLater("busy", after=timedelta(seconds=2)), ("later", "busy", 15, False)),
        (PAGE, GiveUp("no such number"), ("failed", "no such number", None, False)),
        (PAGE, Misconfigured("wrong token"), ("failed", "wrong token", None, True)),
        (PAGE, Uncertain("no answer"), ("later", "no answer", 15, False)),
        (PAGE, TimeoutError(), ("later", "no answer in time", 15, False)),
        (REPLY, TryLater("busy"), ("later", "busy", 15, False)),
        (REPLY, GiveUp("no such number"), ("failed", "no such number", None, False)),
        (REPLY, Misconfigured("wrong token"), ("failed", "wrong token", None, True)),
        (REPLY, Uncertain("no answer"), ("unknown", "no answer", None, False)),
        (REPLY, TimeoutError(), ("unknown", "no answer in time", None, False)),
        (REPLY, Receipt(provider_id="p", status=Status.FAILED), ("failed", "said at once that it failed", None, False)),
    ],
)
async def test_each_way_of_failing_has_its_outcome(
    stand: Stand, lane: Lane, error: Any, expected: tuple[str, str, int | None, bool]
) -> None:
    out = stand.out({"sms:main": Provider(error)})
    await stand.put("a", lane=lane)
    await stand.send(out)
    (missed,) = stand.failing.missed
    outcome, reason, seconds, alarm = expected
    assert (missed.done.outcome, missed.alarm) == (outcome, alarm)
    assert (missed.done.reason or "").endswith(reason)
    assert missed.done.retry_at == (None if seconds is None else START + timedelta(seconds=seconds))
    assert stand.states()["a"] == {"later": "queued"}.get(outcome, outcome)


async def test_an_error_that_nobody_foresaw_keeps_its_words_to_itself(stand: Stand) -> None:
    out = stand.out({"sms:main": Provider(ValueError("private"))})
    await stand.put("a", lane=Lane.REPLY)
    await stand.send(out)
    (missed,) = stand.failing.missed
    assert missed.done.outcome == "unknown"
    assert (missed.done.reason or "").startswith("ValueError at ")
    assert "private" not in (missed.done.reason or "")


async def test_a_page_is_tried_again_after_growing_waits(stand: Stand) -> None:
    out = stand.out({"sms:main": Provider(*[TryLater("busy")] * 9)})
    await stand.put("a")
    waits = []
    for _ in range(9):
        await stand.send(out)
        due = stand.rows(Delivery)[0]["due"]
        waits.append((due - stand.clock.now()).total_seconds())
        stand.clock.move(due)
    assert waits == [15, 30, 60, 120, 240, 480, 600, 600, 600]


async def test_a_text_that_is_no_page_is_given_up_in_the_end(stand: Stand) -> None:
    out = stand.out({"sms:main": Provider(TryLater("busy"))})
    await stand.put("a", lane=Lane.NOTICE)

    def age(tx: Tx, items: Sequence[None]) -> list[None]:
        tx.connection.execute(update(table_of(Delivery)).values(attempt=MOST_ATTEMPTS - 1))
        return [None for _ in items]

    await stand.writer.do(age, None)
    await stand.send(out)
    assert (stand.states(), stand.rows(Delivery)) == ({"a": "failed"}, [])


async def test_a_send_that_hangs_is_ended_by_the_clock(stand: Stand) -> None:
    provider = Provider()
    provider.held = asyncio.Event()
    out = stand.out({"sms:main": provider})
    await stand.put("a", lane=Lane.REPLY)
    await out.step()
    await asyncio.sleep(0.002)
    stand.clock.move(START + 15 * SECOND)
    await stand.settle(out)
    assert stand.failing.missed[0].done.reason == "no answer in time"


async def test_pages_go_before_all_others_and_slots_are_counted_per_destination(stand: Stand) -> None:
    sms, mail = Provider(), Provider()
    sms.held = mail.held = asyncio.Event()
    out = stand.out({"sms:main": sms, "email:main": mail}, senders=2)
    for key, lane in (("b1", Lane.BROADCAST), ("n", Lane.NOTICE), ("r", Lane.REPLY), ("p", Lane.PAGE)):
        await stand.put(key, lane=lane)
    await stand.put("m", "email:main", Lane.BROADCAST)
    await out.step()
    await out.step()
    await asyncio.sleep(0.002)
    assert (sms.sent, mail.sent) == (["p", "r"], ["m"])
    sms.held.set()
    await stand.settle(out)
    await stand.send(out)
    assert sms.sent == ["p", "r", "n"]  # one slot stays free of broadcasts
    await stand.send(out)
    assert sms.sent == ["p", "r", "n", "b1"]


async def test_what_a_limit_holds_back_is_sent_as_soon_as_it_may(stand: Stand) -> None:
    provider = Provider()
    out = stand.out({"sms:main": provider}, limits={"sms:main": Limit(per_second=0.1)})
    for key in "abc":
        await stand.put(key)
    loop = await stand.running(out)
    assert provider.sent == ["a"]
    for seconds, sent in ((9, ["a"]), (11, ["a", "b"]), (22, ["a", "b", "c"])):
        while (at := stand.clock.next()) is not None and at <= START + seconds * SECOND:
            stand.clock.move(at)
            await stand.calm(out, loop)
        stand.clock.move(START + seconds * SECOND)
        await stand.calm(out, loop)
        assert provider.sent == sent


async def test_texts_for_an_account_no_longer_configured_fail_and_are_seen(stand: Stand) -> None:
    provider = Provider()
    out = stand.out({"sms:main": provider})
    await stand.put("old", "sms:gone")
    await stand.put("new")
    loop = await stand.running(out)
    assert provider.sent == ["new"]
    (missed,) = stand.failing.missed
    assert (missed.done.outcome, missed.done.reason, missed.alarm) == (
        "failed",
        "sms:gone is not in the configuration",
        True,
    )
    await stand.put("later", "zz:gone")
    loop.wake()
    await stand.calm(out, loop)
    stand.clock.move(stand.clock.next() or START)
    await stand.calm(out, loop)
    assert stand.states() == {"old": "failed", "new": "sent", "later": "failed"}
    stand.clock.move(stand.clock.next() or START)
    await stand.calm(out, loop)
    assert stand.clock.next() is None


async def test_an_outcome_is_written_down_when_the_store_comes_back(stand: Stand) -> None:
    stand.failing.away = 2
    out = stand.out({"sms:main": Provider(GiveUp("no such number"))})
    await stand.put("a")
    await out.step()
    while out.busy:
        await asyncio.sleep(0.001)
        stand.clock.move(stand.clock.now() + SECOND)
    assert stand.states() == {"a": "failed"}


async def test_an_outcome_that_could_not_be_written_down_is_taken_back_when_the_lease_ends(stand: Stand) -> None:
    stand.failing.away = 1000
    provider = Provider(GiveUp("no such number"))
    out = stand.out({"sms:main": provider})
    await stand.put("a")
    await out.step()
    while out.busy:
        await asyncio.sleep(0.001)
        stand.clock.move(stand.clock.now() + SECOND)
    assert await stand.send(out) == stand.clock.now() + 5 * SECOND
    assert provider.sent == ["a"]
    stand.clock.move(START + 31 * SECOND)
    await stand.send(out)
    assert (provider.sent, stand.states()) == (["a", "a"], {"a": "sent"})
    assert [row["outcome"] for row in stand.rows(Attempt)] == ["unknown", "sent"]


async def test_what_a_dead_process_had_claimed_is_taken_back_at_the_start(stand: Stand) -> None:
    dead = stand.out({"sms:main": Provider()})
    dead.owner = "dead"
    for key, lane in (("p", Lane.PAGE), ("r", Lane.REPLY)):
        await stand.put(key, lane=lane)
    ask = queue.Ask(owner="dead", free={"sms:main": 9})
    await stand.writer.do(queue.claim, ask)
    provider = Provider()
    out = stand.out({"sms:main": provider})
    await stand.send(out)
    assert provider.sent == []
    await out.recover(alone=True)
    await stand.send(out)
    assert (provider.sent, stand.states()) == (["p"], {"p": "sent", "r": "unknown"})


async def test_the_end_waits_for_sends_under_way_but_not_for_ever(stand: Stand) -> None:
    provider = Provider()
    provider.held = asyncio.Event()
    out = stand.out({"sms:main": provider}, send_seconds=0.01)
    await stand.put("a")
    await out.step()
    await out.drain()
    assert (out.busy, stand.states()) == (False, {"a": "queued"})
    assert [row["owner"] for row in stand.rows(Delivery)] == ["me"]
