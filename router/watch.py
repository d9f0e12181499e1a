"""What the gateway makes of its own state: who fell silent, whether a cycle was whole, when to bring a ticket to mind.

Pure: everything is gathered beforehand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from router.calendars import next_office_hour
from router.settings import RouterSettings
from store.model import Pulse, Ticket

LATE = timedelta(seconds=60)
"""A page or a due time this long past its time means that the gateway does not do its work."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Heard:
    """News of one account: it fell silent, or lives again."""

    pulse: Pulse
    silent: bool
    minutes: int
    """Since the last sign of life."""


def heard(pulses: Sequence[Pulse], silence: Mapping[str, timedelta], now: datetime) -> list[Heard]:
    """Return the accounts that fell silent and were not missed before, and those that were missed and live again."""
    found = []
    for pulse in pulses:
        longest = silence.get(pulse.name)
        if longest is None:
            continue
        silent, missed = now - pulse.at > longest, pulse.alarmed_at is not None
        if silent != missed:
            found.append(Heard(pulse=pulse, silent=silent, minutes=int((now - pulse.at).total_seconds() // 60)))
    return found


@dataclass(frozen=True, kw_only=True, slots=True)
class Turned:
    """What one loop did since the last look."""

    name: str
    failures: int
    last_good: datetime | None
    busy_since: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Cycle:
    """What is known about the time between two looks."""

    begun: datetime
    now: datetime
    loops: Sequence[Turned]
    wrote: bool
    """A command went through the writer and was committed."""
    swept: datetime | None
    """When the sweep last came to its end."""
    sweeps_every: timedelta
    oldest_page: datetime | None
    """Since when the oldest page is due that nobody sends."""
    oldest_timer: datetime | None
    """The earliest due time that there is, past or not."""


def broken(cycle: Cycle) -> list[str]:
    """Say why a cycle was not whole; nothing: it was, and the outside may hear of it."""
    why = [f"loop {one.name} {wrong}" for one in cycle.loops if (wrong := _stuck(one, cycle.begun))]
    if not cycle.wrote:
        why.append("no command could be written")
    if cycle.swept is None or cycle.now - cycle.swept > 2 * cycle.sweeps_every:
        why.append("the sweep did not run")
    for what, since in (("a page", cycle.oldest_page), ("a due time", cycle.oldest_timer)):
        if since is not None and cycle.now - since > LATE:
            why.append(f"{what} is overdue by {int((cycle.now - since).total_seconds())} s")
    return why


def _stuck(loop: Turned, begun: datetime) -> str:
    if loop.busy_since is not None and loop.busy_since <= begun:
        return "is at the same step all the time"
    good = loop.last_good is not None and loop.last_good >= begun
    return "" if good or not loop.failures else f"failed {loop.failures} times in a row"


def remind_at(ticket: Ticket, settings: RouterSettings, now: datetime) -> datetime:
    """Return when a ticket that nothing else is planned for is brought to mind: in office hours, now at the earliest.

    Source of the rule: every open ticket has a next due time (design, section 8).
    """
    last = max(at for at in (ticket.opened_at, ticket.taken_at, ticket.touched_at, ticket.heard_at) if at is not None)
    return next_office_hour(settings.calendar, settings.zone, max(now, last + settings.untouched_after))
