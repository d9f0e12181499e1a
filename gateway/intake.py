"""Takes in what a channel parsed: stored first, then judged, and only then is anybody answered."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from types import MappingProxyType

import structlog

from channels.contract import Channel, Inbound, Spoken, Unreadable, Update
from gateway.clock import Clock
from gateway.config import Reroute
from gateway.failing import Receipts
from gateway.judge import Batch, Judge
from gateway.judged import Judged
from gateway.log import trail
from gateway.reroute import sorted_out
from gateway.signs import Sign, unsigned
from gateway.standing import Ways
from gateway.texts import language_of
from store import inbox, judging
from store.db import Database, StoreUnavailable
from store.inbox import Arrival, Bring, Broken
from store.judging import Unjudged
from store.writer import Writer

log = structlog.get_logger()
ONE_MOMENT = Spoken(text="请稍候，再按一次。 One moment please, then press again.", more=True)
PATIENCE = timedelta(seconds=4)
"""How long a caller on the line waits for an answer; providers give up after 5 to 15 seconds."""
GLANCE = timedelta(milliseconds=250)
"""How often a waiting call looks whether another process has judged."""


CROWD = 8
"""So many arrivals between two batches are a crowd: then taking in goes first and judging by slices."""
SLICE = 4
"""Messages judged at once in a crowd: who waits for an answer waits for no more than these."""
BREATH = timedelta(milliseconds=40)
"""How long judging stands back in a crowd; everything is safe by then, and no page waits long for it."""


class Intake:
    """The door of the house."""

    def __init__(
        self,
        database: Database,
        writer: Writer,
        judge: Judge,
        receipts: Receipts,
        clock: Clock,
        *,
        ways: Ways,
        reroutes: Sequence[Reroute] = (),
        channels: Mapping[str, Channel] = MappingProxyType({}),
    ) -> None:
        self.sign: Sign = unsigned
        self._ways = ways
        self._reroutes = reroutes
        self._channels = channels
        self._database = database
        self._writer = writer
        self._judge = judge
        self._receipts = receipts
        self._clock = clock
        self._arrived = 0
        """Since the last batch was judged."""
        self._listening: dict[int, asyncio.Future[Judged]] = {}

    async def accept(
        self, channel: str, items: Sequence[Inbound | Unreadable], *, cursor: str | None = None
    ) -> list[int | None]:
        """Store what came and return the ids of what is new; returns after commit."""
        if not any(one.account == channel for one in self._reroutes):
            return await self._keep(channel, items, account=channel, cursor=cursor)
        ids: list[int | None] = [None] * len(items)
        parts = await sorted_out(channel, items, self._reroutes, self._channels)
        own = parts.pop(channel, [])
        for account, some in (*parts.items(), (channel, own)):
            # The account's own part comes last and carries the cursor: a crash in between only brings it all again.
            kept = await self._keep(
                account, [i for _, i in some], account=channel, cursor=None if some is not own else cursor
            )
            for (place, _), ident in zip(some, kept, strict=True):
                ids[place] = ident
        return ids

    async def _keep(
        self, channel: str, items: Sequence[Inbound | Unreadable], *, account: str, cursor: str | None
    ) -> list[int | None]:
        self._arrived += 1
        now = self._clock.now()
        rows = tuple(arrival(channel, item, now) for item in items)
        if not self._ways.vouches(channel):
            rows = self._told_apart(channel, rows)
        ids: list[int | None] = await self._writer.do(inbox.accept, Bring(items=rows, account=account, cursor=cursor))
        for name in {channel, account} if items else ():
            self.sign(name, "something came in")
        return ids

    def _told_apart(self, channel: str, rows: Sequence[Arrival | Broken]) -> tuple[Arrival | Broken, ...]:
        """Give what differs from the message that has its key a key of its own: senders make these keys themselves."""
        with self._database.read() as connection:
            stored = judging.raws(connection, channel, [row.key for row in rows if isinstance(row, Arrival)])
        return tuple(
            replace(row, key=f"{row.key}#{sha256(row.raw).hexdigest()[:16]}")
            if isinstance(row, Arrival) and stored.get(inbox.short(row.key), row.raw) != row.raw
            else row
            for row in rows
        )

    async def receive(self, channel: str, updates: Sequence[Update]) -> None:
        """Store what providers say became of our texts."""
        for update in updates:
            await self._writer.do(self._receipts.take, (channel, update))
            self.sign(channel, "a receipt came")

    async def answer(self, message_id: int | None, *, channel: str = "", key: str = "") -> Spoken:
        """Wait for what a caller on the line should hear; a key press that came before gets the answer it got then."""
        if message_id is None:
            with self._database.read() as connection:
                message_id = judging.id_of(connection, channel, key)
        if message_id is None:
            return ONE_MOMENT
        future = self._listening.get(message_id) or asyncio.get_running_loop().create_future()
        self._listening[message_id] = future
        try:
            return await self._hear(message_id, future)
        finally:
            self._listening.pop(message_id, None)

    async def _hear(self, message_id: int, future: asyncio.Future[Judged]) -> Spoken:
        """Wait for the judgement of this process, with looks at what others made of it; in the end ask for patience."""
        for _ in range(PATIENCE // GLANCE):
            spoken = self._judged_already(message_id)
            if spoken is not None:
                return spoken
            await asyncio.wait([future], timeout=GLANCE.total_seconds())
            if future.done():
                judged = future.result()
                return Spoken(text=judged.spoken or "", language=judged.language, more=judged.more)
        return ONE_MOMENT

    def _judged_already(self, message_id: int) -> Spoken | None:
        with self._database.read() as connection:
            verdict = judging.verdict(connection, message_id)
        if not verdict.get("spoken"):
            return None
        return Spoken(text=verdict["spoken"], language=verdict.get("language", "zh"), more=bool(verdict.get("more")))

    async def judge(self) -> datetime | None:
        """Judge what waits; a message that cannot be judged goes to quarantine alone."""
        while True:
            crowd, self._arrived = self._arrived >= CROWD, 0
            if crowd:
                await asyncio.sleep(BREATH.total_seconds())
            try:
                judged = await self._writer.do(self._judge.batch, Batch(most=SLICE) if crowd else Batch())
            except StoreUnavailable:
                raise
            except Exception as error:  # noqa: BLE001 - found again one by one below
                log.warning("batch could not be judged", error=type(error).__name__)
                judged = await self._one_by_one()
            if not judged:
                return None
            self._tell(judged)

    async def _one_by_one(self) -> list[Judged]:
        judged: list[Judged] = []
        for message_id in await self._writer.do(judging.waiting_ids, 100):
            try:
                judged += await self._writer.do(self._judge.batch, Batch(only=message_id))
            except StoreUnavailable:
                raise
            except Exception as error:
                log.exception("message could not be judged", message=message_id)
                unjudged = Unjudged(message_id=message_id, where="judge", why=trail(error))
                await self._writer.do(judging.set_aside, unjudged)
                judged.append(Judged(message_id=message_id))
        return judged

    def _tell(self, judged: Sequence[Judged]) -> None:
        for one in judged:
            future = self._listening.get(one.message_id)
            if future is not None and not future.done():
                future.set_result(one)


def arrival(channel: str, item: Inbound | Unreadable, now: datetime) -> Arrival | Broken:
    """Turn what an adapter parsed into the rows that are kept."""
    if isinstance(item, Unreadable):
        return Broken(channel=channel, key=item.key, at=now, where=item.where, why=item.why, raw=item.raw)
    return Arrival(
        channel=channel,
        key=item.key,
        at=now,
        said_at=item.sent_at,
        sender=item.sender,
        sender_name=item.sender_name,
        reply_to=item.reply_to,
        group=item.group,
        subject=item.subject,
        text=item.text,
        whole=item.whole,
        refs=item.references,
        answers=item.answers,
        automatic=item.automatic,
        language=language_of(item.text),
        attachments=tuple((a.name, a.type, a.content) for a in item.attachments),
        remotes=tuple((r.ref, r.name, r.type, r.size) for r in item.remotes),
        hints=hints(item),
        raw=item.raw,
    )


def hints(item: Inbound) -> dict[str, str]:
    """Return what the channel knew besides the words, under the names that the judgement asks for."""
    known = {
        "named": "1" if item.named else "",
        "group_name": item.group_name,
        "customer": item.customer,
        "bounce": str(item.bounce or ""),
    }
    return {name: value for name, value in known.items() if value}
