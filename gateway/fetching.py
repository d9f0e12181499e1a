"""Brings the files that still lie with a provider, after the message that named them was stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import structlog

from channels.contract import Channel, ChannelError, GiveUp, Misconfigured, Remote
from channels.powers import Fetches
from gateway.clock import Clock
from gateway.log import trail
from store import fetches
from store.fetches import Brought, Put, Want
from store.model import Fetch
from store.writer import Tx, Writer

log = structlog.get_logger()
LEASE = timedelta(minutes=2)
"""How long one try may take before another process may try as well."""
FIRST_RETRY = timedelta(seconds=10)
LONGEST_RETRY = timedelta(hours=1)
MOST_ATTEMPTS = 20
"""About half a day; providers keep files for hours to days."""


class Fetching:
    """The fetching of one process."""

    def __init__(self, channels: Mapping[str, Channel], writer: Writer, clock: Clock) -> None:
        self._channels = channels
        self._writer = writer
        self._clock = clock

    async def step(self) -> datetime | None:
        """Bring what is due; returns when the next try is due."""
        while found := await self._writer.do(fetches.claim, Want(most=5, lease=LEASE)):
            for one in found:
                await self._one(one)
        return await self._writer.do(ahead, None)

    async def _one(self, wanted: Fetch) -> None:
        channel = self._channels.get(wanted.channel)
        try:
            if not isinstance(channel, Fetches):
                raise GiveUp(f"{wanted.channel} cannot bring files")
            remote = Remote(ref=wanted.ref, name=wanted.name, type=wanted.type, size=wanted.size)
            file = await self._clock.within(LEASE / 2, channel.fetch(remote))
        except Exception as error:  # noqa: BLE001 - whatever it is, the file stays away and is tried again
            await self._missed(wanted, error)
        else:
            # A name from outside never carries a path.
            name = (file.name or wanted.name).replace("\\", "/").rpartition("/")[2]
            brought = Brought(fetch=wanted, name=name, type=file.type, content=file.content)
            await self._writer.do(fetches.keep, brought)

    async def _missed(self, wanted: Fetch, error: Exception) -> None:
        why = str(error) if isinstance(error, ChannelError) else trail(error)
        last = isinstance(error, (GiveUp, Misconfigured)) or wanted.attempt >= MOST_ATTEMPTS
        wait = min(FIRST_RETRY * 2 ** min(wanted.attempt, 12), LONGEST_RETRY)
        log.warning("file could not be brought", channel=wanted.channel, attempt=wanted.attempt, why=why, last=last)
        again = None if last else self._clock.now() + wait
        await self._writer.do(fetches.put, Put(fetch=wanted, again=again, why=why))


def ahead(tx: Tx, asks: Sequence[None]) -> list[datetime | None]:
    """Say when the next file is due."""
    return [fetches.upcoming(tx.connection)] * len(asks)
