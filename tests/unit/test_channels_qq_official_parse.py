"""Callbacks of the official QQ bot: bytes in, records out; and the proof that they are genuine."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.contract import GiveUp, Malformed, Misconfigured, Refused, TryLater, Uncertain, Wire
from channels.im.qq import codes, parse
from channels.im.qq.config import Account
from channels.im.qq.signature import Signature
from channels.settings import Secret
from channels.untrusted import Untrusted

FIXTURES = sorted((Path(__file__).parent.parent / "fixtures" / "qq-official").glob("*.in.json"))
NOW = datetime(2026, 11, 20, 3, 12, tzinfo=UTC)


def seen(found):
    """A record as a fixture writes it."""
    if found is None:
        return None
    remotes = [[one.ref, one.name, one.type, one.size] for one in found.remotes]
    values = {
        name: getattr(found, name) for name in ("key", "sender", "sender_name", "text", "whole", "group", "named")
    }
    return values | {"sent_at": found.sent_at.isoformat(), "remotes": remotes}


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda path: path.name.removesuffix(".in.json"))
def test_a_callback_becomes_the_record_beside_it(fixture):
    raw = fixture.read_bytes()
    found = parse.message(Untrusted.json(raw), raw=raw)
    expected = json.loads(fixture.with_name(fixture.name.replace(".in.", ".out.")).read_text("utf-8"))
    assert seen(found) == expected
    assert found is None or found.raw == raw


def event(kind="C2C_MESSAGE_CREATE", **data):
    base = {"id": "m", "author": {"user_openid": "A", "member_openid": "B"}, "content": "x", "group_openid": "G"}
    return Untrusted({"op": 0, "t": kind, "d": base | data}, "body")


@pytest.mark.parametrize(
    ("broken", "where"),
    [
        (event(id=" "), "body.d.id"),
        (event(id=7), "body.d.id"),
        (event(author={}), "body.d.author.user_openid"),
        (event(author=[]), "body.d.author"),
        (event("GROUP_MESSAGE_CREATE", author={"user_openid": "A"}), "body.d.author.member_openid"),
        (event("GROUP_AT_MESSAGE_CREATE", group_openid=""), "body.d.group_openid"),
        (event(content=["x"]), "body.d.content"),
        (event(content="x" * 20_001), "body.d.content"),
        (event(attachments=[{"content_type": "image/png"}]), "body.d.attachments[0].url"),
        (event(attachments={"url": "x"}), "body.d.attachments"),
        (event(mentions=[7]), "body.d.mentions[0]"),
        (event(author={"user_openid": "A", "bot": "no"}), "body.d.author.bot"),
        (Untrusted([], "body"), "body"),
        (Untrusted({"t": "C2C_MESSAGE_CREATE"}, "body"), "body.d"),
    ],
)
def test_a_broken_field_is_named(broken, where):
    with pytest.raises(Malformed) as caught:
        parse.message(broken, raw=b"")
    assert caught.value.where == where


NAMES = [
    "id",
    "author",
    "content",
    "attachments",
    "mentions",
    "message_type",
    "msg_elements",
    "timestamp",
    "bot",
    "url",
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(NAMES), JSON)
def test_whatever_stands_in_a_field_is_read_or_named(name, value):
    where, found = "", None
    try:
        found = parse.message(event(**{name: value}), raw=b"")
    except Malformed as broken:
        where = broken.where
    assert where == "" or where.startswith("body.d")  # neither a place nor a record: a bot speaks
    assert found is None or found.key


def test_a_message_claims_no_more_than_twenty_files():
    found = parse.message(event(attachments=[{"url": f"https://x/{n}"} for n in range(99)]), raw=b"")
    assert found is not None
    assert [one.ref for one in found.remotes] == [f"https://x/{n}" for n in range(20)]


@pytest.mark.parametrize("timestamp", ["", "yesterday", "2026-11-20T11:12:00", 7])
def test_a_time_that_nobody_can_read_costs_no_message(timestamp):
    if timestamp == 7:
        with pytest.raises(Malformed):
            parse.message(event(timestamp=timestamp), raw=b"")
    else:
        found = parse.message(event(timestamp=timestamp), raw=b"")
        assert found is not None
        assert (found.text, found.sent_at) == ("x", None)


# proof


def signature(secret="naOC0ocQE3shWLAfffVLB1rhYPG7", app_id="102030407"):
    return Signature(app_id, Secret(secret))


def wire(body, **headers):
    base = {"x-bot-appid": "102030407"}
    return Wire(method="POST", url="https://x", path="", headers=base | headers, query={}, body=body, at=NOW)


def asked(token, time="1763608320", op=13):
    return wire(json.dumps({"d": {"plain_token": token, "event_ts": time}, "op": op}).encode())


def signed(body, at=NOW):
    """A callback signed by letting the question's answer sign it, as nobody outside may."""
    time = str(int(at.timestamp()))
    key = signature()._key
    return wire(body, **{"x-signature-timestamp": time, "x-signature-ed25519": key.sign(time.encode() + body).hex()})


@pytest.mark.parametrize(
    "token",
    ['{"op":0}', "a b", "", "x" * 129, "电话", "a\n", '","x'],
    ids=["an event", "a space", "nothing", "too long", "no ASCII", "a line", "a quote"],
)
def test_only_a_plain_token_is_signed_for_a_stranger(token):
    assert signature().challenge(asked(token)) is None


@pytest.mark.parametrize("time", ["", "17e8", "1" * 13, "-1", "١٢"])
def test_only_a_plain_time_is_signed_for_a_stranger(time):
    assert signature().challenge(asked("abc", time)) is None


def test_what_a_stranger_had_signed_is_never_taken_for_a_callback():
    answer = signature().challenge(asked("0777", "1763608320"))
    assert answer is not None
    got = json.loads(answer.body)["signature"]
    for cut in (10, 9, 4):
        whole = "17636083200777"
        headers = {"x-signature-timestamp": whole[:cut], "x-signature-ed25519": got}
        with pytest.raises(Refused):
            signature().check(
                replace(wire(whole[cut:].encode(), **headers), at=datetime.fromtimestamp(int(whole[:cut]), UTC))
            )


def test_the_question_is_answered_for_our_own_bot_only():
    assert signature().challenge(asked("abc")) is not None
    with pytest.raises(Refused):
        signature(app_id="99999").challenge(asked("abc"))
    assert signature().challenge(asked("abc", op=0)) is None
    assert signature().challenge(replace(asked("abc"), body=b'{"plain_token"')) is None
    assert signature().challenge(replace(asked("abc"), body=asked("abc").body + b" " * 1024)) is None


@pytest.mark.parametrize("late", [timedelta(seconds=-301), timedelta(seconds=301)])
def test_a_callback_that_is_not_of_now_is_refused(late):
    body = b'{"op":0}'
    signature().check(signed(body, NOW + late * 0.99))
    with pytest.raises(Refused, match="older"):
        signature().check(signed(body, NOW + late))


def test_a_callback_that_is_too_large_is_refused_before_it_is_looked_at():
    with pytest.raises(Refused, match="large"):
        signature().check(signed(b"{" + b" " * 262_144))


@pytest.mark.parametrize(
    ("secret", "public"),
    [
        ("naOC0ocQE3shWLAfffVLB1rhYPG7", "d7c362fe78aef81ff23287b493628b5db02a3c4fe30b215e4d19609b5d76673a"),
        ("naOC0ocQE3shWLAfffVLB1rhYPG7naOC", "d7c362fe78aef81ff23287b493628b5db02a3c4fe30b215e4d19609b5d76673a"),
    ],
    ids=["repeated", "whole"],
)
def test_the_key_comes_from_the_secret_repeated_to_32_bytes(secret, public):
    assert signature(secret)._key.public_key().public_bytes_raw().hex() == public


def test_the_published_answer_to_the_question_is_ours():
    question = wire(b'{"d":{"plain_token":"Arq0D5A61EgUu4OxUvOp","event_ts":"1725442341"},"op":13}')
    answer = signature("DG5g3B4j9X2KOErG").challenge(question)
    assert answer is not None
    assert answer.type == "application/json"
    assert json.loads(answer.body) == {
        "plain_token": "Arq0D5A61EgUu4OxUvOp",
        "signature": "87befc99c42c651b3aac0278e71ada338433ae26fcb24307bdc5ad38c1adc2d01bcfcadc0842edac85e85205028a1132"
        "afe09280305f13aa6909ffc2d652c706",
    }


@pytest.mark.parametrize(
    ("code", "kind", "words"),
    [
        (40034100, TryLater, "QQ 40034100: the rate is too high"),
        (22009, TryLater, "QQ 22009: the rate is too high"),
        (50055001, TryLater, "QQ 50055001: a fault of the platform"),
        (40034005, GiveUp, "QQ 40034005: the window for an answer is over"),
        (40034128, GiveUp, "QQ 40034128: the window or the number of answers is over"),
        (304103, GiveUp, "QQ 304103: the window for an answer is over"),
        (40034102, GiveUp, "QQ 40034102: the bot may not write first"),
        (11255, GiveUp, "QQ 11255: the request is invalid"),
        (40054010, GiveUp, "QQ 40054010: a link is not registered with the platform"),
        (99999999, GiveUp, "QQ 99999999: the platform refused the text"),
        (11253, Misconfigured, "QQ 11253: the bot has no right to this interface"),
        (11298, Misconfigured, "QQ 11298: our address is not in the bot's list of allowed ones"),
        (11244, Misconfigured, "QQ 11244: the access token is refused"),
        (304023, Uncertain, "QQ 304023: a person at the platform looks at the text first"),
        (40054005, Uncertain, "QQ 40054005: an answer of this number to this message was already taken"),
    ],
)
def test_each_code_means_one_of_our_errors(code, kind, words):
    error = codes.error(code)
    assert (type(error), str(error)) == (kind, words)


def test_no_code_stands_in_two_tables():
    tables = [codes.TOKEN, codes.LATER, codes.WRONG, codes.NEVER, codes.UNCLEAR]
    every = [code for table in tables for code in table]
    assert len(every) == len(set(every))


def test_an_account_is_told_what_is_wrong_with_it():
    good = {"app_id": "102030407", "app_secret": Secret("x")}
    assert Account.model_validate(good).token_url == "https://bots.qq.com/app/getAppAccessToken"
    for wrong in ({"app_id": "bot"}, {"api_url": "ftp://x"}, {"timeout_seconds": 0}, {"provider": "onebot"}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            Account.model_validate(good | wrong)
