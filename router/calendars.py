"""Which days are working days, and when a promise made in working days falls due."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from router.blocks import Hours
from router.rota_settings import WEEKDAYS, Calendar

LONGEST = 366
"""Days without a working day after which a calendar counts as empty."""


def is_workday(calendar: Calendar, day: date) -> bool:
    """Tell whether a day is worked: the site's table first, then the country's holidays, then weekends."""
    if day in calendar.workdays:
        return True
    if day in calendar.holidays:
        return False
    off, makeup = _of_year(calendar.country, day.year)
    if day in makeup:
        return True
    return day not in off and WEEKDAYS[day.weekday()] not in calendar.weekend


def day_holds(calendar: Calendar, days: Sequence[str], day: date) -> bool:
    """Tell whether a list of days (mon to sun, workday, holiday) holds a day; an empty one holds every day."""
    if not days:
        return True
    return ("workday" if is_workday(calendar, day) else "holiday") in days or WEEKDAYS[day.weekday()] in days


def wall_holds(calendar: Calendar, hours: Hours | None, days: Sequence[str], wall: datetime) -> bool:
    """Tell whether a time on the wall lies in hours and days; the hours after midnight belong to the day before."""
    day = wall.date()
    if hours is not None:
        if not hours.holds(wall.time()):
            return False
        if hours.begin >= hours.end and wall.time() < hours.end:
            day -= timedelta(days=1)
    return day_holds(calendar, days, day)


def makeup_known(calendar: Calendar, year: int) -> bool:
    """Tell whether the make-up workdays of a year are known; China publishes them each November for the next year."""
    if calendar.country != "CN":
        return True
    _, makeup = _of_year(calendar.country, year)
    return bool(makeup) or any(day.year == year for day in calendar.workdays)


@lru_cache(maxsize=64)
def _of_year(country: str, year: int) -> tuple[frozenset[date], frozenset[date]]:
    """Return a country's days off and make-up workdays of a year, after the State Council's notices for China."""
    if not country:
        return frozenset(), frozenset()
    from holidays import country_holidays  # noqa: PLC0415 - 0.1 s that only a question about a day is worth

    table = country_holidays(country, years=year)
    makeup = frozenset(day for day in table.weekend_workdays if day.year == year)
    return frozenset(day for day in table if day.year == year), makeup


def workdays_after(calendar: Calendar, zone: ZoneInfo, start: datetime, days: int) -> datetime:
    """Return the instant `days` working days after another: the same time on the wall, of the day that many later.

    What comes in on a day off counts as said then; the days off themselves do not count. Raises ValueError for a
    calendar without a working day within a year.
    """
    local = start.astimezone(zone)
    day, left = local.date(), days
    for _ in range(LONGEST + days):
        day += timedelta(days=1)
        left -= is_workday(calendar, day)
        if left <= 0 and is_workday(calendar, day):
            return local.replace(year=day.year, month=day.month, day=day.day, fold=0).astimezone(start.tzinfo)
    raise ValueError("the calendar has no working day within a year")


def in_office_hours(calendar: Calendar, zone: ZoneInfo, now: datetime) -> bool:
    """Tell whether the office is open at an instant."""
    local = now.astimezone(zone)
    return is_workday(calendar, local.date()) and any(span.holds(local.time()) for span in calendar.hours)


def next_office_hour(calendar: Calendar, zone: ZoneInfo, now: datetime) -> datetime:
    """Return the next instant at which the office is open; now, when it is. Raises ValueError for an empty calendar."""
    local = now.astimezone(zone)
    for shift in range(LONGEST):
        day = local.date() + timedelta(days=shift)
        if not is_workday(calendar, day):
            continue
        for span in calendar.hours:
            begin = datetime.combine(day, span.begin, tzinfo=zone)
            end = datetime.combine(day, span.end, tzinfo=zone)
            if now < end:
                return max(begin.astimezone(now.tzinfo), now)
    raise ValueError("the calendar has no working day within a year")
