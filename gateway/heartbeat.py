"""The heartbeat: an outside address is asked for after a whole healthy cycle, so that its silence rings somebody."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

import structlog

from channels.contract import ChannelError
from channels.http import Http
from gateway.clock import Clock
from gateway.loop import Loop
from gateway.metrics import Metrics
from gateway.sweep import EVERY
from gateway.watch_settings import Heartbeat
from router.watch import Cycle, Turned, broken
from store import leases, pulses, sweep, timers
from store.db import Database, StoreUnavailable
from store.leases import Hold
from store.pulses import Beat
from store.writer import Writer

log = structlog.get_logger()
TIMEOUT = timedelta(seconds=10)
SENT = "heartbeat"
"""Under this name it is kept when the last one left, and below why the last that should have left did not."""
HELD = "heartbeat held back"
PROBE = "gateway"
"""Under this name the probe of each cycle is written."""


class Beating:
    """The heartbeat of one process; of several processes one leaves, of a healthy one."""

    def __init__(
        self,
        settings: Heartbeat,
        *,
        database: Database,
        writer: Writer,
        clock: Clock,
        metrics: Metrics,
        owner: str,
    ) -> None:
        self.loops: Mapping[str, Loop] = {}
        self.swept: Callable[[], datetime | None] = _never
        self.accounts: Sequence[str] = ()
        self._settings = settings
        self._database = database
        self._writer = writer
        self._clock = clock
        self._metrics = metrics
        self._hold = Hold(name=SENT, owner=owner, lease=2 * settings.every + TIMEOUT)
        self._http = Http(timeout=TIMEOUT, now=clock.now, connections=1, most=100_000)
        self._looked: datetime | None = None

    async def close(self) -> None:
        """Give back the sockets."""
        await self._http.close()

    async def step(self) -> datetime | None:
        """Let the outside know that the cycle since the last look was whole; returns when to look again."""
        now, begun = self._clock.now(), self._looked
        self._looked = now
        if begun is not None:
            why = broken(await self._cycle(begun, now))
            if why:
                await self._held_back("; ".join(why))
            elif await self._mine():
                await self._beat()
        return now + self._settings.every

    async def _cycle(self, begun: datetime, now: datetime) -> Cycle:
        wrote = await self._written(Beat(name=PROBE, at=now, note="the probe of a cycle"))
        page, timer = await asyncio.to_thread(self._waiting) if wrote else (None, None)
        loops = [
            Turned(name=one.name, failures=one.failures, last_good=one.last_good, busy_since=one.busy_since)
            for name, one in self.loops.items()
            if name != SENT
        ]
        return Cycle(
            begun=begun,
            now=now,
            loops=loops,
            wrote=wrote,
            swept=self.swept(),
            sweeps_every=EVERY,
            oldest_page=page,
            oldest_timer=timer,
        )

    def _waiting(self) -> tuple[datetime | None, datetime | None]:
        with self._database.read() as connection:
            return sweep.oldest_page(connection, self.accounts), timers.next_due(connection)

    async def _written(self, beat: Beat) -> bool:
        try:
            await self._clock.within(TIMEOUT, self._writer.do(pulses.beat, beat))
        except (StoreUnavailable, TimeoutError) as error:
            log.warning("the probe of a cycle was not written", why=type(error).__name__)
            return False
        return True

    async def _mine(self) -> bool:
        return not self._database.shared or await self._writer.do(leases.take, self._hold)

    async def _beat(self) -> None:
        """Ask for the address. What went wrong is told without it: whoever knows it can keep it quiet."""
        try:
            answer = await self._http.request(self._settings.method, self._settings.url.reveal())
        except ChannelError as error:
            why = f"the address could not be asked for ({type(error).__name__})"
        else:
            why = "" if 200 <= answer.status < 300 else f"the address answered {answer.status}"
        if not why:
            self._metrics.heartbeat("sent")
            await self._written(Beat(name=SENT, at=self._clock.now()))
            return
        self._metrics.heartbeat("failed")
        log.error("the heartbeat did not arrive", why=why)
        await self._written(Beat(name=HELD, at=self._clock.now(), note=why))

    async def _held_back(self, why: str) -> None:
        self._metrics.heartbeat("held_back")
        log.error("the heartbeat is held back", why=why)
        await self._written(Beat(name=HELD, at=self._clock.now(), note=why))


def _never() -> datetime | None:
    """Stand in until it is known who sweeps."""
    return None
