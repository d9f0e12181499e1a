"""What the API says when a move on a broadcast was not made: why, and the cure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

FORBIDDEN: Final = frozenset({"no_right", "own_broadcast"})
"""Answers that are a 403; the others are a 409."""
WRONG: Final[Mapping[str, str]] = {"past": "at", "no_package": "package"}
"""Answers that blame one place of what was sent, and are a 422."""
SAID: Final[Mapping[str, tuple[str, str]]] = {
    "stale": ("it was changed meanwhile: it is at version {version} now", "look at it again, then repeat"),
    "not_now": ("this cannot be done while it is {state}", "what can be done now: {may}"),
    "no_right": ("{by} has not the right to do this", "give the right to them in router.people.{by}.rights"),
    "own_broadcast": (
        "{by} had a hand in it, and nobody approves their own",
        "ask somebody else who has the right to approve",
    ),
    "wrong_count": ("the list has {count} messages, not {given}", "look at it again; if that is meant, type {count}"),
    "past": ("is not in the future", "give an instant to come"),
    "no_package": ("there is no such package, or it is not whole", "yizhan broadcast package lists what there is"),
    "problems": ("{problems}", "yizhan broadcast preview shows each; correct the draft"),
    "number_taken": ("somebody else took the same number at this instant", "send it again"),
}
NOBODY: Final[Mapping[str, tuple[str, str]]] = {
    "retry": ("nobody is in such a state", "retry takes failed, unknown or both"),
    "recall": ("there is nothing that could be taken back", "what was never sent needs no recall"),
    "": ("its audience comes to nobody", "yizhan broadcast preview says who is left out and why"),
}
"""The answer `nobody` by move."""


def said(answer: str, move: str, known: Mapping[str, str]) -> tuple[str, str]:
    """Return what is wrong and the cure, in words."""
    what, cure = SAID[answer] if answer != "nobody" else NOBODY.get(move, NOBODY[""])
    return what.format_map(_Known(known)), cure.format_map(_Known(known))


class _Known(dict[str, str]):
    """Names what is not known, so that words are never missing."""

    def __missing__(self, key: str) -> str:
        return f"({key})"
