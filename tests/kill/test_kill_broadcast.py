"""A broadcast whose gateway is killed and paused while its providers fail: everybody gets it once."""

import argparse
from collections.abc import Callable
from pathlib import Path

import pytest

from tools.broadcast_storm import amain

WISH = argparse.Namespace(
    recipients=160, kills=2, pauses=1, minutes=5.0, silence=0.0, rate=8.0, seed=7, database="sqlite", log=""
)


@pytest.mark.timeout(240)
async def test_everybody_gets_a_broadcast_once_though_the_gateway_is_killed(
    tmp_path: Path, fresh: Callable[[], str]
) -> None:
    found = await amain(WISH, tmp_path, fresh())
    assert found["wrong"] == []
    assert (found["taken_twice"], found["strangers"], found["counts_equal_rows"]) == (0, 0, True)
    assert found["recipients"] == WISH.recipients
    assert found["kills"] >= 1
