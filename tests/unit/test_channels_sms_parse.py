"""Twilio's messaging webhooks: bytes in, records out."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from multidict import MultiDict

from channels.contract import Around, Inbound, Malformed, Status, Unreadable, Update
from channels.settings import Secret
from channels.sms.twilio import parse
from channels.sms.twilio.adapter import TwilioSms
from channels.sms.twilio.config import Account
from channels.untrusted import form_fields

FIXTURES = sorted((Path(__file__).parent.parent / "fixtures" / "sms-twilio").glob("*.in.form"))
SID = "SM44444444444444444444444444444444"


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda path: path.name.removesuffix(".in.form"))
def test_a_text_becomes_the_record_beside_it(fixture):
    raw = fixture.read_bytes()
    found = parse.message(form_fields(raw), raw=raw, region="CN")
    expected = json.loads(fixture.with_name(fixture.name.replace(".in.form", ".out.json")).read_text("utf-8"))
    assert {name: getattr(found, name) for name in expected} == expected
    assert found.raw == raw


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"From": "+8613800138000"}, "form.MessageSid"),
        ({"MessageSid": " ", "From": "+8613800138000"}, "form.MessageSid"),
        ({"MessageSid": SID}, "form.From"),
        ({"MessageSid": SID, "From": "+86", "NumMedia": "many"}, "form.NumMedia"),
        ({"MessageSid": SID, "From": "+86", "NumMedia": "1"}, "form.MediaUrl0"),
    ],
)
def test_a_missing_field_is_named(fields, where):
    with pytest.raises(Malformed) as caught:
        parse.message(MultiDict(fields), raw=b"", region="CN")
    assert caught.value.where == where


def test_a_message_claims_no_more_than_ten_files():
    fields = {"MessageSid": SID, "From": "+86", "NumMedia": "99", **{f"MediaUrl{n}": "https://x" for n in range(99)}}
    assert len((parse.message(MultiDict(fields), raw=b"", region="CN").whole or "").splitlines()) == 10


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("accepted", Status.ACCEPTED),
        ("scheduled", Status.ACCEPTED),
        ("queued", Status.ACCEPTED),
        ("sending", Status.ACCEPTED),
        ("sent", Status.SENT),
        ("partially_delivered", Status.SENT),
        ("delivered", Status.DELIVERED),
        ("read", Status.DELIVERED),
        ("undelivered", Status.FAILED),
        ("failed", Status.FAILED),
        ("canceled", Status.FAILED),
    ],
)
def test_a_receipt_names_our_key_and_the_sid(word, status):
    fields = MultiDict({"MessageSid": SID, "MessageStatus": word})
    expected = Update(status=status, key="d-1", provider_id=SID)
    assert parse.update(fields, key="d-1", early_part=False) == expected


def test_a_failed_receipt_carries_its_code():
    fields = MultiDict({"MessageSid": SID, "MessageStatus": "undelivered", "ErrorCode": "30003"})
    update = parse.update(fields, key=None, early_part=True)
    assert update == Update(status=Status.FAILED, provider_id=SID, code="30003")


@pytest.mark.parametrize(
    ("word", "early"), [("receiving", False), ("received", False), ("new-word", False), ("delivered", True)]
)
def test_a_status_that_says_nothing_to_us_is_no_update(word, early):
    fields = MultiDict({"MessageSid": SID, "MessageStatus": word})
    assert parse.update(fields, key="d-1", early_part=early) is None


@pytest.mark.parametrize("gone", ["MessageSid", "MessageStatus"])
def test_a_receipt_without_sid_or_status_is_malformed(gone):
    fields = MultiDict({"MessageSid": SID, "MessageStatus": "sent"})
    del fields[gone]
    with pytest.raises(Malformed) as caught:
        parse.update(fields, key="d-1", early_part=False)
    assert caught.value.where == f"form.{gone}"


def test_a_body_that_was_set_aside_is_read_again() -> None:
    around = Around(
        account="main", public_url="https://support.example.cn", now=lambda: datetime(2026, 1, 1, tzinfo=UTC)
    )
    settings = Account.model_validate(
        {"provider": "twilio", "account_sid": "AC" + "0" * 32, "auth_token": Secret("t"), "number": "+15005550006"}
    )
    provider = TwilioSms(settings, around)
    good = provider.reread("malformed:1", b"MessageSid=SM1&From=%2B8613900000001&Body=hello")
    bad = provider.reread("malformed:1", b"MessageSid=SM1&Body=hello")
    assert isinstance(good, Inbound)
    assert (good.key, good.text) == ("SM1", "hello")
    assert isinstance(bad, Unreadable)
    assert bad.where == "form.From"
