"""The real gateway on a moved clock, which may lose its life at any step; whatever the database holds survives."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeVar

from channels.contract import Channel
from gateway.app import House, packaged_rules
from gateway.clock import MovedClock
from gateway.config import Config
from gateway.judges import packaged_judge
from gateway.standing import Standing, ways
from router.rules import Table, compile_rules
from store.batch import Failed, Move, is_exclusive, run
from store.db import Database
from store.ids import Ids
from store.writer import Writer

A = TypeVar("A")
R = TypeVar("R")


class Fate:
    """When one life of the process ends: at some step, drawn beforehand; nothing of that life happens after it."""

    def __init__(self, number: int, dice: random.Random, likely: float) -> None:
        self.number = number
        self.dead = False
        self._left = int(dice.expovariate(likely)) + 1 if likely else -1

    def step(self) -> bool:
        """Take one step; True when it was the last."""
        self._left -= 1
        if self._left == 0:
            self.dead = True
        return self.dead


class Straight(Writer):
    """Writes whatever waits in one transaction, as the writer does, but on the loop: the same seed, the same night.

    `saw` is called after each commit.
    """

    def __init__(
        self, database: Database, *, woken: Callable[[frozenset[str]], None], fate: Fate, saw: Callable[[], None]
    ) -> None:
        self._database, self._wake, self._fate, self._saw = database, woken, fate, saw
        self._commands: list[tuple[Any, Any, asyncio.Future[Any]]] = []

    @property
    def pending(self) -> int:
        """Commands handed in and not answered yet."""
        return 0 if self._fate.dead else len(self._commands)

    def start(self) -> None:
        """There is no thread to begin."""
        self._connection = self._database.engine.connect()

    async def stop(self) -> None:
        """Drop everything, as a killed process does; what was not committed is undone."""
        self._connection.invalidate()
        self._connection.close()

    async def do(self, move: Move[A, R], item: A) -> R:
        """Have one command written; of a life that is over nobody hears again."""
        if self._fate.dead:
            raise asyncio.CancelledError
        loop = asyncio.get_running_loop()
        future: asyncio.Future[R] = loop.create_future()
        self._commands.append((move, item, future))
        if len(self._commands) == 1:
            loop.call_soon(self._write_all)
        return await future

    def _write_all(self) -> None:
        if self._fate.dead or self._fate.step():
            return
        batch, self._commands = self._commands, []
        serial = self._database.shared and any(is_exclusive(move) for move, _, _ in batch)
        commands = [(move, item) for move, item, _ in batch]
        answers, names = run(self._connection, self._database, commands, serial=serial)
        self._saw()
        if self._fate.step():
            return
        for (_, _, future), answer in zip(batch, answers, strict=True):
            if future.done():
                continue
            if isinstance(answer, Failed):
                future.set_exception(answer.error)
            else:
                future.set_result(answer)
        if names:
            self._wake(names)


class Life(House):
    """One life of the gateway, from its start to its crash."""

    def __init__(
        self,
        config: Config,
        *,
        clock: MovedClock,
        database: Database,
        channels: Mapping[str, Channel],
        fate: Fate,
        saw: Callable[[], None],
        watches: bool,
    ) -> None:
        self.fate = fate
        standing = Standing(config=config, ways=ways(channels), table=packaged_table(), judges=(packaged_judge(),))
        database.now = clock.now
        database.ids = Ids(clock.now, node=fate.number)
        self.tasks: list[asyncio.Task[None]] = []

        def writing(opened: Database, *, woken: Callable[[frozenset[str]], None]) -> Straight:
            return Straight(opened, woken=woken, fate=fate, saw=saw)

        super().__init__(
            config,
            clock=clock,
            database=database,
            channels=channels,
            standing=standing,
            writing=writing,
            watches=watches,
        )
        self.owner = self.out.owner = f"life-{fate.number}"

    async def begin(self) -> None:
        """Start as `yizhan run` does, on tables that are there already."""
        self.writer.start()
        await self.out.recover(alone=True)
        await self._recover()
        self.tasks = [asyncio.create_task(loop.run(), name=loop.name) for loop in self.loops.values()]

    async def end(self) -> None:
        """Let go of everything without a word to the database; raises what a loop raised."""
        self.fate.dead = True
        sends = list(self.out._tasks)
        for task in (*self.tasks, *sends):
            task.cancel()
        await asyncio.gather(*self.tasks, *sends, return_exceptions=True)
        await self.writer.stop()
        forget(self.database)

    @property
    def calm(self) -> bool:
        """Nothing goes on that time alone would not end; texts that a provider holds are waited for by time."""
        return self.writer.pending == 0 and all(loop.idle for loop in self.loops.values())


def forget(database: Database) -> None:
    """Let go of all connections, as the end of a process does."""
    database._reader.dispose()
    database.engine.dispose()


@cache
def packaged_table() -> Table:
    """Compile the packaged rules once for all nights."""
    return compile_rules(packaged_rules())


def start_of_time() -> datetime:
    """When a database begins that no night uses yet."""
    return datetime(2026, 1, 1, tzinfo=UTC)
