"""What the Bot API's answers, ids and addresses mean, and what loading aiogram costs."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from channels.contract import GiveUp, Misconfigured, TryLater, Uncertain
from channels.http import Answer
from channels.telegram_account import (
    TEXT_LIMIT,
    Moved,
    Unchanged,
    bot_id,
    message_id,
    on_loopback,
    place,
    refusal,
    safe_address,
)

ROOT = Path(__file__).resolve().parent.parent.parent


def answer(status, body, **headers):
    at = datetime(2026, 11, 20, 3, 12, tzinfo=UTC)
    return Answer(host="api.telegram.org", status=status, headers=headers, body=body, at=at)


@pytest.mark.parametrize(
    ("status", "body", "error", "says"),
    [
        (200, b'{"ok":true,"result":1}', None, ""),
        (200, b'{"ok":false,"error_code":400,"description":"x"}', GiveUp, "answered 200 and not ok"),
        (200, b'{"ok":"true"}', Uncertain, "cannot be read"),
        (200, b"<html>", Uncertain, "cannot be read"),
        (500, b'{"ok":false}', TryLater, "answered 500"),
        (500, b'{"ok":true,"result":1}', TryLater, "answered 500"),
        (500, b'{"ok":false,"description":"chat not found"}', TryLater, "answered 500"),
        (409, b'{"ok":false,"description":"Conflict: terminated by other getUpdates request"}', TryLater, "another"),
        (400, b'{"ok":false,"description":"Bad Request: message is not modified: x"}', Unchanged, "already"),
        (400, b'{"ok":false,"parameters":{"migrate_to_chat_id":-1005}}', Moved, "supergroup"),
        (400, b'{"ok":false,"parameters":{"migrate_to_chat_id":"x"}}', GiveUp, "answered 400"),
        (400, b'{"ok":false,"description":"Bad Request: MESSAGE_ID_INVALID"}', GiveUp, "message to change is gone"),
        (403, b'{"ok":false,"description":null}', Misconfigured, "answered 403"),
        (404, b'{"ok":false,"description":"Not Found"}', Misconfigured, "token"),
    ],
)
def test_an_answer_means_one_of_our_errors(status, body, error, says):
    found = refusal(answer(status, body))
    assert type(found) is (error or type(None))
    assert says in str(found)


@pytest.mark.parametrize(
    ("asked", "after"),
    [
        (b'{"retry_after":17}', timedelta(seconds=17)),
        (b'{"retry_after":-5}', timedelta()),
        (b'{"retry_after":999999999}', timedelta(days=1)),
        (b"{}", timedelta(seconds=3)),
        (b"null", timedelta(seconds=3)),
    ],
)
def test_a_flood_is_waited_out_by_telegrams_own_number_or_else_by_the_header(asked, after):
    headers = {"Retry-After": "3"}
    found = refusal(answer(429, b'{"ok":false,"parameters":' + asked + b"}", **headers))
    assert isinstance(found, TryLater)
    assert found.after == after


def test_a_group_that_moved_tells_its_new_id():
    found = refusal(answer(400, b'{"ok":false,"parameters":{"migrate_to_chat_id":-1009988776655}}'))
    assert isinstance(found, Moved)
    assert found.chat == -1009988776655


@pytest.mark.parametrize(
    ("key", "where"),
    [("-1001:5", (-1001, 5)), ("7:5:edit:1795144380", (7, 5)), (message_id(7, 5), (7, 5))],
)
def test_a_key_tells_chat_and_number(key, where):
    assert place(key) == where


@pytest.mark.parametrize("key", ["", "7", "7:", "x:1", "press:77"])
def test_what_is_no_key_of_a_message_is_refused(key):
    with pytest.raises(ValueError, match="int"):
        place(key)


def test_a_token_begins_with_the_bots_own_id():
    assert (bot_id("7000000001:AAE"), TEXT_LIMIT) == (7000000001, 4096)


@pytest.mark.parametrize(
    ("url", "near"),
    [
        ("http://127.0.0.1:8081", True),
        ("http://localhost", True),
        ("http://[::1]:1", True),
        ("http://10.0.0.5", False),
        ("http://127.0.0.1.example.net", False),
        ("http://", False),
    ],
)
def test_an_address_in_clear_text_is_for_this_machine_only(url, near):
    assert on_loopback(url) is near
    if near:
        assert safe_address(f"{url}/") == url
    else:
        with pytest.raises(ValueError, match="https"):
            safe_address(url)


LOADED = """
import pydantic
kept = pydantic.BaseModel.__dict__["model_rebuild"]
from channels.im.telegram.library import types, unbuilt
built = [n for n in types.__all__ if getattr(getattr(types, n), "__pydantic_complete__", False)]
assert pydantic.BaseModel.__dict__["model_rebuild"] is kept
with unbuilt():
    class Inner(pydantic.BaseModel):
        at: "Later"
    class Later(pydantic.BaseModel):
        x: int
    Inner.model_rebuild()
assert Inner(at={"x": 1}).at.x == 1
from channels.im.telegram import api
api._build_models()
text = types.Message.model_validate(
    {"message_id": 1, "date": 1, "chat": {"id": 1, "type": "private"}, "reply_to_message":
     {"message_id": 2, "date": 1, "chat": {"id": 1, "type": "private"}, "text": "x"}}).reply_to_message.text
print(len(built), text)
"""


def test_aiogram_is_loaded_without_building_its_models_and_those_of_others_are_built():
    done = subprocess.run([sys.executable, "-c", LOADED], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    built, text = done.stdout.split()
    assert int(built) < 60  # the enumerations and the models that refer to no other
    assert text == "x"


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize(("channel", "most"), [("telegram", 45), ("pager", 40)])
def test_a_bot_takes_little_memory_beside_the_http_client(channel, most):
    code = f"""
def used():
    with open("/proc/self/status") as status:
        return int(next(line for line in status if line.startswith("VmRSS")).split()[1]) / 1024
import channels.http, channels.settings, phonenumbers
before = used()
import channels.im.{channel}.adapter
print(used() - before)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert float(done.stdout) < most
