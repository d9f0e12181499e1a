"""Which version is newer, and which lie in a range."""

from __future__ import annotations

from itertools import pairwise

import pytest

from router.versions import fits, known, order, parse

LINES = (
    ("2.9", "2.10", "2.10.1", "3"),
    (
        "2.3.0",
        "2.3.1-dev3",
        "2.3.1-alpha",
        "2.3.1-beta2",
        "2.3.1-rc1",
        "2.3.1-rc2",
        "2.3.1-rc10",
        "2.3.1",
        "2.3.1-sp1",
        "2.3.2",
    ),
    ("V100R020C10SPC300", "V100R021C00", "V100R021C00SPC100", "V100R021C00SPC200", "V100R021C01", "V100R022C00"),
    ("1.1.1", "1.1.1a", "1.1.1k", "1.1.2"),
    ("7.0(1)", "7.0(3)I4(2)", "7.0(3)I4(10)", "7.1"),
    ("2024.1", "2024.10", "2025.1"),
    ("3.0公测", "3.0", "3.0.1"),
    ("0", "0.0.1", "0.1"),
)
SAME = (
    ("2.3", "2.3.0"),
    ("v2.3.1", "2.3.1.0"),
    ("V2.3.1", "2.3.1"),
    ("2.3.1-rc1", "2.3.1.RC.1"),
    ("2.3-rc1", "2.3.0rc1"),
    ("V100R021C00", "v100r21c0"),
    ("２．３", "2.3"),
)
INSIDE = (
    ("", "2.3", True),
    ("", "", True),
    (">=2.0 <2.3", "2.0", True),
    (">=2.0 <2.3", "2.2.9", True),
    (">=2.0 <2.3", "2.3", False),
    (">=2.0 <2.3", "2.3-rc1", True),
    (">=2.0, <2.3", "1.9", False),
    (">= 2.0 < 2.10", "2.9", True),
    ("≥2.0，≤2.3", "2.3.0", True),
    ("2.3.1", "v2.3.1", True),
    ("==2.3.1", "2.3.2", False),
    (">=2.0 !=2.1", "2.1.0", False),
    ("<2.0 || >=3.0 <3.2", "3.1", True),
    ("<2.0 || >=3.0 <3.2", "2.5", False),
    (">=V100R021C00 <V100R021C01", "V100R021C00SPC200", True),
    (">=2.0", "", False),
    ("!=2.0", "不清楚", False),
)
WRONG = (
    (">=", "no range"),
    (">=2.0 <", "no range"),
    ("2.0 - ", "no number"),
    ("=>2.0", "no range"),
    ("newest", "no number"),
    ("2.3.x", "wildcard"),
    ("2.*", "wildcard"),
    (">=2.0 ||", "no range"),
    (">2.3 <2.0", "no version lies in"),
    ("=2.0 <2.0", "no version lies in"),
    (">" + "1" * 201, "longer"),
)


@pytest.mark.parametrize("line", LINES)
def test_each_version_is_newer_than_the_one_before(line: tuple[str, ...]) -> None:
    for older, newer in pairwise(line):
        assert order(older) < order(newer), (older, newer)


@pytest.mark.parametrize(("one", "other"), SAME)
def test_two_ways_to_write_one_version(one: str, other: str) -> None:
    assert order(one) == order(other)


@pytest.mark.parametrize(("written", "version", "inside"), INSIDE)
def test_what_lies_in_a_range(written: str, version: str, inside: bool) -> None:
    assert fits(written, version) is inside


@pytest.mark.parametrize(("written", "why"), WRONG)
def test_what_is_no_range_says_how_to_write_one(written: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        parse(written)


def test_a_range_is_kept_in_one_way_of_writing() -> None:
    assert str(parse("≥ 2.0，< 2.3||3")) == ">=2.0 <2.3 || =3"
    assert parse(str(parse(">=2.0 <2.3 || 3"))) == parse(">=2.0 <2.3 || 3")


def test_a_version_nobody_knows_cannot_be_compared() -> None:
    assert not known("不清楚")
    assert not known("9" * 5000)
    with pytest.raises(ValueError, match="no number"):
        order("不清楚")
