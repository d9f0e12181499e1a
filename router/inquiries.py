"""Questions to the staff that are no pages: which one a reply answers, and what a yes, a no or silence means.

Each kind has one function in FOLLOW, from a module of its own; a new kind of question is such a function, a value of
InquiryKind and the texts that ask it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from router import handover, still, swaps
from router.case import Case, Scene
from router.commands import Command
from router.effects import Answered, Effect, Note, Tell
from router.grammar import Intent
from router.visiting import answered as visit_answered
from store.model import Answer, EventKind, Inquiry, InquiryKind

NEWER = timedelta(seconds=60)
"""A page this much newer than a question is what a bare digit means; otherwise the person is asked which."""
BARE = timedelta(minutes=30)
"""A bare digit answers a question that stays open for hours this long; later only its own words do."""
LASTING = (InquiryKind.SWAP, InquiryKind.HANDOVER)
"""Questions that stay open while their person works on tickets, whose digits must not settle them."""
DIGITS = (Intent.TAKE, Intent.ESCALATE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """An open question with the ticket that it is about, where there is one."""

    inquiry: Inquiry
    case: Case | None = None
    kept: tuple[int, ...] = ()
    """Of a hand-over: numbers of the tickets that the previous lead has in hand."""

    @property
    def person(self) -> str:
        """Who was asked."""
        return self.inquiry.person


@dataclass(frozen=True, kw_only=True, slots=True)
class Meant:
    """The question that a reply answers, and how."""

    asked: Asked
    answer: Answer


Open = Sequence[Asked]
ANSWERS: Final[Mapping[Intent, Answer]] = {
    Intent.TAKE: Answer.YES,
    Intent.ACCEPT: Answer.YES,
    Intent.HANDOVER: Answer.YES,
    Intent.TEST: Answer.YES,
    Intent.ESCALATE: Answer.NO,
    Intent.DECLINE: Answer.NO,
}
WORDS: Final[Mapping[Intent, tuple[InquiryKind, ...]]] = {
    Intent.HANDOVER: (InquiryKind.HANDOVER,),
    Intent.TEST: (InquiryKind.DRILL,),
    Intent.ACCEPT: (InquiryKind.SWAP, InquiryKind.VISIT, InquiryKind.STILL, InquiryKind.HANDOVER),
    Intent.DECLINE: (InquiryKind.SWAP, InquiryKind.VISIT, InquiryKind.STILL, InquiryKind.HANDOVER),
}
"""Words that can only mean questions of these kinds; digits may mean any, or a page."""


def meant(
    command: Command, inquiries: Open, *, pages: Sequence[Case], pointed: int | None, now: datetime, method: str = ""
) -> Meant | Open | None:
    """Return the question that a command answers, several where nobody can tell, None where it is about tickets.

    `pages` are the tickets whose page waits for this person's answer, `pointed` is the inquiry that the way of the
    reply points at: the call in which the digit was pressed, the text whose button was; `method` is the way by which
    it came, since a drill is passed only by the way that it proves.
    """
    answer = ANSWERS.get(command.intent)
    if answer is None or not inquiries:
        return None
    if pointed is not None:
        found = [one for one in inquiries if one.inquiry.id == pointed]
    elif command.numbers:
        found = [one for one in inquiries if one.case is not None and one.case.number in command.numbers]
        found = [one for one in found if command.intent is not Intent.ESCALATE or not _owns(one)]
    else:
        kinds = WORDS.get(command.intent, tuple(InquiryKind))
        found = _by_method([one for one in inquiries if one.inquiry.kind in kinds], method)
        if command.intent in DIGITS:
            found = [one for one in found if not late(one, now)]
        if command.intent in DIGITS and pages and found:
            return None if command.intent is Intent.ESCALATE or _newer(pages, found) else found
    if len(found) > 1:
        return found
    return Meant(asked=found[0], answer=answer) if found else None


def late(asked: Asked, now: datetime) -> bool:
    """Tell whether a question was asked so long ago that a bare digit is no answer to it any more."""
    return asked.inquiry.kind in LASTING and now - asked.inquiry.asked_at > BARE


def _by_method(found: Open, method: str) -> list[Asked]:
    """Leave out the drills of other methods where one of this method waits; a call is proved by its own digit only."""
    drills = [one for one in found if one.inquiry.kind == InquiryKind.DRILL]
    own = [one for one in drills if one.inquiry.method == method]
    own = own or [one for one in drills if one.inquiry.method != "voice"][-1:]
    return [one for one in found if one not in drills] + own


def _owns(asked: Asked) -> bool:
    return asked.case is not None and asked.case.ticket.owner == asked.person


def _newer(pages: Sequence[Case], found: Open) -> bool:
    """Tell whether a page came so much later than the questions that a digit can only mean it."""
    latest = max(one.inquiry.asked_at for one in found)
    opened = [page.asked_at for case in pages for page in case.pages if page.state == "open"]
    return bool(opened) and max(opened) - latest > NEWER


Follow = Callable[[Asked, Answer, Scene], list[Effect]]


def settled(asked: Asked, answer: Answer, scene: Scene) -> list[Effect]:
    """Say what an answer to a question causes, silence included."""
    inquiry = asked.inquiry
    if answer is Answer.LAPSED and inquiry.kind == InquiryKind.STILL and still.acted(asked):
        # Whoever does something to a ticket need not say as well that they are on it.
        return [Answered(inquiry=inquiry.id, answer=Answer.VOID), *still.answered(asked, Answer.VOID, scene)]
    who = inquiry.person if answer in (Answer.YES, Answer.NO) else ""
    effects: list[Effect] = [
        Answered(inquiry=inquiry.id, answer=answer, by=who),
        Note(kind=EventKind.ANSWERED, actor=who, text=answer, more={"about": inquiry.kind, "person": inquiry.person}),
    ]
    return [*effects, *FOLLOW[InquiryKind(inquiry.kind)](asked, answer, scene)]


def stale(asked: Asked) -> bool:
    """Tell whether a question no longer matters, since its ticket went on without it."""
    case = asked.case
    if case is None:
        return False
    # Who was sent on site is still needed when the ticket goes to somebody else.
    gone_on = asked.inquiry.kind != InquiryKind.VISIT and case.ticket.round != asked.inquiry.round
    return not case.open or gone_on


def drilled(asked: Asked, answer: Answer, scene: Scene) -> list[Effect]:
    """Thank somebody whose phone was proved; silence is told to whoever reads the results."""
    del scene
    return [Tell(person=asked.person, template="test_ok", answer=True)] if answer is Answer.YES else []


def noted(asked: Asked, answer: Answer, scene: Scene) -> list[Effect]:
    """Keep the answer and nothing more."""
    del asked, answer, scene
    return []


FOLLOW: Final[Mapping[InquiryKind, Follow]] = {
    InquiryKind.DRILL: drilled,
    InquiryKind.STILL: still.answered,
    InquiryKind.HANDOVER: handover.answered,
    InquiryKind.SWAP: swaps.answered,
    InquiryKind.VISIT: visit_answered,
}
