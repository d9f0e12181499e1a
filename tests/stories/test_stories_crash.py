"""Killed while a text is being sent and started again from what is on disk: the story ends the same."""

import asyncio
import sqlite3
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from channels.contract import Can, Inbound, Outgoing, Receipt, Status, Uncertain
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
  rota: {lead: zhang, second: li}
"""
STORY = (
    (0, "+8613900000001", "滨江机房全部断电，业务中断"),
    (40, "+8613900000002", "东站医院打印机坏了"),
    (250, "+8613800000101", "接单 1001"),
    (260, "+8613800000101", "1001 十分钟后到"),
    (300, "+8613800000102", "接单 1002"),
)
"""Seconds, who, what."""
END = 600


@dataclass
class Phones:
    """Everybody's phone; the process dies at the n-th thing that is sent, before anything is known of it."""

    file: Path
    dies_at: int | None
    can: Can
    name: str
    sent: list[tuple[str, str]]
    dead: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(self, outgoing: Outgoing) -> Receipt:
        if self.dead.is_set():
            raise Uncertain("nobody is there any more")
        self.sent.append((self.name, f"{outgoing.to} {outgoing.template}"))
        if len(self.sent) == self.dies_at:
            with sqlite3.connect(self.file) as here, sqlite3.connect(self.file.with_suffix(".after")) as there:
                here.backup(there)
            here.close()
            there.close()
            self.dead.set()
            raise Uncertain("nobody is there any more")
        return Receipt(provider_id=outgoing.key, status=Status.DELIVERED)

    def webhooks(self):
        return ()

    async def check(self):
        return ()

    async def close(self) -> None:
        """Nothing to give back."""


async def live(file: Path, clock: MovedClock, begin: int, sent: list[tuple[str, str]], dies_at: int | None) -> int:
    """Play the story from one second on; returns how far it came."""
    dead = asyncio.Event()
    cans = {"sms:a": Can(book="tel"), "phone:a": Can(book="tel", speaks=True)}
    channels = {n: Phones(file=file, dies_at=dies_at, can=can, name=n, sent=sent, dead=dead) for n, can in cans.items()}
    start = clock.now() - timedelta(seconds=begin)
    database = open_database(f"sqlite:///{file}", now=clock.now)
    async with House(config.parse(CONFIG, channels=False), clock=clock, database=database, channels=channels) as house:
        await settled(house, dead)
        for second in range(begin, END + 1):
            clock.move(start + timedelta(seconds=second))
            await settled(house, dead)
            for at, sender, text in STORY:
                if at == second and not dead.is_set():
                    await house.intake.accept("sms:a", [Inbound(key=f"m{at}", sender=sender, text=text)])
                    await settled(house, dead)
            if dead.is_set():
                return second
    return END


async def settled(house: House, dead: asyncio.Event) -> None:
    calm = 0
    while calm < 3 and not dead.is_set():
        await asyncio.sleep(0)
        calm = calm + 1 if house.settled() else 0
        if not calm:
            await asyncio.sleep(0.001)


def ended(file: Path) -> list[tuple[object, ...]]:
    """How the tickets stand, and what their histories say."""
    connection = sqlite3.connect(file)
    tickets = connection.execute("SELECT number, kind, level, state, owner, site, round FROM ticket ORDER BY number")
    kinds = "('opened', 'taken', 'page', 'breach', 'joined')"
    events = connection.execute(
        f"SELECT t.number, e.kind, e.actor, count(*) FROM event e JOIN ticket t ON t.id = e.ticket_id"
        f" WHERE e.kind IN {kinds} GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
    )
    found = [*tickets.fetchall(), *events.fetchall()]
    connection.close()
    return found


def claimed(file: Path) -> list[tuple[str, str]]:
    """What was being sent at that instant."""
    connection = sqlite3.connect(file)
    rows = connection.execute(
        "SELECT m.channel, m.recipient || ' ' || m.template FROM delivery d JOIN message m ON m.id = d.message_id"
        " WHERE d.owner IS NOT NULL"
    )
    found = [(row[0], row[1]) for row in rows.fetchall()]
    connection.close()
    return found


@pytest.fixture
def start(empty_file: Path, tmp_path: Path):
    """A fresh file and a clock for one life."""

    def fresh(name: str) -> tuple[Path, MovedClock]:
        file = tmp_path / f"{name}.db"
        file.write_bytes(empty_file.read_bytes())
        return file, MovedClock(datetime(2026, 11, 24, 10, 0, tzinfo=UTC))

    return fresh


@pytest.mark.parametrize("dies_at", [1, 2, 3, 4, 6, 9, 12, 13])
async def test_killed_at_a_send_and_started_again_the_end_is_the_same(start, dies_at):
    file, clock = start("whole")
    whole: list[tuple[str, str]] = []
    await live(file, clock, 0, whole, None)

    killed, clock = start("killed")
    sent: list[tuple[str, str]] = []
    second = await live(killed, clock, 0, sent, dies_at)
    after = killed.with_suffix(".after")
    in_flight = claimed(after)
    await live(after, MovedClock(clock.now()), second, sent, None)

    assert ended(after) == ended(file)
    missing, more = Counter(whole) - Counter(sent), Counter(sent) - Counter(whole)
    assert in_flight
    assert missing <= Counter(in_flight)
    assert more <= Counter(in_flight)
