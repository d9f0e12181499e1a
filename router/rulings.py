"""What a site's own rules force and forbid, above everything that the judges weigh. Pure.

Two rules that force different things are a contradiction: the worse one acts, and the other stays near enough to be
shown as a doubt. What is forced and forbidden at once is one as well, between it and what would have been chosen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import TypeVar

from router.rules import Hit, Kind, Level

_Choice = TypeVar("_Choice", Kind, Level)
WORST_KINDS: tuple[Kind, ...] = (
    "fault",
    "emergency_support",
    "complaint",
    "site_visit",
    "change_request",
    "consultation",
    "followup",
    "praise_or_chat",
)
"""The kind that costs most when it is missed comes first."""
WORST_LEVELS: tuple[Level, ...] = (1, 2, 3)
_ACTS, _CONTRADICTS = 1.0, 0.5
"""Weights of what acts and of what contradicts it: near enough for a doubt, whatever the judges found."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ruling:
    """One rule that holds and forces, or forbids, a kind or a level."""

    kind: Kind | None
    level: Level | None
    force: bool
    words: str
    """Its name and what made it hold."""


def ruling(hit: Hit, words: str) -> Ruling:
    """Make a ruling of a rule that holds."""
    rule = hit.rule
    forbids = f"not {rule.kind or f'level {rule.level}'}: {words}"
    return Ruling(kind=rule.kind, level=rule.level, force=rule.force, words=words if rule.force else forbids)


def ruled_kinds(weights: Mapping[Kind, float], rulings: Sequence[Ruling]) -> dict[Kind, float]:
    """Return the weights of the kinds as the rulings leave them."""
    forced = {one.kind for one in rulings if one.force and one.kind is not None}
    forbidden = {one.kind for one in rulings if not one.force and one.kind is not None}
    return _ruled(weights, WORST_KINDS, forced, forbidden)


def ruled_levels(weights: Mapping[Level, float], rulings: Sequence[Ruling]) -> dict[Level, float]:
    """Return the weights of the levels as the rulings leave them."""
    forced = {one.level for one in rulings if one.force and one.level is not None}
    forbidden = {one.level for one in rulings if not one.force and one.level is not None}
    return _ruled(_passed_on(weights, forbidden), WORST_LEVELS, forced, forbidden)


def _passed_on(weights: Mapping[Level, float], forbidden: set[Level]) -> dict[Level, float]:
    """Let the next milder level that is free inherit what speaks for a forbidden one: an outage is no trifle then."""
    passed = dict(weights)
    for level in WORST_LEVELS:
        milder = [one for one in WORST_LEVELS if one > level and one not in forbidden]
        if level in forbidden and milder:
            passed[milder[0]] = max(passed[milder[0]], weights[level])
    return passed


def _ruled(
    weights: Mapping[_Choice, float], worst: Sequence[_Choice], forced: set[_Choice], forbidden: set[_Choice]
) -> dict[_Choice, float]:
    """Leave what is free, or what is forced; where everything is forbidden nothing is."""
    free = [choice for choice in worst if choice not in forbidden] or list(worst)
    if not forced:
        return {choice: weights[choice] if choice in free else -inf for choice in worst}
    if forced & forbidden:
        forced = forced | {max(free, key=weights.__getitem__)}
    acts = next(choice for choice in worst if choice in forced)
    return {choice: _ACTS if choice == acts else _CONTRADICTS if choice in forced else -inf for choice in worst}
