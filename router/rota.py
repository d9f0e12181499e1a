"""Who has a role at an instant, and the turns, holes and overlaps of a span of time; pure, and without a silent hole.

Turns keep their time on the wall (IANA zones): one that begins in an hour that the clocks skip begins when they have
skipped it, and in an hour that comes twice it begins the first time and does not go back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from router.calendars import is_workday
from router.rota_settings import WEEKDAYS, Calendar, Layer, Role, Rota
from store.model import Presence, PresenceKind, Shift, ShiftState

ROLES: tuple[Role, ...] = ("lead", "second", "manager")
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """Everything that decides who is on duty, gathered beforehand."""

    rota: Rota
    calendar: Calendar
    zone: ZoneInfo
    everyone: tuple[str, ...]
    """All staff keys, in the order of the configuration."""
    shifts: tuple[Shift, ...] = ()
    """Stand-ins and swaps in force, those that are over left out."""
    presences: tuple[Presence, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Holder:
    """Who has a role, and by what: "shift", a layer's name, "fallback", or "" where nobody has it."""

    person: str | None
    by: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Turn:
    """One person, or nobody, has a role from one instant to another."""

    role: Role
    person: str | None
    begins: datetime
    ends: datetime
    by: str


def lead_at(plan: Plan, instant: datetime) -> str | None:
    """Return the staff key of who leads at an instant; None is a hole."""
    return holder(plan, "lead", instant).person


def holder(plan: Plan, role: Role, instant: datetime) -> Holder:
    """Return who has a role: the newest stand-in or swap, else the last layer that has somebody, else the fallback."""
    newest = max((s for s in plan.shifts if _covers(s, role, instant)), key=lambda s: (s.at, s.id), default=None)
    if newest is not None:
        return Holder(person=newest.person, by="shift")
    away = away_at(plan, instant) if plan.presences else frozenset()
    for layer in reversed(plan.rota.layers):
        if layer.role == role and (person := on_turn(layer, plan, instant, away)) is not None:
            return Holder(person=person, by=layer.name)
    fallback: str | None = getattr(plan.rota, role)
    return Holder(person=None, by="") if fallback in (None, *away) else Holder(person=fallback, by="fallback")


def _covers(shift: Shift, role: Role, instant: datetime) -> bool:
    in_force = shift.role == role and shift.state == ShiftState.IN_FORCE
    return in_force and shift.begins <= instant and (shift.ends is None or instant < shift.ends)


def away_at(plan: Plan, instant: datetime) -> frozenset[str]:
    """Return who is away at an instant."""
    return frozenset(p.person for p in plan.presences if p.kind == PresenceKind.AWAY and p.begins <= instant < p.ends)


def on_turn(layer: Layer, plan: Plan, instant: datetime, away: frozenset[str] = frozenset()) -> str | None:
    """Return whose turn it is in a layer, the next one for somebody who is away; None outside its time."""
    wall = on_the_wall(instant, ZoneInfo(layer.zone) if layer.zone else plan.zone)
    if not layer.begins <= wall or (layer.ends is not None and layer.ends <= wall) or not _open(layer, plan, wall):
        return None
    if layer.weekdays:
        start = layer.begins.time()
        day = (wall - timedelta(hours=start.hour, minutes=start.minute)).weekday()
        person = layer.weekdays.get(WEEKDAYS[day])
        return None if person in away else person
    turn = (wall - layer.begins) // layer.every
    order = (layer.people[(turn + step) % len(layer.people)] for step in range(len(layer.people)))
    return next((person for person in order if person not in away), None)


def on_the_wall(instant: datetime, zone: ZoneInfo) -> datetime:
    """Return the time on the wall, which never goes back: an hour that comes twice stands still the second time."""
    local = instant.astimezone(zone)
    wall = local.replace(tzinfo=None, fold=0)
    if not local.fold:
        return wall
    step, back = timedelta(minutes=1), instant
    while (back - step).astimezone(zone).fold:  # a few hours of a year
        back -= step
    return (back - step).astimezone(zone).replace(tzinfo=None, fold=0)


def _open(layer: Layer, plan: Plan, wall: datetime) -> bool:
    """Tell whether a layer holds at a time on the wall; the hours after midnight belong to the day before."""
    day = wall.date()
    if layer.hours is not None:
        if not layer.hours.holds(wall.time()):
            return False
        passes = layer.hours.begin >= layer.hours.end
        day -= DAY if passes and wall.time() < layer.hours.end else timedelta(0)
    if not layer.days:
        return True
    kind = "workday" if is_workday(plan.calendar, day) else "holiday"
    return kind in layer.days or WEEKDAYS[day.weekday()] in layer.days


def turns(plan: Plan, role: Role, begin: datetime, end: datetime) -> list[Turn]:
    """Return who has a role from one instant to another, in order and without a gap; nobody is a turn too."""
    edges = sorted({begin, end, *(edge for edge in _edges(plan, begin, end) if begin < edge < end)})
    found: list[Turn] = []
    for start, stop in pairwise(edges):
        who = holder(plan, role, start)
        before = found[-1] if found else None
        if before is not None and (before.person, before.by) == (who.person, who.by):
            found[-1] = Turn(role=role, person=who.person, begins=before.begins, ends=stop, by=who.by)
        else:
            found.append(Turn(role=role, person=who.person, begins=start, ends=stop, by=who.by))
    return found


def next_change(plan: Plan, role: Role, after: datetime, horizon: timedelta = timedelta(days=35)) -> datetime | None:
    """Return when a role next passes to somebody else, or to nobody; None when it does not within the horizon."""
    now = holder(plan, role, after).person
    for edge in sorted({edge for edge in _edges(plan, after, after + horizon) if after < edge <= after + horizon}):
        if holder(plan, role, edge).person != now:
            return edge
    return None


def _edges(plan: Plan, begin: datetime, end: datetime) -> Iterator[datetime]:
    """Give every instant at which somebody's turn may begin or end; some at which nothing changes, too."""
    for shift in plan.shifts:
        yield from (edge for edge in (shift.begins, shift.ends) if edge is not None)
    for one in plan.presences:
        yield from (one.begins, one.ends)
    for layer in plan.rota.layers:
        yield from _layer_edges(layer, plan, begin, end)


def _layer_edges(layer: Layer, plan: Plan, begin: datetime, end: datetime) -> Iterator[datetime]:
    zone = ZoneInfo(layer.zone) if layer.zone else plan.zone
    first, last = on_the_wall(begin, zone) - 2 * DAY, on_the_wall(end, zone) + DAY
    yield from (begins(edge, zone) for edge in (layer.begins, layer.ends) if edge is not None)
    if layer.people:
        wall = layer.begins + max((first - layer.begins) // layer.every, 0) * layer.every
        while wall <= last:
            yield begins(wall, zone)
            wall += layer.every
    times = {layer.begins.time()} if layer.weekdays else set()
    times |= {layer.hours.begin, layer.hours.end} if layer.hours else set()
    times |= {time(0)} if layer.days else set()
    day = first.date()
    while times and day <= last.date():
        yield from (begins(datetime.combine(day, at), zone) for at in times)
        day += DAY


def begins(wall: datetime, zone: ZoneInfo) -> datetime:
    """Return the instant (UTC) at which a time on the wall comes for the first time, or is skipped."""
    instant = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == wall:
        return instant
    # Skipped: the clocks jump at the last instant before which the wall showed less.
    low, high = instant - timedelta(hours=3), instant
    while high - low > SECOND:
        middle = low + (high - low) / 2
        low, high = (middle, high) if middle.astimezone(zone).replace(tzinfo=None) < wall else (low, middle)
    return high.replace(microsecond=0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Flaw:
    """Something wrong with a plan: nobody leads, one person has two roles, or two stand in at once."""

    what: str
    """hole, double or overlap."""
    role: Role
    begins: datetime
    ends: datetime
    people: tuple[str, ...] = ()


def flaws(plan: Plan, begin: datetime, end: datetime) -> list[Flaw]:
    """Return the holes and overlaps of a span of time, in order."""
    lead = turns(plan, "lead", begin, end)
    found = [Flaw(what="hole", role="lead", begins=t.begins, ends=t.ends) for t in lead if t.person is None]
    second = turns(plan, "second", begin, end)
    return sorted([*found, *_doubles(lead, second), *_overlaps(plan, begin, end)], key=lambda flaw: flaw.begins)


def _doubles(lead: Sequence[Turn], second: Sequence[Turn]) -> Iterator[Flaw]:
    """Find where one person is lead and second at once: the ladder then has one step less."""
    for one in lead:
        for two in second:
            start, stop = max(one.begins, two.begins), min(one.ends, two.ends)
            if one.person is not None and one.person == two.person and start < stop:
                yield Flaw(what="double", role="second", begins=start, ends=stop, people=(one.person,))


def _overlaps(plan: Plan, begin: datetime, end: datetime) -> Iterator[Flaw]:
    """Find where two stand in for one role: the newer word counts, and somebody may not know."""
    shifts = [s for s in plan.shifts if s.state == ShiftState.IN_FORCE]
    for place, one in enumerate(shifts):
        for two in shifts[place + 1 :]:
            start, stop = max(one.begins, two.begins, begin), min(one.ends or end, two.ends or end, end)
            if one.role == two.role and one.person != two.person and start < stop:
                people = (one.person, two.person)
                yield Flaw(what="overlap", role=_role(one.role), begins=start, ends=stop, people=people)


def _role(name: str) -> Role:
    return next(role for role in ROLES if role == name)


def roles_of(plan: Plan, instant: datetime, roles: Iterable[Role] = ROLES) -> dict[Role, str | None]:
    """Return who has each role at an instant."""
    return {role: holder(plan, role, instant).person for role in roles}
