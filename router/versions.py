"""Versions as vendors write them: which is newer, and which lie in a range such as ">=2.0 <2.3"."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Final

LONGEST: Final = 200
CURE: Final = 'write it as ">=2.0 <2.3", with "||" between two ranges'
BEFORE: Final = {
    **dict.fromkeys(("dev", "snapshot", "nightly"), 0),
    **dict.fromkeys(("alpha", "内测"), 1),
    **dict.fromkeys(("beta", "公测", "测试", "测试版"), 2),
    **dict.fromkeys(("pre", "preview", "ea", "预览", "预览版"), 3),
    **dict.fromkeys(("rc", "cr", "候选", "候选版"), 4),
}
"""Words that make a version older than the same one without them; every other makes it newer (SPC200, sp1, 1.1.1a)."""

PART: Final = re.compile(r"[0-9]+|[^\W\d_]+")
CLAUSE: Final = re.compile(r"(>=|<=|!=|==|=|>|<)?\s*([^\s,<>=!|]+)")
SIGNS: Final = {"≥": ">=", "≤": "<=", "≠": "!=", "，": ",", "、": ","}

Key = tuple[tuple[int, int, str], ...]
"""Compared part by part: words such as rc, then the end, then other words, then numbers."""
_END: Final = (1, 0, "")


@lru_cache(maxsize=65_536)
def order(version: str) -> Key:
    """Return what versions are sorted by: 2.9 < 2.10, 2.3.1-rc1 < 2.3.1 = v2.3.1.0, C00 < C00SPC200 < C01."""
    if not known(version):
        raise ValueError(f"{version[:40]!r} is no version: it has no number; write it as 2.3.1 or V100R021C00SPC200")
    parts = PART.findall(unicodedata.normalize("NFKC", version).casefold())
    if parts[0] == "v":
        del parts[0]
    kept: list[tuple[int, int, str]] = []
    for part, after in zip(parts, [*parts[1:], ""], strict=True):
        if not part.isdigit():
            kept.append((0, BEFORE[part], "") if part in BEFORE else (2, 0, part))
        elif int(part) or after.isdigit():
            kept.append((3, int(part), ""))
    while kept and kept[-1] == (3, 0, ""):
        kept.pop()
    return (*kept, _END)


def known(version: str) -> bool:
    """Tell whether it can be compared: somebody wrote a number, not "unknown" or nothing."""
    return len(version) <= LONGEST and bool(re.search("[0-9]", unicodedata.normalize("NFKC", version)))


@dataclass(frozen=True)
class Clause:
    """One comparison: a sign and the version on its right."""

    sign: str
    version: str

    def holds(self, version: str) -> bool:
        """Tell whether a version that can be compared meets it."""
        left, right = order(version), order(self.version)
        return {
            "=": left == right,
            "!=": left != right,
            "<": left < right,
            "<=": left <= right,
            ">": left > right,
            ">=": left >= right,
        }[self.sign]


@dataclass(frozen=True)
class Range:
    """Ranges of which one must hold; in each, every clause must. Without any, every version lies in it."""

    ways: tuple[tuple[Clause, ...], ...]

    def holds(self, version: str) -> bool:
        """Tell whether a version lies in it; one that nobody knows lies only in the range of everything."""
        if not self.ways:
            return True
        return known(version) and any(all(clause.holds(version) for clause in way) for way in self.ways)

    def __str__(self) -> str:
        """Write it in the one way in which it is kept."""
        return " || ".join(" ".join(f"{one.sign}{one.version}" for one in way) for way in self.ways)


@lru_cache(maxsize=256)
def parse(text: str) -> Range:
    """Read a range; "" is every version. What cannot be read is a ValueError that says how to write it."""
    if len(text) > LONGEST:
        raise ValueError(f"the range of versions is longer than {LONGEST} characters; leave out what is not needed")
    plain = unicodedata.normalize("NFKC", "".join(SIGNS.get(sign, sign) for sign in text)).strip()
    return Range(tuple(_way(way, text) for way in plain.split("||")) if plain else ())


def fits(text: str, version: str) -> bool:
    """Tell whether an installed version lies in a written range."""
    return parse(text).holds(version)


def _way(written: str, whole: str) -> tuple[Clause, ...]:
    found = [Clause({"==": "="}.get(sign, sign) or "=", version) for sign, version in CLAUSE.findall(written)]
    if not found or CLAUSE.sub("", written).strip(" ,\t\n"):
        raise ValueError(f"{whole!r} is no range of versions; {CURE}")
    for clause in found:
        if re.search(r"(?i)\*|(^|[.])x($|[.])", clause.version):
            raise ValueError(f"{clause.version!r} has a wildcard; write 2.3.x as >=2.3 <2.4")
        order(clause.version)
    _not_nothing(found, whole)
    return tuple(found)


def _not_nothing(clauses: list[Clause], whole: str) -> None:
    lows = [one for one in clauses if one.sign in (">", ">=", "=")]
    highs = [one for one in clauses if one.sign in ("<", "<=", "=")]
    for low, high in product(lows, highs):
        left, right = order(low.version), order(high.version)
        if left > right or (left == right and ({low.sign, high.sign} & {"<", ">"})):
            raise ValueError(f"no version lies in {whole!r}; {CURE}")
