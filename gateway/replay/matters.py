"""How well messages were put together: precision and recall of "same matter" over the pairs of a conversation. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from gateway.replay.quick import Told


@dataclass(slots=True)
class Tally:
    """Counts over conversations, and every mistake with where it stands."""

    conversations: int = 0
    messages: int = 0
    together: int = 0
    """Pairs in one ticket that are of one matter."""
    put: int = 0
    """Pairs in one ticket."""
    meant: int = 0
    """Pairs of one matter."""
    mistakes: list[dict[str, Any]] = field(default_factory=list)

    def add(self, name: str, told: Sequence[Told]) -> None:
        """Count one conversation; what the staff say, and messages without a label, make no pairs."""
        told = [one for one in told if not one.staff]
        labelled = [one for one in told if one.line.matter != ""]
        self.conversations += 1
        self.messages += len(labelled)
        for a, b in combinations([one for one in labelled if one.line.matter], 2):
            put, meant = a.ticket is not None and a.ticket == b.ticket, a.line.matter == b.line.matter
            self.together += put and meant
            self.put += put
            self.meant += meant
            if put != meant:
                self._note("put together" if put else "put apart", name, a, b)
        for one in labelled:
            if one.line.matter is None and one.ticket is not None and not one.opened:
                self._note("joined", name, one)
            if one.line.matter and one.ticket is None:
                self._note("ignored", name, one)
        for one in _opened_wrongly(told):
            self._note("opened", name, one)

    def _note(self, what: str, name: str, *told: Told) -> None:
        self.mistakes.append(
            {
                "mistake": what,
                "conversation": name,
                "messages": [one.line.id for one in told],
                "matters": [one.line.matter for one in told],
                "tickets": [one.ticket for one in told],
                "texts": [one.line.text for one in told],
            }
        )

    def figures(self) -> dict[str, Any]:
        """Return what `yizhan replay --evaluate` prints; a share of nothing is 1."""
        return {
            "conversations": self.conversations,
            "messages": self.messages,
            "pairs": self.meant,
            "precision": round(self.together / self.put, 4) if self.put else 1.0,
            "recall": round(self.together / self.meant, 4) if self.meant else 1.0,
            "put_together_wrongly": self._count("put together"),
            "put_apart_wrongly": self._count("put apart"),
            "opened_wrongly": self._count("opened"),
            "joined_wrongly": self._count("joined"),
            "ignored_wrongly": self._count("ignored"),
        }

    def _count(self, what: str) -> int:
        return sum(one["mistake"] == what for one in self.mistakes)


def _opened_wrongly(told: Iterable[Told]) -> list[Told]:
    """Return what opened a ticket and belongs to nothing, to nothing new, or is so slight that nobody labelled it."""
    first: dict[str, int] = {}
    wrong = []
    for one in told:
        if one.ticket is None:
            continue
        if one.opened and (not one.line.matter or first.get(one.line.matter, one.ticket) != one.ticket):
            wrong.append(one)
        if one.line.matter:
            first.setdefault(one.line.matter, one.ticket)
    return wrong
