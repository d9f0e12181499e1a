"""Webhooks and the call log of the hotline: bytes in, records out."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from multidict import MultiDict

from channels.calls import length
from channels.contract import Malformed
from channels.phone.hotline import parse
from channels.phone.hotline.seal import Seal
from channels.settings import Secret
from channels.untrusted import Untrusted, form_fields

FIXTURES = sorted((Path(__file__).parent.parent / "fixtures" / "hotline-twilio").glob("*.in.form"))
SID = "CA33333333333333333333333333333333"
A_NUMBER, LEAD = "+8613800138000", "+8613800000101"


def told(raw):
    """As the adapter does it, with what the address of the webhook carries sealed."""
    fields = form_fields(raw)
    if "RecordingStatus" in fields:
        ready = parse.recorded(fields)
        assert ready is not None
        call, seconds, url = ready
        return parse.left(parse.Caller(call=call, address=A_NUMBER), seconds=seconds, url=url, raw=raw)
    talked, seconds, _ = parse.dialled(fields)
    return parse.answered(parse.caller(fields, region="CN"), seconds=seconds, by=LEAD, raw=raw) if talked else None


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda path: path.name.removesuffix(".in.form"))
def test_a_webhook_becomes_the_record_beside_it(fixture):
    raw = fixture.read_bytes()
    expected = json.loads(fixture.with_name(fixture.name.replace(".in.form", ".out.json")).read_text("utf-8"))
    found = told(raw)
    if found is None:
        assert expected is None
        return
    remote = expected.pop("remote", None)
    assert {name: getattr(found, name) for name in expected} == expected
    assert [one.ref for one in found.remotes] == ([remote] if remote else [])
    assert found.raw == raw


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"DialCallStatus": "completed", "DialCallDuration": "9"}, (True, 9, True)),
        ({"DialCallStatus": "answered"}, (True, 0, True)),
        ({"DialCallStatus": "completed", "DialBridged": "false"}, (False, 0, True)),
        ({"DialCallStatus": "busy"}, (False, 0, True)),
        ({"DialCallStatus": "no-answer", "CallStatus": "completed"}, (False, 0, False)),
        ({"DialCallStatus": "dreaming"}, (False, 0, True)),
    ],
)
def test_what_became_of_ringing_somebody(more, expected):
    assert parse.dialled(MultiDict({"CallStatus": "in-progress", **more})) == expected


@pytest.mark.parametrize(
    "more",
    [
        {"RecordingStatus": "absent"},
        {"RecordingStatus": "in-progress"},
        {"RecordingStatus": "completed", "RecordingDuration": "0", "RecordingUrl": "https://x/RE1"},
    ],
)
def test_a_recording_that_holds_nothing_yet_is_none(more):
    assert parse.recorded(MultiDict({"CallSid": SID, **more})) is None


@pytest.mark.parametrize(
    ("read", "fields", "where"),
    [
        (lambda fields: parse.caller(fields, region="CN"), {"From": A_NUMBER}, "form.CallSid"),
        (parse.dialled, {"CallStatus": "in-progress"}, "form.DialCallStatus"),
        (parse.recorded, {"RecordingUrl": "x"}, "form.CallSid"),
        (parse.recorded, {"CallSid": SID}, "form.RecordingUrl"),
    ],
)
def test_a_missing_field_is_named(read, fields, where):
    with pytest.raises(Malformed) as caught:
        read(MultiDict(fields))
    assert caught.value.where == where


LINE = {
    "sid": SID,
    "status": "completed",
    "direction": "inbound",
    "from": A_NUMBER,
    "to": "+15005550006",
    "start_time": "Fri, 20 Nov 2026 03:00:00 +0000",
    "end_time": "Fri, 20 Nov 2026 03:00:40 +0000",
    "duration": "40",
}


def test_the_log_gives_what_came_in_and_not_what_went_out():
    page = Untrusted({"calls": [LINE, LINE | {"direction": "outbound-api"}]}, "log")
    began = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
    assert parse.calls(page) == [
        parse.Logged(
            sid=SID,
            number=A_NUMBER,
            status="completed",
            started=began,
            ended=began + timedelta(seconds=40),
            seconds=40,
        )
    ]


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"start_time": "yesterday"}, "log.calls[0].start_time"),
        ({"start_time": "Fri, 20 Nov 2026 03:00:00 -0000"}, "log.calls[0].start_time"),
        ({"sid": None}, "log.calls[0].sid"),
        ({"direction": 3}, "log.calls[0].direction"),
    ],
)
def test_a_broken_log_names_the_place(change, where):
    with pytest.raises(Malformed) as caught:
        parse.calls(Untrusted({"calls": [LINE | change]}, "log"))
    assert caught.value.where == where


@pytest.mark.parametrize(
    ("status", "seconds", "expected"),
    [("in-progress", 999, False), ("ringing", 999, False), ("completed", 59, False), ("no-answer", 60, True)],
)
def test_a_call_is_settled_some_time_after_its_end(status, seconds, expected):
    (call,) = parse.calls(Untrusted({"calls": [LINE | {"status": status}]}, "log"))
    assert call.ended is not None
    now = call.ended + timedelta(seconds=seconds)
    assert parse.settled(call, now=now, after=timedelta(seconds=60)) is expected


def test_a_seal_opens_for_its_call_and_secret_only_and_is_the_same_every_time():
    seal = Seal(Secret("token"))
    sealed = seal.close(A_NUMBER, call=SID)
    assert sealed == seal.close(A_NUMBER, call=SID)
    assert A_NUMBER[1:] not in sealed
    assert seal.open(sealed, call=SID) == A_NUMBER
    for other, call, word in [
        (seal, "CA1", sealed),
        (Seal(Secret("other")), SID, sealed),
        (seal, SID, sealed[:-2]),
        (seal, SID, "é"),
        (seal, SID, ""),
    ]:
        with pytest.raises(Malformed):
            other.open(word, call=call)


@pytest.mark.parametrize(
    ("seconds", "expected"), [(0, "0 秒"), (59, "59 秒"), (60, "1分00秒"), (185, "3分05秒"), (3725, "1小时02分05秒")]
)
def test_lengths_in_words(seconds, expected):
    assert length(seconds) == expected
