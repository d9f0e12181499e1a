"""The fax channel: watches a folder and, where there is one, the log of the fax server beside it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from channels.contract import (
    Accept,
    Around,
    Can,
    Channel,
    Finding,
    GiveUp,
    Inbound,
    Malformed,
    Misconfigured,
    Outgoing,
    Receipt,
    Unreadable,
    Webhook,
)
from channels.phone.fax import parse
from channels.phone.fax.config import Account
from channels.phone.fax.folder import Folder, changed_at
from channels.phone.fax.parse import File
from channels.phone.fax.recognise import Reader, enriched
from channels.phone.fax.xferfaxlog import Entry, entries
from channels.powers import NotTaken, Receipts
from channels.settings import Settings

PATIENCE = timedelta(minutes=10)
"""How long a file is waited for: until it is whole and, from HylaFAX, until its line in the log, at the call's end."""
UNREADABLE_LOG = "the log of the fax server cannot be read"


@dataclass(frozen=True, kw_only=True, slots=True)
class Log:
    """What the log of the server says now."""

    entries: Sequence[Entry] = ()
    failures: Sequence[Inbound] = ()
    """Young ones, and none of which a file tells."""

    def about(self, name: str) -> Entry | None:
        """The newest line about a received file."""
        fitting = [one for one in self.entries if one.kind == "RECV" and one.pages and one.name_of_file == name]
        return max(fitting, key=lambda one: one.at, default=None)


CAN: Final = Can(sends=False, replies=False, vouches=False, book="tel")


class Fax:
    """One fax line."""

    imports = "faxes"

    def __init__(self, account: Account, around: Around) -> None:
        self.name = f"fax:{around.account}"
        self.can = CAN
        self._account = account
        self._around = around
        self._zone = ZoneInfo(account.zone)
        at = Path(account.folder)
        self._folder = Folder(at=at, done=at / account.done, failed=at / account.failed)
        self._reader = Reader(languages=account.ocr_languages, pages=account.ocr_pages, seconds=account.ocr_seconds)
        self._told: set[str] = set()

    def webhooks(self) -> Sequence[Webhook]:
        """None: files fall into a folder."""
        return ()

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Nothing is faxed; always raises GiveUp."""
        del outgoing
        raise GiveUp("this channel only receives")

    async def listen(self, accept: Accept, receipts: Receipts) -> None:
        """Watch until cancelled; raises Misconfigured when the folder cannot be read or emptied."""
        del receipts
        while True:
            log = await asyncio.to_thread(self._read_log)
            await self._tell_failures(log, accept)
            for file in await asyncio.to_thread(self._folder.look):
                await self._take(file, log, accept)
            await asyncio.to_thread(self._refuse_closed)
            await self._around.sleep(timedelta(seconds=self._account.every_seconds))

    async def enrich(self, inbound: Inbound) -> Inbound:
        """Read what the files of a message say, as a suggestion; what was read before stays as it is."""
        return await enriched(inbound, self._reader) if self._account.ocr else inbound

    def rows(self, name: str, content: bytes) -> Iterator[Inbound | NotTaken]:
        """Read an xferfaxlog or a table of faxes (CSV, XLSX); raises Malformed when it is neither."""
        del name
        return parse.rows(content, self._zone)

    async def check(self) -> Sequence[Finding]:
        """Look whether the folder and the log are there, and whether reading works."""
        return await asyncio.to_thread(self._findings) + (await self._reads() if self._account.ocr else [])

    async def close(self) -> None:
        """Nothing is kept open."""

    async def _take(self, file: Path, log: Log, accept: Accept) -> None:
        """Store one file, and only then move it."""
        item = await asyncio.to_thread(self._item, file, log)
        if item is None:
            return
        if isinstance(item, Inbound):
            item = await self.enrich(item)
        await accept([item])
        await asyncio.to_thread(self._folder.put_away, file, failed=isinstance(item, Unreadable))

    def _item(self, file: Path, log: Log) -> Inbound | Unreadable | None:
        """The message in a file; None when it is gone or its line of the log is still to come."""
        try:
            size, at = file.stat().st_size, changed_at(file)
            if size > self._account.max_mb * 1e6:
                why = f"the file is larger than {self._account.max_mb:g} MB; it lies in {self._folder.failed}"
                return Unreadable(key=f"name:{file.name}:{size}", raw=b"", where="the file", why=why)
            content = file.read_bytes()
        except FileNotFoundError:
            return None
        entry = log.about(file.name)
        young = self._young(at)
        if entry is None and self._account.log and file.name.startswith("fax") and young:
            return None
        item = self._parsed(File(name=file.name, content=content, seen_at=at), entry)
        # What is not whole yet may still become so: pages come in minutes apart, and networks pause.
        return None if young and isinstance(item, Unreadable) else item

    def _young(self, at: datetime) -> bool:
        """Whether a file was written so lately that more may come; a clock that differs by far tells nothing."""
        return abs(self._around.now() - at) < PATIENCE

    def _refuse_closed(self) -> None:
        """Tell of faxes that stay closed to the gateway: nobody would miss them. Raises Misconfigured."""
        if any(file.exists() and not self._young(changed_at(file)) for file in self._folder.closed):
            raise Misconfigured("the gateway may not read a fax in the folder; give it the right (RecvFileMode)")

    def _parsed(self, file: File, entry: Entry | None) -> Inbound | Unreadable:
        try:
            return parse.inbound_of_file(file, self._account.patterns, self._zone, entry)
        except Malformed as error:
            key = f"broken:{parse.digest_of(file.content)}"
            return Unreadable(key=key, raw=file.content, where=error.where, why=error.why)

    def _read_log(self) -> Log:
        """Read the log anew: its lines are in no order, and it is rotated when it grows large."""
        if not self._account.log:
            return Log()
        try:
            content = Path(self._account.log).read_bytes()
        except OSError:
            # The server writes it with the first call; `check` tells of a wrong path. Faxes come in without it.
            return Log()
        found = list(entries(content, self._zone))
        back, now = timedelta(hours=self._account.hours_back), self._around.now()
        failures = [
            one
            for entry, one in parse.of_log(found)
            if entry and isinstance(one, Inbound) and parse.is_failure(entry) and entry.at >= now - back
        ]
        return Log(entries=[one for one in found if isinstance(one, Entry)], failures=failures)

    async def _tell_failures(self, log: Log, accept: Accept) -> None:
        """Tell of faxes that did not come through; those told before this start are known by their keys."""
        new = [one for one in log.failures if one.key not in self._told]
        if new:
            await accept(new)
        self._told = {one.key for one in log.failures}

    def _findings(self) -> list[Finding]:
        folder = self._folder
        there = folder.at.is_dir()
        cure = f"create {folder.at} and let the gateway write there"
        found = [Finding(what="folder of faxes", ok=there and folder.writable(), note=str(folder.at), cure=cure)]
        if there and (strange := folder.strange()):
            note = f"{strange} file(s) that are neither TIFF nor PDF by their names are never taken"
            found.append(Finding(what="other files", ok=None, note=note))
        if self._account.log:
            log = Path(self._account.log)
            cure = "write the path of xferfaxlog into `log`; on Debian it is /var/spool/hylafax/log/xferfaxlog"
            found.append(Finding(what="log of the fax server", ok=log.is_file(), note=str(log), cure=cure))
        return found

    async def _reads(self) -> list[Finding]:
        """Try to read an empty page."""
        reading = await self._reader.read(parse.BLANK)
        cure = "pip install 'yizhan[ocr]' and apt-get install tesseract-ocr tesseract-ocr-chi-sim, or ocr: false"
        return [Finding(what="reading of faxes", ok=True if not reading.why else None, note=reading.why, cure=cure)]


def build(account: Settings, around: Around) -> Channel:
    """One fax line, ready to watch."""
    assert isinstance(account, Account)  # noqa: S101 - the registry pairs them
    return Fax(account, around)


__all__ = ["Fax", "build"]
