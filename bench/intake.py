"""Durable webhooks a second, signed and answered after the commit, beside a FastAPI route that does nothing."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.databases import databases
from bench.load import wrk
from bench.measure import Machine, median_ratio, put, spread, talk
from bench.peers import folder as peers_folder
from bench.peers import peer
from bench.product import MAJOR, MINOR, Gateway, customer, http, running, sms
from store.db import open_database

TEXTS = {"minor": MINOR, "major": MAJOR}


def add(commands: Any) -> None:
    reader = commands.add_parser("intake", help=__doc__)
    reader.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    reader.add_argument("--mode", choices=("judged", "accept"), default="judged")
    reader.add_argument("--text", choices=tuple(TEXTS), default="minor")
    reader.add_argument("--rounds", type=int, default=3)
    reader.add_argument("--seconds", type=int, default=3)
    reader.add_argument("--connections", type=int, default=32)
    reader.add_argument("--senders", type=int, default=1000, help="customers who write in turn")
    reader.add_argument("--requests", type=int, default=40_000, help="distinct messages written beforehand")
    reader.add_argument("--sample", default="", metavar="FILE", help="where the gateway's time goes")
    reader.set_defaults(run=run)


def run(given: argparse.Namespace) -> None:
    machine, ours, theirs = Machine(), [], []
    with tempfile.TemporaryDirectory(prefix="bench-intake-") as place:
        folder = Path(place)
        with databases(given.database, folder) as fresh:
            for number in range(given.rounds):
                machine.note()
                theirs.append(limit(given, folder))
                ours.append(product(given, folder, fresh()))
                talk(f"round {number + 1}: ours {ours[-1]}  route {theirs[-1]}")
    put(
        {
            "bench": "intake",
            "database": given.database,
            "mode": given.mode,
            "text": given.text,
            "connections": given.connections,
            "webhooks_per_s": spread([one["rps"] for one in ours], 0),
            "p50_ms": spread([one["p50"] for one in ours]),
            "p99_ms": spread([one["p99"] for one in ours]),
            "judged_share": spread([one["judged"] for one in ours]),
            "tickets_per_s": spread([one["tickets"] for one in ours], 0),
            "route_per_s": spread([one["rps"] for one in theirs], 0),
            "route_p99_ms": spread([one["p99"] for one in theirs]),
            "ratio_rate": median_ratio([one["rps"] for one in ours], [one["rps"] for one in theirs]),
            "ratio_p99": median_ratio([one["p99"] for one in ours], [one["p99"] for one in theirs]),
            "goal": {"ratio_rate": 0.7 if given.database == "sqlite" else 0.5, "ratio_p99": 2},
            "machine": machine.row(),
        }
    )


def limit(given: argparse.Namespace, folder: Path) -> dict[str, float]:
    """The FastAPI route with a model body, in its own process."""
    library, http_limit = peer("benchlib"), peer("limit_http")
    port = library.free_port()
    script = str(peers_folder() / "limit_http.py")
    command = [sys.executable, script, "--serve", "fastapi_model", str(port), str(folder)]
    process = subprocess.Popen(command, start_new_session=True, env={**os.environ})
    try:
        library.wait_port(port, proc=process)
        rps, p50, p99 = http_limit.wrk(port, given.connections, given.seconds, 1024, str(folder))
    finally:
        library.stop(process)
    return {"rps": round(rps), "p50": p50, "p99": p99}


def product(given: argparse.Namespace, folder: Path, url: str) -> dict[str, float]:
    gateway = Gateway(folder=folder, url=url, accept_only=given.mode == "accept", sample=given.sample)
    written = [
        http(
            gateway.base, *sms(gateway.base, f"{n}", sender=customer(n % given.senders), text=f"{TEXTS[given.text]}{n}")
        )
        for n in range(given.requests)
    ]
    with running(gateway):
        begun = time.monotonic()
        found = wrk(gateway.port, written, connections=given.connections, seconds=given.seconds, folder=folder)
        length = time.monotonic() - begun
    kept, judged, tickets = counted(url)
    if kept < found["count"]:
        raise RuntimeError(f"{found['count']} answered, {kept} kept")
    return {
        "rps": round(found["rps"]),
        "p50": found["p50"],
        "p99": found["p99"],
        "judged": judged / kept,
        "tickets": tickets / length,
    }


def counted(url: str) -> tuple[int, int, int]:
    """Messages kept, those judged, and tickets, after the end of the process."""
    from datetime import UTC, datetime

    from sqlalchemy import text

    database = open_database(url, now=lambda: datetime.now(UTC), writes=False)
    try:
        with database.read() as connection:
            kept = connection.execute(text("SELECT count(*) FROM message WHERE direction = 'in'")).scalar_one()
            new = connection.execute(text("SELECT count(*) FROM message WHERE state = 'new'")).scalar_one()
            tickets = connection.execute(text("SELECT count(*) FROM ticket")).scalar_one()
    finally:
        database.close()
    return kept, kept - new, tickets
