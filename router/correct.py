"""A person says what a matter is and how bad: what changes on its ticket, and what is kept to learn from."""

from __future__ import annotations

from router import onsite
from router.case import Case, Scene
from router.effects import (
    Change,
    Climb,
    Correct,
    Effect,
    Halt,
    Note,
    StopClock,
    Tell,
)
from router.moves import given_up, told
from router.opening import blamed, ladder, relevelled
from router.recount import as_if, begun, dropped, promises, reported, set_clock
from store.model import ClockKind, EventKind, Kind, PageState, Ticket, TicketState

URGENT = (Kind.COMPLAINT, Kind.EMERGENCY_SUPPORT)
"""Kinds that have a ladder of their own, which begins anew."""
AFRESH = {
    "owner": None,
    "taken_at": None,
    "arrived_at": None,
    "resolved_at": None,
    "closed_at": None,
    "held_until": None,
    "workaround_at": None,
    "second_line_at": None,
    "snoozes": 0,
}
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


def noted(case: Case, by: str, kind: str, **more: object) -> Note:
    """Write into the history what the matter was taken for, and what it is."""
    return Note(kind=EventKind.KIND, actor=by, text=_became(case, kind), more={"kind": str(kind), **more})


def _became(case: Case, kind: str) -> str:
    return f"{case.ticket.kind} -> {kind}"


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
        noted(case, by, kind, level=level, settled=True),
        Note(kind=EventKind.REOPENED, actor=by, more=scene.bound(ticket)),
        *promises(as_if(ticket, kind, level), scene, since=ticket.opened_at),
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
        *(StopClock(kind=kind, void=True) for kind in ClockKind),
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
    ticket, why = case.ticket, _became(case, Kind.FAULT)
    effects: list[Effect] = [
        noted(case, by, Kind.FAULT, level=level, **scene.bound(ticket)),
        *dropped(case, (ClockKind.ANSWER,), scene, why=why),
    ]
    if case.held and not ticket.arrived_at and case.clock(ClockKind.ARRIVE) is None:
        other, since = as_if(ticket, Kind.FAULT, level), ticket.opened_at
        effects += set_clock(case, ClockKind.ARRIVE, other, scene, since=since, why=why)
    return effects


def rekinded(case: Case, by: str, scene: Scene, *, kind: str) -> list[Effect]:
    """Make it a matter without a level: its own promises run from the report, and its own people are asked."""
    ticket = case.ticket
    other = as_if(ticket, kind, None)
    effects: list[Effect] = [
        Change(values={"kind": kind, "level": None, "doubt": None}),
        noted(case, by, kind, **scene.bound(ticket)),
        *clocks(case, other, scene),
    ]
    if case.held and ticket.owner in blamed(other, scene):
        return [*effects, *given_up(case, by, EventKind.RELEASED, "the complaint names them"), ladder(other, scene)]
    return [*effects, *asked_on(case, other, scene)] if case.waiting else effects


def clocks(case: Case, other: Ticket, scene: Scene) -> list[Effect]:
    """Let the promises be those of another kind, counted from the report; what is kept stays kept."""
    ticket, why = case.ticket, _became(case, other.kind)
    since = reported(case, ClockKind.RESPOND, scene)
    kept = {ClockKind.RESPOND} if case.held else set()
    if ticket.arrived_at:
        kept.add(ClockKind.ARRIVE)
    wanted = {one.kind: since for one in promises(other, scene, since=since) if one.kind not in kept}
    cure, stay = case.clock(ClockKind.RESOLVE), set[ClockKind]()
    if other.kind == Kind.EMERGENCY_SUPPORT and ticket.arrived_at and not ticket.workaround_at:
        if cure is not None and cure.breached_at:
            stay = {ClockKind.RESOLVE}  # broken once is not broken twice
        else:
            wanted[ClockKind.RESOLVE] = begun(case, cure, scene) if cure else ticket.arrived_at
    effects = dropped(case, (one for one in ClockKind if one not in {*wanted, *stay}), scene, why=why)
    for one, begin in wanted.items():
        effects += set_clock(case, one, other, scene, since=begin, why=why)
    return effects


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
