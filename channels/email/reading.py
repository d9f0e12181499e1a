"""Raw mails to inbounds without holding up the loop: others get their turn between two mails, long ones go to a thread.

Processes were measured and left out: a mail is read in 0.3 ms, and moving it between processes costs more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from channels.contract import Inbound, Unreadable
from channels.email.errors import TooMuch
from channels.email.parse import Limits, digest_key, parse, to_inbound

LONG: Final = 1_000_000
"""Bytes from which a mail is read in a thread."""


def read_one(raw: bytes, limits: Limits, our_domain: str) -> Inbound | Unreadable:
    """One mail; beyond the limits it is Unreadable with the place and the reason."""
    try:
        return to_inbound(parse(raw, limits), raw, our_domain=our_domain)
    except TooMuch as problem:
        return Unreadable(key=digest_key(raw), raw=raw, where=problem.where, why=problem.why)


class Reader:
    """Reads mails of one account."""

    def __init__(self, limits: Limits, our_domain: str) -> None:
        self._limits = limits
        self._domain = our_domain

    async def read(self, raws: Sequence[bytes]) -> list[Inbound | Unreadable]:
        """The mails in order."""
        return [await self._read(raw) for raw in raws]

    def again(self, raw: bytes) -> Inbound | Unreadable:
        """One mail that was set aside; meanwhile the limits may be other ones."""
        return read_one(raw, self._limits, self._domain)

    async def _read(self, raw: bytes) -> Inbound | Unreadable:
        if len(raw) > LONG:
            return await asyncio.to_thread(read_one, raw, self._limits, self._domain)
        await asyncio.sleep(0)
        return read_one(raw, self._limits, self._domain)
