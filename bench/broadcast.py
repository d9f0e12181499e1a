"""From a level-1 text to its page at the provider, while a broadcast goes out by four channels and without one."""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from bench.databases import databases
from bench.measure import Machine, median_ratio, percentile, put, spread, talk
from tools.broadcast_storm import Api, accounts, people, prepared
from tools.kill_world import Victim
from tools.storm_world import NAMES, Storm

GOAL = {"page_p99_ms": 1000, "ratio_page_p99": 2}
GLANCE = 0.005
PATIENCE = 30.0


def add(commands: Any) -> None:
    reader = commands.add_parser("broadcast", help=__doc__)
    reader.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    reader.add_argument("--recipients", type=int, default=100_000)
    reader.add_argument("--rate", type=float, default=50.0, help="messages a second of each channel; 0: no limit")
    reader.add_argument("--pages", type=int, default=100, help="level-1 texts with and without the broadcast")
    reader.add_argument("--every", type=float, default=0.25, help="seconds from one text to the next")
    reader.add_argument("--rounds", type=int, default=3)
    reader.set_defaults(run=run)


def run(given: argparse.Namespace) -> None:
    machine, rounds = Machine(), []
    with (
        tempfile.TemporaryDirectory(prefix="bench-broadcast-") as place,
        databases(given.database, Path(place)) as fresh,
    ):
        for number in range(given.rounds):
            machine.note()
            folder = Path(place) / str(number)
            folder.mkdir()
            rounds.append(asyncio.run(_round(given, folder, fresh())))
            talk(f"round {number + 1}: {rounds[-1]}")
    put({"bench": "broadcast", "database": given.database, **_told(given, rounds), "machine": machine.row()})


def _told(given: argparse.Namespace, rounds: list[dict[str, float]]) -> dict[str, Any]:
    row: dict[str, Any] = {"recipients": given.recipients, "limit_per_s": given.rate * len(NAMES) or None}
    row |= {key: spread([one[key] for one in rounds]) for key in rounds[0]}
    row["ratio_page_p99"] = median_ratio(
        [one["page_p99_ms"] for one in rounds], [one["alone_page_p99_ms"] for one in rounds]
    )
    return {**row, "goal": GOAL}


async def _round(given: argparse.Namespace, folder: Path, url: str) -> dict[str, float]:
    await people(url, given.recipients)
    async with Storm(folder, seed=1, fates=()) as storm:
        storm.write_config(url, rate=given.rate)
        accounts(folder / "config.yaml")
        victim, api = Victim(folder, storm.port), Api(storm.port)
        victim.start()
        try:
            await victim.ready()
            await _pages(storm, given, "A", 10)  # the first ones pay for what is loaded when it is used
            alone = await _pages(storm, given, "B", given.pages)
            await prepared(api, given.recipients)
            begun, before = time.monotonic(), storm.taken.total()
            beside = await _pages(storm, given, "C", given.pages)
            rate = (storm.taken.total() - before) / (time.monotonic() - begun)
            left = given.recipients - storm.taken.total()
        finally:
            victim.kill()
    if left <= 0:
        talk("the broadcast ended before the pages did: more --recipients, or fewer --pages")
    return {
        "alone_page_p50_ms": percentile(alone, 50) * 1000,
        "alone_page_p99_ms": percentile(alone, 99) * 1000,
        "page_p50_ms": percentile(beside, 50) * 1000,
        "page_p99_ms": percentile(beside, 99) * 1000,
        "taken_per_s": rate,
        "left": left,
    }


async def _pages(storm: Storm, given: argparse.Namespace, letter: str, count: int) -> list[float]:
    """Report outages at a steady pace; returns the seconds until each was at the provider."""
    tasks = []
    for number in range(count):
        mark = f"K{ord(letter)}{number:03d}"
        tasks.append(asyncio.create_task(_page(storm, mark)))
        await asyncio.sleep(given.every)
    return list(await asyncio.gather(*tasks))


async def _page(storm: Storm, mark: str) -> float:
    begun = time.time()
    sender, words = f"+86138000{mark[1:]}", f"全院系统瘫痪 {mark}，所有窗口都办不了业务"
    saying = asyncio.create_task(storm.made["sms"].say(sender=sender, text=words))
    while mark not in storm.paged and time.time() < begun + PATIENCE:  # noqa: ASYNC110 - a phone tells nobody
        await asyncio.sleep(GLANCE)
    with suppress(OSError):
        await saying
    return storm.paged.get(mark, begun + PATIENCE) - begun
