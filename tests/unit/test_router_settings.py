"""The router's block: what it fills in by itself and what it refuses."""

from datetime import time, timedelta

import pytest
from pydantic import ValidationError

from router.blocks import read_span, read_time, read_zone
from router.settings import RouterSettings

PEOPLE = {"zhang": {"name": "张三", "addresses": {"tel": "+8613800000101"}}}


def settings(**more) -> RouterSettings:
    return RouterSettings.model_validate({"people": PEOPLE, "rota": {"lead": "zhang"}, **more})


@pytest.mark.parametrize(
    ("text", "length"),
    [
        pytest.param("90s", timedelta(seconds=90), id="seconds"),
        pytest.param("10m", timedelta(minutes=10), id="minutes"),
        pytest.param("1.5h", timedelta(minutes=90), id="a part of an hour"),
        pytest.param("1d", timedelta(days=1), id="a day"),
    ],
)
def test_a_length_of_time(text, length):
    assert read_span(text) == length


@pytest.mark.parametrize("wrong", ["10", "ten minutes", 10, "-5m", ""])
def test_no_length_of_time_is_refused_with_the_cure(wrong):
    with pytest.raises(ValueError, match="write a length of time"):
        read_span(wrong)


@pytest.mark.parametrize("wrong", ["25:00", "8", 510, "08:60"])
def test_no_time_of_day_is_refused_with_the_cure(wrong):
    with pytest.raises(ValueError, match="in quotes"):
        read_time(wrong)


def test_a_time_of_day():
    assert read_time("08:30") == time(8, 30)


@pytest.mark.parametrize("wrong", ["CST", "Beijing", "UTC+8", "../etc"])
def test_only_names_of_the_time_zone_database(wrong):
    with pytest.raises(ValueError, match="IANA"):
        read_zone(wrong)


def test_the_contract_of_the_design_is_the_default():
    rows = {level: (p.respond, p.arrive, p.resolve) for level, p in settings().contract.items()}
    hour = timedelta(hours=1)
    assert rows == {
        1: (timedelta(minutes=10), hour, 4 * hour),
        2: (timedelta(minutes=15), 2 * hour, 4 * hour),
        3: (timedelta(minutes=30), 2 * hour, 4 * hour),
    }


def test_one_ladder_changed_leaves_the_others_as_they_are():
    step = {"steps": [{"after": "0s", "who": ["zhang"]}], "how": [{"after": "0s", "by": "mail"}]}
    changed = settings(policies={"other": step})
    assert [rule.by for rule in changed.policies["other"].how] == ["mail"]
    assert changed.policies["fault-1"] == settings().policies["fault-1"]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        pytest.param({"rota": {"lead": "nobody"}}, "rota names 'nobody'", id="a rota that names nobody"),
        pytest.param({"contract": {}}, "exactly the levels 1, 2 and 3", id="a contract without levels"),
        pytest.param({"quiet": "22:00"}, "Extra inputs", id="an unknown key"),
        pytest.param({"people": {}}, "at least 1", id="no people at all"),
        pytest.param({"policies": {"other": {"steps": [], "how": []}}}, "at least 1", id="a ladder without a step"),
    ],
)
def test_what_cannot_work_is_refused(more, words):
    with pytest.raises(ValidationError, match=words):
        settings(**more)
