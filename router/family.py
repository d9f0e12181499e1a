"""A great outage and the reports of it: children keep their own customers, and one person has them all. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from router import moves
from router.case import Case, Scene
from router.effects import Change, Effect, Halt, Note, StartClock, StopClock, Tell
from router.merging import On
from router.moves import told
from router.recount import brought
from store.model import ClockKind, EventKind, Kind, PageState, Ticket, TicketState

PARENT = {"resolved": "resolved_parent", "false_alarm": "false_alarm_parent"}
"""What is answered when the ticket that ended has open children."""
MILD = 4
"""Stands for a matter without a level: every fault is worse."""


def refusal(child: Case, parent: Case) -> str:
    """Say why a ticket cannot be a report of a great outage; "" when it can."""
    if child.number == parent.number:
        return "same"
    if child.merged or parent.merged:
        return "merged"
    if not (child.open and parent.open):
        return "settled"
    return "complaint" if Kind.COMPLAINT in (child.ticket.kind, parent.ticket.kind) else ""


def adopt(child: Case, parent: Case, by: str, scene: Scene, *, children: Iterable[Case] = ()) -> On:
    """Make a ticket the child of another; its own children become those of the other as well."""
    if why := refusal(child, parent):
        return [(child.number, [told(by, "not_child", other=str(parent.number), why=why)])]
    on: On = []
    for one in (child, *children):
        note = Note(kind=EventKind.CHILD, actor=by, text=f"-> {parent.number}", more={"parent": parent.number})
        on.append((one.number, [Change(values={"parent_id": parent.ticket.id}), note, *along(one, parent, scene)]))
    note = Note(kind=EventKind.CHILD, actor=by, text=f"<- {child.number} {child.ticket.title}")
    return [*on, (parent.number, [note]), (child.number, [told(by, "child_of", other=str(parent.number))])]


def leave(child: Case, parent: Case, by: str) -> On:
    """Take a child out from under its parent; whoever has it keeps it."""
    return [*_parted(child, parent, by), (child.number, [told(by, "apart", other=str(parent.number))])]


def _parted(child: Case, parent: Case, by: str) -> On:
    note = Note(kind=EventKind.APART, actor=by, text=f"<- {parent.number}", more={"from": parent.number})
    other = Note(kind=EventKind.APART, actor=by, text=f"-> {child.number}", more={"other": child.number})
    return [(child.number, [Change(values={"parent_id": None}), note]), (parent.number, [other])]


def disowned(case: Case, kind: str, by: str, parent: Case | None, children: Iterable[Case]) -> On:
    """Take a family apart when one of it turns out to be of another kind: no matter, or a complaint.

    Such a ticket is no report and has none. Its reports go on by themselves, with whoever has them.
    """
    if not case.open or kind not in (Kind.CHAT, Kind.COMPLAINT):
        return []
    above = _parted(case, parent, by) if parent is not None else []
    return [*above, *(one for child in children for one in _parted(child, case, by))]


def along(child: Case, parent: Case, scene: Scene) -> list[Effect]:
    """Take an open child along with its parent: its page is not sent again, and the history says why.

    A child that somebody else took follows when the parent is taken anew: one outage, one person. Who is on site for
    a child keeps it. The customer of the child is told nothing here.
    """
    if not (parent.held and child.open):
        return []
    return [*_taken(child, parent, scene), *_met(child, parent, scene)]


def _taken(child: Case, parent: Case, scene: Scene) -> list[Effect]:
    owner, number = parent.ticket.owner or "", parent.number
    if child.waiting:
        return [
            Note(
                kind=EventKind.SUPPRESSED,
                text=f"not asked again: {number}, of which this is a report, is with {scene.name(owner)}",
                more={"to": owner},
            ),
            Change(values={"state": TicketState.TAKEN, "owner": owner, "taken_at": scene.now}),
            Note(kind=EventKind.TAKEN, actor=owner, text=f"<- {number}"),
            StopClock(kind=ClockKind.RESPOND),
            Halt(by=owner, state=PageState.ACKED),
        ]
    anew = parent.ticket.taken_at == scene.now
    if child.ticket.state != TicketState.TAKEN or child.ticket.owner == owner or not anew:
        return []
    effects: list[Effect] = [
        Change(values={"owner": owner, "taken_at": scene.now}),
        Note(kind=EventKind.TRANSFERRED, actor=owner, text=f"<- {number}"),
    ]
    if child.ticket.owner:
        effects.append(Tell(person=child.ticket.owner, template="taken_from_you", variables={"who": owner}))
    return effects


def _met(child: Case, parent: Case, scene: Scene) -> list[Effect]:
    """Let the arrival at the cause count for the child; it is to be cured until its parent is."""
    cure = parent.clock(ClockKind.RESOLVE)
    if not parent.ticket.arrived_at or child.clock(ClockKind.ARRIVE) is None:
        return []
    effects: list[Effect] = [
        StopClock(kind=ClockKind.ARRIVE),
        brought(ClockKind.ARRIVE, None, scene, number=parent.number),
    ]
    if cure is not None and child.clock(ClockKind.RESOLVE) is None:
        since = cure.counts_from or cure.started_at
        effects += [
            StartClock(kind=ClockKind.RESOLVE, due=cure.due_at, since=since),
            brought(ClockKind.RESOLVE, cure, scene, number=parent.number),
        ]
    return effects


def watched(kind: str, child: Ticket, parent: Case | None) -> bool:
    """Tell whether a promise of a child needs no word of its own: its parent is in hand and has the same promise.

    A child of a worse level than its parent has, or was given later, has the shorter promise, and speaks for itself.
    """
    if parent is None or not parent.held or (child.level or MILD) < (parent.ticket.level or MILD):
        return False
    clock = parent.last_clock(ClockKind(kind))
    return clock is not None and (clock.stopped_at is None or clock.breached_at is not None)


def reminded(kind: str, child: Ticket, parent: Case | None) -> bool:
    """Tell whether whoever has a child is reminded of its promise by its parent.

    While that is in hand by the promise itself; once it is settled by its resolution, which named the open children.
    """
    return watched(kind, child, parent) or (parent is not None and not parent.open)


def offered(effects: list[Effect], children: Iterable[Case]) -> list[Effect]:
    """Say with the end of a parent how many children are open; nothing is done to them."""
    count = sum(1 for child in children if child.open)
    if not count:
        return effects
    return [
        replace(one, template=PARENT[one.template], variables={**one.variables, "count": str(count)})
        if isinstance(one, Tell) and one.answer and one.template in PARENT
        else one
        for one in effects
    ]


def resolve_all(parent: Case, children: Iterable[Case], by: str, scene: Scene, *, text: str | None) -> On:
    """Resolve every open child with the same words, and tell each customer: the one action that does it."""
    waiting = [child for child in children if child.open]
    if not waiting:
        return [(parent.number, [told(by, "no_children")])]
    if not text:
        return [(parent.number, [told(by, "resolve_needs_text")])]
    on: On = [(child.number, _resolved(child, by, scene, text)) for child in waiting]
    note = Note(kind=EventKind.NOTED, actor=by, text=f"resolved with it: {' '.join(str(c.number) for c in waiting)}")
    return [*on, (parent.number, [note, told(by, "children_resolved", count=str(len(waiting)))])]


def _resolved(child: Case, by: str, scene: Scene, text: str) -> list[Effect]:
    """Resolve one of many: nobody of the staff gets a text for each."""
    effects = [one for one in moves.resolve(child, by, scene, text=text) if not isinstance(one, Tell)]
    return [replace(one, inform=None) if isinstance(one, Halt) else one for one in effects]
