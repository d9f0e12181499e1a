"""Forms for a visit: bytes in, a message or what is wrong out."""

import json
from pathlib import Path

import pytest

from channels.visit import parse
from channels.visit.words import FIELDS, WORDS, say

FIXTURES = sorted((Path(__file__).parent.parent / "fixtures" / "visit").glob("*.in.form"))


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda path: path.name.removesuffix(".in.form"))
def test_a_form_becomes_the_record_beside_it(fixture):
    raw = fixture.read_bytes().strip()
    filled = parse.filled(raw, type_="application/x-www-form-urlencoded; charset=UTF-8", region="CN")
    expected = json.loads(fixture.with_name(fixture.name.replace(".in.form", ".out.json")).read_text("utf-8"))
    if filled.wrong:
        assert filled.wrong == expected
        return
    found = parse.inbound(filled, key="n-1", customer="市第一医院", raw=raw)
    assert {name: getattr(found, name) for name in expected} == expected
    assert (found.key, found.raw, found.customer) == ("n-1", raw, "市第一医院")


def test_there_are_fixtures():
    assert len(FIXTURES) >= 4


def test_every_word_is_there_in_both_languages_and_needs_the_same_values():
    def holes(text):
        return {part.partition("}")[0] for part in text.split("{")[1:]}

    assert [name for name, (zh, en) in WORDS.items() if not zh or not en or holes(zh) != holes(en)] == []
    assert [
        one.name for one in FIELDS if not all((*one.label, *one.line)) or bool(one.hint[0]) != bool(one.hint[1])
    ] == []
    assert say("long", "en", limit=7) == "Too long: at most 7 characters"


def test_what_no_store_can_hold_is_replaced():
    filled = parse.filled(b"place=a%00b", type_="application/x-www-form-urlencoded", region="CN")
    assert filled.typed["place"] == "a\ufffdb"
