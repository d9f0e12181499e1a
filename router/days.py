"""Days as people write them: 11-28, 2026-11-28, 11月28日, 周六, 下周六, 明天, tomorrow, saturday; pure."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Final

NEAR: Final = {
    "前天": -2,
    "昨天": -1,
    "今天": 0,
    "今日": 0,
    "今晚": 0,
    "明天": 1,
    "明日": 1,
    "明晚": 1,
    "后天": 2,
    "大后天": 3,
    "yesterday": -1,
    "today": 0,
    "tonight": 0,
    "tomorrow": 1,
    "tmr": 1,
}
ENGLISH: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NAMED: Final = (
    r"mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:rs?(?:day)?)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?"
)
_WEEKDAY: Final = re.compile(
    rf"(?P<next>下)?(?:周|星期|礼拜)(?P<zh>[一二三四五六日天])|(?P<after>next )?(?P<en>{_NAMED})"
)
_DATE: Final = re.compile(
    r"(?:(?P<year>\d{4})[-/.年])?(?P<month>\d{1,2})(?:[-/.](?P<day>\d{1,2})|月(?P<date>\d{1,2})[日号]?)"
)
DAY: Final = re.compile(
    r"(?<!\d)(?:\d{4}[-/.年])?\d{1,2}(?:[-/.]\d{1,2}|月\d{1,2}[日号]?)(?!\d)"
    rf"|下?(?:周|星期|礼拜)[一二三四五六日天]"
    rf"|{'|'.join(sorted((w for w in NEAR if not w.isascii()), key=len, reverse=True))}"
    rf"|(?<![a-z])(?:(?:next )?(?:{_NAMED})|{'|'.join(w for w in NEAR if w.isascii())})(?![a-z])"
)
"""Finds what looks like a day in a levelled text; whether there is such a day `day_of` says."""


def day_of(word: str, today: date) -> date | None:
    """Return the day that a word means on a day; None where there is no such day.

    A weekday is the next one, today included. A day without a year is the one nearest to today.
    """
    if word in NEAR:
        return today + timedelta(days=NEAR[word])
    if found := _WEEKDAY.fullmatch(word):
        return _weekday(found, today)
    found = _DATE.fullmatch(word)
    return _dated(found, today) if found else None


def _weekday(found: re.Match[str], today: date) -> date:
    place = "一二三四五六日".index(found["zh"].replace("天", "日")) if found["zh"] else ENGLISH.index(found["en"][:3])
    if found["next"] or found["after"]:
        return today - timedelta(days=today.weekday()) + timedelta(days=7 + place)
    return today + timedelta(days=(place - today.weekday()) % 7)


def _dated(found: re.Match[str], today: date) -> date | None:
    month, day = int(found["month"]), int(found["day"] or found["date"])
    years = (int(found["year"]),) if found["year"] else (today.year - 1, today.year, today.year + 1)
    known = [one for year in years if (one := _day(year, month, day))]
    return min(known, key=lambda one: abs(one - today), default=None)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
