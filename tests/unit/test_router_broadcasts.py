"""Waves, gates and the reasons to stop a broadcast."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from router.blocks import Hours
from router.broadcast_plan import Audience, Gate, Plan, Words
from router.broadcasts import (
    Counts,
    allowed_at,
    gate,
    missed,
    needs_second,
    sizes,
    too_many_errors,
    wave_of,
)

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
TEXT = {"zh": Words(text="升级包已发布")}


@pytest.mark.parametrize(
    ("waves", "pilots", "total", "expected"),
    [
        pytest.param(["5", "10%", "50%", "rest"], 2, 412, [2, 5, 42, 206, 159], id="pilots, five, parts rounded up"),
        pytest.param(["5", "10%", "50%", "rest"], 0, 3, [3], id="fewer than the first wave"),
        pytest.param(["10%", "rest"], 0, 3, [1, 2], id="a tenth of three is one"),
        pytest.param(["rest"], 0, 0, [], id="nobody"),
        pytest.param(["100%", "rest"], 1, 9, [1, 9], id="an empty rest falls out"),
    ],
)
def test_sizes_of_waves(waves: list[str], pilots: int, total: int, expected: list[int]) -> None:
    assert sizes(waves, pilots, total) == expected
    assert sum(sizes(waves, pilots, total)) == pilots + total


def test_every_place_has_its_wave_and_more_than_planned_join_the_last() -> None:
    assert [wave_of(place, [2, 1, 3]) for place in range(8)] == [1, 1, 2, 3, 3, 3, 3, 3]
    assert wave_of(0, []) == 1


@pytest.mark.parametrize(
    ("states", "troubles", "hours", "expected"),
    [
        pytest.param({"sent": 96, "failed": 4}, 0, 3, (True, "", False), id="good enough and quiet for long enough"),
        pytest.param({"sent": 96, "failed": 4}, 0, 1, (False, "hold", False), id="reports are still waited for"),
        pytest.param({"sent": 94, "failed": 6}, 0, 3, (False, "success", True), id="too many failed"),
        pytest.param({"delivered": 94, "unknown": 6}, 0, 3, (False, "success", True), id="unknown is no success"),
        pytest.param({"sent": 100}, 1, 3, (False, "troubles", True), id="somebody's upgrade went wrong"),
        pytest.param({"cancelled": 5, "skipped": 3}, 0, 3, (True, "", False), id="what was left out says nothing"),
        pytest.param({"recalled": 100}, 0, 3, (True, "", False), id="what was taken back had arrived"),
    ],
)
def test_gate(states: dict[str, int], troubles: int, hours: int, expected: tuple[bool, str, bool]) -> None:
    found = gate(Gate(), Counts(by_state=states), troubles=troubles, since=NOW, now=NOW + timedelta(hours=hours))
    assert (found.open, found.why, found.shut) == expected


def test_a_gate_by_hand_stays_shut_until_somebody_says_so() -> None:
    found = gate(
        Gate(automatic=False), Counts(by_state={"sent": 1}), troubles=0, since=NOW, now=NOW + timedelta(days=9)
    )
    assert (found.open, found.at, found.why) == (False, None, "by hand")


def test_a_gate_that_holds_says_when_to_ask_again() -> None:
    found = gate(Gate(), Counts(by_state={"sent": 1}), troubles=0, since=NOW, now=NOW)
    assert found.at == NOW + timedelta(hours=2)


@pytest.mark.parametrize(
    ("lately", "stops"),
    [
        pytest.param(["failed"] * 5 + ["sent"] * 95, False, id="five of a hundred are borne"),
        pytest.param(["failed"] * 6 + ["sent"] * 94, True, id="six are not"),
        pytest.param(["failed"] * 3 + ["unknown"] * 3, True, id="six of the first six as well"),
        pytest.param(["failed"] * 5, False, id="the first five say little"),
        pytest.param(["sent"] * 100 + ["failed"] * 50, False, id="what is older than the window does not count"),
    ],
)
def test_errors_that_stop(lately: list[str], stops: bool) -> None:
    assert too_many_errors(lately, 0.05, 100) is stops


def test_a_start_that_is_late_by_more_than_allowed_is_missed() -> None:
    assert not missed(NOW, NOW + timedelta(minutes=30), timedelta(minutes=30))
    assert missed(NOW, NOW + timedelta(minutes=31), timedelta(minutes=30))


@pytest.mark.parametrize(
    ("hour", "opens"),
    [
        pytest.param(12, None, id="at noon"),
        pytest.param(8, None, id="at eight"),
        pytest.param(7, (26, 8), id="in the morning it waits an hour"),
        pytest.param(22, (27, 8), id="at ten in the evening it waits for tomorrow"),
    ],
)
def test_hours_of_adverts(hour: int, opens: tuple[int, int] | None) -> None:
    zone = ZoneInfo("Asia/Shanghai")
    now = datetime(2026, 11, 26, hour, tzinfo=zone).astimezone(UTC)
    at = allowed_at(now, Hours(begin=time(8), end=time(22)), zone)
    assert at == (now if opens is None else datetime(2026, 11, *opens, tzinfo=zone))


@pytest.mark.parametrize(
    ("expected", "by_sms", "needed"),
    [
        pytest.param(50, 0, False, id="fifty mails"),
        pytest.param(51, 0, True, id="one more"),
        pytest.param(1, 1, True, id="one SMS"),
    ],
)
def test_a_second_person(expected: int, by_sms: int, needed: bool) -> None:
    assert needs_second(expected, by_sms, above=50, always_sms=True) is needed


def test_a_plan_survives_its_own_json() -> None:
    plan = Plan(texts=TEXT, gate=Gate(hold=timedelta(minutes=90)), remind_after=timedelta(days=2))
    assert Plan.model_validate(plan.model_dump(mode="json")) == plan


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param({"waves": ["rest", "5"]}, "write it last", id="nothing after the rest"),
        pytest.param({"waves": ["0"]}, "is no wave", id="an empty wave"),
        pytest.param({"commercial": True, "security": True}, "choose one", id="an advert that is owed"),
        pytest.param({"texts": {}}, "at least 1", id="no words"),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(change: dict[str, object], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Plan.model_validate({"texts": {"zh": {"text": "x"}}, **change})


def test_waves_always_end_with_the_rest() -> None:
    assert Plan(texts=TEXT, waves=["5"]).waves == ["5", "rest"]


def test_who_is_meant() -> None:
    assert Audience().empty
    assert not Audience(groups=["OLT"]).empty
    assert Audience(everyone=True, versions="<2.3").filtered
