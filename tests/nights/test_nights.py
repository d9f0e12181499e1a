"""Random nights through the whole gateway: nobody is forgotten, nobody asked in vain, nothing lost, all explained.

More of them: `python tools/nights.py --seed 1 --nights 1000`.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import timedelta

import pytest
import structlog

from tools.night_plan import draw
from tools.nights import Place, play, quiet, sqlite_place, told

PARTS = 2
NIGHTS = 5
"""In each part."""


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    """A database that every night begins anew with."""
    before = structlog.get_config()
    quiet()
    with sqlite_place() as made:
        yield made
    structlog.configure(**before)


@pytest.mark.parametrize("part", range(PARTS))
async def test_on_call_keeps_its_promise_in_every_night(place: Place, part: int) -> None:
    for seed in range(1 + part * NIGHTS, 1 + (part + 1) * NIGHTS):
        night = await play(seed, place)
        assert not night.wrong, told(night)


async def test_a_seed_gives_the_same_night_twice(place: Place) -> None:
    first, second = [await play(3, place) for _ in range(2)]
    assert first.counts["crashes"] > 0
    assert (first.counts, first.story) == (second.counts, second.story)


def test_nights_differ_in_length_duty_faults_and_crashes() -> None:
    nights = [draw(seed) for seed in range(60)]
    assert {night.ends - night.begins for night in nights} >= {timedelta(hours=1), timedelta(hours=12)}
    assert {fault.kind for night in nights for fault in night.faults} >= {"refused", "lost", "hangs", "swallows"}
    assert any(night.stand_ins for night in nights)
    assert any(night.absences for night in nights)
    assert len({night.crashes for night in nights}) > 2
    assert copy.deepcopy(nights[3].says) == draw(3).says
