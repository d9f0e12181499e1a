"""The clocks: waiting, being woken in order, and leaving nothing behind."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from gateway.clock import FEW, MovedClock, SystemClock

START = datetime(2026, 3, 2, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_sleepers_are_woken_in_the_order_of_their_instants() -> None:
    clock, woken = MovedClock(START), []

    async def sleep(minutes: int) -> None:
        await clock.sleep(minutes * MINUTE)
        woken.append(minutes)

    tasks = [asyncio.create_task(sleep(minutes)) for minutes in (3, 1, 2, 9)]
    await settle()
    assert clock.next() == START + MINUTE
    clock.move(START + 5 * MINUTE)
    await settle()
    assert woken == [1, 2, 3]
    assert clock.next() == START + 9 * MINUTE
    tasks[3].cancel()
    await settle()
    assert clock.next() is None


async def test_the_clock_never_goes_back() -> None:
    clock = MovedClock(START)
    clock.move(START - MINUTE)
    assert clock.now() == START


async def test_a_wait_ends_with_the_signal_or_the_instant() -> None:
    clock, signal = MovedClock(START), asyncio.Event()
    by_signal = asyncio.create_task(clock.wait(signal, None))
    by_time = asyncio.create_task(clock.wait(asyncio.Event(), START + MINUTE))
    await settle()
    assert (by_signal.done(), by_time.done()) == (False, False)
    signal.set()
    clock.move(START + MINUTE)
    await settle()
    assert (by_signal.done(), by_time.done()) == (True, True)
    await clock.wait(asyncio.Event(), START)


async def test_waits_that_were_given_up_do_not_pile_up() -> None:
    clock, signal = MovedClock(START), asyncio.Event()
    for _ in range(10 * FEW):
        waiting = asyncio.create_task(clock.wait(signal, START + timedelta(days=1)))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    assert clock.waiting <= FEW
    assert clock.next() is None


async def test_work_within_its_limit_gives_its_answer_or_its_error() -> None:
    clock = MovedClock(START)

    async def answer() -> int:
        return 7

    async def fail() -> int:
        raise KeyError("x")

    assert await clock.within(MINUTE, answer()) == 7
    with pytest.raises(KeyError):
        await clock.within(MINUTE, fail())
    assert clock.next() is None


async def test_work_over_its_limit_is_ended_before_the_caller_hears_of_it() -> None:
    clock, ended = MovedClock(START), []

    async def slow() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended.append(True)

    limited = asyncio.create_task(clock.within(MINUTE, slow()))
    await settle()
    clock.move(START + MINUTE)
    with pytest.raises(TimeoutError):
        await limited
    assert ended == [True]


async def test_work_ends_with_whoever_waits_for_it() -> None:
    clock, ended = MovedClock(START), []

    async def slow() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    limited = asyncio.create_task(clock.within(MINUTE, slow()))
    await settle()
    limited.cancel()
    await asyncio.gather(limited, return_exceptions=True)
    assert ended == [True]
    assert clock.next() is None


async def test_the_real_clock_waits_for_a_signal_or_an_instant() -> None:
    clock, signal = SystemClock(), asyncio.Event()
    await clock.wait(signal, clock.now() + timedelta(milliseconds=5))
    waiting = asyncio.create_task(clock.wait(signal, clock.now() + timedelta(days=1)))
    await settle()
    assert not waiting.done()
    signal.set()
    await waiting
    past = asyncio.Event()
    await clock.wait(past, clock.now() - MINUTE)
    assert not past.is_set()


async def test_the_real_clock_limits_work() -> None:
    with pytest.raises(TimeoutError):
        await SystemClock().within(timedelta(milliseconds=2), asyncio.Event().wait())
