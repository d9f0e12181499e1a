"""When phones are proved, in which order, and what is known of them afterwards."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from router.drill import APART, Ask, allowed_at, proofs, spaced, unproven, wanted, weekly
from router.settings import RouterSettings
from store.model import Inquiry

SHANGHAI = ZoneInfo("Asia/Shanghai")
BASE = {"people": {"zhang": {"name": "张三", "addresses": {"tel": "+8613800000101"}}}, "rota": {"lead": "zhang"}}
SETTINGS = RouterSettings.model_validate(BASE)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00").astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "urgent", "begins"),
    [
        pytest.param("2026-11-24T10:00", False, "2026-11-24T10:00", id="in office hours at once"),
        pytest.param("2026-11-24T10:00", True, "2026-11-24T11:00", id="an hour later while level 1 waits"),
        pytest.param("2026-11-24T11:30", True, "2026-11-24T13:30", id="an hour later, and not in the break"),
        pytest.param("2026-11-24T03:00", False, "2026-11-24T08:30", id="never at night"),
        pytest.param("2026-11-27T18:00", False, "2026-11-30T08:30", id="never at the weekend"),
        pytest.param("2026-10-10T09:00", False, "2026-10-10T09:00", id="on a Saturday that is worked"),
    ],
)
def test_a_drill_rings_in_office_hours_and_never_beside_an_outage(now: str, urgent: bool, begins: str) -> None:
    assert allowed_at(SETTINGS, at(now), urgent=urgent) == at(begins)


def test_a_drill_waits_for_the_end_of_quiet_hours_that_reach_into_office_hours() -> None:
    settings = RouterSettings.model_validate({**BASE, "quiet_hours": {"begin": "22:00", "end": "09:30"}})
    assert allowed_at(settings, at("2026-11-24T08:40")) == at("2026-11-24T09:40")


def test_quiet_hours_that_cover_the_office_leave_no_time_for_a_drill() -> None:
    settings = RouterSettings.model_validate({**BASE, "quiet_hours": {"begin": "08:00", "end": "18:00"}})
    with pytest.raises(ValueError, match="no time for a drill"):
        allowed_at(settings, at("2026-11-24T09:00"))


@pytest.mark.parametrize(
    ("now", "following"),
    [
        pytest.param("2026-11-24T09:59", "2026-11-24T10:00", id="today"),
        pytest.param("2026-11-24T10:00", "2026-12-01T10:00", id="a week later"),
        pytest.param("2026-11-25T00:00", "2026-12-01T10:00", id="the day after"),
    ],
)
def test_the_weekly_drill_comes_on_its_day(now: str, following: str) -> None:
    assert weekly("tue", time(10), SHANGHAI, at(now)) == at(following)


def test_no_phone_is_asked_twice_within_a_minute_whoever_it_belongs_to() -> None:
    asks = [
        Ask(person="zhang", method="sms", phone="101"),
        Ask(person="zhang", method="voice", phone="101"),
        Ask(person="zhang", method="push", phone="app"),
        Ask(person="li", method="sms", phone="102"),
        Ask(person="wang", method="voice", phone="101"),
    ]
    planned = spaced(asks, at("2026-11-24T10:00"))
    assert [(one.person, one.method) for _, one in planned][:2] == [("zhang", "sms"), ("li", "sms")]
    for phone in ("101", "app"):
        times = [instant for instant, one in planned if one.phone == phone]
        assert all(later - sooner >= APART for sooner, later in pairwise(times))
    assert planned[-1][0] - planned[0][0] < timedelta(minutes=6)


def test_what_was_proved_when_is_told_by_person_and_method() -> None:
    day = timedelta(days=1)
    now = at("2026-11-24T10:00")

    def row(ident: int, method: str, answer: str, age: timedelta) -> Inquiry:
        asked = now - age
        return Inquiry(
            id=ident,
            kind="drill",
            person="zhang",
            method=method,
            asked_at=asked,
            until=asked,
            answer=answer,
            answered_at=asked,
        )

    rows = [row(1, "sms", "yes", 15 * day), row(2, "sms", "lapsed", day), row(3, "voice", "yes", day)]
    found = proofs(rows, wanted({"zhang": ["sms", "voice", "push"], "li": ["sms"]}, ["sms", "voice", "push"]))
    assert [(one.person, one.method, one.answer) for one in found] == [
        ("zhang", "sms", "lapsed"),
        ("zhang", "voice", "yes"),
        ("zhang", "push", ""),
        ("li", "sms", ""),
    ]
    assert found[0].proven_at == now - 15 * day
    assert [(one.person, one.method) for one in unproven(found, now)] == [
        ("zhang", "sms"),
        ("zhang", "push"),
        ("li", "sms"),
    ]
