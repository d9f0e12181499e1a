"""Takes texts of a broadcast back where their provider does: at a bounded pace, and what stays is counted and told."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog

from channels.contract import Channel, ChannelError, GiveUp, Misconfigured
from channels.powers import Recalls
from gateway.broadcast.moves import note
from gateway.clock import Clock
from store import broadcasts, leases, recalls
from store.db import Database
from store.leases import Hold
from store.recalls import Outcome, Recall
from store.work import Work
from store.writer import Tx, Writer

log = structlog.get_logger()
TOGETHER: Final = 10
"""Taken back at once, and no more than these in a second."""
PACE: Final = timedelta(seconds=1)
AGAIN: Final = timedelta(seconds=15)
"""After which one is tried again that nobody answered."""
PATIENCE: Final = timedelta(seconds=20)
"""For one answer of a provider."""
LEASE: Final = timedelta(minutes=1)
LATE: Final = "it was sent too long ago"
CANNOT: Final = "this channel takes nothing back"
NO_ID: Final = "the provider gave no id of it"
IN_PARTS: Final = "it went in several parts"


@dataclass(frozen=True, kw_only=True, slots=True)
class Settled:
    """What came of some recalls."""

    outcomes: Sequence[Outcome]


class Recalling:
    """The loop of one process; only one of them works at a time."""

    def __init__(
        self, channels: Mapping[str, Channel], database: Database, writer: Writer, clock: Clock, *, owner: str
    ) -> None:
        self._channels = channels
        self._database = database
        self._writer = writer
        self._clock = clock
        self._hold = Hold(name="recall", owner=owner, lease=LEASE)

    async def step(self) -> datetime | None:
        """Take some back; returns when the next ones are due."""
        now = self._clock.now()
        found, ahead = await asyncio.to_thread(self._look, now)
        if not found:
            return ahead
        if not await self._writer.do(leases.take, self._hold):
            return now + LEASE
        outcomes = await asyncio.gather(*(self._one(one) for one in found))
        await self._writer.do(settled, Settled(outcomes=outcomes))
        return self._clock.now() + PACE

    def _look(self, now: datetime) -> tuple[list[Recall], datetime | None]:
        with self._database.read() as connection:
            found = recalls.waiting(connection, now, TOGETHER)
            return found, None if found else recalls.next_at(connection)

    async def _one(self, one: Recall) -> Outcome:
        channel = self._channels.get(one.channel)
        why = self._against(one, channel)
        if why or not isinstance(channel, Recalls):
            return Outcome(recall=one, why=why or CANNOT)
        group = one.address if one.group else None
        try:
            to = "" if one.group else one.address
            await self._clock.within(PATIENCE, channel.recall(one.provider_id, to, group=group))
        except (GiveUp, Misconfigured) as refusal:
            return Outcome(recall=one, why=str(refusal))
        except (ChannelError, TimeoutError):
            return Outcome(recall=one, again=self._clock.now() + AGAIN)  # until it is too late
        except Exception as error:
            log.error("recall failed in an unknown way", channel=one.channel, exc_info=error)
            return Outcome(recall=one, why=type(error).__name__)
        return Outcome(recall=one)

    def _against(self, one: Recall, channel: Channel | None) -> str:
        if not isinstance(channel, Recalls):
            return CANNOT
        if self._clock.now() - one.at >= channel.recall_within:
            return LATE
        if not one.provider_id:
            return NO_ID
        return IN_PARTS if one.parts > 1 else ""


def settled(tx: Tx, items: Sequence[Settled]) -> list[None]:
    """Write down what came of recalls; the last one of a broadcast leaves a line of history with the counts."""
    outcomes = [one for item in items for one in item.outcomes]
    for ident in sorted({one.recall.broadcast_id for one in outcomes}):
        mine = [one for one in outcomes if one.recall.broadcast_id == ident]
        recalls.settle(tx, mine)
        found = broadcasts.by_id(tx.connection, ident)
        if found is not None and not recalls.waits(tx.connection, ident):
            _, back, kept = recalls.tally(tx.connection, ident)
            work = Work(tx)
            note(work, found, "", "recalled", count=back, kept=kept)
            work.flush()
    return [None] * len(items)
