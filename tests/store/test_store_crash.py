"""A process that dies at any instant loses nothing; the next one goes on."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import func, select

from store.db import Database, table_of
from store.model import Attempt, Delivery, Message, Timer

ROOT = Path(__file__).resolve().parents[2]
KEYS = ("a", "b")
STEPS = 35
"""Of a life with two messages; the first test holds the number true."""
Live = Callable[..., tuple[int, list[str]]]


@pytest.fixture(scope="module")
def lives() -> Iterator["subprocess.Popen[str]"]:
    """The process that bears and buries the small gateways."""
    process = subprocess.Popen(
        [sys.executable, ROOT / "tests" / "store" / "killed.py"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        yield process
        assert process.stdin is not None
        process.stdin.close()


@pytest.fixture
def live(lives: "subprocess.Popen[str]", url: str, tmp_path: Path) -> Live:
    """Have one life lived on the test's database; gives its exit status and what it told."""

    def one(last: int, keys: Sequence[str]) -> tuple[int, list[str]]:
        assert lives.stdin is not None
        assert lives.stdout is not None
        told = tmp_path / f"told{time.monotonic_ns()}"
        told.touch()
        lives.stdin.write(json.dumps([url, last, str(tmp_path / "sent"), str(told), list(keys)]) + "\n")
        lives.stdin.flush()
        return os.waitstatus_to_exitcode(int(lives.stdout.readline())), told.read_text().split()

    return one


def state(database: Database):
    messages = table_of(Message)
    with database.read() as connection:
        asked = select(messages.c.direction, messages.c.state, func.count()).group_by("direction", "state")
        counts = {(row[0], row[1]): row[2] for row in connection.execute(asked)}
        left = [connection.execute(select(table_of(noun).c.id)).scalars().all() for noun in (Delivery, Timer)]
    return counts, left


def test_an_undisturbed_life_has_as_many_steps_as_are_tested(live: Live):
    assert live(0, KEYS) == (0, [*KEYS, "done", str(STEPS)])


@pytest.mark.parametrize("last", range(1, STEPS + 1))
def test_killed_at_a_step_and_started_again_everything_is_sent(url, opened, live: Live, tmp_path, last):
    code, told = live(last, KEYS)
    assert code == -signal.SIGKILL
    assert live(0, [key for key in KEYS if key not in told])[0] == 0
    database = opened(url)
    assert state(database) == ({("in", "judged"): 2, ("out", "sent"): 2}, [[], []])
    times = Counter((tmp_path / "sent").read_text().split())
    assert len(times) == 2
    assert sum(times.values()) <= 3, "more was sent twice than the one under way"
    with database.read() as connection:
        outcomes = connection.execute(select(table_of(Attempt).c.outcome)).scalars().all()
    assert sorted(outcomes) in (["sent", "sent"], ["sent", "sent", "unknown"])


def test_what_was_acknowledged_before_a_kill_at_a_random_instant_is_there(url, opened, live: Live):
    keys = [f"k{number}" for number in range(200)]
    code, told = live(20 + time.time_ns() % 500, keys)
    assert code == -signal.SIGKILL
    with opened(url).read() as connection:
        kept = set(connection.execute(select(table_of(Message).c.key)).scalars())
    assert set(told) - kept == set()
    assert len(kept - set(told)) <= 1
