"""Looks each day, and at every start, for holes in the rota, and tells the manager of each one once.

What was told stands in the due time of the next look, so that a hole that was filled and comes again is told again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from gateway.asking import timer
from gateway.files import Files
from gateway.perform import perform
from gateway.standing import Standing
from router.effects import Effect, Note, Tell
from router.rota import Flaw, Plan, flaws_ahead, untold
from router.rota_settings import RotaCheck
from router.wall import begins
from store import timers
from store.model import EventKind, Timer, TimerKind
from store.writer import Tx, exclusive

ABOUT = "flaws"
"""What the due time is about, before what was told."""
WORDS = {"hole": "nobody leads", "calendar": "the make-up workdays of that year are not known"}


class RotaWatch:
    """The move of a start: look at once, and have a due time for the next look."""

    def __init__(self, standing: Standing) -> None:
        self._standing = standing

    @exclusive
    def begin(self, tx: Tx, asks: Sequence[None]) -> list[None]:
        """Look now; what was told before the start is not told again."""
        files = Files(tx, self._standing)
        planted = timers.about(tx.connection, TimerKind.SHIFT, ABOUT)
        files.work.delete(Timer, [timer.id for timer in planted])
        look(files, planted[-1].about if planted else ABOUT)
        files.work.flush()
        return [None] * len(asks)


def is_look(timer: Timer) -> bool:
    """Tell whether a due time is for a look at the rota."""
    return timer.kind == TimerKind.SHIFT and timer.about.partition(" ")[0] == ABOUT


def look(files: Files, about: str) -> None:
    """Tell of what is newly wrong with the days ahead, and plan the next look."""
    now, check = files.tx.now, files.scene.settings.rota_check
    found = [flaw for flaw in flaws_ahead(files.plan, now, check.ahead) if matters(flaw, files.plan)]
    fresh = untold(found, _known(about), now + check.ahead)
    perform(files, None, [*map(_alarm, fresh), *_told(files, fresh)])
    remembered = " ".join((ABOUT, *(f"{f.what},{f.begins.isoformat()},{f.ends.isoformat()}" for f in found)))
    timer(files, TimerKind.SHIFT, next_look(check, now, files.plan.zone), None, about=remembered)


def matters(flaw: Flaw, plan: Plan) -> bool:
    """Tell whether a flaw changes who is on duty: a hole, or unknown make-up days where a layer counts by them."""
    counts = any(one.kinds for layers in plan.wheels.values() for one in layers)
    return flaw.what == "hole" or (flaw.what == "calendar" and counts)


def next_look(check: RotaCheck, now: datetime, zone: ZoneInfo) -> datetime:
    """Return the next instant after now at which the wall shows the time of the look."""
    today = now.astimezone(zone).date()
    days = (today + timedelta(days=n) for n in range(3))
    return next(at for day in days if (at := _at(day, check, zone)) > now)


def _at(day: date, check: RotaCheck, zone: ZoneInfo) -> datetime:
    return begins(datetime.combine(day, check.at), zone)


def _known(about: str) -> list[Flaw]:
    parts = (part.split(",") for part in about.split()[1:])
    return [
        Flaw(what=what, role="lead", begins=datetime.fromisoformat(begin), ends=datetime.fromisoformat(end))
        for what, begin, end in parts
    ]


def _alarm(flaw: Flaw) -> Note:
    text = f"{WORDS[flaw.what]} from {flaw.begins.isoformat()} to {flaw.ends.isoformat()}"
    more = {"flaw": flaw.what, "begins": flaw.begins.isoformat(), "ends": flaw.ends.isoformat()}
    return Note(kind=EventKind.ALARM, text=text, more=more)


def _told(files: Files, fresh: Iterable[Flaw]) -> list[Effect]:
    """Write one text about all holes, and one about the calendar."""
    person = files.scene.duty.manager or files.scene.duty.lead
    holes = [flaw for flaw in fresh if flaw.what == "hole"]
    told: list[Effect] = [Tell(person=person, template="rota_calendar") for flaw in fresh if flaw.what == "calendar"]
    if holes:
        first = holes[0]
        variables = {"count": str(len(holes)), "at": first.begins.isoformat(), "until": first.ends.isoformat()}
        told.append(Tell(person=person, template="rota_hole", variables=variables))
    return told
