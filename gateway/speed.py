"""A clock for the sandbox: the real time, faster, slower, standing, or moved forward."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

T = TypeVar("T")


class SpeedClock:
    """Runs at `speed` seconds a real second from `start` on; whoever waits on it learns of every change."""

    def __init__(self, start: datetime | None = None, *, real: Callable[[], float] = time.monotonic) -> None:
        self._real = real
        """Seconds of the real time, from any beginning."""
        self._base = start or datetime.now(UTC)
        self._since = real()
        self._speed = 1.0
        self._changed = asyncio.Event()
        self._instants: list[datetime] = []

    @property
    def speed(self) -> float:
        """Seconds of this clock in one real second; 0 while it stands."""
        return self._speed

    def now(self) -> datetime:
        """Aware UTC."""
        return self._base + timedelta(seconds=(self._real() - self._since) * self._speed)

    def run(self, speed: float) -> None:
        """Go on at another speed; 0 stands still."""
        self._set(self.now(), speed)

    def move(self, to: datetime) -> None:
        """Set the time forward and wake whoever waited for an instant up to it; it never goes back."""
        self._set(max(self.now(), to), self._speed)

    def next(self) -> datetime | None:
        """Return the earliest instant that somebody waits for."""
        return min(self._instants, default=None)

    async def sleep(self, length: timedelta) -> None:
        """Wait this long on this clock."""
        if length > timedelta(0):
            await self._at(self.now() + length)

    async def wait(self, signal: asyncio.Event, until: datetime | None) -> None:
        """Return when the signal is set or the instant has come."""
        if signal.is_set() or (until is not None and until <= self.now()):
            return
        waiting: list[asyncio.Future[Any]] = [asyncio.ensure_future(signal.wait())]
        if until is not None:
            waiting.append(asyncio.ensure_future(self._at(until)))
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            _end(waiting)

    async def within(self, length: timedelta, work: Awaitable[T]) -> T:
        """Return what the work returns; raises TimeoutError when that takes longer on this clock."""
        task = asyncio.ensure_future(work)
        limit = asyncio.ensure_future(self._at(self.now() + length))
        both: list[asyncio.Future[Any]] = [task, limit]
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                raise TimeoutError
            return await task
        finally:
            _end(both)

    def _set(self, base: datetime, speed: float) -> None:
        self._base, self._since, self._speed = base, self._real(), speed
        self._changed.set()
        self._changed = asyncio.Event()

    async def _at(self, instant: datetime) -> None:
        self._instants.append(instant)
        try:
            while (left := (instant - self.now()).total_seconds()) > 0:
                changed = self._changed
                try:
                    async with asyncio.timeout(left / self._speed if self._speed else None):
                        await changed.wait()
                except TimeoutError:
                    continue
        finally:
            self._instants.remove(instant)


def _end(futures: list[asyncio.Future[Any]]) -> None:
    for future in futures:
        future.cancel()
