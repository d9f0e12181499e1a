"""Somebody is awake: their app is woken in place of texts and calls, but no page is lost by it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from router.effects import Rung
from store.model import Kind, Page, Presence, PresenceKind, Ticket

PATIENCE = timedelta(minutes=3)
"""How long a page of level 1 may go unanswered in the app before texts and calls go on."""
SPARED = ("sms", "voice")


def awake_until(presences: Iterable[Presence], person: str, now: datetime) -> datetime | None:
    """Return until when somebody is awake; None when they said nothing or it is over."""
    own = (one for one in presences if one.kind == PresenceKind.AWAKE and one.person == person)
    return max((one.ends for one in own if one.begins <= now < one.ends), default=None)


def urgent(ticket: Ticket) -> bool:
    """Tell whether nobody may sleep through it: a fault of level 1, or emergency support, which is promised alike."""
    return ticket.kind == Kind.EMERGENCY_SUPPORT or (ticket.kind == Kind.FAULT and ticket.level == 1)


def patient(ticket: Ticket, page: Page, now: datetime) -> bool:
    """Tell whether somebody awake can still be left with the app alone."""
    return not urgent(ticket) or now - page.asked_at < PATIENCE


def put_back(rungs: Sequence[Rung], begin: int, rung: Rung, passed: float) -> tuple[Rung, ...]:
    """Plan a text or a call again for when patience ends, unless the ladder asks by that way then anyhow.

    `passed` are the seconds since the ladder began; nothing before the index `begin` is moved.
    """
    after = passed + PATIENCE.total_seconds()
    same = (r for r in rungs[begin:] if (r.person, r.by) == (rung.person, rung.by))
    if any(abs(r.after - after) <= 1 for r in same):
        return tuple(rungs)
    place = next((i for i in range(begin, len(rungs)) if rungs[i].after > after), len(rungs))
    return (*rungs[:place], replace(rung, after=after, last=False), *rungs[place:])
