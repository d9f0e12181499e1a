"""Lengths of time as people write them in a reply: "30", "30分钟", "半小时", "1h"; pure."""

from __future__ import annotations

import re
from typing import Final

_COUNT = r"\d{1,4}|[一二两三四五六七八九十百]+"
SPAN: Final = re.compile(
    rf"(?:for )?(?:(?P<half>半)个?(?:小时|钟头)|(?P<count>{_COUNT}) ?"
    r"(?:(?P<and_half>个半小时|个半钟头)|(?P<hours>个?小时|个?钟头|hours?|hrs?|h)|(?P<quarter>刻钟)"
    r"|分钟|分|minutes?|mins?|min|m)?)(?![a-z0-9])(?:之后|以后|后)?(?:再(?:叫|打|提醒|说)我?)?"
)
_ONES: Final = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"两": 2}


def minutes_at(text: str, at: int) -> tuple[int, int] | None:
    """Return a length in minutes and the position after it; a bare number is minutes."""
    found = SPAN.match(text, at)
    if not found:
        return None
    if found["half"]:
        return 30, found.end()
    count = counted(found["count"])
    if found["and_half"]:
        return count * 60 + 30, found.end()
    return count * (60 if found["hours"] else 15 if found["quarter"] else 1), found.end()


def counted(word: str) -> int:
    """Read a whole number below 1000 in digits or in Chinese signs (十五, 三十, 一百二十)."""
    if word.isdigit():
        return int(word)
    total = ones = 0
    for sign in word:
        if sign in "十百":
            total += (ones or 1) * (10 if sign == "十" else 100)
            ones = 0
        else:
            ones = _ONES[sign]
    return total + ones
