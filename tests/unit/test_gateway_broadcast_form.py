"""A broadcast as a YAML file: read with the line of every fault, and written back so that it reads the same."""

from datetime import timedelta

import pytest

from gateway.broadcast.yaml_form import read, written
from gateway.yaml_page import ConfigError
from router.broadcast_plan import Plan

WHOLE = """\
title: OLT 2.3.1
version: 3
package: {name: OLT 升级包, version: "2.3.1"}
audience:
  groups: [OLT 用户]
  product: OLT
  versions: "<2.3"
texts:
  zh:
    subject: 升级
    text: |
      {name}您好，
      请升级：{link}
    short: 请升级 {link}
  en: {text: "Please upgrade: {link}"}
order: [sms, mail]
pilots: [li]
waves: [5, 10%]
gate: {success: 0.9, troubles: 1, hold: 90m, automatic: false}
link_days: 30
remind_after: 3d
"""


def test_a_form_says_everything_of_a_plan() -> None:
    form, page = read(WHOLE, "olt.yaml")
    assert page.faults == []
    assert form
    plan = Plan.model_validate(form.wish["plan"])
    assert form.wish["title"] == "OLT 2.3.1"
    assert form.wish["package"] == {"name": "OLT 升级包", "version": "2.3.1"}
    assert form.version == 3
    assert plan.waves == ["5", "10%", "rest"]
    assert plan.gate.hold == timedelta(minutes=90)
    assert plan.texts["zh"].text == "{name}您好，\n请升级：{link}\n"


def test_what_is_written_back_reads_the_same_and_keeps_lines_apart() -> None:
    form, _ = read(WHOLE, "")
    assert form
    text = written(form.title, form.wish["package"], form.wish["plan"], form.version)
    assert "    text: |\n      {name}您好，\n      请升级：{link}\n" in text
    assert "hold: 90m" in text
    again, page = read(text, "")
    assert page.faults == []
    assert again == form


def test_what_comes_with_the_program_is_written_only_where_people_want_to_see_it() -> None:
    text = written("a", None, {"texts": {"zh": {"text": "b"}}})
    assert text.startswith("title: a\ntexts:\n  zh:\n    text: b\nwaves:\n- '5'\n")
    assert "hold: 2h" in text
    assert "audience" not in text
    assert "link_days" not in text


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        pytest.param(
            'version: "2.3.1"}', "version: 2.3}", "3: package.version: is not a text; write it in quotes", id="number"
        ),
        pytest.param(
            "    short:", "    shrt:", "14: texts.zh.shrt: unknown key; did you mean short?", id="typing error"
        ),
        pytest.param("title: OLT 2.3.1\n", "", "1: title: is missing; add it", id="missing"),
        pytest.param(
            "waves: [5, 10%]",
            "waves: [rest, 5]",
            "18: waves: rest leaves nothing for the waves after it; write it last",
            id="waves",
        ),
        pytest.param(
            "hold: 90m",
            "hold: soon",
            "19: gate.hold: cannot be used so; write a length of time such as 90s, 10m, 4h or 1d",
            id="length of time",
        ),
        pytest.param(
            "link_days: 30\n",
            "link_days: 30\nlink_days: 31\n",
            "21: link_days: stands twice; take one away, here or in line 20",
            id="twice",
        ),
    ],
)
def test_a_fault_names_its_line_and_its_cure(old: str, new: str, fault: str) -> None:
    assert old in WHOLE
    _, page = read(WHOLE.replace(old, new, 1), "olt.yaml")
    assert [str(one) for one in page.faults] == [f"olt.yaml:{fault}"]


@pytest.mark.parametrize("text", ["", "- a\n", "just words\n"])
def test_a_file_that_is_no_form_is_said_to_be_none(text: str) -> None:
    form, page = read(text, "a.yaml")
    assert form is None
    assert [one.what for one in page.faults] == ["is not a mapping"]


def test_a_file_that_is_no_yaml_is_refused_with_its_line() -> None:
    with pytest.raises(ConfigError, match=r"a\.yaml:2: "):
        read("title: a\nb: [", "a.yaml")
