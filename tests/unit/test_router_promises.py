"""Each promise of the contract: until when it must be kept, whose figures hold, and by which days it counts."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from router.promise_settings import Promises
from router.promises import DUE, Days, Matter, opening, terms_for, terms_named, worked
from router.rota_settings import Calendar
from store.model import ClockKind, Kind

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
"""A Tuesday, 10:00 in Shanghai."""
DAYS = Days(calendar=Calendar(), zone=ZoneInfo("Asia/Shanghai"))
SITE = Promises.model_validate(
    {
        "contracts": {
            "A-17": {1: {"respond": "5m", "arrive": "30m", "resolve": "2h"}},
            "金牌": {1: {"respond": "8m", "arrive": "45m", "resolve": "3h"}},
        }
    }
)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.mark.parametrize(
    ("promise", "kind", "level", "length"),
    [
        pytest.param("respond", "fault", 1, 10 * MINUTE, id="a fault of level 1 is answered in 10 minutes"),
        pytest.param("respond", "fault", 2, 15 * MINUTE, id="of level 2 in 15"),
        pytest.param("respond", "fault", 3, 30 * MINUTE, id="of level 3 in 30"),
        pytest.param("respond", "fault", None, 30 * MINUTE, id="without a level as level 3"),
        pytest.param("respond", "emergency_support", None, 10 * MINUTE, id="emergency support as level 1"),
        pytest.param("respond", "consultation", None, None, id="a question has no promise"),
        pytest.param("arrive", "fault", 1, HOUR, id="somebody is there in an hour"),
        pytest.param("arrive", "emergency_support", None, 4 * HOUR, id="emergency support is there in four hours"),
        pytest.param("arrive", "complaint", None, None, id="nobody comes for a complaint"),
        pytest.param("resolve", "fault", 2, 4 * HOUR, id="solved four hours after the arrival"),
        pytest.param("answer", "complaint", None, 24 * HOUR, id="a complaint by the next working day"),
        pytest.param("answer", "fault", 1, None, id="a fault has no such promise"),
        pytest.param("second_arrive", "fault", 1, 4 * HOUR, id="the second line comes in four hours"),
        pytest.param("second_resolve", "fault", 1, 4 * HOUR, id="and solves it in four more"),
    ],
)
def test_until_when_a_promise_must_be_kept(promise, kind, level, length):
    due = DUE[ClockKind(promise)](Matter(kind=kind, level=level), NOW, terms_named(Promises(), ""), DAYS)
    assert (due and due - NOW) == length


@pytest.mark.parametrize(
    ("contract", "grade", "minutes"),
    [
        pytest.param("", "", 10, id="without a contract those of everybody"),
        pytest.param("A-17", "", 5, id="those of the contract"),
        pytest.param(" a-17 ", "", 5, id="however it is written"),
        pytest.param("B-1", "金牌", 8, id="those of the grade"),
        pytest.param("A-17", "金牌", 5, id="the contract before the grade"),
    ],
)
def test_whose_figures_hold(contract, grade, minutes):
    terms = terms_for(SITE, contract=contract, grade=grade)
    assert terms.figures(Matter(kind=Kind.FAULT, level=1)).respond == minutes * MINUTE
    assert terms.figures(Matter(kind=Kind.FAULT, level=2)).respond == 15 * MINUTE, "levels left out are everybody's"


@pytest.mark.parametrize(
    ("length", "begin", "until"),
    [
        pytest.param(timedelta(days=1), "2026-11-24 10:00", "2026-11-25 10:00", id="a weekday"),
        pytest.param(timedelta(days=1), "2026-11-27 10:00", "2026-11-30 10:00", id="over a weekend"),
        pytest.param(timedelta(days=1), "2026-09-30 10:00", "2026-10-08 10:00", id="over the national holiday"),
        pytest.param(timedelta(days=1), "2026-02-13 10:00", "2026-02-14 10:00", id="a make-up Saturday is worked"),
        pytest.param(timedelta(hours=6), "2026-11-27 20:00", "2026-11-30 02:00", id="hours that end on a day off"),
        pytest.param(timedelta(days=5), "2026-11-24 10:00", "2026-12-01 10:00", id="five working days"),
    ],
)
def test_working_days(length, begin, until):
    zone = ZoneInfo("Asia/Shanghai")
    start = datetime.fromisoformat(begin).replace(tzinfo=zone)
    assert worked(length, DAYS, start.astimezone(UTC)) == datetime.fromisoformat(until).replace(tzinfo=zone)


def test_what_begins_with_a_report():
    found = opening(Matter(kind="fault", level=1), NOW, terms_for(SITE, contract="A-17"), DAYS)
    assert found == {ClockKind.RESPOND: NOW + 5 * MINUTE, ClockKind.ARRIVE: NOW + 30 * MINUTE}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        pytest.param({"still": {1: "30m"}}, "still needs exactly the levels", id="a level left out"),
        pytest.param({"hold": {"default": "80h"}}, "no longer than hold.longest", id="the usual hold too long"),
        pytest.param({"contracts": {"A": {}}}, "contracts.A needs figures", id="a contract without figures"),
        pytest.param(
            {"contracts": {"A": {4: {"respond": "1m", "arrive": "1m", "resolve": "1m"}}}},
            "contracts.A needs figures for some of the levels",
            id="a level that there is not",
        ),
        pytest.param({"still_wait": "0m"}, "must be more than nothing", id="no time to answer"),
    ],
)
def test_wrong_settings_are_refused_with_the_cure(given, said):
    with pytest.raises(ValidationError, match=said):
        Promises.model_validate(given)
