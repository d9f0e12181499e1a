"""What may be done with a broadcast, how big its waves are, and whether the next one may go; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from router.blocks import Hours
from router.broadcast_plan import REST, Gate
from store.model import BroadcastState as State
from store.model import RecipientState

MOVES: Final[Mapping[str, frozenset[State]]] = {
    "edit": frozenset({State.DRAFT}),
    "submit": frozenset({State.DRAFT}),
    "return": frozenset({State.SUBMITTED, State.APPROVED}),
    "approve": frozenset({State.SUBMITTED}),
    "start": frozenset({State.APPROVED, State.HELD}),
    "schedule": frozenset({State.APPROVED, State.HELD, State.SCHEDULED}),
    "unschedule": frozenset({State.SCHEDULED, State.HELD}),
    "pause": frozenset({State.RUNNING}),
    "resume": frozenset({State.PAUSED}),
    "next": frozenset({State.RUNNING}),
    "retry": frozenset({State.RUNNING, State.PAUSED, State.DONE}),
    "cancel": frozenset(set(State) - {State.DONE, State.CANCELLED}),
    "recall": frozenset({State.RUNNING, State.PAUSED, State.DONE, State.CANCELLED}),
    "revoke": frozenset(set(State) - {State.DRAFT}),
}
"""Move to the states in which it can be made."""
NEEDS: Final[Mapping[str, str]] = {"approve": "approve"}
"""Which right a move needs, where it is not `broadcast`."""
ROUNDING: Final = 1e-9
"""0.07 * 100 is a little more than 7."""
OUT: Final = (RecipientState.SENT, RecipientState.DELIVERED, RecipientState.RECALLED)
"""The provider took it."""
ENDED: Final = (*OUT, RecipientState.FAILED, RecipientState.UNKNOWN)
"""It had an outcome."""
WAITING: Final = (RecipientState.PENDING, RecipientState.QUEUED)


@dataclass(frozen=True, kw_only=True, slots=True)
class Counts:
    """How many recipients of a wave, or of all, are in which state."""

    by_state: Mapping[str, int]
    troubles: int = 0
    """Reports that the upgrade went wrong, of the whole broadcast."""

    def of(self, *states: str) -> int:
        """Add up some states."""
        return sum(self.by_state.get(state, 0) for state in states)

    @property
    def waiting(self) -> int:
        """Not ended yet."""
        return self.of(*WAITING)


@dataclass(frozen=True, kw_only=True, slots=True)
class Opening:
    """What a gate says."""

    open: bool
    at: datetime | None = None
    """When to ask again; None: only a person, or news, changes it."""
    why: str = ""
    """In words that a page has a translation for."""
    shut: bool = False
    """The broadcast is to be paused."""


def gate(rule: Gate, wave: Counts, *, troubles: int, since: datetime, now: datetime) -> Opening:
    """Tell whether the next wave may go: this one is handed over since `since`, and did it show what it must?"""
    if troubles > rule.troubles:
        return Opening(open=False, why="troubles", shut=True)
    ended = wave.of(*ENDED)
    if ended and wave.of(*OUT) < rule.success * ended - ROUNDING:
        return Opening(open=False, why="success", shut=True)
    if now < since + rule.hold:
        return Opening(open=False, at=since + rule.hold, why="hold")
    return Opening(open=True) if rule.automatic else Opening(open=False, why="by hand")


def sizes(waves: Sequence[str], pilots: int, total: int) -> list[int]:
    """Return how many messages each wave has; a wave that would be empty falls out.

    Parts are of all but the pilots, rounded up, so that "10%" of three is one.
    """
    found, left = [pilots], total
    for wave in waves:
        size = left if wave == REST else -(-total * int(wave[:-1]) // 100) if wave.endswith("%") else int(wave)
        found.append(min(size, left))
        left -= found[-1]
    found.append(left)
    return [size for size in found if size]


def wave_of(position: int, planned: Sequence[int]) -> int:
    """Return the wave, from 1, of the n-th recipient, counted from 0; more than were planned join the last."""
    end = 0
    for wave, size in enumerate(planned, 1):
        end += size
        if position < end:
            return wave
    return max(len(planned), 1)


def too_many_errors(lately: Sequence[str], rate: float, window: int) -> bool:
    """Tell whether the last outcomes, the newest first, are a reason to stop.

    A part of the window is enough once the errors in it alone break the rate of the whole window.
    """
    seen = lately[:window]
    errors = sum(state in (RecipientState.FAILED, RecipientState.UNKNOWN) for state in seen)
    return errors > rate * window


def missed(planned: datetime, now: datetime, late_after: timedelta) -> bool:
    """Tell whether a start is so late that a person decides, such as after an outage."""
    return now - planned > late_after


def allowed_at(now: datetime, hours: Hours, zone: ZoneInfo) -> datetime:
    """Return now, or when the hours begin in which adverts may be sent by SMS."""
    local = now.astimezone(zone)
    if hours.holds(local.time()):
        return now
    begin = local.replace(hour=hours.begin.hour, minute=hours.begin.minute, second=0, microsecond=0)
    if begin <= local:
        begin = (local + timedelta(days=1)).replace(
            hour=hours.begin.hour, minute=hours.begin.minute, second=0, microsecond=0
        )
    return begin.astimezone(now.tzinfo)


def needs_second(expected: int, by_sms: int, *, above: int, always_sms: bool) -> bool:
    """Tell whether a second person has to approve: many recipients, or any SMS where the site wants that."""
    return expected > above or (always_sms and by_sms > 0)
