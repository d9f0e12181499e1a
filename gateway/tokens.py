"""Access tokens in the store: all processes share them, and one at a time asks the provider for a new one."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from datetime import timedelta

from channels.contract import Token
from gateway.clock import Clock
from store import leases, tokens
from store.db import Database
from store.leases import Hold
from store.tokens import Kept
from store.writer import Writer

LIFE = 0.8
"""The part of a token's life after which it is renewed."""
LEASE = timedelta(seconds=20)
"""Longer than a provider takes to answer; whoever dies meanwhile holds the others up no longer."""
GLANCE = timedelta(milliseconds=200)
LOOKS = 50
"""How often one looks whether the process that asks has got an answer, before asking all the same."""


class SharedTokens:
    """The tokens of one house; channels are built before the house is, so the store is bound later."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._bound: tuple[Database, Writer, str] | None = None

    def bind(self, database: Database, writer: Writer, *, owner: str) -> None:
        """Say where the tokens are kept."""
        self._bound = (database, writer, owner)

    def _store(self) -> tuple[Database, Writer, str]:
        if self._bound is None:
            raise RuntimeError("the tokens were asked for before the store was open")
        return self._bound

    async def get(self, name: str, ask: Callable[[], Awaitable[Token]], *, refused: str | None = None) -> str:
        """Return the token called `name`; passes on what `ask` raises."""
        found = self._good(name, refused)
        if found is not None:
            return found
        async with self._locks[name]:
            return self._good(name, refused) or await self._renew(name, ask, refused)

    def _good(self, name: str, refused: str | None) -> str | None:
        with self._store()[0].read() as connection:
            kept = tokens.find(connection, name)
        fresh = kept is not None and kept.renew_at > self._clock.now() and kept.value != refused
        return kept.value if kept is not None and fresh else None

    async def _renew(self, name: str, ask: Callable[[], Awaitable[Token]], refused: str | None) -> str:
        """Ask as the only one of all processes; who finds another asking waits for its answer."""
        _, writer, owner = self._store()
        hold = Hold(name=f"token {name}", owner=owner, lease=LEASE)
        for _ in range(LOOKS):
            if await writer.do(leases.take, hold):
                break
            await self._clock.sleep(GLANCE)
            found = self._good(name, refused)
            if found is not None:
                return found
        try:
            return self._good(name, refused) or await self._asked(name, ask)
        finally:
            await writer.do(leases.release, hold)

    async def _asked(self, name: str, ask: Callable[[], Awaitable[Token]]) -> str:
        token = await ask()
        kept = Kept(name=name, value=token.value, renew_at=self._clock.now() + token.lasts * LIFE)
        await self._store()[1].do(tokens.keep, kept)
        return token.value
