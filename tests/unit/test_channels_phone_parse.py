"""Twilio's voice webhooks: bytes in, records out."""

import json
from pathlib import Path

import pytest
from multidict import MultiDict

from channels.contract import Malformed, Status, Update
from channels.phone.twilio import parse
from channels.untrusted import form_fields

FIXTURES = sorted((Path(__file__).parent.parent / "fixtures" / "phone-twilio").glob("*.in.form"))
SID = "CA22222222222222222222222222222222"


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda path: path.name.removesuffix(".in.form"))
def test_a_pressed_key_becomes_the_record_beside_it(fixture):
    raw = fixture.read_bytes()
    found = parse.digits(form_fields(raw), raw=raw, key="d-1", turn=1, region="CN")
    expected = json.loads(fixture.with_name(fixture.name.replace(".in.form", ".out.json")).read_text("utf-8"))
    if found is None:
        assert expected is None
    else:
        assert {name: getattr(found, name) for name in expected} == {**expected, "answers": tuple(expected["answers"])}
        assert found.raw == raw


@pytest.mark.parametrize("gone", ["CallSid", "To"])
def test_a_missing_field_is_named(gone):
    fields = MultiDict({"CallSid": SID, "To": "+8613800138000", "Digits": "1"})
    del fields[gone]
    with pytest.raises(Malformed) as caught:
        parse.digits(fields, raw=b"", key="d-1", turn=1, region="CN")
    assert caught.value.where == f"form.{gone}"


@pytest.mark.parametrize(
    ("word", "status", "reason"),
    [
        ("queued", Status.ACCEPTED, None),
        ("initiated", Status.ACCEPTED, None),
        ("ringing", Status.RINGING, None),
        ("in-progress", Status.ANSWERED, None),
        ("completed", Status.ANSWERED, None),
        ("busy", Status.FAILED, "the line was busy or the call was rejected"),
        ("no-answer", Status.FAILED, "nobody answered"),
        ("failed", Status.FAILED, "the call could not be connected"),
        ("canceled", Status.FAILED, "the call was cancelled before it was answered"),
    ],
)
def test_what_became_of_a_call(word, status, reason):
    update = parse.update(MultiDict({"CallSid": SID, "CallStatus": word}), key="d-1")
    code = word if status is Status.FAILED else None
    assert update == Update(status=status, key="d-1", provider_id=SID, code=code, reason=reason)


def test_a_call_status_that_nobody_knows_is_no_update():
    assert parse.update(MultiDict({"CallSid": SID, "CallStatus": "dreaming"}), key="d-1") is None


@pytest.mark.parametrize("gone", ["CallSid", "CallStatus"])
def test_a_status_without_sid_or_word_is_malformed(gone):
    fields = MultiDict({"CallSid": SID, "CallStatus": "ringing"})
    del fields[gone]
    with pytest.raises(Malformed) as caught:
        parse.update(fields, key="d-1")
    assert caught.value.where == f"form.{gone}"
