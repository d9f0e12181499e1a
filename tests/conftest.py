"""What every test may ask for."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from channels.contract import Can, Finding, Inbound, Outgoing, Receipt, Status, Update, Webhook
from gateway import config
from gateway.app import House
from gateway.clock import MovedClock
from store.db import open_database, table_of
from store.model import Event, Message, Ticket

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def contracts() -> Path:
    """The providers' own descriptions and samples, which stand outside the project."""
    folder = Path(os.environ.get("YIZHAN_CONTRACTS", ROOT.parent / "shared" / "contracts"))
    if not folder.is_dir():
        pytest.skip(f"the providers' samples are not at {folder}; set YIZHAN_CONTRACTS to their folder")
    return folder


class Told:
    """A channel account that can what it is said to, keeps what is sent, and fails as it is told to."""

    def __init__(self, name: str, can: Can) -> None:
        self.name = name
        self.can = can
        self.sent: list[Outgoing] = []
        self.fails: list[Exception] = []
        """What the next sends raise, in order."""
        self.hold: asyncio.Event | None = None
        """While it is there and not set no send comes to its end."""
        self.waiting = 0

    def webhooks(self) -> Sequence[Webhook]:
        """Nobody calls."""
        return ()

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Keep what is sent, or fail."""
        if self.hold is not None:
            self.waiting += 1
            await self.hold.wait()
        if self.fails:
            raise self.fails.pop(0)
        self.sent.append(outgoing)
        return Receipt(provider_id=f"{self.name}-{len(self.sent)}", status=Status.SENT)

    async def check(self) -> Sequence[Finding]:
        """There is nothing to ask."""
        return ()

    async def close(self) -> None:
        """There is nothing to give back."""

    def texts(self, to: str | None = None) -> list[str]:
        """Return what was sent, or what was sent to somebody."""
        return [one.text for one in self.sent if to in (None, one.to)]


@dataclass
class Town:
    """A running house whose channels are `Told`s, on a clock that is moved."""

    house: House
    clock: MovedClock
    channels: dict[str, Any]
    said: list[str] = field(default_factory=list)

    async def settle(self) -> None:
        """Wait until nothing happens any more at this instant."""
        calm = 0
        while calm < 3:
            await asyncio.sleep(0.001)
            calm = calm + 1 if self.house.settled() else 0

    async def forward(self, **length: float) -> None:
        """Move the clock, each thing at its time."""
        to = self.clock.now() + timedelta(**length)
        while (at := self.clock.next()) is not None and at <= to:
            self.clock.move(at)
            await self.settle()
        self.clock.move(to)
        await self.settle()

    async def say(self, channel: str, sender: str, *texts: str, **more: Any) -> str:
        """Say something, at once and in one batch when there are several; returns the last key."""
        items = []
        for text in texts:
            self.said.append(more.pop("key", f"k{len(self.said) + 1}"))
            given = {"raw": text.encode(), **more}
            items.append(Inbound(key=self.said[-1], sender=sender, text=text, **given))
        await self.house.intake.accept(channel, items)
        await self.settle()
        return self.said[-1]

    async def receipt(self, channel: str, status: Status, outgoing: Outgoing) -> None:
        """Let a provider say what became of a text."""
        await self.house.intake.receive(channel, [Update(status=status, key=outgoing.key)])
        await self.settle()

    def rows(self, noun: type) -> list[Any]:
        """Return the rows of a table in order."""
        table = table_of(noun)
        with self.house.database.read() as connection:
            return list(connection.execute(select(table).order_by(*table.primary_key.columns)).mappings())

    @property
    def tickets(self) -> list[tuple[int, str, int | None]]:
        """Number, kind and level of every ticket."""
        return [(row["number"], row["kind"], row["level"]) for row in self.rows(Ticket)]

    @property
    def heard(self) -> dict[str, int | None]:
        """Text of every message that came to the number of its ticket."""
        numbers = {row["id"]: row["number"] for row in self.rows(Ticket)}
        return {m["text"]: numbers.get(m["ticket_id"]) for m in self.rows(Message) if m["direction"] == "in"}

    def history(self, kind: str) -> list[str]:
        """Return the words of one kind of line of history."""
        return [row["text"] for row in self.rows(Event) if row["kind"] == kind]


SETTINGS = """
gateway:
  signature: {zh: 服务台, en: Support}
router:
  time_zone: UTC
  people:
    zhang: {name: 张三, addresses: {tel: "+8613800000101", pager: "101"}}
    li: {name: 李雷, addresses: {tel: "+8613800000102"}}
  rota: {lead: zhang, second: li}
  sites: [滨江机房, 东站医院]
"""
Build = Callable[..., Awaitable[Town]]


@pytest.fixture(scope="session")
def office() -> datetime:
    """An hour at which everybody works: what happens in a sandbox must not hang on the hour at which it is tested."""
    return datetime(2026, 11, 24, 2, 0, tzinfo=UTC)  # a Tuesday, 10:00 in Shanghai


@pytest.fixture
def told() -> type[Told]:
    """The class of channels that do what they are told."""
    return Told


@pytest.fixture(scope="session")
def made_store(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A database file with all tables and nothing in it."""
    path = tmp_path_factory.mktemp("made") / "yizhan.db"
    made = open_database(f"sqlite:///{path}", now=lambda: datetime.now(UTC))
    made.migrate()
    made.close()
    return path.read_bytes()


@pytest.fixture
async def town(tmp_path: Path, made_store: bytes) -> AsyncIterator[Build]:
    """Build towns: destination to what it can do (or a channel), and YAML put to the end of the router block.

    `whole` stands in place of the usual settings, without the store.
    """
    async with AsyncExitStack() as stack:

        async def build(
            cans: dict[str, Any],
            settings: str = "",
            *,
            works: bool = True,
            watches: bool = False,
            gateway: str = "",
            whole: str = SETTINGS,
        ) -> Town:
            file = tmp_path / "yizhan.db"
            file.write_bytes(made_store)
            clock = MovedClock(datetime(2026, 11, 24, 3, 0, tzinfo=UTC))
            channels = {name: Told(name, can) if isinstance(can, Can) else can for name, can in cans.items()}
            said = whole.replace("router:", f"{gateway}router:", 1)
            known = config.parse(f"{said}{settings}\nstore: {{url: 'sqlite:///{file}'}}\n", channels=False)
            house = House(known, clock=clock, channels=channels, works=works, watches=watches)
            await stack.enter_async_context(house)
            return Town(house=house, clock=clock, channels=channels)

        yield build
