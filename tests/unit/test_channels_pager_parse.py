"""Updates of the pager bot: bytes in, records out."""

import json
from pathlib import Path

import pytest

from channels.contract import Button, Malformed, Outgoing
from channels.im.pager import parse
from channels.im.pager.config import Account
from channels.settings import Secret
from channels.telegram_account import buttons, data, pressed
from channels.untrusted import Untrusted

FIXTURES = sorted((Path(__file__).parent.parent / "fixtures" / "pager").glob("*.in.json"))
ALLOWED = frozenset({"7100000042"})
WHO = {"id": 7100000042, "is_bot": False, "first_name": "晓"}
STRANGER = {"id": 7100000043, "is_bot": False, "first_name": "某"}
PRIVATE = {"id": 7100000042, "type": "private"}
GROUP = {"id": -1001, "type": "group", "title": "值班"}
NOTHING = parse.Read()


def read(**what):
    raw = json.dumps({"update_id": 1, **what}).encode()
    return parse.update(Untrusted.json(raw), ALLOWED, raw=raw)


def message(chat=PRIVATE, who=WHO, **more):
    return {"message_id": 5, "from": who, "chat": chat, "date": 1795144320, **more}


def query(who=WHO, **more):
    return {"id": "77", "from": who, "message": message(text="P1"), "chat_instance": "1", "data": "1|p-1", **more}


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda path: path.name.removesuffix(".in.json"))
def test_an_update_becomes_the_record_beside_it(fixture):
    raw = fixture.read_bytes()
    found = parse.update(Untrusted.json(raw), ALLOWED, raw=raw).inbound
    expected = json.loads(fixture.with_name(fixture.name.replace(".in.json", ".out.json")).read_text("utf-8"))
    assert found is not None
    record = {name: getattr(found, name) for name in expected}
    record["references"], record["answers"] = list(found.references), list(found.answers)
    record["sent_at"] = found.sent_at.isoformat() if found.sent_at else None
    record["remotes"] = list(found.remotes)
    assert record == expected
    assert found.raw == raw


@pytest.mark.parametrize(
    "what",
    [
        pytest.param({"message": message(GROUP, text="1")}, id="one of the staff in a group"),
        pytest.param({"message": message(who=STRANGER, text="1")}, id="a stranger"),
        pytest.param({"callback_query": query(STRANGER)}, id="a stranger's press, whose button goes on turning"),
        pytest.param({"message": message(who={**WHO, "is_bot": True}, text="1")}, id="a bot"),
        pytest.param({"message": message(text="/start")}, id="the bot was opened"),
        pytest.param({"message": message(pinned_message=message(text="x"))}, id="something was pinned"),
        pytest.param({"channel_post": {"chat": {"id": -1, "type": "channel"}}}, id="a channel"),
    ],
)
def test_groups_and_strangers_say_nothing(what):
    assert read(**what) == NOTHING


def test_a_press_says_what_its_button_says_and_answers_our_text():
    found = read(callback_query=query())
    assert found.press == "77"
    assert (found.inbound.key, found.inbound.text, found.inbound.answers) == ("press:77", "1", ("p-1",))


def test_a_press_in_a_group_is_answered_and_says_nothing():
    assert read(callback_query=query(message=message(GROUP, text="P1"))) == parse.Read(press="77")


def test_a_correction_refers_to_what_it_corrects():
    found = read(edited_message=message(text="2", edit_date=1795144330)).inbound
    assert (found.key, found.references) == ("7100000042:5:edit:1795144330", ("7100000042:5",))


@pytest.mark.parametrize(
    ("what", "where"),
    [
        ({"message": {}}, "body.message.chat"),
        ({"message": message(who={"id": "x"}, text="1")}, "body.message.from.id"),
        ({"callback_query": {}}, "body.callback_query.from"),
        ({"callback_query": query(data="x" * 65)}, "body.callback_query.data"),
    ],
)
def test_a_broken_update_names_the_place(what, where):
    with pytest.raises(Malformed) as caught:
        read(**what)
    assert caught.value.where == where


@pytest.mark.parametrize(("says", "key"), [("1", "d-20-1"), ("好了|是", "d-1"), ("接单", "")])
def test_what_a_button_carries_comes_back_whole(says, key):
    assert pressed(data(Button(label="x", says=says), key)) == (says, key)


@pytest.mark.parametrize(
    ("says", "key", "count", "shown"),
    [
        ("1", "d" * 62, 8, 8),
        ("1", "d" * 63, 8, 0),
        ("稍后", "d" * 57, 1, 1),
        ("稍后", "d" * 58, 1, 0),
        ("1", "d-1", 9, 0),
    ],
)
def test_buttons_that_do_not_fit_are_left_out_all_together(says, key, count, shown):
    many = tuple(Button(label=str(n), says=says) for n in range(count))
    assert len(buttons(Outgoing(key=key, to="1", text="x", buttons=many), 8)) == shown


@pytest.mark.parametrize(
    "change",
    [
        {"allowed": []},
        {"allowed": ["@chen"]},
        {"allowed": ["-100123"]},
        {"poll_seconds": 51},
        {"api_url": "http://x"},
    ],
)
def test_a_block_that_cannot_work_is_refused(change):
    block = {"token": Secret("7000000001:" + "a" * 35), "allowed": ["7100000042"]}
    assert Account.model_validate(block).poll_seconds == 25
    with pytest.raises(ValueError, match=next(iter(change))):
        Account.model_validate(block | change)
