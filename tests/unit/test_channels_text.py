"""Texts are measured as the medium counts and split without loss."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.contract import Unit
from channels.text import clusters, segments, split, units

FAMILY = "👨‍👩‍👧"


@pytest.mark.parametrize(
    ("text", "unit", "expected"),
    [
        ("abc", Unit.CODE_POINTS, 3),
        ("急🆘", Unit.CODE_POINTS, 2),
        ("急🆘", Unit.UTF16, 3),
        ("急🆘", Unit.UTF8, 7),
        ("a€", Unit.SMS, 3),
        ("急€", Unit.SMS, 2),
        ("", Unit.SMS, 0),
    ],
)
def test_units(text, unit, expected):
    assert units(text, unit) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", 1, id="an empty text is one message"),
        pytest.param("a" * 160, 1, id="160 septets fit one"),
        pytest.param("a" * 161, 2, id="161 do not"),
        pytest.param("a" * 306, 2, id="two parts of 153"),
        pytest.param("a" * 307, 3, id="and one more"),
        pytest.param("€" * 80, 1, id="an extension character takes two septets"),
        pytest.param("a" * 152 + "€" * 77, 3, id="an escape pair never spans two parts"),
        pytest.param("急" * 70, 1, id="70 Chinese characters"),
        pytest.param("急" * 71, 2, id="71 Chinese characters"),
        pytest.param("急" * 134, 2, id="two parts of 67"),
        pytest.param("急" * 135, 3, id="and one more Chinese one"),
        pytest.param("急" * 66 + "🆘" + "急" * 66, 3, id="a surrogate pair never spans two parts"),
        pytest.param("a" * 71 + "’", 2, id="one typographic quote makes it UCS-2"),
        pytest.param("a" * 100 + "é", 1, id="é is in the GSM alphabet"),
        pytest.param("a" * 100 + "ç", 2, id="small ç is not"),
    ],
)
def test_segments(text, expected):
    assert segments(text) == expected


@pytest.mark.parametrize(
    ("text", "limit", "unit", "expected"),
    [
        pytest.param("", 5, Unit.CODE_POINTS, [""], id="nothing is one empty part"),
        pytest.param("abc", 5, Unit.CODE_POINTS, ["abc"], id="what fits stays whole"),
        pytest.param("one two three", 9, Unit.CODE_POINTS, ["one two ", "three"], id="after a space"),
        pytest.param(
            "one\ntwo three", 9, Unit.CODE_POINTS, ["one\ntwo ", "three"], id="after a late space, not an early line"
        ),
        pytest.param("abc\nde fgh", 7, Unit.CODE_POINTS, ["abc\n", "de fgh"], id="a line before a space"),
        pytest.param("急🆘急", 2, Unit.UTF16, ["急", "🆘", "急"], id="never inside a surrogate pair"),
        pytest.param("急急", 4, Unit.UTF8, ["急", "急"], id="never inside a character of three bytes"),
        pytest.param(f"ab{FAMILY}", 6, Unit.CODE_POINTS, ["ab", FAMILY], id="a family stays together"),
        pytest.param("🇨🇳🇩🇪", 3, Unit.CODE_POINTS, ["🇨🇳", "🇩🇪"], id="flags stay whole"),
        pytest.param("ae\u0301", 2, Unit.CODE_POINTS, ["a", "e\u0301"], id="an accent stays with its letter"),
        pytest.param(
            FAMILY, 2, Unit.CODE_POINTS, ["👨\u200d", "👩\u200d", "👧"], id="a family larger than the limit is parted"
        ),
        pytest.param("a\r\nb", 2, Unit.CODE_POINTS, ["a", "\r\n", "b"], id="CR LF stays together"),
        pytest.param("€€", 3, Unit.SMS, ["€", "€"], id="septets of a GSM text"),
        pytest.param("急€€", 3, Unit.SMS, ["急€€"], id="UTF-16 units of any other"),
    ],
)
def test_split(text, limit, unit, expected):
    assert split(text, limit, unit) == expected


def test_a_limit_below_one_character_is_an_error():
    with pytest.raises(ValueError, match="holds not one character"):
        split("急", 2, Unit.UTF8)


TEXTS = st.text(alphabet=st.sampled_from("ab \n\r€é急🆘👨👩\u200d\u0301\ufe0f🇨🇳🏽"), max_size=200)


@given(text=TEXTS, limit=st.integers(4, 70), unit=st.sampled_from(list(Unit)))
def test_splitting_loses_nothing_and_no_part_is_over_the_limit(text, limit, unit):
    parts = split(text, limit, unit)
    assert "".join(parts) == text
    assert [part for part in parts if units(part, unit) > limit] == []
    assert text == "" or "" not in parts


@given(text=TEXTS, limit=st.integers(40, 70))
def test_a_cluster_that_fits_is_never_parted(text, limit):
    whole = [cluster for cluster in clusters(text) if len(cluster) <= limit]
    found = [cluster for part in split(text, limit, Unit.CODE_POINTS) for cluster in clusters(part)]
    assert len(whole) != len(list(clusters(text))) or found == whole
