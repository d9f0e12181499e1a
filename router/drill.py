"""The drill: when phones may be proved, in which order, and who was proved when; pure.

A drill never rings outside office hours or in quiet hours, nor while somebody is asked about a matter of level 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from router.calendars import next_office_hour
from router.rota_settings import WEEKDAYS
from router.settings import RouterSettings
from store.model import Answer, Inquiry

APART = timedelta(seconds=90)
"""Between two asks of one phone: mainland voice providers refuse a second call within a minute."""
STAGGER = timedelta(seconds=5)
"""Between two people, so that a provider is not rung at once by all."""
ANSWERS_WITHIN = timedelta(minutes=30)
PUT_OFF = timedelta(hours=1)
"""While a matter of level 1 waits for somebody."""
PROVEN_FOR = timedelta(days=14)
"""A phone that was not proved for longer is one of which nobody knows whether it rings."""
QUARTER = timedelta(minutes=15)
DAYS = 8
"""How far ahead a time for a drill is looked for."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ask:
    """One phone to be proved by one method."""

    person: str
    method: str
    phone: str
    """What must not be rung twice in a row: a telephone number, or an address of another kind."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Proof:
    """What is known of one person by one method."""

    person: str
    method: str
    proven_at: datetime | None
    asked_at: datetime | None
    answer: str
    """To the last ask: an Answer, "" while it is open, or where there was none."""


def allowed_at(settings: RouterSettings, now: datetime, *, urgent: bool = False) -> datetime:
    """Return when a drill may begin: now, or later. `urgent`: somebody is asked about a matter of level 1.

    Raises ValueError for settings under which it never may.
    """
    start = now + PUT_OFF if urgent else now
    at = start
    while at - start < timedelta(days=DAYS):
        at = next_office_hour(settings.calendar, settings.zone, at)
        if not settings.quiet_hours.holds(at.astimezone(settings.zone).time()):
            return at
        at += QUARTER
    raise ValueError("office hours lie in the quiet hours: there is no time for a drill")


def weekly(weekday: str, at: time, zone: ZoneInfo, now: datetime) -> datetime:
    """Return the next time of the weekly drill after an instant."""
    local = now.astimezone(zone)
    days = (WEEKDAYS.index(weekday) - local.weekday()) % 7
    first = datetime.combine(local.date() + timedelta(days=days), at, tzinfo=zone)
    if first <= now:
        first = datetime.combine(local.date() + timedelta(days=days + 7), at, tzinfo=zone)
    return first.astimezone(now.tzinfo)


def spaced(asks: Iterable[Ask], start: datetime) -> list[tuple[datetime, Ask]]:
    """Return when each phone is asked, so that no phone is asked twice within APART."""
    people: dict[str, datetime] = {}
    free: dict[str, datetime] = {}
    planned = []
    for ask in asks:
        begin = people.setdefault(ask.person, start + STAGGER * len(people))
        at = max(begin, free.get(ask.phone, begin))
        # One person has one pair of ears, whatever the numbers are.
        free[ask.phone] = people[ask.person] = at + APART
        planned.append((at, ask))
    return sorted(planned, key=lambda pair: pair[0])


def proofs(rows: Sequence[Inquiry], wanted: Iterable[tuple[str, str]]) -> list[Proof]:
    """Return what is known of each person and method: of those wanted, and of those that were asked."""
    by: dict[tuple[str, str], list[Inquiry]] = {pair: [] for pair in wanted}
    for row in rows:
        by.setdefault((row.person, row.method), []).append(row)
    return [_proof(pair, asked) for pair, asked in by.items()]


def _proof(pair: tuple[str, str], asked: Sequence[Inquiry]) -> Proof:
    last = max(asked, key=lambda row: row.id, default=None)
    proven = [row.answered_at for row in asked if row.answer == Answer.YES and row.answered_at]
    return Proof(
        person=pair[0],
        method=pair[1],
        proven_at=max(proven, default=None),
        asked_at=last.asked_at if last else None,
        answer=last.answer if last else "",
    )


def unproven(found: Iterable[Proof], now: datetime) -> list[Proof]:
    """Return those that were not proved lately."""
    return [one for one in found if one.proven_at is None or now - one.proven_at > PROVEN_FOR]


def wanted(reachable: Mapping[str, Sequence[str]], methods: Sequence[str]) -> list[tuple[str, str]]:
    """Return the pairs of person and method to be proved, of the methods by which each is reached at all."""
    return [(person, method) for person, ways in reachable.items() for method in methods if method in ways]
