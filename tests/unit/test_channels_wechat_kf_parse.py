"""Customer-service messages: what sync_msg answers in, records out."""

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import pytest

from channels.contract import Malformed, Status, Unreadable, Update
from channels.wechat.kf import parse

FIXTURES = sorted((Path(__file__).parent.parent / "fixtures" / "wechat-kf").glob("*.in.json"))
KFID = "wkAJ2GCAAASSm4FhToWMFea0xAFfd3Q"
ROW = {"msgid": "m1", "open_kfid": KFID, "external_userid": "wm1", "send_time": 1795144320, "origin": 3}


def read(*rows, **more):
    body = {"errcode": 0, "next_cursor": "c1", "has_more": 0, "msg_list": list(rows)} | more
    return parse.page(json.dumps(body).encode(), open_kfid=KFID)


def plain(value):
    return value.isoformat() if isinstance(value, datetime) else value


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda path: path.name.removesuffix(".in.json"))
def test_an_answer_becomes_the_records_beside_it(fixture):
    found = parse.page(fixture.read_bytes(), open_kfid=KFID)
    expected = json.loads(fixture.with_name(fixture.name.replace(".in.", ".out.")).read_text("utf-8"))
    shown = [
        json.loads(json.dumps({name: plain(asdict(one)[name]) for name in row}))
        for one, row in zip(found.items, expected, strict=True)
    ]
    assert shown == expected
    assert (found.cursor, found.more, found.failures) == ("4gw7", False, ())
    assert all(json.loads(one.raw)["msgid"] == one.key for one in found.items)


@pytest.mark.parametrize(
    ("code", "reason"),
    [(4, "more than 48 hours"), (6, "more than 5 messages"), (8, "refuses messages"), (99, "gives no reason")],
)
def test_a_text_of_ours_that_did_not_arrive_is_told_of(code, reason):
    event = {"event_type": "msg_send_fail", "open_kfid": KFID, "fail_msgid": "d-1", "fail_type": code}
    (update,) = read({"msgid": "e", "origin": 4, "msgtype": "event", "event": event}).failures
    assert update == Update(status=Status.FAILED, provider_id="d-1", code=str(code), reason=update.reason)
    assert reason in (update.reason or "")


@pytest.mark.parametrize(
    ("row", "where"),
    [
        ({**ROW, "msgtype": "text"}, "text"),
        ({**ROW, "msgtype": "text", "text": {"content": 7}}, "text.content"),
        ({**ROW, "msgid": ""}, "msgtype"),
        ({**ROW, "msgid": "", "msgtype": "text"}, "msgid"),
        ({**ROW, "msgtype": "image", "image": {}}, "image.media_id"),
        ({**ROW, "msgtype": "text", "text": {"content": "x"}, "send_time": "soon"}, "send_time"),
        ({**ROW, "msgtype": "text", "text": {"content": "x"}, "external_userid": ""}, "external_userid"),
        ({**ROW, "msgtype": "text", "text": {"content": "x"}, "origin": "me"}, "origin"),
        ({"msgtype": "event"}, "event"),
        ("x", ""),
    ],
)
def test_one_broken_message_is_set_aside_with_its_place_and_the_others_go_on(row, where):
    good = {**ROW, "msgid": "good", "msgtype": "text", "text": {"content": "y"}}
    broken, other = read(row, good).items
    assert isinstance(broken, Unreadable)
    assert broken.where.startswith("sync_msg.msg_list[0]")
    assert broken.where.endswith(where)
    assert json.loads(broken.raw) == row
    assert other.key == "good"


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (b"x", "sync_msg"),
        (b"[]", "sync_msg"),
        (b'{"msg_list": 7}', "sync_msg.msg_list"),
        (b'{"next_cursor": 7}', "sync_msg.next_cursor"),
        (b'{"has_more": "yes"}', "sync_msg.has_more"),
    ],
)
def test_an_answer_that_is_none_is_malformed(body, where):
    with pytest.raises(Malformed) as caught:
        parse.page(body, open_kfid=KFID)
    assert caught.value.where == where


def test_an_answer_without_messages_has_none():
    page = parse.page(b'{"errcode":0,"next_cursor":"c","has_more":1}', open_kfid=KFID)
    assert (page.items, page.cursor, page.more) == ((), "c", True)
