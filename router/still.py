"""Still on it: when whoever took a ticket and did nothing is asked, and what the answer means. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from router.case import Case, Scene
from router.effects import Effect, Inquire, Tell, Wait
from router.ladder import in_quiet_hours, quiet_ends
from router.moves import given_up, passed_on, told
from router.promises import REPAIRS
from store.model import OUT_STATES, Answer, EventKind, InquiryKind, Kind, Ticket, TicketState, TimerKind

if TYPE_CHECKING:
    from router.inquiries import Asked

GIVEN_UP = "no answer whether they are still on it"


def urgent(ticket: Ticket) -> int:
    """Return by which level's length a ticket is watched: emergency support as level 1, all else without one as 3."""
    return ticket.level or (1 if ticket.kind == Kind.EMERGENCY_SUPPORT else 3)


def ask_at(ticket: Ticket, scene: Scene, *, since: datetime) -> datetime:
    """Return when somebody who did nothing to a ticket since an instant is asked.

    In the quiet hours nobody is asked about level 3 and other kinds: that waits for the morning.
    """
    settings, level = scene.settings, urgent(ticket)
    at = max(since + settings.still[level], scene.now)
    if level == 3 and in_quiet_hours(settings.quiet_hours, settings.zone, at):
        return quiet_ends(settings.quiet_hours, settings.zone, at)
    return at


def quiet(case: Case, scene: Scene, *, parent: Case | None, asked: bool) -> list[Effect]:
    """Ask whoever has a ticket and did nothing to it for too long; `asked`: they were, and may still answer.

    On site nobody is asked, but told again which promise of repair is broken; nor is anybody on hold, nor about a
    report whose great outage is in hand, nor while somebody is out for it, nor after a workaround.
    """
    ticket = case.ticket
    if ticket.state not in (TicketState.TAKEN, TicketState.ON_SITE) or ticket.owner is None or asked:
        return []
    since = max(filter(None, (ticket.taken_at, ticket.touched_at)), default=ticket.opened_at)
    at, later = ask_at(ticket, scene, since=since), ask_at(ticket, scene, since=scene.now)
    if at > scene.now:
        return [Wait(kind=TimerKind.STILL, at=at)]
    if ticket.state == TicketState.ON_SITE:
        return [*overdue(case, scene), Wait(kind=TimerKind.STILL, at=later)]
    sent = any(visit.state in OUT_STATES for visit in case.visits)
    if ticket.workaround_at or sent or (parent is not None and parent.held):
        return [Wait(kind=TimerKind.STILL, at=later)]
    wait = scene.settings.still_wait
    taken = (ticket.taken_at or ticket.opened_at).isoformat()
    variables = {"at": taken, "minutes": str(max(1, int(wait.total_seconds() // 60)))}
    return [
        Inquire(
            kind=InquiryKind.STILL,
            person=ticket.owner,
            template="still_on_it",
            until=scene.now + wait,
            variables=variables,
        )
    ]


def overdue(case: Case, scene: Scene) -> list[Effect]:
    """Say once more to whoever is on site which promise of repair is broken: no clock ahead would say anything."""
    broken = next((clock for kind in REPAIRS if (clock := case.clock(kind)) and clock.breached_at), None)
    if broken is None or case.ticket.owner is None:
        return []
    late = str(int((scene.now - broken.due_at).total_seconds() // 60))
    return [Tell(person=case.ticket.owner, template="breach", variables={"clock": broken.kind, "late": late})]


def unreachable(case: Case, scene: Scene) -> list[Effect]:
    """Have somebody else asked at once: there is no way to ask whoever has it."""
    return _given_back(case, case.ticket.owner or "", scene, why="there is no way to ask whoever has it")


def answered(asked: Asked, answer: Answer, scene: Scene) -> list[Effect]:
    """Let yes begin the wait anew, no give the ticket back, and silence have somebody else asked first."""
    case, person = asked.case, asked.person
    if case is None or not case.held or case.ticket.owner != person:
        return []
    if answer is Answer.NO:
        effects = given_up(case, person, EventKind.RELEASED, None)
        return [*effects, passed_on(case, person, scene)[0], told(person, "released")]
    again = Wait(kind=TimerKind.STILL, at=ask_at(case.ticket, scene, since=scene.now))
    if answer is Answer.YES:
        return [again, told(person, "still_yes")]
    if answer is Answer.VOID or case.ticket.state != TicketState.TAKEN:
        return [again]
    return [*_given_back(case, person, scene, why=GIVEN_UP), Tell(person=person, template="still_lapsed")]


def acted(asked: Asked) -> bool:
    """Tell whether whoever was asked did something instead of answering."""
    touched = asked.case.ticket.touched_at if asked.case else None
    return touched is not None and touched > asked.inquiry.asked_at


def _given_back(case: Case, person: str, scene: Scene, *, why: str) -> list[Effect]:
    return [*given_up(case, "", EventKind.RELEASED, why), passed_on(case, person, scene)[0]]
