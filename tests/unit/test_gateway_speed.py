"""The sandbox's clock: the real time, faster, standing, or moved forward."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from gateway.speed import SpeedClock

START = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


class Real:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


@pytest.mark.parametrize(
    ("speed", "passed"),
    [pytest.param(1, 10, id="as it is"), pytest.param(60, 600, id="sixty fold"), pytest.param(0, 0, id="standing")],
)
def test_time_passes_at_the_speed_that_was_set(speed, passed) -> None:
    real = Real()
    clock = SpeedClock(START, real=real)
    clock.run(speed)
    real.seconds += 10
    assert clock.now() == START + timedelta(seconds=passed)


def test_a_change_of_speed_keeps_what_has_passed() -> None:
    real = Real()
    clock = SpeedClock(START, real=real)
    real.seconds += 5
    clock.run(60)
    real.seconds += 1
    clock.run(0)
    real.seconds += 1000
    assert clock.now() == START + timedelta(seconds=65)


def test_it_moves_forward_and_never_back() -> None:
    clock = SpeedClock(START, real=Real())
    clock.move(START + timedelta(hours=1))
    clock.move(START)
    assert clock.now() == START + timedelta(hours=1)


async def test_who_sleeps_is_woken_by_a_move_even_while_it_stands() -> None:
    clock = SpeedClock(START, real=Real())
    clock.run(0)
    sleeper = asyncio.create_task(clock.sleep(timedelta(minutes=5)))
    await asyncio.sleep(0)
    assert clock.next() == START + timedelta(minutes=5)
    clock.move(START + timedelta(minutes=4))
    await asyncio.sleep(0.01)
    assert not sleeper.done()
    clock.move(START + timedelta(minutes=5))
    await sleeper
    assert clock.next() is None


async def test_a_faster_clock_wakes_those_who_already_wait() -> None:
    clock = SpeedClock(START)
    sleeper = asyncio.create_task(clock.sleep(timedelta(minutes=5)))
    await asyncio.sleep(0)
    clock.run(1_000_000)
    await asyncio.wait_for(sleeper, 5)
    assert clock.now() >= START + timedelta(minutes=5)


async def test_a_signal_ends_a_wait() -> None:
    clock, signal = SpeedClock(START, real=Real()), asyncio.Event()
    waiter = asyncio.create_task(clock.wait(signal, START + timedelta(days=1)))
    await asyncio.sleep(0)
    signal.set()
    await waiter
    assert clock.now() == START


async def test_a_wait_for_what_has_passed_is_over_at_once() -> None:
    clock = SpeedClock(START, real=Real())
    await clock.wait(asyncio.Event(), START)
    assert (clock.now(), clock.next()) == (START, None)


async def test_work_that_takes_longer_on_this_clock_is_cut_off() -> None:
    clock = SpeedClock(START, real=Real())
    clock.run(0)
    work = asyncio.create_task(clock.within(timedelta(seconds=15), asyncio.sleep(3600)))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    clock.move(START + timedelta(seconds=15))
    with pytest.raises(TimeoutError):
        await work


async def test_work_in_time_gives_its_answer() -> None:
    async def answer() -> int:
        return 42

    assert await SpeedClock(START, real=Real()).within(timedelta(seconds=1), answer()) == 42
