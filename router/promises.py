"""The promises of the contract, each a function of what a ticket is and since when; and what a history says of them.

Nothing here knows the hour: the same history gives the same clocks for ever (contract table, design section 2).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from router.calendars import is_workday, workdays_after
from router.promise_settings import Promise, Promises, SecondLine
from router.rota_settings import Calendar
from store.model import ClockKind, Kind

DAY = timedelta(days=1)
OPENING: Final = (ClockKind.RESPOND, ClockKind.ARRIVE, ClockKind.ANSWER)
"""The promises that begin with the report."""
REPAIRS: Final = (ClockKind.RESOLVE, ClockKind.SECOND_RESOLVE)
"""The promises that stand still while a ticket is on hold, and that a workaround ends."""
LEVELLED: Final = (ClockKind.RESPOND, ClockKind.ARRIVE, ClockKind.RESOLVE)
"""The promises whose length the level and the customer's contract decide."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Matter:
    """What was promised for depends on this."""

    kind: str
    level: int | None

    @property
    def fault(self) -> bool:
        """Only a fault has a level."""
        return self.kind == Kind.FAULT


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """What one customer was promised."""

    name: str = ""
    """The contract or grade whose figures these are; "" those of everybody."""
    levels: Mapping[int, Promise]
    emergency_arrive: timedelta
    complaint_answer: timedelta
    second_line: SecondLine

    def figures(self, matter: Matter) -> Promise:
        """Return the figures for a matter: emergency support is answered as a fault of level 1."""
        return self.levels[matter.level or (3 if matter.fault else 1)]


@dataclass(frozen=True, kw_only=True, slots=True)
class Days:
    """By which days promises are counted."""

    calendar: Calendar
    zone: ZoneInfo


def terms_named(settings: Promises, name: str) -> Terms:
    """Return the terms of one contract or grade; those of everybody for a name that has none of its own."""
    own = settings.contracts.get(name, {})
    return Terms(
        name=name if own else "",
        levels={**settings.contract, **own},
        emergency_arrive=settings.emergency_arrive,
        complaint_answer=settings.complaint_answer,
        second_line=settings.second_line,
    )


def terms_for(settings: Promises, *, contract: str = "", grade: str = "") -> Terms:
    """Return the terms of a customer: those of the contract, else those of the grade, else those of everybody."""
    known = {name.strip().casefold(): name for name in settings.contracts}
    for said in (contract, grade):
        if found := known.get(said.strip().casefold()):
            return terms_named(settings, found)
    return terms_named(settings, "")


def worked(length: timedelta, days: Days, since: datetime) -> datetime:
    """Return the instant a length later whose whole days are working days; it never falls on a day off.

    Holidays and make-up workdays count as the calendar has them. What is left over after whole days is plain time.
    """
    whole, rest = length // DAY, length % DAY
    until = workdays_after(days.calendar, days.zone, since, whole) if whole else since
    until += rest
    if is_workday(days.calendar, until.astimezone(days.zone).date()):
        return until
    return workdays_after(days.calendar, days.zone, until, 1)


def respond(matter: Matter, since: datetime, terms: Terms, days: Days) -> datetime | None:
    """A fault and a call for emergency support are answered within minutes of the report."""
    del days
    promised = matter.kind in (Kind.FAULT, Kind.EMERGENCY_SUPPORT)
    return since + terms.figures(matter).respond if promised else None


def arrive(matter: Matter, since: datetime, terms: Terms, days: Days) -> datetime | None:
    """Somebody is there: within the figures of the level, for emergency support within its own."""
    del days
    if matter.fault:
        return since + terms.figures(matter).arrive
    return since + terms.emergency_arrive if matter.kind == Kind.EMERGENCY_SUPPORT else None


def resolve(matter: Matter, since: datetime, terms: Terms, days: Days) -> datetime | None:
    """It is solved, counted from the arrival."""
    del days
    promised = matter.kind in (Kind.FAULT, Kind.EMERGENCY_SUPPORT)
    return since + terms.figures(matter).resolve if promised else None


def answer(matter: Matter, since: datetime, terms: Terms, days: Days) -> datetime | None:
    """A complaint is investigated and answered within one working day."""
    return worked(terms.complaint_answer, days, since) if matter.kind == Kind.COMPLAINT else None


def second_arrive(matter: Matter, since: datetime, terms: Terms, days: Days) -> datetime | None:
    """Senior staff and the manufacturer come, counted from when it was handed to them."""
    del matter, days
    return since + terms.second_line.arrive


def second_resolve(matter: Matter, since: datetime, terms: Terms, days: Days) -> datetime | None:
    """They solve it, counted from when they came."""
    del matter, days
    return since + terms.second_line.resolve


Due = Callable[[Matter, datetime, Terms, Days], datetime | None]
DUE: Final[Mapping[ClockKind, Due]] = {
    ClockKind.RESPOND: respond,
    ClockKind.ARRIVE: arrive,
    ClockKind.RESOLVE: resolve,
    ClockKind.ANSWER: answer,
    ClockKind.SECOND_ARRIVE: second_arrive,
    ClockKind.SECOND_RESOLVE: second_resolve,
}


def opening(matter: Matter, since: datetime, terms: Terms, days: Days) -> dict[ClockKind, datetime]:
    """Return what is promised with the report of a matter, and until when."""
    found = {kind: DUE[kind](matter, since, terms, days) for kind in OPENING}
    return {kind: due for kind, due in found.items() if due is not None}
