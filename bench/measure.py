"""Rounds, ratios and the state of the machine beside them."""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from typing import Any


def talk(*words: object) -> None:
    print(*words, file=sys.stderr, flush=True)


def put(result: Mapping[str, Any]) -> None:
    print(json.dumps(result, ensure_ascii=False), flush=True)


def percentile(values: Sequence[float], part: float) -> float:
    """Nearest rank, as the yardsticks count."""
    ordered = sorted(values)
    return ordered[max(0, min(len(ordered) - 1, round(part / 100 * len(ordered) + 0.5) - 1))]


def spread(values: Sequence[float], digits: int = 2) -> dict[str, float]:
    return {
        "median": round(statistics.median(values), digits),
        "min": round(min(values), digits),
        "max": round(max(values), digits),
    }


def median_ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """The median of the ratios of each round, since the machine changes between rounds."""
    return round(statistics.median(a / b for a, b in zip(ours, theirs, strict=True)), 3)


def fdatasync_rate(seconds: float = 0.3) -> int:
    """Durable writes of 4 KiB a second, the physical limit beside every figure."""
    block, count = os.urandom(4096), 0
    with tempfile.NamedTemporaryFile() as file:
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            os.pwrite(file.fileno(), block, (count % 256) * 4096)
            os.fdatasync(file.fileno())
            count += 1
    return int(count / seconds)


class Machine:
    """Notes load and disk before and after each round."""

    def __init__(self) -> None:
        self.loads: list[float] = []
        self.syncs: list[int] = []

    def note(self) -> None:
        self.loads.append(os.getloadavg()[0])
        self.syncs.append(fdatasync_rate())

    def row(self) -> dict[str, Any]:
        unsteady = max(self.syncs) > 2 * min(self.syncs)
        return {
            "cpus": os.cpu_count(),
            "python": sys.version.split()[0],
            "load1": spread(self.loads),
            "fdatasync_per_s": spread(self.syncs, 0),
            "disk_unsteady": unsteady,
        }
