"""Days as people write them."""

from datetime import date

import pytest

from router.days import DAY, day_of

TODAY = date(2026, 11, 24)
"""A Tuesday."""
DAYS = [
    ("11-28", date(2026, 11, 28)),
    ("11/28", date(2026, 11, 28)),
    ("11.28", date(2026, 11, 28)),
    ("1-5", date(2027, 1, 5)),
    ("11-20", date(2026, 11, 20)),
    ("2026-11-28", date(2026, 11, 28)),
    ("2025.11.28", date(2025, 11, 28)),
    ("11月28日", date(2026, 11, 28)),
    ("11月28号", date(2026, 11, 28)),
    ("今天", TODAY),
    ("明天", date(2026, 11, 25)),
    ("大后天", date(2026, 11, 27)),
    ("昨天", date(2026, 11, 23)),
    ("tomorrow", date(2026, 11, 25)),
    ("周二", TODAY),
    ("周六", date(2026, 11, 28)),
    ("星期天", date(2026, 11, 29)),
    ("周一", date(2026, 11, 30)),
    ("下周一", date(2026, 11, 30)),
    ("下周六", date(2026, 12, 5)),
    ("sat", date(2026, 11, 28)),
    ("saturday", date(2026, 11, 28)),
    ("next monday", date(2026, 11, 30)),
    ("13-45", None),
    ("2-30", None),
    ("下个月", None),
    ("", None),
]


@pytest.mark.parametrize(("word", "day"), DAYS, ids=[word or "nothing" for word, _ in DAYS])
def test_which_day_a_word_means(word, day):
    assert day_of(word, TODAY) == day
    assert day is None or DAY.fullmatch(word)


def test_a_leap_day_is_the_one_that_there_is():
    assert day_of("2-29", date(2027, 11, 24)) == date(2028, 2, 29)
    assert day_of("2-29", TODAY) is None
