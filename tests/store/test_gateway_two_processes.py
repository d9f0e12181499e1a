"""Two gateways over one database: each text is sent once, a mailbox is read by one of them, each mail is kept once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from channels.contract import Accept, Can, Channel, Inbound, Outgoing, Polled, Receipt
from gateway.app import House
from gateway.clock import MovedClock, SystemClock
from gateway.config import GatewaySettings, parse
from gateway.failing import Failing, Receipts, Recovery
from gateway.intake import Intake
from gateway.judge import Judge
from gateway.out import SAFETY_NET, Out
from gateway.polling import Hands, Polling
from gateway.standing import Ways
from store import inbox, queue
from store.db import Database, table_of
from store.inbox import Arrival, Bring
from store.model import Lane, Message, Poll, Ticket
from store.work import Work
from store.writer import Tx, Writer

pytestmark = pytest.mark.postgres


@pytest.fixture
def kind() -> str:
    """Only PostgreSQL lets two processes write."""
    return "postgres"


@dataclass
class Provider:
    """Remembers what was sent, by whichever process."""

    sent: Counter[str] = field(default_factory=Counter)
    can: Can = field(default_factory=Can)

    async def send(self, outgoing: Outgoing) -> Receipt:
        self.sent[outgoing.key] += 1
        await asyncio.sleep(0.001)
        return Receipt(provider_id=outgoing.key)


class Recovering:
    """Takes back expired claims, without telling anybody."""

    def take(self, tx: Tx, owners: Sequence[str | None]) -> list[int]:
        return [len(queue.expired(tx, resend=frozenset({0}), all_owners_but=owner)) for owner in owners]


@dataclass
class Mailbox:
    """A mailbox with ten mails whose reading takes a moment."""

    name: str = "email:support"
    times: Sequence[str] = ("00:00",)
    every: timedelta | None = None
    looks: int = 0
    go: asyncio.Event = field(default_factory=asyncio.Event)

    async def poll(self, cursor: str | None, accept: Accept) -> Polled:
        self.looks += 1
        await self.go.wait()
        await accept([Inbound(key=f"mail-{n}", sender="a@b.cn", text="x") for n in range(10)], cursor="10")
        return Polled(first=1, last=10, count=10)


@pytest.fixture
async def processes(url: str, opened: Callable[..., Database]) -> AsyncIterator[list[tuple[Database, Writer]]]:
    made = []
    for node in (1, 2):
        database = opened(url, node=node)
        writer = Writer(database, woken=lambda _names: None)
        writer.start()
        made.append((database, writer))
    yield made
    for _, writer in made:
        await writer.stop()


def put(tx: Tx, keys: Sequence[str]) -> list[None]:
    work = Work(tx)
    for key in keys:
        message = Message(id=work.id(), direction="out", channel="sms:main", key=key, state="queued", at=tx.now)
        queue.put(work, message, destination="sms:main", lane=Lane.PAGE, due=tx.now)
    work.flush()
    return [None for _ in keys]


def out(owner: str, database: Database, writer: Writer, provider: Provider) -> Out:
    return Out(
        owner=owner,
        writer=writer,
        channels=cast("Mapping[str, Channel]", {"sms:main": provider}),
        failing=cast("Failing", None),
        recovery=cast("Recovery", Recovering()),
        clock=SystemClock(),
        settings=GatewaySettings(senders=7),
        database=database,
    )


def rows(database: Database, table: Any) -> list[Any]:
    with database.read() as connection:
        return list(connection.execute(select(table_of(table)).order_by(table_of(table).c.id)).mappings())


async def test_two_dispatchers_send_each_text_once(processes: list[tuple[Database, Writer]]) -> None:
    provider = Provider()
    await asyncio.gather(*(processes[0][1].do(put, f"m{n}") for n in range(60)))
    both = [out(f"p{place}", *process, provider) for place, process in enumerate(processes)]
    while any(row["state"] == "queued" for row in rows(processes[0][0], Message)):
        await asyncio.gather(*(one.step() for one in both))
        await asyncio.sleep(0.002)
    for one in both:
        await one.drain()
    assert provider.sent == {f"m{n}": 1 for n in range(60)}
    assert {row["state"] for row in rows(processes[0][0], Message)} == {"sent"}


def polling(owner: str, process: tuple[Database, Writer], box: Mailbox) -> Polling:
    database, writer = process
    clock = SystemClock()
    hands = Hands(
        database=database,
        writer=writer,
        intake=Intake(database, writer, cast("Judge", None), cast("Receipts", None), clock, ways=Ways(can={})),
        clock=clock,
        zone=ZoneInfo("Asia/Shanghai"),
        owner=owner,
    )
    return Polling(box, hands)


async def test_a_mailbox_is_read_by_one_of_two(processes: list[tuple[Database, Writer]]) -> None:
    box = Mailbox()
    first, second = (polling(f"p{place}", process, box) for place, process in enumerate(processes))
    reading = asyncio.create_task(first.step())
    while not box.looks:  # noqa: ASYNC110 - nothing tells it
        await asyncio.sleep(0.001)
    again = await second.step()
    assert again is not None
    assert timedelta(seconds=50) < again - datetime.now(UTC) <= timedelta(minutes=1)
    box.go.set()
    await reading
    await second.step()
    assert box.looks == 1
    assert [(row["count"], row["error"]) for row in rows(processes[0][0], Poll)] == [(10, None)]


async def test_mails_read_by_both_are_kept_once(processes: list[tuple[Database, Writer]]) -> None:
    boxes = [Mailbox(name="email:support") for _ in processes]
    for box in boxes:
        box.go.set()
    both = [polling(f"p{place}", process, boxes[place]) for place, process in enumerate(processes)]
    for one in both:
        one.asked = True
        await one.step()
    assert [box.looks for box in boxes] == [1, 1]
    assert sorted(row["key"] for row in rows(processes[0][0], Message)) == sorted(f"mail-{n}" for n in range(10))
    assert [row["count"] for row in rows(processes[0][0], Poll)] == [10, 0]


async def test_what_a_process_took_in_and_died_before_telling_is_judged_by_the_other(
    processes: list[tuple[Database, Writer]],
) -> None:
    settings = parse(
        "router: {people: {a: {name: A, addresses: {tel: '+8613800000101'}}}, rota: {lead: a}}", channels=False
    )
    clock = MovedClock(datetime.now(UTC))
    async with House(settings, clock=clock, database=processes[1][0], channels={}) as house:
        while not house.settled():  # noqa: ASYNC110 - nothing tells it
            await asyncio.sleep(0.001)
        arrival = Arrival(channel="sms:main", key="m1", at=clock.now(), sender="+8613900000001", text="机房断电")
        await processes[0][1].do(inbox.accept, Bring(items=(arrival,)))
        clock.move(clock.now() + SAFETY_NET)
        async with asyncio.timeout(20):
            while rows(processes[0][0], Message)[0]["state"] == "new":  # noqa: ASYNC110
                await asyncio.sleep(0.005)
        assert rows(processes[0][0], Ticket)[0]["number"] == 1001
