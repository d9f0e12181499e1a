"""Callbacks of a WeCom app: elements in, records out."""

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import pytest

from channels.contract import Malformed, Refused
from channels.wechat.app import parse

FIXTURES = sorted((Path(__file__).parent.parent / "fixtures" / "wechat-app").glob("*.in.json"))
FROM = {"FromUserName": "lisi", "CreateTime": "1795144320", "AgentID": "1000002"}
PRESS = {**FROM, "MsgType": "event", "Event": "template_card_event", "EventKey": "1", "TaskId": "d-5"}


def read(fields):
    return parse.callback(fields, raw=b"raw", agent_id=1000002)


def plain(value):
    return value.isoformat() if isinstance(value, datetime) else value


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda path: path.name.removesuffix(".in.json"))
def test_a_callback_becomes_the_record_beside_it(fixture):
    expected = json.loads(fixture.with_name(fixture.name.replace(".in.", ".out.")).read_text("utf-8"))
    for fields, record in zip(json.loads(fixture.read_text("utf-8")), expected, strict=True):
        found = asdict(read({**FROM, **fields}))
        assert json.loads(json.dumps({name: plain(found[name]) for name in record})) == record


def test_a_press_is_known_by_who_when_and_what():
    found = read(PRESS)
    assert (found.key, found.text, found.answers) == ("lisi:1795144320:d-5:1", "1", ("d-5",))


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({**FROM}, "xml.MsgType"),
        ({**FROM, "MsgType": "text", "MsgId": "1"}, "xml.Content"),
        ({**FROM, "MsgType": "text", "Content": "x"}, "xml.MsgId"),
        ({**FROM, "MsgType": "image", "MsgId": "1"}, "xml.MediaId"),
        ({**FROM, "MsgType": "text", "Content": "x", "MsgId": "1", "CreateTime": "soon"}, "xml.CreateTime"),
        ({**FROM, "MsgType": "text", "Content": "x", "MsgId": "1", "FromUserName": ""}, "xml.FromUserName"),
        ({**FROM, "MsgType": "event"}, "xml.Event"),
        ({**PRESS, "TaskId": ""}, "xml.TaskId"),
        ({**PRESS, "EventKey": " "}, "xml.EventKey"),
    ],
)
def test_what_is_broken_is_named(fields, where):
    with pytest.raises(Malformed) as caught:
        read(fields)
    assert caught.value.where == where


def test_another_app_is_refused():
    with pytest.raises(Refused, match="another app"):
        read({**PRESS, "AgentID": "1000003"})
