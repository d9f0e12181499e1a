"""The shapes of the API for the accounts of the staff; a password goes in and never comes out."""

from __future__ import annotations

from datetime import datetime

from gateway.web.shape import Shape


class PasswordShape(Shape):
    """A new password for one of the staff."""

    password: str


class AccountShape(Shape):
    """One of the staff, or somebody who was and still has a password."""

    person: str
    name: str
    rights: list[str]
    password_at: datetime | None
    """When it was set; null where there is none."""
    seen_at: datetime | None
    failures: int
    locked_until: datetime | None
    staff: bool
    """False: the password of somebody who does not stand in the configuration any more; it lets nobody in."""


class DoneShape(Shape):
    """What was done to whose account."""

    person: str
    done: str
