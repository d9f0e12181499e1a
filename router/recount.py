"""What another level, kind or contract does to the promises that run: each change with a line of history. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from router.case import Case, Scene
from router.effects import Change, Effect, MoveClock, Note, ResumeClock, StartClock, StopClock
from router.promises import DUE, LEVELLED, REPAIRS, Terms, opening
from store.model import Clock, ClockKind, EventKind, Kind, Ticket, TicketState

BY_LEVEL = (ClockKind.RESPOND, ClockKind.ARRIVE)


def as_if(ticket: Ticket, kind: str, level: int | None) -> Ticket:
    """Return the ticket as it will be, for deciding what is promised and who may be asked."""
    return Ticket(**{**ticket.model_dump(), "kind": kind, "level": level})


def promises(ticket: Ticket, scene: Scene, *, since: datetime | None = None) -> list[StartClock]:
    """Return the clocks that begin with a matter (contract table, design section 2), counted from now or before."""
    start = since or scene.now
    found = opening(scene.matter(ticket), start, scene.terms(ticket), scene.days)
    return [StartClock(kind=kind, due=due, since=start) for kind, due in found.items()]


def due_of(kind: ClockKind, ticket: Ticket, scene: Scene, *, since: datetime) -> datetime | None:
    """Return until when a promise of a ticket must be kept, counted from an instant; None when there is no such one."""
    return DUE[kind](scene.matter(ticket), since, scene.terms(ticket), scene.days)


def begun(case: Case, clock: Clock, scene: Scene) -> datetime:
    """Return what the limit of a clock counts from; of one that is older than this knowledge it is worked out."""
    if clock.counts_from is not None:
        return clock.counts_from
    due = due_of(ClockKind(clock.kind), case.ticket, scene, since=clock.started_at)
    return clock.started_at if due is None else clock.started_at + (clock.due_at - due)


def set_clock(case: Case, kind: ClockKind, other: Ticket, scene: Scene, *, since: datetime, why: str) -> list[Effect]:
    """Let a promise be what it is for the ticket as it will be: a running one moves, a broken one is followed anew."""
    running, due = case.clock(kind), due_of(kind, other, scene, since=since)
    if due is None:
        return []
    if running is None or running.breached_at:
        gone: list[Effect] = [StopClock(kind=kind)] if running else []
        return [*gone, StartClock(kind=kind, due=due, since=since), told(kind, None, due, scene, why=why)]
    due += timedelta(seconds=running.paused_seconds)
    if due == running.due_at:
        return []
    return [MoveClock(kind=kind, due=due, since=since), told(kind, running.due_at, due, scene, why=why)]


def dropped(case: Case, kinds: Iterable[ClockKind], scene: Scene, *, why: str) -> list[Effect]:
    """Let promises go that nobody is owed any more."""
    effects: list[Effect] = []
    for kind in kinds:
        running = case.clock(kind)
        effects.append(StopClock(kind=kind, void=True))
        if running is not None:
            effects.append(told(kind, running.due_at, None, scene, why=why))
    return effects


def told(kind: ClockKind, old: datetime | None, new: datetime | None, scene: Scene, *, why: str) -> Note:
    """Write the line of history of one change: which promise, from when to when, and why."""
    return Note(kind=EventKind.CLOCK, text=f"{kind}: {_at(old, scene)} -> {_at(new, scene)} ({why})")


def _at(instant: datetime | None, scene: Scene) -> str:
    return f"{instant.astimezone(scene.settings.zone):%Y-%m-%d %H:%M}" if instant else "-"


def brought(kind: ClockKind, clock: Clock | None, scene: Scene, *, number: int) -> Note:
    """Write down that a limit came from another ticket, or that another ticket met it (no clock), to be read again."""
    text = f"{kind}: {_at(clock.due_at, scene) if clock else 'met'} (<- {number})"
    more: dict[str, object] = {"clock": kind.value, "from": number}
    if clock is not None:
        since = clock.counts_from or clock.started_at
        more |= {"due": clock.due_at.isoformat(), "since": since.isoformat(), "broken": clock.breached_at is not None}
    return Note(kind=EventKind.CLOCK, text=text, more=more)


def by_contract(case: Case, scene: Scene, *, before: Terms, by: str = "") -> list[Effect]:
    """Count the running promises of an open ticket anew after the customer's contract or grade changed."""
    after = scene.terms(case.ticket)
    if not case.open or after.levels == before.levels:
        return []
    why = f"contract {before.name or '-'} -> {after.name or '-'}"
    effects: list[Effect] = [Note(kind=EventKind.CLOCK, actor=by, text=why, more={"terms": after.name})]
    for kind in LEVELLED:
        running = case.clock(kind)
        if running is not None and running.breached_at is None:
            since = begun(case, running, scene)
            effects += set_clock(case, kind, case.ticket, scene, since=since, why=why)
    return effects


def by_level(case: Case, level: int, scene: Scene, *, by: str) -> list[Effect]:
    """Count anew for another level: what the staff correct from the report, what the customer adds from the adding."""
    ticket, why = case.ticket, f"level {case.ticket.level or '-'} -> {level}"
    other, effects = as_if(ticket, Kind.FAULT, level), list[Effect]()
    for kind in BY_LEVEL:
        running = case.clock(kind)
        if (running and not running.breached_at) or (ticket.kind != Kind.FAULT and case.waiting):
            since = scene.now if by == "customer" else reported(case, kind, scene)
            effects += set_clock(case, kind, other, scene, since=since, why=why)
    cure = case.clock(ClockKind.RESOLVE)
    if cure is not None and cure.breached_at is None:
        since = begun(case, cure, scene)
        effects += set_clock(case, ClockKind.RESOLVE, other, scene, since=since, why=why)
    return effects


def reported(case: Case, kind: ClockKind, scene: Scene) -> datetime:
    """Return from when a promise counts: the opening, or the reopening, whichever began the clock that runs."""
    running = case.clock(kind)
    if running is None or case.ticket.kind != Kind.FAULT:
        return case.ticket.opened_at
    return begun(case, running, scene)


def going_on(ticket: Ticket, by: str, *, why: str = "") -> list[Effect]:
    """Go on with a ticket that was on hold: as it was before, and the promise of its repair runs on."""
    state = TicketState.ON_SITE if ticket.arrived_at else TicketState.TAKEN
    return [
        Change(values={"state": state, "held_until": None}),
        Note(kind=EventKind.RESUMED, actor=by, text=why),
        *(ResumeClock(kind=kind) for kind in REPAIRS),
    ]
