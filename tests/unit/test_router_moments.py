"""When somebody wants something: the words, and the instant where they leave no doubt."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from router.moments import Wish, wish

ZONE = ZoneInfo("Asia/Shanghai")
AT = datetime(2026, 11, 26, 10, 0, tzinfo=ZONE)
"""A Thursday."""


def found(text: str, at: datetime = AT, zone: ZoneInfo = ZONE) -> str:
    """The instant in the site's zone, as "11-27 14:00"; "" for none."""
    instant = wish(text, at=at, zone=zone).at
    return instant.astimezone(zone).strftime("%m-%d %H:%M") if instant else ""


CERTAIN = [
    ("今天下午三点", "11-26 15:00"),
    ("下午三点", "11-26 15:00"),
    ("明早8点", "11-27 08:00"),
    ("明天早上七点一刻", "11-27 07:15"),
    ("明天上午9点三刻", "11-27 09:45"),
    ("明天中午12点", "11-27 12:00"),
    ("明天中午一点", "11-27 13:00"),
    ("明晚八点半", "11-27 20:30"),
    ("后天凌晨2点", "11-28 02:00"),
    ("大后天十点", "11-29 10:00"),
    ("明天14时", "11-27 14:00"),
    ("明天十四点", "11-27 14:00"),
    ("明天9点到11点", "11-27 09:00"),
    ("明天下午2-4点", "11-27 14:00"),
    ("周五9:00-11:00", "11-27 09:00"),
    ("星期天下午2点", "11-29 14:00"),
    ("周三上午9点", "12-02 09:00"),
    ("下周四上午9点", "12-03 09:00"),
    ("下下周一上午9点", "12-07 09:00"),
    ("这周五上午9点左右", "11-27 09:00"),
    ("26号下午2点", "11-26 14:00"),
    ("25号下午2点", "12-25 14:00"),
    ("1月5日上午10点", "01-05 10:00"),
    ("2026年12月8日上午10点", "12-08 10:00"),
    ("2026/12/8 10:00", "12-08 10:00"),
    ("2:30 pm tomorrow", "11-27 14:30"),
    ("tomorrow at 12 am", "11-27 00:00"),
    ("tomorrow at 12 p.m.", "11-27 12:00"),
    ("tomorrow morning at 9", "11-27 09:00"),
    ("tomorrow at 3 in the afternoon", "11-27 15:00"),
    ("tonight at 8", "11-26 20:00"),
    ("Saturday 11:00", "11-28 11:00"),
    ("this Friday at 4pm", "11-27 16:00"),
    ("December 1st, 9 o'clock", "12-01 09:00"),
    ("on the 30th at 08:00", "11-30 08:00"),
    ("1st of Dec 2026 at 10 am", "12-01 10:00"),
    ("as soon as possible", "11-26 10:00"),
    ("马上", "11-26 10:00"),
]
DOUBTFUL = [
    "明天",
    "明天下午",
    "明天两点",
    "tomorrow at 2",
    "明天两三点",
    "明天晚上12点",
    "上午九点",  # it is ten
    "今天上午九点",
    "周四下午三点",  # today, or in a week
    "next Friday at 10 am",
    "周五下午三点前",
    "周五下午三点以后",
    "by Friday 3 pm",
    "after 3 pm tomorrow",
    "周一或周二上午9点",
    "Monday or Tuesday at 9 am",
    "31号上午9点",  # November has none
    "2月30日上午9点",
    "2026-13-01 09:00",
    "明天25:00",
    "下周",
    "any day next week at 9 am or 10 am",
    "昨天下午三点",
    "上周五上午9点",
    "last Friday at 9 am",
    "",
]


@pytest.mark.parametrize(("text", "expected"), CERTAIN)
def test_certain_words_give_an_instant(text: str, expected: str) -> None:
    assert found(text) == expected


@pytest.mark.parametrize("text", DOUBTFUL)
def test_doubtful_words_give_none(text: str) -> None:
    assert found(text) == ""


@pytest.mark.parametrize(
    "text", ["3号楼的2号线坏了", "快一点", "有两点建议", "第5点说明", "10.0.0.1 的 8080", "一点都不急"]
)
def test_what_only_looks_like_a_time_is_none(text: str) -> None:
    assert wish(text, at=AT, zone=ZONE) == Wish()


def test_the_words_are_kept_as_they_were_said() -> None:
    assert wish("最好是明天下午（两点左右），谢谢", at=AT, zone=ZONE).said == "明天下午"
    assert wish("请週五下午兩點左右來", at=AT, zone=ZONE).said == "週五下午兩點左右"


def test_tomorrow_said_in_the_small_hours_may_mean_after_sleep() -> None:
    assert found("明天上午9点", at=AT.replace(hour=1)) == ""
    assert found("明天上午9点", at=AT.replace(hour=4)) == "11-27 09:00"


def test_it_is_the_day_of_the_site_that_counts() -> None:
    late = datetime(2026, 11, 26, 17, 30, tzinfo=UTC)  # half past one of the 27th in Shanghai
    assert found("today at 3 pm", at=late) == "11-27 15:00"
    assert found("tomorrow at 9 am", at=late, zone=ZoneInfo("Europe/London")) == "11-27 09:00"


def test_an_hour_that_the_clocks_skip_is_none() -> None:
    london = ZoneInfo("Europe/London")
    before = datetime(2027, 3, 27, 12, 0, tzinfo=london)
    assert found("tomorrow at 01:30", at=before, zone=london) == ""
    assert found("tomorrow at 02:30", at=before, zone=london) == "03-28 02:30"


def test_december_goes_over_into_the_next_year() -> None:
    instant = wish("3号上午9点", at=datetime(2026, 12, 20, 10, 0, tzinfo=ZONE), zone=ZONE).at
    assert instant == datetime(2027, 1, 3, 1, 0, tzinfo=UTC)


def test_an_instant_is_utc_and_lies_ahead() -> None:
    instant = wish("明天上午9点", at=AT, zone=ZONE).at
    assert instant is not None
    assert (instant.tzinfo, instant > AT, instant - AT) == (UTC, True, timedelta(hours=23))
