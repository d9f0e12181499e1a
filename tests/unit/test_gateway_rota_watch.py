"""Holes in the rota are told a week ahead, once each, and again when one comes back."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from channels.contract import Can
from gateway.rota_moves import Back, Gone, RotaMoves, Stand, Stands
from gateway.rota_watch import is_look, matters, next_look
from router.rota import Flaw, untold
from router.rota_settings import RotaCheck
from store.model import Timer
from tests.rotas import WEEKS, plan

SMS = {"sms:main": Can(book="tel")}
NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def texts(town: Any) -> list[str]:
    """What was said of the rota's flaws; whose shifts move is told beside it."""
    return [text for text in town.channels["sms:main"].texts() if "值班表" in text or "调休" in text]


def looks(town: Any) -> list[datetime]:
    return [row["due"] for row in town.rows(Timer) if row["kind"] == "shift" and row["about"].startswith("flaws")]


async def leave(town: Any, begins: datetime, ends: datetime, person: str = "zhang") -> None:
    moves = RotaMoves(town.house.standing)
    await town.house.writer.do(moves.leave, Gone(person=person, begins=begins, ends=ends, by="li"))


async def test_a_hole_is_told_a_week_ahead_and_once(town) -> None:
    here = await town(SMS)
    await leave(here, NOW + 10 * DAY, NOW + 11 * DAY)
    await here.forward(days=2)
    assert texts(here) == []
    await here.forward(days=7)
    expected = "【服务台】值班表有1处空缺，最早12-04 03:00至12-05 03:00无人任主责。请尽快排人。"
    assert texts(here) == [expected]
    assert here.history("alarm") == ["nobody leads from 2026-12-04T03:00:00+00:00 to 2026-12-05T03:00:00+00:00"]
    assert here.channels["sms:main"].sent[0].to == "+8613800000101"


async def test_each_day_has_one_look_ahead_whatever_was_found(town) -> None:
    here = await town(SMS)
    assert looks(here) == [NOW.replace(hour=9)]
    await here.forward(days=3)
    assert looks(here) == [NOW.replace(hour=9) + 3 * DAY]


async def test_a_hole_that_was_filled_and_comes_again_is_told_again(town) -> None:
    here = await town(SMS)
    moves = RotaMoves(here.house.standing)
    await leave(here, NOW + 3 * DAY, NOW + 4 * DAY)
    await here.forward(days=1)
    stand = Stand(role="lead", person="li", begins=NOW + 3 * DAY, ends=NOW + 4 * DAY)
    [ident] = await here.house.writer.do(moves.stand_in, Stands(stands=[stand], by="li"))
    await here.forward(days=1)
    assert len(texts(here)) == 1
    await leave(here, NOW + 3 * DAY, NOW + 4 * DAY, person="li")
    await here.forward(hours=23)
    assert len(texts(here)) == 2
    assert ident


async def test_after_a_start_what_was_told_is_not_told_again_and_there_is_one_look(town) -> None:
    here = await town(SMS)
    await leave(here, NOW + 3 * DAY, NOW + 4 * DAY)
    await here.house.writer.do(here.house.rota_watch.begin, None)
    await here.house.writer.do(here.house.rota_watch.begin, None)
    await here.settle()
    assert (len(texts(here)), len(looks(here))) == (1, 1)
    await here.house.writer.do(RotaMoves(here.house.standing).come_back, Back(person="zhang", by="", planned=True))
    await here.house.writer.do(here.house.rota_watch.begin, None)
    assert is_look(Timer(id=1, due=NOW, kind="shift", about="flaws"))
    assert [
        row["about"] for row in here.rows(Timer) if row["kind"] == "shift" and row["about"].startswith("flaws")
    ] == ["flaws"]


async def test_a_process_that_does_not_work_looks_at_nothing(town) -> None:
    here = await town(SMS, works=False)
    assert looks(here) == []


@pytest.mark.parametrize(
    ("what", "days", "so"),
    [
        pytest.param("hole", [], True, id="a hole"),
        pytest.param("calendar", ["workday"], True, id="unknown make-up days where a layer counts by them"),
        pytest.param("calendar", ["mon"], False, id="and where none does"),
        pytest.param("double", [], False, id="one person in two roles"),
    ],
)
def test_what_changes_who_is_on_duty_is_told(what, days, so):
    flaw = Flaw(what=what, role="lead", begins=NOW, ends=NOW + DAY)
    assert matters(flaw, plan({**WEEKS, "days": days})) is so


@pytest.mark.parametrize(
    ("known", "fresh"),
    [
        pytest.param([], [(1, 3)], id="nothing was known"),
        pytest.param([(1, 3)], [], id="all of it was known"),
        pytest.param([(0, 5)], [], id="a longer one was known, and it began meanwhile"),
        pytest.param([(1, 2)], [(1, 3)], id="it has grown at its end"),
        pytest.param([(2, 3)], [(1, 3)], id="it has grown at its beginning"),
        pytest.param([(1, 2), (2, 3)], [], id="two that are one now"),
        pytest.param([(4, 6)], [(1, 3)], id="another was known"),
    ],
)
def test_a_hole_is_new_as_far_as_some_part_of_it_was_not_known(known, fresh):
    def holes(spans: list[tuple[int, int]]) -> list[Flaw]:
        return [Flaw(what="hole", role="lead", begins=NOW + a * DAY, ends=NOW + b * DAY) for a, b in spans]

    assert untold(holes([(1, 3)]), holes(known), NOW + 7 * DAY) == holes(fresh)


def test_a_hole_that_goes_on_beyond_the_days_looked_at_is_not_told_each_day():
    def hole(days: int) -> Flaw:
        return Flaw(what="hole", role="lead", begins=NOW, ends=NOW + days * DAY)

    assert untold([hole(36)], [hole(35)], NOW + 8 * DAY) == []
    assert untold([hole(63)], [hole(35)], NOW + 36 * DAY) == [hole(63)]


@pytest.mark.parametrize(
    ("now", "due"),
    [
        pytest.param("2026-03-28T08:59:00+01:00", "2026-03-28T09:00:00+01:00", id="today"),
        pytest.param("2026-03-28T09:00:00+01:00", "2026-03-29T09:00:00+02:00", id="tomorrow, when the clocks changed"),
    ],
)
def test_the_next_look_keeps_its_time_on_the_wall(now, due):
    found = next_look(RotaCheck(), datetime.fromisoformat(now), ZoneInfo("Europe/Berlin"))
    assert found == datetime.fromisoformat(due)
