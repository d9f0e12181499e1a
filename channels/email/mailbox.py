"""Fetching what is new in a mailbox: stored first, marked afterwards, so that a crash means twice and never lost."""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Final

from channels.contract import Accept, Inbound, Polled, Unreadable
from channels.email.config import Account
from channels.email.imap import AT_ONCE, Opened, Session
from channels.email.reading import Reader

BEGINNING: Final = 65_536
"""Bytes kept of a mail that is too long to be fetched."""
REMEMBERED: Final = 20_000
"""Message-IDs whose content is remembered while the process runs."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Cursor:
    """How far a mailbox has been read; UIDs count within one UIDVALIDITY only (RFC 3501 2.3.1.1)."""

    validity: int = 0
    uid: int = 0

    @classmethod
    def read(cls, text: str | None) -> Cursor:
        """From what was stored; anything unreadable begins anew, and repeated mails are recognised by their keys."""
        try:
            found = json.loads(text or "{}")
            return cls(validity=int(found["validity"]), uid=int(found["uid"]))
        except (ValueError, KeyError, TypeError):
            return cls()

    def text(self) -> str:
        """As it is stored."""
        return json.dumps({"validity": self.validity, "uid": self.uid})


class Distinct:
    """Tells two different mails with one Message-ID apart; a mail that comes again keeps its key."""

    def __init__(self) -> None:
        self._seen: OrderedDict[str, str] = OrderedDict()

    def key(self, inbound: Inbound) -> str:
        """The Message-ID, with a digest of the content behind it when another mail has used it already."""
        said = repr((inbound.sender, inbound.subject, inbound.sent_at, inbound.whole or inbound.text))
        digest = sha256(said.encode("utf-8", "replace")).hexdigest()[:16]
        known = self._seen.setdefault(inbound.key, digest)
        self._seen.move_to_end(inbound.key)
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        return inbound.key if known == digest else f"{inbound.key}#{digest}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Batch:
    """Mails that are stored in one transaction; `last` is the highest UID in it, gone ones included."""

    items: Sequence[Inbound | Unreadable]
    uids: Sequence[int]
    last: int


class Mailbox:
    """The mailbox of one account."""

    def __init__(self, account: Account, reader: Reader, *, open_session: Callable[[], Session]) -> None:
        self._account = account
        self._reader = reader
        self._open_session = open_session
        self._distinct = Distinct()

    async def poll(self, cursor: str | None, accept: Accept) -> Polled:
        """Bring everything after `cursor`; raises ChannelError, and whatever `accept` raises."""
        session = self._open_session()
        try:
            await session.open()
            opened = await session.select(self._account.imap.mailbox)
            return await self._bring(session, opened, Cursor.read(cursor), accept)
        finally:
            await session.close()

    async def _bring(self, session: Session, opened: Opened, cursor: Cursor, accept: Accept) -> Polled:
        begun = cursor.uid if cursor.validity == opened.validity else 0
        uids = await session.above(begun)
        batches = self._batches(session, opened, uids)
        ahead = asyncio.ensure_future(anext(batches, None))
        try:
            while (batch := await ahead) is not None:
                at = Cursor(validity=opened.validity, uid=batch.last).text()
                # The next mails come over the wire while these are being stored.
                ahead = asyncio.ensure_future(anext(batches, None))
                await accept(batch.items, cursor=at)
                await asyncio.wait((ahead,))
                await self._mark(session, opened, batch.uids)
        finally:
            ahead.cancel()
            await asyncio.gather(ahead, return_exceptions=True)
            await batches.aclose()
        return Polled(
            first=uids[0] if uids else None,
            last=uids[-1] if uids else None,
            count=len(uids),
            generation=str(opened.validity),
        )

    async def _batches(self, session: Session, opened: Opened, uids: Sequence[int]) -> AsyncGenerator[Batch]:
        most, room = self._account.imap.batch, self._account.imap.batch_mb * 1e6
        for start in range(0, len(uids), AT_ONCE):
            asked = uids[start : start + AT_ONCE]
            sizes = await session.sizes(asked)
            here: dict[int, int] = {}
            for uid in asked:
                if here and (len(here) >= most or sum(here.values()) + sizes.get(uid, 0) > room):
                    yield await self._batch(session, opened, here, sizes)
                    here = {}
                here[uid] = sizes.get(uid, 0)
            yield await self._batch(session, opened, here, sizes)

    async def _batch(self, session: Session, opened: Opened, here: dict[int, int], sizes: dict[int, int]) -> Batch:
        longest = self._account.max_mb * 1e6
        wanted = {uid: size for uid, size in here.items() if uid in sizes and size <= longest}
        fetched = {each.uid: each for each in (await session.bodies(wanted) if wanted else [])}
        items: list[Inbound | Unreadable] = []
        contents = [each.content for each in fetched.values() if each.content is not None]
        read = iter(await self._reader.read(contents))
        for uid in here:
            if uid in sizes and sizes[uid] > longest:
                items.append(_too_long(await session.beginning(uid, BEGINNING), sizes[uid]))
            elif uid in fetched:
                items.append(_unsent(opened, uid) if fetched[uid].content is None else self._told(next(read)))
        present = [uid for uid in here if uid in fetched or uid in sizes]
        return Batch(items=items, uids=present, last=max(here))

    def _told(self, item: Inbound | Unreadable) -> Inbound | Unreadable:
        if isinstance(item, Unreadable):
            return item
        key = self._distinct.key(item)
        return item if key == item.key else replace(item, key=key)

    async def _mark(self, session: Session, opened: Opened, uids: Sequence[int]) -> None:
        imap = self._account.imap
        if opened.read_only or not uids:
            return
        flags = [r"\Seen"] if imap.mark_seen else []
        if imap.keyword and (r"\*" in opened.flags or imap.keyword in opened.flags):
            flags.append(imap.keyword)
        if flags:
            await session.mark(uids, flags)
        if imap.processed_folder:
            await session.move(uids, imap.processed_folder)


def _too_long(beginning: bytes, size: int) -> Unreadable:
    digest = sha256(beginning + str(size).encode()).hexdigest()
    return Unreadable(
        key=f"sha256:{digest}",
        raw=beginning,
        where="message",
        why=f"{size} bytes are more than max_mb allows; only the beginning was fetched",
    )


def _unsent(opened: Opened, uid: int) -> Unreadable:
    return Unreadable(
        key=f"uid:{opened.validity}:{uid}", raw=b"", where="imap", why="the server names it and does not send it"
    )
