"""What a simulated provider is busy with, and what merely waits on the clock."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any


class Work:
    """Counts what goes on, so that replay and tests know when nothing happens any more at an instant."""

    def __init__(self) -> None:
        self.errors: list[str] = []
        """What went wrong in the background; a simulator never raises there."""
        self._going_on = 0
        self._tasks: set[asyncio.Task[None]] = set()

    def busy(self) -> bool:
        """Something is under way that does not wait on the clock."""
        return self._going_on > 0

    @contextmanager
    def working(self) -> Iterator[None]:
        """Count as busy."""
        self._going_on += 1
        try:
            yield
        finally:
            self._going_on -= 1

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Within work: a time in which only the clock or a person can go on."""
        self._going_on -= 1
        try:
            yield
        finally:
            self._going_on += 1

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Go on in the background; it counts as busy from now until its end."""
        self._going_on += 1
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    async def stop(self) -> None:
        """End what goes on in the background."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._going_on -= 1
        if not task.cancelled() and task.exception() is not None:
            self.errors.append(f"simulator: {task.exception()!r}")
