"""Working days of China and of the site, and what falls due after some of them."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from router.calendars import in_office_hours, is_workday, makeup_known, next_office_hour, workdays_after
from router.rota_settings import Calendar

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
CHINA = Calendar()
PLAIN = Calendar(country="")


def at(wall: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(f"2026-{wall}").replace(tzinfo=zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        pytest.param("2026-02-14", True, id="a Saturday before the spring festival that is worked"),
        pytest.param("2026-02-28", True, id="and one after it"),
        pytest.param("2026-10-10", True, id="a Saturday after the national day"),
        pytest.param("2026-01-04", True, id="a Sunday after new year"),
        pytest.param("2018-12-29", True, id="a Saturday that the notice for the next year had worked"),
        pytest.param("2026-10-01", False, id="the national day"),
        pytest.param("2026-10-07", False, id="the last day of its week"),
        pytest.param("2026-10-04", False, id="a Sunday of its week"),
        pytest.param("2026-02-20", False, id="a Friday of the spring festival"),
        pytest.param("2026-10-11", False, id="a plain Sunday"),
        pytest.param("2026-10-08", True, id="the day after the week"),
    ],
)
def test_a_working_day_of_china(day, worked):
    assert is_workday(CHINA, date.fromisoformat(day)) is worked


@pytest.mark.parametrize(
    ("calendar", "day", "worked"),
    [
        pytest.param({"holidays": ["2026-10-10"]}, "2026-10-10", False, id="off here, although the country works"),
        pytest.param({"workdays": ["2026-10-01"]}, "2026-10-01", True, id="worked here, although the country is off"),
        pytest.param(
            {"workdays": ["2026-05-05"], "holidays": ["2026-05-05"]}, "2026-05-05", True, id="worked goes before off"
        ),
        pytest.param({"weekend": ["fri"], "country": ""}, "2026-10-10", True, id="another weekend"),
        pytest.param({"weekend": ["fri"], "country": ""}, "2026-10-09", False, id="its day off"),
        pytest.param({"country": "DE"}, "2026-10-03", False, id="another country"),
        pytest.param({"country": "DE"}, "2026-10-01", True, id="whose holidays are its own"),
    ],
)
def test_the_sites_own_table_and_another_country(calendar, day, worked):
    assert is_workday(Calendar.model_validate(calendar), date.fromisoformat(day)) is worked


@pytest.mark.parametrize(
    ("calendar", "year", "known"),
    [
        pytest.param({}, 2026, True, id="the library knows them"),
        pytest.param({}, 2031, False, id="nobody knows them"),
        pytest.param({"workdays": ["2031-02-01"]}, 2031, True, id="the site knows them"),
        pytest.param({"country": "DE"}, 2031, True, id="there are none"),
    ],
)
def test_whether_make_up_days_are_known(calendar, year, known):
    assert makeup_known(Calendar.model_validate(calendar), year) is known


@pytest.mark.parametrize(
    ("said", "days", "due"),
    [
        pytest.param("10-08T10:00", 1, "10-09T10:00", id="the next day"),
        pytest.param("10-09T10:00", 1, "10-10T10:00", id="a Saturday that is worked"),
        pytest.param("10-10T10:00", 1, "10-12T10:00", id="over a Sunday"),
        pytest.param("09-30T17:00", 1, "10-08T17:00", id="over the national day's week"),
        pytest.param("10-03T10:00", 1, "10-08T10:00", id="said on a day off"),
        pytest.param("02-13T09:00", 2, "02-24T09:00", id="two days over the spring festival"),
    ],
)
def test_what_falls_due_in_working_days(said, days, due):
    assert workdays_after(CHINA, SHANGHAI, at(said), days) == at(due)


def test_what_falls_due_keeps_its_time_on_the_wall_over_the_edge_of_daylight_saving():
    assert workdays_after(PLAIN, BERLIN, at("03-27T10:00", BERLIN), 1) == at("03-30T10:00", BERLIN)
    assert at("03-30T10:00", BERLIN) - at("03-27T10:00", BERLIN) == timedelta(hours=71)


@pytest.mark.parametrize(
    ("now", "is_open", "opens"),
    [
        pytest.param("10-08T08:29", False, "10-08T08:30", id="before it opens"),
        pytest.param("10-08T08:30", True, "10-08T08:30", id="when it opens"),
        pytest.param("10-08T12:00", False, "10-08T13:30", id="at lunch"),
        pytest.param("10-08T17:30", False, "10-09T08:30", id="after it closed"),
        pytest.param("10-10T09:00", True, "10-10T09:00", id="on a Saturday that is worked"),
        pytest.param("09-30T18:00", False, "10-08T08:30", id="before the national day's week"),
    ],
)
def test_office_hours(now, is_open, opens):
    assert in_office_hours(CHINA, SHANGHAI, at(now)) is is_open
    assert next_office_hour(CHINA, SHANGHAI, at(now)) == at(opens)


def test_a_calendar_without_a_working_day_says_so_and_does_not_loop():
    empty = Calendar(country="", holidays=[date(2026, 1, 1) + timedelta(days=n) for n in range(800)])
    for ask in (
        lambda: workdays_after(empty, SHANGHAI, at("01-05T08:00"), 1),
        lambda: next_office_hour(empty, SHANGHAI, at("01-05T08:00")),
    ):
        with pytest.raises(ValueError, match="no working day within a year"):
            ask()


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        pytest.param(
            {"weekend": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]}, "every day is a weekend", id="week"
        ),
        pytest.param({"hours": []}, "hours is empty", id="no hours"),
        pytest.param({"hours": [{"begin": "22:00", "end": "06:00"}]}, "within one day", id="past midnight"),
        pytest.param(
            {"hours": [{"begin": "08:00", "end": "12:00"}, {"begin": "11:00", "end": "17:00"}]}, "follow", id="overlap"
        ),
        pytest.param({"country": "China"}, "pattern", id="no code of a country"),
    ],
)
def test_a_calendar_that_cannot_be_is_refused_with_the_reason(wrong, why):
    with pytest.raises(ValidationError, match=why):
        Calendar.model_validate(wrong)


@settings(max_examples=100, deadline=None)
@given(st.dates(date(2018, 1, 1), date(2028, 12, 1)), st.integers(0, 24 * 60 - 1), st.integers(1, 15))
def test_working_days_are_counted_one_by_one(day, minute, count):
    start = datetime(day.year, day.month, day.day, tzinfo=SHANGHAI) + timedelta(minutes=minute)
    due = workdays_after(CHINA, SHANGHAI, start, count)
    between = [day + timedelta(days=n) for n in range(1, (due.astimezone(SHANGHAI).date() - day).days + 1)]
    assert sum(is_workday(CHINA, one) for one in between) == count
    assert is_workday(CHINA, between[-1])
    assert due.astimezone(SHANGHAI).time() == start.time()
