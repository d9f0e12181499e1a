"""Foreign values are checked before anything believes them, and a miss names the path only."""

import pytest

from channels.contract import Malformed
from channels.untrusted import Untrusted, form_fields

BODY = b'{"from": {"id": 7, "name": "Li"}, "list": [{"a": "x"}], "no": null, "yes": true, "at": 1700000000}'


def test_values_are_found_by_their_path():
    message = Untrusted.json(BODY)
    assert message["from"]["id"].integer() == 7
    assert message["from"]["name"].text() == "Li"
    assert [item["a"].text() for item in message["list"].items()] == ["x"]
    assert message["yes"].boolean() is True
    assert message["at"].unix_seconds().isoformat() == "2023-11-14T22:13:20+00:00"
    assert (message.get("no"), message.get("absent")) == (None, None)
    assert (message["absent"].text(default=""), message["absent"].integer(default=3)) == ("", 3)
    assert message["absent"].boolean(default=False) is False


@pytest.mark.parametrize(
    ("read", "complaint"),
    [
        (lambda m: m["gone"].text(), "body.gone: missing"),
        (lambda m: m["gone"].word(), "body.gone: missing"),
        (lambda m: m["from"]["gone"].integer(), "body.from.gone: missing"),
        (lambda m: m["from"]["id"].text(), "body.from.id: not text"),
        (lambda m: m["from"]["name"].text(limit=1), "body.from.name: longer than 1 characters"),
        (lambda m: m["from"]["name"].integer(), "body.from.name: not a whole number"),
        (lambda m: m["yes"].integer(), "body.yes: not a whole number"),
        (lambda m: m["at"].boolean(), "body.at: not true or false"),
        (lambda m: m["no"]["deeper"].text(), "body.no: not an object"),
        (lambda m: list(m["from"].items()), "body.from: not a list"),
        (lambda m: next(m["list"].items())["b"].text(), "body.list[0].b: missing"),
        (lambda m: m["list"]["a"], "body.list: not an object"),
    ],
)
def test_a_miss_names_its_path(read, complaint):
    with pytest.raises(Malformed) as caught:
        read(Untrusted.json(BODY))
    assert str(caught.value) == complaint


@pytest.mark.parametrize(
    ("body", "why"),
    [
        pytest.param(b"", "not JSON", id="nothing"),
        pytest.param(b'{"a":', "not JSON", id="cut off"),
        pytest.param(b"\xff", "not UTF-8", id="bytes"),
        pytest.param(b'{"a": NaN}', "not JSON", id="NaN is not JSON"),
        pytest.param(b"[" * 100_000, "not JSON", id="nested without end"),
        pytest.param(b'{"a": ' + b"9" * 5000 + b"}", "not JSON", id="a number without end"),
    ],
)
def test_what_is_no_json_is_malformed(body, why):
    with pytest.raises(Malformed, match=why):
        Untrusted.json(body)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("12", 12), ("-3", -3), ("9223372036854775807", 2**63 - 1)],
)
def test_forms_carry_numbers_as_text(value, expected):
    assert Untrusted(value, "n").integer() == expected


@pytest.mark.parametrize("value", ["", "1.5", "٣", "9223372036854775808", "--1", "1e3", 2**63, 1.0, None])
def test_what_is_no_64_bit_number_is_malformed(value):
    with pytest.raises(Malformed):
        Untrusted(value, "n").integer()


def test_a_moment_out_of_range_is_malformed():
    with pytest.raises(Malformed, match="not a moment"):
        Untrusted(2**62, "at").unix_seconds()


def test_what_no_store_can_hold_is_replaced():
    assert Untrusted.json(b'{"a": "x\\ud83dy\\u0000z"}')["a"].text() == "x\ufffdy\ufffdz"
    assert Untrusted.json(b'{"a": "\\ud83d\\ude00"}')["a"].text() == "😀"


def test_a_word_must_say_something():
    assert Untrusted("  x ", "w").word() == "x"
    with pytest.raises(Malformed, match="empty"):
        Untrusted("  ", "w").word()


def test_a_form_keeps_empty_and_repeated_fields():
    fields = form_fields("Body=&From=%2B86&Digits=1&Digits=2&急=%E6%80%A5+x".encode())
    assert list(fields.items()) == [("Body", ""), ("From", "+86"), ("Digits", "1"), ("Digits", "2"), ("急", "急 x")]
    assert Untrusted.form(fields)["Digits"].text() == "1"


@pytest.mark.parametrize(
    ("body", "why"), [(b"a=%ff", "not UTF-8"), (b"a=\xff", "not UTF-8"), (b"a=1&" * 1001, "more than 1000")]
)
def test_a_broken_form_is_malformed(body, why):
    with pytest.raises(Malformed, match=why):
        form_fields(body)


@pytest.mark.parametrize("value", [True, "1", None, float("inf"), 10**400])
def test_what_is_no_finite_number_is_malformed(value):
    assert [Untrusted(one, "n").number() for one in (3, -0.5)] == [3.0, -0.5]
    with pytest.raises(Malformed, match="not a number"):
        Untrusted(value, "n").number()


def test_the_kind_and_the_names_of_a_value_can_be_asked():
    value = Untrusted({"a": [1], "b": "x", "c": 1}, "v")
    assert (value.kind, list(value.names())) == (dict, ["a", "b", "c"])
    assert [value[name].kind for name in "abcd"] == [list, str, None, None]
    with pytest.raises(Malformed, match="not an object"):
        value["a"].names()
