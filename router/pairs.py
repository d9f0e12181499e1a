"""Orders about how matters hang together: which two (or which family) is meant, and what follows. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from router import family, merging
from router.case import Case, Scene
from router.commands import Command
from router.effects import Effect, EndSuggestion, Note
from router.grammar import Intent
from router.merging import On
from router.moves import told
from store.model import EventKind, SuggestionState

PAIRS = frozenset({Intent.MERGE, Intent.CHILD, Intent.APART, Intent.DISMISS, Intent.RESOLVE_ALL})
Cases = Mapping[int, Case]


def paired(command: Command, by: str, cases: Cases, scene: Scene) -> tuple[On, list[Effect]]:
    """Return effects by ticket number, and what is said without a ticket.

    `cases` holds the tickets named, those that they became parts of, their parents and their children.
    """
    needed = 2 if command.intent in (Intent.MERGE, Intent.CHILD, Intent.DISMISS) else 1
    numbers = command.numbers
    unknown = next((number for number in numbers if number not in cases), None)
    if unknown is not None:
        return [], [told(by, "unknown_ticket", number=str(unknown))]
    if len(numbers) != needed:
        return [], [told(by, "needs_two" if needed == 2 else "help")]
    one = cases[numbers[0]]
    if needed == 1:
        return alone(command, one, by, cases, scene), []
    other = alive(cases[numbers[1]], cases)
    if command.intent is Intent.DISMISS:
        return dismissed(one, other, by), []
    if command.intent is Intent.CHILD:
        parent = of_id(other.ticket.parent_id, cases) or other
        return family.adopt(one, parent, by, scene, children=children_of(one, cases)), []
    return merging.merge(one, other, by, scene, children=children_of(one, cases)), []


def alone(command: Command, one: Case, by: str, cases: Cases, scene: Scene) -> On:
    """Obey an order about one ticket and its family."""
    if command.intent is Intent.RESOLVE_ALL:
        return family.resolve_all(one, children_of(one, cases), by, scene, text=command.text)
    into, parent = of_id(one.ticket.merged_id, cases), of_id(one.ticket.parent_id, cases)
    if one.merged and into is not None:
        return merging.unmerge(one, into, by, scene)
    if parent is not None:
        return family.leave(one, parent, by)
    return [(one.number, [told(by, "not_apart")])]


def dismissed(one: Case, other: Case, by: str) -> On:
    """Write down that two tickets are two matters."""
    end = EndSuggestion(other=other.ticket.id, state=SuggestionState.DISMISSED, by=by)
    note = Note(kind=EventKind.DISMISSED, actor=by, text=f"!= {other.number}", more={"other": other.number})
    return [(one.number, [end, note, told(by, "dismissed", other=str(other.number))])]


def children_of(parent: Case, cases: Cases) -> list[Case]:
    """Return the children of a ticket, oldest first."""
    return [case for _, case in sorted(cases.items()) if case.ticket.parent_id == parent.ticket.id]


def of_id(ident: int | None, cases: Cases) -> Case | None:
    """Return the ticket of an id."""
    return next((case for case in cases.values() if case.ticket.id == ident), None) if ident is not None else None


def alive(case: Case, cases: Cases) -> Case:
    """Return the ticket that somebody who names this one means: what it became a part of, and that in turn."""
    seen: set[int] = set()
    while case.ticket.merged_id is not None and case.number not in seen:
        seen.add(case.number)
        case = of_id(case.ticket.merged_id, cases) or case
    return case


def foremost(numbers: tuple[int, ...], cases: Cases) -> tuple[int, ...]:
    """Leave out the children whose parent is among these tickets: who has both means the outage."""
    ids = {cases[number].ticket.id for number in numbers}
    return tuple(number for number in numbers if cases[number].ticket.parent_id not in ids)
