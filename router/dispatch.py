"""Whom to send on site: who is near, who knows the system, who is free; with the reasons. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

from router.case import Case, Outing, Scene
from router.opening import blamed
from router.plain import plain
from router.settings import Person
from store.model import Ticket, Visit, VisitState


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """One engineer, and what speaks for sending them; what does not is empty."""

    person: str
    name: str
    near: str = ""
    """The area of theirs in which the site lies."""
    knows: tuple[str, ...] = ()
    """Systems of the ticket that they know."""
    on: tuple[int, ...] = ()
    """Tickets that they are out for; free without."""


def candidates(
    ticket: Ticket,
    people: Mapping[str, Person],
    *,
    out: Iterable[Outing] = (),
    but: Collection[str] = (),
    place: str = "",
) -> list[Candidate]:
    """Rank the engineers: the free ones first, then by nearness and by what they know, then as configured.

    `but` are those who cannot go: away, declined, blamed. `place` is where a visit goes, when it is not the site.
    """
    outings = list(out)
    where = plain(f"{ticket.site} {place}")
    what = plain(f"{ticket.title} {ticket.symptom}")
    found = [
        Candidate(
            person=key,
            name=person.name,
            near=next((area for area in person.areas if _lies(area, where)), ""),
            knows=tuple(skill for skill in person.skills if _names(skill, what)),
            on=tuple(sorted({one.number for one in outings if one.person == key})),
        )
        for key, person in people.items()
        if person.engineer and key not in but
    ]
    return sorted(found, key=lambda one: (len(one.on), -(bool(one.near) + bool(one.knows)), -len(one.knows)))


def offers(case: Case, scene: Scene) -> list[Candidate]:
    """Return whom to send for a ticket now: not who is away, declined, is blamed or goes already."""
    refused = {v.engineer for v in case.visits if v.state == VisitState.DECLINED and v.engineer}
    going = {v.engineer for v in case.visits if v.engineer and case.visit_of(v.engineer)}
    away = {person for person in scene.settings.people if scene.absent(person)}
    but = {*away, *refused, *going, *blamed(case.ticket, scene)}
    return candidates(case.ticket, scene.settings.people, out=scene.out, but=but, place=place_of(case.visits))


def place_of(visits: Sequence[Visit]) -> str:
    """Return where the newest visit that says so goes."""
    return next((visit.place for visit in reversed(visits) if visit.place), "")


def packed(found: Sequence[Candidate]) -> str:
    """Pack candidates into one variable of a text; the words for it are the gateway's."""
    return json.dumps([asdict(one) for one in found], ensure_ascii=False)


def _lies(area: str, where: str) -> bool:
    """Tell whether a site lies in an area; of two names the shorter may be a part of the longer."""
    said, site = plain(area).strip(), where.strip()
    return bool(said) and (said in where or (len(site) > 1 and site in said))


def _names(skill: str, text: str) -> bool:
    """Tell whether a text names a system; Latin names count as whole words."""
    said = plain(skill).strip()
    if not said:
        return False
    if said.isascii():
        return re.search(rf"(?<![a-z0-9]){re.escape(said)}(?![a-z0-9])", text) is not None
    return said in text
