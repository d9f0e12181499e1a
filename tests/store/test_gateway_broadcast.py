"""A broadcast on both databases, by one gateway and by two at once: each recipient gets exactly one message."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from sqlalchemy import select

from channels.contract import Can, Channel, Finding, GiveUp, Outgoing, Receipt, Status, TryLater, Uncertain, Webhook
from gateway import config
from gateway.app import House
from gateway.broadcast.acts import Act, Draft
from gateway.clock import MovedClock
from router.broadcast_plan import Plan
from store import contacts
from store.db import open_database, table_of
from store.model import Broadcast, Recipient

START = datetime(2026, 11, 24, 2, tzinfo=UTC)
SETTINGS = """
gateway: {broadcasts: {error_rate: 1.0}}
router:
  people:
    zhang: {name: 张三, addresses: {tel: "+8613800000101"}, rights: [broadcast]}
    li: {name: 李雷, addresses: {tel: "+8613800000102"}, rights: [broadcast, approve]}
  rota: {lead: zhang}
"""
PEOPLE = 80
PLAN = {
    "audience": {"everyone": True},
    "texts": {"zh": {"text": "{name}，新版本已发布"}},
    "waves": ["10", "rest"],
    "gate": {"hold": "5s", "success": 0.1},
}


@dataclass
class Post:
    """A provider that refuses, fails for good, or takes a message and does not say so; it counts what it took."""

    name: str
    can: Can
    took: Counter[str]
    dice: random.Random = field(default_factory=lambda: random.Random(7))

    def webhooks(self) -> Sequence[Webhook]:
        return ()

    async def send(self, outgoing: Outgoing) -> Receipt:
        await asyncio.sleep(0)
        fate = self.dice.random()
        if fate < 0.1:
            raise TryLater("busy")
        if fate < 0.16:
            raise GiveUp("no such address")
        self.took[outgoing.to] += 1
        if fate < 0.22:
            raise Uncertain("no answer")
        return Receipt(provider_id=outgoing.key, status=Status.SENT)

    async def check(self) -> Sequence[Finding]:
        return ()

    async def close(self) -> None:
        """There is nothing to give back."""


def built(url: str, clock: MovedClock, took: Counter[str], node: int) -> House:
    cans = {"sms:a": Can(book="tel"), "email:a": Can(book="email")}
    channels = {name: Post(name, can, took, random.Random(node)) for name, can in cans.items()}
    database = open_database(url, now=clock.now, node=node)
    known = config.parse(SETTINGS, channels=False)
    return House(known, clock=clock, database=database, channels=cast("Mapping[str, Channel]", channels), watches=False)


async def settle(houses: Sequence[House]) -> None:
    calm = 0
    while calm < 3:
        await asyncio.sleep(0.002)
        calm = calm + 1 if all(house.settled() for house in houses) else 0


async def forward(clock: MovedClock, houses: Sequence[House], length: timedelta) -> None:
    to = clock.now() + length
    while (at := clock.next()) is not None and at <= to:
        clock.move(at)
        await settle(houses)
    clock.move(to)
    await settle(houses)


def rows(house: House, noun: type) -> list[Any]:
    with house.database.read() as connection:
        return list(connection.execute(select(table_of(noun))).mappings())


async def prepared(house: House, clock: MovedClock, houses: Sequence[House]) -> None:
    books = (("tel", "+86139000{:05d}"), ("email", "u{}@x.example"))
    people = [
        contacts.Row(place=f"x:{n}", customer="医院", name=f"客户{n}", addresses=[(book, value.format(n))])
        for n in range(PEOPLE)
        for book, value in (books[n % 2],)
    ]
    await house.writer.do(contacts.bring, people)
    await house.broadcasts.draft(Draft(by="zhang", title="升级", plan=Plan.model_validate(PLAN)))
    assert (await house.broadcasts.act(Act(by="zhang", number=1, move="submit"))).answer == "needs_second"
    assert (await house.broadcasts.act(Act(by="li", number=1, move="approve"))).ok
    await forward(clock, houses, timedelta(seconds=5))
    assert (await house.broadcasts.act(Act(by="zhang", number=1, move="start", count=PEOPLE))).ok


def judged(house: House, took: Counter[str]) -> dict[str, int]:
    """Hold every row against what was taken, and count the states."""
    recipients = [row for row in rows(house, Recipient) if row["wave"]]
    assert len(recipients) == len({row["who"] for row in recipients}) == PEOPLE
    for row in recipients:
        wanted = {"sent": (1,), "unknown": (0, 1), "failed": (0,)}[row["state"]]
        assert took[row["address"]] in wanted, row
    return dict(Counter(row["state"] for row in recipients))


async def test_each_gets_it_once_though_it_is_paused_and_the_provider_fails(url: str) -> None:
    clock, took = MovedClock(START), Counter[str]()
    async with built(url, clock, took, 1) as house:
        await prepared(house, clock, [house])
        for _ in range(3):
            await house.broadcasts.act(Act(by="zhang", number=1, move="pause"))
            await settle([house])
            before = took.total()
            await forward(clock, [house], timedelta(minutes=1))
            assert took.total() == before
            await house.broadcasts.act(Act(by="zhang", number=1, move="resume"))
            await forward(clock, [house], timedelta(milliseconds=600))
        await forward(clock, [house], timedelta(minutes=6))
        assert rows(house, Broadcast)[0]["state"] == "done"
        states = judged(house, took)
        assert states["sent"] > states["unknown"] > 0
        assert states["failed"] > 0


@pytest.mark.postgres
async def test_two_gateways_share_one_broadcast(postgres: Any, url: str) -> None:
    if not url.startswith("postgresql"):
        pytest.skip("only PostgreSQL lets two processes write")
    clock, took = MovedClock(START), Counter[str]()
    async with built(url, clock, took, 1) as one, built(url, clock, took, 2) as two:
        await prepared(one, clock, [one, two])
        await forward(clock, [one, two], timedelta(minutes=6))
        assert rows(one, Broadcast)[0]["state"] == "done"
        judged(one, took)
