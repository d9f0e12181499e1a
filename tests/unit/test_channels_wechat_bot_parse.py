"""What a smart bot is told and what it says: records in, records out."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from channels.contract import Button, GiveUp, Malformed, Misconfigured, Outgoing, TryLater
from channels.untrusted import Untrusted
from channels.wechat.bot import codes, parse, words
from channels.wechat.bot.config import Account

FIXTURES = sorted((Path(__file__).parent.parent / "fixtures" / "wechat-bot").glob("*.in.json"))
PLAIN = {"msgid": "m1", "chattype": "single", "from": {"userid": "u1"}, "msgtype": "text", "text": {"content": "x"}}


def read(body, **more):
    return parse.message(Untrusted(body, "body"), raw=b"raw", **more)


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda path: path.name.removesuffix(".in.json"))
def test_a_message_becomes_the_record_beside_it(fixture):
    found = read(json.loads(fixture.read_text("utf-8")), bot_name="驿站")
    expected = json.loads(fixture.with_name(fixture.name.replace(".in.", ".out.")).read_text("utf-8"))
    shown = json.loads(json.dumps({name: asdict(found)[name] for name in expected}))
    assert shown == expected
    assert found.raw == b"raw"


@pytest.mark.parametrize(
    "body",
    [
        {**PLAIN, "msgtype": "stream", "stream": {"id": "s"}},
        {**PLAIN, "msgtype": "event", "event": {"eventtype": "enter_chat"}},
        {**PLAIN, "msgtype": "event", "event": {"eventtype": "feedback_event", "feedback_event": {"id": "f"}}},
        {**PLAIN, "from": {"userid": "aib1"}},
    ],
    ids=["more of a stream", "enters", "likes", "the bot itself"],
)
def test_what_says_nothing_becomes_nothing(body):
    assert read(body, bot_id="aib1") is None


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ([], "body"),
        ({**PLAIN, "msgid": ""}, "body.msgid"),
        ({**PLAIN, "from": None}, "body.from"),
        ({**PLAIN, "from": {}}, "body.from.userid"),
        ({**PLAIN, "chattype": "group"}, "body.chatid"),
        ({**PLAIN, "text": {}}, "body.text.content"),
        ({**PLAIN, "msgtype": 7}, "body.msgtype"),
        ({**PLAIN, "msgtype": "image", "image": {}}, "body.image.url"),
        ({**PLAIN, "msgtype": "mixed", "mixed": {}}, "body.mixed.msg_item"),
        (
            {**PLAIN, "msgtype": "event", "event": {"eventtype": "template_card_event"}},
            "body.event.template_card_event",
        ),
    ],
)
def test_a_broken_field_is_named(body, where):
    with pytest.raises(Malformed) as caught:
        read(body)
    assert caught.value.where.startswith(where)


@pytest.mark.parametrize(
    ("text", "name", "left"),
    [
        ("@驿站 断电", "", "断电"),
        ("@驿站\u2005断电", "", "断电"),
        ("断电 @驿站", "驿站", "断电"),
        ("断电 @驿站 快", "驿站", "断电 快"),
        ("@Yi Zhan down", "Yi Zhan", "down"),
        ("@驿站", "驿站", ""),
        ("@驿站二号 在吗", "驿站", "@驿站二号 在吗"),
        ("a@b.cn", "", "a@b.cn"),
    ],
)
def test_the_mention_of_the_bot_is_taken_out(text, name, left):
    assert parse.without_mention(text, name) == left


BUTTONS = (Button(label="接单", says="1"), Button(label="一个太长的按钮文字在这里", says="2"))


def test_a_text_with_buttons_is_a_card_whose_task_is_our_key():
    (body,) = words.bodies(Outgoing(key="d-1", to="u1", text="断电", subject="1042", buttons=BUTTONS))
    assert body["msgtype"] == "template_card"
    assert body["template_card"] == {
        "card_type": "button_interaction",
        "main_title": {"title": "1042"},
        "sub_title_text": "断电",
        "task_id": "d-1",
        "button_list": [
            {"text": "接单", "style": 1, "key": "1"},
            {"text": "一个太长的按钮文字在", "style": 1, "key": "2"},
        ],
    }


@pytest.mark.parametrize(
    ("text", "buttons"), [("断电", ()), ("长" * 113, BUTTONS), ("断电", BUTTONS * 4)], ids=["none", "long", "eight"]
)
def test_a_text_that_fits_no_card_is_markdown(text, buttons):
    (body,) = words.bodies(Outgoing(key="d-1", to="u1", text=text, buttons=buttons))
    assert body == {"msgtype": "markdown", "markdown": {"content": text}}


def test_in_a_group_the_asker_is_mentioned_and_the_limit_still_holds():
    first, second = words.bodies(Outgoing(key="d-1", to="u1", group="g", text="电" * 7000))
    assert first["markdown"]["content"].startswith("<@u1> 电")
    assert len(first["markdown"]["content"].encode()) <= words.LIMIT
    assert first["markdown"]["content"].removeprefix("<@u1> ") + second["markdown"]["content"] == "电" * 7000


@pytest.mark.parametrize(
    ("code", "kind"), [(0, type(None)), (45009, TryLater), (40001, Misconfigured), (93006, GiveUp), (12345, GiveUp)]
)
def test_each_code_means_one_of_our_errors(code, kind):
    assert type(codes.meant(code)) is kind


@pytest.mark.parametrize(
    ("block", "why"),
    [
        ({}, "needs token and aes_key"),
        ({"transport": "connection", "bot_id": "b"}, "needs bot_id and secret"),
        ({"transport": "smoke"}, "callback"),
    ],
)
def test_a_block_without_what_its_transport_needs_is_refused(block, why):
    with pytest.raises(ValueError, match=why):
        Account.model_validate(block)
