"""A layer of the rota made ready to be asked: whose turn it is at a time on the wall, and when that may change.

The settings are read once; after that a question costs arithmetic only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from router.calendars import is_workday
from router.rota_settings import WEEKDAYS, Calendar, Layer, Role
from router.wall import begins, on_the_wall

DAY = timedelta(days=1)
NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class Wheel:
    """One layer."""

    name: str
    role: Role
    zone: ZoneInfo
    begins: datetime
    ends: datetime | None
    every: timedelta
    people: tuple[str, ...]
    week: tuple[str | None, ...]
    """Whose day it is, Monday first; empty where people take turns."""
    early: timedelta
    """How long after midnight the day of a person begins."""
    hours: tuple[time, time] | None
    named: frozenset[int]
    """Days of the week on which it holds whatever the calendar says."""
    kinds: frozenset[bool]
    """True: it holds on workdays; False: on days off."""
    calendar: Calendar

    @property
    def passes(self) -> bool:
        """Tell whether its hours pass midnight."""
        return self.hours is not None and self.hours[0] >= self.hours[1]

    def person(self, wall: datetime, away: frozenset[str] = NOBODY) -> str | None:
        """Return whose turn it is at a time on its wall, the next one for who is away; None outside its time."""
        if wall < self.begins or (self.ends is not None and wall >= self.ends):
            return None
        day: date | None = None
        if self.hours is not None:
            at, (begin, end) = wall.time(), self.hours
            if begin < end:
                if not begin <= at < end:
                    return None
            elif at < end:
                day = wall.date() - DAY  # the hours after midnight belong to the day before
            elif at < begin:
                return None
        if (self.named or self.kinds) and not self._holds(day or wall.date()):
            return None
        if self.week:
            person = self.week[self._weekday(wall, day)]
            return None if person in away else person
        turn = (wall - self.begins) // self.every
        return self._next(turn, away) if away else self.people[turn % len(self.people)]

    def _holds(self, day: date) -> bool:
        if day.weekday() in self.named:
            return True
        return bool(self.kinds) and is_workday(self.calendar, day) in self.kinds

    def _weekday(self, wall: datetime, day: date | None) -> int:
        """Return whose day it is; where its hours pass midnight, the day on which they begin."""
        if self.passes:
            return (day or wall.date()).weekday()
        return (wall - self.early).weekday()

    def _next(self, turn: int, away: frozenset[str]) -> str | None:
        order = (self.people[(turn + step) % len(self.people)] for step in range(len(self.people)))
        return next((person for person in order if person not in away), None)

    def edges(self, begin: datetime, end: datetime) -> Iterator[datetime]:
        """Give every instant at which somebody's turn may begin or end; some beside the span, and some of no change."""
        first, last = on_the_wall(begin, self.zone) - 2 * DAY, on_the_wall(end, self.zone) + DAY
        first, last = max(first, self.begins), min(last, self.ends or last)
        yield from (begins(edge, self.zone) for edge in (self.begins, self.ends) if edge is not None)
        wall = first - (first - self.begins) % self.every
        while self.people and wall <= last:
            yield begins(wall, self.zone)
            wall += self.every
        times = {self.begins.time()} if self.week else set()
        times |= set(self.hours or ()) | ({time(0)} if self.named or self.kinds else set())
        day = first.date()
        while times and day <= last.date():
            yield from (begins(datetime.combine(day, at), self.zone) for at in times)
            day += DAY


def wheel(layer: Layer, zone: ZoneInfo, calendar: Calendar) -> Wheel:
    """Make a layer ready; `zone` is the site's, for a layer that names none."""
    at = layer.begins.time()
    return Wheel(
        name=layer.name,
        role=layer.role,
        zone=ZoneInfo(layer.zone) if layer.zone else zone,
        begins=layer.begins,
        ends=layer.ends,
        every=layer.every,
        people=tuple(layer.people),
        week=tuple(layer.weekdays.get(day) for day in WEEKDAYS) if layer.weekdays else (),
        early=timedelta(hours=at.hour, minutes=at.minute),
        hours=(layer.hours.begin, layer.hours.end) if layer.hours else None,
        named=frozenset(place for place, day in enumerate(WEEKDAYS) if day in layer.days),
        kinds=frozenset(kind == "workday" for kind in layer.days if kind in ("workday", "holiday")),
        calendar=calendar,
    )
