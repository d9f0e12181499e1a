"""Plays random nights through the real gateway on a moved clock, and checks that on call kept its promise in each.

`python tools/nights.py --seed 1 --nights 1000 [--database postgresql] [--hours 12]` prints one JSON line of totals, and
before it, for each night that failed, its seed, what is wrong, and the story of the night.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import structlog

if (root := str(Path(__file__).resolve().parent.parent)) not in sys.path:
    sys.path.insert(0, root)

from sqlmodel import SQLModel

from gateway import config as configuration
from gateway.clock import MovedClock
from gateway.config import Config
from store.db import Database, open_database
from store.model import Presence, PresenceKind, Shift, ShiftState
from store.work import Work
from store.writer import Tx
from tools.night_check import wrong, wrong_now
from tools.night_house import Fate, Life, forget, start_of_time
from tools.night_plan import Absence, Night, StandIn, draw
from tools.night_seen import Seen
from tools.night_world import CAN, Road, World


@dataclass(kw_only=True, slots=True)
class Told:
    """What became of one night."""

    seed: int
    wrong: list[str]
    story: list[tuple[datetime, str]]
    counts: Counter[str] = field(default_factory=Counter)


class Place:
    """A database that every night begins with anew: tables and nothing in them."""

    def __init__(self, database: Database, fresh: Callable[[], None]) -> None:
        self.database = database
        self.fresh = fresh


@contextmanager
def sqlite_place() -> Iterator[Place]:
    """Give a file in memory where the system has such a place; migrations run once, and the file is copied."""
    memory = Path("/dev/shm")  # noqa: S108 - a folder of our own in it
    with tempfile.TemporaryDirectory(prefix="yizhan-nights-", dir=memory if memory.is_dir() else None) as name:
        folder = Path(name)
        empty, used = folder / "empty.db", folder / "yizhan.db"
        made = open_database(f"sqlite:///{empty}", now=start_of_time)
        made.migrate()
        made.close()
        database = open_database(f"sqlite:///{used}", now=start_of_time)

        def fresh() -> None:
            forget(database)
            for old in folder.glob("yizhan.db-*"):
                old.unlink()
            shutil.copyfile(empty, used)

        try:
            yield Place(database, fresh)
        finally:
            database.close()


@contextmanager
def postgresql_place() -> Iterator[Place]:
    """Give a database in a private server; it is emptied before every night."""
    from bench.databases import databases  # noqa: PLC0415 - only PostgreSQL needs the server

    with tempfile.TemporaryDirectory(prefix="yizhan-nights-") as folder, databases("postgresql", Path(folder)) as make:
        database = open_database(make(), now=start_of_time)
        database.migrate()
        try:
            yield Place(database, lambda: emptied(database))
        finally:
            database.close()


def emptied(database: Database) -> None:
    """Take every row out of the tables of nouns."""
    with database.engine.begin() as connection:
        for table in reversed(SQLModel.metadata.sorted_tables):
            connection.execute(table.delete())


class Played:
    """One night being played."""

    def __init__(self, night: Night, place: Place) -> None:
        self.night = night
        self.clock = MovedClock(night.begins)
        self.config: Config = configuration.parse(json.dumps(night.config), channels=False)
        self.place = place
        place.database.now = self.clock.now
        self.seen = Seen(database=place.database, clock=self.clock)
        self.world = World(night=night, clock=self.clock, seen=self.seen)
        self.lives = 0
        self.wrong: list[str] = []

    async def play(self) -> Told:
        """Play from evening to morning, and look at what it left."""
        self.place.fresh()
        self.world.plan()
        said: tuple[StandIn | Absence, ...] = (*self.night.stand_ins, *self.night.absences)
        for one in said:
            self.world.later(one.said, partial(self._said, one))
        await self._born()
        try:
            await self._on()
        finally:
            assert self.world.life is not None  # noqa: S101 - born above
            await self.world.life.end()
        self.wrong += wrong(self.world, self.seen, self.config)
        counts = Counter(crashes=self.lives - 1, tickets=len(self.seen.tickets), sends=len(self.world.sent))
        counts += Counter(f"event {e['kind']}" for e in self.seen.events)
        counts["messages"] = len(self.world.acknowledged)
        return Told(seed=self.night.seed, wrong=self.wrong, story=self._story(), counts=counts)

    def _story(self) -> list[tuple[datetime, str]]:
        told = [
            (
                e["at"],
                f"  [{self.seen.numbers.get(e['ticket_id'], '-')}] {e['kind']} {e['actor']} {e['text'][:70]}"
                f" {e['more'] or ''}"[:200],
            )
            for e in self.seen.events
        ]
        return sorted([*self.world.story, *told], key=lambda line: line[0])

    async def _on(self) -> None:
        await self._settle()
        while True:
            ahead = [at for at in (self.clock.next(), self.world.next()) if at is not None]
            if not ahead or min(ahead) > self.night.ends:
                break
            self.clock.move(min(ahead))
            await self.world.act()
            await self._settle()
        self.wrong += wrong_now(self.seen, self.config)

    async def _settle(self) -> None:
        """Wait until nothing happens any more at this instant; a life that ended is followed by another."""
        life = self.world.life
        calm = 0
        # A send that is under way may only wait for the clock; whether it does shows when it has done nothing for long.
        while life is not None and calm < (12 if life.out.busy else 3):
            await asyncio.sleep(0)
            calm = calm + 1 if life.calm else 0
            if life.fate.dead:
                await self._dies(life)
                life = self.world.life

    async def _dies(self, life: Life) -> None:
        self.world.tell(f"*** the process dies (life {life.fate.number})")
        await life.end()
        self.world.life = None
        back = self.clock.now() + timedelta(seconds=self.night.dice.uniform(0, 20))
        while (at := self.world.next()) is not None and at < back:
            self.clock.move(at)
            await self.world.act()
        self.clock.move(back)
        if self.night.dice.random() < 0.2:
            self._lose_a_rung()
        await self._born()

    def _lose_a_rung(self) -> None:
        """Take away the next rung of whatever waits, as a faulty version might: the start must find and mend that."""
        with self.place.database.engine.begin() as connection:
            lost = connection.exec_driver_sql("DELETE FROM timer WHERE kind = 'step'").rowcount
        self.world.tell(f"*** {lost} rungs are lost")

    async def _born(self) -> None:
        while True:
            self.lives += 1
            fate = Fate(self.lives, self.night.dice, self.night.crashes)
            roads = {name: Road(name, self.world) for name in CAN}
            life = Life(
                self.config,
                clock=self.clock,
                database=self.place.database,
                channels=roads,
                fate=fate,
                saw=self.seen.look,
                watches=self.night.watched,
            )
            self.world.life = life
            starting = asyncio.ensure_future(life.begin())
            while not starting.done() and not fate.dead:  # noqa: ASYNC110 - it may die
                await asyncio.sleep(0)
            if starting.done() and not fate.dead:
                starting.result()
                return
            starting.cancel()
            await asyncio.gather(starting, return_exceptions=True)
            await life.end()

    async def _said(self, one: StandIn | Absence) -> None:
        """Somebody puts a stand-in or an absence down, beside the gateway as a command does."""
        life = self.world.life
        if life is None or life.fate.dead:
            self.world.later(self.clock.now() + timedelta(seconds=5), lambda: self._said(one))
            return
        self.world.tell(f"duty: {one}")
        put = asyncio.ensure_future(life.writer.do(put_down, one))
        while not put.done() and not life.fate.dead:  # noqa: ASYNC110 - it may die
            await asyncio.sleep(0)
        if not put.done():
            put.cancel()
            await asyncio.gather(put, return_exceptions=True)


def put_down(tx: Tx, items: Sequence[StandIn | Absence]) -> list[None]:
    """Write stand-ins and absences."""
    work = Work(tx)
    for one in items:
        if isinstance(one, StandIn):
            work.add(
                Shift(
                    id=work.id(),
                    role=one.role,
                    person=one.person,
                    begins=one.begins,
                    ends=one.ends,
                    state=ShiftState.IN_FORCE,
                    at=tx.now,
                )
            )
        else:
            work.add(
                Presence(
                    id=work.id(),
                    person=one.person,
                    kind=PresenceKind.AWAY,
                    begins=one.begins,
                    ends=one.ends,
                    at=tx.now,
                )
            )
    work.flush()
    return [None] * len(items)


async def play(seed: int, place: Place, *, hours: float | None = None) -> Told:
    """Play the night of a seed."""
    return await Played(draw(seed, hours=hours), place).play()


def quiet() -> None:
    """Let the gateway say only what is an error: a night of faults is full of warnings."""
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)  # a send that failed while its process died
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


def told(night: Told) -> str:
    """Write down a night that failed."""
    lines = [f"night {night.seed} failed:", *(f"  ! {one}" for one in night.wrong)]
    lines += [f"{at:%d %H:%M:%S} {text}" for at, text in night.story]
    return "\n".join(lines)


def main() -> int:
    """Run by command."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--seed", type=int, default=1, help="of the first night")
    reader.add_argument("--nights", type=int, default=1000)
    reader.add_argument("--hours", type=float, help="of every night; without it they differ")
    reader.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    reader.add_argument("--stories", type=int, default=3, help="how many failed nights are told in full")
    given = reader.parse_args()
    quiet()
    begun, counts, failed = time.monotonic(), Counter[str](), []
    kind = sqlite_place if given.database == "sqlite" else postgresql_place
    with kind() as place:
        for seed in range(given.seed, given.seed + given.nights):
            night = asyncio.run(play(seed, place, hours=given.hours))
            counts += night.counts
            if night.wrong:
                failed.append(seed)
                print(told(night) if len(failed) <= given.stories else f"night {seed} failed: {night.wrong[0]}")  # noqa: T201
    seconds = time.monotonic() - begun
    result = {
        "nights": given.nights,
        "failed": failed,
        "database": given.database,
        "seconds": round(seconds, 1),
        "nights_per_second": round(given.nights / seconds, 1),
        **dict(sorted(counts.items())),
    }
    print(json.dumps(result, ensure_ascii=False))  # noqa: T201 - what a command says
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
