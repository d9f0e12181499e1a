"""Asks channels that may be dead although they look quiet whether they live; a change is an alarm."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from channels.contract import ChannelError, Finding
from channels.powers import Probes
from gateway.clock import Clock
from gateway.log import trail
from gateway.signs import Sign, unsigned
from store import notices
from store.writer import Writer

log = structlog.get_logger()
LONGEST = timedelta(minutes=1)
"""A probe that takes longer found nobody alive."""


class Probing:
    """The probing of one account."""

    def __init__(self, name: str, channel: Probes, writer: Writer, clock: Clock) -> None:
        self.name = name
        self.sign: Sign = unsigned
        self.last: Finding | None = None
        """What the last probe found."""
        self._channel = channel
        self._writer = writer
        self._clock = clock

    async def step(self) -> datetime | None:
        """Probe; returns when to probe again."""
        before, self.last = self.last, await self._probe()
        if self.last.ok:
            self.sign(self.name, "it answered a probe")
        if self.last.ok is False and (before is None or before.ok is not False):
            log.error("channel does not answer its probe", channel=self.name, note=self.last.note)
            await self._writer.do(notices.alarm, f"{self.name} does not live: {self.last.note}")
        elif self.last.ok and before is not None and before.ok is False:
            await self._writer.do(notices.alarm, f"{self.name} lives again")
        return self._clock.now() + self._channel.probe_every

    async def _probe(self) -> Finding:
        try:
            return await self._clock.within(LONGEST, self._channel.probe())
        except Exception as error:  # noqa: BLE001 - whatever it is, the account did not answer
            why = str(error) if isinstance(error, ChannelError) else trail(error)
            return Finding(what=self.name, ok=False, note=why)
