"""The ladder of a page: who is asked, by which method, how long after the start; and how it moves on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from router.blocks import Hours
from router.duty import OnDuty
from router.effects import Rung
from router.policy_settings import Policy
from router.settings import Person, RouterSettings
from store.model import Kind

SOFT = ("fault-3", "other", "complaint")
"""Urgencies that quiet hours soften."""
APART = 180.0
"""Seconds between two people who are asked in turn, as between the steps of level 1."""


def urgency(kind: str, level: int | None) -> str:
    """Name the policy for a kind and level."""
    if kind == Kind.FAULT:
        return f"fault-{level or 3}"
    return kind if kind in (Kind.COMPLAINT, Kind.EMERGENCY_SUPPORT) else "other"


NOBODY: Mapping[str, Person] = {}


def plan(policy: Policy, duty: OnDuty, people: Mapping[str, Person] = NOBODY, name: str = "") -> tuple[Rung, ...]:
    """Lay each person's rules over the policy's steps; nobody is asked twice by one method at one instant.

    `people` are the staff with rules of their own, `name` is the urgency that those are looked up by.
    """
    seen: dict[tuple[float, str, str], Rung] = {}
    final = policy.steps[-1]
    for step in policy.steps:
        for person in (p for role in step.who for p in duty.who(role)):
            for rule in people[person].asked_by(name, policy) if person in people else policy.how:
                after = (step.after + rule.after).total_seconds()
                rung = Rung(after=after, person=person, by=rule.by, last=step is final)
                seen.setdefault((after, person, rule.by), rung)
    return tuple(sorted(seen.values(), key=lambda rung: rung.after))


def in_quiet_hours(quiet: Hours, zone: ZoneInfo, now: datetime) -> bool:
    """Tell whether the site sleeps at this instant; the span may pass midnight."""
    at = now.astimezone(zone).time()
    if quiet.begin <= quiet.end:
        return quiet.begin <= at < quiet.end
    return at >= quiet.begin or at < quiet.end


def quiet_ends(quiet: Hours, zone: ZoneInfo, now: datetime) -> datetime:
    """Return the next end of the quiet hours as aware UTC."""
    local = now.astimezone(zone)
    end = local.replace(hour=quiet.end.hour, minute=quiet.end.minute, second=0, microsecond=0)
    if end <= local:
        end = (end + timedelta(days=1)).replace(hour=quiet.end.hour, minute=quiet.end.minute)
    return end.astimezone(tz=now.tzinfo)


def softened(rungs: Sequence[Rung], name: str, now: datetime, ends: datetime) -> tuple[Rung, ...]:
    """Soften a ladder that begins in the quiet hours.

    Level 3 keeps its texts and rings nobody before morning; the other kinds wait for the end of the quiet hours.
    Levels 1 and 2 and emergency support are never softened.
    """
    wait = (ends - now).total_seconds()
    if name == "fault-3":
        rungs = [replace(r, after=max(r.after, wait)) if r.by == "voice" else r for r in rungs]
    elif name in ("other", "complaint"):
        rungs = [replace(r, after=r.after + wait) for r in rungs]
    return tuple(sorted(rungs, key=lambda rung: rung.after))


def hushed(rungs: Sequence[Rung], name: str, settings: RouterSettings, now: datetime) -> tuple[Rung, ...]:
    """Soften the rungs of whoever sleeps when the ladder begins: a person's own quiet hours go before the site's."""
    if name not in SOFT:
        return tuple(rungs)
    kept: list[Rung] = []
    for rung in rungs:
        known = settings.people.get(rung.person)
        quiet = (known.quiet_hours if known else None) or settings.quiet_hours
        asleep = in_quiet_hours(quiet, settings.zone, now)
        kept += softened([rung], name, now, quiet_ends(quiet, settings.zone, now)) if asleep else [rung]
    return tuple(sorted(kept, key=lambda rung: rung.after))


def due(rungs: Sequence[Rung], start: datetime, begin: int, now: datetime) -> int:
    """Return the index after the last rung that is due; `begin` when none is."""
    index = begin
    while index < len(rungs) and start + timedelta(seconds=rungs[index].after) <= now:
        index += 1
    return index


def renewed(rungs: Sequence[Rung], repeat: timedelta | None) -> tuple[tuple[Rung, ...], int]:
    """Put the last step once more behind a ladder that ended, and tell where that begins.

    It comes `repeat` after its own start. Earlier rungs fall away, so that a ladder that nobody answers stays short.
    A policy that does not repeat, or a ladder without a last step, stays as it is.
    """
    tail = [rung for rung in rungs if rung.last]
    if repeat is None or not tail:
        return tuple(rungs), len(rungs)
    done = tail[-len({(rung.person, rung.by) for rung in tail}) :]
    first = min(rung.after for rung in done)
    shift = max(rungs[-1].after - first + 60.0, repeat.total_seconds())
    return (*done, *(replace(rung, after=rung.after + shift) for rung in done)), len(done)


def without(rungs: Iterable[Rung], person: str) -> tuple[Rung, ...]:
    """Leave somebody out of a ladder; where they alone were its last step, whoever is last now is: so it repeats."""
    rest = tuple(rung for rung in rungs if rung.person != person)
    if not rest or any(rung.last for rung in rest):
        return rest
    return tuple(replace(rung, last=rung.person == rest[-1].person) for rung in rest)


def first_new(rungs: Iterable[Rung], asked: Iterable[str]) -> Rung | None:
    """Return the first rung for somebody who was not asked yet."""
    known = set(asked)
    return next((rung for rung in rungs if rung.person not in known), None)


def ways(rungs: Iterable[Rung]) -> dict[str, float]:
    """Return how a ladder asks a person: each method with the seconds after the first, the earliest first."""
    found: dict[str, float] = {}
    for rung in sorted(rungs, key=lambda rung: rung.after):
        found.setdefault(rung.by, rung.after)
    begin = min(found.values(), default=0.0)
    return {by: after - begin for by, after in found.items()}


def in_turn(
    people: Iterable[str], methods: Mapping[str, float] | Callable[[str], Mapping[str, float]]
) -> tuple[Rung, ...]:
    """Ask people one after another, each a little after the one before; all of it repeats.

    `methods` are seconds after the first by method, for all of them or each.
    """
    rungs = [
        Rung(after=place * APART + after, person=person, by=by, last=True)
        for place, person in enumerate(people)
        for by, after in (methods(person) if callable(methods) else methods).items()
    ]
    return tuple(sorted(rungs, key=lambda rung: rung.after))


def next_due(rungs: Sequence[Rung], start: datetime, index: int) -> datetime | None:
    """Return when the rung at `index` is due."""
    return start + timedelta(seconds=rungs[index].after) if index < len(rungs) else None
