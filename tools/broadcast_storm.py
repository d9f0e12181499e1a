"""Sends a broadcast by four channels whose providers fail, kills and pauses the gateway, and proves who got what.

`python tools/broadcast_storm.py --recipients 100000 --kills 20 --pauses 5 [--rate 200] [--database postgresql]`. The
gateway is the real command in a process of its own; people and providers live here and survive. Loopback only; only
the processes begun here are ended.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from base64 import b64encode
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import text

if (root := str(Path(__file__).resolve().parent.parent)) not in sys.path:
    sys.path.insert(0, root)

from store import contacts
from store.db import open_database
from store.writer import Writer
from tools.kill_world import Victim
from tools.storm_world import NAMES, SEND_SECONDS, Storm

PASSWORD = "storm-over-the-strait"  # noqa: S105 - opens nothing but the gateway of this run
BOOKS = ("tel", "email", "telegram", "wecom")
CHUNK = 2_000
PLAN = {
    "audience": {"everyone": True},
    "texts": {"zh": {"subject": "升级通知", "text": "{name|老师}您好，新版本已发布，请联系我们安排升级。"}},
    "waves": ["5", "10%", "rest"],
    "gate": {"hold": "1s", "success": 0.5},
}


@dataclass(slots=True)
class Seen:
    """What happened on the way."""

    kills: int = 0
    pauses: list[float] = field(default_factory=list)
    """Seconds from the answer to a pause until a provider last took something."""
    stops: Counter[str] = field(default_factory=Counter)
    """How often it stopped itself, by reason."""
    pages: list[float] = field(default_factory=list)
    """Seconds from a level-1 message to the page at the provider, while nothing was killed."""
    sending: float = 0.0


def address(n: int) -> str:
    """Give the address of the n-th person."""
    return (f"+86139{n:08d}", f"u{n}@customer.example", str(500_000_000 + n), f"member{n}")[n % 4]


async def people(url: str, count: int) -> None:
    """Write the contacts into the store that the gateway will open."""
    database = open_database(url, now=lambda: datetime.now(UTC))
    database.migrate()
    writer = Writer(database, woken=lambda _: None)
    writer.start()
    for first in range(0, count, CHUNK):
        rows = [
            contacts.Row(
                place=f"storm:{n}", customer=f"客户{n % 500}", name=f"用户{n}", addresses=[(BOOKS[n % 4], address(n))]
            )
            for n in range(first, min(first + CHUNK, count))
        ]
        await writer.do(contacts.bring, rows)
    await writer.stop()
    database.close()


def accounts(config: Path) -> None:
    """Give the two people a password."""
    for person in ("zhang", "li"):
        command = [sys.executable, "-m", "gateway", "account", "set", person, "--stdin", "--config", str(config)]
        environment = {**os.environ, "PYTHONPATH": root}
        subprocess.run(  # noqa: S603 - our own command
            command, input=PASSWORD, text=True, check=True, capture_output=True, cwd=root, env=environment
        )


class Api:
    """The API of the gateway, asked again while it is down."""

    def __init__(self, port: int) -> None:
        self._base = f"http://127.0.0.1:{port}/api/v1/broadcasts"

    async def ask(self, path: str, body: Any = None, *, by: str = "zhang", patience: float = 60.0) -> Any:
        """Ask, away from the loop; raises RuntimeError with the words of a refusal."""
        until = time.monotonic() + patience
        while True:
            try:
                return await asyncio.to_thread(self._ask, path, body, by)
            except urllib.error.HTTPError as error:
                if error.code != 503:
                    raise RuntimeError(f"{path}: {error.code} {error.read(500)!r}") from None
            except OSError:
                if time.monotonic() > until:
                    raise
            await asyncio.sleep(0.2)

    def _ask(self, path: str, body: Any, by: str) -> Any:
        seal = b64encode(f"{by}:{PASSWORD}".encode()).decode()
        headers = {"Content-Type": "application/json", "Authorization": f"Basic {seal}"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self._base}{path}", data, headers)  # noqa: S310
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return json.loads(answer.read())

    async def move(self, name: str, *, by: str = "zhang", **more: Any) -> Any:
        """Make a move on the only broadcast."""
        return await self.ask("/1/moves", {"move": name, **more}, by=by)

    async def state(self) -> dict[str, Any]:
        """Show it."""
        found: dict[str, Any] = await self.ask("/1")
        return found


async def prepared(api: Api, count: int) -> None:
    """Draft, submit, approve by another person, and start."""
    await api.ask("", {"title": "storm", **PLAN_WISH})
    await api.move("submit")
    if (await api.state())["state"] == "submitted":
        await api.move("approve", by="li")
    found = await api.state()
    while found["state"] == "freezing":
        await asyncio.sleep(0.3)
        found = await api.state()
    if found["frozen"] != count:
        raise RuntimeError(f"{found['frozen']} of {count} recipients were frozen")
    await api.move("start", count=count)


PLAN_WISH: dict[str, Any] = {"plan": PLAN}


async def rampage(storm: Storm, victim: Victim, api: Api, seen: Seen, given: argparse.Namespace) -> None:
    """Kill and pause at random moments until it is done; whatever stops it by itself is resumed."""
    dice = storm.random
    moments = [("kill", n) for n in range(given.kills)] + [("pause", n) for n in range(given.pauses)]
    dice.shuffle(moments)
    step = given.recipients * 0.8 / (len(moments) + 1)
    begun = time.monotonic()
    while True:
        await asyncio.sleep(0.5)
        done = storm.taken.total()
        found = await api.state()
        if time.monotonic() - begun > given.minutes * 60:
            await unfinished(api, found["state"])
            break
        if found["state"] == "paused":
            seen.stops[found["why"]] += 1
            await api.move("resume")
        elif found["state"] == "done":
            break
        elif moments and done > step * (given.kills + given.pauses - len(moments) + 1):
            what, _ = moments.pop()
            await (kill(storm, victim, seen) if what == "kill" else pause(storm, api, seen, given))
    seen.sending = time.monotonic() - begun


async def unfinished(api: Api, state: str) -> None:
    """Stop before the end, once nothing is being sent any more: what was sent by then can be proved all the same."""
    if state == "running":
        await api.move("pause", why="time is up")
    await asyncio.sleep(2 * SEND_SECONDS)


async def kill(storm: Storm, victim: Victim, seen: Seen) -> None:
    """SIGKILL, and start again."""
    await asyncio.sleep(storm.random.uniform(0, 1))
    victim.kill()
    seen.kills += 1
    victim.start()
    await victim.ready()


async def pause(storm: Storm, api: Api, seen: Seen, given: argparse.Namespace) -> None:
    """Pause, see that it is silent, and go on."""
    if (await api.state())["state"] != "running":
        return
    await api.move("pause", why="storm")
    at = time.time()
    await asyncio.sleep(given.silence + SEND_SECONDS)
    seen.pauses.append(max(0.0, storm.last - at))
    await api.move("resume")


async def outages(storm: Storm, seen: Seen) -> None:
    """Report an outage every few seconds, and see when the lead is texted."""
    sms, number = storm.made["sms"], 0
    while True:
        number += 1
        mark, before = f"K{number:05d}", seen.kills
        begun = time.time()
        await sms.say(sender=f"+86138{number:08d}", text=f"全院系统瘫痪 {mark}，所有窗口都办不了业务")
        for _ in range(200):
            if mark in storm.paged:
                if seen.kills == before:
                    seen.pages.append(storm.paged[mark] - begun)
                break
            await asyncio.sleep(0.05)
        await asyncio.sleep(1.0)


def proof(url: str, storm: Storm, shown: dict[str, Any]) -> dict[str, Any]:
    """Hold the rows against what the providers took."""
    database = open_database(url, now=lambda: datetime.now(UTC), writes=False)
    with database.read() as connection:
        rows = connection.execute(text("SELECT address, state FROM recipient WHERE wave > 0")).all()
    database.close()
    states, wrong = Counter(row[1] for row in rows), []
    for to, state in rows:
        taken = storm.taken[to]
        right = {"sent": taken == 1, "delivered": taken == 1, "unknown": taken <= 1}
        right |= dict.fromkeys(("failed", "pending"), taken == 0)
        if not right.get(state, False):
            wrong.append(f"{to} {state} {taken}")
    unknown = Counter(storm.taken[to] for to, state in rows if state == "unknown")
    counted = Counter[str]()
    for wave in shown["progress"]:
        counted.update({state: n for state, n in wave["states"].items() if n})
    return {
        "recipients": len(rows),
        "states": dict(states),
        "unknown_that_arrived": unknown[1],
        "unknown_that_did_not": unknown[0],
        "taken_twice": sum(n > 1 for n in storm.taken.values()),
        "strangers": len(set(storm.taken) - {row[0] for row in rows}),
        "wrong": wrong[:10],
        "counts_equal_rows": {k: n for k, n in counted.items() if n} == dict(states),
    }


def percentile(values: list[float], part: float) -> float | None:
    """Give a percentile in milliseconds."""
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * part))] * 1000, 1) if ordered else None


async def amain(given: argparse.Namespace, folder: Path, url: str) -> dict[str, Any]:
    """Play it once."""
    seen = Seen()
    await people(url, given.recipients)
    async with Storm(folder, given.seed) as storm:
        storm.write_config(url, rate=given.rate)
        accounts(folder / "config.yaml")
        victim, api = Victim(folder, storm.port), Api(storm.port)
        victim.start()
        try:
            await victim.ready()
            await prepared(api, given.recipients)
            reporting = asyncio.create_task(outages(storm, seen))
            await rampage(storm, victim, api, seen, given)
            reporting.cancel()
            shown = await api.state()
        finally:
            victim.kill()
            (folder / "gateway.log").rename(given.log) if given.log else None
        found = proof(url, storm, shown)
    limit = given.rate * len(NAMES) if given.rate else None
    return {
        "tool": "broadcast_storm",
        "database": given.database,
        **found,
        "kills": seen.kills,
        "pauses": len(seen.pauses),
        "last_taken_after_a_pause_s": [round(one, 2) for one in seen.pauses],
        "stopped_itself": dict(seen.stops),
        "fates": dict(storm.fates),
        "seconds": round(seen.sending, 1),
        "taken_per_s": round(storm.taken.total() / seen.sending, 1),
        "limit_per_s": limit,
        "pages": len(seen.pages),
        "page_p50_ms": percentile(seen.pages, 0.5),
        "page_p99_ms": percentile(seen.pages, 0.99),
    }


def main() -> int:
    """Play it, print JSON; exit 1 when anybody got it twice or a row says something else than the provider."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--recipients", type=int, default=2_000)
    reader.add_argument("--kills", type=int, default=4)
    reader.add_argument("--pauses", type=int, default=2)
    reader.add_argument("--minutes", type=float, default=60.0, help="then it is stopped, and what was sent is proved")
    reader.add_argument("--rate", type=float, default=100.0, help="messages a second of each channel; 0: no limit")
    reader.add_argument("--seed", type=int, default=7)
    reader.add_argument("--silence", type=float, default=5.0, help="seconds that a pause is watched, beside one send")
    reader.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    reader.add_argument("--log", default="", help="where the gateway's log goes at the end")
    given = reader.parse_args()
    from bench.databases import databases  # noqa: PLC0415 - it looks for PostgreSQL

    with tempfile.TemporaryDirectory(prefix="storm-") as place, databases(given.database, Path(place)) as fresh:
        found = asyncio.run(amain(given, Path(place), fresh()))
    sys.stdout.write(json.dumps(found, ensure_ascii=False, indent=1) + "\n")
    return 1 if found["wrong"] or found["taken_twice"] or found["strangers"] or not found["counts_equal_rows"] else 0


if __name__ == "__main__":
    sys.exit(main())
