"""The world around one channel: its simulator, a small gateway, a provider that fails, and a ban on other networks."""

import asyncio
import heapq
import ipaddress
import itertools
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from channels import registry
from channels.contract import (
    Around,
    Channel,
    Inbound,
    Malformed,
    Outgoing,
    Parsed,
    Polls,
    Refused,
    Reply,
    Spoken,
    Unreadable,
    Update,
    Webhook,
    Wire,
)
from channels.powers import Listens
from channels.settings import Settings
from channels.simulation import Simulator

START = datetime(2026, 11, 20, 3, 12, tzinfo=UTC)
TEXT = "【华信服务】P1 1042 滨江机房：机柜无供电。限03:27前接单。回1接单 2上报 3稍后"
A_NUMBER = "+8613800138000"
VARIABLES = {
    "sign": "【华信服务】",
    "level": "P1",
    "number": "1042",
    "site": "滨江机房",
    "symptom": "机柜无供电",
    "until": "03:27",
}
"""What the words of TEXT are made of, for providers that send approved templates only."""


class Clock:
    """A clock that only moves when it is told to."""

    def __init__(self) -> None:
        self._now = START
        self._order = itertools.count()
        self._sleepers: list[tuple[datetime, int, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        return self._now

    async def sleep(self, length: timedelta) -> None:
        until: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._now + length, next(self._order), until))
        await until

    async def advance(self, length: timedelta) -> None:
        goal = self._now + length
        while self._sleepers and self._sleepers[0][0] <= goal:
            self._now, _, until = heapq.heappop(self._sleepers)
            if not until.done():
                until.set_result(None)
        self._now = goal
        await asyncio.sleep(0)


@dataclass
class Gateway:
    """Serves a channel's webhooks as the real one does, and keeps what came."""

    channel: Channel | None = None
    url: str = ""
    wires: list[Wire] = field(default_factory=list)
    parsed: list[Parsed] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    spoken: Spoken = field(default_factory=lambda: Spoken(text="已为您接单，再见。"))
    fails: int = 0
    """How many of the next requests end in 500."""
    heard: list[Inbound | Unreadable] = field(default_factory=list)
    """What came by a connection of the channel's own, or by a poll."""
    told: list[Update] = field(default_factory=list)
    cursor: str | None = None
    duty: tuple[str, ...] = ("+8613800000101",)
    """Where the people on duty are reached, for callers who wait to be put through."""

    async def serve(self, request: web.Request) -> web.Response:
        wire = Wire(
            method=request.method,
            url=f"{self.url}{request.path_qs}",
            path=request.path.removeprefix(f"/in/{request.match_info['channel']}/main"),
            headers={name.lower(): value for name, value in request.headers.items()},
            query=dict(request.query),
            body=await request.read(),
            at=START,
        )
        reply = self.answer(wire)
        self.statuses.append(reply.status)
        return web.Response(status=reply.status, body=reply.body, headers={"Content-Type": reply.type})

    def answer(self, wire: Wire) -> Reply:
        if self.fails:
            self.fails -= 1
            return Reply(status=500)
        assert self.channel is not None
        self.wires.append(wire)
        try:
            parsed = webhook_of(self.channel, wire).read(wire)
        except Refused:
            return Reply(status=403)
        except Malformed:
            return Reply(status=400)
        self.parsed.append(parsed)
        if parsed.connect:
            return parsed.connect(self.duty)
        return parsed.answer(self.spoken) if parsed.answer else parsed.reply

    async def accept(self, items, *, cursor=None):
        known = {one.key for one in self.heard}
        self.heard += [item for item in items if item.key not in known]
        self.cursor = cursor or self.cursor
        return sum(item.key not in known for item in items)

    async def receipts(self, updates):
        self.told += updates

    @property
    def inbounds(self):
        """Every message, by whatever way it came."""
        pushed = [inbound for parsed in self.parsed for inbound in parsed.inbounds]
        return [*pushed, *(one for one in self.heard if isinstance(one, Inbound))]

    @property
    def updates(self):
        return [update for parsed in self.parsed for update in parsed.updates] + self.told


class GivenTokens:
    """Access tokens that nobody has to be asked for."""

    async def get(self, name, ask, *, refused=None):
        del name, ask, refused
        return "given"


@dataclass
class House:
    """One channel, its simulator and the gateway between them."""

    name: str
    channel: Channel
    simulator: Any
    gateway: Gateway
    clock: Clock
    block: dict[str, Any]
    folder: Path
    quotes: str | None = None
    """The message of theirs that a text of ours answers, where only those can be sent."""
    _turns: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def person(self) -> str:
        """An ordinary person of this provider, who may be written to."""
        return getattr(self.simulator, "person", A_NUMBER)

    def exempt(self, what: str) -> None:
        """Skip what cannot be asked of this provider; its simulator says why."""
        why = getattr(self.simulator, "exempt", {}).get(what)
        if why:
            pytest.skip(f"{self.name}: {why}")

    def outgoing(self, text: str = TEXT, **more: Any) -> Outgoing:
        base = {"key": "d-1", "to": self.person, "text": text, "subject": "1042", "template": "page"}
        said = {"variables": VARIABLES, "quotes": self.quotes, "turn": next(self._turns)}
        return Outgoing(**base | said | more)

    def rebuilt(self, **changes: Any) -> Channel:
        """The channel at another address; it has its access token already."""
        return build(self.name, {**self.block, **changes}, self.gateway.url, self.clock, tokens=GivenTokens())

    async def settled(self) -> None:
        await until(lambda: not self.simulator.busy())

    async def say(self, text: str = TEXT, **more: Any) -> str:
        """Somebody says something, and it is brought in by whatever way this channel has."""
        before = len(self.gateway.inbounds)
        key: str = await self.simulator.say(**{"sender": self.person, "text": text} | more)
        await self.settled()
        if isinstance(self.channel, Polls):
            await self.channel.poll(self.gateway.cursor, self.gateway.accept)
        elif isinstance(self.channel, Listens):
            await self._comes(before)
        return key

    async def _comes(self, before: int) -> None:
        """Wait for a message; what looks at intervals is given the time for it."""
        for _ in range(40):
            for _ in range(20):
                if len(self.gateway.inbounds) > before:
                    return
                await asyncio.sleep(0.002)
            await self.clock.advance(timedelta(seconds=5))
        pytest.fail("the message did not come in time")

    async def visited(self) -> list[Wire]:
        """Genuine requests of every kind that this provider makes."""
        if self.channel.can.sends:
            await self.channel.send(self.outgoing())
            await self.settled()
        if self.channel.can.receives:
            await self.say()
        if hasattr(self.simulator, "press"):
            await self.simulator.press(self.person, "1")
        await self.settled()
        return list(self.gateway.wires)


@dataclass
class Faulty:
    """A provider that answers every request in one wrong way."""

    status: int = 500
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b"{}"
    how: str = "answers"
    """answers, hangs (reads and says nothing), closes (reads and closes)."""
    url: str = ""
    open: int = 0
    requests: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open += 1
        try:
            while await self._once(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the client went, as clients do
        finally:
            self.open -= 1
            writer.close()

    async def _once(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = next((int(line[15:]) for line in head.splitlines() if line.startswith("content-length:")), 0)
        await reader.readexactly(length)
        self.requests += 1
        if self.how == "closes":
            return False
        if self.how == "hangs":
            await reader.read()
            return False
        more = "".join(f"{name}: {value}\r\n" for name, value in self.headers.items())
        writer.write(f"HTTP/1.1 {self.status} X\r\n{more}Content-Length: {len(self.body)}\r\n\r\n".encode() + self.body)
        await writer.drain()
        return True


def build(name: str, block: dict[str, Any], url: str, clock: Clock, *, tokens: Any = None) -> Channel:
    """One account of a line of the registry, "channel" or "channel/provider"."""
    channel, _, provider = name.partition("/")
    settings: Settings = registry.settings(channel, provider or block.get("provider", "")).model_validate(block)
    around = Around(account="main", public_url=url, now=clock.now, sleep=clock.sleep, tokens=tokens)
    return registry.build(channel, settings, around)


def webhook_of(channel: Channel, wire: Wire) -> Webhook:
    fitting = [hook for hook in channel.webhooks() if hook.method == wire.method and wire.path.startswith(hook.prefix)]
    return max(fitting, key=lambda hook: len(hook.prefix))


async def until(true, *, tries: int = 2000) -> None:
    for _ in range(tries):
        if true():
            return
        await asyncio.sleep(0.002)
    pytest.fail("it did not come true in time")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def connections() -> list[str]:
    """Every address outside this machine that anything tried to reach; audit hooks cannot be taken away again."""
    strange: list[str] = []

    def watch(event: str, args: tuple[Any, ...]) -> None:
        if event == "socket.connect" and isinstance(args[1], tuple) and not _loopback(args[1][0]):
            strange.append(str(args[1][0]))

    sys.addaudithook(watch)
    return strange


@pytest.fixture(autouse=True)
def only_loopback(connections: list[str]) -> Iterator[None]:
    connections.clear()
    yield
    assert connections == []


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    gateway = Gateway()
    app = web.Application()
    app.router.add_route("*", "/in/{channel}/{tail:.*}", gateway.serve)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    gateway.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield gateway
    await runner.cleanup()


@pytest.fixture
async def faulty() -> AsyncIterator[Faulty]:
    faulty = Faulty()
    server = await asyncio.start_server(faulty.serve, "127.0.0.1", 0)
    faulty.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    yield faulty
    server.close()


@pytest.fixture(params=list(registry.makes()))
def channel_name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def house(channel_name: str, gateway: Gateway, clock: Clock, tmp_path: Path) -> AsyncIterator[House]:
    channel, _, provider = channel_name.partition("/")
    simulator: Simulator = registry.simulator(
        channel, clock=clock, gateway_url=gateway.url, account="main", provider=provider
    )
    await simulator.start()
    block = dict(simulator.block(tmp_path))
    gateway.channel = build(channel_name, block, gateway.url, clock)
    house = House(channel_name, gateway.channel, simulator, gateway, clock, block, tmp_path)
    listening = None
    if isinstance(gateway.channel, Listens):
        listening = asyncio.create_task(gateway.channel.listen(gateway.accept, gateway.receipts))
    if gateway.channel.can.window is not None:
        house.quotes = await house.say("在吗")
        gateway.parsed.clear()
        gateway.heard.clear()
        gateway.wires.clear()
    yield house
    if listening is not None:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
    await gateway.channel.close()
    await simulator.stop()


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
