"""What `yizhan run` costs while nothing happens: start-up, memory and CPU, with no channel and with every one."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from bench.measure import talk
from bench.peers import ROOT
from channels import registry
from gateway.clock import SystemClock

TICKS = os.sysconf("SC_CLK_TCK")
SETTLE = 5.0
"""Seconds after the first answer in which connections are made and libraries come to rest."""


def add(commands: Any) -> None:
    reader = commands.add_parser("idle", help=__doc__)
    reader.add_argument("--seconds", type=float, default=30.0, help="how long nothing happens")
    reader.add_argument("--rounds", type=int, default=3)
    reader.add_argument("--only", default="", help="one line of the registry instead of none, and all")
    reader.set_defaults(run=lambda given: asyncio.run(run(given)))


async def run(given: argparse.Namespace) -> None:
    every = tuple(registry.makes())
    for name, lines in ((given.only, (given.only,)),) if given.only else (("none", ()), ("all", every)):
        rounds = [await _round(lines, given.seconds) for _ in range(given.rounds)]
        row: dict[str, Any] = {"bench": "idle", "channels": name, "accounts": len(lines), "rounds": given.rounds}
        for key in rounds[0]:
            row[key] = round(statistics.median(one[key] for one in rounds), 3)
        print(json.dumps(row))


async def _round(lines: tuple[str, ...], seconds: float) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as place, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
        free.close()
        folder, url = Path(place), f"http://127.0.0.1:{port}"
        simulators = [_simulator(line, url) for line in lines]
        for _, _, one in simulators:
            await one.start()
        blocks: dict[str, dict[str, Any]] = {}
        for channel, account, one in simulators:
            blocks.setdefault(channel, {})[account] = dict(one.block(folder))
        (folder / "config.yaml").write_text(yaml.safe_dump(_config(folder, port, blocks), allow_unicode=True))
        try:
            # In a thread, since the providers' sides live on this loop.
            return await asyncio.to_thread(_measure, folder, url, seconds)
        finally:
            for _, _, one in simulators:
                await one.stop()


def _simulator(line: str, url: str) -> tuple[str, str, Any]:
    channel, _, provider = line.partition("/")
    account = provider or "main"
    clock = SystemClock()
    return (
        channel,
        account,
        registry.simulator(channel, clock=clock, gateway_url=url, account=account, provider=provider),
    )


def _config(folder: Path, port: int, blocks: Mapping[str, Any]) -> dict[str, Any]:
    people = {key: {"name": key, "addresses": {"tel": f"+861380000010{n}"}} for n, key in enumerate(("a", "b", "c"))}
    return {
        "gateway": {"port": port, "public_url": f"http://127.0.0.1:{port}"},
        "channels": dict(blocks),
        "router": {"people": people, "rota": {"lead": "a", "second": "b", "manager": "c"}},
        "store": {"url": f"sqlite:///{folder / 'yizhan.db'}"},
    }


def _measure(folder: Path, url: str, seconds: float) -> dict[str, float]:
    began = time.perf_counter()
    command = [sys.executable, "-m", "gateway", "run", "--config", str(folder / "config.yaml")]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        _answers(url, process)
        started = time.perf_counter() - began
        time.sleep(SETTLE)
        before = _cpu(process.pid)
        time.sleep(seconds)
        return {
            "start_seconds": started,
            "resident_mb": _resident(process.pid),
            "cpu_percent": (_cpu(process.pid) - before) / seconds * 100,
        }
    finally:
        process.terminate()
        process.wait(20)


def _answers(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        try:
            with urllib.request.urlopen(f"{url}/healthz", timeout=1):
                return
        except OSError:
            if process.poll() is not None:
                talk("the gateway ended")
                raise
            time.sleep(0.05)
    raise TimeoutError(url)


def _cpu(pid: int) -> float:
    """Seconds of CPU of a process so far (proc(5), stat, utime and stime)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def _resident(pid: int) -> float:
    lines: Iterator[str] = iter(Path(f"/proc/{pid}/status").read_text().splitlines())
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))
