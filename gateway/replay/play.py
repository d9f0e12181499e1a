"""Plays the lines of a scenario one after another, and tells what the histories say happened."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click

from channels.simulation import Fault, Phones
from gateway.clock import MovedClock
from gateway.config import Config
from gateway.replay.scenario import End, Line, Press, Speak, Switch
from gateway.replay.standin import StandIn, spoken
from gateway.stage import Stage
from store import tickets
from store.model import EventKind

WIRED = ("sms", "email")
"""Channels that are spoken by their provider's own protocol; the others go straight to the intake."""
OTHERS = ("wechat", "qq", "telegram", "hotline", "fax", "visit")
PRINTED = {kind: kind.value for kind in EventKind} | {
    EventKind.REOPENED: "joined",
    EventKind.RATED: "joined",
    EventKind.RELEASED: "escalated",
    EventKind.UNDONE: "escalated",
}
SILENT = {
    EventKind.NOTED,
    EventKind.LEVEL,
    EventKind.CLOCK,
    EventKind.RECEIPT,
    EventKind.COMMAND,
    EventKind.SUGGESTED,
    EventKind.DISMISSED,
}
AFTER = timedelta(hours=1)
"""How long a scenario without an end is played on after its last line."""
PATIENT = timedelta(minutes=5)
"""A key pressed before its call rings is pressed when it rings within this time."""


class Player:
    """One scenario being played."""

    def __init__(self, stage: Stage, clock: MovedClock, standins: dict[str, StandIn]) -> None:
        self._stage = stage
        self._clock = clock
        self._standins = standins
        self._ids: dict[str, str] = {}
        """Scenario id to the provider's id of the message."""
        self._names: dict[str, str] = {}
        self._printed = 0
        self._early: list[Press] = []

    async def play(self, lines: Sequence[Line]) -> AsyncIterator[dict[str, Any]]:
        """Play; yields what happened, in order of time."""
        await self._stage.settle()
        ends = [line.at for line in lines if isinstance(line, End)]
        until = ends[0] if ends else lines[-1].at + AFTER
        for line in lines:
            if line.at > until or isinstance(line, End):
                continue
            async for row in self._advance(line.at):
                yield row
            await self._act(line)
            await self._stage.settle()
            await self._press_early()
            for row in self._news():
                yield row
        async for row in self._advance(until):
            yield row
        for left in self._early:
            _not_pressed(left)
        await self._finish()

    async def _finish(self) -> None:
        """Let sends that a slow provider holds come to their end; else the house would wait for them."""
        for simulator in self._stage.simulators.values():
            simulator.fault = Fault.UP
        while self._stage.house.out.busy and (at := self._clock.next()) is not None:
            self._clock.move(at)
            await self._stage.settle()

    async def _advance(self, to: datetime) -> AsyncIterator[dict[str, Any]]:
        while (at := self._clock.next()) is not None and at <= to:
            self._clock.move(at)
            await self._stage.settle()
            await self._press_early()
            for row in self._news():
                yield row
        self._clock.move(to)
        await self._stage.settle()
        await self._press_early()
        for row in self._news():
            yield row

    async def _act(self, line: Line) -> None:
        match line:
            case Speak():
                await self._speak(line)
            case Press():
                if not await self._press(line):
                    self._early.append(line)
            case Switch():
                self._switch(line)
            case End():
                return

    def _switch(self, line: Switch) -> None:
        meant = self._stage.named(line.provider)
        for simulator in meant:
            simulator.fault = Fault(line.state)
        if not meant:
            known = ", ".join(self._stage.simulators)
            click.echo(f"{line.at.isoformat()}: no provider {line.provider}; known here: {known}", err=True)

    async def _speak(self, line: Speak) -> None:
        sender = self._address(line.sender, "email" if line.channel == "email" else "tel")
        answers = self._ids.get(line.reply_to or "")
        if line.channel in WIRED:
            name, simulator = next((n, s) for n, s in self._stage.simulators.items() if n.startswith(line.channel))
            key = await simulator.say(
                sender=sender, text=line.text, subject=line.subject, group=line.group, answers=answers
            )
            if name in self._stage.house.polling:
                await self._stage.settle()
                self._stage.house.poll_now(name)
        else:
            key = await self._say_directly(line, sender, answers)
        self._ids[line.id] = key
        self._names[key] = line.id

    async def _say_directly(self, line: Speak, sender: str, answers: str | None) -> str:
        inbound = spoken(line, sender, answers)
        await self._stage.house.intake.accept(self._standins[line.channel].name, [inbound])
        return inbound.key

    def _address(self, who: str, book: str) -> str:
        return address_of(self._stage.house.config, who, book)

    async def _press(self, line: Press) -> bool:
        number = self._address(line.number, "tel")
        for simulator in self._phones():
            rings = next((call.to for call in simulator.ringing() if _same(call.to, number)), None)
            if rings is not None:
                await simulator.press(rings, line.digit)
                return True
        return False

    async def _press_early(self) -> None:
        for line in list(self._early):
            if self._clock.now() - line.at > PATIENT:
                _not_pressed(line)
                self._early.remove(line)
            elif await self._press(line):
                self._early.remove(line)
                await self._stage.settle()

    def _phones(self) -> list[Phones]:
        return [s for s in self._stage.simulators.values() if isinstance(s, Phones)]

    def _news(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        with self._stage.house.database.read() as connection:
            for row in tickets.told(connection, self._printed):
                self._printed = row["id"]
                if row["kind"] not in SILENT:
                    rows.append(self._row(row))
        return rows

    def _row(self, row: Any) -> dict[str, Any]:
        more = row["more"] or {}
        return {
            "at": row["at"].isoformat(),
            "event": PRINTED[EventKind(row["kind"])],
            "ticket": row["number"],
            "message": self._names.get(row["key"] or ""),
            "kind": row["ticket_kind"],
            "level": row["level"],
            "to": self._whose(more),
            "method": more.get("by"),
            "text": row["text"] or None,
        }

    def _whose(self, more: Any) -> str | None:
        """Return the address that a text went to, so that the scenario can answer from it."""
        if more.get("at"):
            return str(more["at"])
        person = self._stage.house.config.router.people.get(more.get("to") or "")
        return next(iter(person.addresses.values())) if person else more.get("to")


def address_of(config: Config, who: str, book: str) -> str:
    """Let a scenario name one of the staff by key, name or any address."""
    for key, person in config.router.people.items():
        if who in (key, person.name, *person.addresses.values()):
            return person.addresses.get(book) or who
    return who


def _same(rings: str, number: str) -> bool:
    """Tell whether two writings mean one phone: with and without the country code."""
    digits = "".join(char for char in number if char.isdigit())
    return rings == number or (len(digits) >= 8 and rings.endswith(digits))


def _not_pressed(line: Press) -> None:
    click.echo(f"{line.at.isoformat()}: {line.number} did not ring; the key was not pressed", err=True)


async def replay(config: Config, lines: Sequence[Line], folder: Path) -> AsyncIterator[dict[str, Any]]:
    """Play a scenario in a folder of its own; yields what happened, in order of time."""
    clock = MovedClock(lines[0].at)
    standins = {channel: StandIn(channel) for channel in OTHERS}
    others = {standin.name: standin for standin in standins.values()}
    async with Stage(config, clock, folder, others=others) as stage:
        async for row in Player(stage, clock, standins).play(lines):
            yield row
    sys.stdout.flush()
