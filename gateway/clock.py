"""Time as an argument: the system's clock, and one that can be moved for replay, the sandbox and the tests."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol, TypeVar

T = TypeVar("T")
LONGEST = 60.0
"""Seconds of one wait in real time; then the time of day is looked at again, since it may have been set meanwhile."""
FEW = 64
"""Waits on a moved clock that are kept before those given up are taken out."""


class Clock(Protocol):
    """What time it is, and waiting for an instant or a signal."""

    def now(self) -> datetime:
        """Aware UTC."""
        ...

    async def sleep(self, length: timedelta) -> None:
        """Wait this long on this clock."""
        ...

    async def wait(self, signal: asyncio.Event, until: datetime | None) -> None:
        """Return when `signal` is set or `until` is reached, whichever comes first; None waits for the signal only."""
        ...

    async def within(self, length: timedelta, work: Awaitable[T]) -> T:
        """Return what the work returns; raises TimeoutError when that takes longer on this clock."""
        ...


class SystemClock:
    """The real time."""

    def now(self) -> datetime:
        """Aware UTC."""
        return datetime.now(UTC)

    async def sleep(self, length: timedelta) -> None:
        """Wait in real time."""
        await asyncio.sleep(max(0.0, length.total_seconds()))

    async def wait(self, signal: asyncio.Event, until: datetime | None) -> None:
        """Wait in real time for the signal or the instant."""
        if until is None:
            await signal.wait()
            return
        while not signal.is_set() and (left := (until - self.now()).total_seconds()) > 0:
            try:
                async with asyncio.timeout(min(left, LONGEST)):
                    await signal.wait()
            except TimeoutError:
                continue

    async def within(self, length: timedelta, work: Awaitable[T]) -> T:
        """Limit the work in real time."""
        async with asyncio.timeout(length.total_seconds()):
            return await work


class MovedClock:
    """A clock that stands until it is moved; whoever waits on it is woken in order of the instants."""

    def __init__(self, start: datetime) -> None:
        self._now = start
        self._order = itertools.count()
        self._waiting: list[tuple[datetime, int, asyncio.Future[None]]] = []
        self._most = FEW

    @property
    def waiting(self) -> int:
        """How many waits are kept, those given up lately included."""
        return len(self._waiting)

    def now(self) -> datetime:
        """Aware UTC."""
        return self._now

    async def sleep(self, length: timedelta) -> None:
        """Wait until the clock was moved by this length."""
        if length > timedelta(0):
            await self._at(self._now + length)

    async def wait(self, signal: asyncio.Event, until: datetime | None) -> None:
        """Wait for the signal, or until the clock was moved to the instant."""
        if signal.is_set() or (until is not None and until <= self._now):
            return
        tasks: list[asyncio.Future[Any]] = [asyncio.ensure_future(signal.wait())]
        if until is not None:
            tasks.append(self._at(until))
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()

    async def within(self, length: timedelta, work: Awaitable[T]) -> T:
        """Limit the work by where the clock is moved to."""
        task = asyncio.ensure_future(work)
        limit = self._at(self._now + length)
        try:
            both: list[asyncio.Future[Any]] = [task, limit]
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                return task.result()
            raise TimeoutError
        finally:
            limit.cancel()
            if not task.done():
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    def next(self) -> datetime | None:
        """Return the earliest instant that somebody waits for."""
        while self._waiting and self._waiting[0][2].done():
            heapq.heappop(self._waiting)
        return self._waiting[0][0] if self._waiting else None

    def move(self, to: datetime) -> None:
        """Set the time forward and wake whoever waited for an instant up to it; it never goes back."""
        self._now = max(self._now, to)
        while self._waiting and self._waiting[0][0] <= self._now:
            future = heapq.heappop(self._waiting)[2]
            if not future.done():
                future.set_result(None)

    def _at(self, instant: datetime) -> asyncio.Future[None]:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if instant <= self._now:
            future.set_result(None)
            return future
        if len(self._waiting) >= self._most:  # waits that were given up would stay until their instant
            self._waiting = [one for one in self._waiting if not one[2].done()]
            heapq.heapify(self._waiting)
            self._most = max(FEW, 2 * len(self._waiting))
        heapq.heappush(self._waiting, (instant, next(self._order), future))
        return future
