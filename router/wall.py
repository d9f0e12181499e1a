"""Time on the wall: what a clock in a zone shows, and when it shows it; pure, and never going back.

A time that the clocks skip comes when they have skipped it, and an hour that comes twice stands still the second time.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

SECOND = timedelta(seconds=1)


def on_the_wall(instant: datetime, zone: ZoneInfo) -> datetime:
    """Return the time on the wall, which never goes back: in an hour that comes twice it stops before its end."""
    local = instant.astimezone(zone)
    # Put together anew, since replace() takes four times as long.
    return _stopped(instant.astimezone(UTC), local) if local.fold else datetime.combine(local.date(), local.time())


def _stopped(instant: datetime, local: datetime) -> datetime:
    """Return the last second on the wall before it went back."""
    zone = local.tzinfo
    back = (local.replace(fold=0).utcoffset() or SECOND) - (local.utcoffset() or SECOND)
    low, high = instant - abs(back), instant
    while high - low > SECOND:
        middle = low + (high - low) / 2
        low, high = (low, middle) if middle.astimezone(zone).fold else (middle, high)
    return low.astimezone(zone).replace(tzinfo=None, fold=0, microsecond=0)


def begins(wall: datetime, zone: ZoneInfo) -> datetime:
    """Return the instant (UTC) at which a time on the wall comes for the first time, or is skipped."""
    aware = wall.replace(tzinfo=zone, fold=0)
    instant = aware.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == wall:
        return instant
    # Skipped: the clocks jumped at the last instant before which the wall showed less.
    gap = (aware.replace(fold=1).utcoffset() or timedelta()) - (aware.utcoffset() or timedelta())
    low, high = instant - abs(gap) - SECOND, instant
    while high - low > SECOND:
        middle = low + (high - low) / 2
        low, high = (middle, high) if middle.astimezone(zone).replace(tzinfo=None) < wall else (low, middle)
    return high.replace(microsecond=0)
