"""Calls that came in, brought from logs and tables: files given to an import, or put into a watched folder."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from channels.contract import (
    Accept,
    Around,
    Automatic,
    Can,
    Channel,
    Finding,
    GiveUp,
    Inbound,
    Misconfigured,
    Outgoing,
    Receipt,
    Webhook,
)
from channels.phone.records import parse
from channels.phone.records.config import Account
from channels.phone.records.told import PASSED_OVER
from channels.phone.records.watch import Watch
from channels.powers import NotTaken, Receipts
from channels.settings import Settings

CAN: Final = Can(book="tel", sends=False, replies=False, links=False, vouches=False)
BATCH: Final = 200
"""Calls that are stored in one go."""
IDLE: Final = timedelta(hours=1)
T = TypeVar("T")


class Records:
    """The call records of one switchboard."""

    can = CAN
    imports = "calls"

    def __init__(self, account: Account, around: Around) -> None:
        self.name = f"hotline:{around.account}"
        self._account = account
        self._around = around

    def webhooks(self) -> Sequence[Webhook]:
        """None: records lie in files."""
        return ()

    def rows(self, name: str, content: bytes) -> Iterator[Inbound | NotTaken]:
        """Read one file, whatever it is called."""
        del name
        return parse.calls(content, self._account)

    async def listen(self, accept: Accept, receipts: Receipts) -> None:
        """Watch the folder until cancelled; raises Misconfigured when it cannot be read or written."""
        del receipts
        if self._account.folder is None:
            while True:
                await self._around.sleep(IDLE)
        watch = Watch(self._account.folder, self._account.stays)
        while True:
            for path in await _disk(watch.ready):
                await self._take(watch, path, accept)
            await self._around.sleep(timedelta(seconds=self._account.every_seconds))

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Refuse: a log is read and not written to."""
        del outgoing
        raise GiveUp("call records are read only")

    async def check(self) -> Sequence[Finding]:
        """Whether the watched folder is there and its files can be put away."""
        folder = self._account.folder
        if folder is None:
            return [Finding(what="folder of call records", ok=None, note="none is watched; files come by import")]
        return [await asyncio.to_thread(_found, folder)]

    async def close(self) -> None:
        """Nothing is held."""

    async def _take(self, watch: Watch, path: Path, accept: Accept) -> None:
        """Store the calls of one file, and only then put it away."""
        calls, refused = await _disk(partial(self._read, watch, path))
        for first in range(0, len(calls), BATCH):
            await accept(calls[first : first + BATCH])
        good = bool(calls) or all(one.why in PASSED_OVER for one in refused)
        await _disk(partial(watch.finish, path, refused, good=good, at=self._around.now()))

    def _read(self, watch: Watch, path: Path) -> tuple[list[Inbound], list[NotTaken]]:
        try:
            found = list(self.rows(path.name, watch.read(path)))
        except ValueError as error:
            return [], [NotTaken(line=1, why=str(error))]
        now = self._around.now()
        calls = [self._aged(one, now) for one in found if isinstance(one, Inbound)]
        return calls, [one for one in found if isinstance(one, NotTaken)]

    def _aged(self, inbound: Inbound, now: datetime) -> Inbound:
        """Mark what is of the past: the first look at an old log must ring nobody."""
        fresh = timedelta(hours=self._account.fresh_hours)
        if inbound.sent_at is None or now - inbound.sent_at <= fresh:
            return inbound
        return replace(inbound, automatic=Automatic.HISTORY)


def build(account: Settings, around: Around) -> Channel:
    """The channel of one account; nothing is read yet."""
    if not isinstance(account, Account):
        raise TypeError("the hotline channel needs the settings of channels.phone.records.config")
    return Records(account, around)


async def _disk(work: Callable[[], T]) -> T:
    """Do what waits for a disk in a thread; raises Misconfigured when the disk refuses."""
    try:
        return await asyncio.to_thread(work)
    except OSError as error:
        raise Misconfigured(f"the folder of call records: {error.strerror}") from None


def _found(folder: Path) -> Finding:
    what = "folder of call records"
    try:
        count = sum(1 for path in folder.iterdir() if path.is_file())
        (folder / ".yizhan").touch()
        (folder / ".yizhan").unlink()
    except OSError as error:
        cure = "make the folder, and let the user that runs the program read and write there"
        return Finding(what=what, ok=False, note=error.strerror or "", cure=cure)
    return Finding(what=what, ok=True, note=f"{count} files")
