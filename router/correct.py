"""A person says what a matter is and how bad: what changes on its ticket, and what is kept to learn from."""

from __future__ import annotations

from dataclasses import replace

from router import onsite
from router.case import Case, Scene
from router.effects import (
    Change,
    Climb,
    Correct,
    Effect,
    Halt,
    Note,
    StartClock,
    StopClock,
    Tell,
)
from router.moves import given_up, resolve_due, told
from router.opening import blamed, ladder, promises, relevelled, reported
from store.model import ClockKind, EventKind, Kind, PageState, Ticket, TicketState

URGENT = (Kind.COMPLAINT, Kind.EMERGENCY_SUPPORT)
"""Kinds that have a ladder of their own, which begins anew."""
AFRESH = {"owner": None, "taken_at": None, "arrived_at": None, "resolved_at": None, "closed_at": None, "snoozes": 0}
"""What a ticket that is a matter after all begins with."""


def correct(case: Case, by: str, scene: Scene, *, kind: str, level: int | None = None) -> list[Effect]:
    """Say what a matter is; a fault keeps the level that it has unless another is said.

    What is settled stays as it was settled, and only the correction is kept; a false alarm can become a matter again.
    """
    ticket, kept = case.ticket, said(case, by, kind=kind, level=level)
    level = kept.level_after
    if not (case.waiting or case.held):
        return [kept, *settled(case, by, scene, kind=kind, level=level)]
    if kind == Kind.CHAT:
        return [kept, *dismissed(case, by, scene)]
    if kind == Kind.FAULT and level:
        other = [] if ticket.kind == kind else became_fault(case, by, level, scene)
        return [kept, *other, *relevelled(case, level, scene, by=by), changed(by, str(level))]
    if kind == ticket.kind:
        return [kept, told(by, "correction_kept")]
    return [kept, *rekinded(case, by, scene, kind=kind), changed(by, kind)]


def said(case: Case, by: str, *, kind: str, level: int | None) -> Correct:
    """Return what is kept of a correction."""
    return Correct(
        by=by,
        kind_before=case.ticket.kind,
        kind_after=kind,
        level_before=case.ticket.level,
        level_after=(level or case.ticket.level or 3) if kind == Kind.FAULT else None,
    )


def changed(by: str, what: str) -> Tell:
    """Answer with what the matter is now: a level, or a kind without one."""
    return told(by, "level_changed", level=what)


def noted(case: Case, by: str, kind: str) -> Note:
    """Write into the history what the matter was taken for, and what it is."""
    return Note(kind=EventKind.KIND, actor=by, text=f"{case.ticket.kind} -> {kind}")


def settled(case: Case, by: str, scene: Scene, *, kind: str, level: int | None) -> list[Effect]:
    """Correct what is settled: a false alarm that was none is asked about from now on, with its promises as they are.

    Everything else keeps the promises that it was settled by.
    """
    ticket = case.ticket
    if ticket.kind != Kind.CHAT or kind == Kind.CHAT:
        words = f"{ticket.kind} {ticket.level or '-'}: {kind} {level or '-'}"
        return [Note(kind=EventKind.KIND, actor=by, text=words), told(by, "correction_kept")]
    values = {**AFRESH, "state": TicketState.PAGING, "kind": kind, "level": level, "doubt": None}
    return [
        Change(values=values),
        noted(case, by, kind),
        Note(kind=EventKind.REOPENED, actor=by),
        *promises(kind, level, replace(scene, now=ticket.opened_at)),
        ladder(as_if(ticket, kind, level), scene),
        changed(by, str(level or kind)),
    ]


def dismissed(case: Case, by: str, scene: Scene) -> list[Effect]:
    """Close what was no matter: no customer is written to, and of the staff only whoever is on the way for it."""
    owner = case.ticket.owner
    values = {"kind": Kind.CHAT, "level": None, "doubt": None, "state": TicketState.CLOSED, "closed_at": scene.now}
    effects: list[Effect] = [
        Change(values=values),
        noted(case, by, Kind.CHAT),
        *(StopClock(kind=kind) for kind in ClockKind),
        Halt(by=by, state=PageState.CANCELLED),
        Note(kind=EventKind.CLOSED, actor=by),
        *onsite.resolved(case, by, "", scene),
        told(by, "false_alarm"),
    ]
    if owner and owner != by:
        effects.append(Tell(person=owner, template="page_cancelled"))
    return effects


def became_fault(case: Case, by: str, level: int, scene: Scene) -> list[Effect]:
    """Return what is new with a fault beside its level: the promise of an answer ends, that of an arrival begins."""
    effects: list[Effect] = [noted(case, by, Kind.FAULT), StopClock(kind=ClockKind.ANSWER)]
    if case.held and not case.ticket.arrived_at and case.clock(ClockKind.ARRIVE) is None:
        due = case.ticket.opened_at + scene.settings.contract[level].arrive
        effects.append(StartClock(kind=ClockKind.ARRIVE, due=due))
    return effects


def rekinded(case: Case, by: str, scene: Scene, *, kind: str) -> list[Effect]:
    """Make it a matter without a level: its own promises run from the report, and its own people are asked."""
    ticket = case.ticket
    other = as_if(ticket, kind, None)
    effects: list[Effect] = [
        Change(values={"kind": kind, "level": None, "doubt": None}),
        noted(case, by, kind),
        *(StopClock(kind=clock) for clock in ClockKind),
        *clocks(case, scene, kind=kind),
    ]
    if case.held and ticket.owner in blamed(other, scene):
        return [*effects, *given_up(by, EventKind.RELEASED, "the complaint names them"), ladder(other, scene)]
    return [*effects, *asked_on(case, other, scene)] if case.waiting else effects


def clocks(case: Case, scene: Scene, *, kind: str) -> list[StartClock]:
    """Return the promises of another kind that are not kept yet, counted from the report."""
    ticket, clock = case.ticket, case.clock(ClockKind.RESPOND)
    begun = reported(case, ClockKind.RESPOND, scene) if clock else ticket.opened_at
    kept = {ClockKind.RESPOND} if case.held else set()
    if ticket.arrived_at:
        kept.add(ClockKind.ARRIVE)
    found = [one for one in promises(kind, None, replace(scene, now=begun)) if one.kind not in kept]
    if ticket.arrived_at and kind == Kind.EMERGENCY_SUPPORT:
        found.append(StartClock(kind=ClockKind.RESOLVE, due=resolve_due(case, ticket.arrived_at, scene)))
    return found


def asked_on(case: Case, other: Ticket, scene: Scene) -> list[Effect]:
    """Ask by the ladder of the other kind; for an ordinary one nobody who was asked already is asked again at once."""
    climb = ladder(other, scene)
    if other.kind in URGENT:
        return [Halt(by="", state=PageState.CANCELLED), climb]
    start = case.ticket.plan_from or scene.now
    passed = (scene.now - start).total_seconds()
    asked = case.asked()
    done = case.rungs[: case.ticket.plan_next]
    rest = tuple(rung for rung in climb.plan if rung.after > passed or rung.person not in asked)
    return [Climb(plan=(*done, *rest), start=start, next=len(done), new_round=False)]


def as_if(ticket: Ticket, kind: str, level: int | None) -> Ticket:
    """Return the ticket as it will be, for deciding who may be asked."""
    return Ticket(**{**ticket.model_dump(), "kind": kind, "level": level})
