"""Who is on duty, and which of the staff a text names."""

import pytest

from router.duty import OnDuty, named, on_duty
from router.settings import Person, Rota

PEOPLE = {
    key: Person(name=name, addresses={"tel": "+86138"})
    for key, name in {"zhang": "张三", "li": "李雷", "wang": "王经理", "zhao": "Zhao"}.items()
}
ROTA = Rota(lead="zhang", second="li")


def test_a_stand_in_goes_before_the_rota():
    duty = on_duty(ROTA, PEOPLE, {"lead": "zhao"})
    assert duty == OnDuty(lead="zhao", second="li", manager=None, everyone=("zhang", "li", "wang", "zhao"))


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
    assert on_duty(ROTA, PEOPLE, {}).who(role) == people


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
