"""Wakes the other processes on PostgreSQL: one NOTIFY for many commits, from outside their transactions.

A transaction that notifies takes a lock over the whole server (measured: a third of the commits at 32 connections), so
the names are sent afterwards, at most every 20 ms. What gets lost here is found by the slow poll.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from store.db import Database

if TYPE_CHECKING:
    from psycopg import AsyncConnection

CHANNEL = "yizhan"
CALM = 0.02
"""Seconds between two notifications of one process."""
AGAIN = 1.0
"""Seconds before a lost connection is opened again."""


class Notifier:
    """Tells the other processes what was woken here and calls `woken` for what they tell; on SQLite it rests."""

    def __init__(self, database: Database, *, woken: Callable[[frozenset[str]], None], again: float = AGAIN) -> None:
        self._database = database
        self._woken = woken
        self._again = again
        self._tag = secrets.token_hex(4)
        self._names: set[str] = set()
        self._told = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self.listening = asyncio.Event()
        """Set while notifications of others are heard."""

    def start(self) -> None:
        """Begin to listen; called inside the running loop."""
        if self._database.shared:
            self._tasks = [asyncio.create_task(self._lasting(part)) for part in (self._listen, self._send)]

    async def stop(self) -> None:
        """Close both connections."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    def tell(self, names: Iterable[str]) -> None:
        """Pass names on to the other processes soon."""
        self._names.update(names)
        if self._tasks and self._names:
            self._told.set()

    async def _lasting(self, part: Callable[["AsyncConnection"], object]) -> None:
        from psycopg import Error  # noqa: PLC0415 - the driver is there only where PostgreSQL is used

        while True:
            try:
                async with self._connected() as connection:
                    await part(connection)  # type: ignore[misc]  # both parts are coroutines
            except (Error, OSError):
                self.listening.clear()
                await asyncio.sleep(self._again)

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator["AsyncConnection"]:
        from psycopg import AsyncConnection  # noqa: PLC0415 - as above

        arguments, options = self._database.engine.dialect.create_connect_args(self._database.engine.url)
        connection = await AsyncConnection.connect(*arguments, **options, autocommit=True)
        try:
            yield connection
        finally:
            await connection.close()

    async def _listen(self, connection: "AsyncConnection") -> None:
        await connection.execute(f"LISTEN {CHANNEL}")
        self.listening.set()
        async for notification in connection.notifies():
            tag, _, names = notification.payload.partition(" ")
            if tag != self._tag:
                self._woken(frozenset(names.split(",")))

    async def _send(self, connection: "AsyncConnection") -> None:
        while True:
            await self._told.wait()
            self._told.clear()
            names = ",".join(sorted(self._names))
            await connection.execute("SELECT pg_notify(%s, %s)", (CHANNEL, f"{self._tag} {names}"))
            self._names.clear()
            await asyncio.sleep(CALM)
