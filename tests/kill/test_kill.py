"""The gateway killed at random instants under load loses nothing and doubles nothing."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tools.kill import ordeal
from tools.kill_world import SENDERS

KILLS = 4


@pytest.mark.timeout(240)
async def test_what_was_acknowledged_before_a_kill_is_in_exactly_one_ticket(
    tmp_path: Path, fresh: Callable[[], str]
) -> None:
    found, tally = await ordeal(tmp_path, fresh(), kills=KILLS, seed=7)
    assert {name: getattr(found, name) for name in found.bad} == {}
    assert found.messages >= len(tally.answered) + len(tally.mails)
    assert found.tickets > KILLS
    assert found.repeats <= KILLS * SENDERS
