"""Wires the sandbox: simulators, a configuration that points at them, the house, the clock and the page."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import tempfile
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml
from starlette.types import ASGIApp

from channels import registry
from channels.simulation import Simulator
from gateway.app import House
from gateway.config import load
from gateway.sandbox import broadcast, logins, pages
from gateway.sandbox import roads as other
from gateway.sandbox.people import ACCOUNT, ACCOUNTS, configuration
from gateway.sandbox.state import Box
from gateway.speed import SpeedClock
from gateway.web.server import build_app, ending, listen, serve

HOST = "127.0.0.1"


@dataclass(frozen=True, kw_only=True, slots=True)
class Running:
    """A sandbox that serves its page."""

    url: str
    box: Box
    house: House
    config: Path


async def run(*, port: int = 8000, folder: Path | None = None, stop: asyncio.Event | None = None) -> None:
    """Serve the sandbox until `stop` is set, or without one until a signal; raises OSError when the port is taken."""
    with ending(stop) as ended:
        async with opened(port=port, folder=folder):
            await ended.wait()


@contextlib.asynccontextmanager
async def opened(
    *, port: int = 0, folder: Path | None = None, clock: SpeedClock | None = None, whole: bool = True
) -> AsyncIterator[Running]:
    """Start a sandbox on a port, 0 for a free one; its folder is kept only where one was given.

    Without `whole` it has texts, calls and mail only.
    """
    async with contextlib.AsyncExitStack() as stack:
        place = folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="yizhan-")))
        place.mkdir(parents=True, exist_ok=True)
        sock = listen(HOST, port)
        stack.callback(sock.close)
        # A provider's side calls back while it starts, too; whoever comes early waits in the queue of the socket.
        sock.listen()
        url = f"http://{HOST}:{sock.getsockname()[1]}"
        clock = clock or SpeedClock()
        simulators = await _simulators(stack, clock, url)
        roads = await _roads(stack, clock, url) if whole else {}
        config = _write(place, url, sock.getsockname()[1], simulators, roads)
        house = await stack.enter_async_context(House(load(str(config)), clock=clock))
        await logins.plant(house)
        await broadcast.plant(house)
        box = Box(house, clock, simulators, roads)
        stack.push_async_callback(box.close)
        app = build_app(
            house,
            home="/board",
            note="sandbox_accounts",
            hasher=logins.QUICK,
            more=lambda desk: [*pages.routes(desk, box), *other.routes(desk, box)],
        )
        await _serve(stack, app, sock, links=house.links)
        yield Running(url=url, box=box, house=house, config=config)


async def _simulators(stack: contextlib.AsyncExitStack, clock: SpeedClock, url: str) -> dict[str, Simulator]:
    simulators = {}
    for name, account in ACCOUNTS.items():
        simulator = registry.simulator(name, clock=clock, gateway_url=url, account=account)
        await simulator.start()
        stack.push_async_callback(simulator.stop)
        simulators[name] = simulator
    return simulators


async def _roads(stack: contextlib.AsyncExitStack, clock: SpeedClock, url: str) -> dict[str, Simulator]:
    """Start every further line of the registry, its account called like its provider; what cannot run is left out."""
    roads = {}
    for line in registry.makes():
        channel, _, provider = line.partition("/")
        if channel in ACCOUNTS and provider in (*registry.providers(channel)[:1], ""):
            continue
        account = provider or ACCOUNT
        simulator = registry.simulator(channel, clock=clock, gateway_url=url, account=account, provider=provider)
        await simulator.start()
        stack.push_async_callback(simulator.stop)
        roads[f"{channel}:{account}"] = simulator
    return roads


def _write(folder: Path, url: str, port: int, simulators: dict[str, Simulator], roads: dict[str, Simulator]) -> Path:
    blocks = {name: {ACCOUNTS[name]: dict(simulator.block(folder))} for name, simulator in simulators.items()}
    for name, simulator in roads.items():
        channel, _, account = name.partition(":")
        blocks.setdefault(channel, {})[account] = dict(simulator.block(folder))
    lead = apps(roads)
    target = folder / "config.yaml"
    text = yaml.safe_dump(
        configuration(folder, url=url, port=port, blocks=blocks, lead=lead), allow_unicode=True, sort_keys=False
    )
    target.write_text(text, encoding="utf-8")
    return target


def apps(roads: Mapping[str, Simulator]) -> dict[str, str]:
    """Return the lead's addresses on the channels that wake an app: address book to id."""
    found: dict[str, str] = {}
    for name, simulator in roads.items():
        channel, _, account = name.partition(":")
        can = registry.can(registry.make(channel, account if account != ACCOUNT else ""))
        if can.pushes:
            # `staff`: an id of its own, where customers of another account share the address book.
            found[can.book or channel] = str(getattr(simulator, "staff", getattr(simulator, "person", "")))
    return found


async def _serve(stack: contextlib.AsyncExitStack, app: ASGIApp, sock: socket.socket, *, links: bool) -> None:
    stop = asyncio.Event()
    task = asyncio.create_task(serve(app, stop=stop, sock=sock, links=links))

    async def end() -> None:
        stop.set()
        await task

    stack.push_async_callback(end)
