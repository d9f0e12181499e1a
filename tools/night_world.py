"""Everybody outside the gateway: providers with faults, staff with habits, customers; all survive a crash."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from channels.contract import (
    Can,
    Finding,
    GiveUp,
    Inbound,
    Misconfigured,
    Outgoing,
    Receipt,
    Status,
    TryLater,
    Uncertain,
    Update,
    Webhook,
)
from gateway.clock import MovedClock
from tools.night_house import Fate, Life
from tools.night_plan import Night, Say
from tools.night_seen import Seen

CAN = {
    "sms:one": Can(book="tel", confirms=True),
    "sms:two": Can(book="tel", confirms=True),
    "voice:one": Can(book="tel", speaks=True, confirms=True),
    "voice:two": Can(book="tel", speaks=True, confirms=True, live=False),
    "push:main": Can(book="telegram", pushes=True, buttons=4, edits=True),
    "email:main": Can(book="email", threads=True, vouches=False),
    "chat:main": Can(groups=True, chats=True),
    "hotline:main": Can(sends=False, book="tel"),
}
AGAIN = timedelta(seconds=7)
"""After how long a provider brings again what was not acknowledged."""


@dataclass(kw_only=True, slots=True)
class Sent:
    """One time that the gateway handed a text to a provider."""

    began: datetime
    commit: int
    """Commits seen when it began."""
    life: int
    road: str
    outgoing: Outgoing
    fault: str
    taken: datetime | None = None
    """When the provider took it."""
    told: bool = False
    """The gateway was told that it was taken."""
    refused: bool = False
    """The gateway was told for certain that it was not taken."""

    @property
    def lost(self) -> bool:
        """The process died before the provider did anything with it."""
        return self.taken is None and not self.refused and self.fault not in ("lost", "hangs")

    @property
    def numbers(self) -> tuple[int, ...]:
        """The tickets that it is about, of a page."""
        return tuple(int(n) for n in str(self.outgoing.variables.get("numbers", "")).split() if n.isdigit())


class Road:
    """One account: the Channel contract in memory."""

    def __init__(self, name: str, world: World) -> None:
        self.name = name
        self.can = CAN[name]
        self._world = world

    def webhooks(self) -> Sequence[Webhook]:
        """Nobody calls; what comes in is handed to the intake."""
        return ()

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Carry, as the night's faults allow."""
        return await self._world.carry(self.name, outgoing)

    async def check(self) -> Sequence[Finding]:
        """There is nothing to ask."""
        return ()

    async def close(self) -> None:
        """There is nothing to give back."""


@dataclass(kw_only=True)
class World:
    """The outside of one night."""

    night: Night
    clock: MovedClock
    seen: Seen
    life: Life | None = None
    sent: list[Sent] = field(default_factory=list)
    acknowledged: dict[tuple[str, str], str] = field(default_factory=dict)
    """(road, key) of what the gateway said it has, with who said it."""
    story: list[tuple[datetime, str]] = field(default_factory=list)
    _ahead: list[tuple[datetime, int, Callable[[], Awaitable[None]]]] = field(default_factory=list)
    _order: Any = field(default_factory=itertools.count)
    _keys: Any = field(default_factory=lambda: itertools.count(1))

    def tell(self, text: str) -> None:
        """Add a line to the story of the night."""
        self.story.append((self.clock.now(), text))

    def later(self, at: datetime, act: Callable[[], Awaitable[None]]) -> None:
        """Have something happen."""
        heapq.heappush(self._ahead, (max(at, self.clock.now()), next(self._order), act))

    def next(self) -> datetime | None:
        """When the next thing happens out here."""
        return self._ahead[0][0] if self._ahead else None

    async def act(self) -> None:
        """Let happen what is due."""
        while self._ahead and self._ahead[0][0] <= self.clock.now():
            await heapq.heappop(self._ahead)[2]()

    def plan(self) -> None:
        """Put what customers say ahead."""
        for say in self.night.says:
            self.later(say.at, lambda say=say: self.customer(say))  # type: ignore[misc]

    async def customer(self, say: Say) -> None:
        """A customer's message reaches the provider, which brings it until it is acknowledged."""
        n = next(self._keys)
        inbound = Inbound(
            key=f"in-{n}",
            sender=say.sender,
            text=say.text,
            raw=say.text.encode(),
            subject=say.subject,
            group=say.group,
        )
        self.tell(f"{say.road} {say.sender}: {say.text[:60]}")
        await self.bring(say.road, inbound)
        if say.twice:
            self.later(self.clock.now() + AGAIN, lambda: self.bring(say.road, inbound))

    async def bring(self, road: str, inbound: Inbound) -> None:
        """Hand one message in; again a little later when nobody acknowledged it."""
        if await self._answered(lambda life: life.intake.accept(road, [inbound])):
            self.acknowledged[road, inbound.key] = inbound.sender
        else:
            self.later(self.clock.now() + AGAIN, lambda: self.bring(road, inbound))

    async def receipt(self, road: str, update: Update) -> None:
        """Hand a receipt in; again a little later when nobody acknowledged it."""
        if not await self._answered(lambda life: life.intake.receive(road, [update])):
            self.later(self.clock.now() + AGAIN, lambda: self.receipt(road, update))

    async def _answered(self, ask: Callable[[Life], Awaitable[object]]) -> bool:
        life = self.life
        if life is None or life.fate.dead:
            return False
        asked = asyncio.ensure_future(ask(life))
        while not asked.done() and not life.fate.dead:  # noqa: ASYNC110 - it may die
            await asyncio.sleep(0)
        if asked.done() and not asked.cancelled() and asked.exception() is None:
            return True
        asked.cancel()
        await asyncio.gather(asked, return_exceptions=True)
        return False

    def fault(self, road: str) -> str:
        """Return what is the matter with a road just now."""
        now = self.clock.now()
        return next((f.kind for f in self.night.faults if f.road == road and f.begins <= now < f.ends), "up")

    async def carry(self, road: str, outgoing: Outgoing) -> Receipt:
        """Take a text as a provider would, with what is the matter with it."""
        fate, fault = self._fate(), self.fault(road)
        one = Sent(
            began=self.clock.now(),
            commit=self.seen.commits,
            life=fate.number,
            road=road,
            outgoing=outgoing,
            fault=fault,
        )
        self.sent.append(one)
        self.tell(f"    -> {road} {outgoing.to} [{outgoing.key}] {outgoing.template}: {outgoing.text[:60]} ({fault})")
        await self._last(fate)
        await self._troubled(one)
        await self._last(fate)
        one.told = True
        status = Status.RINGING if CAN[road].speaks else Status.ACCEPTED
        return Receipt(provider_id=f"{road}-{len(self.sent)}", status=status)

    def _fate(self) -> Fate:
        assert self.life is not None  # noqa: S101 - only a life sends
        return self.life.fate

    async def _last(self, fate: Fate) -> None:
        if fate.dead or fate.step():
            await asyncio.Event().wait()

    async def _troubled(self, one: Sent) -> None:
        """Take it, or raise what the gateway is told instead."""
        dice, words = self.night.dice, f"{one.road} is {one.fault}"
        one.refused = one.fault in ("refused", "busy", "broken")
        match one.fault:
            case "refused":
                raise GiveUp(words)
            case "broken":
                raise Misconfigured(words)
            case "busy":
                raise TryLater(words, after=dice.choice((None, timedelta(seconds=30))))
            case "slow":
                await self.clock.sleep(timedelta(seconds=dice.uniform(1, 12)))
                self._take(one)
            case "lost" | "hangs":
                if dice.random() < 0.5:
                    self._take(one)
                if one.fault == "lost":
                    raise Uncertain(words)
                await self.clock.sleep(timedelta(hours=1))
            case _:
                self._take(one)

    def _take(self, one: Sent) -> None:
        """The provider has it: receipts and the phone follow."""
        one.taken = self.clock.now()
        dice, key = self.night.dice, one.outgoing.key
        if one.fault == "bounces":
            self._receipt(one.road, Update(status=Status.FAILED, key=key, reason="unreachable"), dice.uniform(2, 60))
        elif one.fault not in ("silent", "swallows") and CAN[one.road].confirms and not CAN[one.road].speaks:
            late = dice.choice((2.0, 5.0, 5.0, 240.0))
            self._receipt(one.road, Update(status=Status.DELIVERED, key=key), late)
        if one.fault not in ("bounces", "swallows"):
            from tools.night_people import reached  # noqa: PLC0415 - people know the world

            reached(self, one)

    def _receipt(self, road: str, update: Update, seconds: float) -> None:
        self.later(self.clock.now() + timedelta(seconds=seconds), lambda: self.receipt(road, update))
        if self.night.dice.random() < 0.1:
            self.later(self.clock.now() + timedelta(seconds=seconds + 1), lambda: self.receipt(road, update))

    def person(self, address: str) -> str | None:
        """Return the staff key behind an address."""
        people = self.night.config["router"]["people"]
        return next((key for key, one in people.items() if address in one["addresses"].values()), None)

    def say_back(self, road: str, sender: str, text: str, seconds: float, *, answers: str = "") -> None:
        """Somebody answers after so many seconds."""
        key = f"in-{next(self._keys)}"
        inbound = Inbound(key=key, sender=sender, text=text, raw=text.encode(), answers=(answers,) if answers else ())

        async def said() -> None:
            self.tell(f"{road} {self.person(sender) or sender}: {text}")
            await self.bring(road, inbound)

        self.later(self.clock.now() + timedelta(seconds=seconds), said)
