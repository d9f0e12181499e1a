"""Watches the gateway itself every minute: the sweep, late due times and claims, accounts that fell silent."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta

import structlog

from gateway.alarms import Alarms
from gateway.clock import Clock
from gateway.standing import Standing
from gateway.sweep import EVERY, MOST, Sweep, Walk
from router.watch import heard
from store import notices, pulses, sweep
from store.db import Database
from store.model import Pulse
from store.pulses import Beat
from store.writer import Writer

log = structlog.get_logger()
PASSED = timedelta(minutes=2)
"""A due time that passed this long ago and still stands there is one that nobody acts on."""
TIMERS = "due times"
"""Under this name it is kept whether late due times were told of."""


class Watch:
    """The watch of one process."""

    def __init__(self, standing: Standing, *, database: Database, writer: Writer, clock: Clock) -> None:
        self.swept: datetime | None = None
        """When everything was last looked after."""
        self.wake_due: Callable[[], None] = _nobody
        self.take_back: Callable[[], Awaitable[int]] = _nothing
        self._silence: Mapping[str, timedelta] = standing.config.gateway.silence
        self._database = database
        self._writer = writer
        self._clock = clock
        self._alarms = Alarms(standing)
        self._sweep = Sweep(standing)
        self._walk = Walk()

    async def start(self) -> None:
        """Sweep everything before the loops begin, and begin to wait for accounts that were never heard of."""
        await self._mend(None)
        known = {pulse.name for pulse in await self._pulses()} if self._silence else set()
        for name in self._silence.keys() - known:
            beat = Beat(name=name, at=self._clock.now(), note="not heard of yet")
            await self._writer.do(pulses.beat, beat)

    async def step(self) -> datetime | None:
        """Look after everything once; returns when to do so again."""
        if self.swept is not None:  # else everything was swept at the start, a moment ago
            await self._mend(MOST)
            await self._late()
            if taken := await self.take_back():
                text = f"{taken} texts whose sending never came to an end were taken back"
                await self._writer.do(notices.alarm, text)
            await self._listen()
        self.swept = self._clock.now()
        return self.swept + EVERY

    async def _mend(self, most: int | None) -> None:
        suspects = await asyncio.to_thread(self._suspects, most)
        if suspects and (count := await self._writer.do(self._sweep.mend, suspects)):
            log.error("the sweep found what was forgotten", tickets=len(suspects), alarms=count)

    def _suspects(self, most: int | None) -> list[int]:
        with self._database.read() as connection:
            return self._walk.suspects(connection, most)

    async def _late(self) -> None:
        """Alarm once when due times pass and nothing happens, and wake whoever should act on them."""
        before = self._clock.now() - PASSED
        late, told = await asyncio.to_thread(self._late_timers, before)
        if late:
            self.wake_due()
        if bool(late) != told:
            await self._writer.do(pulses.missed, (TIMERS, bool(late)))
        if late and not told:
            text = f"due times passed more than two minutes ago and nothing followed; the oldest: {late}"
            log.error("due times are late", oldest=late)
            await self._writer.do(notices.alarm, text)

    def _late_timers(self, before: datetime) -> tuple[str, bool]:
        with self._database.read() as connection:
            rows = sweep.late_timers(connection, before, limit=1)
            told = any(pulse.name == TIMERS and pulse.alarmed_at for pulse in pulses.pulses(connection))
        return "".join(f"{row['kind']} {row['due']:%Y-%m-%d %H:%M}Z" for row in rows), told

    async def _listen(self) -> None:
        """Tell of accounts that fell silent, and of those that live again."""
        if self._silence and heard(await self._pulses(), self._silence, self._clock.now()):
            await self._writer.do(self._alarms.silence, None)

    async def _pulses(self) -> list[Pulse]:
        return await asyncio.to_thread(self._read_pulses)

    def _read_pulses(self) -> list[Pulse]:
        with self._database.read() as connection:
            return pulses.pulses(connection)


def _nobody() -> None:
    """Stand in until the loop that acts on due times is known."""


async def _nothing() -> int:
    """Stand in until it is known who takes claims back."""
    return 0
