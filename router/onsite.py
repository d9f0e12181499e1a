"""What an arrival, a repair and a hand-over to the second line mean for the visits of a ticket; pure.

It knows no move, so that every move may ask it.
"""

from __future__ import annotations

from router.case import Case, Scene
from router.effects import Effect, SetVisit, Tell
from store.model import OUT_STATES, Visit, VisitState


def arrived(case: Case, by: str, scene: Scene, *, how: str = "reply", position: str = "") -> list[Effect]:
    """Write an arrival into the person's visit, once; whoever just goes makes the customer's wish theirs.

    `how` is reply, button, code (of the site) or position; `position` is "latitude,longitude,accuracy in metres".
    """
    visit = case.visit_of(by) or case.wish
    if visit is None or visit.state == VisitState.ARRIVED:
        return []
    values = {
        "state": VisitState.ARRIVED,
        "engineer": by,
        "accepted_at": visit.accepted_at or scene.now,
        "arrived_at": scene.now,
        "arrived_by": how,
        "position": position,
    }
    return [SetVisit(visit=visit.id, values=values)]


def resolved(case: Case, by: str, text: str, scene: Scene) -> list[Effect]:
    """End all visits of a ticket that is settled: done with this report, or called off where nobody was there yet."""
    effects: list[Effect] = []
    for visit in case.visits:
        if visit.state == VisitState.ASKED or visit.state in OUT_STATES:
            done = there(visit, by) or (visit.engineer is None and case.ticket.arrived_at is not None)
            effects.append(ended(visit, VisitState.DONE if done else VisitState.CALLED_OFF, text, scene))
            if not done and visit.engineer and visit.engineer != by:
                effects.append(Tell(person=visit.engineer, template="visit_off"))
    return effects


def handed_on(case: Case, by: str, why: str, scene: Scene) -> list[Effect]:
    """End the visits of those who were there and could not solve it: the second line goes on (contract, 4 h + 4 h)."""
    out = [visit for visit in case.visits if visit.state in OUT_STATES and there(visit, by)]
    return [ended(visit, VisitState.SECOND_LINE, why, scene) for visit in out]


def there(visit: Visit, by: str) -> bool:
    """Tell whether a visit was made: its engineer arrived, or speaks of the work as done."""
    return visit.state == VisitState.ARRIVED or visit.engineer == by


def ended(visit: Visit, state: VisitState, text: str, scene: Scene) -> SetVisit:
    """End a visit."""
    values = {"state": state, "ended_at": scene.now, "report": text if state != VisitState.CALLED_OFF else ""}
    return SetVisit(visit=visit.id, values=values)
