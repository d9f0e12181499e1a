"""The moves that come from a page or the API: the same decisions as those that come by text, with the answer shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from gateway import handing
from gateway.files import File, Files
from gateway.perform import perform
from gateway.relations import became, follow, relatives, spelled_out
from gateway.standing import Standing
from gateway.visiting import bring, look_around
from router import swaps
from router.commands import Command
from router.effects import Change, Effect, Note, Tell
from router.grammar import Intent
from router.orders import Speaker, obey
from router.pairs import PAIRS
from store.model import Shift, ShiftState
from store.writer import Tx, exclusive

STALE = "stale"
"""The answer when the ticket changed since the page was shown."""
REFUSED = frozenset(
    {
        STALE,
        "too_late",
        "already_settled",
        "not_snoozed",
        "nothing_to_undo",
        "who_is_that",
        "unknown_ticket",
        "nothing_open",
        "resolve_needs_text",
        "help",
        "no_right",
        "status",
        "status_merged",
        "status_similar",
        "not_merged",
        "not_child",
        "not_apart",
        "needs_two",
        "no_children",
        "no_message",
        "split_whole",
        "swap_refused",
        "hold_needs_text",
        "workaround_needs_text",
        "second_line_needs_text",
        "visit_already",
        "visit_who",
        "code_needed",
        "code_none",
        "code_wrong",
        "code_locked",
    }
)
"""Answers that say that nothing was done."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """One person wants one move on one ticket; `version` is the one that the person was looking at."""

    person: str
    number: int
    command: Command
    version: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Made:
    """What became of it; `answer` is the template of the answer that a text would have got."""

    ok: bool
    answer: str
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class StandIn:
    """Somebody stands in for a role; without `until` for good, with one not in the future no longer."""

    role: str
    person: str
    until: datetime | None
    by: str


class Moves:
    """The moves of the pages."""

    def __init__(self, standing: Standing) -> None:
        self._standing = standing

    @exclusive
    def make(self, tx: Tx, wishes: Sequence[Wish]) -> list[Made]:
        """Make each move; a repeated one finds the ticket changed and does nothing."""
        files = Files(tx, self._standing)
        made = [_make(files, wish) for wish in wishes]
        files.work.flush()
        return made

    @exclusive
    def stand_in(self, tx: Tx, items: Sequence[StandIn]) -> list[None]:
        """Write down who stands in for a role; an `until` that is over ends what holds now."""
        files = Files(tx, self._standing)
        for one in items:
            _stand_in(files, one)
        files.work.flush()
        return [None] * len(items)

    @exclusive
    def swap(self, tx: Tx, wishes: Sequence[swaps.Wish]) -> list[Made]:
        """Ask for each swap of shifts, or say why it cannot be."""
        files = Files(tx, self._standing)
        made = []
        for wish in wishes:
            effects = swaps.proposed(wish, files.scene)
            perform(files, None, [effect for effect in effects if not _is_answer(effect)])
            made.append(_answer(effects))
        files.work.flush()
        return made


def _stand_in(files: Files, one: StandIn) -> None:
    now = files.tx.now
    if one.until is not None and one.until <= now:
        for shift in files.plan.shifts:
            if shift.role == one.role and shift.begins <= now:
                files.work.change(shift, state=ShiftState.WITHDRAWN)
        handing.changed(files)
        return
    shift = Shift(
        id=files.work.id(),
        role=one.role,
        person=one.person,
        begins=now,
        ends=one.until,
        state=ShiftState.IN_FORCE,
        by=one.by,
        at=now,
    )
    files.work.add(shift)
    handing.changed(files)


def _make(files: Files, wish: Wish) -> Made:
    found = files.load_numbers([wish.number])
    if not found:
        return Made(ok=False, answer="unknown_ticket")
    file = found[0]
    # To take twice is harmless and is answered from the ticket's state; everything else must mean what was seen.
    if wish.command.intent is not Intent.TAKE and wish.version not in (None, file.ticket.version):
        return Made(ok=False, answer=STALE)
    files.work.flush()
    others = wish.command.numbers if wish.command.intent in PAIRS else ()
    files.load_numbers(others)
    relatives(files)
    bring(files)
    if wish.command.intent is Intent.DISPATCH:
        look_around(files)
    command = spelled_out(files, replace(wish.command, number=wish.number, numbers=(wish.number, *others)))
    cases = {number: one.case() for number, one in files.by_number.items()}
    ordered = obey(command, Speaker(person=wish.person, cases=cases, became=became(files)), files.scene)
    for number, effects in ordered.on:
        _perform(files, files.by_number[number], effects)
    for number, _ in ordered.on:
        follow(files, files.by_number[number])
    return _answer([*(effect for _, some in ordered.on for effect in some), *ordered.said])


def made_of(files: Files, file: File, effects: Sequence[Effect]) -> Made:
    """Carry out a decision that a page asked for, and say what a text would have been answered."""
    _perform(files, file, effects)
    follow(files, file)
    return _answer(effects)


def _perform(files: Files, file: File, effects: Sequence[Effect]) -> None:
    acting = [_by_page(effect) for effect in effects if not _is_answer(effect)]
    if acting and not any(isinstance(effect, Change) for effect in acting):
        # Every move made from a page changes the version, so that a form sent twice is recognised.
        acting.insert(0, Change(values={}))
    perform(files, file, acting)


def _by_page(effect: Effect) -> Effect:
    return replace(effect, more={**effect.more, "by": "web"}) if isinstance(effect, Note) else effect


def _is_answer(effect: Effect) -> bool:
    return isinstance(effect, Tell) and effect.answer


def _answer(effects: Sequence[Effect]) -> Made:
    answers = [effect for effect in effects if isinstance(effect, Tell) and effect.answer]
    if not answers:
        return Made(ok=True, answer="done")
    last = answers[-1]
    return Made(ok=last.template not in REFUSED, answer=last.template, variables=last.variables)
