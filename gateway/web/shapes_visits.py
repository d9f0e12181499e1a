"""The shapes of visits in the API."""

from __future__ import annotations

from datetime import datetime

from gateway.web.shape import Id, Shape


class VisitShape(Shape):
    """A visit: what was asked for, who goes, how far they are, and the proof.

    `wanted` is as it was said, `wanted_at` only where that leaves no doubt; `engineer` and `by` are staff keys.
    """

    id: Id
    place: str
    wanted: str
    wanted_at: datetime | None
    contact: str
    phone: str
    bring: str
    created_at: datetime
    state: str
    engineer: str | None
    by: str
    sent_at: datetime | None
    accepted_at: datetime | None
    left_at: datetime | None
    arrived_at: datetime | None
    arrived_by: str
    position: str
    ended_at: datetime | None
    result: str
    report: str
    proof: str
    proved_by: str
    proved_at: datetime | None


class OutingShape(VisitShape):
    """A visit with the ticket that it belongs to."""

    number: int
    site: str
    title: str
    level: int | None
    ticket_state: str
