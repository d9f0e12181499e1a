"""Who has a role at an instant, and the turns, holes and overlaps of a span of time; pure, and without a silent hole.

Turns keep their time on the wall (IANA zones): one that begins in an hour that the clocks skip begins when they have
skipped it, and in an hour that comes twice it begins the first time and does not go back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import groupby, pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from router.calendars import makeup_known
from router.rota_settings import Calendar, Role, Rota
from router.wall import on_the_wall
from router.wheels import Wheel, wheel
from store.model import Presence, PresenceKind, Shift, ShiftState

ROLES: tuple[Role, ...] = ("lead", "second", "manager")
NOBODY: frozenset[str] = frozenset()
FOREVER = datetime.max.replace(tzinfo=UTC)
LONG = timedelta(days=35)
"""How far a hole is followed, to tell how long it lasts."""


class _Word(NamedTuple):
    """What was said of one person for a while; a row of the store, read once, since its columns are slow to read."""

    person: str
    begins: datetime
    ends: datetime
    at: datetime


def _word(row: Shift | Presence, ends: datetime | None) -> _Word:
    return _Word(row.person, row.begins, ends or FOREVER, row.at)


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
    wheels: dict[Role, tuple[Wheel, ...]] = field(init=False, repr=False, compare=False)
    """The layers of each role made ready, the one that goes first in front."""
    standing: dict[Role, tuple[_Word, ...]] = field(init=False, repr=False, compare=False)
    """Who stands in for each role, the newest word first."""
    absent: tuple[_Word, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        ready = [wheel(layer, self.zone, self.calendar) for layer in reversed(self.rota.layers)]
        newest = sorted(self.shifts, key=lambda shift: (shift.at, shift.id), reverse=True)
        held = [shift for shift in newest if shift.state == ShiftState.IN_FORCE]
        words = {role: tuple(_word(s, s.ends) for s in held if s.role == role) for role in ROLES}
        away = tuple(_word(one, one.ends) for one in self.presences if one.kind == PresenceKind.AWAY)
        object.__setattr__(self, "wheels", {role: tuple(w for w in ready if w.role == role) for role in ROLES})
        object.__setattr__(self, "standing", words)
        object.__setattr__(self, "absent", away)


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
    """Return who has a role: the newest stand-in or swap, else the last layer that has somebody, else the fallback.

    Who is away has no turn, and does not stand in either, unless the word for that is the later one.
    """
    away = away_at(plan, instant) if plan.absent else NOBODY
    for word in plan.standing[role]:
        if word.begins <= instant < word.ends and not (word.person in away and _left_since(plan, word, instant)):
            return Holder(person=word.person, by="shift")
    zone, wall = None, instant
    for one in plan.wheels[role]:
        if one.zone is not zone:
            zone, wall = one.zone, on_the_wall(instant, one.zone)
        if (person := one.person(wall, away)) is not None:
            return Holder(person=person, by=one.name)
    fallback: str | None = getattr(plan.rota, role)
    return (
        Holder(person=None, by="") if fallback is None or fallback in away else Holder(person=fallback, by="fallback")
    )


def _left_since(plan: Plan, standing: _Word, instant: datetime) -> bool:
    """Tell whether somebody who stands in said afterwards that they are away then."""
    said = (word for word in plan.absent if word.person == standing.person and word.at > standing.at)
    return any(word.begins <= instant < word.ends for word in said)


def away_at(plan: Plan, instant: datetime) -> frozenset[str]:
    """Return who is away at an instant."""
    return frozenset([word.person for word in plan.absent if word.begins <= instant < word.ends])


def turns(plan: Plan, role: Role, begin: datetime, end: datetime) -> list[Turn]:
    """Return who has a role from one instant to another, in order and without a gap; nobody is a turn too."""
    if begin >= end:
        return []
    begin, end = begin.astimezone(UTC), end.astimezone(UTC)
    edges = sorted({begin, end, *(edge for edge in _edges(plan, role, begin, end) if begin < edge < end)})
    asked = ((start, stop, holder(plan, role, start)) for start, stop in pairwise(edges))
    found = []
    for who, parts in groupby(asked, key=lambda part: part[2]):
        spans = list(parts)
        found.append(Turn(role=role, person=who.person, begins=spans[0][0], ends=spans[-1][1], by=who.by))
    return found


def next_change(plan: Plan, role: Role, after: datetime, horizon: timedelta = LONG) -> datetime | None:
    """Return when a role next passes to somebody else, or to nobody; None when it does not within the horizon."""
    after = after.astimezone(UTC)
    now, last = holder(plan, role, after).person, after + horizon
    edges = sorted({edge for edge in _edges(plan, role, after, last) if after < edge <= last})
    return next((edge for edge in edges if holder(plan, role, edge).person != now), None)


def _edges(plan: Plan, role: Role, begin: datetime, end: datetime) -> Iterator[datetime]:
    """Give every instant at which somebody's turn may begin or end; some at which nothing changes, too."""
    for shift in plan.shifts:
        yield from (edge for edge in (shift.begins, shift.ends) if edge is not None)
    for one in plan.presences:
        yield from (one.begins, one.ends)
    for layer in plan.wheels[role]:
        yield from layer.edges(begin, end)


@dataclass(frozen=True, kw_only=True, slots=True)
class Flaw:
    """Something wrong with a plan."""

    what: str
    """hole (nobody leads), double (the lead has this role as well), overlap (two stand in), calendar (make-up days)."""
    role: Role
    begins: datetime
    ends: datetime
    people: tuple[str, ...] = ()


def flaws(plan: Plan, begin: datetime, end: datetime) -> list[Flaw]:
    """Return the holes, doubles and overlaps of a span of time, in order."""
    lead = turns(plan, "lead", begin, end)
    doubles = [flaw for role in ROLES if role != "lead" for flaw in _doubles(lead, turns(plan, role, begin, end))]
    holes = [Flaw(what="hole", role="lead", begins=turn.begins, ends=turn.ends) for turn in lead if turn.person is None]
    return sorted([*holes, *doubles, *_overlaps(plan, begin, end)], key=lambda flaw: flaw.begins)


def flaws_ahead(plan: Plan, now: datetime, ahead: timedelta = timedelta(days=7)) -> list[Flaw]:
    """Return what begins to be wrong within a time from now, holes with their whole length up to 35 days.

    From December on it is a flaw, too, when the make-up workdays of the next year are not known.
    """
    found = [flaw for flaw in flaws(plan, now, now + max(ahead, LONG)) if flaw.begins < now + ahead]
    return [*found, *_calendar(plan, now)]


def untold(found: Iterable[Flaw], known: Sequence[Flaw], until: datetime) -> list[Flaw]:
    """Return the flaws of which some part before an instant was not known the last time."""
    told = sorted(known, key=lambda flaw: flaw.begins)
    fresh = []
    for flaw in found:
        reached = flaw.begins
        for one in told:
            if (one.what, one.role) == (flaw.what, flaw.role) and one.begins <= reached:
                reached = max(reached, one.ends)
        if reached < (flaw.ends if flaw.what == "calendar" else min(flaw.ends, until)):
            fresh.append(flaw)
    return fresh


def _calendar(plan: Plan, now: datetime) -> Iterator[Flaw]:
    """Tell when the make-up workdays of the next year are unknown; China publishes them in November."""
    today = now.astimezone(plan.zone).date()
    if today.month == 12 and not makeup_known(plan.calendar, today.year + 1):
        first, last = date(today.year + 1, 1, 1), date(today.year + 2, 1, 1)
        begin, end = (datetime(d.year, d.month, d.day, tzinfo=plan.zone).astimezone(UTC) for d in (first, last))
        yield Flaw(what="calendar", role="lead", begins=begin, ends=end)


def _doubles(lead: Sequence[Turn], other: Sequence[Turn]) -> list[Flaw]:
    """Find where one person leads and has another role at once: the ladder then has one step less."""
    found: list[Flaw] = []
    place = 0
    for one in lead:
        while place < len(other) and other[place].ends <= one.begins:
            place += 1
        for two in other[place:]:
            if two.begins >= one.ends:
                break
            if one.person is None or one.person != two.person:
                continue
            start, stop, people = max(one.begins, two.begins), min(one.ends, two.ends), (one.person,)
            if found and (found[-1].ends, found[-1].people) == (start, people):
                start = found.pop().begins  # the same goes on in another layer
            found.append(Flaw(what="double", role=two.role, begins=start, ends=stop, people=people))
    return found


def _overlaps(plan: Plan, begin: datetime, end: datetime) -> Iterator[Flaw]:
    """Find where two stand in for one role: the newer word counts, and somebody may not know.

    Who stands in until further notice is meant to be followed by somebody, so that is none.
    """
    shifts = [shift for shift in plan.shifts if shift.state == ShiftState.IN_FORCE]
    for place, one in enumerate(shifts):
        for two in shifts[place + 1 :]:
            if one.role != two.role or one.person == two.person or one.ends is None or two.ends is None:
                continue
            start, stop = max(one.begins, two.begins, begin), min(one.ends, two.ends, end)
            if start < stop:
                yield Flaw(
                    what="overlap", role=_role(one.role), begins=start, ends=stop, people=(one.person, two.person)
                )


def _role(name: str) -> Role:
    return next(role for role in ROLES if role == name)


def roles_of(plan: Plan, instant: datetime, roles: Iterable[Role] = ROLES) -> dict[Role, str | None]:
    """Return who has each role at an instant."""
    return {role: holder(plan, role, instant).person for role in roles}
