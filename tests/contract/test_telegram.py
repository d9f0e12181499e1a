"""The customers' bot between the gateway and the simulated Bot API, by webhook and by long polling."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from channels import registry
from channels.contract import (
    Button,
    GiveUp,
    Misconfigured,
    Refused,
    Remote,
    TryLater,
    Unreadable,
)
from channels.simulation import Fault

from .conftest import House, build, until, webhook_of

GROUP = "-1002233445566"
TOPIC = f"{GROUP}:9"


@pytest.fixture
def channel_name():
    return "telegram"


@asynccontextmanager
async def polled(gateway, clock, folder, **changes):
    """The same bot asking for its messages."""
    simulator = registry.simulator(
        "telegram", clock=clock, gateway_url=gateway.url, account="main", transport="polling"
    )
    await simulator.start()
    block = {**simulator.block(folder), **changes}
    gateway.channel = build("telegram", block, gateway.url, clock)
    house = House("telegram", gateway.channel, simulator, gateway, clock, block, folder)
    yield house
    await gateway.channel.close()
    await simulator.stop()


@asynccontextmanager
async def listening(house, accept=None):
    task = asyncio.create_task(house.channel.listen(accept or house.gateway.accept, house.gateway.receipts))
    yield task
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def calls(house, method):
    return [dict(call.params) for call in house.simulator.server.calls if call.method == method]


# what comes in


async def test_a_text_arrives_by_webhook_with_its_chat_and_number_as_key(house):
    key = await house.simulator.say(sender=house.person, text="机柜无供电🆘")
    (inbound,) = house.gateway.inbounds
    assert (inbound.key, inbound.sender, inbound.text, inbound.group) == (key, house.person, "机柜无供电🆘", None)
    assert house.gateway.statuses == [200]


async def test_the_webhook_is_set_with_its_secret_by_the_gateway_itself(house):
    await until(lambda: calls(house, "setWebhook"))
    (call,) = calls(house, "setWebhook")
    assert call["url"] == f"{house.gateway.url}/in/telegram/main"
    assert call["secret_token"] == (house.folder / "telegram_main_secret").read_text()
    assert call["allowed_updates"] == '["message", "edited_message", "callback_query"]'
    await until(lambda: house.clock._sleepers)
    await house.clock.advance(timedelta(hours=7))
    await until(lambda: len(calls(house, "setWebhook")) == 2)


async def test_a_webhook_that_failed_is_called_again_and_its_message_is_one(house):
    house.gateway.fails = 1
    key = await house.simulator.say(sender=house.person, text="断网了")
    assert (house.gateway.statuses, [one.key for one in house.gateway.inbounds]) == ([500, 200], [key])


async def test_a_repeat_has_the_same_key(house):
    house.simulator.fault = Fault.TWICE
    key = await house.simulator.say(sender=house.person, text="断网了")
    assert [one.key for one in house.gateway.inbounds] == [key, key]


async def test_a_request_with_the_secret_of_somebody_else_is_refused(house):
    await house.simulator.say(sender=house.person, text="断网了")
    (wire,) = house.gateway.wires
    for secret in ("", "x", "\udcff", house.block["token"]["file"]):
        with pytest.raises(Refused, match="Secret-Token"):
            webhook_of(house.channel, wire).read(replace(wire, headers={"x-telegram-bot-api-secret-token": secret}))


async def test_a_group_a_topic_and_a_mention_are_told_apart(house):
    await house.simulator.say(sender="7100000042", group=GROUP, text="断网了")
    await house.simulator.say(sender="7100000042", group=TOPIC, text="🆘 @yizhan_service_bot 断网了")
    plain, topic = house.gateway.inbounds
    assert (plain.group, plain.named, plain.text) == (GROUP, False, "断网了")
    assert (topic.group, topic.named, topic.text) == (TOPIC, True, "🆘 断网了")
    assert (plain.group_name, topic.group_name) == ("滨江客户群", "滨江客户群 / 机房")


async def test_an_answer_to_our_text_names_it_and_a_quote_of_theirs_refers_to_it(house):
    receipt = await house.channel.send(house.outgoing(to="7100000042", group=GROUP))
    first = await house.simulator.say(sender="7100000042", group=GROUP, text="还没好", answers=receipt.provider_id)
    await house.simulator.say(sender="7100000043", group=GROUP, text="我也是", answers=first)
    ours, theirs = house.gateway.inbounds
    assert (ours.named, ours.answers, ours.references) == (True, (receipt.provider_id,), ())
    assert (theirs.named, theirs.answers, theirs.references) == (False, (), (first,))


async def test_the_pictures_of_an_album_hang_together_and_say_their_caption_once(house):
    chats = house.simulator.chats
    photo = [{"file_id": "AgAC1", "file_unique_id": "u1", "width": 90, "height": 60, "file_size": 5}]
    first = await chats.said("7100000042", GROUP, photo=photo, media_group_id="99", caption="面板告警")
    second = await chats.said("7100000042", GROUP, photo=photo, media_group_id="99")
    found = house.gateway.inbounds
    assert [one.key for one in found] == [first, second]
    assert [(one.text, one.references) for one in found] == [("面板告警", ()), ("", (first,))]
    assert [one.remotes[0].ref for one in found] == ["AgAC1", "AgAC1"]


async def test_a_correction_is_a_message_of_its_own_that_refers_to_the_first(house):
    key = await house.simulator.say(sender=house.person, text="A栋断网")
    await house.simulator.chats.changed(key, "B栋断网")
    _, corrected = house.gateway.inbounds
    assert (corrected.text, corrected.references) == ("[更正] B栋断网", (key,))
    assert corrected.key.startswith(f"{key}:edit:")


async def test_a_press_says_what_its_button_says_and_is_answered_in_the_same_breath(house):
    shown = (Button(label="已解决", says="好了"), Button(label="还没好", says="没好"), Button(label="评价", says="5"))
    receipt = await house.channel.send(house.outgoing(key="d-7", to="7100000042", group=GROUP, buttons=shown))
    assert house.simulator.chats.buttons(receipt.provider_id) == ["已解决", "还没好", "评价"]
    query = await house.simulator.chats.push("7100000042", "还没好")
    again = await house.simulator.chats.push("7100000042", "还没好")
    first, second = house.gateway.inbounds
    assert (first.text, first.answers, first.group, first.sender) == ("没好", ("d-7",), GROUP, "7100000042")
    assert (first.key, second.key) == (f"press:{query}", f"press:{again}")
    assert house.simulator.chats.answered == [query, again]


# long polling


async def test_an_update_is_confirmed_only_after_the_commit(gateway, clock, tmp_path):
    async with polled(gateway, clock, tmp_path) as house:
        failing = True

        async def accept(items, *, cursor=None):
            if failing:
                raise ConnectionError("the database is away")
            return await gateway.accept(items, cursor=cursor)

        key = await house.simulator.say(sender=house.person, text="断网了")
        async with listening(house, accept) as task:
            await asyncio.wait([task], timeout=2)
            assert isinstance(task.exception(), ConnectionError)
        assert house.simulator.server.busy()
        failing = False
        async with listening(house, accept):
            await until(lambda: not house.simulator.server.busy())
        assert [one.key for one in gateway.heard] == [key]
        assert [call.get("offset") for call in calls(house, "getUpdates")] == [None, None, "4000000002"]


async def test_polling_ends_a_webhook_first_and_takes_what_waited(gateway, clock, tmp_path):
    async with polled(gateway, clock, tmp_path) as house:
        house.simulator.server.hook = {"url": "http://127.0.0.1:1/", "secret_token": ""}
        key = await house.simulator.say(sender=house.person, text="断网了")
        async with listening(house):
            await until(lambda: gateway.heard)
        assert [one.key for one in gateway.heard] == [key]
        assert house.channel.webhooks() == ()


async def test_waiting_for_messages_is_no_silence_of_the_server(gateway, clock, tmp_path):
    async with polled(gateway, clock, tmp_path, timeout_seconds=0.1, poll_seconds=5) as house, listening(house) as task:
        done, _ = await asyncio.wait([task], timeout=0.4)
        assert (done, len(calls(house, "getUpdates"))) == (set(), 1)


async def test_of_two_that_ask_the_earlier_one_is_told(gateway, clock, tmp_path):
    async with polled(gateway, clock, tmp_path) as house, listening(house) as first:
        await until(lambda: len(calls(house, "getUpdates")) == 1)
        other = house.rebuilt()
        second = asyncio.create_task(other.listen(gateway.accept, gateway.receipts))
        await asyncio.wait([first], timeout=2)
        with pytest.raises(TryLater, match="another program"):
            raise first.exception()
        second.cancel()
        await asyncio.gather(second, return_exceptions=True)
        await other.close()


async def test_an_update_that_cannot_be_read_is_set_aside_and_holds_up_nobody(gateway, clock, tmp_path):
    async with polled(gateway, clock, tmp_path) as house, listening(house):
        await house.simulator.server.happened(message={"message_id": 1})
        await house.simulator.say(sender=house.person, text="断网了")
        await until(lambda: len(gateway.heard) == 2)
        broken, good = gateway.heard
        assert isinstance(broken, Unreadable)
        assert (broken.key, broken.where) == ("update:4000000001", "body.message.chat")
        assert good.text == "断网了"


async def test_a_press_that_was_polled_is_answered_after_it_is_stored(gateway, clock, tmp_path):
    async with polled(gateway, clock, tmp_path) as house, listening(house):
        await house.channel.send(house.outgoing(key="d-7", buttons=(Button(label="已解决", says="好了"),)))
        query = await house.simulator.chats.push(house.person, "已解决")
        await until(lambda: house.simulator.chats.answered == [query])
        assert [(one.text, one.answers) for one in gateway.heard] == [("好了", ("d-7",))]


async def test_no_log_line_of_polling_carries_the_token_or_a_text(gateway, clock, tmp_path, caplog):
    caplog.set_level("DEBUG")
    async with polled(gateway, clock, tmp_path) as house, listening(house):
        await house.simulator.say(sender=house.person, text="断网了，密语")
        await until(lambda: gateway.heard)
        token = house.simulator.server.token
        house.simulator.fault = Fault.DOWN
        findings = await house.channel.check()
        said = caplog.text + repr(house.channel) + repr(findings)
        assert [one for one in (token, token.partition(":")[2], "密语", house.person) if one in said] == []
        assert [finding.ok for finding in findings] == [False]


# files


async def test_a_file_is_brought_from_where_telegram_says(house):
    house.simulator.server.files["BQAC1"] = b"\x89PNG..."
    found = await house.channel.fetch(Remote(ref="BQAC1", name="面板.png", type="image/png"))
    assert (found.name, found.type, found.content) == ("面板.png", "image/png", b"\x89PNG...")


@pytest.mark.parametrize(
    ("ref", "content", "says"),
    [("gone", None, "the file is gone"), ("large", bytes(20_000_001), "larger than 20 MB")],
)
async def test_a_file_that_is_gone_or_too_large_is_given_up(house, ref, content, says):
    if content:
        house.simulator.server.files[ref] = content
    with pytest.raises(GiveUp, match=says):
        await house.channel.fetch(Remote(ref=ref))


@pytest.mark.parametrize("path", ["", "/etc/passwd", "../../x", "a?b", "a#b", "文件"])
async def test_a_file_is_brought_from_below_the_servers_files_only(house, path):
    async def elsewhere(params):
        return {"file_id": "x", "file_unique_id": "x", "file_path": path}

    house.simulator.server.serves("getFile", elsewhere)
    with pytest.raises(GiveUp, match="no path"):
        await house.channel.fetch(Remote(ref="x"))


async def test_a_file_that_says_it_is_too_large_is_not_even_asked_for(house):
    async def huge(params):
        return {"file_id": "x", "file_unique_id": "x", "file_path": "documents/x", "file_size": 20_000_001}

    house.simulator.server.serves("getFile", huge)
    with pytest.raises(GiveUp, match="20 MB"):
        await house.channel.fetch(Remote(ref="x"))


async def test_a_server_that_is_away_is_asked_for_the_file_later(house):
    house.simulator.fault = Fault.DOWN
    with pytest.raises(TryLater):
        await house.channel.fetch(Remote(ref="x"))


# the self-check


async def test_the_self_check_sees_another_bot_and_closed_ears(house):
    house.simulator.server.me |= {"username": "other_bot", "can_read_all_group_messages": False}
    wrong = {one.what: one.note for one in await house.channel.check() if one.ok is False}
    assert wrong == {
        "Telegram bot": "username is another",
        "Telegram groups": "privacy mode is on: in groups only commands and answers to the bot arrive",
    }


async def test_the_self_check_sees_a_webhook_that_fails_or_leads_elsewhere(house):
    await until(lambda: calls(house, "setWebhook"))
    house.gateway.fails = 3
    await house.simulator.say(sender=house.person, text="断网了")
    assert (await house.channel.check())[2].note == "1 updates wait, the last delivery failed"
    house.simulator.server.hook = {"url": "http://127.0.0.1:1/", "secret_token": ""}
    assert (await house.channel.check())[2].ok is False
    house.simulator.server.hook = {}
    assert (await house.channel.check())[2].ok is None


@pytest.mark.parametrize("secret", ["short", "密" * 20, "x" * 257])
async def test_a_secret_that_telegram_would_not_take_is_told_and_makes_nothing_genuine(house, secret):
    (house.folder / "other").write_text(secret)
    channel = house.rebuilt(webhook_secret={"file": str(house.folder / "other")})
    with pytest.raises(Misconfigured, match="webhook_secret"):
        await channel.listen(house.gateway.accept, house.gateway.receipts)
    assert [(one.ok, one.note[:14]) for one in await channel.check()][2] == (False, "webhook_secret")
    await house.simulator.say(sender=house.person, text="断网了")
    (wire,) = house.gateway.wires
    for headers in ({}, {"x-telegram-bot-api-secret-token": secret}):
        with pytest.raises(Refused):
            webhook_of(channel, wire).read(replace(wire, headers=headers))
    await channel.close()


async def test_what_is_no_token_is_told_by_the_self_check(house):
    (house.folder / "other").write_text("not a token")
    channel = house.rebuilt(token={"file": str(house.folder / "other")})
    assert [(one.ok, one.note) for one in await channel.check()] == [
        (False, "Telegram knows no such bot: is the token right?")
    ]
    await channel.close()
