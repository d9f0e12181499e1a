"""Where the time goes: the webhook, the judge and the sending, each alone in this process, per message."""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import io
import json
import pstats
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.measure import percentile, put, talk
from bench.product import MAJOR, MINOR, Gateway, customer, sms
from channels.contract import Receipt, Wire
from gateway.app import House
from gateway.config import load
from gateway.intake import arrival
from gateway.judge import Batch
from store import inbox
from store.batch import run as transact
from store.inbox import Bring


def add(commands: Any) -> None:
    reader = commands.add_parser("profile", help=__doc__)
    reader.add_argument("--messages", type=int, default=2000)
    reader.add_argument("--batch", type=int, default=100)
    reader.add_argument("--text", choices=("minor", "major"), default="minor")
    reader.add_argument("--senders", type=int, default=0, help="0: every message from another number")
    reader.add_argument("--lines", type=int, default=0, help="so many lines of cProfile on stderr; slows all down")
    reader.add_argument("--part", choices=("webhook", "accept", "judge", "send"), help="profile only this one")
    reader.set_defaults(run=run)


def run(given: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory(prefix="bench-profile-") as place:
        folder = Path(place)
        gateway = Gateway(folder=folder, url=f"sqlite:///{folder / 's.db'}", router={"fold": {"free": 100_000}})
        config = folder / "config.yaml"
        config.write_text(json.dumps(gateway.config()))
        asyncio.run(parts(given, House(load(str(config))), gateway))


class Taking:
    """A channel that takes every text at once."""

    def __init__(self, channel: Any) -> None:
        self.name, self.can, self._inner = channel.name, channel.can, channel
        self.count = 0

    def webhooks(self) -> Any:
        return self._inner.webhooks()

    async def send(self, outgoing: Any) -> Receipt:
        del outgoing
        self.count += 1
        return Receipt(provider_id=f"SM{self.count}")

    async def close(self) -> None:
        await self._inner.close()


async def parts(given: argparse.Namespace, house: House, gateway: Gateway) -> None:
    house.database.migrate()
    read = house.channels["sms:main"].webhooks()[0].read
    wires = [wire(gateway, given, n, house.clock.now()) for n in range(given.messages)]
    result: dict[str, Any] = {"bench": "profile", "text": given.text, "messages": given.messages, "batch": given.batch}

    inbounds: list[Any] = []
    result["webhook_us"] = timed(given, "webhook", lambda: inbounds.extend(read(w).inbounds[0] for w in wires))

    connection, now = house.database.engine.connect(), house.clock.now()
    groups = [inbounds[n : n + 32] for n in range(0, len(inbounds), 32)]

    def accept() -> None:
        for group in groups:
            commands = [(inbox.accept, Bring(items=(arrival("sms:main", one, now),))) for one in group]
            transact(connection, house.database, commands)

    result["accept_us"] = timed(given, "accept", accept)
    lengths = []

    def judge() -> None:
        while True:
            begun = time.perf_counter()
            answers, _ = transact(connection, house.database, [(house.intake._judge.batch, Batch(most=given.batch))])
            if not answers[0]:
                return
            lengths.append((time.perf_counter() - begun) * 1e3)

    result["judge_us"] = timed(given, "judge", judge)
    result["judge_batch_ms"] = {"p50": round(percentile(lengths, 50), 1), "p99": round(percentile(lengths, 99), 1)}
    connection.close()
    result |= await sent(given, house)
    put(result)


async def sent(given: argparse.Namespace, house: House) -> dict[str, float]:
    """Claim, hand over to a channel that takes all, complete: what one text costs between database and provider."""
    taking = Taking(house.channels["sms:main"])
    house.channels["sms:main"] = taking
    house.out._channels = house.channels
    profiler = cProfile.Profile() if given.lines and given.part in (None, "send") else None
    begun = time.perf_counter()
    if profiler:
        profiler.enable()
    house.writer.start()
    wake = asyncio.Event()
    house.out.wake = wake.set
    idle = 0
    while idle < 3:
        wake.clear()
        before = taking.count
        await house.out.step()
        try:
            await asyncio.wait_for(wake.wait(), 0.2)
            idle = 0
        except TimeoutError:
            idle = idle + 1 if taking.count == before else 0
    if profiler:
        profiler.disable()
        show("send", profiler, given.lines)
    length = time.perf_counter() - begun - 0.6
    await house.writer.stop()
    house.database.close()
    return {"texts": taking.count, "send_us": round(length / max(1, taking.count) * 1e6)}


def wire(gateway: Gateway, given: argparse.Namespace, number: int, now: Any) -> Wire:
    text = {"minor": MINOR, "major": MAJOR}[given.text]
    sender = customer(number % given.senders if given.senders else number)
    signed, body = sms(gateway.base, f"w{number}", sender=sender, text=f"{text}{number}")
    headers = {"x-twilio-signature": signed, "content-type": "application/x-www-form-urlencoded; charset=utf-8"}
    return Wire(method="POST", url=f"{gateway.base}/in/sms/main", path="", headers=headers, query={}, body=body, at=now)


def timed(given: argparse.Namespace, name: str, work: Callable[[], None]) -> float:
    """Microseconds per message."""
    profiler = cProfile.Profile() if given.lines and given.part in (None, name) else None
    begun = time.perf_counter()
    if profiler:
        profiler.runcall(work)
        show(name, profiler, given.lines)
    else:
        work()
    return round((time.perf_counter() - begun) / given.messages * 1e6)


def show(name: str, profiler: cProfile.Profile, lines: int) -> None:
    out = io.StringIO()
    pstats.Stats(profiler, stream=out).sort_stats("tottime").print_stats(lines)
    pstats.Stats(profiler, stream=out).sort_stats("cumulative").print_stats(lines)
    talk(f"== {name}\n{out.getvalue()}")
