"""Whether a customer's contract is in force, read from what the table of contacts says of it. Pure."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from router.plain import plain

IN_FORCE, ENDED = "in force", "ended"
_DATE = re.compile(r"(20\d{2})[-./年](\d{1,2})[-./月](\d{1,2})日?")
_UNTIL = re.compile(r"(?:至|到|止|截止|期满|有效期|~|—|–|-|\buntil\b|\bto\b|\bthrough\b|\bends?\b|\bexpires?\b)[\s:]*$")
_AFTER = re.compile(r"\s*(?:到期|止|截止|期满|为止|前有效)")
_OVER: Final = re.compile(r"已到期|已终止|已结束|已过期|过保|\bended\b|\bexpired\b|\bterminated\b")


def contract_state(contract: str, today: date) -> str:
    """Say `in force` or `ended`; "" where no contract is known. The last day named as its end still counts.

    A date that nothing calls an end, such as a day of signing, ends nothing: nobody is treated as out of contract
    by a guess.
    """
    said = plain(contract)
    if not said.strip():
        return ""
    ends = [day for day in map(_end, _DATE.finditer(said)) if day is not None]
    return ENDED if _OVER.search(said) or (ends and max(ends) < today) else IN_FORCE


def _end(found: re.Match[str]) -> date | None:
    """Return a date that is called an end, or stands alone."""
    text = found.string
    alone = not text[: found.start()].strip() and not text[found.end() :].strip()
    if not (alone or _UNTIL.search(text, 0, found.start()) or _AFTER.match(text, found.end())):
        return None
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None
