"""Updates of the customers' bot: bytes in, records out."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from channels.contract import Around, Inbound, Malformed, Unreadable
from channels.im.telegram import parse
from channels.im.telegram.adapter import TelegramBot
from channels.im.telegram.albums import KEPT, Albums
from channels.im.telegram.config import Account
from channels.settings import Secret
from channels.telegram_message import content
from channels.untrusted import Untrusted

FIXTURES = sorted((Path(__file__).parent.parent / "fixtures" / "telegram").glob("*.in.json"))
ME = parse.Me(id=7000000001, username="yizhan_service_bot")
TOKEN = "7000000001:" + "a" * 35
WHO = {"id": 7100000042, "is_bot": False, "first_name": "晓"}
PRIVATE = {"id": 7100000042, "type": "private"}
GROUP = {"id": -1002233445566, "type": "supergroup", "title": "滨江客户群"}


def read(**what):
    raw = json.dumps({"update_id": 1, **what}).encode()
    return parse.update(Untrusted.json(raw), ME, raw=raw)


def message(chat=GROUP, **more):
    return {"message_id": 5, "from": WHO, "chat": chat, "date": 1795144320, **more}


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda path: path.name.removesuffix(".in.json"))
def test_an_update_becomes_the_record_beside_it(fixture):
    raw = fixture.read_bytes()
    found = parse.update(Untrusted.json(raw), ME, raw=raw).inbound
    expected = json.loads(fixture.with_name(fixture.name.replace(".in.json", ".out.json")).read_text("utf-8"))
    assert found is not None
    assert found.raw == raw
    assert seen(found, expected) == expected


def seen(found, expected):
    record = {name: getattr(found, name) for name in expected}
    record["references"], record["answers"] = list(found.references), list(found.answers)
    record["sent_at"] = found.sent_at.isoformat() if found.sent_at else None
    record["remotes"] = [{"ref": r.ref, "name": r.name, "type": r.type, "size": r.size} for r in found.remotes]
    return record


@pytest.mark.parametrize(
    "what",
    [
        pytest.param({"channel_post": message({"id": -1001, "type": "channel", "title": "x"})}, id="a channel post"),
        pytest.param({"my_chat_member": {"chat": GROUP}}, id="a membership"),
        pytest.param({"something_new": {}}, id="an update of a later version"),
        pytest.param({"message": message(new_chat_members=[WHO])}, id="somebody came"),
        pytest.param({"message": message(migrate_to_chat_id=-1009)}, id="the group moved"),
        pytest.param({"message": message(pinned_message=message(text="x"))}, id="something was pinned"),
        pytest.param({"message": message(PRIVATE, text="/start")}, id="the bot was opened"),
        pytest.param({"message": message(text="我是机器人") | {"from": {**WHO, "is_bot": True}}}, id="another bot"),
        pytest.param(
            {"message": message(text="我是机器人") | {"from": {**WHO, "id": ME.id, "is_bot": True}}}, id="our own words"
        ),
        pytest.param({"message": message(text="公告", is_automatic_forward=True)}, id="a post put into its group"),
    ],
)
def test_what_is_no_message_of_a_person_says_nothing(what):
    assert read(**what) == parse.Read(number=1)


@pytest.mark.parametrize(
    ("what", "where"),
    [
        ({"message": {}}, "body.message.chat"),
        ({"message": message() | {"chat": {"id": "x", "type": "group"}}}, "body.message.chat.id"),
        ({"message": message(text=3)}, "body.message.text"),
        ({"message": message(text="x", entities=[{"type": "mention"}])}, "body.message.entities[0].offset"),
        ({"message": message(photo=[{"width": 1}])}, "body.message.photo[0].height"),
        ({"message": message(text="x") | {"date": "gestern"}}, "body.message.date"),
        ({"edited_message": message(text="x")}, "body.message.edit_date"),
        ({"callback_query": {"id": ""}}, "body.callback_query.id"),
    ],
)
def test_a_broken_update_names_the_place(what, where):
    with pytest.raises(Malformed) as caught:
        read(**what)
    assert caught.value.where == where.replace("body.message.edit", f"body.{next(iter(what))}.edit")


@pytest.mark.parametrize(
    ("text", "kind", "span", "named", "left"),
    [
        ("@Yizhan_Service_Bot：断网了", "mention", (0, 19), True, "断网了"),
        ("断网了 @yizhan_service_bot", "mention", (4, 19), True, "断网了"),
        ("快 @yizhan_service_bot 看看", "mention", (2, 19), True, "快 看看"),
        ("@yizhan_service_bot", "mention", (0, 19), True, "@yizhan_service_bot"),
        ("@yizhan_service_bots 断网", "mention", (0, 20), False, "@yizhan_service_bots 断网"),
        ("/help", "bot_command", (0, 5), True, "/help"),
        ("/open 断网", "bot_command", (0, 5), True, "断网"),
        ("/open@other_bot 断网", "bot_command", (0, 15), False, "/open@other_bot 断网"),
        ("路径 /etc 满了", "bot_command", (3, 4), False, "路径 /etc 满了"),
        ("断网 #急", "hashtag", (3, 2), False, "断网 #急"),
    ],
)
def test_the_bot_is_named_by_mention_or_command_and_the_rest_is_kept(text, kind, span, named, left):
    entity = {"type": kind, "offset": span[0], "length": span[1]}
    found = read(message=message(text=text, entities=[entity])).inbound
    assert (found.named, found.text) == (named, left)


def test_two_mentions_are_both_taken_out_and_the_words_between_are_kept():
    text = "@yizhan_service_bot 断网 @yizhan_service_bot 急"
    spans = [{"type": "mention", "offset": at, "length": 19} for at in (0, 23)]
    assert read(message=message(text=text, entities=spans)).inbound.text == "断网 急"


def test_somebody_without_a_user_name_is_mentioned_by_id():
    entity = {"type": "text_mention", "offset": 0, "length": 2, "user": {"id": ME.id, "is_bot": True}}
    found = read(message=message(text="驿站 断网", entities=[entity])).inbound
    assert (found.named, found.text) == (True, "断网")


def test_a_private_chat_is_no_group_and_needs_no_name():
    found = read(message=message(PRIVATE, text="断网")).inbound
    assert (found.group, found.group_name, found.named) == (None, "", False)


def test_a_thread_outside_a_forum_is_the_group_itself():
    found = read(message=message(text="断网", message_thread_id=44)).inbound
    assert found.group == "-1002233445566"


def test_two_corrections_of_one_message_have_two_keys():
    keys = {
        read(edited_message=message(text="断网", edit_date=at)).inbound.key
        for at in (1795144380, 1795144381, 1795144380)
    }
    assert keys == {"-1002233445566:5:edit:1795144380", "-1002233445566:5:edit:1795144381"}


@pytest.mark.parametrize(
    ("what", "note"),
    [
        ({"sticker": {"emoji": "👍", "file_id": "x"}}, "[贴纸 👍]"),
        ({"sticker": {"file_id": "x"}}, "[贴纸]"),
        ({"location": {"latitude": 30, "longitude": 120.5}}, "[位置 30.00000,120.50000]"),
        ({"contact": {"phone_number": "+8613800138000", "first_name": "陈"}}, "[名片 陈 +8613800138000]"),
        ({"poll": {"question": "几点？", "options": [{"text": "8"}, {"text": "9"}]}}, "[投票 几点？：8 / 9]"),
        ({"checklist": {"title": "巡检", "tasks": [{"id": 1, "text": "UPS"}]}}, "[清单 巡检：UPS]"),
        ({"dice": {"emoji": "🎲", "value": 4}}, "[骰子 4]"),
        ({"story": {"id": 1}}, "[不支持的消息类型 story]"),
        ({"坏 kind": 1, "caption": ""}, "[不支持的消息类型 ?]"),
        ({"animation": {"file_id": "a", "file_unique_id": "b"}, "document": {"file_id": "a"}}, "[动图]"),
    ],
)
def test_what_is_no_text_is_kept_as_a_note_of_what_it_is(what, note):
    assert read(message=message(PRIVATE, **what)).inbound.text == note


def test_the_words_of_a_formatted_message_are_read_through_its_marks():
    blocks = [
        {"type": "heading", "text": "告警", "size": 1},
        {"type": "paragraph", "text": ["机房 ", {"type": "bold", "text": {"type": "italic", "text": "断电"}}, "！"]},
        {"type": "list", "items": [{"label": "1", "blocks": [{"type": "paragraph", "text": "UPS"}]}, {"blocks": []}]},
        {"type": "table", "cells": [[{"text": "机柜"}, {"text": "A3"}]]},
        {"type": "photo", "photo": [{"file_id": "x"}], "caption": {"text": "面板"}},
    ]
    found = read(message=message(PRIVATE, rich_message={"blocks": blocks})).inbound
    assert found.text.splitlines() == ["告警", "机房 断电！", "UPS", "", "机柜 A3 ", "面板"]


def test_a_formatted_message_without_end_is_read_to_a_depth():
    text: object = "深"
    for _ in range(200):
        text = {"type": "bold", "text": text}
    found = content(Untrusted({"rich_message": {"blocks": [{"text": text}]}}, "m"))
    assert found is not None
    assert found.note == "[不支持的消息类型 rich_message]"


def album(key, text="[图片]", **more):
    return Inbound(key=key, sender="7", text=text, group="-1", **more)


def test_the_later_files_of_an_album_refer_to_the_first_and_say_nothing_twice():
    albums = Albums()
    first = albums.joined(album("-1:1", "面板", whole="面板\n[图片]"), "a")
    second = albums.joined(album("-1:2", references=("-1:0",)), "a")
    assert (first.references, first.text) == ((), "面板")
    assert (second.references, second.text, second.whole) == (("-1:1", "-1:0"), "", "[图片]")
    assert albums.joined(album("-1:1", "面板"), "a") == album("-1:1", "面板")
    assert albums.joined(album("-1:3", "也有字", whole="也有字\n[图片]"), "a").text == "也有字"
    assert albums.joined(album("-1:9"), "b").references == ()


def test_only_late_albums_are_remembered():
    albums = Albums()
    for n in range(KEPT + 1):
        albums.joined(album(f"-1:{n}"), str(n))
    assert albums.joined(album("-1:again"), "0").references == ()


ACCOUNT = {"token": Secret(TOKEN), "username": "yizhan_service_bot"}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"transport": "webhook"}, "needs a webhook_secret"),
        ({"api_url": "http://api.example.net"}, "must be https"),
        ({"username": "@yizhan"}, "username"),
        ({"poll_seconds": 0}, "poll_seconds"),
    ],
)
def test_a_block_that_cannot_work_is_refused(change, says):
    with pytest.raises(ValueError, match=says):
        Account.model_validate(ACCOUNT | change)


def test_a_quarantined_update_is_read_again():
    around = Around(account="main", public_url="https://x", now=lambda: datetime.now(UTC))
    channel = TelegramBot(Account.model_validate(ACCOUNT), around)
    good = json.dumps({"update_id": 1, "message": message(text="断网")}).encode()
    assert channel.reread("update:1", good).key == "-1002233445566:5"
    assert channel.reread("update:1", b"{}") == Unreadable(
        key="update:1:again", raw=b"{}", where="body.update_id", why="missing"
    )
    nothing = channel.reread("update:1", b'{"update_id": 1}')
    assert isinstance(nothing, Unreadable)
    assert nothing.why == "it says nothing to us"
