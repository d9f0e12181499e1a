"""100,000 open tickets with running clocks: due work found, idle CPU and memory, intake beside few and many timers."""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.databases import databases
from bench.idle import SETTLE, _cpu, _resident
from bench.intake import TEXTS
from bench.load import Line
from bench.measure import Machine, median_ratio, percentile, put, spread, talk
from bench.product import Gateway, customer, http, running, sms
from gateway.clock import MovedClock
from store import timers
from store.db import open_database
from store.model import Clock, ClockKind, Event, EventKind, Kind, Page, PageState, Ticket, TicketState, Timer, TimerKind
from store.numbers import Numbers
from store.work import Work
from store.writer import Tx, Writer, exclusive

CHUNK = 2000
FEW = 1_000
AWAY = timedelta(days=20)
"""So far ahead the clocks run out: none fires while it is measured, all are there."""


def add(commands: Any) -> None:
    reader = commands.add_parser("open", help=__doc__)
    reader.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    reader.add_argument("--tickets", type=int, default=100_000)
    reader.add_argument("--rounds", type=int, default=3)
    reader.add_argument("--seconds", type=int, default=5, help="of load; nothing happens four times as long")
    reader.add_argument("--rate", type=int, default=50, help="messages a second, at a steady pace")
    reader.set_defaults(run=run)


def run(given: argparse.Namespace) -> None:
    machine = Machine()
    rounds: dict[str, list[dict[str, float]]] = {"few": [], "many": []}
    with (
        tempfile.TemporaryDirectory(prefix="bench-open-") as place,
        databases(given.database, Path(place)) as fresh,
    ):
        for number in range(given.rounds):
            machine.note()
            for name, count in (("few", FEW), ("many", given.tickets)):
                folder = Path(place) / f"{name}{number}"
                folder.mkdir()
                rounds[name].append(_round(given, folder, fresh(), count))
                talk(f"round {number + 1}, {count} open tickets: {rounds[name][-1]}")
    row = {"bench": "open", "database": given.database, "tickets": given.tickets, **_told(rounds)}
    put({**row, "machine": machine.row()})


def _told(rounds: dict[str, list[dict[str, float]]]) -> dict[str, Any]:
    few, many = rounds["few"], rounds["many"]
    row: dict[str, Any] = {"few": FEW}
    for key in many[0]:
        row[key] = spread([one[key] for one in many])
        row[f"{key}_few"] = spread([one[key] for one in few])
    for key in ("intake_p99_ms", "intake_p50_ms", "find_due_ms"):
        row[f"ratio_{key}"] = median_ratio([one[key] for one in many], [one[key] for one in few])
    row["goal"] = {"ratio_intake_p99_ms": 1.2, "resident_mb": 150, "cpu_percent": 0.5}
    return row


def _round(given: argparse.Namespace, folder: Path, url: str, count: int) -> dict[str, float]:
    found = asyncio.run(filled(url, count))
    gateway = Gateway(folder=folder, url=url)
    written = [
        http(gateway.base, *sms(gateway.base, f"{n}", sender=customer(n % 1000), text=f"{TEXTS['minor']}{n}"))
        for n in range(given.rate * given.seconds)
    ]
    with running(gateway):
        assert gateway.process is not None
        found["ready_s"] = gateway.ready_after
        time.sleep(SETTLE)
        before = _cpu(gateway.process.pid)
        time.sleep(4 * given.seconds)
        found["cpu_percent"] = (_cpu(gateway.process.pid) - before) / (4 * given.seconds) * 100
        found["resident_mb"] = _resident(gateway.process.pid)
        took = asyncio.run(steady(gateway.port, written, given.rate))
    return {**found, "intake_p50_ms": percentile(took, 50), "intake_p99_ms": percentile(took, 99)}


async def steady(port: int, requests: Sequence[bytes], rate: int, connections: int = 8) -> list[float]:
    """Post at a steady pace over kept connections, late or not; returns how long each took in milliseconds."""
    lines = [await Line(port).open() for _ in range(connections)]
    start, took = time.perf_counter() + 0.05, []

    async def one(first: int) -> None:
        for number in range(first, len(requests), connections):
            due = start + number / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            if await lines[first].post(requests[number]) != 200:
                raise RuntimeError("a message was not acknowledged")
            took.append((time.perf_counter() - due) * 1000)

    await asyncio.gather(*(one(first) for first in range(connections)))
    for line in lines:
        line.close()
    return took


async def filled(url: str, count: int) -> dict[str, float]:
    """Write open tickets, a third of which wait, and measure how long what is due takes to be found among them."""
    clock = MovedClock(datetime.now(UTC))
    database = open_database(url, now=clock.now)
    database.migrate()
    writer = Writer(database, woken=lambda _: None, most=1)
    writer.start()
    try:
        for begin in range(0, count, CHUNK):
            await writer.do(put_open, range(begin, min(begin + CHUNK, count)))
        if database.shared:
            with database.engine.connect() as connection:
                connection.exec_driver_sql("ANALYZE")
                connection.commit()
        looks = [await _timed(writer, look) for _ in range(200)]
        fires = [await _timed(writer, fire_one) for _ in range(50)]
    finally:
        await writer.stop()
        database.close()
    return {"find_due_ms": statistics.median(looks) * 1000, "fire_one_ms": statistics.median(fires) * 1000}


async def _timed(writer: Writer, move: Any) -> float:
    begun = time.perf_counter()
    await writer.do(move, None)
    return time.perf_counter() - begun


def look(tx: Tx, asks: Sequence[None]) -> list[int]:
    """Look for what is due, as the loop does, and when the next is; nothing is."""
    fired = timers.fire(tx, tx.now, 200)
    timers.next_due(tx.connection)
    return [len(fired)] * len(asks)


def fire_one(tx: Tx, asks: Sequence[None]) -> list[int]:
    """Put one due time down and take it."""
    work = Work(tx)
    work.add(Timer(id=work.id(), due=tx.now, kind=TimerKind.FOLD, about="nobody"))
    work.flush()
    fired = timers.fire(tx, tx.now, 200)
    timers.next_due(tx.connection)
    return [len(fired)] * len(asks)


@exclusive
def put_open(tx: Tx, spans: Sequence[range]) -> list[None]:
    """Write tickets with their pages, clocks, timers and first line of history."""
    for span in spans:
        work, numbers = Work(tx), Numbers(tx)
        for n in span:
            _put(work, tx.now - timedelta(minutes=n % 600), numbers.next(), n)
        numbers.flush()
        work.flush()
    return [None] * len(spans)


def _put(work: Work, opened: datetime, number: int, n: int) -> None:
    waits = n % 3 == 0
    ident, due = work.id(), opened + AWAY
    rung = {"after": 0.0, "person": "zhang", "by": "sms", "last": True, "giver": ""}
    work.add(
        Ticket(
            id=ident,
            number=number,
            kind=Kind.FAULT,
            level=n % 3 + 1,
            state=TicketState.PAGING if waits else TicketState.TAKEN,
            title=f"K{n} 号站点的打印机卡纸",
            site=f"K{n % 5000}",
            symptom=f"K{n} 号站点的打印机卡纸，有空来看一下",
            channel="sms:main",
            reply_to=customer(n),
            opened_at=opened,
            heard_at=opened,
            owner=None if waits else ("zhang", "li", "wang")[n % 3],
            taken_at=None if waits else opened,
            round=1,
            plan=[rung],
            plan_from=opened,
            plan_next=1,
        )
    )
    kind = ClockKind.RESPOND if waits else ClockKind.ARRIVE
    work.add(Clock(id=work.id(), ticket_id=ident, kind=kind, started_at=opened, due_at=due))
    work.add(Timer(id=work.id(), due=due, kind=TimerKind.CLOCK, ticket_id=ident, round=1, about=kind, part=1.0))
    if waits:
        work.add(Timer(id=work.id(), due=due, kind=TimerKind.STEP, ticket_id=ident, round=1))
    state = PageState.OPEN if waits else PageState.ACKED
    work.add(Page(id=work.id(), ticket_id=ident, person="zhang", round=1, state=state, asked_at=opened))
    work.add(Event(id=work.id(), at=opened, kind=EventKind.OPENED, ticket_id=ident, actor="customer"))
