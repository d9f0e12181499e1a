"""Uploads a large package over a line that is cut, into a gateway that is killed, and downloads it the same way.

`python tools/big_package.py --size 2000000000 --cuts 10 --kills 3`. The gateway is the real command in a process of its
own. Prints one JSON object: whether the SHA-256 is the same at every end, how long it took, and the memory of the
gateway's process before, and at its highest. The download goes by the link of a recipient, or by `--link` of one that
is there already; where the gateway has no such pages it reads the storage. Loopback only; only the processes begun here
are ended.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

if (root := str(Path(__file__).resolve().parent.parent)) not in sys.path:
    sys.path.insert(0, root)

from gateway.broadcast.hands import Hands
from gateway.broadcast.links import new_secret, token
from gateway.broadcast.storage import FolderStorage
from gateway.commands.package_sender import Sender
from store.db import open_database, table_of
from store.model import Broadcast, BroadcastState, Recipient, RecipientState
from store.rows import values

PASSWORD = "kT7#pq-2vL"  # noqa: S105 - of a gateway that lives for minutes
PIECE = 1 << 20
CONFIG = """
gateway:
  port: {port}
  broadcasts: {{packages: {{folder: {folder}/packages}}}}
router:
  time_zone: UTC
  people:
    zhang: {{name: 张三, addresses: {{tel: "+8613800000101"}}, rights: [broadcast]}}
    li: {{name: 李雷, addresses: {{tel: "+8613800000102"}}}}
  rota: {{lead: zhang, second: li}}
store: {{url: "sqlite:///{folder}/yizhan.db"}}
"""


class Gateway:
    """The gateway's process, and what it weighs."""

    def __init__(self, folder: Path, port: int) -> None:
        self._folder, self.port = folder, port
        self._config = folder / "config.yaml"
        self._config.write_text(CONFIG.format(port=port, folder=folder), "utf-8")
        self._process: subprocess.Popen[bytes] | None = None
        self.peak = 0

    def command(self, *words: str, stdin: str = "") -> None:
        """Run another command beside none."""
        env = {**os.environ, "PYTHONPATH": root, "YIZHAN_CONFIG": str(self._config)}
        run = [sys.executable, "-m", "gateway", *words]
        subprocess.run(run, input=stdin.encode(), env=env, check=True, cwd=self._folder, capture_output=True)  # noqa: S603

    def start(self) -> None:
        """Begin the process and wait until it answers."""
        run = [sys.executable, "-m", "gateway", "run", "--config", str(self._config)]
        with (self._folder / "gateway.log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own command
                run, cwd=self._folder, stdout=log, stderr=log, env={**os.environ, "PYTHONPATH": root}
            )
        end = time.monotonic() + 60
        while True:
            with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz"):
                break
            if self._process.poll() is not None or time.monotonic() > end:
                raise RuntimeError((self._folder / "gateway.log").read_text("utf-8")[-3000:])
            time.sleep(0.05)

    def end(self, how: signal.Signals) -> None:
        """End exactly this process."""
        if self._process is not None:
            self.weigh()
            self._process.send_signal(how)
            self._process.wait()
            self._process = None

    def weigh(self) -> int:
        """Return the most memory in bytes that one of its processes had so far."""
        self.peak = max(self.peak, self._status("VmHWM"))
        return self.peak

    def resting(self) -> int:
        """Return what the process has now."""
        return self._status("VmRSS")

    def _status(self, name: str) -> int:
        assert self._process is not None  # noqa: S101 - a mistake of ours
        status = Path(f"/proc/{self._process.pid}/status").read_text("ascii")
        return next(int(line.split()[1]) << 10 for line in status.splitlines() if line.startswith(name))


class Line(threading.Thread):
    """A line to the gateway that is cut in the middle so many times."""

    def __init__(self, to: int, lengths: list[int]) -> None:
        super().__init__(daemon=True)
        self._to, self._lengths = to, lengths
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self.cuts = 0

    def run(self) -> None:
        """Pass on whoever comes."""
        while True:
            inner, _ = self._listening.accept()
            threading.Thread(target=self._pass_on, args=(inner,), daemon=True).start()

    def _pass_on(self, inner: socket.socket) -> None:
        with inner, contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self._to)) as outer:
            back = threading.Thread(target=self._copy, args=(outer, inner, False), daemon=True)
            back.start()
            self._copy(inner, outer, True)
            back.join(timeout=60)

    def _copy(self, source: socket.socket, target: socket.socket, counted: bool) -> None:
        passed = 0
        with contextlib.suppress(OSError):
            while piece := source.recv(65_536):
                target.sendall(piece)
                passed += len(piece)
                if counted and self._lengths and passed > self._lengths[0]:
                    self._lengths.pop(0)
                    self.cuts += 1
                    break
        for one in (source, target):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


def made(path: Path, size: int, chance: random.Random) -> str:
    """Write a file that cannot be packed, and return its SHA-256."""
    running, left = sha256(), size
    with path.open("wb") as file:
        while left:
            piece = chance.randbytes(min(left, 8 * PIECE))
            file.write(piece)
            running.update(piece)
            left -= len(piece)
    return running.hexdigest()


def uploaded(
    gateway: Gateway, file: Path, args: argparse.Namespace, chance: random.Random
) -> tuple[dict[str, Any], int]:
    """Upload over a cut line while the gateway is killed and started again; returns the package and the cuts."""
    line = Line(gateway.port, [chance.randrange(1_000_000, 8_000_000) for _ in range(args.cuts)])
    line.start()
    kills = sorted(chance.randrange(args.size) for _ in range(args.kills))

    def told(what: str, at: int, _size: int) -> None:
        if what == "upload" and kills and at > kills[0]:
            kills.pop(0)
            gateway.end(signal.SIGKILL)
            gateway.start()

    base = f"http://127.0.0.1:{line.port}/api/v1"
    sender = Sender(base=base, person="zhang", password=PASSWORD, told=told)
    return sender.add(file, {"name": "大包", "version": "1.0", "notes": {"zh": "测试"}}), line.cuts


def planted(folder: Path, package: int) -> str:
    """Write a broadcast with one recipient into the store while nobody runs; returns the path of the page."""
    now, secret = datetime.now(UTC), new_secret()
    database = open_database(f"sqlite:///{folder}/yizhan.db", now=lambda: now)
    sent = Broadcast(
        id=database.ids(), number=1, title="大包", author="zhang", at=now, package_id=package, secret=secret
    )
    sent.state = BroadcastState.DONE
    sent.plan = {"texts": {"zh": {"text": "{link}"}}}
    got = Recipient(id=database.ids(), broadcast_id=sent.id, who="c1", channel="x:y", wave=1, state=RecipientState.SENT)
    with database.engine.begin() as connection:
        for row in (sent, got):
            connection.execute(table_of(type(row)).insert(), values(row))
    database.close()
    return f"/p/{token(secret, got.id)}"


def by_link(url: str, size: int, cuts: int, chance: random.Random) -> tuple[str, int]:
    """Fetch a file in ranges, breaking off so many times; returns its SHA-256 and how often it broke off."""
    running, at, broken, tag = sha256(), 0, 0, ""
    places = sorted(chance.randrange(size) for _ in range(cuts))
    while at < size:
        headers = {"Range": f"bytes={at}-", **({"If-Range": tag} if tag else {})} if at else {}
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=60) as answer:  # noqa: S310
            if at and answer.status != 206:
                raise RuntimeError(f"asked for the rest from {at}, got {answer.status}")
            tag = answer.headers.get("ETag", tag)
            while piece := answer.read(PIECE):
                running.update(piece)
                at += len(piece)
                if places and at > places[0]:
                    places.pop(0)
                    broken += 1
                    break
    return running.hexdigest(), broken


async def by_storage(folder: Path, place: str, size: int, cuts: int, chance: random.Random) -> tuple[str, int]:
    """Read the storage in ranges, breaking off so many times."""
    hands, running, at, broken = Hands(), sha256(), 0, 0
    kept = FolderStorage(folder / "packages" / "whole", hands)
    places = sorted(chance.randrange(size) for _ in range(cuts))
    while at < size:
        async for piece in kept.read(place, at):
            running.update(piece)
            at += len(piece)
            if places and at > places[0]:
                places.pop(0)
                broken += 1
                break
    await hands.close()
    return running.hexdigest(), broken


def downloaded(
    gateway: Gateway, folder: Path, package: dict[str, Any], args: argparse.Namespace, chance: random.Random
) -> dict[str, Any]:
    """Fetch the package again and say by which way."""
    link = args.link
    if not link:
        gateway.end(signal.SIGTERM)
        link = f"http://127.0.0.1:{gateway.port}{planted(folder, int(package['id']))}"
        gateway.start()
    try:
        digest, broken = by_link(f"{link}/file", package["size"], args.cuts, chance)
        return {"by": "link", "sha256": digest, "broken_off": broken}
    except urllib.error.HTTPError as error:
        if args.link or error.code != 404:
            raise
    digest, broken = asyncio.run(by_storage(folder, package["id"], package["size"], args.cuts, chance))
    return {"by": "storage", "sha256": digest, "broken_off": broken}


@contextlib.contextmanager
def place(kept: Path | None) -> Iterator[Path]:
    """Give the folder for all of it; without one of your own it goes away afterwards."""
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
        yield kept.absolute()
        return
    folder = Path(tempfile.mkdtemp(prefix="yizhan-package-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def main() -> int:
    """Do it all and print the findings; 1 when a checksum differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=2_000_000_000, help="bytes")
    parser.add_argument("--cuts", type=int, default=10, help="how often the line is cut, each way")
    parser.add_argument("--kills", type=int, default=3, help="how often the gateway is killed during the upload")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--folder", type=Path, help="keep everything here")
    parser.add_argument("--link", default="", help="address of a recipient's page, such as https://example.com/p/...")
    args = parser.parse_args()
    chance = random.Random(args.seed)  # noqa: S311 - a repeatable run, not a secret
    with place(args.folder) as folder, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        gateway = Gateway(folder, port)
        gateway.command("account", "set", "zhang", "--stdin", stdin=f"{PASSWORD}\n")
        file = folder / "大包.bin"
        digest = made(file, args.size, chance)
        gateway.start()
        try:
            found = played(gateway, file, args, chance) | {"sent": digest}
        finally:
            gateway.end(signal.SIGTERM)
    found["same"] = len({found["sent"], found["kept"], found["got"]}) == 1
    sys.stdout.write(json.dumps(found, ensure_ascii=False) + "\n")
    return 0 if found["same"] else 1


def played(gateway: Gateway, file: Path, args: argparse.Namespace, chance: random.Random) -> dict[str, Any]:
    """Upload and download, and put together what was seen."""
    Sender(base=f"http://127.0.0.1:{gateway.port}/api/v1", person="zhang", password=PASSWORD).ask("GET", "/packages")
    before, resting = gateway.weigh(), [gateway.resting()]  # a first sign-in has taken its 64 MiB by now
    begun = time.monotonic()
    package, cuts = uploaded(gateway, file, args, chance)
    up, weight = time.monotonic() - begun, gateway.weigh()
    resting.append(gateway.resting())
    begun = time.monotonic()
    got = downloaded(gateway, file.parent, package, args, chance)
    down = time.monotonic() - begun
    resting.append(gateway.resting())
    return {
        "size": args.size,
        "kept": package["sha256"],
        "got": got["sha256"],
        "upload": {"seconds": round(up, 1), "cuts": cuts, "kills": args.kills},
        "download": {"seconds": round(down, 1), "by": got["by"], "broken_off": got["broken_off"]},
        "rss": {"before": before, "peak_upload": weight, "peak": gateway.weigh(), "resting": resting},
    }


if __name__ == "__main__":
    sys.exit(main())
