"""The learned judge: microseconds a message, how long it takes to be ready, how much memory and how large its file."""

from __future__ import annotations

import argparse
import json
import time
import tracemalloc
from importlib import resources
from pathlib import Path
from typing import Any

from bench.measure import percentile, put, spread
from gateway.app import packaged_rules
from router.judge import Facts, judge
from router.learned import load
from router.rules import compile_rules


def add(commands: Any) -> None:
    reader = commands.add_parser("judge", help=__doc__)
    reader.add_argument("files", nargs="*", type=Path, default=sorted(Path("corpus").glob("author_*.jsonl")))
    reader.add_argument("--rounds", type=int, default=3)
    reader.set_defaults(run=run)


def run(given: argparse.Namespace) -> None:
    rows = [json.loads(line) for file in given.files for line in file.read_text("utf-8").splitlines()]
    data = resources.files("router").joinpath("judge.model").read_bytes()
    begun = time.process_time()
    learned = load(data)
    ready = time.process_time() - begun
    table = compile_rules(packaged_rules())
    means, slowest = [], []
    for _ in range(given.rounds):
        times = []
        for row in rows:
            facts = Facts(channel=row["channel"], subject=row["subject"], text=row["text"])
            begun = time.process_time()
            judge(facts, table, learned)
            times.append(time.process_time() - begun)
        means.append(sum(times) / len(times) * 1e6)
        slowest.append(percentile(times, 99) * 1e6)
    put(
        {
            "bench": "judge",
            "messages": len(rows),
            "cpu_us_per_message": spread(means),
            "cpu_us_p99": spread(slowest),
            "goal_us": 1000,
            "model_bytes": len(data),
            "words": len(learned.rows),
            "ready_ms": round(ready * 1e3, 1),
            "memory_mb": round(_memory(data), 1),
        }
    )


def _memory(data: bytes) -> float:
    tracemalloc.start()
    kept = load(data)
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return size / 1e6 if kept.rows else 0.0
