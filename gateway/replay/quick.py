"""Plays many conversations in one process for what they show of whose a message is: the real intake, judge and store.

Nothing is sent and no ladder climbs: there are no providers and no loops here, so weeks pass in an instant. Pressed
keys and switched providers of a scenario are passed over.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from channels.contract import Inbound
from gateway.app import table_of
from gateway.clock import MovedClock
from gateway.due import Due
from gateway.failing import Receipts
from gateway.intake import Intake
from gateway.judge import Judge
from gateway.judges import judge_of
from gateway.replay.play import address_of
from gateway.replay.scenario import CHANNELS, Line, Speak
from gateway.replay.standin import StandIn, spoken
from gateway.standing import Standing, ways
from store import judging, tickets
from store.db import open_database
from store.model import EventKind
from store.writer import Writer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from gateway.config import Config
    from store.db import Database

OURS = "support@gateway.example"
"""The address that mails of a conversation are written to."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """One message of a conversation and what became of it."""

    line: Speak
    ticket: int | None
    opened: bool
    staff: bool


class Quick:
    """Plays conversation after conversation, each on a store of its own in the same folder."""

    def __init__(self, config: Config, folder: Path) -> None:
        self._folder = folder
        self._config = _once(config)
        self._channels = {channel: StandIn(channel) for channel in CHANNELS}
        by_name = {one.name: one for one in self._channels.values()}
        self._standing = Standing(
            config=self._config, ways=ways(by_name), table=table_of(config), judges=(judge_of(config),)
        )
        self._empty = folder / "empty.db"
        made = open_database(f"sqlite:///{self._empty}", now=lambda: datetime.now(UTC))
        made.migrate()
        made.close()

    async def play(self, lines: Sequence[Line]) -> list[Told]:
        """Play one conversation; returns its messages in order of time."""
        said = [line for line in lines if isinstance(line, Speak)]
        clock = MovedClock(lines[0].at)
        keys: dict[str, str] = {}
        async with self._desk(clock) as desk:
            for line in said:
                clock.move(line.at)
                while (await desk.writer.do(desk.due.fire, None))[0]:
                    continue
                inbound = self._inbound(line, keys.get(line.reply_to or ""))
                keys[line.id] = inbound.key
                await desk.intake.accept(self._channels[line.channel].name, [inbound])
                await desk.intake.judge()
            with desk.database.read() as connection:
                placed, rows = judging.placed(connection), tickets.told(connection, 0)
        opened = {row["key"] for row in rows if row["kind"] == EventKind.OPENED}
        # What a machine answers in a thread is kept with its ticket and belongs to nothing.
        passed = {row["key"] for row in rows if row["kind"] == EventKind.IGNORED and row["number"] is not None}
        staff = {key for key, person in self._people()}
        return [
            Told(
                line=line,
                ticket=None if keys[line.id] in passed else placed.get(keys[line.id]),
                opened=keys[line.id] in opened,
                staff=self._address(line) in staff,
            )
            for line in said
        ]

    @asynccontextmanager
    async def _desk(self, clock: MovedClock) -> AsyncIterator[_Desk]:
        path = self._folder / "yizhan.db"
        for old in self._folder.glob(f"{path.name}*"):
            old.unlink()
        shutil.copy(self._empty, path)
        database = open_database(f"sqlite:///{path}", now=clock.now)
        writer = Writer(database, woken=lambda _: None)
        writer.start()
        try:
            yield _Desk(
                database=database,
                writer=writer,
                intake=Intake(
                    database,
                    writer,
                    Judge(self._standing),
                    Receipts(self._standing),
                    clock,
                    ways=self._standing.ways,
                ),
                due=Due(self._standing),
            )
        finally:
            await writer.stop()
            database.close()

    def _people(self) -> list[tuple[str, str]]:
        people = self._config.router.people.items()
        return [(address, key) for key, person in people for address in person.addresses.values()]

    def _address(self, line: Speak) -> str:
        return address_of(self._config, line.sender, "email" if line.channel == "email" else "tel")

    def _inbound(self, line: Speak, answers: str | None) -> Inbound:
        sender = self._address(line)
        if line.channel != "email":
            return spoken(line, sender, answers)
        parse = import_module("channels.email.parse")
        raw = _mail(line, sender, answers)
        found: Inbound = parse.to_inbound(parse.parse(raw), raw, our_domain=OURS.partition("@")[2])
        return found


@dataclass(frozen=True, kw_only=True, slots=True)
class _Desk:
    database: Database
    writer: Writer
    intake: Intake
    due: Due


def _once(config: Config) -> Config:
    """Let every ladder end: a ticket that nobody takes for weeks would be asked about thousands of times."""
    policies = {name: policy.model_copy(update={"repeat": None}) for name, policy in config.router.policies.items()}
    return replace(config, router=config.router.model_copy(update={"policies": policies}))


def _mail(line: Speak, sender: str, answers: str | None) -> bytes:
    """Write the mail that a line of a conversation tells of."""
    mail = EmailMessage()
    mail["From"], mail["To"] = sender, OURS
    mail["Message-ID"] = f"<{line.id}@{sender.rpartition('@')[2] or 'customer.example'}>"
    mail["Date"] = format_datetime(line.at)
    if line.subject is not None:
        mail["Subject"] = line.subject
    if answers is not None:
        mail["In-Reply-To"] = mail["References"] = f"<{answers.strip('<>')}>"
    mail.set_content(line.text)
    return mail.as_bytes()
