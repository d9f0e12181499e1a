"""Measures the store alone: python bench/bench_store.py [--seconds 2] [--postgres URL]; prints one JSON object.

Rates are per second of single commands, each answered after its commit. The PostgreSQL database named must be empty;
without --postgres only SQLite is measured. The raw figure is what the disk allows: one row and one sync a transaction.
"""

import argparse
import asyncio
import gc
import json
import os
import sqlite3
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from store import inbox, queue
from store.db import open_database
from store.inbox import Arrival, Bring
from store.model import Message, Timer
from store.queue import Ask, Done
from store.work import Work
from store.writer import Writer

TEXT = "三楼核心交换机宕机，全网中断，请立即处理。" * 17
HERE = "sms:main"


def now() -> datetime:
    return datetime.now(UTC)


def percentile(values: Sequence[float], part: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


async def accepts(writer: Writer, callers: int, seconds: float) -> dict[str, float]:
    times: list[float] = []
    mark = time.monotonic_ns()
    end = time.perf_counter() + seconds

    async def caller(number: int) -> None:
        count = 0
        while (begun := time.perf_counter()) < end:
            count += 1
            one = Arrival(
                channel=HERE,
                key=f"{mark}-{number}-{count}",
                at=now(),
                sender="+8613800000000",
                text=TEXT,
                raw=b"x" * 1024,
            )
            (ident,) = await writer.do(inbox.accept, Bring(items=(one,)))
            assert ident is not None
            times.append(time.perf_counter() - begun)

    begun = time.perf_counter()
    await asyncio.gather(*(caller(number) for number in range(callers)))
    spent = time.perf_counter() - begun
    return {"per_s": round(len(times) / spent), "p99_ms": round(percentile(times, 0.99) * 1000, 2)}


def fill(tx, counts):
    work = Work(tx)
    for count, lane, length in counts:
        for _ in range(count):
            number = work.id()
            message = Message(
                id=number, direction="out", channel=HERE, key=str(number), state="queued", at=tx.now, text=TEXT
            )
            queue.put(work, message, destination=HERE, lane=lane, due=tx.now + timedelta(seconds=length))
    work.flush()
    return [None] * len(counts)


def timers(tx, counts):
    work = Work(tx)
    for count in counts:
        for _ in range(count):
            work.add(Timer(id=work.id(), due=tx.now + timedelta(days=1), kind="step"))
    work.flush()
    return [None] * len(counts)


async def sends(writer: Writer, jobs: int, slots: int) -> dict[str, float]:
    for _ in range(jobs // 500):
        await writer.do(fill, (500, 0, 0))
    sent = 0

    async def finish(one) -> None:
        done = Done(delivery_id=one.delivery_id, owner="a", attempt=one.attempt, outcome="sent", provider_id="x")
        assert await writer.do(queue.complete, done)

    begun = time.perf_counter()
    under_way: set[asyncio.Task[None]] = set()
    while sent < jobs or under_way:
        claimed = await writer.do(queue.claim, Ask(owner="a", free={HERE: slots - len(under_way)}))
        sent += len(claimed)
        under_way |= {asyncio.create_task(finish(one)) for one in claimed}
        if under_way:
            _, under_way = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
    return {"per_s": round(jobs / (time.perf_counter() - begun)), "slots": slots}


async def pickup(writer: Writer, rounds: int) -> dict[str, float]:
    """From handing in a page to holding it claimed, with nothing else under way."""
    times = []
    for _ in range(rounds):
        begun = time.perf_counter()
        await writer.do(fill, (1, 0, 0))
        (one,) = await writer.do(queue.claim, Ask(owner="a", free={HERE: 1, "im:a": 1, "email:a": 1}))
        times.append(time.perf_counter() - begun)
        await writer.do(queue.complete, Done(delivery_id=one.delivery_id, owner="a", attempt=1, outcome="sent"))
    return {"p50_ms": round(percentile(times, 0.5) * 1000, 2), "p99_ms": round(percentile(times, 0.99) * 1000, 2)}


async def measure(url: str, seconds: float) -> dict[str, object]:
    database = open_database(url, now=now)
    database.migrate()
    writer = Writer(database, woken=lambda _: None)
    writer.start()
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    await accepts(writer, 32, 0.3)
    found: dict[str, object] = {f"accept_c{count}": await accepts(writer, count, seconds) for count in (1, 32, 128)}
    found["claim_complete"] = await sends(writer, 5000, 50)
    found["pickup"] = await pickup(writer, 200)
    for _ in range(200):
        await writer.do(fill, (500, 3, 0))
        await writer.do(timers, 500)
    found["pickup_100k_waiting"] = await pickup(writer, 200)
    await writer.stop()
    database.close()
    return found


def raw_sqlite(folder: str, seconds: float) -> dict[str, int]:
    connection = sqlite3.connect(Path(folder) / "raw.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, body TEXT)")
    found = {}
    for batch in (1, 32):
        count, begun = 0, time.perf_counter()
        while time.perf_counter() < begun + seconds:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany("INSERT INTO t (body) VALUES (?)", [(TEXT,)] * batch)
            connection.execute("COMMIT")
            count += batch
        found[f"rows_per_s_by_{batch}"] = round(count / seconds)
    connection.close()
    return found


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seconds", type=float, default=2.0)
    arguments.add_argument("--postgres", help="address of an empty database")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found: dict[str, object] = {"load": os.getloadavg()[0], "raw_sqlite": raw_sqlite(folder, given.seconds / 2)}
        found["sqlite"] = asyncio.run(measure(f"sqlite:///{folder}/bench.db", given.seconds))
    if given.postgres:
        found["postgresql"] = asyncio.run(measure(given.postgres, given.seconds))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
