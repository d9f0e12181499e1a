"""When a mailbox must have been read."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from router.slots import between, latest, upcoming

TIMES = ("08:30", "12:30", "17:30")
SHANGHAI = ZoneInfo("Asia/Shanghai")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "last", "coming"),
    [
        pytest.param("2026-11-24T00:29", "2026-11-23T09:30", "2026-11-24T00:30", id="a minute before the first"),
        pytest.param("2026-11-24T00:30", "2026-11-24T00:30", "2026-11-24T04:30", id="in the minute itself"),
        pytest.param("2026-11-24T20:00", "2026-11-24T09:30", "2026-11-25T00:30", id="over night"),
    ],
)
def test_the_slot_before_and_the_slot_after(now, last, coming):
    assert (latest(TIMES, SHANGHAI, utc(now)), upcoming(TIMES, SHANGHAI, utc(now))) == (utc(last), utc(coming))


def test_the_slots_between_two_instants_oldest_first_the_last_instant_with_them():
    found = between(TIMES, SHANGHAI, utc("2026-11-23T09:30"), utc("2026-11-24T04:30"))
    assert found == [utc("2026-11-24T00:30"), utc("2026-11-24T04:30")]


def test_none_is_lost_when_the_time_between_is_long():
    assert len(between(TIMES, SHANGHAI, utc("2026-11-01T00:00"), utc("2026-11-24T00:00"))) == 3 * 23


def test_a_slot_keeps_its_place_on_the_wall_when_the_clocks_change():
    zone = ZoneInfo("Europe/Berlin")
    assert upcoming(["08:30"], zone, utc("2026-10-25T00:00")) == utc("2026-10-25T07:30")
    assert upcoming(["08:30"], zone, utc("2026-03-29T00:00")) == utc("2026-03-29T06:30")


def test_without_times_there_is_no_slot():
    assert (latest((), SHANGHAI, utc("2026-11-24T05:00")), upcoming((), SHANGHAI, utc("2026-11-24T05:00"))) == (
        None,
        None,
    )
