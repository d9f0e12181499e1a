"""Threads of their own for the bytes of packages, so that a slow disk or bucket keeps nobody else waiting."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

R = TypeVar("R")
AT_ONCE: Final = 8


class Hands:
    """A few threads, started when they are first needed."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._pool = ThreadPoolExecutor(at_once, thread_name_prefix="packages")
        self.closing = False
        """Long work looks at it and ends early; whatever it was, it is done anew after the next start."""

    async def do(self, work: Callable[[], R]) -> R:
        """Return what the work returns, done away from the loop.

        Whoever is cancelled meanwhile is held until the work has ended: a thread must not write to a file that was
        closed behind its back.
        """
        future = asyncio.get_running_loop().run_in_executor(self._pool, work)
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            await asyncio.wait({future})
            raise

    async def close(self) -> None:
        """Let what is under way end; what was not begun is dropped."""
        self.closing = True
        await asyncio.to_thread(self._pool.shutdown, cancel_futures=True)
