"""Who is on duty, and which of the staff a text names."""

from datetime import UTC, datetime, timedelta

import pytest

from router.duty import OnDuty, named, on_duty, plan_of
from router.settings import RouterSettings
from store.model import Presence, Shift

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
HOUR = timedelta(hours=1)
NAMES = {"zhang": "张三", "li": "李雷", "wang": "王经理", "zhao": "Zhao"}
SETTINGS = RouterSettings.model_validate(
    {
        "people": {key: {"name": name, "addresses": {"tel": "+86138"}} for key, name in NAMES.items()},
        "rota": {"lead": "zhang", "second": "li"},
    }
)
PEOPLE = SETTINGS.people


def shift(person: str, *, at: datetime = NOW - HOUR, ends: datetime | None = None, state: str = "in_force") -> Shift:
    return Shift(id=1, role="lead", person=person, begins=at, ends=ends, state=state, at=at)


def away(person: str) -> Presence:
    return Presence(id=1, person=person, kind="away", begins=NOW - HOUR, ends=NOW + HOUR, at=NOW - HOUR)


def test_a_stand_in_goes_before_the_rota():
    duty = on_duty(plan_of(SETTINGS, [shift("zhao")]), NOW)
    assert duty == OnDuty(lead="zhao", second="li", manager=None, everyone=("zhang", "li", "wang", "zhao"))


@pytest.mark.parametrize(
    ("shifts", "lead"),
    [
        pytest.param([shift("zhao"), shift("li", at=NOW - HOUR / 2)], "li", id="the newer word counts"),
        pytest.param([shift("zhao"), shift("li", at=NOW - HOUR / 2, ends=NOW)], "zhao", id="one that is over does not"),
        pytest.param([shift("zhao", at=NOW + HOUR)], "zhang", id="one that is to come does not yet"),
        pytest.param([shift("zhao", state="proposed")], "zhang", id="a swap that nobody accepted does not"),
    ],
)
def test_which_stand_in_holds(shifts, lead):
    assert on_duty(plan_of(SETTINGS, shifts), NOW).lead == lead


def test_where_nobody_leads_somebody_is_asked_and_it_is_said():
    duty = on_duty(plan_of(SETTINGS, [], [away("zhang")]), NOW)
    assert (duty.lead, duty.hole, duty.everyone) == ("li", True, ("li", "wang", "zhao"))


def test_when_all_are_away_they_are_asked_nevertheless():
    duty = on_duty(plan_of(SETTINGS, [], [away(person) for person in PEOPLE]), NOW)
    assert (duty.lead, duty.hole, duty.everyone) == ("zhang", True, tuple(PEOPLE))


@pytest.mark.parametrize(
    ("role", "people"),
    [
        pytest.param("lead", ("zhang",), id="a role"),
        pytest.param("manager", ("zhang",), id="an empty role is the lead's"),
        pytest.param("everyone", ("zhang", "li", "wang", "zhao"), id="everyone"),
        pytest.param("zhao", ("zhao",), id="a person's key"),
    ],
)
def test_what_a_step_of_a_policy_means(role, people):
    assert on_duty(plan_of(SETTINGS), NOW).who(role) == people


def test_a_person_who_is_named_and_away_is_replaced_by_the_lead():
    assert on_duty(plan_of(SETTINGS, [], [away("zhao")]), NOW).who("zhao") == ("zhang",)


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        pytest.param("你们张三态度太差", {"zhang"}, id="the full name"),
        pytest.param("那个张工来了两次", {"zhang"}, id="family name and title"),
        pytest.param("小李说话很冲", {"li"}, id="as colleagues say it"),
        pytest.param("張三態度差", {"zhang"}, id="in traditional characters"),
        pytest.param("王经理不管", {"wang"}, id="a name that is a title"),
        pytest.param("ZHAO was rude", {"zhao"}, id="a Latin name in any case"),
        pytest.param("Zhaoqing office", set(), id="not within another word"),
        pytest.param("桌上有一张纸，李子也坏了", set(), id="not every sign that is a family name"),
        pytest.param("张三和李雷都不来", {"zhang", "li"}, id="two of them"),
        pytest.param("", set(), id="nothing said"),
    ],
)
def test_whom_a_text_names(text, keys):
    assert named(text, PEOPLE) == keys
