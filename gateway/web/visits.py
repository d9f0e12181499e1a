"""What the pages tell of a visit: who goes, how far they are, how their arrival is known, and the proof; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.terms import offers_word
from gateway.web.view import Eye
from router.dispatch import Candidate, packed
from store.model import OUT_STATES, Visit, VisitState

TIMES: Final = ("sent_at", "accepted_at", "left_at", "arrived_at", "ended_at")
MADE: Final = (VisitState.ARRIVED, VisitState.DONE, VisitState.SECOND_LINE)
"""Somebody was there, so that a proof can be asked for."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Outing:
    """One visit that somebody was sent on."""

    ident: int
    person: str
    key: str
    state: str
    by: str
    times: tuple[tuple[str, str], ...]
    """What happened, and when."""
    position: str
    proof: str
    """In words; that there is none yet is said where somebody was there."""
    report: str
    picture: bool
    """The customer's signature was drawn."""
    out: bool
    """It is not over."""


def requested(visit: Visit, eye: Eye) -> tuple[tuple[str, str], ...]:
    """Lay out what a visit asks for; the instant stands behind the words where they left no doubt."""
    at = f"({visit.wanted_at.astimezone(eye.zone):%m-%d %H:%M})" if visit.wanted_at else ""
    said = {
        "place": visit.place,
        "wanted": " ".join(part for part in (visit.wanted, at) if part),
        "contact": visit.contact,
        "phone": visit.phone,
        "bring": visit.bring,
    }
    return tuple((eye.words(f"visit.{name}"), text) for name, text in said.items() if text)


def outing(visit: Visit, eye: Eye) -> Outing:
    """Lay out how far a visit is."""
    return Outing(
        ident=visit.id,
        person=eye.name(visit.engineer),
        key=visit.engineer or "",
        state=eye.words.named("visit_state", visit.state),
        by=eye.words("visit_by", who=eye.name(visit.by)) if visit.by and visit.by != visit.engineer else "",
        times=_times(visit, eye),
        position=position(visit.position, eye),
        proof=proof(visit, eye),
        report=visit.report,
        picture=bool(visit.signature),
        out=visit.state in OUT_STATES,
    )


def _times(visit: Visit, eye: Eye) -> tuple[tuple[str, str], ...]:
    told = []
    for name in TIMES:
        instant = getattr(visit, name)
        how = eye.words.named("arrived_by", visit.arrived_by) if name == "arrived_at" and visit.arrived_by else ""
        if instant is not None:
            told.append((eye.words.named("visit_time", name), f"{eye.at(instant)}{f' ({how})' if how else ''}"))
    return tuple(told)


def position(given: str, eye: Eye) -> str:
    """Write the position that a phone gave: "30.24612, 120.19912, within about 12 m"."""
    if not given:
        return ""
    latitude, longitude, metres = given.split(",")
    return f"{latitude}, {longitude} ({eye.words('visit_metres', m=metres)})"


def proof(visit: Visit, eye: Eye) -> str:
    """Say by what a visit is proved."""
    if visit.proof:
        who = eye.words("visit_by_signature", who=visit.proved_by)
        return f"{eye.words('visit_by_code') if visit.proof == 'code' else who} {eye.at(visit.proved_at)}"
    return eye.words("visit_no_proof") if visit.state in MADE else ""


def choices(found: Sequence[Candidate], names: Mapping[str, str], language: str) -> list[tuple[str, str]]:
    """Return (key, words) of everybody who may be sent: the ranked ones with their reasons, then the others."""
    ranked = [(one.person, offers_word(packed([one]), language)) for one in found]
    known = {key for key, _ in ranked}
    return [*ranked, *((key, name) for key, name in names.items() if key not in known)]
