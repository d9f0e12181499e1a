"""The loop of a background task: woken, due, failing, ending."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from gateway.clock import MovedClock
from gateway.loop import LONGEST, Loop
from store.db import StoreUnavailable

START = datetime(2026, 3, 2, tzinfo=UTC)
SECOND = timedelta(seconds=1)


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


class Step:
    """Answers or raises what it is told to, and remembers when it was done."""

    def __init__(self, clock: MovedClock, *, error: Exception | None = None, due: timedelta | None = None) -> None:
        self.clock = clock
        self.error = error
        self.due = due
        self.done: list[float] = []
        self.during: Callable[[], None] = lambda: None

    async def __call__(self) -> datetime | None:
        self.done.append((self.clock.now() - START).total_seconds())
        self.during()
        if self.error is not None:
            raise self.error
        return None if self.due is None else self.clock.now() + self.due


@asynccontextmanager
async def running(loop: Loop) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(loop.run())
    await settle()
    yield task
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_step_is_done_at_the_start_when_due_and_when_woken() -> None:
    clock = MovedClock(START)
    step = Step(clock, due=10 * SECOND)
    loop = Loop("x", clock, step)
    async with running(loop):
        clock.move(START + 10 * SECOND)
        await settle()
        loop.wake()
        await settle()
        assert step.done == [0, 10, 10]
        assert (loop.idle, loop.failures, loop.last_good) == (True, 0, START + 10 * SECOND)


async def test_a_wake_during_the_step_is_not_lost() -> None:
    clock = MovedClock(START)
    step = Step(clock)
    loop = Loop("x", clock, step)
    step.during = lambda: loop.wake() if len(step.done) == 1 else None
    async with running(loop):
        assert step.done == [0, 0]
        assert loop.idle


@pytest.mark.parametrize("error", [ValueError("x"), StoreUnavailable("gone")], ids=["mistake", "store away"])
async def test_failures_pause_longer_and_longer_up_to_a_limit(error: Exception) -> None:
    clock = MovedClock(START)
    step = Step(clock, error=error)
    loop = Loop("x", clock, step)
    async with running(loop) as task:
        for _ in range(7):
            at = clock.next()
            assert at is not None
            clock.move(at)
            await settle()
        assert step.done == [0, 1, 3, 7, 15, 30, 45, 60]
        assert clock.next() == clock.now() + LONGEST
        assert (loop.failures, loop.last_good, task.done()) == (8, None, False)
        step.error = None
        clock.move(START + timedelta(minutes=5))
        await settle()
        assert (loop.failures, loop.last_good) == (0, START + timedelta(minutes=5))


async def test_whoever_wakes_a_failing_loop_does_not_make_it_spin() -> None:
    clock = MovedClock(START)
    step = Step(clock, error=ValueError("x"))
    loop = Loop("x", clock, step)
    async with running(loop):
        loop.wake()
        await settle()
        assert step.done == [0]
        assert loop.idle
        step.error = None
        clock.move(START + SECOND)
        await settle()
        assert step.done == [0, 1]


async def test_a_step_that_is_due_at_once_lets_others_run() -> None:
    clock = MovedClock(START)
    step = Step(clock, due=timedelta(0))
    async with running(Loop("x", clock, step)):
        assert len(step.done) > 1


async def test_a_cancelled_loop_ends_at_once() -> None:
    clock = MovedClock(START)
    task = asyncio.create_task(Loop("x", clock, Step(clock)).run())
    await settle()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert task.cancelled()
