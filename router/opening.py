"""What a new, a joined and a reopened matter cause: clocks, ladder, and what the customer is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from router.case import Case, Scene
from router.duty import named
from router.effects import Change, Climb, Effect, Halt, Note, Rung, StartClock, Tell, TellCustomer
from router.ladder import hushed, plan, urgency, ways, without
from router.policies import Facts, choose, policy_named
from router.recount import by_level, going_on, promises
from store.model import EventKind, Kind, PageState, Ticket, TicketState

RECEIPTS = {
    Kind.FAULT: "customer_receipt",
    Kind.EMERGENCY_SUPPORT: "customer_receipt_emergency",
    Kind.COMPLAINT: "customer_receipt_complaint",
    Kind.SITE_VISIT: "customer_receipt_visit",
    Kind.CHANGE_REQUEST: "customer_receipt_change",
}
ORDINARY = (Kind.CONSULTATION, Kind.SITE_VISIT, Kind.CHANGE_REQUEST)
"""Kinds that become a fault when later words tell of one of level 1 or 2."""
ALONE = timedelta(minutes=2)
"""How long a ticket waits for the one it was given to before the ladder goes on with the others."""
BAD = 2
"""A rating up to this is told to the manager."""


def ladder(ticket: Ticket, scene: Scene, *, kind: str | None = None, level: int | None = None) -> Climb:
    """Begin the ladder of a ticket at this instant, softened in the quiet hours; kind and level may be new ones.

    Which policy that is, is kept with it: a ladder that began goes on as it began.
    """
    settings = scene.settings
    name = urgency(kind or ticket.kind, level or ticket.level)
    chosen = choose(settings, Facts(urgency=name, client=scene.client(ticket.customer_id)), scene.now)
    rungs = plan(policy_named(settings, chosen, name), scene.duty, settings.people, name)
    rungs = hushed(rungs, name, settings, scene.now)
    return Climb(plan=unbiased(rungs, ticket, scene), start=scene.now, policy=chosen)


def own_ways(rungs: Sequence[Rung], ticket: Ticket, scene: Scene) -> Callable[[str], Mapping[str, float]]:
    """Return how anybody is asked on a ticket: by their own rules, else as its ladder asks."""
    name = urgency(ticket.kind, ticket.level)

    def of(person: str) -> Mapping[str, float]:
        known = scene.settings.people.get(person)
        rules = known.own_rules(name) if known else []
        own = (Rung(after=rule.after.total_seconds(), person=person, by=rule.by) for rule in rules)
        return ways(own) or ways(rungs)

    return of


def blamed(ticket: Ticket, scene: Scene) -> frozenset[str]:
    """Return those of the staff whom a complaint names: somebody else investigates (contract, design section 2)."""
    if ticket.kind != Kind.COMPLAINT:
        return frozenset()
    return named(f"{ticket.title} {ticket.symptom}", scene.settings.people)


def unbiased(rungs: tuple[Rung, ...], ticket: Ticket, scene: Scene) -> tuple[Rung, ...]:
    """Put the lead, or who else is left, in the place of somebody whom the complaint names."""
    avoided = blamed(ticket, scene)
    free = [person for person in roster(scene) if person not in avoided]
    if not free:
        return rungs
    return tuple(replace(rung, person=free[0]) if rung.person in avoided else rung for rung in rungs)


def roster(scene: Scene) -> tuple[str, ...]:
    """Return everybody, those on duty first."""
    duty = scene.duty
    return tuple(dict.fromkeys(p for p in (duty.lead, duty.second, duty.manager, *duty.everyone) if p))


def given_to(ticket: Ticket, to: str, scene: Scene, *, giver: str = "") -> Climb:
    """Begin a ladder whose first minutes belong to one person, by the ways of that ladder; then it watches over it."""
    climb = ladder(ticket, scene)
    if not giver and climb.plan and climb.plan[0].person == to:
        return climb
    begin = climb.plan[0].after if climb.plan else 0.0
    wait = 0.0 if giver else begin
    methods = own_ways(climb.plan, ticket, scene)(to)
    own = [Rung(after=wait + after, person=to, by=by, giver=giver) for by, after in methods.items()]
    later = ALONE.total_seconds()
    rest = [replace(rung, after=rung.after + later) for rung in without(climb.plan, to)]
    again = [] if rest else [replace(rung, after=rung.after + later, last=True) for rung in own]
    return replace(climb, plan=tuple(sorted((*own, *rest, *again), key=lambda rung: rung.after)))


def opened(ticket: Ticket, scene: Scene, *, answerable: bool) -> list[Effect]:
    """Open: history, clocks, ladder, and a receipt unless a machine wrote."""
    clocks = promises(ticket, scene)
    effects: list[Effect] = [
        Note(
            kind=EventKind.OPENED,
            actor="customer",
            text=ticket.title,
            more={
                "reasons": ticket.reasons,
                "doubt": ticket.doubt,
                "kind": ticket.kind,
                "level": ticket.level,
                **scene.bound(ticket),
            },
        ),
        *clocks,
        ladder(ticket, scene),
    ]
    if answerable:
        effects.append(receipt(ticket, clocks))
    return effects


def receipt(ticket: Ticket, clocks: list[StartClock]) -> TellCustomer:
    """Tell the customer the number, what happens next and until when."""
    template = RECEIPTS.get(Kind(ticket.kind), "customer_receipt_question")
    until = clocks[0].due.isoformat() if clocks else ""
    return TellCustomer(template=template, variables={"until": until})


def joined(case: Case, scene: Scene, *, text: str, level: int | None, fixed: bool, human: bool = True) -> list[Effect]:
    """Join: history, a word to whoever has it or had it, and a higher level where the new words say so.

    What a person says lets a ticket go on that is on hold; a machine that repeats itself does not.
    """
    ticket = case.ticket
    more = {"fixed": True} if fixed else {}
    effects: list[Effect] = [
        Change(values={"heard_at": scene.now}),
        Note(kind=EventKind.JOINED, actor="customer", text=text, more=more),
    ]
    if human and ticket.state == TicketState.ON_HOLD:
        effects += going_on(ticket, "customer")
    if ticket.owner and not case.waiting and not (fixed and not case.held):
        template = "customer_fixed" if fixed else "customer_added"
        effects.append(Tell(person=ticket.owner, template=template, variables={"text": text}))
    if level is not None and (case.waiting or case.held) and worse(ticket, level):
        effects += relevelled(case, level, scene, by="customer")
    return effects


def worse(ticket: Ticket, level: int) -> bool:
    """Tell whether later words of a customer make the matter worse than it was."""
    if ticket.kind == Kind.FAULT:
        return level < (ticket.level or 3)
    return ticket.kind in ORDINARY and level < 3


def relevelled(case: Case, level: int, scene: Scene, *, by: str, why: str = "") -> list[Effect]:
    """Set another level: clocks are recomputed with a line of history, a worse one begins the ladder again.

    What a member of the staff corrects counts from the report; what the customer adds counts from the adding.
    """
    ticket = case.ticket
    effects: list[Effect] = [
        Change(values={"level": level, "kind": Kind.FAULT, "doubt": None, "level_by": by, "proposed": None}),
        Note(
            kind=EventKind.LEVEL,
            actor=by,
            text=f"{ticket.level or '-'} -> {level}{f': {why}' if why else ''}",
            more={"level": level, "was": ticket.kind, **scene.bound(ticket)},
        ),
        *by_level(case, level, scene, by=by),
    ]
    if case.waiting and (ticket.kind != Kind.FAULT or level < (ticket.level or 3)):
        effects += [Halt(by="", state=PageState.CANCELLED), ladder(ticket, scene, kind=Kind.FAULT, level=level)]
    return effects


def reopened(case: Case, scene: Scene, *, text: str) -> list[Effect]:
    """Reopen after a reported fix: the last owner is asked first, the ladder follows."""
    ticket = case.ticket
    known = ticket.owner in scene.settings.people and ticket.owner not in blamed(ticket, scene)
    return [
        Change(
            values={
                "state": TicketState.PAGING,
                "heard_at": scene.now,
                "owner": None,
                "taken_at": None,
                "arrived_at": None,
                "resolved_at": None,
                "closed_at": None,
                "rating": None,
                "snoozes": 0,
                "held_until": None,
                "workaround_at": None,
                "second_line_at": None,
            }
        ),
        Note(kind=EventKind.REOPENED, actor="customer", text=text, more=scene.bound(ticket)),
        *promises(ticket, scene),
        given_to(ticket, ticket.owner, scene)
        if ticket.owner and known and not scene.absent(ticket.owner)
        else ladder(ticket, scene),
        TellCustomer(template="customer_reopened"),
    ]


def rated(case: Case, scene: Scene, score: int) -> list[Effect]:
    """Keep the customer's answer and say thanks: a good one closes the ticket, a bad one is told to the manager."""
    effects: list[Effect] = [
        Change(values={"rating": score}),
        Note(kind=EventKind.RATED, actor="customer", text=str(score)),
        TellCustomer(template="customer_thanks"),
    ]
    if score > BAD and case.ticket.state == TicketState.RESOLVED:
        effects += [Change(values={"state": TicketState.CLOSED, "closed_at": scene.now}), Note(kind=EventKind.CLOSED)]
    if score <= BAD:
        person = scene.duty.manager or scene.duty.lead
        effects.append(Tell(person=person, template="customer_rated", variables={"rating": str(score)}))
    return effects
