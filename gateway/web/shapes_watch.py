"""The shapes of the API for what watches over the gateway: findings and drills."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from gateway.web.shape import Shape

Method = Literal["", "sms", "voice", "push", "mail"]


class FoundShape(Shape):
    """One finding about the gateway itself; `ok` is null where it could not be checked."""

    group: str
    what: str
    ok: bool | None
    note: str
    cure: str
    grave: bool
    """While it is not so, this process does not do its work; else it is a warning."""


class ProofShape(Shape):
    """What is known of one person's phone by one method."""

    person: str
    method: str
    proven_at: datetime | None
    asked_at: datetime | None
    answer: str


class DrillShape(Shape):
    """Whose phones are to be proved, and how; nothing: everybody's, by every method of the configuration."""

    person: str = ""
    method: Method = ""


class PlannedShape(Shape):
    """When one phone is asked."""

    person: str
    method: str
    at: datetime


class HealthShape(Shape):
    """How the gateway does."""

    ready: bool
    findings: list[FoundShape]
