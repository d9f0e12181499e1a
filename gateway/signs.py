"""Keeps the last sign of life of every account: what came in, was read, answered, arrived or left."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from gateway.clock import Clock
from store import pulses
from store.pulses import Beat
from store.writer import Writer

EVERY = timedelta(minutes=1)
"""How often the sign of one account is written down at most."""
Sign = Callable[[str, str], None]
"""Says that an account lived just now, and how that was seen."""


class Signed(Protocol):
    """Something that sees accounts live."""

    sign: Sign


def unsigned(account: str, how: str) -> None:
    """Stand in until it is known who keeps the signs."""
    del account, how


class Signs:
    """The signs of one process that are not written down yet."""

    def __init__(self, writer: Writer, clock: Clock) -> None:
        self.wake: Callable[[], None] = _nobody
        self._writer = writer
        self._clock = clock
        self._fresh: dict[str, Beat] = {}
        self._written: dict[str, datetime] = {}

    def of(self, account: str, how: str) -> None:
        """Take note that an account lived just now."""
        new = account not in self._fresh
        self._fresh[account] = Beat(name=account, at=self._clock.now(), note=how)
        if new:
            self.wake()

    async def step(self) -> datetime | None:
        """Write down what is due; returns when more is."""
        now = self._clock.now()
        for one in [one for name, one in self._fresh.items() if self._due(name, now) <= now]:
            await self._writer.do(pulses.beat, one)
            self._written[one.name] = now
            if self._fresh.get(one.name) is one:
                del self._fresh[one.name]
        return min((self._due(name, now) for name in self._fresh), default=None)

    def _due(self, name: str, now: datetime) -> datetime:
        """Say when an account may be written down; the first time at once, by the one look at a clock of this step."""
        last = self._written.get(name)
        return last + EVERY if last else now


def _nobody() -> None:
    """Stand in until the loop that runs the steps is known."""
