"""Who leads: CPU microseconds a question, hour by hour for ten years of a three-layer rota; milliseconds a year."""

from __future__ import annotations

import argparse
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.measure import put, spread
from router.duty import plan_of
from router.rota import Plan, flaws, lead_at, turns
from router.settings import RouterSettings
from store.model import Presence, Shift

BEGIN, YEARS = datetime(2026, 1, 1, tzinfo=UTC), 10
YEAR = timedelta(days=365)
LAYERS = (
    {"name": "weeks", "people": ["a", "b", "c"], "every": "weekly"},
    {"name": "nights", "people": ["c", "d"], "every": "daily", "hours": {"begin": "22:00", "end": "06:00"}},
    {"name": "holidays", "people": ["d", "a"], "every": "daily", "days": ["holiday"]},
)


def add(commands: Any) -> None:
    reader = commands.add_parser("rota", help=__doc__)
    reader.add_argument("--rounds", type=int, default=5)
    reader.add_argument("--zone", default="Asia/Shanghai")
    reader.set_defaults(run=run)


def run(given: argparse.Namespace) -> None:
    hours = [BEGIN + timedelta(hours=n) for n in range(YEARS * 365 * 24)]
    bare, busy = rota(given.zone), changed(given.zone)
    rounds = [(asked(bare, hours), asked(busy, hours), told(bare), told(bare, check=True)) for _ in range(given.rounds)]
    plain, changes, years, checks = zip(*rounds, strict=True)
    put(
        {
            "bench": "rota",
            "layers": len(LAYERS),
            "zone": given.zone,
            "instants": len(hours),
            "cpu_us_per_lead_at": spread(plain),
            "cpu_us_per_lead_at_with_changes": spread(changes),
            "cpu_ms_per_year_of_turns": spread(years),
            "cpu_ms_per_year_of_flaws": spread(checks),
            "turns_per_year": len(turns(bare, "lead", BEGIN, BEGIN + YEAR)),
            "cpu_us_per_plan": spread([planned(given.zone) for _ in range(given.rounds)]),
        }
    )


def settings(zone: str) -> RouterSettings:
    people = {key: {"name": key, "addresses": {"tel": "+8613800000101"}} for key in "abcd"}
    rota = {"lead": "a", "second": "b", "layers": list(LAYERS)}
    return RouterSettings.model_validate({"people": people, "rota": rota, "time_zone": zone})


def rota(zone: str) -> Plan:
    return plan_of(settings(zone))


def changed(zone: str) -> Plan:
    """With as much as a store may hold: three stand-ins and two absences ahead."""
    at = [BEGIN + n * YEAR for n in range(YEARS)]
    shifts = [
        Shift(id=n, role="lead", person="b", begins=at[n], ends=at[n] + timedelta(days=3), state="in_force", at=BEGIN)
        for n in range(3)
    ]
    away = [
        Presence(id=n, person="c", kind="away", begins=at[n], ends=at[n] + timedelta(days=14), at=BEGIN)
        for n in range(4, 6)
    ]
    return plan_of(settings(zone), shifts, away)


def asked(plan: Plan, hours: list[datetime]) -> float:
    """CPU microseconds a question: others on the machine do not count."""
    begun = time.process_time()
    for hour in hours:
        lead_at(plan, hour)
    return (time.process_time() - begun) / len(hours) * 1e6


def told(plan: Plan, *, check: bool = False) -> float:
    begun = time.process_time()
    for year in range(YEARS):
        span = (BEGIN + year * YEAR, BEGIN + (year + 1) * YEAR)
        flaws(plan, *span) if check else turns(plan, "lead", *span)
    return (time.process_time() - begun) / YEARS * 1e3


def planned(zone: str) -> float:
    given = settings(zone)
    begun = time.process_time()
    for _ in range(1000):
        plan_of(given)
    return (time.process_time() - begun) * 1e3
