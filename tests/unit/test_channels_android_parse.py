"""Webhooks of an Android phone: bytes in, records out."""

import json
from pathlib import Path

import pytest

from channels.contract import Malformed
from channels.sms.android import parse

FIXTURES = sorted((Path(__file__).parent.parent / "fixtures" / "sms-android").glob("*.in.json"))


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda path: path.name.removesuffix(".in.json"))
def test_an_event_becomes_the_records_beside_it(fixture):
    raw = fixture.read_bytes()
    wanted = json.loads(fixture.with_name(fixture.name.replace(".in.", ".out.")).read_text("utf-8"))
    found = parse.event(raw, region="CN")
    assert [
        {
            "key": one.key,
            "sender": one.sender,
            "text": one.text,
            "subject": one.subject,
            "sent_at": one.sent_at and one.sent_at.isoformat(),
            "files": [[file.name, file.type, file.size] for file in one.attachments],
        }
        for one in found.inbounds
    ] == wanted["inbounds"]
    assert all(one.raw == raw for one in found.inbounds)
    assert [
        {name: getattr(one, name) for name in ("status", "key", "provider_id", "code", "reason")}
        for one in found.updates
    ] == wanted["updates"]


GOOD = {"event": "sms:received", "id": "e-1", "payload": {"message": "x", "sender": "+8613800138000"}}
PICTURE = {"sender": "+8613800138000", "attachments": [{"contentType": "image/png", "data": "%%%"}]}


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"event": 1}, "body.event"),
        ({"id": ""}, "body.id"),
        ({"payload": []}, "body.payload"),
        ({"payload": {"message": "x"}}, "body.payload.phoneNumber"),
        ({"payload": {"sender": "+8613800138000"}}, "body.payload.message"),
        ({"event": "sms:sent", "payload": {}}, "body.payload.messageId"),
        ({"event": "mms:downloaded", "payload": PICTURE}, "body.payload.attachments[0].data"),
    ],
)
def test_a_broken_event_names_the_place(changes, where):
    with pytest.raises(Malformed) as caught:
        parse.event(json.dumps({**GOOD, **changes}).encode(), region="CN")
    assert caught.value.where == where


def test_an_unknown_event_that_names_nobody_is_nothing():
    assert parse.event(b'{"event": "app:updated", "id": "e-1", "payload": {}}', region="CN") == parse.Event()
