"""Events of OneBot v11: bytes in, records out; and who may bring them."""

import hmac
import json
from datetime import UTC, datetime, timedelta
from hashlib import sha1
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.contract import GiveUp, Malformed, Misconfigured, Refused, TryLater, Uncertain, Wire
from channels.im.onebot import door, parse, retcodes
from channels.im.onebot.config import Account
from channels.im.onebot.probe import Pulse
from channels.im.onebot.segments import Segment, coded, read, segments
from channels.settings import Secret
from channels.untrusted import Untrusted

FIXTURES = sorted((Path(__file__).parent.parent / "fixtures" / "qq-onebot").glob("*.in.json"))
SELF = 10_001_000
NOW = datetime(2026, 11, 20, 3, 12, tzinfo=UTC)
FIELDS = ("key", "sender", "sender_name", "text", "group", "group_name", "named")


def seen(found):
    """A record as a fixture writes it."""
    if found is None:
        return None
    remotes = [[one.ref, one.name, one.type, one.size] for one in found.remotes]
    more = {"references": list(found.references), "answers": list(found.answers), "remotes": remotes}
    return {name: getattr(found, name) for name in FIELDS} | more | {"sent_at": found.sent_at.isoformat()}


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda path: path.name.removesuffix(".in.json"))
def test_an_event_becomes_the_record_beside_it(fixture):
    raw = fixture.read_bytes()
    found = parse.message(Untrusted.json(raw), raw=raw, self_id=SELF)
    expected = json.loads(fixture.with_name(fixture.name.replace(".in.", ".out.")).read_text("utf-8"))
    assert seen(found) == expected
    assert found is None or found.raw == raw


def event(**fields):
    base = {"time": 1, "self_id": SELF, "post_type": "message", "message_type": "group", "sub_type": "normal"}
    more = {"message_id": 1, "user_id": 2, "group_id": 3, "message": "x", "anonymous": None, "sender": {}}
    return Untrusted({name: value for name, value in (base | more | fields).items() if value != "gone"}, "body")


@pytest.mark.parametrize(
    ("broken", "where"),
    [
        (event(post_type="gone"), "body.post_type"),
        (event(message_id="gone"), "body.message_id"),
        (event(message_id=2**70), "body.message_id"),
        (event(user_id=None), "body.user_id"),
        (event(group_id="gone"), "body.group_id"),
        (event(message="gone"), "body.raw_message"),
        (event(message=7), "body.message"),
        (event(message=[{"data": {}}]), "body.message[0].type"),
        (event(message=[{"type": "text", "data": "x"}]), "body.message[0].data"),
        (event(message="x" * 50_001), "body.message"),
        (event(anonymous={"name": "x"}), "body.anonymous.id"),
        (event(sender={"card": 7}), "body.sender.card"),
        (event(time="noon"), "body.time"),
        (event(message_type="gone"), "body.message_type"),
        (Untrusted("x", "body"), "body"),
    ],
)
def test_a_broken_field_is_named(broken, where):
    with pytest.raises(Malformed) as caught:
        parse.message(broken, raw=b"", self_id=SELF)
    assert caught.value.where == where


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("普通", [("text", {"text": "普通"})]),
        ("a&amp;#91;b", [("text", {"text": "a&#91;b"})]),
        ("a&amp;#93;b", [("text", {"text": "a&#93;b"})]),
        ("[CQ:json,data=&amp;#44;]", [("json", {"data": "&#44;"})]),
        ("&#91;CQ:face,id=1&#93;", [("text", {"text": "[CQ:face,id=1]"})]),
        ("[CQ:face,id=1]", [("face", {"id": "1"})]),
        ("[CQ:rps]", [("rps", {})]),
        ("[CQ:rps", [("text", {"text": "[CQ:rps"})]),
        ("[CQ:]", [("text", {"text": "[CQ:]"})]),
        ("甲[CQ:at,qq=1]乙", [("text", {"text": "甲"}), ("at", {"qq": "1"}), ("text", {"text": "乙"})]),
        (
            "[CQ:share,url=http://a/?b=1&amp;c=2,title=x&#44;y]",
            [("share", {"url": "http://a/?b=1&c=2", "title": "x,y"})],
        ),
        ("[CQ:json,data={&#91;1&#44;2&#93;}]", [("json", {"data": "{[1,2]}"})]),
        ("&#44;", [("text", {"text": "&#44;"})]),
    ],
)
def test_a_text_with_codes_comes_apart(text, expected):
    assert [(one.kind, one.data) for one in coded(text)] == expected


def escaped(text, *, inside):
    text = text.replace("&", "&amp;").replace("[", "&#91;").replace("]", "&#93;")
    return text.replace(",", "&#44;") if inside else text


@settings(max_examples=200, deadline=None)
@given(st.text(), st.text(), st.text())
def test_whatever_was_escaped_comes_back(before, value, after):
    text = f"{escaped(before, inside=False)}[CQ:json,data={escaped(value, inside=True)}]{escaped(after, inside=False)}"
    found = list(coded(text))
    assert "".join(one.data["text"] for one in found if one.kind == "text") == before + after
    assert [one.data for one in found if one.kind == "json"] == [{"data": value}]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["type", "data", "text"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(["message", "user_id", "sender", "anonymous", "sub_type", "group_name", "message_id"]), JSON)
def test_whatever_stands_in_a_field_is_read_or_named(name, value):
    where, found = "", None
    try:
        found = parse.message(event(**{name: value}), raw=b"", self_id=SELF)
    except Malformed as broken:
        where = broken.where
    assert where == "" or where.startswith("body.")
    assert found is None or found.key.startswith(f"{SELF}:")


def test_no_more_than_five_hundred_segments_are_looked_at():
    found = segments(Untrusted([{"type": "text", "data": {"text": "x"}}] * 501, "message"))
    assert len(found) == 500


def test_a_size_that_is_none_is_left_out():
    found = read([Segment(kind="file", data={"file": "a", "url": "https://x", "file_size": "-1"})], self_id="1")
    assert [one.size for one in found.remotes] == [None]


@pytest.mark.parametrize(
    ("key", "expected"),
    [("10001000:-77", "-77"), ("10001000:5", "5"), ("9:5", ""), ("10001000:async-d-1", ""), ("x", ""), (None, "")],
)
def test_the_number_of_a_message_is_found_in_its_key(key, expected):
    assert parse.message_id(key, SELF) == expected


@pytest.mark.parametrize(
    ("fields", "online"),
    [
        ({"meta_event_type": "heartbeat", "status": {"online": True, "good": True}, "interval": 5000}, True),
        ({"meta_event_type": "heartbeat", "status": {"online": False}}, False),
        ({"meta_event_type": "heartbeat", "status": {"online": None}}, None),
        ({"meta_event_type": "heartbeat"}, None),
        ({"meta_event_type": "lifecycle", "sub_type": "connect"}, None),
        ({"meta_event_type": "lifecycle", "sub_type": "disable"}, False),
    ],
)
def test_a_meta_event_is_a_sign_of_life(fields, online):
    sign = parse.sign(Untrusted({"post_type": "meta_event"} | fields, "body"))
    assert sign is not None
    assert sign.online is online
    assert parse.sign(event()) is None


def test_the_pulse_says_when_it_was_felt_and_what_was_said():
    pulse = Pulse()
    assert pulse.said(NOW) == "no event so far"
    pulse.felt(NOW, online=False)
    pulse.felt(NOW)
    assert pulse.said(NOW + timedelta(seconds=7)) == "last event 7 s ago, which called the account offline"
    pulse.felt(NOW, online=True)
    assert pulse.said(NOW) == "last event 0 s ago"


# who may bring them

SECRET = Secret("onebot")


def wire(body=b"{}", path="", query=None, **headers):
    base = {"x-self-id": str(SELF)}
    heads = {name.replace("_", "-"): value for name, value in headers.items()}
    return Wire(method="POST", url="https://x", path=path, headers=base | heads, query=query or {}, body=body, at=NOW)


def signed(body):
    return f"sha1={hmac.new(b'onebot', body, sha1).hexdigest()}"


@pytest.mark.parametrize(
    "bad",
    [
        wire(),
        wire(x_signature=signed(b"{} ")),
        wire(x_signature=signed(b"{}").removeprefix("sha1=")),
        wire(x_signature=signed(b"{}").replace("sha1", "sha256")),
        wire(x_signature=signed(b"{}").upper()),
        wire(x_signature=signed(b"{}"), x_self_id="1"),
        wire(x_signature="é"),
        wire(b" " * (1024 * 1024 + 1), x_signature=signed(b" " * (1024 * 1024 + 1))),
    ],
    ids=["none", "other body", "no label", "other label", "upper case", "other account", "no ASCII", "too large"],
)
def test_an_event_that_is_not_proved_is_refused(bad):
    door.posted(wire(x_signature=signed(b"{}")), self_id=SELF, secret=SECRET)
    with pytest.raises(Refused):
        door.posted(bad, self_id=SELF, secret=SECRET)


def test_without_a_secret_nothing_is_taken_by_post():
    with pytest.raises(Refused, match="without a secret"):
        door.posted(wire(x_signature=signed(b"{}")), self_id=SELF, secret=None)


@pytest.mark.parametrize(
    "good",
    [
        wire(path="/ws", authorization="Bearer onebot"),
        wire(path="/ws/", authorization="bearer onebot", x_client_role="Event"),
        wire(path="/ws", authorization="Token onebot", x_client_role="API"),
        wire(path="/ws", query={"access_token": "onebot"}),
    ],
)
def test_a_websocket_with_the_token_is_taken(good):
    door.opened(good, self_id=SELF, token=SECRET)
    with pytest.raises(Refused):
        door.opened(good, self_id=SELF, token=Secret("another"))


@pytest.mark.parametrize(
    "bad",
    [
        wire(path="/ws"),
        wire(path="/ws", authorization="Bearer "),
        wire(path="/ws", authorization="Bearer wrong"),
        wire(path="/ws", authorization="Basic onebot"),
        wire(path="/ws", authorization="onebot"),
        wire(path="/ws", query={"access_token": "é"}),
        wire(path="/wss", authorization="Bearer onebot"),
        wire(path="", authorization="Bearer onebot"),
        wire(path="/ws", authorization="Bearer onebot", x_self_id="2"),
        wire(path="/ws", authorization="Bearer onebot", x_client_role="Admin"),
    ],
)
def test_any_other_websocket_is_refused(bad):
    with pytest.raises(Refused):
        door.opened(bad, self_id=SELF, token=SECRET)


def test_no_websocket_is_taken_without_a_token():
    with pytest.raises(Refused):
        door.opened(wire(path="/ws", authorization="Bearer "), self_id=SELF, token=None)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (100, GiveUp),
        (102, Uncertain),
        (103, GiveUp),
        (104, Misconfigured),
        (201, TryLater),
        (1200, Uncertain),
        (1400, GiveUp),
        (1401, Misconfigured),
        (1403, Misconfigured),
        (1404, Misconfigured),
        (-1, GiveUp),
        (4711, GiveUp),
    ],
)
def test_each_return_code_means_one_of_our_errors(code, kind):
    error = retcodes.error(code)
    assert type(error) is kind
    assert str(error).startswith(f"onebot {code}: ")


GOOD = {"self_id": SELF, "secret": Secret("x"), "api_url": "http://127.0.0.1:5700"}


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"secret": None}, "give secret for events"),
        ({"api_url": None}, "give api_url, or access_token"),
        ({"self_id": 1}, "self_id"),
        ({"api_url": "ws://x"}, "api_url"),
        ({"probe_minutes": 0}, "probe_minutes"),
        ({"provider": "official"}, "provider"),
        ({"probe_text": ""}, "probe_text"),
    ],
)
def test_an_account_is_told_what_is_wrong_with_it(changes, why):
    assert Account.model_validate(GOOD).probe_minutes == 10
    with pytest.raises(ValueError, match=why):
        Account.model_validate(GOOD | changes)
