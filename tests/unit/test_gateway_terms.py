"""Single terms inside a text: times, levels, states, counts and numbers."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from gateway.terms import (
    Place,
    clock_time,
    clock_word,
    kind_word,
    label,
    level_word,
    more_word,
    next_step,
    per_level,
    readable,
    reason_word,
    spelled,
    spoken_label,
    state_word,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 24, 19, 12, tzinfo=UTC)
TIMES = [
    (datetime(2026, 11, 24, 19, 27, tzinfo=UTC), "03:27"),
    (datetime(2026, 11, 24, 16, 0, tzinfo=UTC), "00:00"),
    (datetime(2026, 11, 24, 15, 59, tzinfo=UTC), "11-24 23:59"),
    (datetime(2026, 11, 26, 0, 0, tzinfo=UTC), "11-26 08:00"),
]


@pytest.mark.parametrize(("instant", "text"), TIMES, ids=[text for _, text in TIMES])
def test_a_time_carries_its_day_when_that_is_not_today(instant, text):
    assert clock_time(instant, SHANGHAI, NOW) == text


def test_what_a_decision_carries_becomes_readable():
    place = Place(language="zh", zone=SHANGHAI, now=NOW)
    carried = {
        "at": "2026-11-24T19:10:00+00:00",
        "until": "03:27",
        "state": "on_site",
        "clock": "arrive",
        "why": "often",
        "more": "7",
        "level": "2",
        "who": "李雷",
    }
    assert readable(carried, place) == {
        "at": "03:10",
        "until": "03:27",
        "state": "已到场",
        "clock": "到场",
        "why": "次数已用完",
        "more": "，还有7单",
        "level": "P2",
        "who": "李雷",
    }
    assert readable({"more": "0", "why": "limit"}, Place(language="en", zone=UTC, now=NOW)) == {
        "more": "",
        "why": "the limit is near",
    }


TERMS = [
    (spelled(1042, "zh"), "一零四二"),
    (spelled("#1042", "en"), "one zero four two"),
    (level_word(1), "P1"),
    (level_word(None), ""),
    (kind_word("complaint", "zh"), "投诉"),
    (kind_word("site_visit", "en"), "visit"),
    (kind_word("odd", "en"), "odd"),
    (label("fault", 2, "zh"), "P2"),
    (label("complaint", None, "zh"), "投诉"),
    (spoken_label("emergency_support", None, "zh"), "应急支援"),
    (state_word("paging", "en"), "waiting"),
    (clock_word("resolve", "zh"), "修复"),
    (reason_word("often", "en"), "no snoozes left"),
    (next_step(1, "zh"), "正在紧急呼叫值班负责人"),
    (next_step(None, "en"), "The engineer on duty is told"),
    (more_word(0, "zh"), ""),
    (more_word(7, "en"), ", 7 more"),
    (per_level({"P1": 2, "P2": 10}, "zh"), "P1两单、P2十单"),
    (per_level({"P1": 12, "P2": 20, "P3": 100}, "zh"), "P1十二单、P2二十单、P3 100单"),
    (per_level({"P1": 1, "投诉": 35}, "zh"), "P1一单、投诉三十五单"),
    (per_level({"P1": 2, "P2": 10}, "en"), "2xP1 10xP2"),
]


@pytest.mark.parametrize(("term", "text"), TERMS, ids=[text or "nothing" for _, text in TERMS])
def test_a_term_reads(term, text):
    assert term == text
