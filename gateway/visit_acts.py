"""What an engineer does on their page or on that of a site: answer, arrive, have it signed; in one transaction each."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Literal

from gateway.files import File, Files
from gateway.inquiring import asked_of
from gateway.moves import Made, made_of
from gateway.signing import Seals
from gateway.standing import Standing
from gateway.visiting import bring, look_around
from router import moves
from router.effects import Effect
from router.inquiries import settled
from router.visiting import MOST_TRIES, signed, withdrawn
from store.model import OUT_STATES, Answer, InquiryKind, Visit
from store.visits import keep_picture
from store.writer import Tx, exclusive

Kind = Literal["accept", "decline", "arrive", "sign", "report"]
NOT_HERE: Final = Made(ok=False, answer="site_refused")
NOT_YOURS: Final = Made(ok=False, answer="visit_none")


@dataclass(frozen=True, kw_only=True, slots=True)
class Act:
    """One act of an engineer; `person` is "" where only the digits of a text tell who it is."""

    kind: Kind
    number: int
    person: str = ""
    how: str = "button"
    """How the arrival is known: button or position."""
    position: str = ""
    name: str = ""
    """Of the customer who signs."""
    picture: bytes = b""
    """PNG of the drawn signature; empty for a typed name."""
    site: str = ""
    """For report: the site whose code was scanned, and below the digits of the text."""
    digits: str = ""


class VisitActs:
    """The acts of the pages for engineers."""

    def __init__(self, standing: Standing, seals: Seals) -> None:
        self._standing = standing
        self._seals = seals

    @exclusive
    def make(self, tx: Tx, acts: Sequence[Act]) -> list[Made]:
        """Do each; only whoever was sent may, and a repeated act answers the same."""
        files = Files(tx, self._standing)
        made = [self._one(files, act) for act in acts]
        files.work.flush()
        return made

    def _one(self, files: Files, act: Act) -> Made:
        found = files.load_numbers([act.number])
        if not found:
            return NOT_HERE if act.kind == "report" else NOT_YOURS
        file = files.alive(found[0])
        bring(files, [file])
        if act.kind == "report":
            return self._report(files, file, act)
        visit = own(file, act.person)
        if visit is None or (act.kind != "sign" and visit.state not in OUT_STATES):
            return NOT_YOURS
        return made_of(files, file, _effects(files, file, visit, act))

    def _report(self, files: Files, file: File, act: Act) -> Made:
        """Take somebody who scanned the code of a site as there, when they were sent there."""
        out = [one for one in file.visits if one.state in OUT_STATES and one.engineer and at(file, one, act.site)]
        if act.person:
            visit = next((one for one in out if one.engineer == act.person), None)
        else:
            visit = self._known(files, out, act.digits)
        if visit is None or not visit.engineer:
            return NOT_HERE
        return made_of(files, file, moves.arrive(file.case(), visit.engineer, files.scene, how="code"))

    def _known(self, files: Files, out: Sequence[Visit], digits: str) -> Visit | None:
        """Find the visit of these digits; every visit has so many wrong tries, whoever makes them."""
        for visit in out:
            if visit.site_tries < MOST_TRIES and hmac.compare_digest(self._seals.digits(visit.id), digits):
                return visit
        for visit in out:
            files.work.change(visit, site_tries=visit.site_tries + 1)
        return None


def own(file: File, person: str) -> Visit | None:
    """Return the visit of a person that is under way, else the newest one that they were sent on."""
    newest = (one for one in reversed(file.visits) if one.engineer == person)
    return file.case().visit_of(person) or next(newest, None)


def at(file: File, visit: Visit, site: str) -> bool:
    """Tell whether a visit goes to a site."""
    return bool(site) and (file.ticket.site == site or site in visit.place)


def _effects(files: Files, file: File, visit: Visit, act: Act) -> list[Effect]:
    case, person, scene = file.case(), act.person, files.scene
    if act.kind == "arrive":
        return moves.arrive(case, person, scene, how=act.how, position=act.position)
    if act.kind == "sign":
        digest = sha256(act.picture).hexdigest() if act.picture else ""
        if digest:
            keep_picture(files.tx, digest, act.picture)
        return signed(visit, person, act.name, scene, picture=digest)
    return _answer(files, file, visit, act)


def _answer(files: Files, file: File, visit: Visit, act: Act) -> list[Effect]:
    """Answer the question whether they go, as a digit would."""
    look_around(files)
    answer = Answer.YES if act.kind == "accept" else Answer.NO
    for asked in asked_of(files, frozenset([act.person])):
        if asked.inquiry.kind == InquiryKind.VISIT and asked.inquiry.about == visit.id:
            return settled(asked, answer, files.scene)
    if answer is Answer.NO:
        return withdrawn(file.case(), act.person, files.scene)
    return [moves.told(act.person, "visit_noted")]
