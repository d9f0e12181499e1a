"""What people do with a broadcast, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from router.broadcast_plan import Plan

ANSWERS = (
    "done",
    "frozen",
    "needs_second",
    "stale",
    "unknown_broadcast",
    "not_now",
    "no_right",
    "own_broadcast",
    "wrong_count",
    "past",
    "nobody",
    "no_package",
    "problems",
    "number_taken",
)
"""What may be answered; the first three are good news."""
GOOD = frozenset({"done", "frozen", "needs_second"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """A new broadcast, or a draft written anew."""

    by: str
    title: str
    plan: Plan
    package_id: int | None = None
    number: int | None = None
    """None: a new one."""
    version: int | None = None
    """The version that was shown; None takes any."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reach:
    """Whom an audience comes to, counted when it was submitted or approved."""

    version: int
    """Of the broadcast that was counted."""
    total: int
    by_sms: int
    pilots: int
    problems: tuple[str, ...] = ()
    """What stands in the way of sending it, in words."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Act:
    """One move on a broadcast: a key of `router.broadcasts.MOVES`."""

    by: str
    number: int
    move: str
    version: int | None = None
    count: int | None = None
    """To start: the number of messages, as a person typed it."""
    at: datetime | None = None
    """To schedule: when."""
    zone: str = ""
    why: str = ""
    again: tuple[str, ...] = ()
    """To retry: failed, unknown or both."""
    reach: Reach | None = None
    """To submit and approve; filled by `gateway.broadcast.conduct`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Made:
    """What came of it."""

    ok: bool
    answer: str
    """One of ANSWERS."""
    variables: Mapping[str, str] = field(default_factory=dict)


def made(answer: str, **variables: object) -> Made:
    """Answer a move."""
    return Made(ok=answer in GOOD, answer=answer, variables={key: str(value) for key, value in variables.items()})
