"""Reads pulled accounts at their times of day, in between where wished, and on demand; each look is a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import Connection

from channels.contract import ChannelError, Inbound, Polled, Polls, Unreadable
from gateway.clock import Clock
from gateway.intake import Intake
from gateway.log import trail
from gateway.signs import Sign, unsigned
from router import slots
from store import leases, polls
from store.db import Database, StoreUnavailable
from store.leases import Hold
from store.model import Event, EventKind, Poll
from store.polls import Look, Looked
from store.work import Work
from store.writer import Tx, Writer

log = structlog.get_logger()
AGAIN = timedelta(minutes=1)
"""After a mailbox that could not be read."""
LEASE = timedelta(minutes=1)
"""One fetcher per mailbox; lengthened with everything that it stores."""
LATE = timedelta(minutes=15)
"""A slot that nobody served within this time was missed, and is written down as that."""
MISSED = "missed"
PROOF = timedelta(days=8)
FURTHEST = timedelta(days=31)
"""Up to how far back missed slots are written down one by one."""


class Pulled(Polls, Protocol):
    """A channel account that must be asked."""

    name: str


@dataclass(kw_only=True, slots=True)
class Hands:
    """What polling needs of the house."""

    database: Database
    writer: Writer
    intake: Intake
    clock: Clock
    zone: ZoneInfo
    owner: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Miss:
    """Promised times at which an account was not read."""

    account: str
    slots: Sequence[datetime]


class Polling:
    """The reading of one account."""

    def __init__(self, channel: Pulled, hands: Hands) -> None:
        self.name = channel.name
        self.asked = False
        """Somebody wants it read now."""
        self.sign: Sign = unsigned
        self._channel = channel
        self._hands = hands
        self._judged: datetime | None = None
        """Up to when every slot is known to be served or written down as missed."""

    async def step(self) -> datetime | None:
        """Read if a slot came or somebody asked; returns when to look again."""
        now = self._hands.clock.now()
        slot, good = self._slot(now)
        every, asked = self._channel.every, self.asked
        between = every is not None and (good is None or good.started_at + every <= now)
        if slot is None and not between and not asked:
            return self._next(now, good)
        self.asked = False
        if not await self._fetch(slot):
            self.asked = self.asked or asked
            return self._hands.clock.now() + AGAIN
        return self._next(self._hands.clock.now(), None)

    def late(self, connection: Connection, now: datetime) -> str:
        """Say when the last promised reading did not take place; "" while it did, or may still."""
        slot = slots.latest(self._channel.times, self._hands.zone, now)
        if slot is None or now - slot < LATE or polls.poll_for(connection, self.name, slot):
            return ""
        last = polls.last_poll(connection, self.name)
        why = f", last error: {last.error}" if last and last.error else ""
        return f"not read since it was due at {slot:%Y-%m-%d %H:%M}Z{why}"

    def _slot(self, now: datetime) -> tuple[datetime | None, Poll | None]:
        """Return the last slot if nobody served it, and the last good look."""
        slot = slots.latest(self._channel.times, self._hands.zone, now)
        with self._hands.database.read() as connection:
            good = polls.last_poll(connection, self.name, succeeded=True)
            served = slot and polls.poll_for(connection, self.name, slot)
        return (None if served else slot), good

    def _next(self, now: datetime, good: Poll | None) -> datetime | None:
        ahead = slots.upcoming(self._channel.times, self._hands.zone, now)
        if self._channel.every is None:
            return ahead
        between = (good.started_at if good else now) + self._channel.every
        return min(ahead, between) if ahead else between

    async def _fetch(self, slot: datetime | None) -> bool:
        if not self._hands.database.shared:  # nobody else can write there, and a lease would outlive a crash
            return await self._catch_up(slot)
        hold = self._hold()
        if not await self._hands.writer.do(leases.take, hold):
            return False  # another process reads this account just now
        try:
            return await self._catch_up(slot)
        finally:
            await self._hands.writer.do(leases.release, hold)

    def _hold(self) -> Hold:
        return Hold(name=f"poll {self.name}", owner=self._hands.owner, lease=LEASE)

    async def _catch_up(self, slot: datetime | None) -> bool:
        """Write down what was missed, then look; one look brings everything that came since the last."""
        if slot is not None:
            with self._hands.database.read() as connection:
                if polls.poll_for(connection, self.name, slot):  # by another process, while this one waited
                    return True
                until = self._hands.clock.now() - LATE
                open_slots = self._unserved(connection, until)
            if open_slots:
                log.error("mailbox was not read in time", account=self.name, slots=open_slots)
                await self._hands.writer.do(miss, Miss(account=self.name, slots=open_slots))
            self._judged = until
        return await self._look(slot)

    def _unserved(self, connection: Connection, until: datetime) -> list[datetime]:
        since = self._judged or self._begin(connection, until)
        if since is None or since >= until:
            return []
        rows = polls.polls_between(connection, self.name, since, self._hands.clock.now())
        settled = {row.slot for row in rows if row.error == MISSED or (row.ended_at and not row.error)}
        return [s for s in slots.between(self._channel.times, self._hands.zone, since, until) if s not in settled]

    def _begin(self, connection: Connection, until: datetime) -> datetime | None:
        """Return since when slots are to be looked at after a start: the first look of the last days, else the last."""
        rows = polls.polls_between(connection, self.name, until - PROOF, self._hands.clock.now())
        first = rows[0] if rows else polls.last_poll(connection, self.name)
        return max(first.started_at, until - FURTHEST) if first else None

    async def _look(self, slot: datetime | None) -> bool:
        hands, fresh, error, polled = self._hands, 0, None, Polled()

        async def accept(items: Sequence[Inbound | Unreadable], *, cursor: str | None = None) -> int:
            nonlocal fresh
            ids = await hands.intake.accept(self.name, items, cursor=cursor)
            if hands.database.shared:
                await hands.writer.do(leases.take, self._hold())
            count = sum(1 for ident in ids if ident is not None)
            fresh += count
            return count

        poll_id = await hands.writer.do(polls.start, Look(account=self.name, slot=slot))
        with hands.database.read() as connection:
            cursor = polls.cursor(connection, self.name)
        try:
            polled = await self._channel.poll(cursor, accept)
        except Exception as problem:  # noqa: BLE001 - whatever it is, the look failed and is tried again
            error = _why(problem)
            log.warning("mailbox could not be read", account=self.name, error=error)
        looked = Looked(
            poll_id=poll_id,
            generation=polled.generation,
            first=polled.first,
            last=polled.last,
            count=fresh,
            error=error,
        )
        await hands.writer.do(polls.finish, looked)
        if error is None:
            self.sign(self.name, "it was read")
        return error is None


def _why(problem: Exception) -> str:
    """Give the words of our own errors; those of any other may quote a mail."""
    if isinstance(problem, (ChannelError, StoreUnavailable)):
        return f"{type(problem).__name__}: {problem}"
    return trail(problem)


def miss(tx: Tx, misses: Sequence[Miss]) -> list[None]:
    """Write one row for each missed slot, and an alarm that names them."""
    work = Work(tx)
    for one in misses:
        for slot in one.slots:
            work.add(
                Poll(id=work.id(), account=one.account, slot=slot, started_at=tx.now, ended_at=tx.now, error=MISSED)
            )
        named = ", ".join(f"{slot:%Y-%m-%d %H:%M}Z" for slot in one.slots)
        text = f"{one.account} was not read at {named}"
        work.add(Event(id=work.id(), at=tx.now, kind=EventKind.ALARM, text=text, more={"account": one.account}))
    work.flush()
    return [None] * len(misses)
