"""What the customers' bot hands to the simulated Bot API."""

from datetime import timedelta

import pytest

from channels.contract import Button, GiveUp, Misconfigured, Outgoing, Status, TryLater, Uncertain, Unreachable
from channels.powers import Recalls
from channels.telegram_simulation import TelegramRefusal

from .conftest import until

GROUP = "-1002233445566"
TOPIC = f"{GROUP}:9"


@pytest.fixture
def channel_name():
    return "telegram"


def calls(house, method):
    return [dict(call.params) for call in house.simulator.server.calls if call.method == method]


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
        (403, "Forbidden: user is deactivated", Unreachable, "gone"),
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


async def test_a_message_is_taken_back_and_a_second_time_is_as_good(house):
    receipt = await house.channel.send(house.outgoing())
    await house.channel.send(house.outgoing("stays"))
    assert isinstance(house.channel, Recalls)
    for _ in range(2):
        await house.channel.recall(receipt.provider_id, house.person, group=None)
    assert [one.text for one in house.simulator.heard] == ["stays"]
    chat, number = receipt.provider_id.split(":")
    assert calls(house, "deleteMessage") == [{"chat_id": chat, "message_id": number}] * 2


async def test_a_message_is_taken_back_for_two_days_only(house):
    receipt = await house.channel.send(house.outgoing())
    await house.clock.advance(house.channel.recall_within + timedelta(minutes=1))
    with pytest.raises(GiveUp, match="no longer be taken back"):
        await house.channel.recall(receipt.provider_id, house.person, group=None)
    with pytest.raises(GiveUp, match="no message of Telegram"):
        await house.channel.recall("elsewhere", house.person, group=None)
    assert len(house.simulator.heard) == 1
