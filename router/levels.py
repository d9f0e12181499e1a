"""How a person gives a ticket its level: "级别 2 1042", "1042 P1", "1042 改为一级"; pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from router.grammar import Intent, courteous, numbers_at, skip, verb_at

LEVEL: Final = re.compile(
    r"(?P<verb>(?:(?:级别|等级|定级|改级|升级|降级|level|lvl)[\s:]*)?(?:(?:改|升|降|调|定)?[为成到]|改)?\s*)"
    r"(?:(?P<word>[一二三四五1-9])级|(?P<sure>p ?)?(?P<digit>[1-9])|(?P<sign>[一二三])(?![\u3400-\u9fff]))(?!\d)"
)
_SIGNS: Final = "一二三四五"


@dataclass(frozen=True, kw_only=True, slots=True)
class Levelled:
    """A level as it was said, 1 to 9, and the tickets that were named."""

    level: int
    numbers: tuple[int, ...]


def level_in(text: str) -> Levelled | None:
    """Read a whole levelled line; a verb or a mark (P, 级) must show that a level is meant."""
    return _before(text) or _after_number(text) or _after_verb(text)


def _before(text: str) -> Levelled | None:
    found = LEVEL.match(text)
    if not found:
        return None
    numbers, end = numbers_at(text, found.end())
    meant = found["verb"].strip() or (numbers and (found["sure"] or found["word"]))
    return Levelled(level=_worth(found), numbers=numbers) if meant and courteous(text, end) else None


def _after_number(text: str) -> Levelled | None:
    numbers, at = numbers_at(text, 0)
    found = LEVEL.match(text, skip(text, at)) if numbers else None
    if not found or not (found["verb"].strip() or found["sure"] or found["word"]):
        return None
    return Levelled(level=_worth(found), numbers=numbers) if courteous(text, found.end()) else None


def _after_verb(text: str) -> Levelled | None:
    verb = verb_at(text, 0)
    if verb is None or verb.intent is not Intent.LEVEL:
        return None
    numbers, at = numbers_at(text, verb.end)
    found = LEVEL.match(text, skip(text, at)) if numbers else None
    return Levelled(level=_worth(found), numbers=numbers) if found and courteous(text, found.end()) else None


def _worth(found: re.Match[str]) -> int:
    said = found["word"] or found["digit"] or found["sign"]
    return int(said) if said.isdigit() else _SIGNS.index(said) + 1
