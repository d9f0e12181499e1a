"""What the people of the sandbox do with their phones, mailboxes, the clock and the providers."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, cast

from channels.simulation import Fault, Heard, Phones, Ringing, Simulator
from gateway.app import House
from gateway.sandbox.people import ACCOUNTS
from gateway.speed import SpeedClock

PATIENCE = 3.0
"""Seconds that a page waits for what a button began; it goes on without it."""
TICK = 0.005
STEP = 0.4
"""Seconds that one instant gets while the clock is moved on."""
WHOLE = 15.0
"""Seconds that a move of the clock may take; what is left is jumped over."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Spoke:
    """One text or mail that somebody in the sandbox wrote."""

    at: datetime
    sender: str
    text: str
    subject: str | None = None
    id: str = ""


class Box:
    """The sandbox while it runs."""

    def __init__(
        self,
        house: House,
        clock: SpeedClock,
        simulators: Mapping[str, Simulator],
        roads: Mapping[str, Simulator] = MappingProxyType({}),
    ) -> None:
        self.house = house
        self.clock = clock
        self.simulators = simulators
        """By channel name."""
        self.roads = roads
        """The further accounts, by destination."""
        self.spoken: dict[str, list[Spoke]] = {name: [] for name in (*simulators, *roads)}
        self._moving = asyncio.Lock()
        self._heading: datetime | None = None
        """Where the clock is being moved to."""
        self._tasks: set[asyncio.Task[Any]] = set()

    @property
    def phones(self) -> Phones:
        """The simulator whose phones ring."""
        return cast("Phones", self.simulators["phone"])

    def heard(self, channel: str, to: str) -> list[Heard]:
        """Return what reached a phone or mailbox, oldest first."""
        simulator = self.simulators.get(channel)
        return [one for one in simulator.heard if one.to == to] if simulator else []

    def ringing(self, number: str) -> Ringing | None:
        """Return the call that rings or goes on at a number."""
        return next((one for one in self.phones.ringing() if one.to == number), None)

    async def text(self, sender: str, text: str) -> None:
        """Somebody texts the gateway."""
        await self._speak("sms", Spoke(at=self.clock.now(), sender=sender, text=text), None)

    async def mail(self, sender: str, *, subject: str, text: str, answers: str | None) -> None:
        """Somebody writes a mail, and the mailbox is read at once."""
        spoke = Spoke(at=self.clock.now(), sender=sender, subject=subject, text=text)
        await self._speak("email", spoke, answers)
        self.house.poll_now(f"email:{ACCOUNTS['email']}")
        await self.quiet(PATIENCE)

    async def _speak(self, channel: str, spoke: Spoke, answers: str | None) -> None:
        self.spoken[channel].append(spoke)
        said = self.simulators[channel].say(
            sender=spoke.sender, text=spoke.text, subject=spoke.subject, answers=answers
        )
        await self._within(said)
        await self.quiet(PATIENCE)

    async def say(self, road: str, *, sender: str, text: str, group: str | None) -> None:
        """Somebody speaks on one of the further accounts."""
        self.spoken[road].append(Spoke(at=self.clock.now(), sender=sender, text=text, subject=group))
        await self._within(self.roads[road].say(sender=sender, text=text, group=group))
        if road in self.house.polling:
            self.house.poll_now(road)
        await self.quiet(PATIENCE)

    async def press(self, number: str, digit: str | None) -> None:
        """Somebody answers if needed and presses a digit, or lets voicemail take the call."""
        await self._within(self.phones.press(number, digit))

    async def hang_up(self, number: str) -> None:
        """Somebody ends a call."""
        await self._within(self.phones.hang_up(number))

    def break_(self, channel: str, fault: Fault) -> None:
        """Switch a provider."""
        self.simulators[channel].fault = fault

    async def forward(self, length: timedelta) -> None:
        """Move the clock on through every instant at which something is due, so that all happens at its time.

        Asked again before it is there, it goes on from there: the lengths add up.
        """
        now = self.clock.now()
        target = self._heading = max(now, self._heading or now) + length
        try:
            async with self._moving:
                await self._walk(target)
        finally:
            if self._heading == target:
                self._heading = None

    async def _walk(self, target: datetime) -> None:
        end = time.monotonic() + WHOLE
        while time.monotonic() < end:
            await self.quiet(STEP)
            instant = self.clock.next()
            if instant is None or instant > target:
                break
            self.clock.move(instant)
            await asyncio.sleep(0)
        self.clock.move(target)
        await self.quiet(STEP)

    async def quiet(self, seconds: float) -> None:
        """Wait until nothing goes on that time alone would not end, so long at most."""
        end = time.monotonic() + seconds
        calm = 0
        while calm < 3 and time.monotonic() < end:
            busy = (
                any(one.busy() for one in (*self.simulators.values(), *self.roads.values())) or not self.house.settled()
            )
            calm = 0 if busy else calm + 1
            await asyncio.sleep(TICK)

    async def _within(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        # A call may be over by the time the key is pressed; the page then shows that.
        with contextlib.suppress(TimeoutError, LookupError):
            async with asyncio.timeout(PATIENCE):
                await asyncio.shield(task)

    async def close(self) -> None:
        """End what still waits."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
