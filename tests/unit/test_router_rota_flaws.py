"""What is wrong with a rota: holes, doubles, overlaps, unknown make-up days; and properties of any rota."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.rota import (
    Flaw,
    Holder,
    flaws,
    flaws_ahead,
    holder,
    roles_of,
    turns,
)
from router.wall import begins, on_the_wall
from tests.rotas import DAY, HOUR, MONDAY, PEOPLE, WEEKS, away, plan, shift

ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia")
WORKED = ("mon", "tue", "wed", "thu", "fri", "sat")


def test_nobody_is_a_turn_and_a_hole():
    given = plan({**WEEKS, "days": ["mon", "tue"]}, lead=None)
    week = flaws(given, MONDAY, MONDAY + 7 * DAY)
    assert [(one.what, one.begins, one.ends) for one in week] == [
        ("hole", MONDAY, MONDAY + 8 * HOUR),  # before it begins
        ("hole", MONDAY + 2 * DAY, MONDAY + 7 * DAY),
    ]


@pytest.mark.parametrize(
    ("given", "found"),
    [
        pytest.param(
            plan({"weekdays": dict.fromkeys(WORKED, "a"), "begins": "2026-01-05 00:00"}, lead=None),
            [Flaw(what="hole", role="lead", begins=MONDAY + 6 * DAY, ends=MONDAY + 7 * DAY)],
            id="a weekday without anybody",
        ),
        pytest.param(
            plan(presences=[away("d", MONDAY + DAY, MONDAY + 2 * DAY)]),
            [Flaw(what="hole", role="lead", begins=MONDAY + DAY, ends=MONDAY + 2 * DAY)],
            id="the only one is away",
        ),
        pytest.param(
            plan(second="d", shifts=[shift("a", MONDAY + DAY, MONDAY + 30 * DAY, role="second")]),
            [Flaw(what="double", role="second", begins=MONDAY, ends=MONDAY + DAY, people=("d",))],
            id="lead and second are one",
        ),
        pytest.param(
            plan(manager="a", shifts=[shift("a", MONDAY + DAY, MONDAY + 2 * DAY)]),
            [Flaw(what="double", role="manager", begins=MONDAY + DAY, ends=MONDAY + 2 * DAY, people=("a",))],
            id="lead and manager are one",
        ),
        pytest.param(
            plan(
                shifts=[
                    shift("a", MONDAY, MONDAY + 3 * DAY),
                    shift("b", MONDAY + 2 * DAY, MONDAY + 5 * DAY, ident=2),
                    shift("b", MONDAY + DAY, MONDAY + 9 * DAY, ident=3, role="second"),
                    shift("c", MONDAY + DAY, MONDAY + 9 * DAY, ident=4, state="refused"),
                ]
            ),
            [
                Flaw(what="double", role="second", begins=MONDAY + 2 * DAY, ends=MONDAY + 5 * DAY, people=("b",)),
                Flaw(what="overlap", role="lead", begins=MONDAY + 2 * DAY, ends=MONDAY + 3 * DAY, people=("a", "b")),
            ],
            id="two stand in, and one of them is second already",
        ),
        pytest.param(
            plan(shifts=[shift("a", MONDAY - DAY), shift("b", MONDAY, MONDAY + DAY, ident=2)]),
            [],
            id="who stands in until further notice is meant to be followed",
        ),
        pytest.param(
            plan({**WEEKS, "people": ["d"], "days": ["tue"]}, second="d"),
            [Flaw(what="double", role="second", begins=MONDAY, ends=MONDAY + 8 * DAY, people=("d",))],
            id="two roles at once through several layers are one flaw",
        ),
        pytest.param(plan({**WEEKS, "people": ["a"]}, second="b"), [], id="nothing"),
    ],
)
def test_what_is_wrong_with_a_plan(given, found):
    seen = flaws(given, MONDAY, MONDAY + 8 * DAY)
    assert sorted(seen, key=lambda one: one.what) == found


def test_a_hole_that_begins_within_a_week_is_told_with_its_whole_length():
    given = plan(
        presences=[away("d", MONDAY + 6 * DAY, MONDAY + 20 * DAY), away("d", MONDAY + 28 * DAY, MONDAY + 30 * DAY)]
    )
    assert [(f.begins, f.ends) for f in flaws_ahead(given, MONDAY)] == [(MONDAY + 6 * DAY, MONDAY + 20 * DAY)]
    assert flaws_ahead(given, MONDAY, DAY) == []


@pytest.mark.parametrize(
    ("now", "calendar", "whats"),
    [
        pytest.param(datetime(2029, 12, 1, tzinfo=UTC), {}, ["calendar"], id="unknown in December"),
        pytest.param(datetime(2029, 11, 30, 15, tzinfo=UTC), {}, [], id="not asked for before"),
        pytest.param(datetime(2029, 11, 30, 16, tzinfo=UTC), {}, ["calendar"], id="by the site's own midnight"),
        pytest.param(datetime(2029, 12, 1, tzinfo=UTC), {"workdays": ["2030-02-09"]}, [], id="the site knows them"),
        pytest.param(datetime(2029, 12, 1, tzinfo=UTC), {"country": "DE"}, [], id="a country without any"),
        pytest.param(datetime(2025, 12, 1, tzinfo=UTC), {}, [], id="the library knows them"),
    ],
)
def test_make_up_days_of_next_year_must_be_known_from_december_on(now, calendar, whats):
    assert [f.what for f in flaws_ahead(plan(zone="Asia/Shanghai", calendar=calendar), now)] == whats


# properties

at = datetime.fromisoformat

walls = st.datetimes(at("2025-10-01"), at("2026-12-01")).map(lambda at: at.strftime("%Y-%m-%d %H:%M"))
clock = st.tuples(st.integers(0, 23), st.sampled_from([0, 30])).map(lambda at: f"{at[0]:02}:{at[1]:02}")
days = st.lists(st.sampled_from(["workday", "holiday", "mon", "sat"]), max_size=2)
every = st.sampled_from(["hourly", "5 hours", "daily", "3 days", "weekly"])
order = st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=4)
week = st.dictionaries(st.sampled_from(["mon", "wed", "sat", "sun"]), st.sampled_from(PEOPLE), min_size=1)


@st.composite
def layers(draw):
    layer = {"begins": draw(walls), "role": draw(st.sampled_from(["lead", "lead", "second"])), "days": draw(days)}
    layer |= {"weekdays": draw(week)} if draw(st.booleans()) else {"people": draw(order), "every": draw(every)}
    if draw(st.booleans()):
        layer["hours"] = {"begin": draw(clock), "end": draw(clock)}
    if draw(st.booleans()):
        layer["zone"] = draw(st.sampled_from(ZONES))
    return layer


instants = st.datetimes(at("2025-12-01"), at("2026-11-20")).map(lambda at: at.replace(tzinfo=UTC))
minutes = st.integers(1, 40_000).map(lambda n: timedelta(minutes=n))


@st.composite
def plans(draw):
    spans = [(draw(st.sampled_from(PEOPLE)), draw(instants), draw(minutes), draw(instants)) for _ in range(4)]
    return plan(
        *draw(st.lists(layers(), max_size=3)),
        zone=draw(st.sampled_from(ZONES)),
        lead=draw(st.sampled_from(["d", "a"])),
        shifts=[shift(p, at, at + long, said=said, ident=n) for n, (p, at, long, said) in enumerate(spans[:2])],
        presences=[away(p, at, at + long, said=said) for p, at, long, said in spans[2:]],
    )


@settings(max_examples=60, deadline=None)
@given(plans(), instants, st.integers(1, 30), st.lists(st.floats(0, 0.999), min_size=20, max_size=20))
def test_turns_cover_a_span_without_a_gap_and_agree_with_every_instant(given, begin, length, parts):
    end = begin + length * DAY
    for role in ("lead", "second"):
        spans = turns(given, role, begin, end)
        assert (spans[0].begins, spans[-1].ends) == (begin, end)
        assert all(one.ends == two.begins and one.begins < one.ends for one, two in pairwise(spans))
        assert all((one.person, one.by) != (two.person, two.by) for one, two in pairwise(spans))
        for at in (begin + part * (end - begin) for part in parts):
            span = next(one for one in spans if one.begins <= at < one.ends)
            assert holder(given, role, at) == Holder(person=span.person, by=span.by)


@settings(max_examples=40, deadline=None)
@given(plans(), instants, st.lists(st.floats(0, 0.999), min_size=30, max_size=30))
def test_an_instant_is_in_a_hole_exactly_when_nobody_leads(given, begin, parts):
    end = begin + 20 * DAY
    holes = [one for one in flaws(given, begin, end) if one.what == "hole"]
    doubles = [one for one in flaws(given, begin, end) if one.what == "double"]
    for at in (begin + part * (end - begin) for part in parts):
        people = roles_of(given, at)
        assert any(one.begins <= at < one.ends for one in holes) == (people["lead"] is None)
        same = people["lead"] is not None and people["lead"] == people["second"]
        assert any(one.begins <= at < one.ends for one in doubles) == same


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(ZONES), instants, minutes)
def test_the_time_on_the_wall_never_goes_back(zone, at, later):
    assert on_the_wall(at, ZoneInfo(zone)) <= on_the_wall(at + later, ZoneInfo(zone))


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(ZONES), walls)
def test_before_a_time_on_the_wall_comes_the_wall_shows_less(zone, wall):
    place, at = ZoneInfo(zone), datetime.fromisoformat(wall)
    instant = begins(at, place)
    assert on_the_wall(instant - timedelta(seconds=1), place) < at <= on_the_wall(instant, place)
