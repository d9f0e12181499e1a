"""Who has a role when: rotations, layers, stand-ins, absence, both edges of daylight saving, and holes."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from router.rota import (
    Holder,
    Plan,
    flaws,
    holder,
    lead_at,
    next_change,
    roles_of,
    turns,
)
from router.rota_settings import Rota, read_every, read_wall
from router.wall import begins
from tests.rotas import DAY, HOUR, MONDAY, WEEKS, away, plan, shift


def who(given: Plan, zone: str, *walls: str) -> str:
    """Who leads at times on the wall, "-" where nobody does."""
    instants = (datetime.fromisoformat(f"2026-{wall}").replace(tzinfo=ZoneInfo(zone)).astimezone(UTC) for wall in walls)
    return "".join(lead_at(given, instant) or "-" for instant in instants)


def told(given: Plan, begin: datetime, hours: float) -> list[tuple[float, str | None]]:
    """Whose turns follow: hours after the beginning, and who."""
    found = turns(given, "lead", begin, begin + hours * HOUR)
    return [((turn.begins - begin) / HOUR, turn.person) for turn in found]


@pytest.mark.parametrize(
    ("layer", "walls", "people"),
    [
        pytest.param(
            {"people": ["a", "b", "c"], "every": "daily", "begins": "2026-01-05 08:00"},
            ["01-05T08:00", "01-06T07:59", "01-06T08:00", "01-07T12:00", "01-08T08:00"],
            "aabca",
            id="days",
        ),
        pytest.param(WEEKS, ["01-05T08:00", "01-12T07:59", "01-12T08:00", "01-19T08:00"], "aaba", id="weeks"),
        pytest.param(
            {"people": ["a", "b"], "every": "2 weeks", "begins": "2026-01-05 08:00"},
            ["01-05T08:00", "01-19T07:59", "01-19T08:00", "02-02T08:00"],
            "aaba",
            id="two weeks at a time",
        ),
        pytest.param(
            {"people": ["a", "b", "c"], "every": "hourly", "begins": "2026-01-05 00:00"},
            ["01-05T00:00", "01-05T01:00", "01-05T02:59", "01-05T03:00", "01-06T00:00"],
            "abcaa",
            id="hours",
        ),
        pytest.param(
            {"people": ["a", "b"], "every": "12 hours", "begins": "2026-01-05 08:00"},
            ["01-05T08:00", "01-05T19:59", "01-05T20:00", "01-06T07:59", "01-06T08:00"],
            "aabba",
            id="half days",
        ),
        pytest.param(
            {"weekdays": {"mon": "a", "tue": "b", "sun": "c"}, "begins": "2026-01-05 08:00"},
            ["01-05T08:00", "01-06T07:59", "01-06T08:00", "01-07T08:00", "01-11T08:00", "01-12T07:00"],
            "aabdcc",
            id="weekdays, which begin at the time of begins, and the fallback where none is named",
        ),
        pytest.param(
            {**WEEKS, "ends": "2026-01-14 08:00"},
            ["01-05T07:59", "01-05T08:00", "01-14T07:59", "01-14T08:00"],
            "dabd",
            id="before it begins and from when it ends it says nothing",
        ),
        pytest.param(
            {**WEEKS, "hours": {"begin": "09:00", "end": "17:00"}},
            ["01-05T08:59", "01-05T09:00", "01-05T16:59", "01-05T17:00"],
            "daad",
            id="hours of the day",
        ),
        pytest.param(
            {**WEEKS, "hours": {"begin": "22:00", "end": "06:00"}, "days": ["fri"]},
            ["01-09T05:00", "01-09T21:59", "01-09T22:00", "01-10T05:59", "01-10T06:00", "01-10T22:00"],
            "ddaadd",
            id="hours that pass midnight belong to the day on which they begin",
        ),
        pytest.param(
            {
                "weekdays": {"mon": "a", "tue": "b"},
                "begins": "2026-01-05 00:00",
                "hours": {"begin": "22:00", "end": "06:00"},
            },
            ["01-05T22:00", "01-06T00:00", "01-06T05:59", "01-06T06:00", "01-06T22:00", "01-07T05:00"],
            "aaadbb",
            id="a weekday's night is one person's, also past midnight",
        ),
        pytest.param(
            {"weekdays": {"mon": "a", "tue": "b"}, "hours": {"begin": "08:00", "end": "08:00"}},
            ["01-05T07:59", "01-05T08:00", "01-06T07:59", "01-06T08:00", "01-07T08:00"],
            "daabd",
            id="hours that end where they begin are a whole day",
        ),
        pytest.param(
            {**WEEKS, "days": ["sat", "holiday"]},
            ["02-14T12:00", "02-15T12:00", "02-16T12:00", "02-27T12:00"],
            "bbad",
            id="a named weekday, worked or not, and the days off",
        ),
        pytest.param(
            {**WEEKS, "zone": "America/New_York"},
            ["01-05T12:59", "01-05T13:00", "01-12T13:00"],
            "dab",
            id="a layer with a zone of its own",
        ),
    ],
)
def test_whose_turn_it_is(layer, walls, people):
    given = plan(layer)
    assert who(given, "UTC", *walls) == people
    # What the turns say is what is true at each instant.
    begin, end = MONDAY - 2 * DAY, MONDAY + 60 * DAY
    spans = turns(given, "lead", begin, end)
    assert all(lead_at(given, span.begins) == lead_at(given, span.ends - timedelta(seconds=1)) for span in spans)


@pytest.mark.parametrize(
    ("days", "worked"),
    [
        pytest.param(["02-14", "02-28", "10-10", "05-09", "09-20"], True, id="make-up days of 2026 are worked"),
        pytest.param([f"10-0{n}" for n in range(1, 8)], False, id="the national day's week is off"),
        pytest.param(["02-16", "02-17", "02-23"], False, id="spring festival"),
        pytest.param(["10-08", "10-09", "03-02"], True, id="plain working days"),
        pytest.param(["03-01", "03-07"], False, id="plain weekends"),
    ],
)
@pytest.mark.parametrize("kind", ["workday", "holiday"])
def test_layers_for_workdays_and_days_off_follow_the_calendar_of_china(days, worked, kind):
    given = plan({**WEEKS, "people": ["a"], "days": [kind]}, zone="Asia/Shanghai")
    people = who(given, "Asia/Shanghai", *(f"{day}T{time}" for day in days for time in ("00:00", "12:00", "23:59")))
    assert set(people) == ({"a"} if worked == (kind == "workday") else {"d"})


def test_the_sites_own_table_goes_before_the_country():
    calendar = {"holidays": ["2026-03-03"], "workdays": ["2026-10-01"]}
    given = plan({**WEEKS, "people": ["a"], "days": ["workday"]}, calendar=calendar)
    assert who(given, "UTC", "03-03T12:00", "03-04T12:00", "10-01T12:00", "10-02T12:00") == "daad"


def test_a_later_layer_goes_before_an_earlier_one_and_says_by_what():
    given = plan(
        {**WEEKS, "people": ["a"]},
        {**WEEKS, "people": ["b"], "hours": {"begin": "22:00", "end": "06:00"}},
        {**WEEKS, "people": ["c"], "days": ["sun"]},
    )
    assert who(given, "UTC", "01-06T12:00", "01-06T23:00", "01-11T23:00") == "abc"
    assert holder(given, "lead", MONDAY + 23 * HOUR) == Holder(person="b", by="layer1")


def test_each_role_has_layers_and_a_fallback_of_its_own():
    given = plan({**WEEKS, "people": ["a"], "role": "second"}, manager="c")
    assert roles_of(given, MONDAY + DAY) == {"lead": "d", "second": "a", "manager": "c"}
    assert roles_of(given, MONDAY - DAY) == {"lead": "d", "second": None, "manager": "c"}


@pytest.mark.parametrize(
    ("gone", "person"),
    [
        pytest.param("b", "a", id="somebody else"),
        pytest.param("a", "b", id="the next of the rotation"),
        pytest.param("ab", "c", id="the next but one"),
        pytest.param("abc", "d", id="all of them, and the fallback has it"),
        pytest.param("abcd", None, id="everybody, and nobody has it"),
    ],
)
def test_the_next_of_the_rotation_stands_for_who_is_away(gone, person):
    absent = [away(one, MONDAY + DAY, MONDAY + 2 * DAY) for one in gone]
    given = plan({**WEEKS, "people": ["a", "b", "c"]}, presences=absent)
    assert [lead_at(given, MONDAY + hours * HOUR) for hours in (23, 24, 47, 48)] == ["a", person, person, "a"]


def test_who_is_away_on_their_weekday_leaves_it_to_the_layer_below():
    given = plan({"weekdays": {"mon": "a"}}, presences=[away("a", MONDAY, MONDAY + DAY)])
    assert lead_at(given, MONDAY + 12 * HOUR) == "d"


def test_who_is_awake_is_not_away():
    given = plan({**WEEKS, "people": ["a", "b"]}, presences=[away("a", MONDAY, MONDAY + 9 * DAY, kind="awake")])
    assert lead_at(given, MONDAY + DAY) == "a"


@pytest.mark.parametrize(
    ("said", "person"),
    [
        pytest.param(MONDAY, "a", id="afterwards: they do not stand in"),
        pytest.param(MONDAY - 9 * DAY, "b", id="before: they stand in nevertheless"),
    ],
)
def test_of_a_stand_in_and_an_absence_the_later_word_counts(said, person):
    given = plan(
        {**WEEKS, "people": ["a"]},
        shifts=[shift("b", MONDAY, MONDAY + 5 * DAY)],
        presences=[away("b", MONDAY + DAY, MONDAY + 2 * DAY, said=said)],
    )
    assert lead_at(given, MONDAY + 36 * HOUR) == person
    assert lead_at(given, MONDAY + 60 * HOUR) == "b"


def test_a_stand_in_goes_before_every_layer_from_its_first_to_its_last_instant():
    given = plan(WEEKS, shifts=[shift("c", MONDAY + DAY, MONDAY + 2 * DAY)])
    assert told(given, MONDAY + 8 * HOUR, 48) == [(0, "a"), (16, "c"), (40, "a")]
    assert holder(given, "lead", MONDAY + DAY).by == "shift"


def test_of_two_stand_ins_the_newer_word_counts_and_then_the_older_again():
    older = shift("c", MONDAY, MONDAY + 5 * DAY)
    newer = shift("b", MONDAY + DAY, MONDAY + 2 * DAY, said=MONDAY, ident=2)
    assert told(plan(shifts=[newer, older]), MONDAY, 144) == [(0, "c"), (24, "b"), (48, "c"), (120, "d")]


BERLIN = {"people": ["a", "b", "c"], "every": "hourly", "begins": "2026-01-01 00:00"}


@pytest.mark.parametrize(
    ("zone", "night", "hours"),
    [
        # The walls show 0 1 3 4: whose turn was at 2 has none.
        pytest.param("Europe/Berlin", "2026-03-29", [(0, "a"), (1, "b"), (2, "a"), (3, "b")], id="Berlin, skipped"),
        pytest.param(
            "America/New_York", "2026-03-08", [(0, "a"), (1, "b"), (2, "a"), (3, "b")], id="New York, skipped"
        ),
        # They show 0 1 2 2 3: whose turn is at 2 has two hours.
        pytest.param("Europe/Berlin", "2026-10-25", [(0, "a"), (1, "b"), (2, "c"), (4, "a")], id="Berlin, repeated"),
        pytest.param(
            "America/New_York", "2026-11-01", [(0, "a"), (1, "b"), (3, "c"), (4, "a")], id="New York, repeated"
        ),
        pytest.param("Asia/Shanghai", "2026-03-29", [(0, "a"), (1, "b"), (2, "c"), (3, "a")], id="none in Shanghai"),
    ],
)
def test_hourly_turns_follow_the_wall_at_both_edges_of_daylight_saving(zone, night, hours):
    midnight = datetime.fromisoformat(night).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    given = plan({**BERLIN, "begins": f"{night} 00:00"}, zone=zone)
    assert told(given, midnight, hours[-1][0] + 0.5) == hours
    ticks = [midnight + n * timedelta(minutes=7) for n in range(35)]
    spans = turns(given, "lead", midnight, midnight + 5 * HOUR)
    assert [lead_at(given, tick) for tick in ticks] == [
        next(span.person for span in spans if span.begins <= tick < span.ends) for tick in ticks
    ]


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York"])
def test_weekly_hand_overs_keep_their_time_on_the_wall_in_summer_and_winter(zone):
    given = plan({**WEEKS, "zone": zone}, zone=zone)
    spans = turns(given, "lead", MONDAY + DAY, MONDAY + 365 * DAY)
    shown = {span.begins.astimezone(ZoneInfo(zone)).strftime("%a %H:%M") for span in spans[1:]}
    assert shown == {"Mon 08:00"}
    assert {round((one.ends - one.begins) / HOUR) for one in spans[1:-1]} == {167, 168, 169}


def test_a_hand_over_in_the_skipped_hour_is_at_its_end_and_in_the_repeated_hour_at_its_first_coming():
    given = plan({"people": ["a", "b"], "every": "daily", "begins": "2026-01-01 02:30"}, zone="Europe/Berlin")
    changes = [next_change(given, "lead", datetime(2026, *day, tzinfo=UTC)) for day in ((3, 29), (10, 25))]
    assert changes == [datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)]
    second = datetime(2026, 10, 25, 1, 15, tzinfo=UTC)  # 02:15 for the second time
    assert lead_at(given, second) == lead_at(given, second + HOUR) != lead_at(given, second - HOUR)


@pytest.mark.parametrize(
    ("wall", "zone", "instant"),
    [
        pytest.param("2026-03-29T02:30", "Europe/Berlin", "2026-03-29T01:00+00:00", id="skipped"),
        pytest.param("2026-10-25T02:30", "Europe/Berlin", "2026-10-25T00:30+00:00", id="twice"),
        pytest.param("2026-10-04T02:15", "Australia/Lord_Howe", "2026-10-03T15:30+00:00", id="half an hour skipped"),
        pytest.param("2011-12-30T12:00", "Pacific/Apia", "2011-12-30T10:00+00:00", id="a whole day skipped"),
        pytest.param("2026-07-01T08:00", "Asia/Shanghai", "2026-07-01T00:00+00:00", id="neither"),
    ],
)
def test_when_a_time_on_the_wall_comes(wall, zone, instant):
    assert begins(datetime.fromisoformat(wall), ZoneInfo(zone)) == datetime.fromisoformat(instant)


def test_a_span_without_length_has_no_turns_and_no_flaws():
    assert turns(plan(WEEKS), "lead", MONDAY, MONDAY) == []
    assert flaws(plan(WEEKS), MONDAY, MONDAY - DAY) == []


def test_a_role_that_never_passes_on_has_no_next_change():
    assert next_change(plan(), "lead", MONDAY) is None
    assert next_change(plan(WEEKS), "lead", MONDAY + DAY) == MONDAY + 7 * DAY + 8 * HOUR


def test_an_instant_in_any_zone_is_the_same_instant():
    given = plan(WEEKS, zone="Asia/Shanghai", shifts=[shift("c", MONDAY, MONDAY + HOUR)])
    berlin = ZoneInfo("Europe/Berlin")
    begin, end = MONDAY - DAY, MONDAY + 20 * DAY
    assert turns(given, "lead", begin.astimezone(berlin), end.astimezone(berlin)) == turns(given, "lead", begin, end)


# settings


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        pytest.param({}, "nobody leads", id="nobody"),
        pytest.param(
            {"layers": [{"name": "x", "role": "second", "people": ["a"]}]}, "nobody leads", id="a second only"
        ),
        pytest.param({"lead": "a", "layers": [{"name": "x"}]}, "people, who take turns", id="a layer without people"),
        pytest.param(
            {"lead": "a", "layers": [{"name": "x", "people": ["a"], "weekdays": {"mon": "a"}}]}, "either", id="both"
        ),
        pytest.param({"lead": "a", "layers": [{"name": "x", "people": ["a"]}] * 2}, "two layers", id="one name twice"),
        pytest.param(
            {"lead": "a", "layers": [{"name": "shift", "people": ["a"]}]}, "cannot be called", id="our own word"
        ),
        pytest.param(
            {"lead": "a", "layers": [{"name": "x", "people": ["a"], "ends": "2023-01-01 00:00"}]},
            "before",
            id="its end",
        ),
    ],
)
def test_a_rota_that_cannot_be_is_refused_with_the_reason(wrong, why):
    with pytest.raises(ValidationError, match=why):
        Rota.model_validate(wrong)


@pytest.mark.parametrize(
    ("text", "length"),
    [("hourly", HOUR), ("daily ", DAY), ("week", 7 * DAY), ("12 hours", 12 * HOUR), ("2weeks", 14 * DAY), (DAY, DAY)],
)
def test_how_long_a_turn_lasts(text, length):
    assert read_every(text) == length


@pytest.mark.parametrize(
    "wrong", ["0 days", "00 weeks", "monthly", "99999999 weeks", "1.5 days", 7, timedelta(0), -DAY]
)
def test_no_length_of_a_turn_is_refused_with_the_cure(wrong):
    with pytest.raises(ValueError, match="write how long a turn lasts"):
        read_every(wrong)


@pytest.mark.parametrize("wrong", ["08:00", "2026-01-05", "2026-02-30 08:00", MONDAY, 5])
def test_no_time_on_the_wall_is_refused_with_the_cure(wrong):
    with pytest.raises(ValueError, match="on the wall in quotes"):
        read_wall(wrong)
