"""A whole house on loopback whose providers are simulators: what replay, the sandbox and the stories are played on."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any

import uvicorn

from channels import registry
from channels.contract import Channel
from channels.simulation import Simulator
from gateway.app import House, build_channels
from gateway.clock import Clock
from gateway.config import Config, StoreSettings

STAGED = ("sms", "phone", "email")
ACCOUNT = "main"


class Stage:
    """`async with Stage(config, clock, folder) as stage`: simulators, house and HTTP, started in order."""

    def __init__(
        self, config: Config, clock: Clock, folder: Path, *, others: Mapping[str, Channel] | None = None, url: str = ""
    ) -> None:
        self.clock = clock
        self.folder = folder
        self._given = config
        self._others = others or {}
        self._store = StoreSettings(url=url or f"sqlite:///{folder / 'yizhan.db'}")
        self.simulators: dict[str, Simulator] = {}
        self._stack = contextlib.AsyncExitStack()

    async def __aenter__(self) -> Stage:
        """Start everything."""
        listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        for channel in STAGED:
            account = next(iter(self._given.channels.get(channel, ())), ACCOUNT)
            simulator = registry.simulator(channel, clock=self.clock, gateway_url=self.url, account=account)
            await simulator.start()
            self._stack.push_async_callback(simulator.stop)
            self.simulators[f"{channel}:{account}"] = simulator
        config = self._config()
        channels = build_channels(config, self.clock) | dict(self._others)
        house = House(config, clock=self.clock, channels=channels, watches=False)
        self.house = await self._stack.enter_async_context(house)
        await self._stack.enter_async_context(served(self.house.hooks, listener))
        return self

    def _config(self) -> Config:
        blocks: dict[str, dict[str, Any]] = {}
        for name, simulator in self.simulators.items():
            channel, _, account = name.partition(":")
            block = simulator.block(self.folder)
            blocks.setdefault(channel, {})[account] = registry.settings(channel).model_validate(block)
        # Nothing that is played leaves a heartbeat for the real gateway, or rings for its drill.
        quiet: dict[str, Any] = {"heartbeat": None, "silence": {}, "drill": None}
        gateway = self._given.gateway.model_copy(update={"public_url": self.url, **quiet})
        # Whatever is played here, nobody outside is asked about it.
        router = self._given.router.model_copy(update={"second_opinion": None})
        return replace(self._given, gateway=gateway, router=router, store=self._store, channels=blocks)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop in reverse order."""
        await self._stack.aclose()

    def named(self, word: str) -> list[Simulator]:
        """Return the simulators that a word means: a channel, a destination, a method, or the provider of several."""
        meant = {"voice": ("phone",), "mail": ("email",), "twilio": ("sms", "phone")}.get(word, (word,))
        return [s for name, s in self.simulators.items() if name in meant or name.partition(":")[0] in meant]

    def quiet(self) -> bool:
        """Tell whether nothing is going on that time alone would not end."""
        return self.house.settled() and not any(s.busy() for s in self.simulators.values())

    async def settle(self) -> None:
        """Wait until nothing happens any more at this instant."""
        calm = stuck = 0
        while calm < 3 and stuck < 100:
            await asyncio.sleep(0.001)
            calm = calm + 1 if self.quiet() else 0
            waits = self.house.waits_for_provider() and not any(s.busy() for s in self.simulators.values())
            stuck = stuck + 1 if waits else 0


@contextlib.asynccontextmanager
async def served(app: Any, listener: socket.socket) -> Any:
    """Serve an ASGI application on a socket while the block runs."""
    settings = uvicorn.Config(
        app, log_level="error", access_log=False, lifespan="off", server_header=False, loop="none"
    )
    server = uvicorn.Server(settings)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]  # the caller's loop has its own
    with contextlib.suppress(AttributeError):
        server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign, assignment]
    task = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started and not task.done():  # noqa: ASYNC110 - uvicorn tells it by this attribute only
        await asyncio.sleep(0.001)
    try:
        yield
    finally:
        server.should_exit = True
        await task
