"""Shifts over a restart: a house that dies between two due times reminds, asks and stands in once."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from channels.contract import Can, Outgoing, Receipt, Status
from gateway import config
from gateway.app import House
from gateway.clock import MovedClock
from store.db import open_database

CONFIG = """
router:
  time_zone: UTC
  people:
    zhang: {name: 张三, addresses: {tel: "+8613800000101"}}
    li: {name: 李雷, addresses: {tel: "+8613800000102"}}
  rota:
    layers: [{name: days, people: [li, zhang], every: daily, begins: "2026-11-23 08:00"}]
  handover: {post: {group: "chat:main|-100"}}
"""
PEOPLE = {"+8613800000101": "zhang", "+8613800000102": "li", "": "group"}


@dataclass
class Channel:
    """Keeps what is sent."""

    can: Can
    clock: MovedClock
    sent: list[str] = field(default_factory=list)

    async def send(self, outgoing: Outgoing) -> Receipt:
        self.sent.append(f"{self.clock.now():%d %H:%M} {PEOPLE[outgoing.to]} {outgoing.template}")
        return Receipt(provider_id=outgoing.key, status=Status.DELIVERED)

    def webhooks(self):
        return ()

    async def check(self):
        return ()

    async def close(self) -> None:
        """Nothing to give back."""


async def lived(file: Path, spans: list[tuple[str, str]]) -> list[str]:
    """Let a house live from one instant to another, again and again on one store; returns what was sent."""
    clock = MovedClock(datetime.fromisoformat(spans[0][0]).replace(tzinfo=UTC))
    cans = {"sms:main": Can(book="tel"), "chat:main": Can(book="chat", groups=True, chats=True)}
    sent: list[str] = []
    for begin, end in spans:
        clock.move(datetime.fromisoformat(begin).replace(tzinfo=UTC))
        channels: dict[str, Any] = {name: Channel(can=can, clock=clock, sent=sent) for name, can in cans.items()}
        database = open_database(f"sqlite:///{file}", now=clock.now)
        known = config.parse(CONFIG, channels=False)
        async with House(known, clock=clock, database=database, channels=channels) as house:
            last = datetime.fromisoformat(end).replace(tzinfo=UTC)
            await settle(house)
            while (at := clock.next()) is not None and at <= last:
                clock.move(at)
                await settle(house)
            clock.move(last)
            await settle(house)
    return sent


async def settle(house: House) -> None:
    calm = 0
    while calm < 3:
        await asyncio.sleep(0.001)
        calm = calm + 1 if house.settled() else 0


ALL = [
    "24 08:00 zhang handover",
    "24 08:00 li shift_reminder",
    "24 08:15 li handover_kept",
    "24 08:15 zhang handover_late",
]


@pytest.mark.parametrize(
    "spans",
    [
        pytest.param([("2026-11-24 07:30", "2026-11-24 09:00")], id="one life"),
        pytest.param(
            [("2026-11-24 07:30", "2026-11-24 07:59"), ("2026-11-24 07:59:30", "2026-11-24 09:00")],
            id="before it begins",
        ),
        pytest.param(
            [("2026-11-24 07:30", "2026-11-24 08:05"), ("2026-11-24 08:06", "2026-11-24 09:00")], id="while it is asked"
        ),
        pytest.param(
            [("2026-11-24 07:30", "2026-11-24 08:20"), ("2026-11-24 08:21", "2026-11-24 09:00")], id="while one stays"
        ),
    ],
)
async def test_a_hand_over_is_asked_and_settled_once_over_a_restart(tmp_path, spans):
    assert sorted(await lived(tmp_path / "yizhan.db", spans)) == sorted(ALL)


async def test_what_was_due_while_nobody_was_there_comes_late_and_once(tmp_path):
    spans = [("2026-11-24 07:30", "2026-11-24 07:50"), ("2026-11-24 10:00", "2026-11-24 10:20")]
    assert sorted(await lived(tmp_path / "yizhan.db", spans)) == [
        "24 10:00 li shift_reminder",
        "24 10:00 zhang handover",
        "24 10:15 li handover_kept",
        "24 10:15 zhang handover_late",
    ]


async def test_the_group_hears_once_every_monday_who_is_on_call(tmp_path):
    spans = [("2026-11-30 06:00", "2026-11-30 07:00"), ("2026-11-30 07:30", "2026-11-30 12:00")]
    sent = await lived(tmp_path / "yizhan.db", spans)
    assert [one for one in sent if "group" in one] == ["30 09:00 group duty_week"]
