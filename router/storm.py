"""When many tickets wait for one person: one ladder rings, the others join its calls."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from router.case import Case

JOIN = timedelta(minutes=5)
"""A ladder's call this near, behind or ahead, speaks for the others too: it says how many wait."""
LEADERS = 3
"""How many of a person's waiting tickets are looked at, the most urgent and oldest first."""


def rank(case: Case, person: str) -> tuple[int, datetime, int]:
    """Order the tickets that wait for a person: the most urgent first, then whoever asked first."""
    page = case.open_page(person)
    asked = page.asked_at if page else case.ticket.opened_at
    return (case.ticket.level or 4, asked, case.ticket.id)


def carried(case: Case, others: Iterable[Case], person: str, now: datetime) -> Case | None:
    """Return the ticket whose ladder's calls speak for this one too, if there is one before it in rank.

    That ladder rang after this ticket began to wait, or rings soon; its call names how many wait.
    """
    own = rank(case, person)
    begun = max(own[1], now - JOIN)
    for other in others:
        if other.number == case.number or not other.open_page(person) or rank(other, person) >= own:
            continue
        start = other.ticket.plan_from
        calls = (
            [start + timedelta(seconds=r.after) for r in other.rungs if _rings(r.person, r.by, person)] if start else []
        )
        if any(begun <= at <= now + JOIN for at in calls):
            return other
    return None


def _rings(asked: str, by: str, person: str) -> bool:
    return asked == person and by == "voice"
