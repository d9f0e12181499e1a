"""Keeps the connections that channels hold open themselves: started again when lost, by one process at a time."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from channels.contract import ChannelError, Inbound, Unreadable, Update
from channels.powers import Listens
from gateway.clock import Clock
from gateway.intake import Intake
from gateway.log import trail
from store import leases, notices
from store.db import Database, StoreUnavailable
from store.leases import Hold
from store.writer import Writer

log = structlog.get_logger()
LEASE = timedelta(seconds=30)
AGAIN = timedelta(seconds=1)
"""After a first loss; doubled with each further one in a row."""
LONGEST = timedelta(minutes=1)
STEADY = timedelta(minutes=2)
"""A connection that held this long was a good one: the next loss is a first one again."""
ALARMED = 5
"""Losses in a row that are an alarm."""


class Listener(Listens, Protocol):
    """A channel account that listens."""

    name: str


class Listening:
    """The listening of one account in one process."""

    def __init__(
        self, channel: Listener, *, database: Database, writer: Writer, intake: Intake, clock: Clock, owner: str
    ) -> None:
        self.name = channel.name
        self.since: datetime | None = None
        """When the present connection was begun; None while there is none here."""
        self.heard: datetime | None = None
        """When something last came by it."""
        self.losses = 0
        """In a row."""
        self._channel = channel
        self._database = database
        self._writer = writer
        self._intake = intake
        self._clock = clock
        self._hold = Hold(name=f"listen {channel.name}", owner=owner, lease=LEASE)

    async def run(self) -> None:
        """Go on until cancelled."""
        while True:
            try:
                if await self._mine():
                    await self._listen()
            except StoreUnavailable as error:
                log.warning("store unavailable", listening=self.name, error=str(error))
            await self._clock.sleep(min(AGAIN * 2 ** min(self.losses - 1, 6), LONGEST) if self.losses else LEASE / 2)

    async def _mine(self) -> bool:
        return not self._database.shared or await self._writer.do(leases.take, self._hold)

    async def _listen(self) -> None:
        began = self.since = self._clock.now()
        listening = asyncio.ensure_future(self._channel.listen(self._accept, self._receive))
        holding = asyncio.ensure_future(self._keep_lease())
        why = "the connection ended"
        try:
            await asyncio.wait({listening, holding}, return_when=asyncio.FIRST_COMPLETED)
            why = await _ended(listening)
        finally:
            self.since = None
            for task in (listening, holding):
                task.cancel()
            await asyncio.gather(listening, holding, return_exceptions=True)
            if self._database.shared:
                with contextlib.suppress(StoreUnavailable):
                    await self._writer.do(leases.release, self._hold)
        await self._lost(why, steady=self._clock.now() - began >= STEADY)

    async def _keep_lease(self) -> None:
        """Lengthen the lease while we listen; returns when another process has it."""
        while await self._mine():
            await self._clock.sleep(LEASE / 3)

    async def _lost(self, why: str, *, steady: bool) -> None:
        self.losses = 1 if steady else self.losses + 1
        log.warning("listening ended", channel=self.name, why=why, losses=self.losses)
        if self.losses == ALARMED:
            await self._writer.do(notices.alarm, f"{self.name} cannot listen: {why}")

    async def _accept(self, items: Sequence[Inbound | Unreadable], *, cursor: str | None = None) -> int:
        ids = await self._intake.accept(self.name, items, cursor=cursor)
        self.heard = self._clock.now()
        return sum(1 for ident in ids if ident is not None)

    async def _receive(self, updates: Sequence[Update]) -> None:
        await self._intake.receive(self.name, updates)


async def _ended(listening: asyncio.Future[None]) -> str:
    """Say why a connection is no more, in words without a secret."""
    if not listening.done():
        return "another process listens now"
    error = None if listening.cancelled() else listening.exception()
    if error is None:
        return "the connection ended"
    return str(error) if isinstance(error, ChannelError) else trail(error) if isinstance(error, Exception) else "ended"
