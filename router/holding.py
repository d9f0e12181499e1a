"""What the staff do to a ticket that cannot be settled now: on hold, on again, a workaround, the second line. Pure."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, timedelta
from typing import Final

from router import onsite
from router.case import Case, Scene
from router.effects import Change, Effect, Note, PauseClock, StartClock, StopClock, Tell, TellCustomer, Wait
from router.moments import wish
from router.moves import already, take, told
from router.opening import blamed
from router.promises import REPAIRS, Days, worked
from router.recount import due_of, going_on
from router.spans import minutes_at
from store.model import ClockKind, EventKind, TicketState, TimerKind

EASED: Final = "workaround"
"""What the due time of the reminder after a workaround is about."""
_SPAN_AT_END: Final = re.compile(
    r"(?:^|[\s,;、])(?:for )?(?:(?P<days>\d{1,2}) ?(?:天|days?|d)"
    r"|(?P<span>(?:半|\d{1,4}|[一二两三四五六七八九十]+) ?个?半?"
    r"(?:小时|钟头|分钟|hours?|hrs?|h|minutes?|mins?|min|m)))\s*[。.!]?$",
    re.IGNORECASE,
)


def hold(case: Case, by: str, scene: Scene, *, text: str | None) -> list[Effect]:
    """Put a ticket on hold with a reason: the promise of its repair stands still, and it goes on by itself."""
    if not case.held:
        return already(case, by)
    if not text:
        return [told(by, "hold_needs_text")]
    until = held_until(text, scene)
    values = {"state": TicketState.ON_HOLD, "held_until": until}
    note = Note(kind=EventKind.HELD, actor=by, text=text, more={"until": until.isoformat()})
    return [
        Change(values=values),
        note,
        *(PauseClock(kind=kind) for kind in REPAIRS),
        Wait(kind=TimerKind.HOLD, at=until),
        told(by, "held", until=until.isoformat()),
    ]


def held_until(text: str, scene: Scene) -> datetime:
    """Return until when a reason asks for a hold: a length at its end, a time that it names, else the usual."""
    limits, now = scene.settings.hold, scene.now
    asked = _length(text)
    at = now + asked if asked else wish(text, at=now, zone=scene.settings.zone).at
    if at is None or at <= now:
        at = now + limits.default
    return min(at, now + limits.longest)


def _length(text: str) -> timedelta | None:
    found = _SPAN_AT_END.search(unicodedata.normalize("NFKC", text))
    if found is None:
        return None
    if found["days"]:
        return timedelta(days=int(found["days"]))
    span = minutes_at(found["span"].lower(), 0)
    return timedelta(minutes=span[0]) if span else None


def resume(case: Case, by: str) -> list[Effect]:
    """Go on with a ticket that is on hold."""
    if case.ticket.state != TicketState.ON_HOLD:
        return already(case, by)
    return [*going_on(case.ticket, by), told(by, "resumed")]


def hold_over(case: Case, scene: Scene) -> list[Effect]:
    """Go on because the time is over, and tell whoever has it."""
    ticket = case.ticket
    if ticket.state != TicketState.ON_HOLD or ticket.held_until is None:
        return []
    if ticket.held_until > scene.now:
        return [Wait(kind=TimerKind.HOLD, at=ticket.held_until)]
    owner = [Tell(person=ticket.owner, template="hold_over")] if ticket.owner else []
    return [*going_on(ticket, "", why="the time is over"), *owner]


def workaround(case: Case, by: str, scene: Scene, *, text: str | None) -> list[Effect]:
    """Record that the customer can work again: the harm is over, the ticket is not; whoever has it keeps it."""
    if not text:
        return [told(by, "workaround_needs_text")]
    if not case.open:
        return already(case, by)
    if case.waiting and by in blamed(case.ticket, scene):
        return take(case, by, scene)
    taken = take(case, by, scene)[:-1] if case.waiting else []
    again = eased_again(scene)
    return [
        *taken,
        Change(values={"workaround_at": scene.now}),
        Note(kind=EventKind.WORKAROUND, actor=by, text=text),
        *(StopClock(kind=kind) for kind in REPAIRS),
        Wait(kind=TimerKind.STILL, at=again, about=EASED),
        told(by, "workaround_kept", until=again.isoformat()),
        TellCustomer(template="customer_workaround", variables={"what": text}),
    ]


def eased_again(scene: Scene) -> datetime:
    """Return when the owner is reminded next that the cause is open; whole days are working days."""
    settings = scene.settings
    days = Days(calendar=settings.calendar, zone=settings.zone)
    return worked(settings.workaround_after, days, scene.now)


def cause_open(case: Case, scene: Scene) -> list[Effect]:
    """Remind whoever has a ticket with a workaround that its cause is still open."""
    ticket = case.ticket
    if not case.open or ticket.workaround_at is None:
        return []
    since = ticket.workaround_at.isoformat()
    owner = [Tell(person=ticket.owner, template="workaround_open", variables={"at": since})] if ticket.owner else []
    return [*owner, Wait(kind=TimerKind.STILL, at=eased_again(scene), about=EASED)]


def second_line(case: Case, by: str, scene: Scene, *, text: str | None) -> list[Effect]:
    """Hand what was not solved on site to senior staff or the manufacturer; the owner keeps the ticket."""
    if not case.held:
        return already(case, by)
    if not text:
        return [told(by, "second_line_needs_text")]
    if case.clock(ClockKind.SECOND_ARRIVE) is not None:
        return [told(by, "second_line_asked", until=_due(case, scene).isoformat())]
    until = due_of(ClockKind.SECOND_ARRIVE, case.ticket, scene, since=scene.now) or scene.now
    manager = scene.duty.manager
    effects: list[Effect] = [
        Change(values={"second_line_at": scene.now}),
        Note(kind=EventKind.SECOND_LINE, actor=by, text=text),
        StopClock(kind=ClockKind.SECOND_RESOLVE),
        *onsite.handed_on(case, by, text, scene),
        StartClock(kind=ClockKind.SECOND_ARRIVE, due=until, since=scene.now),
        told(by, "second_line_asked", until=until.isoformat()),
    ]
    if manager and manager != by:
        variables = {"who": by, "text": text, "until": until.isoformat()}
        effects.append(Tell(person=manager, template="second_line_told", variables=variables))
    return effects


def _due(case: Case, scene: Scene) -> datetime:
    running = case.clock(ClockKind.SECOND_ARRIVE)
    return running.due_at if running else scene.now
