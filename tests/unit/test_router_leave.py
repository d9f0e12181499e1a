"""What the staff say of their own duty, how it is read, and what they are told."""

from datetime import UTC, datetime, timedelta

import pytest

from router.case import Scene
from router.commands import Command, Intent, read
from router.duty import on_duty, plan_of
from router.effects import EndPresence, PutPresence, Tell
from router.leave import obeyed
from router.settings import RouterSettings
from store.model import Presence, Shift


def order(intent: str, **more: object) -> Command:
    return Command(intent=Intent(intent), **more)  # type: ignore[arg-type]


READ = [
    ("换班 李雷 11-28", order("swap", person="李雷", days=("11-28",))),
    ("换班 李雷 11-28 11-30", order("swap", person="李雷", days=("11-28", "11-30"))),
    ("换班李雷周六", order("swap", person="李雷", days=("周六",))),
    ("换班 和李雷 周六 换 下周日", order("swap", person="李雷", days=("周六", "下周日"))),
    ("換班 李雷 11月28日 11月30号", order("swap", person="李雷", days=("11月28日", "11月30号"))),
    ("swap li 11-28 for 11-30", order("swap", person="li", days=("11-28", "11-30"))),
    ("Swap with Li Lei tomorrow, please", order("swap", person="Li Lei", days=("tomorrow",))),
    ("swap zhang san sat", order("swap", person="zhang san", days=("sat",))),
    ("换班 李雷 13-45", order("swap", person="李雷", days=("13-45",))),
    ("换班 李雷 下个月", order("swap", person="李雷", days=("下个月",))),
    ("换班 李雷", order("swap", person="李雷")),
    ("换班", order("swap")),
    ("换班 李雷 11-28 可以吗？", None),
    ("换班的事我再想想", None),
    ("换班表发我一份", None),
    ("请假 11-28 11-30", order("away", days=("11-28", "11-30"))),
    ("请假 11/28-11/30", order("away", days=("11/28", "11/30"))),
    ("请假 从 11-28 到 11-30 带孩子看病", order("away", days=("11-28", "11-30"), text="带孩子看病")),
    ("away tomorrow flu", order("away", days=("tomorrow",), text="flu")),
    ("休假 明天", order("away", days=("明天",))),
    ("请假 3天", order("away", days=("3天",), text=None)),
    ("请假", order("away")),
    ("请假了怎么办", None),
    ("回来了", order("back")),
    ("我回来了", order("back")),
    ("back", order("back")),
    ("I'm back", order("back")),
    ("回来了吗", None),
    ("back soon", None),
    ("回来再说", None),
]


@pytest.mark.parametrize(("text", "meant"), READ, ids=[text for text, _ in READ])
def test_a_text_about_duty_means(text, meant):
    assert read(text) == meant


NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
"""A Tuesday; zhang has the turn until 08:00 of the next day."""
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
NAMES = {"zhang": "张三", "li": "李雷", "wang": "王经理"}
DAILY = {
    "second": "wang",
    "manager": "wang",
    "layers": [{"name": "days", "people": ["li", "zhang"], "every": "daily", "begins": "2026-11-23 08:00"}],
}
ALONE = {"lead": "zhang", "manager": "wang"}


def scene(rota=DAILY, *, shifts=(), presences=()) -> Scene:
    people = {key: {"name": name, "addresses": {"tel": f"+{key}"}} for key, name in NAMES.items()}
    known = RouterSettings.model_validate({"time_zone": "UTC", "people": people, "rota": rota})
    plan = plan_of(known, shifts, presences)
    return Scene(now=NOW, duty=on_duty(plan, NOW), settings=known, plan=plan)


def away(begins: datetime, ends: datetime, ident: int = 1) -> Presence:
    return Presence(id=ident, person="zhang", kind="away", begins=begins, ends=ends, at=NOW)


def say(text: str, *, person: str = "zhang", **more):
    command = read(text)
    assert isinstance(command, Command)
    return obeyed(command, person, scene(**more))


def answers(effects, person: str = "zhang") -> list[tuple[str, str]]:
    return [(e.template, e.variables.get("list", "")) for e in effects if isinstance(e, Tell) and e.person == person]


def stand_in(at: datetime = NOW) -> Shift:
    begins = datetime(2026, 11, 26, 8, tzinfo=UTC)
    return Shift(id=1, role="lead", person="zhang", begins=begins, ends=begins + DAY, state="in_force", at=at)


ABSENCES = [
    pytest.param("请假 11-26", {}, "away_covered", "11-26/08:00李雷", id="the next one takes over"),
    pytest.param("请假 11-26 11-28", {}, "away_covered", "11-26/08:00李雷 11-28/08:00李雷", id="two turns"),
    pytest.param("请假 12-3", {"rota": ALONE}, "away_hole", "12-03/00:00!", id="nobody leads"),
    pytest.param(
        "请假 11-26",
        {"shifts": [stand_in()]},
        "away_hole",
        "11-26/08:00张三!",
        id="said at once",
    ),
    pytest.param("请假 11-26", {"shifts": [stand_in(NOW - DAY)]}, "away_covered", "11-26/08:00李雷", id="a later word"),
    pytest.param("请假 11-25 11-25", {"rota": {"lead": "li"}}, "away_free", "", id="no turn of theirs"),
]


@pytest.mark.parametrize(("text", "more", "template", "turns"), ABSENCES)
def test_an_absence_is_answered_with_who_has_the_turns(text, more, template, turns):
    assert answers(say(text, **more)) == [(template, turns)]


def test_the_manager_hears_of_an_absence_and_of_the_hole_in_it():
    assert answers(say("请假 11-26"), "wang") == [("away_other", "11-26/08:00李雷")]
    assert answers(say("请假 11-26", shifts=[stand_in(NOW - DAY)]), "wang") == [("away_other", "11-26/08:00李雷")]
    assert answers(say("请假 12-3", rota=ALONE), "wang") == [("away_hole_other", "12-03/00:00!")]


def test_an_absence_lasts_whole_days_of_the_site_and_not_before_now():
    [later] = [e for e in say("请假 11-28 11-30 感冒") if isinstance(e, PutPresence)]
    [today] = [e for e in say("请假 今天") if isinstance(e, PutPresence)]
    assert (later.begins, later.until, later.why) == (
        datetime(2026, 11, 28, tzinfo=UTC),
        datetime(2026, 12, 1, tzinfo=UTC),
        "感冒",
    )
    assert (today.begins, today.until) == (NOW, datetime(2026, 11, 25, tzinfo=UTC))


@pytest.mark.parametrize("text", ["请假", "请假 3天", "请假 13-45", "请假 11-30 11-28", "请假 11-20", "请假 昨天"])
def test_days_that_cannot_be_are_asked_for(text):
    assert answers(say(text)) == [("away_how", "")]
    assert not any(isinstance(e, PutPresence) for e in say(text))


BACK = [
    pytest.param([away(NOW - DAY, NOW + DAY)], [1], id="the one that holds"),
    pytest.param([away(NOW - DAY, NOW + DAY), away(NOW + 2 * DAY, NOW + 3 * DAY, 2)], [1], id="not the one after"),
    pytest.param([away(NOW - DAY, NOW + DAY), away(NOW - HOUR, NOW + HOUR, 2)], [1, 2], id="both that hold"),
    pytest.param([away(NOW + 2 * DAY, NOW + 3 * DAY, 2)], [2], id="else the next one"),
    pytest.param([], [], id="none"),
]


@pytest.mark.parametrize(("presences", "ended"), BACK)
def test_who_is_back_ends_an_absence(presences, ended):
    effects = say("回来了", presences=presences)
    assert [e.presence for e in effects if isinstance(e, EndPresence)] == ended
    assert answers(effects) == [("back" if ended else "not_away", "")]


def test_who_is_on_duty_is_answered_with_until_when_and_who_is_next():
    [tell] = say("值班")
    assert isinstance(tell, Tell)
    assert (tell.template, tell.variables) == (
        "duty_until",
        {"lead": "张三", "second": "王经理", "until": (NOW - HOUR + DAY).isoformat(), "who": "li"},
    )


def test_where_nothing_changes_only_who_leads_is_said():
    assert answers(say("值班", rota=ALONE)) == [("duty", "")]


def test_a_swap_without_a_name_is_told_how():
    [tell] = say("换班")
    assert isinstance(tell, Tell)
    assert (tell.template, tell.variables["why"]) == ("swap_refused", "swap_how")
