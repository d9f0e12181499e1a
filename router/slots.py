"""When a mailbox must be read: the promised times of day, and what was missed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo


def at(day: datetime, time: str) -> datetime:
    """Return the instant of "HH:MM" on a local day.

    An hour that comes twice when summer time ends means the first one; one that is left out comes an hour later.
    """
    hour, minute = time.split(":")
    return day.replace(hour=int(hour), minute=int(minute), second=0, microsecond=0, fold=0)


def between(times: Sequence[str], zone: ZoneInfo, after: datetime, until: datetime) -> list[datetime]:
    """Return the slots after one instant up to another, in order, in the zone of `until`."""
    first = after.astimezone(zone) - timedelta(days=1)
    days = (first + timedelta(days=shift) for shift in range((until - after).days + 4))
    found = {at(day, time).astimezone(until.tzinfo) for day in days for time in times}
    return sorted(slot for slot in found if after < slot <= until)


def latest(times: Sequence[str], zone: ZoneInfo, now: datetime) -> datetime | None:
    """Return the last slot that has come."""
    return max(between(times, zone, now - timedelta(days=2), now), default=None)


def upcoming(times: Sequence[str], zone: ZoneInfo, now: datetime) -> datetime | None:
    """Return the next slot."""
    return min(between(times, zone, now, now + timedelta(days=2)), default=None)
