"""Two gateways on one PostgreSQL, killed in turn under load: nothing lost, nothing doubled, nothing late.

More kills: `python tools/kill.py --kills 100 --processes 2 --database postgresql`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.kill_two import ordeal_of_two
from tools.kill_world import SENDERS

pytestmark = pytest.mark.postgres
KILLS = 3


@pytest.fixture
def kind() -> str:
    """Only PostgreSQL lets two processes write."""
    return "postgres"


@pytest.mark.timeout(240)
async def test_each_page_is_sent_once_and_in_time_while_one_of_two_gateways_dies(tmp_path: Path, url: str) -> None:
    found, late, tally = await ordeal_of_two(tmp_path, url, kills=KILLS, seed=11)
    assert {name: getattr(found, name) for name in found.bad} == {}
    assert found.messages >= len(tally.answered) > KILLS
    assert late.sent
    assert (late.late, late.wrong_repeats) == ([], [])
    assert found.repeats <= KILLS * SENDERS
