"""How a swap and an absence are written: a name and days, days and a reason; pure.

"换班 李雷 11-28 11-30", "swap li 11-28 for 11-30", "请假 11-28 11-30 感冒", "away tomorrow flu".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from router.days import DAY
from router.grammar import courteous, skip

_BEFORE: Final = re.compile(r"(?:给|跟|和|与|with(?![a-z]))?[\s,、:]*")
_BETWEEN: Final = re.compile(
    r"[\s,、;&+~/-]*(?:换|和|到|至|与|跟|的班?|(?:for|and|to|till|until)(?![a-z]))?[\s,、~/-]*"
)
_FROM: Final = re.compile(r"(?:从|from(?![a-z]))?")
_NAME: Final = re.compile(r"[\u3400-\u9fff·]{1,8}|[a-z][a-z.'-]*(?: [a-z][a-z.'-]*)?")
LONGEST: Final = 12
"""Of what stands where a day should."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Swap:
    """Where the name stands, and the days as they were written."""

    name: tuple[int, int]
    days: tuple[str, ...]


def days_at(text: str, at: int) -> tuple[tuple[str, ...], int]:
    """Return a run of at most two days and the position after it."""
    days: list[str] = []
    here = skip(text, at)
    while len(days) < 2 and (found := DAY.match(text, here)):
        days.append(found[0])
        at = found.end()
        joined = _BETWEEN.match(text, at)
        here = joined.end() if joined else at
    return tuple(days), at


def swap_at(text: str, at: int) -> Swap | None:
    """Read "李雷 11-28 11-30"; None for what is neither a name with days nor a name with a short word."""
    lead = _BEFORE.match(text, skip(text, at))
    start = lead.end() if lead else at
    first = DAY.search(text, start)
    name = _NAME.match(text, start, first.start() if first else len(text))
    if name is None:
        return None
    here = skip(text, name.end())
    if first is not None and here == first.start():
        days, end = days_at(text, here)
        return Swap(name=(start, name.end()), days=days) if courteous(text, end) else None
    rest = text[here:]
    spaced = text[start - 1] == " " and (name.end() == len(text) or text[name.end()] == " ")
    if not spaced or len(rest) > LONGEST or " " in rest:
        return None
    return Swap(name=(start, name.end()), days=(rest,) if rest else ())


def away_at(text: str, at: int) -> tuple[tuple[str, ...], int]:
    """Read "11-28 11-30 感冒" or "从 11-28 到 11-30": the days and the position after them; a short word is kept."""
    found = _FROM.match(text, skip(text, at))
    days, end = days_at(text, found.end() if found else at)
    rest = text[at:].strip()
    if not days and text[at : at + 1] == " " and len(rest) <= LONGEST:
        return (rest,), len(text)
    return days, end
