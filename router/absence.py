"""Somebody went away after a ladder was planned: they are passed over, and the next one is asked at once. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from router.case import Case, Scene
from router.effects import Climb, Rung
from router.ladder import first_new, in_turn
from router.opening import blamed, own_ways, roster
from store.model import PageState


def passed_over(case: Case, skipped: Sequence[Rung], scene: Scene) -> Climb | None:
    """Return how a ladder goes on of which rungs were due for people who are away; None when it does by itself.

    It does while somebody else is being asked, as long as somebody who is there belongs to the step that repeats.
    """
    ticket = case.ticket
    start = ticket.plan_from
    if not skipped or start is None:
        return None
    done, ahead = case.rungs[: ticket.plan_next], case.rungs[ticket.plan_next :]
    there = tuple(rung for rung in ahead if not scene.absent(rung.person))
    orphaned = any(r.last for r in skipped) and all(scene.absent(r.person) for r in case.rungs if r.last)
    if _being_asked(case, scene) and not orphaned:
        return None
    following = first_new(there, case.asked())
    if following is not None:
        begin = min(start, scene.now - timedelta(seconds=following.after))
        return Climb(plan=case.rungs, start=begin, next=len(done), new_round=False)
    passed = (scene.now - start).total_seconds()
    others = in_turn(_others(case, scene), own_ways(case.rungs, ticket, scene))
    rest = sorted((*there, *(replace(r, after=r.after + passed) for r in others)), key=lambda rung: rung.after)
    return Climb(plan=(*done, *rest), start=start, next=len(done), new_round=False)


def _being_asked(case: Case, scene: Scene) -> bool:
    pages = (page for page in case.pages if page.round == case.ticket.round and page.state == PageState.OPEN)
    return any(not scene.absent(page.person) for page in pages)


def _others(case: Case, scene: Scene) -> list[str]:
    """Return everybody who is there: those not asked yet first, those who passed it on last."""
    avoided, asked = blamed(case.ticket, scene), case.asked()
    free = [person for person in roster(scene) if person not in avoided]
    return sorted(free, key=lambda person: (person in asked, case.open_page(person) is None))
