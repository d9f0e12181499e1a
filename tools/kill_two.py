"""Two gateways on one PostgreSQL, killed in turn under load: each page once, none late, every message in one ticket.

One of them lives at any time, so that what a dead one had begun is taken over when its lease ends.
"""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import text

from tools.kill import Findings, looking, prove, settled
from tools.kill_world import SEND_SECONDS, SENDERS, STEPS, Tally, Victim, World

LEASE = 2 * SEND_SECONDS
"""Seconds that a claim of a dead process lasts (gateway/out.py)."""
BOUND = LEASE + 1.0
"""Seconds that anything may be late by."""
FLIGHT = 1.0
"""Seconds before a kill within which a text may have been on its way, its outcome not yet kept."""
PAGES = (
    "SELECT m.key, m.at FROM message m WHERE m.direction = 'out' AND m.page_id IS NOT NULL AND m.state <> 'cancelled'"
)
JUDGED = (
    "SELECT t.number, m.at AS said, e.at AS opened FROM event e JOIN ticket t ON t.id = e.ticket_id "
    "JOIN message m ON m.id = e.message_id WHERE e.kind = 'opened'"
)
CLIMBED = (
    "SELECT t.number, t.opened_at, min(p.asked_at) AS asked, t.taken_at, t.state FROM ticket t "
    "LEFT JOIN page p ON p.ticket_id = t.id AND p.person = 'li' AND p.round = 1 GROUP BY t.id"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Lateness:
    """How late things were, in seconds; empty lists are the proof."""

    sent: list[float]
    """From the decision to ask until the provider had it, one figure a page."""
    judged: list[float]
    climbed: list[float]
    """After its due time, the second rung of each ladder that nobody stopped."""
    late: list[str]
    wrong_repeats: list[str]
    """Pages handed over twice with no kill while they were on their way."""


async def ordeal_of_two(folder: Path, url: str, *, kills: int, seed: int) -> tuple[Findings, Lateness, Tally]:
    """Start both, kill one after the other under load, and look at what is left; all are ended by SIGKILL."""
    async with World(folder, seed, processes=2) as world:
        victims = []
        for place, port in enumerate(world.ports):
            world.write_config(url, port=port, name=f"config{place}.yaml")
            victims.append(Victim(folder, port, f"config{place}.yaml"))
        try:
            for victim in victims:
                victim.start()
                world.tally.ready.append(await victim.ready())
            await _rampage(world, victims, kills)
            await settled(world, url)
            await asyncio.sleep(BOUND)
        finally:
            for victim in victims:
                victim.kill()
            world.tally.log = victims[0].log()
        return prove(world, url), lateness(world, url), world.tally


async def _rampage(world: World, victims: list[Victim], kills: int) -> None:
    """Kill in turn: under load, and in moments in which nothing else would wake the one that lives."""
    dice = world.random
    customers = [asyncio.create_task(_customer(world)) for _ in range(1)]
    lead = asyncio.create_task(world.lead())
    try:
        for turn in range(kills):
            victim = victims[turn % 2]
            await asyncio.sleep(dice.uniform(0.2, 1.2))
            world.tally.kills.append(time.time())
            victim.kill()
            await asyncio.sleep(dice.uniform(0.0, 0.5))
            victim.start()
            world.tally.ready.append(await victim.ready())
        world.talking = False
        await asyncio.gather(*customers)
    finally:
        for task in (*customers, lead):
            task.cancel()
        await asyncio.gather(*customers, lead, return_exceptions=True)


async def _customer(world: World) -> None:
    """Text in bursts with pauses, since a wake-up that got lost hurts only when no other follows."""
    from tools.kill_world import TEXTS  # noqa: PLC0415

    while world.talking:
        for _ in range(world.random.randint(1, 3)):
            n = next(world._numbers)
            await world.say(f"+86139{n % 400:08d}", TEXTS[n % len(TEXTS)].format(n=f"{n:05d}"))
        await asyncio.sleep(world.random.uniform(0.5, 3.0))


def lateness(world: World, url: str) -> Lateness:
    """Measure by what the provider saw and what the histories say."""
    tally = world.tally
    with looking(url) as connection:
        pages = connection.execute(text(PAGES)).all()
        judged = [(row.number, _apart(row.said, row.opened)) for row in connection.execute(text(JUDGED)).all()]
        climbed = list(_climbed(connection.execute(text(CLIMBED)).all()))
    sent = [(key, tally.first[key] - _seconds(at)) for key, at in pages if key in tally.first]
    each = {"sent": sent, "judged": judged, "climbed": climbed}
    every = [(what, which, late) for what, some in each.items() for which, late in some]
    keys = {key for key, _ in pages}
    again = [key for key, count in tally.sends.items() if count > 1 and key in keys]
    return Lateness(
        sent=[late for _, late in sent],
        judged=[late for _, late in judged],
        climbed=[late for _, late in climbed],
        late=[f"{what} {which}: {late:.1f} s" for what, which, late in every if late > BOUND],
        wrong_repeats=[key for key in again if not _in_flight(tally, key)],
    )


def _climbed(rows: Any) -> Any:
    """Give how late the second rung was of each ladder that ran until then."""
    after = float(str(STEPS[1]["after"])[:-1])
    for row in rows:
        over = row.taken_at is not None or row.state != "paging"
        if row.asked is not None and not over:
            yield row.number, _apart(row.opened_at, row.asked) - after


def _in_flight(tally: Tally, key: str) -> bool:
    first = tally.first[key]
    return any(first - FLIGHT <= kill <= first + FLIGHT + LEASE for kill in tally.kills)


def _seconds(at: datetime | str) -> float:
    return (datetime.fromisoformat(at + "+00:00") if isinstance(at, str) else at).timestamp()


def _apart(begin: Any, end: Any) -> float:
    return _seconds(end) - _seconds(begin)


def tell(folder: Path, url: str, *, kills: int, seed: int) -> int:
    """Do all of it and print one JSON object; returns the exit status."""
    begun = time.monotonic()
    found, late, tally = asyncio.run(ordeal_of_two(folder, url, kills=kills, seed=seed))
    result = {
        "kills": kills,
        "processes": 2,
        "seed": seed,
        "seconds": round(time.monotonic() - begun),
        "said": len(tally.answered),
        "messages": found.messages,
        "tickets": found.tickets,
        "pages": len(late.sent),
        "repeated_sends": found.repeats,
        "most_allowed": kills * SENDERS,
        "worst_seconds": {
            name: round(max(getattr(late, name), default=0.0), 2) for name in ("sent", "judged", "climbed")
        },
        "bound_seconds": BOUND,
        "late": late.late[:5],
        "repeats_without_a_kill": late.wrong_repeats[:5],
        "bad": {name: getattr(found, name) if name == "unjudged" else getattr(found, name)[:5] for name in found.bad},
    }
    print(json.dumps(result, ensure_ascii=False))  # noqa: T201 - what a command says
    return 1 if found.bad or late.late or late.wrong_repeats or found.repeats > kills * SENDERS else 0
