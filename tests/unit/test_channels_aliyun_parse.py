"""Aliyun's pushes about texts and calls: bytes in, records out."""

import json
from datetime import datetime
from pathlib import Path

import pytest

from channels.contract import Malformed
from channels.phone.aliyun import parse as calls
from channels.phone.aliyun.config import Account as PhoneAccount
from channels.settings import Secret
from channels.sms.aliyun import parse as texts
from channels.sms.aliyun.config import Account as SmsAccount

ROOT = Path(__file__).parent.parent / "fixtures"
TEXTS = sorted((ROOT / "sms-aliyun").glob("*.in.json"))
CALLS = sorted((ROOT / "phone-aliyun").glob("*.in.json"))


def expected(fixture):
    return json.loads(fixture.with_name(fixture.name.replace(".in.", ".out.")).read_text("utf-8"))


def record(found, names):
    """The named fields, as JSON has them."""
    values = {name: getattr(found, name) for name in names}
    return {
        name: value.isoformat() if isinstance(value, datetime) else list(value) if isinstance(value, tuple) else value
        for name, value in values.items()
    }


def same(found, wanted):
    assert len(found) == len(wanted)
    assert [record(one, want) for one, want in zip(found, wanted, strict=True)] == wanted


@pytest.mark.parametrize("fixture", TEXTS, ids=lambda path: path.name.removesuffix(".in.json"))
def test_a_push_about_texts_becomes_the_records_beside_it(fixture):
    raw, wanted = fixture.read_bytes(), expected(fixture)
    if fixture.name.startswith("up"):
        found = texts.replies(raw)
        same(found, wanted["inbounds"])
        assert all(one.raw == raw for one in found)
    else:
        same(texts.updates(raw), wanted["updates"])


@pytest.mark.parametrize("fixture", CALLS, ids=lambda path: path.name.removesuffix(".in.json"))
def test_a_push_about_calls_becomes_the_records_beside_it(fixture):
    raw, wanted = fixture.read_bytes(), expected(fixture)
    found = calls.pressed(raw)
    same(found, wanted["inbounds"])
    same(calls.updates(raw), wanted["updates"])
    assert all(one.raw == raw for one in found)


def test_a_key_told_on_the_way_and_at_the_end_is_one_message():
    way, end = ROOT / "phone-aliyun/way_a_key.in.json", ROOT / "phone-aliyun/end_with_keys.in.json"
    assert calls.pressed(way.read_bytes())[0].key in {one.key for one in calls.pressed(end.read_bytes())}


@pytest.mark.parametrize(
    ("read", "fixture", "gone", "where"),
    [
        (texts.replies, "sms-aliyun/up_one_digit", "phone_number", "body[0].phone_number"),
        (texts.replies, "sms-aliyun/up_one_digit", "sequence_id", "body[0].sequence_id"),
        (texts.updates, "sms-aliyun/report_delivered", "success", "body[0].success"),
        (texts.updates, "sms-aliyun/report_delivered", "biz_id", "body[0].biz_id"),
        (calls.pressed, "phone-aliyun/way_a_key", "call_id", "body[0].call_id"),
        (calls.updates, "phone-aliyun/end_with_keys", "status_code", "body[0].status_code"),
    ],
)
def test_a_missing_field_is_named(read, fixture, gone, where):
    body = json.loads((ROOT / f"{fixture}.in.json").read_text("utf-8"))
    del body[0][gone]
    with pytest.raises(Malformed) as caught:
        read(json.dumps(body).encode())
    assert caught.value.where == where


SMS = {
    "access_key_id": "LTAI",
    "access_key_secret": Secret("s"),
    "push_secret": Secret("0123456789abcdef"),
    "sign_name": "华信服务",
    "templates": {"page": {"code": "SMS_1"}},
}
PHONE = {**SMS, "number": "057100000000", "keys": {"1": {"code": "TTS_1"}}}
del PHONE["sign_name"]


@pytest.mark.parametrize(
    ("account", "good", "changes", "complaint"),
    [
        (SmsAccount, SMS, {"push_secret": Secret("")}, "push_secret is letters"),
        (SmsAccount, SMS, {"push_secret": Secret("0123456789abcde/")}, "push_secret is letters"),
        (SmsAccount, SMS, {"fallback": "notice"}, "fallback names no template"),
        (SmsAccount, SMS, {"templates": {"page": {"kode": "SMS_1"}}}, "kode"),
        (SmsAccount, SMS, {"provider": "twilio"}, "provider"),
        (PhoneAccount, PHONE, {"keys": {"10": {"code": "TTS_1"}}}, "keys are 0 to 9"),
        (PhoneAccount, PHONE, {"keys": {}}, "keys"),
        (PhoneAccount, PHONE, {"number": "+8657100000000"}, "number"),
        (PhoneAccount, PHONE, {"play_times": 4}, "play_times"),
        (PhoneAccount, PHONE, {"fallback": "notice"}, "fallback names no template"),
    ],
)
def test_a_wrong_value_in_a_block_is_named(account, good, changes, complaint):
    assert account.model_validate(good).provider == "aliyun"
    with pytest.raises(ValueError, match=complaint):
        account.model_validate({**good, **changes})
