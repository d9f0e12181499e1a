"""The blocks `rota` and `calendar`: who has which role when, and which days are working days."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from router.blocks import Block, Hours, Span, TimeOfDay, Zone

Role = Literal["lead", "second", "manager"]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_EVERY = re.compile(r"(\d{0,9}) ?(hour|day|week)s?")
_WORDS = {"hourly": timedelta(hours=1), "daily": timedelta(days=1), "weekly": timedelta(weeks=1)}
LONGEST_TURN = timedelta(days=366)
OWN = ("shift", "fallback")
"""What says by what somebody has a role where it is no layer."""


def read_every(value: Any) -> timedelta:
    """Read "daily", "weekly", "12 hours", "2 weeks"; raises ValueError with the cure."""
    length = value if isinstance(value, timedelta) else None
    if isinstance(value, str):
        length = _WORDS.get(value.strip())
        if found := _EVERY.fullmatch(value.strip()):
            length = min(int(found[1] or 1), 10_000) * timedelta(**{f"{found[2]}s": 1})
    if length is None or not timedelta(0) < length <= LONGEST_TURN:
        raise ValueError("write how long a turn lasts: hourly, daily, 12 hours, 2 weeks and so on, at most a year")
    return length


def read_wall(value: Any) -> datetime:
    """Read a time on the wall, "2026-01-05 08:00"; raises ValueError with the cure."""
    if isinstance(value, str):
        try:
            value = datetime.strptime(value.strip().replace("T", " "), "%Y-%m-%d %H:%M")  # noqa: DTZ007 - on the wall
        except ValueError:
            value = None
    if isinstance(value, datetime) and value.tzinfo is None:
        return value
    raise ValueError('write a day and a time on the wall in quotes, such as "2026-01-05 08:00"')


Wall = Annotated[datetime, BeforeValidator(read_wall)]
Every = Annotated[timedelta, BeforeValidator(read_every)]


class Layer(Block):
    """One rotation: people take turns, or each weekday has its person; a later layer goes before an earlier one."""

    name: str = Field(min_length=1)
    role: Role = "lead"
    people: list[str] = Field(default=[])
    """Who takes turns, in this order."""
    every: Every = timedelta(weeks=1)
    """How long a turn lasts."""
    begins: Wall = datetime(2024, 1, 1, 8)  # noqa: DTZ001 - on the wall of the layer's zone
    """When the first of the people has the first turn; hand-overs keep this time on the wall, in summer and winter."""
    ends: Wall | None = None
    """When the layer is over."""
    weekdays: dict[Weekday, str] = Field(default={})
    """Whose day it is, in place of turns; the day begins at the time of `begins`."""
    days: list[Weekday | Literal["workday", "holiday"]] = Field(default=[])
    """Days on which the layer holds, by the calendar; none: every day."""
    hours: Hours | None = None
    """Hours in which it holds; a span that passes midnight belongs to the day on which it begins."""
    zone: Zone | None = None
    """Of its times; without, the site's."""

    @model_validator(mode="after")
    def says_who(self) -> Self:
        """Refuse a layer that names nobody, or says it twice."""
        if bool(self.people) == bool(self.weekdays):
            raise ValueError("a layer needs either people, who take turns, or weekdays, each with its person")
        if self.name in OWN:
            raise ValueError(f"a layer cannot be called {self.name}: the word has a meaning of its own")
        if self.ends is not None and self.ends <= self.begins:
            raise ValueError("the layer ends before it begins")
        return self


class Rota(Block):
    """Who has which role: layers of rotations, and who has it when no layer says; stand-ins and swaps go before."""

    lead: str | None = None
    """Leads when no layer does."""
    second: str | None = None
    manager: str | None = None
    layers: list[Layer] = Field(default=[])

    @model_validator(mode="after")
    def somebody_leads(self) -> Self:
        """Refuse a rota under which nobody ever leads, and two layers of one name."""
        if self.lead is None and not any(layer.role == "lead" for layer in self.layers):
            raise ValueError("nobody leads: write lead, or a layer of the role lead")
        names = [layer.name for layer in self.layers]
        if twice := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"two layers are called {', '.join(sorted(twice))}; give each its own name")
        return self

    def named(self) -> Iterator[tuple[str, str]]:
        """Give every staff key with the place where it stands."""
        yield from (("rota", who) for who in (self.lead, self.second, self.manager) if who)
        for layer in self.layers:
            yield from ((f"rota.layers.{layer.name}", who) for who in (*layer.people, *layer.weekdays.values()))


class RotaCheck(Block):
    """When it is looked for holes in the rota, and how far ahead."""

    at: TimeOfDay = time(9)
    """Each day, in the site's time zone; and at every start."""
    ahead: Span = timedelta(days=7)
    """Holes that begin within this time are told to the manager, once."""


class Calendar(Block):
    """Working days: weekends, a country's public holidays and make-up workdays, and the site's own table."""

    country: str = Field(default="CN", pattern="^([A-Z]{2})?$")
    """Whose public holidays hold (ISO 3166); "" none."""
    weekend: list[Weekday] = Field(default=["sat", "sun"])
    holidays: list[date] = Field(default=[])
    """Further days off of this site; they go before everything else but `workdays`."""
    workdays: list[date] = Field(default=[])
    """Days that are worked whatever the country says: make-up days that the library does not know yet."""
    hours: list[Hours] = Field(
        default=[Hours(begin=time(8, 30), end=time(12)), Hours(begin=time(13, 30), end=time(17, 30))]
    )
    """Office hours of a working day, in order, without the breaks."""

    @model_validator(mode="after")
    def has_working_time(self) -> Self:
        """Refuse a calendar without a single working hour: clocks that count by it would never end."""
        if len(set(self.weekend)) == len(WEEKDAYS):
            raise ValueError("every day is a weekend: no promise in working days could ever be kept")
        before = time(0)
        for span in self.hours:
            if not (before <= span.begin < span.end):
                raise ValueError("hours must follow each other within one day, such as 08:30-12:00 and 13:30-17:30")
            before = span.end
        if not self.hours:
            raise ValueError("hours is empty: a working day needs hours")
        return self
