"""Group commit: callers hand in commands and wait; one thread writes whatever waits in one transaction.

On PostgreSQL there are two threads, so that taking messages in never waits for the lock of the exclusive moves.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Condition, Thread
from typing import Any, TypeVar

from sqlalchemy import Connection

from store.batch import Command, Failed, Move, Tx, exclusive, is_exclusive, run
from store.db import Database, OutcomeUnknown, StoreUnavailable, is_lost, unavailable

__all__ = ["Move", "Tx", "Writer", "exclusive"]

A = TypeVar("A")
R = TypeVar("R")


@dataclass(slots=True)
class _Waiting:
    command: Command
    future: asyncio.Future[Any]


class Writer:
    """The only way to write. `woken` is called on the loop after a commit, with the names that moves asked to wake."""

    def __init__(self, database: Database, *, woken: Callable[[frozenset[str]], None], most: int = 500) -> None:
        self._woken = woken
        self._plain = _Drain(database, self._settle, most=most, serial=False)
        self._exclusive = _Drain(database, self._settle, most=most, serial=True) if database.shared else self._plain
        self._drains = list({id(drain): drain for drain in (self._plain, self._exclusive)}.values())
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def pending(self) -> int:
        """Commands handed in and not answered yet."""
        return sum(drain.pending for drain in self._drains)

    def start(self) -> None:
        """Begin to write; called inside the running loop that callers use."""
        self._loop = asyncio.get_running_loop()
        for drain in self._drains:
            drain.start(self._loop)

    async def stop(self) -> None:
        """Write what waits, then end."""
        for drain in self._drains:
            await drain.stop()

    async def do(self, move: Move[A, R], item: A) -> R:
        """Have one command written and return its answer after the commit.

        Raises what the move raised for this command alone, or StoreUnavailable.
        """
        assert self._loop is not None, "the writer was not started"  # noqa: S101 - a mistake of ours
        future: asyncio.Future[R] = self._loop.create_future()
        drain = self._exclusive if is_exclusive(move) else self._plain
        drain.put(_Waiting((move, item), future))
        return await future

    def _settle(self, waiting: Sequence[_Waiting], answers: Sequence[Any], names: frozenset[str]) -> None:
        for one, answer in zip(waiting, answers, strict=True):
            if one.future.done():
                continue
            if isinstance(answer, Failed):
                one.future.set_exception(answer.error)
            else:
                one.future.set_result(answer)
        if names:
            self._woken(names)


class _Drain:
    """One thread with one connection, and the commands that wait for it."""

    def __init__(
        self,
        database: Database,
        settle: Callable[[Sequence[_Waiting], Sequence[Any], frozenset[str]], None],
        *,
        most: int,
        serial: bool,
    ) -> None:
        self._database = database
        self._settle = settle
        self._most = most
        self._serial = serial
        self._waiting: list[_Waiting] = []
        self._under_way = 0
        self._ending = False
        self._arrived = Condition()
        self._thread: Thread | None = None
        self._connection: Connection | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def pending(self) -> int:
        return len(self._waiting) + self._under_way

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._thread = Thread(target=self._run, name="writer-serial" if self._serial else "writer", daemon=True)
        self._thread.start()

    def put(self, one: _Waiting) -> None:
        with self._arrived:
            if self._ending:
                raise StoreUnavailable("the writer is stopping")
            self._waiting.append(one)
            if len(self._waiting) == 1:
                self._arrived.notify()

    async def stop(self) -> None:
        with self._arrived:
            self._ending = True
            self._arrived.notify()
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join)

    def _take(self) -> list[_Waiting]:
        """Wait for commands; an empty list means that it is time to end."""
        with self._arrived:
            self._under_way = 0
            while not self._waiting and not self._ending:
                self._arrived.wait()
            batch = self._waiting[: self._most]
            del self._waiting[: self._most]
            self._under_way = len(batch)
            return batch

    def _run(self) -> None:
        while batch := self._take():
            answers, names = self._write([one.command for one in batch])
            assert self._loop is not None  # noqa: S101 - set by start
            self._loop.call_soon_threadsafe(self._settle, batch, answers, names)
        self._disconnect()

    def _write(self, commands: Sequence[Command]) -> tuple[Sequence[Any], frozenset[str]]:
        stale = self._connection is not None
        failure: Exception
        try:
            return run(self._connect(), self._database, commands, serial=self._serial)
        except OutcomeUnknown as error:
            stale, failure = False, error
        except StoreUnavailable as error:
            failure = error
        except Exception as error:  # noqa: BLE001 - the thread must live on and every caller must hear of it
            stale, failure = False, unavailable(error) if is_lost(error) else error
        self._disconnect()
        # A connection that died while nobody used it: nothing was committed, a fresh one may do.
        return self._write(commands) if stale else ([Failed(failure)] * len(commands), frozenset())

    def _connect(self) -> Connection:
        if self._connection is None:
            self._connection = self._database.engine.connect()
        return self._connection

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()
            connection.close()
