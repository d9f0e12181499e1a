"""One step, done again whenever it is woken or its next due time comes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import structlog

from gateway.clock import Clock
from store.db import StoreUnavailable

log = structlog.get_logger()
AGAIN = timedelta(seconds=1)
"""After a first failure; doubled with each further one in a row."""
LONGEST = timedelta(seconds=15)
"""Long enough not to press on a store that comes up again, short enough for a page."""


class Loop:
    """A named background task; its failures are logged and never end it."""

    def __init__(self, name: str, clock: Clock, step: Callable[[], Awaitable[datetime | None]]) -> None:
        self.name = name
        self.failures = 0
        """In a row; 0 after a good step."""
        self.last_good: datetime | None = None
        self.busy_since: datetime | None = None
        """When the present step was begun; None while none is being done."""
        self._clock = clock
        self._step = step
        self._signal = asyncio.Event()
        self._resting = self._pausing = False

    def wake(self) -> None:
        """Do the step soon."""
        self._signal.set()

    @property
    def idle(self) -> bool:
        """Nothing to do at this instant."""
        return self._pausing or (self._resting and not self._signal.is_set())

    async def run(self) -> None:
        """Go on until cancelled."""
        while True:
            self._signal.clear()
            due = await self._try()
            await (self._pause() if self.failures else self._rest(due))

    async def _rest(self, due: datetime | None) -> None:
        await asyncio.sleep(0)  # a step that is due again at once must not keep the others from running
        self._resting = True
        try:
            await self._clock.wait(self._signal, due)
        finally:
            self._resting = False

    async def _pause(self) -> None:
        """Wait after a failure; whoever wakes the loop meanwhile is served at its end."""
        self._pausing = True
        try:
            await self._clock.sleep(min(AGAIN * 2 ** min(self.failures - 1, 10), LONGEST))
        finally:
            self._pausing = False

    async def _try(self) -> datetime | None:
        self.busy_since = self._clock.now()
        try:
            due = await self._step()
        except StoreUnavailable as error:
            self.failures += 1
            log.warning("store unavailable", loop=self.name, failures=self.failures, error=str(error))
            return None
        except Exception:
            self.failures += 1
            log.exception("step failed", loop=self.name, failures=self.failures)
            return None
        finally:
            self.busy_since = None
        self.failures = 0
        self.last_good = self._clock.now()
        return due
