"""What must not happen to a broadcast: texts after a stop, links that are dead, people whom nobody counted."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from channels.contract import GiveUp, Status, TryLater
from gateway.broadcast.acts import Act, Reach
from gateway.broadcast.moves import Broadcasts
from store.model import Recipient
from tests.streets import CANS, SETTINGS, Street, spoiled

Town = Any
Build = Callable[..., Awaitable[Town]]


@pytest.fixture
async def street(town: Build) -> Street:
    return Street(await town(CANS, whole=SETTINGS))


@pytest.mark.parametrize(
    ("move", "state"), [pytest.param("pause", "pending", id="paused"), pytest.param("cancel", "cancelled", id="over")]
)
async def test_what_comes_back_into_the_queue_after_a_stop_is_not_sent(street: Street, move: str, state: str) -> None:
    await street.people(1)
    street.mail.hold = asyncio.Event()
    street.mail.fails = [TryLater("busy")]
    await street.draft(waves=["rest"])
    await street.act("submit")
    await street.town.forward(seconds=2)
    assert (await street.town.house.broadcasts.act(Act(by="zhang", number=1, move="start", count=1))).ok
    while street.mail.waiting < 1:  # noqa: ASYNC110 - the town never rests while a provider holds a send
        await asyncio.sleep(0.001)
    made = await street.town.house.broadcasts.act(Act(by="zhang", number=1, move=move))
    assert made.ok
    street.mail.hold.set()
    await street.town.settle()
    street.mail.fails = []
    await street.town.forward(hours=1)
    assert (street.got, street.states) == ([], {state: 1})


async def test_one_that_cannot_be_read_stops_no_other(street: Street) -> None:
    await street.people(2)
    await street.draft(waves=["rest"])
    await street.town.house.writer.do(spoiled, None)
    await street.act("submit")
    await street.town.forward(seconds=2)
    assert (await street.act("start", count=2)).ok
    await street.town.forward(minutes=3)
    assert street.broadcast["state"] == "done"


async def test_mails_that_are_put_off_do_not_hold_up_the_others(street: Street) -> None:
    await street.people(250)
    street.mail.fails = [TryLater("greylisted", after=timedelta(minutes=30))] * 120
    await street.started(waves=["rest"])
    await street.town.forward(minutes=1)
    assert street.states == {"queued": 120, "sent": 130}


async def test_a_list_that_froze_to_nobody_is_frozen_anew(street: Street) -> None:
    await street.people(2)
    await street.draft(order=["sms"], waves=["rest"])
    counted = Reach(version=1, total=2, by_sms=0, pilots=0)
    moves = Broadcasts(street.town.house.standing)
    await street.town.house.writer.do(moves.act, Act(by="zhang", number=1, move="submit", reach=counted))
    await street.town.forward(seconds=2)
    assert street.broadcast["state"] == "draft"
    await street.draft_again()
    await street.act("submit")
    await street.town.forward(seconds=2)
    assert (street.broadcast["frozen"], street.states) == (2, {"pending": 2})


async def test_receipts_do_not_push_failures_out_of_sight(street: Street) -> None:
    await street.people(100)
    street.mail.fails = [GiveUp("no")] * 5
    await street.started(waves=["rest"])
    await street.town.forward(seconds=5)
    ended = [row["ended_at"] for row in street.town.rows(Recipient) if row["state"] == "sent"]
    await street.town.forward(minutes=1)
    for one in street.mail.sent[:95]:
        await street.town.receipt("email:main", Status.DELIVERED, one)
    assert [row["ended_at"] for row in street.town.rows(Recipient) if row["state"] == "delivered"] == ended


async def test_links_hold_as_long_for_the_last_wave_as_for_the_first(street: Street) -> None:
    await street.people(3)
    await street.started(waves=["1", "rest"], link_days=1, gate={"hold": "30h"})
    await street.town.forward(hours=31)
    assert len(street.got) == 3
    assert street.broadcast["link_until"] > street.town.clock.now() + timedelta(hours=22)


async def test_an_advert_put_off_into_the_night_waits_for_the_morning(street: Street) -> None:
    await street.people(1, tel=True)
    await street.town.forward(hours=10, minutes=59)  # 21:59 in Shanghai
    street.sms.fails = [TryLater("busy", after=timedelta(minutes=2))]
    await street.started(waves=["rest"], commercial=True)
    await street.town.forward(hours=9)
    assert street.got == []
    await street.town.forward(hours=1, minutes=10)
    assert len(street.got) == 1
