"""Ids: unique, in the order of time, and telling when they were made."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from store.ids import Ids, made_at

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_an_id_holds_milliseconds_node_and_sequence():
    ids = Ids(lambda: datetime(2020, 1, 1, 0, 0, 1, tzinfo=UTC), 5)
    assert [ids(), ids()] == [(1000 << 22) | (5 << 12), (1000 << 22) | (5 << 12) | 1]


def test_an_id_tells_when_it_was_made():
    assert made_at(Ids(lambda: START + timedelta(microseconds=1500), 1023)()) == START + timedelta(milliseconds=1)


@pytest.mark.parametrize("step", [timedelta(0), timedelta(hours=-1), timedelta(milliseconds=3)], ids=str)
def test_ids_only_rise_whatever_the_clock_does(step):
    times = iter(START + step * number for number in range(20_000))
    ids = Ids(lambda: next(times), 7)
    made = [ids() for _ in range(20_000)]
    assert made == sorted(set(made))
    assert {number >> 12 & 1023 for number in made} == {7}


def test_threads_never_get_the_same_id():
    ids = Ids(lambda: START)
    with ThreadPoolExecutor(4) as pool:
        made = [number for batch in pool.map(lambda _: [ids() for _ in range(2000)], range(4)) for number in batch]
    assert len(set(made)) == 8000


def test_an_id_fits_64_bits_until_2089():
    assert Ids(lambda: datetime(2089, 1, 1, tzinfo=UTC), 1023)() < 2**63
