"""The judge that learned from labelled messages: one number a word for each kind and level, added up. Pure.

The file is small and needs no library of learning: a line that describes it, the words, and for each word one row of
bytes. A row is read as one whole number, so that adding two rows adds all their fields at once, and a message is
judged by a single sum. `router/training.py` makes the file.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import nlargest
from math import exp, log, sqrt
from typing import Any, Final, get_args

from router.features import features, shown
from router.judge import Evidence, Facts, Reason
from router.rules import Kind, Level

CLASSES: Final = ("fault 1", "fault 2", "fault 3", *(kind for kind in get_args(Kind) if kind != "fault"))
"""What a message can be, in the order of the fields of a row."""
MAGIC: Final = b"yizhan judge 1\n"
FIELD: Final = 3
"""Bytes of one field; twelve bits would do for one word, the rest is room for a sum of 4,000."""
ZERO: Final = 1 << 11
"""What stands in a field for a weight of nothing, because a field has no sign."""
MOST: Final = 4000
"""Words of one message that are added up; a longer text is judged by its first ones."""
ROW: Final = FIELD * (len(CLASSES) + 1)
_MASK: Final = (1 << (8 * FIELD)) - 1
_LEVELS: Final[tuple[Level, ...]] = get_args(Level)
_OTHERS: Final[tuple[Kind, ...]] = tuple(kind for kind in get_args(Kind) if kind != "fault")
_SHOWN: Final = 4
_TELLS: Final = re.compile(r"[^\W_]|[?!]")
_FLOOR: Final = 1e-9


NOTHING_KNOWN: Final = Evidence(
    kinds={"fault": 2.0},
    levels={3: 2.0},
    reasons=(Reason(speaks_for="fault", weight=1.0, words="no word that the judge knows: a person looks at it"),),
)
"""Of a text in a script or a jargon that was never learned, and of an empty one."""


@dataclass(frozen=True, slots=True)
class Learned:
    """A model ready for use; the same model serves every message and keeps nothing between them."""

    header: Mapping[str, Any]
    rows: Mapping[str, int] = field(repr=False)
    """Word to its row: the weight for each of `CLASSES`, then the square of how rare the word is."""

    def evidence(self, facts: Facts) -> Evidence:
        """What the words say: natural logarithms of the shares of kinds and levels, and the words that decided."""
        known = self._known(facts)
        if all(word[0] in "\t^" for word, _ in known):
            return NOTHING_KNOWN
        shares = self._shares([row for _, row in known])
        return weighed(shares, tuple(self._reasons(facts, known, shares)))

    def _known(self, facts: Facts) -> list[tuple[str, int]]:
        rows = self.rows
        found = features(facts.reading)
        # Sorted, because the order of a set is another in every process and only the first ones count.
        words = sorted(found)[:MOST] if len(found) > MOST else found
        return [(word, rows[word]) for word in words if word in rows]

    def _shares(self, rows: Sequence[int]) -> list[float]:
        """The probability of each class; with no known word at all, what is usual."""
        total = sum(rows)
        fields = [total >> at & _MASK for at in range(0, 8 * ROW, 8 * FIELD)]
        length = sqrt(fields[-1] / self.header["rarity"]) or 1.0
        nothing = ZERO * len(rows)
        logits = [
            (bias + (one - nothing) / scale / length) * self.header["sharpness"]
            for one, bias, scale in zip(fields[:-1], self.header["bias"], self.header["scale"], strict=True)
        ]
        highest = max(logits)
        odds = [exp(logit - highest) for logit in logits]
        return [each / sum(odds) for each in odds]

    def _reasons(self, facts: Facts, known: Sequence[tuple[str, int]], shares: Sequence[float]) -> Iterable[Reason]:
        """Why this kind rather than the next one, and for a fault why this level; in the message's own words."""
        text = facts.reading.part("anywhere").text
        best = max(range(len(CLASSES)), key=shares.__getitem__)
        others = (
            range(len(_LEVELS), len(CLASSES)) if best < len(_LEVELS) else [n for n in range(len(CLASSES)) if n != best]
        )
        second = max(others, key=shares.__getitem__)
        kind: Kind = "fault" if best < len(_LEVELS) else _OTHERS[best - len(_LEVELS)]
        yield Reason(speaks_for=kind, weight=1.0, words=self._said(text, known, best, second))
        if kind == "fault":
            # The second level as well, because a doubt may let it act.
            for level in sorted(_LEVELS, key=lambda level: -shares[level - 1])[:2]:
                rest = max((n for n in range(len(_LEVELS)) if n != level - 1), key=shares.__getitem__)
                yield Reason(speaks_for=level, weight=1.0, words=self._said(text, known, level - 1, rest))

    def _said(self, text: str, known: Sequence[tuple[str, int]], this: int, other: int) -> str:
        """The words that weigh most for one class against another, put together where they overlap in the text."""
        low, high = 8 * FIELD * this, 8 * FIELD * other
        # Both fields carry the same ZERO; scaled apart it does not cancel out, and so it is taken off.
        here, there = self.header["scale"][this], self.header["scale"][other]
        level = ZERO / here - ZERO / there
        weighed = [((row >> low & _MASK) / here - (row >> high & _MASK) / there - level, word) for word, row in known]
        heaviest = [shown(word) for weight, word in nlargest(3 * _SHOWN, weighed) if weight > 0]
        parts = [part for part in together(text, [word for word in heaviest if word]) if _TELLS.search(part)]
        # A single character says little to a person, unless there is nothing longer.
        longer = [part for part in parts if len(part) > 1]
        said = ", ".join(f"“{part}”" for part in (longer or parts)[:_SHOWN])
        return f"words: {said}" if said else "words: nothing that stands out"


def weighed(shares: Sequence[float], reasons: tuple[Reason, ...] = ()) -> Evidence:
    """The probabilities of `CLASSES` as evidence: natural logarithms of the shares of kinds and of levels."""
    kinds: dict[Kind, float] = {"fault": log(sum(shares[: len(_LEVELS)]) + _FLOOR)}
    kinds.update({kind: log(share + _FLOOR) for kind, share in zip(_OTHERS, shares[len(_LEVELS) :], strict=True)})
    levels = {level: log(share + _FLOOR) for level, share in zip(_LEVELS, shares, strict=False)}
    return Evidence(kinds=kinds, levels=levels, reasons=reasons)


def together(text: str, words: Sequence[str]) -> list[str]:
    """The words as they stand in the text, those that overlap or touch as one; the heaviest first."""
    spans: list[tuple[int, int, int]] = []
    for rank, word in enumerate(words):
        at = text.find(word)
        if at >= 0:
            spans.append((at, at + len(word), rank))
    merged: list[tuple[int, int, int]] = []
    for start, end, rank in sorted(spans):
        if merged and start <= merged[-1][1]:
            before = merged[-1]
            merged[-1] = (before[0], max(before[1], end), min(before[2], rank))
        else:
            merged.append((start, end, rank))
    return [" ".join(text[start:end].split()) for start, end, _ in sorted(merged, key=lambda span: span[2])]


def load(data: bytes) -> Learned:
    """Read a model; raises ValueError when the bytes are none, or one of another make."""
    if not data.startswith(MAGIC):
        raise ValueError(
            "this is no model of the judge, or one of another version: make it anew with 'yizhan judge train'"
        )
    try:
        body = zlib.decompress(data[len(MAGIC) :])
        first, words, rows = body.split(b"\0", 2)
        header = json.loads(first)
    except (zlib.error, ValueError) as error:
        raise ValueError(f"the model of the judge is damaged: {error}") from error
    names = words.decode().split("\x01")
    if header.get("classes") != list(CLASSES) or len(rows) != ROW * len(names):
        raise ValueError("the model of the judge does not fit this version: make it anew with 'yizhan judge train'")
    numbers = [int.from_bytes(rows[at : at + ROW], "little") for at in range(0, len(rows), ROW)]
    return Learned(header=header, rows=dict(zip(names, numbers, strict=True)))


def dump(header: Mapping[str, Any], words: Sequence[str], rows: Sequence[Sequence[int]]) -> bytes:
    """Write a model: fields of `rows` are not below zero and already moved by `ZERO`; same input, same bytes."""
    first = json.dumps({**header, "classes": CLASSES}, sort_keys=True).encode()
    packed = b"".join(value.to_bytes(FIELD, "little") for row in rows for value in row)
    return MAGIC + zlib.compress(first + b"\0" + "\x01".join(words).encode() + b"\0" + packed, 9)
