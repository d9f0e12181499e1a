"""Making one matter of two, and two again: what ends, what the other takes over, and when it is refused. Pure.

Nobody is written to because of a merge but whoever ordered it, and the one of the staff who had the ticket that went.
"""

from __future__ import annotations

from collections.abc import Iterable

from router.case import Case, Scene
from router.effects import (
    Change,
    CloseLater,
    Effect,
    EndSuggestion,
    EndTimers,
    Halt,
    Note,
    StartClock,
    StopClock,
    Tell,
)
from router.moves import told
from router.opening import BAD, ORDINARY, blamed, ladder
from router.recount import brought
from store.model import Clock, ClockKind, EventKind, Kind, PageState, SuggestionState, TicketState

On = list[tuple[int, list[Effect]]]
"""Effects by ticket number, in the order in which they are performed."""


def refusal(one: Case, into: Case) -> str:
    """Say why one ticket cannot become a part of another; "" when it can."""
    if one.number == into.number:
        return "same"
    if one.merged or into.merged:
        return "merged"
    if one.open and not into.open:
        return "settled"
    # A complaint has a promise of its own and is looked into by others: it never disappears in what it is about.
    if (one.ticket.kind == Kind.COMPLAINT) != (into.ticket.kind == Kind.COMPLAINT):
        return "complaint"
    return ""


def merge(one: Case, into: Case, by: str, scene: Scene, *, children: Iterable[Case] = ()) -> On:
    """Make one ticket a part of another; its children become those of the other."""
    if by in blamed(one.ticket, scene) | blamed(into.ticket, scene):
        return [(one.number, [told(by, "no_right")])]
    if why := refusal(one, into):
        return [(one.number, [told(by, "not_merged", other=str(into.number), why=why)])]
    return [
        (one.number, given_away(one, into, by, scene)),
        (into.number, taken_over(one, into, by, scene)),
        *moved(children, into, by),
        (one.number, [told(by, _answer(one, into), other=str(into.number))]),
    ]


def _answer(one: Case, into: Case) -> str:
    """Warn when the ticket that went had another customer, who hears of the other one by nobody."""
    a, b = one.ticket, into.ticket
    same = (a.channel, a.reply_to, a.group) == (b.channel, b.reply_to, b.group) or not a.reply_to
    return "merged" if same else "merged_other"


def given_away(one: Case, into: Case, by: str, scene: Scene) -> list[Effect]:
    """End everything of the ticket that becomes a part: its pages, promises and due times."""
    effects: list[Effect] = [
        Halt(by="", state=PageState.CANCELLED),
        *(StopClock(kind=kind, void=True) for kind in ClockKind),
        EndTimers(),
        Change(
            values={
                "state": TicketState.MERGED,
                "merged_id": into.ticket.id,
                "closed_at": scene.now,
                "parent_id": None,
                "held_until": None,
            }
        ),
        Note(kind=EventKind.MERGED, actor=by, text=f"-> {into.number}", more={"into": into.number}),
        EndSuggestion(other=into.ticket.id, state=SuggestionState.MERGED, by=by),
    ]
    if one.held and one.ticket.owner and one.ticket.owner != by:
        variables = {"who": by, "other": str(into.number)}
        effects.append(Tell(person=one.ticket.owner, template="merged_away", variables=variables))
    return effects


def taken_over(one: Case, into: Case, by: str, scene: Scene) -> list[Effect]:
    """Let the ticket that stays have the worse level, the earlier limits, and whoever is at work already."""
    text = f"<- {one.number} {one.ticket.title}"
    values = {"heard_at": max(one.ticket.heard_at, into.ticket.heard_at)}
    effects: list[Effect] = [
        Change(values=values),
        Note(kind=EventKind.MERGED, actor=by, text=text, more={"from": one.number}),
    ]
    level = worse_level(one, into)
    if level is not None:
        effects += [
            Change(values={"level": level, "kind": Kind.FAULT, "doubt": None}),
            Note(
                kind=EventKind.LEVEL,
                actor=by,
                text=f"{into.ticket.level or '-'} -> {level} (<- {one.number})",
                more={"from": one.number, "level": level},
            ),
        ]
    effects += limits(one, into, scene)
    if into.waiting and one.held and one.ticket.owner not in blamed(into.ticket, scene):
        return [*effects, *in_hand(one, scene)]
    if into.waiting and level is not None:
        effects += [Halt(by="", state=PageState.CANCELLED), ladder(into.ticket, scene, kind=Kind.FAULT, level=level)]
    return effects


def worse_level(one: Case, into: Case) -> int | None:
    """Return the level of the ticket that goes, when it is an open fault and worse than what stays."""
    if not (one.open and into.open) or one.ticket.kind != Kind.FAULT:
        return None
    level = one.ticket.level or 3
    if into.ticket.kind == Kind.FAULT:
        return level if level < (into.ticket.level or 3) else None
    return level if into.ticket.kind in ORDINARY else None


def limits(one: Case, into: Case, scene: Scene) -> list[Effect]:
    """Let the earlier limit of each promise hold; what a take or an arrival has met stays met."""
    effects: list[Effect] = []
    for kind in ClockKind:
        ours, theirs = into.clock(kind), one.clock(kind)
        if theirs is None or not earlier(theirs, ours, met=into.last_clock(kind) is not None, held=into.held):
            continue
        effects += [
            StopClock(kind=kind, void=True),
            StartClock(
                kind=kind,
                due=theirs.due_at,
                breached=theirs.breached_at is not None,
                since=theirs.counts_from or theirs.started_at,
            ),
            brought(kind, theirs, scene, number=one.number),
        ]
    return effects


def earlier(theirs: Clock, ours: Clock | None, *, met: bool, held: bool) -> bool:
    """Tell whether the promise of the ticket that goes holds; `met`: this one had such a promise, and it was kept."""
    if ours is not None:
        return theirs.due_at < ours.due_at
    return not met and not (held and theirs.kind == ClockKind.RESPOND)


def in_hand(one: Case, scene: Scene) -> list[Effect]:
    """Give a ticket that waits to whoever has the one that became a part of it."""
    ticket = one.ticket
    state = TicketState.ON_SITE if ticket.arrived_at else TicketState.TAKEN
    values = {"state": state, "owner": ticket.owner, "taken_at": scene.now, "arrived_at": ticket.arrived_at}
    who = {"who": scene.name(ticket.owner), "at": scene.now.isoformat()}
    effects: list[Effect] = [
        Change(values=values),
        Note(
            kind=EventKind.TAKEN,
            actor=ticket.owner or "",
            text=f"<- {one.number}",
            more={"arrived": True} if ticket.arrived_at else {},
        ),
        StopClock(kind=ClockKind.RESPOND),
        Halt(by=ticket.owner or "", state=PageState.ACKED, inform="too_late", variables=who),
    ]
    if not ticket.arrived_at:
        return effects
    return [*effects, StopClock(kind=ClockKind.ARRIVE), brought(ClockKind.ARRIVE, None, scene, number=one.number)]


def moved(children: Iterable[Case], into: Case, by: str) -> On:
    """Hand the children of a ticket that went on to the one that stays, or to the parent of that."""
    parent = into.ticket.parent_id or into.ticket.id
    on: On = []
    for child in children:
        itself = child.number == into.number
        note = Note(kind=EventKind.APART if itself else EventKind.CHILD, actor=by, text=f"-> {into.number}")
        on.append((child.number, [Change(values={"parent_id": None if itself else parent}), note]))
    return on


def unmerge(one: Case, into: Case, by: str, scene: Scene) -> On:
    """Undo a merge: the ticket is what it was, with the promises that ran then.

    What was said since stays with the other ticket, which keeps the level and the limits that it has.
    """
    state = before(one, scene)
    back: list[Effect] = [
        Change(values={"state": state, "merged_id": None, "closed_at": _closed(one, state, scene)}),
        Note(kind=EventKind.APART, actor=by, text=f"<- {into.number}", more={"from": into.number}),
        *(effect for clock in stopped_by_merge(one, into) for effect in given_back(one, clock, scene)),
    ]
    if state is TicketState.PAGING:
        back.append(ladder(one.ticket, scene))
    if state is TicketState.RESOLVED and one.ticket.resolved_at:
        back.append(CloseLater(at=one.ticket.resolved_at + scene.settings.close_after))
    note = Note(kind=EventKind.APART, actor=by, text=f"-> {one.number}", more={"other": one.number})
    return [(one.number, [*back, told(by, "unmerged", other=str(into.number))]), (into.number, [note])]


def given_back(one: Case, clock: Clock, scene: Scene) -> list[Effect]:
    """Let a promise run on that ended only because of a merge."""
    kind = ClockKind(clock.kind)
    start = StartClock(kind=kind, due=clock.due_at, since=clock.counts_from or clock.started_at)
    return [start, brought(kind, clock, scene, number=one.number)]


def before(one: Case, scene: Scene) -> TicketState:
    """Tell in which state a ticket was when it became a part of another."""
    ticket = one.ticket
    if ticket.kind == Kind.CHAT:
        return TicketState.CLOSED  # a false alarm, which nobody resolves
    if ticket.resolved_at:
        over = ticket.resolved_at + scene.settings.close_after <= scene.now
        return TicketState.CLOSED if over or (ticket.rating or 0) > BAD else TicketState.RESOLVED
    if ticket.owner and ticket.taken_at:
        return TicketState.ON_SITE if ticket.arrived_at else TicketState.TAKEN
    return TicketState.PAGING


def _closed(one: Case, state: TicketState, scene: Scene) -> object:
    resolved = one.ticket.resolved_at
    if state is not TicketState.CLOSED:
        return None
    return resolved + scene.settings.close_after if resolved else one.ticket.closed_at


def stopped_by_merge(one: Case, into: Case) -> list[Clock]:
    """Return the promises that ended only because of the merge, without those that the other ticket met in time."""
    gone = [c for c in one.clocks if c.stopped_at is not None and c.stopped_at == one.ticket.closed_at]
    taken = into.ticket.taken_at
    return [
        c
        for c in gone
        if c.breached_at is None and not (c.kind == ClockKind.RESPOND and taken is not None and taken <= c.due_at)
    ]
