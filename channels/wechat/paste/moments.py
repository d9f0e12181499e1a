"""The dates and clock times that WeChat and WeCom write beside a line, in Chinese and in English; pure.

The clients write what is nearest: "10:32" today, "昨天 21:05", a weekday for the last days, then the full date.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

WEEK: Final = "一二三四五六日"
DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
AFTERNOON: Final = ("下午", "晚上", "傍晚", "pm")
_MONTH: Final = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*"
_WEEKDAY: Final = "(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?"
FULL_DAY: Final = (
    r"\d{4}\s?年\s?\d{1,2}\s?月\s?\d{1,2}\s?日|\d{4}([-/.])\d{1,2}\1\d{1,2}"
    rf"|{_MONTH} \d{{1,2}}, ?\d{{4}}|\d{{1,2}} {_MONTH} \d{{4}}"
)
"""A date that says its year."""
_DAY: Final = (
    rf"{FULL_DAY}|\d{{1,2}}\s?月\s?\d{{1,2}}\s?日|\d{{1,2}}([-/])\d{{1,2}}(?:\2\d{{2}}(?:\d{{2}})?)?|{_MONTH} \d{{1,2}}"
    rf"|今天|昨天|前天|Today|Yesterday|(?:星期|周)[一二三四五六日天]|{_WEEKDAY}"
)
_HALF: Final = "凌晨|早上|上午|中午|下午|傍晚|晚上"
_CLOCK: Final = rf"(?:(?:{_HALF})\s?)?\d{{1,2}}[:：]\d{{2}}(?:[:：]\d{{2}})?(?:\s?[AaPp]\.?[Mm]\.?)?"


def pattern(tag: str, *, clock: bool = True) -> str:
    """A regular expression of a moment, with groups day_<tag> and clock_<tag>; without `clock` a day alone will do."""
    day = _DAY.replace(r"([-/.])", rf"(?P<a_{tag}>[-/.])").replace(r"([-/])", rf"(?P<b_{tag}>[-/])")
    day = day.replace(r"\1", rf"(?P=a_{tag})").replace(r"\2", rf"(?P=b_{tag})")
    named = rf"(?P<day_{tag}>{day})(?:\s?(?:星期|周)[一二三四五六日天]|,? {_WEEKDAY})?"
    hour = rf"(?P<clock_{tag}>{_CLOCK})"
    return rf"(?:{named}[ ,T\s]\s*)?{hour}" if clock else rf"(?:{named}(?:[ ,T\s]\s*{hour})?)"


@dataclass(frozen=True, kw_only=True, slots=True)
class Moment:
    """What stands beside a line; either may be missing."""

    day: date | None = None
    clock: time | None = None

    def at(self, today: datetime, day: date | None) -> datetime | None:
        """The moment in the zone of `today`; without a day of its own, that of the heading, else the last such time."""
        if self.clock is None:
            return None
        own = self.day or day
        if own is not None:
            return datetime.combine(own, self.clock, today.tzinfo)
        found = datetime.combine(today.date(), self.clock, today.tzinfo)
        return found if found <= today else found - timedelta(days=1)


def read(day: str | None, clock: str | None, today: date) -> Moment:
    """Read the texts of the two groups; what is no date or no time (25:61) is left out."""
    return Moment(day=_day(day.strip(), today) if day else None, clock=_clock(clock) if clock else None)


def _clock(text: str) -> time | None:
    hour, minute, second = [*(int(digits) for digits in re.findall(r"\d+", text)), 0][:3]
    half = text.lower().replace(".", "")
    if any(word in half for word in AFTERNOON) and hour < 12:
        hour += 12
    elif hour == 12 and ("am" in half or "凌晨" in half):
        hour = 0
    try:
        return time(hour, minute, second)
    except ValueError:
        return None


def _day(text: str, today: date) -> date | None:
    low = text.lower()
    for back, words in enumerate((("今天", "today"), ("昨天", "yesterday"), ("前天",))):
        if low in words:
            return today - timedelta(days=back)
    if low.startswith(("星期", "周")):
        return _weekday("一二三四五六日".index(low[-1].replace("天", "日")), today)
    if low[:3] in DAYS and not any(sign.isdigit() for sign in low):
        return _weekday(DAYS.index(low[:3]), today)
    try:
        return _written(low, today)
    except ValueError:
        return None


def _weekday(which: int, today: date) -> date:
    """The last such day before today: the clients name weekdays only of the week that has gone by."""
    return today - timedelta(days=(today.weekday() - which - 1) % 7 + 1)


def _written(low: str, today: date) -> date:
    """A date in figures or with the name of a month; without a year the last such day."""
    figures = [int(digits) for digits in re.findall(r"\d+", low)]
    month = next((n for n, name in enumerate(MONTHS, 1) if name in low), 0)
    if month:
        return date(figures[1], month, figures[0]) if len(figures) > 1 else _lately(month, figures[0], today)
    if len(figures) == 2:
        return _lately(figures[0], figures[1], today)
    first, second, third = figures
    if first > 31:
        return date(first, second, third)
    return date(third if third > 99 else 2000 + third, first, second)  # as the English client writes: 11/20/26


def _lately(month: int, day: int, today: date) -> date:
    found = date(today.year, month, day)
    return found if found <= today else date(today.year - 1, month, day)
