"""Brings the past of a channel in from files, by the door through which everything comes; the gateway judges it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from channels.contract import Automatic, Channel, Inbound, Malformed
from channels.powers import Imports, NotTaken
from store import inbox, judging
from store.db import Database

BATCH = 500


@dataclass(kw_only=True, slots=True)
class Report:
    """What became of every row."""

    taken: int = 0
    history: int = 0
    """Taken as well, but too old to open anything."""
    known: int = 0
    """They were there already."""
    not_taken: list[tuple[str, int | None, str]] = field(default_factory=list)
    """File, line (None: the file as a whole) and reason."""

    @property
    def failed(self) -> bool:
        """A file could not be read, or no row of any could be taken."""
        whole = any(line is None for _, line, _ in self.not_taken)
        return whole or (bool(self.not_taken) and not self.taken + self.history + self.known)


Keep = Callable[[Sequence[Inbound]], Any]
"""Awaitable: tells of each whether it is new."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """What is to be brought in."""

    files: Sequence[Path]
    since: datetime
    """What was said before is history."""
    progress: Callable[[str, int], None]
    """Told of the file and how many rows were read of it."""


def takers(channels: Mapping[str, Channel], what: str) -> dict[str, Channel]:
    """The accounts whose channel takes such files."""
    return {name: one for name, one in channels.items() if isinstance(one, Imports) and one.imports == what}


async def bring(wish: Wish, channel: Imports, keep: Keep) -> Report:
    """Read all files and keep what they hold, batch by batch; a row that cannot be read stops nothing."""
    report = Report()
    for file in wish.files:
        count = 0
        batch: list[Inbound] = []
        for row in _rows(file, channel, report):
            count += 1
            if isinstance(row, NotTaken):
                report.not_taken.append((str(file), row.line, row.why))
            else:
                batch.append(_aged(row, wish.since))
            if len(batch) >= BATCH:
                await _keep(batch, keep, report)
                batch = []
            if count % BATCH == 0:
                wish.progress(str(file), count)
        await _keep(batch, keep, report)
        wish.progress(str(file), count)
    return report


def _rows(file: Path, channel: Imports, report: Report) -> Iterator[Inbound | NotTaken]:
    try:
        yield from channel.rows(file.name, file.read_bytes())
    except Malformed as error:
        report.not_taken.append((str(file), None, str(error)))
    except OSError as error:
        report.not_taken.append((str(file), None, error.strerror or type(error).__name__))


def _aged(row: Inbound, since: datetime) -> Inbound:
    """Mark what opens nothing any more; a row that tells no time is of the past as well."""
    old = row.sent_at is None or row.sent_at < since
    return replace(row, automatic=Automatic.HISTORY) if old else row


async def _keep(batch: Sequence[Inbound], keep: Keep, report: Report) -> None:
    if not batch:
        return
    for row, new in zip(batch, await keep(batch), strict=True):
        if not new:
            report.known += 1
        elif row.automatic is Automatic.HISTORY:
            report.history += 1
        else:
            report.taken += 1


@dataclass(kw_only=True, slots=True)
class Pretend:
    """Looks what is new without writing anything."""

    database: Database | None
    """None: there is none yet, and all is new."""
    channel: str
    vouches: bool
    _seen: set[tuple[str, bytes]] = field(default_factory=set)

    async def keep(self, batch: Sequence[Inbound]) -> list[bool]:
        """Tell of each whether it would be new, by the rule of the door."""
        stored = await asyncio.to_thread(self._stored, batch)
        return [self._is_new(row, stored) for row in batch]

    def _stored(self, batch: Sequence[Inbound]) -> dict[str, bytes]:
        if self.database is None:
            return {}
        keys = [key for row in batch for key in (row.key, _apart(row))]
        found: dict[str, bytes] = {}
        with self.database.read() as connection:
            for at in range(0, len(keys), BATCH):
                found |= judging.raws(connection, self.channel, keys[at : at + BATCH])
        return found

    def _is_new(self, row: Inbound, stored: Mapping[str, bytes]) -> bool:
        """A key is taken once; where senders make the keys, other bytes under it are another message."""
        mark = (row.key, b"" if self.vouches else row.raw)
        seen = mark in self._seen
        self._seen.add(mark)
        there = inbox.short(row.key) in stored
        if there and not self.vouches and stored[inbox.short(row.key)] != row.raw:
            there = inbox.short(_apart(row)) in stored
        return not seen and not there


def _apart(row: Inbound) -> str:
    return f"{row.key}#{sha256(row.raw).hexdigest()[:16]}"
