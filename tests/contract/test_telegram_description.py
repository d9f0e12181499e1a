"""Both bots and the simulated Bot API against the machine-readable description of the API (Bot API 10.1)."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from channels import registry
from channels.contract import Button, Outgoing, Remote
from channels.powers import Listens
from channels.telegram_message import ABOUT, FILES, NOTES, SERVICE
from channels.telegram_simulation import TelegramRefusal

from .conftest import build, until

FIXTURES = sorted(
    file
    for name in ("telegram", "pager")
    for file in (Path(__file__).parent.parent / "fixtures" / name).glob("*.in.json")
)
MADE_UP = {"unknown_kind.in.json": [".message.hologram: unknown"]}
"""Fixtures that break the description on purpose."""


class Description:
    """The description: which methods and types there are, and what does not fit them."""

    def __init__(self, read):
        self.methods = read["methods"]
        self.types = read["types"]

    def wrong_call(self, name, params):
        """What in a request breaks the description; every value is text, as forms carry it."""
        if name not in self.methods:
            return [f"{name}: unknown method"]
        fields = {field["name"]: field for field in self.methods[name].get("fields", [])}
        missing = [f"{name}.{n}: missing" for n, field in fields.items() if field["required"] and n not in params]
        unknown = [f"{name}.{n}: unknown" for n in params if n not in fields]
        known = ((n, fields[n]["types"], value) for n, value in params.items() if n in fields)
        return (
            missing + unknown + [one for n, kinds, value in known for one in self._posted(kinds, value, f"{name}.{n}")]
        )

    def _posted(self, kinds, value, path):
        if "String" in kinds:
            return []
        try:
            return self.wrong(kinds, json.loads(value), path)
        except ValueError:
            return [f"{path}: not JSON"]

    def wrong(self, kinds, value, path):
        """What in a value breaks every type it may have; of several that break, the nearest speaks."""
        return min((self._wrong(kind, value, path) for kind in kinds), key=len)

    def _wrong(self, kind, value, path):
        if kind.startswith("Array of "):
            if not isinstance(value, list):
                return [f"{path}: no list"]
            return [one for n, item in enumerate(value) for one in self._wrong(kind[9:], item, f"{path}[{n}]")]
        plain: Any = {"Integer": int, "String": str, "Boolean": bool, "Float": (int, float)}.get(kind)
        if plain:
            fits = isinstance(value, plain) and (kind == "Boolean" or not isinstance(value, bool))
            return [] if fits else [f"{path}: no {kind}"]
        described = self.types[kind]
        if described.get("subtypes"):
            return self.wrong(described["subtypes"], value, path)
        return self._object(described.get("fields", []), value, path)

    def _object(self, fields, value, path):
        if not isinstance(value, dict):
            return [f"{path}: no object"]
        named = {field["name"]: field for field in fields}
        missing = [f"{path}.{n}: missing" for n, field in named.items() if field["required"] and n not in value]
        unknown = [f"{path}.{n}: unknown" for n in value if n not in named]
        known = ((n, named[n]["types"], item) for n, item in value.items() if n in named)
        return missing + unknown + [one for n, kinds, item in known for one in self.wrong(kinds, item, f"{path}.{n}")]


@pytest.fixture(scope="module")
def described(contracts):
    return Description(json.loads((contracts / "telegram" / "bot_api.json").read_text("utf-8")))


def test_the_check_itself_sees_what_does_not_fit(described):
    wrong = described.wrong_call
    assert wrong("sendMesage", {}) == ["sendMesage: unknown method"]
    assert wrong("sendMessage", {"chat_id": "1", "txt": "x"}) == [
        "sendMessage.text: missing",
        "sendMessage.txt: unknown",
    ]
    assert wrong("getUpdates", {"offset": "x"}) == ["getUpdates.offset: not JSON"]
    assert wrong("getUpdates", {"offset": "true"}) == ["getUpdates.offset: no Integer"]
    assert wrong("getUpdates", {"allowed_updates": "[1]"}) == ["getUpdates.allowed_updates[0]: no String"]
    markup = json.dumps({"inline_keyboard": [[{"callback_data": 1}]]})
    assert wrong("editMessageText", {"text": "x", "reply_markup": markup}) == [
        "editMessageText.reply_markup.inline_keyboard[0][0].text: missing",
        "editMessageText.reply_markup.inline_keyboard[0][0].callback_data: no String",
    ]
    assert described.wrong(["Update"], {"update_id": 1, "message": {}}, "")[:2] == [
        ".message.message_id: missing",
        ".message.date: missing",
    ]


@pytest.fixture(params=["telegram", "pager", "telegram polling"])
async def world(request, gateway, clock, tmp_path):
    """One of the bots and its simulator, while it listens."""
    name, _, transport = request.param.partition(" ")
    more = {"transport": transport} if transport else {}
    simulator = registry.simulator(name, clock=clock, gateway_url=gateway.url, account="main", **more)
    await simulator.start()
    channel = gateway.channel = build(name, dict(simulator.block(tmp_path)), gateway.url, clock)
    assert isinstance(channel, Listens)
    task = asyncio.create_task(channel.listen(gateway.accept, gateway.receipts))
    yield channel, simulator, gateway
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await channel.close()
    await simulator.stop()


async def everything(channel, simulator, gateway, outgoing):
    """Whatever the bot can do and its people can do to it."""
    person, chats = simulator.person, simulator.chats
    sent = await channel.send(outgoing(buttons=(Button(label="接单", says="1"),)))
    await chats.push(person, "接单")
    await until(lambda: chats.answered)
    await channel.send(outgoing(text="已接单", replaces=sent.provider_id))
    first = await chats.said(person, person, text="断网了", answers=sent.provider_id)
    await chats.changed(first, "B栋断网了")
    photo = [{"file_id": "AgAC1", "file_unique_id": "u1", "width": 90, "height": 60}]
    await chats.said(person, person, photo=photo, caption="面板", media_group_id="9")
    if channel.can.groups:
        theirs = await simulator.say(sender=person, group="-1001:9", text=f"@{simulator.server.me['username']} 断网")
        await chats.said(person, "-1001:9", text="我也是", answers=theirs)
        await channel.send(outgoing(group="-1001:9", quotes=theirs))
        await channel.send(outgoing(group="-1001"))
        simulator.server.files["BQAC1"] = b"x"
        await channel.fetch(Remote(ref="BQAC1"))
    await channel.check()
    await until(lambda: len(gateway.inbounds) >= 4)


async def test_every_request_of_ours_and_every_object_of_the_simulator_fits_the_description(world, described):
    channel, simulator, gateway = world
    await everything(
        channel,
        simulator,
        gateway,
        lambda **more: Outgoing(**{"key": "d-1", "to": simulator.person, "text": "1042 滨江机房", **more}),
    )
    server = simulator.server
    assert [one for call in server.calls for one in described.wrong_call(call.method, call.params)] == []
    assert [one for kind, made in server.made for one in described.wrong([kind], made, kind)] == []
    expected = {"sendMessage", "editMessageText", "answerCallbackQuery", "getMe"}
    assert expected <= {call.method for call in server.calls}
    assert {"Update", "Message", "User"} <= {kind for kind, _ in server.made}


async def test_every_refusal_of_the_simulator_fits_the_description(described):
    for refusal in (
        TelegramRefusal(429, "Too Many Requests: retry after 17", retry_after=17),
        TelegramRefusal(400, "Bad Request: upgraded", migrate_to_chat_id=-1001),
    ):
        assert described.wrong(["ResponseParameters"], refusal.body["parameters"], "") == []


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_every_fixture_fits_the_description(fixture, described):
    found = described.wrong(["Update"], json.loads(fixture.read_text("utf-8")), "")
    assert found == MADE_UP.get(fixture.name, [])


def test_every_field_of_a_message_is_one_that_we_know(described):
    fields = {field["name"] for field in described.types["Message"]["fields"]}
    read = {"text", "photo", "sticker", "rich_message", *FILES, *NOTES, *ABOUT, *SERVICE}
    noted = {"game", "live_photo", "paid_media", "story"}
    assert (fields - read, read - fields) == (noted, set())


async def test_a_method_that_the_simulator_does_not_know_is_refused(world):
    channel, simulator, _ = world
    simulator.server.serves("getMe", _unknown)
    assert [finding.ok for finding in await channel.check()] == [False]


async def _unknown(params):
    raise TelegramRefusal(404, "Not Found: method not found")
