"""Kills the gateway with SIGKILL at random instants under load, and proves afterwards that nothing was lost or doubled.

`python tools/kill.py --kills 200 [--database postgresql] [--seed 7] [--processes 2]`. The gateway is the real command
in a process of its own; phones, mailbox and provider live here and survive. Loopback only; only the processes begun
here are ended.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import re
import shutil
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

if (root := str(Path(__file__).resolve().parent.parent)) not in sys.path:
    sys.path.insert(0, root)

from store.db import open_database
from tools.kill_world import LEAD, SENDERS, Tally, Victim, World

INBOUND = "SELECT key, sender, state, ticket_id FROM message WHERE direction = 'in'"
OUTBOUND = (
    "SELECT m.key, m.page_id, t.number FROM message m LEFT JOIN ticket t ON t.id = m.ticket_id "
    "WHERE m.direction = 'out'"
)
STRANDED = (
    "SELECT t.number FROM ticket t WHERE t.state = 'paging' AND NOT EXISTS "
    "(SELECT 1 FROM timer x WHERE x.ticket_id = t.id AND x.kind = 'step' AND x.round = t.round)"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Findings:
    """The proof; every list must be empty."""

    lost: list[str]
    unjudged: int
    outside: list[str]
    """Customers' messages that belong to no ticket."""
    doubled: list[str]
    """Tickets opened twice, or messages that opened two."""
    unknown_sends: list[str]
    """Texts at the provider of which the store knows nothing, or knows another number."""
    wrong_repeats: list[str]
    """Texts handed over twice that are no pages."""
    repeats: int
    stranded: list[int]
    """Tickets that wait for somebody and have no rung ahead."""
    messages: int
    tickets: int

    @property
    def bad(self) -> list[str]:
        """The names of what is wrong."""
        wrong = ("lost", "unjudged", "outside", "doubled", "unknown_sends", "wrong_repeats", "stranded")
        return [name for name in wrong if getattr(self, name)]


async def rampage(world: World, victim: Victim, kills: int) -> None:
    """Start and kill, under load: most often while it works, one time in five while it starts."""
    dice = world.random
    customers = [asyncio.create_task(world.customer()) for _ in range(6)]
    others = [asyncio.create_task(world.mailer()), asyncio.create_task(world.lead())]
    try:
        for _ in range(kills):
            victim.start()
            if dice.random() < 0.2 and world.tally.ready:
                await asyncio.sleep(dice.uniform(0.0, statistics.median(world.tally.ready)))
            else:
                world.tally.ready.append(await victim.ready())
                await asyncio.sleep(dice.uniform(0.0, 0.8))
            victim.kill()
        world.talking = False
        victim.start()
        world.tally.ready.append(await victim.ready())
        await asyncio.gather(*customers, others[0])
    finally:
        for task in (*customers, *others):
            task.cancel()
        await asyncio.gather(*customers, *others, return_exceptions=True)


async def settled(world: World, url: str, patience: float = 200.0) -> None:
    """Wait until everything said is judged and nothing is being sent.

    On PostgreSQL a mailbox that the dead process was reading is read again only when that lease has ended.
    """
    end = time.monotonic() + patience
    calm = 0
    while calm < 3 and time.monotonic() < end:
        await asyncio.sleep(0.3)
        with looking(url) as connection:
            kept = _one(connection, "SELECT count(*) FROM message WHERE direction = 'in'")
            new = _one(connection, "SELECT count(*) FROM message WHERE state = 'new'")
            owned = _one(connection, "SELECT count(*) FROM delivery WHERE owner IS NOT NULL")
        done = kept >= len(world.tally.answered) + len(world.tally.mails) and not new and not owned
        calm = calm + 1 if done else 0


@contextlib.contextmanager
def looking(url: str) -> Iterator[Connection]:
    """Read beside the process that writes."""
    database = open_database(url, now=lambda: datetime.now(UTC), writes=False)
    try:
        with database.read() as connection:
            yield connection
    finally:
        database.close()


def prove(world: World, url: str) -> Findings:
    """Compare what the world knows with what is kept."""
    tally = world.tally
    with looking(url) as connection:
        rows = connection.execute(text(INBOUND)).all()
        opened = connection.execute(text("SELECT ticket_id, message_id FROM event WHERE kind = 'opened'")).all()
        ours = {row.key: row for row in connection.execute(text(OUTBOUND)).all()}
        numbers = list(connection.execute(text("SELECT number FROM ticket")).scalars())
        stranded = list(connection.execute(text(STRANDED)).scalars())
    kept = Counter(_bare(row.key) for row in rows)
    said = {*tally.answered, *(_bare(ident) for ident in tally.mails)}
    repeats = {key: count - 1 for key, count in tally.sends.items() if count > 1}
    return Findings(
        lost=sorted(said - kept.keys()),
        unjudged=sum(row.state == "new" for row in rows),
        outside=sorted(row.key for row in rows if row.sender != LEAD and row.ticket_id is None),
        doubled=[
            *_twice(kept.elements()),
            *_twice(str(row.ticket_id) for row in opened),
            *_twice(str(row.message_id) for row in opened),
            *_twice(str(number) for number in numbers),
        ],
        unknown_sends=sorted(key for key in tally.sends if not _known(key, ours.get(key))),
        wrong_repeats=sorted(key for key in repeats if key in ours and ours[key].page_id is None),
        repeats=sum(repeats.values()),
        stranded=stranded,
        messages=len(rows),
        tickets=len(numbers),
    )


def _twice(values: Iterable[str]) -> list[str]:
    return [value for value, count in Counter(values).items() if count > 1]


def _known(key: str, row: Any) -> bool:
    """A text at the provider has a row of its own, and its key begins with the number of that row's ticket."""
    return row is not None and (row.number is None or key.partition("-")[0] == str(row.number))


def shown(wrong: list[Any] | int) -> Any:
    """How many, and the first of them."""
    return wrong if isinstance(wrong, int) else {"count": len(wrong), "first": wrong[:5]}


def _bare(key: str) -> str:
    return key.strip("<>")


def _one(connection: Connection, statement: str) -> int:
    return int(connection.execute(text(statement)).scalar_one())


async def ordeal(folder: Path, url: str, *, kills: int, seed: int) -> tuple[Findings, Tally]:
    """Do all of it; the gateway is ended at last as it was before: by SIGKILL."""
    async with World(folder, seed) as world:
        world.write_config(url)
        victim = Victim(folder, world.port)
        try:
            await rampage(world, victim, kills)
            await settled(world, url)
        finally:
            victim.kill()
            world.tally.log = victim.log()
        return prove(world, url), world.tally


def main() -> int:
    """Run by command; the result is one JSON object on stdout."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--kills", type=int, default=200)
    reader.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    reader.add_argument("--seed", type=int, default=7)
    reader.add_argument("--processes", type=int, choices=(1, 2), default=1, help="2: one lives while one dies")
    reader.add_argument("--keep", type=Path, help="copy log and database of SQLite here")
    given = reader.parse_args()
    from bench.databases import databases  # noqa: PLC0415 - only PostgreSQL needs the yardsticks' server

    with tempfile.TemporaryDirectory(prefix="yizhan-kill-") as place:
        folder = Path(place)
        with databases(given.database, folder) as fresh:
            begun = time.monotonic()
            if given.processes == 2:
                from tools.kill_two import tell  # noqa: PLC0415 - it uses what stands here

                return tell(folder, fresh(), kills=given.kills, seed=given.seed)
            found, tally = asyncio.run(ordeal(folder, fresh(), kills=given.kills, seed=given.seed))
        if given.keep:
            shutil.copytree(folder, given.keep, dirs_exist_ok=True)
    trouble = re.findall(r'"event": "([^"]*)"[^\n]*"level": "(?:error|critical)"', tally.log)
    result = {
        "kills": given.kills,
        "database": given.database,
        "seed": given.seed,
        "seconds": round(time.monotonic() - begun),
        "said": len(tally.answered) + len(tally.mails),
        "messages": found.messages,
        "tickets": found.tickets,
        "sends": sum(tally.sends.values()),
        "repeated_sends": found.repeats,
        "most_allowed": given.kills * SENDERS,
        "posts_again": tally.repeated_posts,
        "start_seconds": round(statistics.median(tally.ready), 2),
        "bad": {name: shown(getattr(found, name)) for name in found.bad},
        "errors_logged": Counter(trouble),
    }
    print(json.dumps(result, ensure_ascii=False))  # noqa: T201 - what a command says
    return 1 if found.bad or found.repeats > given.kills * SENDERS else 0


if __name__ == "__main__":
    sys.exit(main())
