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
    Outgoing,
    Refused,
    Remote,
    Status,
    TryLater,
    Uncertain,
    Unreadable,
)
from channels.simulation import Fault
from channels.telegram_simulation import TelegramRefusal

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
    for secret in ("", "x", house.block["token"]["file"]):
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


# what goes out


async def test_a_group_is_answered_in_its_topic_quoting_the_message(house):
    key = await house.simulator.say(sender="7100000042", group=TOPIC, text="断网了")
    await house.channel.send(house.outgoing("已派人", to="7100000042", group=TOPIC, quotes=key))
    (call,) = calls(house, "sendMessage")
    assert (call["chat_id"], call["message_thread_id"], call["text"]) == (GROUP, "9", "已派人")
    assert call["reply_parameters"] == f'{{"message_id": {key.partition(":")[2]}, "allow_sending_without_reply": true}}'
    assert "entities" not in call
    assert [(one.to, one.group) for one in house.simulator.heard] == [(GROUP, TOPIC)]


async def test_the_correction_of_a_message_is_quoted_by_the_message_itself(house):
    await house.channel.send(house.outgoing("好", to="7", group=GROUP, quotes=f"{GROUP}:33:edit:1795144380"))
    assert '"message_id": 33' in calls(house, "sendMessage")[0]["reply_parameters"]


@pytest.mark.parametrize(("language", "words", "length"), [("zh", "@您 ", 2), ("en", "@you ", 4)])
async def test_without_a_quote_the_person_is_mentioned_by_id(house, language, words, length):
    await house.channel.send(house.outgoing("已派人", to="7100000042", group=GROUP, quotes=None, language=language))
    (call,) = calls(house, "sendMessage")
    assert call["text"] == f"{words}已派人"
    assert f'"offset": 0, "length": {length}' in call["entities"]
    assert '"id": 7100000042' in call["entities"]


async def test_whoever_hides_behind_a_group_is_not_mentioned(house):
    await house.channel.send(house.outgoing("已派人", to=GROUP, group=GROUP, quotes=None))
    (call,) = calls(house, "sendMessage")
    assert (call["text"], "entities" in call) == ("已派人", False)


async def test_a_long_text_goes_out_as_several_with_the_buttons_under_the_last(house):
    text = "机柜🆘" * 3000
    receipt = await house.channel.send(house.outgoing(text, buttons=(Button(label="好", says="好"),)))
    assert "".join(one.text for one in house.simulator.heard) == text
    assert [len(one.text.encode("utf-16-le")) // 2 for one in house.simulator.heard] == [4096, 4096, 3808]
    assert ["reply_markup" in call for call in calls(house, "sendMessage")] == [False, False, True]
    assert (receipt.segments, receipt.provider_id) == (3, house.simulator.heard[-1].id)


async def test_a_later_part_that_is_not_taken_leaves_the_whole_uncertain(house):
    house.simulator.chats.floods_after = 1
    with pytest.raises(Uncertain, match="part 2 of 3"):
        await house.channel.send(house.outgoing("机柜🆘" * 3000))


async def test_a_text_changes_once_and_loses_its_buttons_and_a_repeat_is_fine(house):
    receipt = await house.channel.send(house.outgoing("可以吗？", buttons=(Button(label="好", says="好"),)))
    for _ in range(2):
        changed = await house.channel.send(house.outgoing("可以吗？已答：好", replaces=receipt.provider_id))
        assert (changed.provider_id, changed.status) == (receipt.provider_id, Status.SENT)
    shown = house.simulator.chats.messages[receipt.provider_id]
    assert (shown["text"], "reply_markup" in shown) == ("可以吗？已答：好", False)
    assert len(house.simulator.heard) == 1


@pytest.mark.parametrize("replaces", ["7100000042:999", "no message", ""])
async def test_what_is_not_there_cannot_be_changed(house, replaces):
    theirs = await house.simulator.say(sender=house.person, text="断网了")
    with pytest.raises(GiveUp, match=r"change"):
        await house.channel.send(house.outgoing(replaces=replaces or theirs))


async def test_a_flood_is_waited_out_as_long_as_telegram_says(house):
    house.simulator.chats.floods = 1
    with pytest.raises(TryLater) as caught:
        await house.channel.send(house.outgoing())
    assert caught.value.after == timedelta(seconds=17)


@pytest.mark.parametrize(
    ("code", "description", "error", "says"),
    [
        (403, "Forbidden: bot was blocked by the user", GiveUp, "blocked"),
        (403, "Forbidden: user is deactivated", GiveUp, "gone"),
        (403, "Forbidden: bot can't initiate conversation with a user", GiveUp, "may not begin"),
        (403, "Forbidden: bot was kicked from the supergroup chat", GiveUp, "removed"),
        (403, "Forbidden: something of a later version 机柜", GiveUp, "may not write"),
        (400, "Bad Request: chat not found", GiveUp, "no such chat"),
        (400, "Bad Request: message thread not found", GiveUp, "topic is gone"),
        (400, "Bad Request: not enough rights to send text messages to the chat", GiveUp, "may not write"),
        (400, "Bad Request: something of a later version 机柜", GiveUp, "answered 400"),
        (401, "Unauthorized", Misconfigured, "token"),
        (404, "Not Found", Misconfigured, "token"),
        (500, "Internal Server Error: restart", TryLater, "answered 500"),
    ],
)
async def test_what_telegram_refuses_has_our_error_and_our_words(house, code, description, error, says):
    house.simulator.chats.refuses[int(house.person)] = TelegramRefusal(code, description)
    with pytest.raises(error, match=says) as caught:
        await house.channel.send(house.outgoing())
    assert "机柜" not in str(caught.value)


async def test_a_group_that_moved_is_written_to_at_its_new_id(house):
    moved = TelegramRefusal(
        400, "Bad Request: group chat was upgraded to a supergroup chat", migrate_to_chat_id=-1009988776655
    )
    house.simulator.chats.refuses[-4455] = moved
    first = await house.channel.send(house.outgoing("一", to="7100000042", group="-4455", quotes="-4455:3"))
    second = await house.channel.send(house.outgoing("二", to="7100000042", group="-4455"))
    assert [one.provider_id.partition(":")[0] for one in (first, second)] == ["-1009988776655"] * 2
    asked = [(call["chat_id"], "reply_parameters" in call) for call in calls(house, "sendMessage")]
    assert asked == [("-4455", True), ("-1009988776655", False), ("-1009988776655", False)]


async def test_an_answer_that_was_dropped_is_uncertain(house):
    await until(lambda: calls(house, "setWebhook"))
    house.simulator.server.drops = 1
    with pytest.raises(Uncertain):
        await house.channel.send(house.outgoing())


@pytest.mark.parametrize("to", ["陈", "", "+8613800138000x"])
async def test_what_is_no_chat_is_given_up_without_asking(house, to):
    with pytest.raises(GiveUp, match="no chat"):
        await house.channel.send(Outgoing(key="d-1", to=to, text="x"))
    assert calls(house, "sendMessage") == []


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
