"""What one of the staff can do to one ticket: each move says what follows, or why not."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from router import onsite
from router.case import Case, Scene
from router.effects import (
    Change,
    Climb,
    CloseLater,
    Effect,
    Excuse,
    Halt,
    Note,
    ResumeClock,
    Rung,
    StartClock,
    StopClock,
    Tell,
    TellCustomer,
)
from router.ladder import first_new, in_turn, ways, without
from router.opening import blamed, given_to, ladder, own_ways, roster
from router.promises import REPAIRS
from router.recount import due_of, going_on
from store.model import ClockKind, EventKind, PageState, TicketState


def told(by: str, template: str, **variables: str) -> Tell:
    """Answer the person on the channel they used."""
    return Tell(person=by, template=template, variables=variables, answer=True)


def take(case: Case, by: str, scene: Scene, *, silent: bool = False) -> list[Effect]:
    """Take: the ladder stops, the respond clock stops, the others are told by whom; `silent` leaves telling to others.

    A complaint is not taken by somebody whom it names.
    """
    if not case.waiting:
        return already(case, by)
    if by in blamed(case.ticket, scene):
        return [
            Note(kind=EventKind.COMMAND, actor=by, text="take refused: the complaint names them"),
            told(by, "no_right"),
        ]
    who = {"who": scene.name(by), "at": scene.now.isoformat()}
    inform = None if silent else "too_late"
    effects: list[Effect] = [
        Change(values={"state": TicketState.TAKEN, "owner": by, "taken_at": scene.now}),
        Note(kind=EventKind.TAKEN, actor=by),
        StopClock(kind=ClockKind.RESPOND),
        Halt(by=by, state=PageState.ACKED, inform=inform, variables=who),
    ]
    return effects if silent else [*effects, told(by, "taken", at=scene.now.isoformat())]


def already(case: Case, by: str) -> list[Effect]:
    """Answer from the ticket's state, so that a late digit never resurrects a page."""
    ticket = case.ticket
    at = (ticket.taken_at or ticket.resolved_at or ticket.opened_at).isoformat()
    if ticket.owner == by and case.held:
        return [told(by, "taken", at=at)]
    if case.held:
        return [told(by, "too_late", who=ticket.owner or "", at=at)]
    if case.waiting:
        return [told(by, "status", state=ticket.state, who="")]
    return [told(by, "already_settled")]


def escalate(case: Case, by: str, scene: Scene, *, why: str | None = None) -> list[Effect]:
    """Escalate: whoever has not been asked yet is asked now; a taken ticket is given up first."""
    if not case.waiting and not (case.held and case.ticket.owner == by):
        return already(case, by)
    climb, to = passed_on(case, by, scene)
    name = scene.name(to)
    if case.held:
        return [*given_up(case, by, EventKind.ESCALATED, why), climb, told(by, "escalated", to=name)]
    return [
        Note(kind=EventKind.ESCALATED, actor=by, text=why or "", more={"to": to}),
        Excuse(person=by, state=PageState.ESCALATED),
        climb,
        told(by, "escalated", to=name),
    ]


def passed_on(case: Case, by: str, scene: Scene) -> tuple[Climb, str]:
    """Have somebody else asked now, and tell whom: who is next on the ladder, else all others one after another.

    Whoever passes it on is not asked again in this round, unless there is nobody else.
    """
    ticket = case.ticket
    if case.waiting:
        done, ahead = case.rungs[: ticket.plan_next], case.rungs[ticket.plan_next :]
        rest = without(ahead, by)
        following = first_new((rung for rung in rest if not scene.absent(rung.person)), case.asked())
        if following:
            start = min(ticket.plan_from or scene.now, scene.now - timedelta(seconds=following.after))
            return Climb(plan=(*done, *rest), start=start, next=len(done), new_round=False), following.person
    climb = ladder(ticket, scene)
    others = without(climb.plan, by)
    if case.waiting or not others:
        others = in_turn(others_of(case, by, scene), own_ways(climb.plan, ticket, scene))
    if not others:
        return climb, by
    return replace(climb, plan=others, start=scene.now - timedelta(seconds=others[0].after)), others[0].person


def others_of(case: Case, by: str, scene: Scene) -> tuple[str, ...]:
    """Return everybody but one, those who were not asked in this round first; on duty before the others."""
    avoided = {by, *blamed(case.ticket, scene)}
    duty = scene.duty
    upward = dict.fromkeys(p for p in (duty.second, duty.manager, *roster(scene)) if p and p not in avoided)
    return tuple(sorted(upward, key=lambda person: person in case.asked()))


def given_up(case: Case, by: str, kind: EventKind, why: str | None) -> list[Effect]:
    """Let go of a ticket that was taken; one on hold goes on, for nobody holds it any more."""
    held = case.ticket.state == TicketState.ON_HOLD
    return [
        Change(
            values={
                "state": TicketState.PAGING,
                "owner": None,
                "taken_at": None,
                "arrived_at": None,
                # A report of a great outage that is given to somebody else goes its own way.
                "parent_id": None,
                "held_until": None,
            }
        ),
        Note(kind=kind, actor=by, text=why or "", more={"freed": True}),
        *(ResumeClock(kind=clock) for clock in REPAIRS if held),
    ]


def release(case: Case, by: str, scene: Scene) -> list[Effect]:
    """Give a taken ticket back: somebody else is asked at once."""
    if not (case.held and case.ticket.owner == by):
        return already(case, by)
    return [*given_up(case, by, EventKind.RELEASED, None), passed_on(case, by, scene)[0], told(by, "released")]


def undo(case: Case, by: str, scene: Scene) -> list[Effect]:
    """Undo a take within the allowed minutes, once: it is as if it had never been taken."""
    ticket = case.ticket
    fresh = ticket.taken_at and scene.now - ticket.taken_at <= scene.settings.undo_within
    if case.undone or not (ticket.state == TicketState.TAKEN and ticket.owner == by and fresh):
        return [told(by, "nothing_to_undo")]
    given = given_up(case, by, EventKind.UNDONE, None)
    return [*given, *respond_again(case), resumed(case, by, scene), told(by, "undone")]


def resumed(case: Case, by: str, scene: Scene) -> Climb:
    """Go on with a ladder that was stopped: those asked before are asked again, the others when their time comes.

    Whoever gave it back or passed it on is not asked at once, and somebody else is.
    """
    ticket = case.ticket
    start = ticket.plan_from or scene.now
    passed = (scene.now - start).total_seconds()
    spared = {by, *(page.person for page in case.pages if page.state == PageState.ESCALATED)}
    again = [Rung(after=passed, person=p, by="sms") for p in dict.fromkeys(case.asked()) if p not in spared]
    plan = sorted((*again, *case.rungs[ticket.plan_next :]), key=lambda rung: rung.after)
    following = first_new(plan, spared)
    if following is None:
        return passed_on(case, by, scene)[0]
    kept = tuple(rung for rung in plan if rung.person not in spared or rung.after > max(passed, following.after))
    return Climb(plan=kept, start=min(start, scene.now - timedelta(seconds=following.after)))


def respond_again(case: Case) -> list[Effect]:
    """Let the respond clock run on to its old limit, as if it had never stopped."""
    stopped = case.last_clock(ClockKind.RESPOND)
    if stopped is None or stopped.breached_at:
        return []
    return [StartClock(kind=ClockKind.RESPOND, due=stopped.due_at, again=True)]


def snooze(case: Case, by: str, scene: Scene, *, minutes: int | None = None) -> list[Effect]:
    """Put one person's page off, at most to one minute before the respond limit and not too often.

    The ladder goes on for everybody else: one who is busy must not silence the others.
    """
    if not case.waiting:
        return already(case, by)
    limit = latest(case)
    asked = timedelta(minutes=minutes) if minutes else scene.settings.snooze.default
    until = min(scene.now + asked, limit) if limit else scene.now + asked
    if case.ticket.snoozes >= scene.settings.snooze.most:
        return [told(by, "not_snoozed", why="often")]
    if until <= scene.now + timedelta(minutes=1):
        return [told(by, "not_snoozed", why="limit")]
    return [
        Change(values={"snoozes": case.ticket.snoozes + 1}),
        Note(kind=EventKind.SNOOZED, actor=by, more={"until": until.isoformat()}),
        Excuse(person=by, state=PageState.SNOOZED),
        put_off(case, by, until, scene),
        told(by, "snoozed", until=until.isoformat()),
    ]


def put_off(case: Case, by: str, until: datetime, scene: Scene) -> Climb:
    """Move one person's rungs to an instant and leave those of the others where they are."""
    ticket = case.ticket
    start = ticket.plan_from or scene.now
    done, ahead = case.rungs[: ticket.plan_next], case.rungs[ticket.plan_next :]
    at = (until - start).total_seconds()
    own = ways(rung for rung in case.rungs if rung.person == by) or {"sms": 0.0}
    kept = [rung for rung in ahead if rung.person != by or rung.after > at + max(own.values())]
    last = any(rung.last for rung in ahead if rung.person == by and rung not in kept)
    moved = [Rung(after=at + after, person=by, by=method, last=last) for method, after in own.items()]
    plan = (*done, *sorted((*kept, *moved), key=lambda rung: rung.after))
    return Climb(plan=plan, start=start, next=len(done), new_round=False)


def latest(case: Case) -> datetime | None:
    """Return the instant past which nobody may put a page off: a minute before the respond limit."""
    clock = case.clock(ClockKind.RESPOND)
    return clock.due_at - timedelta(minutes=1) if clock else None


def arrive(case: Case, by: str, scene: Scene, *, how: str = "reply", position: str = "") -> list[Effect]:
    """Arrive: the arrive clock stops and the resolve clock begins, once (contract: 4 h after arrival).

    The first arrival after a ticket was handed to the second line is theirs. `how` and `position` say by what the
    arrival is known, for the visit (`router.onsite.arrived`).
    """
    visit = onsite.arrived(case, by, scene, how=how, position=position)
    if case.waiting:
        taken = take(case, by, scene)
        return taken if by in blamed(case.ticket, scene) else [*taken[:-1], *visit, *arrived(case, by, scene)]
    if not case.held:
        return already(case, by)
    if case.ticket.arrived_at and case.clock(ClockKind.SECOND_ARRIVE) is None:
        again = going_on(case.ticket, by) if case.ticket.state == TicketState.ON_HOLD else []
        until = resolve_due(case, case.ticket.arrived_at, scene)
        return [*visit, *again, told(by, "arrived", until=until.isoformat())]
    return [*visit, *arrived(case, by, scene)]


def arrived(case: Case, by: str, scene: Scene) -> list[Effect]:
    """Write down an arrival."""
    ticket, second = case.ticket, case.clock(ClockKind.SECOND_ARRIVE)
    until, first = resolve_due(case, ticket.arrived_at or scene.now, scene), ticket.arrived_at is None
    on_hold = ticket.state == TicketState.ON_HOLD
    values = {"state": TicketState.ON_SITE, "arrived_at": ticket.arrived_at or scene.now, "owner": ticket.owner or by}
    effects: list[Effect] = [*(going_on(ticket, by) if on_hold else []), Change(values=values)]
    more = {"second_line": True} if second else {}
    effects.append(Note(kind=EventKind.ARRIVED, actor=by, more={**more, **scene.bound(ticket)}))
    if first:
        effects += [StopClock(kind=ClockKind.ARRIVE), *cured(case, ClockKind.RESOLVE, scene)]
    if second:
        theirs = cured(case, ClockKind.SECOND_RESOLVE, scene)
        until = next((one.due for one in theirs), until)
        effects += [StopClock(kind=ClockKind.SECOND_ARRIVE), *theirs]
    return [*effects, told(by, "arrived", until=until.isoformat()), TellCustomer(template="customer_arrived")]


def cured(case: Case, kind: ClockKind, scene: Scene) -> list[StartClock]:
    """Begin a promise of repair with an arrival, unless it runs already, or a workaround lets the customer work."""
    due = due_of(kind, case.ticket, scene, since=scene.now)
    if due is None or case.clock(kind) is not None or case.ticket.workaround_at is not None:
        return []
    return [StartClock(kind=kind, due=due, since=scene.now)]


def resolve_due(case: Case, arrived_at: datetime, scene: Scene) -> datetime:
    """Return until when it must be solved: by the promise that runs, else as if it began with the arrival."""
    running = case.clock(ClockKind.RESOLVE)
    if running is not None:
        return running.due_at
    return arrived_at + scene.terms(case.ticket).figures(scene.matter(case.ticket)).resolve


def resolve(case: Case, by: str, scene: Scene, *, text: str | None) -> list[Effect]:
    """Resolve with what was done: all clocks stop, the customer is told and asked."""
    if not text:
        return [told(by, "resolve_needs_text")]
    if not case.waiting and not case.held:
        return already(case, by)
    values = {"state": TicketState.RESOLVED, "resolved_at": scene.now, "owner": case.ticket.owner or by}
    return [
        Change(values={**values, "held_until": None}),
        Note(kind=EventKind.RESOLVED, actor=by, text=text),
        *(StopClock(kind=kind) for kind in ClockKind),
        Halt(
            by=by,
            state=PageState.ACKED,
            inform="too_late",
            variables={"who": scene.name(by), "at": scene.now.isoformat()},
        ),
        CloseLater(at=scene.now + scene.settings.close_after),
        *onsite.resolved(case, by, text, scene),
        told(by, "resolved"),
        TellCustomer(template="customer_resolved", variables={"what": text}),
    ]


def transfer(case: Case, by: str, to: str, scene: Scene) -> list[Effect]:
    """Hand over: the target is asked first and must accept; then the ladder watches over it."""
    ticket, name = case.ticket, scene.name(to)
    if not (case.waiting or case.held) or (case.held and ticket.owner == to):
        return already(case, by)
    if to == by:
        return take(case, by, scene) if case.waiting else already(case, by)
    gone: list[Effect] = (
        [Note(kind=EventKind.TRANSFERRED, actor=by, text=name), Halt(by=by, state=PageState.ESCALATED)]
        if case.waiting
        else given_up(case, by, EventKind.TRANSFERRED, name)
    )
    if case.held and ticket.owner and ticket.owner != by:
        gone.append(Tell(person=ticket.owner, template="taken_from_you", variables={"who": to}))
    return [*gone, given_to(ticket, to, scene, giver=by), told(by, "transfer_done", to=name)]


def note(by: str, text: str) -> list[Effect]:
    """Write an internal remark."""
    return [Note(kind=EventKind.NOTED, actor=by, text=text), told(by, "noted")]


def reply(by: str, text: str) -> list[Effect]:
    """Send the person's own words to the customer on the customer's own channel."""
    return [TellCustomer(template="words", words=text, by=by), told(by, "reply_sent")]
