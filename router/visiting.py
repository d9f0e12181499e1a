"""What the staff order and answer about visits: send somebody, accept or not, be on the way, give the code; pure."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from router import moves
from router.case import Case, Scene
from router.commands import Command
from router.dispatch import offers, packed, place_of
from router.effects import Announce, Change, Effect, Note, SendOnSite, SetVisit, Tell, TellCustomer
from router.grammar import Intent
from router.opening import blamed
from store.model import OUT_STATES, Answer, EventKind, Visit, VisitState

if TYPE_CHECKING:
    from router.inquiries import Asked

MOST_TRIES: Final = 5
"""Wrong codes for one visit; after that only a signature is proof."""
ORDERS: Final = frozenset({Intent.DISPATCH, Intent.LEAVE, Intent.PROVE, Intent.DECLINE})
WISHED: Final = ("place", "wanted", "contact", "phone", "bring")


def ordered(command: Command, case: Case, by: str, scene: Scene) -> list[Effect]:
    """Obey one of ORDERS on one ticket."""
    if command.intent is Intent.LEAVE:
        return leave(case, by, scene, minutes=command.minutes)
    if command.intent is Intent.PROVE:
        return prove(case, by, command.text or "", scene)
    if command.intent is Intent.DECLINE:
        return withdrawn(case, by, scene)
    if not command.person:
        return propose(case, by, scene)
    found = meant(command.person, scene)
    if len(found) != 1:
        names = " ".join(person.name for person in scene.settings.people.values() if person.engineer)
        return [moves.told(by, "visit_who", person=command.person, list=names)]
    return send(case, by, found[0], scene)


def meant(name: str, scene: Scene) -> list[str]:
    """Return the staff keys that a name can mean: the whole name or key first, then a part of it."""
    said, people = name.lower(), scene.settings.people
    whole = [key for key, person in people.items() if said and said in (key.lower(), person.name.lower())]
    return whole or [key for key, person in people.items() if said and said in person.name.lower()]


def propose(case: Case, by: str, scene: Scene) -> list[Effect]:
    """Name the best few whom to send, and why."""
    if not case.open:
        return moves.already(case, by)
    return [moves.told(by, "visit_offers", offers=best(case, scene))]


def best(case: Case, scene: Scene) -> str:
    """Pack the best few whom to send into a variable."""
    return packed(offers(case, scene)[: scene.settings.dispatch.offers])


def send(case: Case, by: str, to: str, scene: Scene) -> list[Effect]:
    """Send somebody on site: they are asked and must accept; whoever has the ticket keeps it.

    A ticket that nobody has is first taken by the one who sends. Whoever sends themselves need not be asked.
    """
    if not case.open:
        return moves.already(case, by)
    if to in blamed(case.ticket, scene):
        return [moves.told(by, "no_right")]
    if case.visit_of(to) is not None:
        return [moves.told(by, "visit_already", to=scene.name(to))]
    taken = moves.take(case, by, scene)[:-1] if case.waiting else []
    if case.waiting and by in blamed(case.ticket, scene):
        return moves.take(case, by, scene)
    if to == by:
        return [*taken, *goes(case, by, by, scene, state=VisitState.ACCEPTED), moves.told(by, "visit_noted")]
    limits = scene.settings.dispatch
    until = scene.now + (limits.answer_urgent if case.ticket.level == 1 else limits.answer)
    sent = goes(case, to, by, scene, state=VisitState.SENT, until=until)
    return [*taken, *sent, moves.told(by, "visit_sent", to=scene.name(to), until=until.isoformat())]


def goes(
    case: Case, engineer: str, by: str, scene: Scene, *, state: VisitState, until: datetime | None = None
) -> list[Effect]:
    """Write down that somebody goes or shall go; the customer's wish becomes that visit."""
    wish = case.wish
    last = case.visits[-1] if case.visits else None
    details = {name: getattr(last, name) for name in WISHED} if last else {"place": case.ticket.site}
    return [
        Note(kind=EventKind.DISPATCHED, actor=by, text=scene.name(engineer)),
        SendOnSite(
            engineer=engineer, by=by, visit=wish.id if wish else None, state=state, until=until, details=details
        ),
    ]


def answered(asked: Asked, answer: Answer, scene: Scene) -> list[Effect]:
    """Follow the answer of somebody who was asked to go; silence is a no."""
    visits = asked.case.visits if asked.case else ()
    visit = next((one for one in visits if one.id == asked.inquiry.about), None)
    if asked.case is None or visit is None or visit.state != VisitState.SENT:
        return [moves.told(asked.person, "already_settled")] if answer in (Answer.YES, Answer.NO) else []
    if answer is Answer.YES:
        return accepted(asked.case, visit, asked.person, scene)
    return declined(asked.case, visit, answer, scene)


def accepted(case: Case, visit: Visit, person: str, scene: Scene) -> list[Effect]:
    """Accept: who sent them hears it, the customer hears who comes."""
    said = [Tell(person=one, template="visit_accepted", variables={"who": person}) for one in senders(case, visit)]
    values = {"state": VisitState.ACCEPTED, "accepted_at": scene.now}
    announced = Announce(visit=visit.id, person=person)
    return [SetVisit(visit=visit.id, values=values), *said, announced, moves.told(person, "visit_yours")]


def declined(case: Case, visit: Visit, answer: Answer, scene: Scene) -> list[Effect]:
    """Decline, or say nothing in time: who sent them hears it with the next ones to send."""
    person = visit.engineer or ""
    values = {"state": VisitState.DECLINED, "ended_at": scene.now, "result": answer.value}
    after = [one for one in offers(case, scene) if one.person != person]
    given = {"who": person, "why": answer.value, "offers": packed(after[: scene.settings.dispatch.offers])}
    said = [Tell(person=one, template="visit_declined", variables=given) for one in senders(case, visit)]
    own = [moves.told(person, "visit_not_going")] if answer is Answer.NO else []
    return [SetVisit(visit=visit.id, values=values), *said, *own]


def withdrawn(case: Case, by: str, scene: Scene) -> list[Effect]:
    """Let somebody who accepted and is not there yet take it back."""
    visit = case.visit_of(by)
    if visit is None or visit.state == VisitState.ARRIVED:
        return [moves.told(by, "help")]
    return declined(case, visit, Answer.NO, scene)


def senders(case: Case, visit: Visit) -> list[str]:
    """Return who waits for the answer: who sent them, and who has the ticket."""
    return [one for one in dict.fromkeys((visit.by, case.ticket.owner)) if one and one != visit.engineer]


def leave(case: Case, by: str, scene: Scene, *, minutes: int | None = None) -> list[Effect]:
    """Be on the way: the customer hears who comes and in how many minutes; who was not sent goes all the same."""
    if not case.open:
        return moves.already(case, by)
    if case.waiting and by in blamed(case.ticket, scene):
        return moves.take(case, by, scene)
    visit = case.visit_of(by)
    if visit is not None and visit.state == VisitState.ARRIVED:
        return [moves.told(by, "visit_noted")]
    again = visit is not None and visit.state == VisitState.ON_THE_WAY
    if again and minutes is None:
        return [moves.told(by, "visit_noted")]
    effects: list[Effect] = moves.take(case, by, scene)[:-1] if case.waiting else []
    if visit is None:
        effects += goes(case, by, by, scene, state=VisitState.ON_THE_WAY)
    elif not again:
        values = {"state": VisitState.ON_THE_WAY, "accepted_at": visit.accepted_at or scene.now, "left_at": scene.now}
        effects += [Change(values={}), SetVisit(visit=visit.id, values=values)]
        effects += [Announce(visit=visit.id, person=by)] if visit.state == VisitState.SENT else []
    told = "customer_on_the_way_in" if minutes else "customer_on_the_way"
    given = {"who": by, "minutes": str(minutes or "")}
    return [
        *effects,
        Note(kind=EventKind.ON_THE_WAY, actor=by, text=f"{minutes} min" if minutes else ""),
        TellCustomer(template=told, variables=given),
        moves.told(by, "visit_noted"),
    ]


def digest(visit_id: int, code: str) -> str:
    """Return what is kept of a customer's code."""
    return sha256(f"{visit_id}:{code}".encode()).hexdigest()


def prove(case: Case, by: str, code: str, scene: Scene) -> list[Effect]:
    """Prove a visit by the code that the customer was told; it may still be given when the work is done."""
    visit = to_prove(case, by)
    if visit is None or not code:
        return [moves.told(by, "code_needed" if visit else "code_none")]
    if visit.proof:
        return [moves.told(by, "code_right")]
    if visit.tries < MOST_TRIES and digest(visit.id, code) == visit.code_digest:
        values = {"proof": "code", "proved_at": scene.now}
        note = Note(kind=EventKind.PROVED, actor=by, text="code")
        return [SetVisit(visit=visit.id, values=values), note, moves.told(by, "code_right")]
    left = MOST_TRIES - visit.tries - 1
    if left < 0:
        return [moves.told(by, "code_locked")]
    note = Note(kind=EventKind.COMMAND, actor=by, text="wrong code of the customer")
    wrong = moves.told(by, "code_wrong", count=str(left)) if left else moves.told(by, "code_locked")
    return [SetVisit(visit=visit.id, values={"tries": visit.tries + 1}), note, wrong]


def to_prove(case: Case, by: str) -> Visit | None:
    """Return the visit that a code is for: the person's own, else the only one under way, else the newest of all."""
    states = (*OUT_STATES, VisitState.DONE, VisitState.SECOND_LINE)
    known = [visit for visit in reversed(case.visits) if visit.state in states and visit.code_digest]
    own = [visit for visit in known if visit.engineer == by]
    return next(iter(own or known), None)


def signed(visit: Visit, by: str, name: str, scene: Scene, *, picture: str = "") -> list[Effect]:
    """Prove a visit by the customer's name, drawn (`picture` is the SHA-256 of the drawing) or typed."""
    if visit.proof == "signature":
        return [moves.told(by, "code_right")]
    values = {"proof": "signature", "proved_by": name, "proved_at": scene.now, "signature": picture}
    note = Note(kind=EventKind.PROVED, actor=by, text=name)
    return [SetVisit(visit=visit.id, values=values), note, moves.told(by, "code_right")]


def overdue(case: Case, visit_id: int, scene: Scene) -> list[Effect]:
    """Remind whoever has the ticket, else the lead, that the wanted time is near and nobody was sent."""
    visit = next((one for one in case.visits if one.id == visit_id), None)
    if visit is None or visit.wanted_at is None or not case.open or case.ticket.arrived_at:
        return []
    if any(one.state in OUT_STATES for one in case.visits):
        return []
    to = case.ticket.owner or scene.duty.lead
    variables = {"at": visit.wanted_at.isoformat(), "site": place_of(case.visits) or case.ticket.site}
    note = Note(kind=EventKind.WARNING, text="visit")
    return [note, Tell(person=to, template="visit_due", variables=variables)]
