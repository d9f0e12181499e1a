"""From the POST of a level-1 message to the POST of its page, beside Alertmanager's from alert to webhook."""

from __future__ import annotations

import argparse
import asyncio
import re
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.databases import databases
from bench.load import flood, paced
from bench.measure import Machine, median_ratio, percentile, put, spread, talk
from bench.peers import Absent, peer
from bench.product import LEAD, Gateway, customer, http, sms
from bench.provider import Provider

MARK = re.compile(r"K(\d{5})")
ROUTER = {"fold": {"window": "1s", "free": 100_000}}
"""Every ticket its own page: the folding of floods, which would hide them, is set out of reach."""


def add(commands: Any) -> None:
    reader = commands.add_parser("page", help=__doc__)
    reader.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    reader.add_argument("--rounds", type=int, default=3)
    reader.add_argument("--paced", type=int, default=300, help="messages in the part at a steady rate")
    reader.add_argument("--rate", type=float, default=50)
    reader.add_argument("--burst", type=int, default=2000)
    reader.add_argument("--connections", type=int, default=16)
    reader.add_argument("--senders", type=int, default=16, help="sends under way at once")
    reader.add_argument("--sample", default="", metavar="FILE", help="where the gateway's time goes")
    reader.set_defaults(run=run)


def run(given: argparse.Namespace) -> None:
    machine, ours, theirs = Machine(), [], []
    exe = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
    if exe is None:
        raise Absent("Alertmanager is not installed; run: apt-get install prometheus-alertmanager")
    alerts = peer("peer_alertmanager")
    with tempfile.TemporaryDirectory(prefix="bench-page-") as place:
        folder = Path(place)
        with databases(given.database, folder) as fresh:
            for number in range(given.rounds):
                machine.note()
                theirs.append(asyncio.run(alerts.amain(_theirs(given), exe, place)))
                ours.append(asyncio.run(product(given, folder, fresh())))
                talk(f"round {number + 1}: ours {ours[-1]}  alertmanager {theirs[-1]}")
    put(result(given, ours, theirs, machine))


def _theirs(given: argparse.Namespace) -> argparse.Namespace:
    return argparse.Namespace(n=given.paced, rate=given.rate, burst=given.burst, conc=given.connections)


def result(given: argparse.Namespace, ours: list[dict[str, float]], theirs: list[Any], machine: Machine) -> Any:
    def mine(name: str) -> list[float]:
        return [one[name] for one in ours]

    slow, fast = [one["latency"] for one in theirs], [one["burst"] for one in theirs]
    return {
        "bench": "page",
        "database": given.database,
        "rate": given.rate,
        "burst": given.burst,
        "paced_p50_ms": spread(mine("p50")),
        "paced_p99_ms": spread(mine("p99")),
        "alertmanager_paced_p99_ms": spread([one[1] for one in slow]),
        "ratio_paced_p99": median_ratio(mine("p99"), [one[1] for one in slow]),
        "burst_pages_per_s": spread(mine("burst_rate"), 0),
        "burst_p99_ms": spread(mine("burst_p99")),
        "burst_accepted_per_s": spread(mine("accepted"), 0),
        "alertmanager_pages_per_s": spread([one[1] for one in fast], 0),
        "alertmanager_burst_p99_ms": spread([one[3] for one in fast]),
        "ratio_burst_rate": median_ratio(mine("burst_rate"), [one[1] for one in fast]),
        "ratio_burst_p99": median_ratio(mine("burst_p99"), [one[3] for one in fast]),
        "goal": {"ratio_paced_p99": 5, "ratio_burst_rate": 0.6, "ratio_burst_p99": 0.5},
        "machine": machine.row(),
    }


async def product(given: argparse.Namespace, folder: Path, url: str) -> dict[str, float]:
    async with Provider() as provider:
        settings = {"senders": given.senders}
        gateway = Gateway(
            folder=folder, url=url, provider=provider.url, router=ROUTER, gateway=settings, sample=given.sample
        )
        try:
            await asyncio.to_thread(gateway.start)
            return await measured(given, gateway, provider)
        finally:
            await asyncio.to_thread(gateway.stop)


async def measured(given: argparse.Namespace, gateway: Gateway, provider: Provider) -> dict[str, float]:
    await paced(gateway.port, requests(gateway, 0, 20), per_second=50)  # warm
    await pages(provider, 0, 20)
    begun = await paced(gateway.port, requests(gateway, 1000, given.paced), per_second=given.rate)
    slow = waits(begun, await pages(provider, 1000, given.paced))
    start = time.perf_counter()
    begun = await flood(gateway.port, requests(gateway, 10_000, given.burst), connections=given.connections)
    answered = time.perf_counter() - start
    arrived = await pages(provider, 10_000, given.burst)
    fast = waits(begun, arrived)
    return {
        "p50": round(percentile(slow, 50), 2),
        "p99": round(percentile(slow, 99), 2),
        "accepted": round(given.burst / answered),
        "burst_rate": round(given.burst / (max(arrived) - start)),
        "burst_p50": round(percentile(fast, 50), 1),
        "burst_p99": round(percentile(fast, 99), 1),
    }


def requests(gateway: Gateway, first: int, count: int) -> list[bytes]:
    """Texts that are matters of their own: another person, another site."""
    return [
        http(
            gateway.base,
            *sms(gateway.base, f"p{n}", sender=customer(n), text=f"系统全部瘫痪 K{n:05d}，所有人无法办理业务"),
        )
        for n in range(first, first + count)
    ]


async def pages(provider: Provider, first: int, count: int, patience: float = 60.0) -> list[float]:
    """When the page of each message came; raises RuntimeError when one does not come."""
    end = time.monotonic() + patience
    while True:
        found: dict[int, float] = {}
        for one in provider.taken:
            mark = MARK.search(one.text)
            if one.to == LEAD and mark and first <= int(mark[1]) < first + count:
                found.setdefault(int(mark[1]), one.at)
        if len(found) == count:
            return [found[n] for n in range(first, first + count)]
        if time.monotonic() > end:
            said = {one.text for one in provider.taken[-3:]}
            raise RuntimeError(f"{count - len(found)} of {count} pages did not come; last texts: {said}")
        await asyncio.sleep(0.05)


def waits(begun: list[float], arrived: list[float]) -> list[float]:
    """Milliseconds."""
    return [(b - a) * 1e3 for a, b in zip(begun, arrived, strict=True)]
