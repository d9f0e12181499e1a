"""The lead's private pager between the gateway and the simulated Bot API."""

import asyncio
from datetime import timedelta

import pytest

from channels.contract import Button, GiveUp, Misconfigured, Status, TryLater, Uncertain, Unreadable
from channels.simulation import Fault
from channels.telegram_simulation import TelegramRefusal

from .conftest import TEXT, until

LEAD = "7100000101"
STRANGER = "7100000666"
SHOWN = (Button(label="接单", says="1"), Button(label="上报", says="2"), Button(label="稍后", says="3"))


@pytest.fixture
def channel_name():
    return "pager"


def calls(house, method):
    return [dict(call.params) for call in house.simulator.server.calls if call.method == method]


async def page(house, **more):
    return await house.channel.send(house.outgoing(key="p-20-1", buttons=SHOWN, **more))


async def test_a_page_arrives_with_its_buttons_and_is_found_again_by_its_chat_and_number(house):
    receipt = await page(house)
    (heard,) = house.simulator.heard
    assert (heard.to, heard.text, heard.id) == (LEAD, TEXT, receipt.provider_id)
    assert house.simulator.chats.buttons(receipt.provider_id) == ["接单", "上报", "稍后"]
    assert (receipt.status, receipt.segments) == (Status.SENT, 1)


async def test_a_press_comes_back_as_what_it_says_and_its_button_stops_turning(house):
    await page(house)
    query = await house.simulator.chats.push(LEAD, "接单")
    await until(lambda: house.simulator.chats.answered == [query])
    (inbound,) = house.gateway.inbounds
    assert (inbound.sender, inbound.text, inbound.answers, inbound.key) == (LEAD, "1", ("p-20-1",), f"press:{query}")


async def test_a_press_that_is_not_stored_is_not_answered_and_comes_again(house):
    away = house.rebuilt()

    async def accept(items, *, cursor=None):
        raise ConnectionError("the database is away")

    await page(house)
    await until(lambda: len(calls(house, "getUpdates")) == 1)
    task = asyncio.create_task(away.listen(accept, house.gateway.receipts))
    await until(lambda: len(calls(house, "getUpdates")) == 2)
    query = await house.simulator.chats.push(LEAD, "接单")
    await asyncio.wait([task], timeout=2)
    assert isinstance(task.exception(), ConnectionError)
    assert house.simulator.chats.answered == []
    again = asyncio.create_task(away.listen(house.gateway.accept, house.gateway.receipts))
    await until(lambda: house.simulator.chats.answered == [query])
    assert [one.text for one in house.gateway.heard] == ["1"]
    again.cancel()
    await asyncio.gather(again, return_exceptions=True)
    await away.close()


async def test_a_typed_answer_names_the_page_that_it_answers(house):
    receipt = await page(house)
    key = await house.say("2 10分钟到", sender=LEAD, answers=receipt.provider_id)
    (inbound,) = house.gateway.inbounds
    assert (inbound.key, inbound.text, inbound.answers) == (key, "2 10分钟到", (receipt.provider_id,))


async def test_strangers_and_groups_get_no_answer_and_leave_no_message(house):
    await page(house)
    await house.simulator.say(sender=STRANGER, text="1")
    await house.simulator.say(sender=LEAD, group="-1001", text="1")
    await house.simulator.chats.push(STRANGER, "接单")
    await house.say("1", sender=LEAD)
    assert [(one.sender, one.text) for one in house.gateway.inbounds] == [(LEAD, "1")]
    assert house.simulator.chats.answered == []
    assert len(house.simulator.heard) == 1


async def test_a_repeat_of_an_update_has_one_key(house):
    house.simulator.fault = Fault.TWICE
    key = await house.say("1", sender=LEAD)
    assert [one.key for one in house.gateway.heard] == [key, key]


async def test_a_page_that_was_taken_changes_and_loses_its_buttons_and_a_repeat_is_fine(house):
    receipt = await page(house)
    for _ in range(2):
        changed = await house.channel.send(house.outgoing("1042 已由王工接单", replaces=receipt.provider_id))
        assert changed.provider_id == receipt.provider_id
    shown = house.simulator.chats.messages[receipt.provider_id]
    assert (shown["text"], "reply_markup" in shown, len(house.simulator.heard)) == ("1042 已由王工接单", False, 1)


@pytest.mark.parametrize("replaces", [f"{LEAD}:999", "no message"])
async def test_what_is_not_there_cannot_be_changed(house, replaces):
    with pytest.raises(GiveUp, match="change"):
        await house.channel.send(house.outgoing(replaces=replaces))


async def test_buttons_that_telegram_would_refuse_are_left_out(house):
    receipt = await house.channel.send(house.outgoing(key="d" * 63, buttons=SHOWN))
    assert house.simulator.chats.buttons(receipt.provider_id) == []


async def test_a_flood_is_waited_out_as_long_as_telegram_says(house):
    house.simulator.chats.floods = 1
    with pytest.raises(TryLater) as caught:
        await page(house)
    assert caught.value.after == timedelta(seconds=17)


@pytest.mark.parametrize(
    ("code", "description", "error", "says"),
    [
        (403, "Forbidden: bot was blocked by the user", GiveUp, "blocked"),
        (403, "Forbidden: bot can't initiate conversation with a user", GiveUp, "may not begin"),
        (400, "Bad Request: chat not found", GiveUp, "no such chat"),
        (401, "Unauthorized", Misconfigured, "token"),
        (502, "Bad Gateway", TryLater, "answered 502"),
    ],
)
async def test_what_telegram_refuses_has_our_error_and_our_words(house, code, description, error, says):
    house.simulator.chats.refuses[int(LEAD)] = TelegramRefusal(code, description)
    with pytest.raises(error, match=says):
        await page(house)


@pytest.mark.parametrize("body", [b'{"ok":true,"result":{}}', b'{"ok":true,"result":7}', b'{"ok":true,"result":[{}]}'])
async def test_a_success_that_names_no_message_is_uncertain(house, faulty, body):
    faulty.status, faulty.body = 200, body
    channel = house.rebuilt(api_url=faulty.url)
    with pytest.raises(Uncertain):
        await channel.send(house.outgoing())
    await channel.close()


@pytest.mark.parametrize("more", [{"to": "陈"}, {"group": "-1001"}, {"to": "-1001"}])
async def test_it_speaks_to_single_people_only(house, more):
    with pytest.raises(GiveUp, match="single people"):
        await page(house, **more)
    assert calls(house, "sendMessage") == []


async def test_a_long_page_has_its_buttons_under_the_last_part(house):
    await page(house, text="机柜🆘" * 3000)
    assert ["reply_markup" in call for call in calls(house, "sendMessage")] == [False, False, True]


async def test_a_later_part_that_is_not_taken_leaves_the_whole_uncertain(house):
    house.simulator.chats.floods_after = 1
    with pytest.raises(Uncertain, match="part 2 of 3"):
        await page(house, text="机柜🆘" * 3000)


async def test_a_webhook_of_another_program_is_ended_and_waiting_is_no_silence(house):
    await until(lambda: calls(house, "getUpdates"))
    house.simulator.server.hook = {"url": "http://127.0.0.1:1/", "secret_token": ""}
    channel = house.rebuilt(timeout_seconds=0.1, poll_seconds=5)
    task = asyncio.create_task(channel.listen(house.gateway.accept, house.gateway.receipts))
    done, _ = await asyncio.wait([task], timeout=0.4)
    assert (done, house.simulator.server.hook, len(calls(house, "getUpdates"))) == (set(), {}, 2)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await channel.close()


async def test_a_provider_that_goes_away_ends_the_listening_with_an_error_of_ours(house):
    channel = house.rebuilt()
    house.simulator.fault = Fault.DOWN
    with pytest.raises(TryLater):
        await channel.listen(house.gateway.accept, house.gateway.receipts)
    await channel.close()


async def test_an_update_that_cannot_be_read_is_set_aside_and_holds_up_nobody(house):
    person = {"id": int(LEAD), "is_bot": False, "first_name": "王"}
    broken = {"message_id": 1, "date": 1795144320, "chat": {"id": int(LEAD), "type": "private"}, "from": person}
    await house.simulator.server.happened(message=broken | {"venue": {"title": 3}})
    await house.simulator.server.happened(
        callback_query={"id": "1", "from": person, "chat_instance": "1", "data": "x" * 65}
    )
    await house.say("1", sender=LEAD)
    await until(lambda: len(house.gateway.heard) > 2)
    assert [(one.key, one.where) for one in house.gateway.heard if isinstance(one, Unreadable)] == [
        ("update:4000000001", "body.message.venue.title"),
        ("update:4000000002", "body.callback_query.data"),
    ]


async def test_the_self_check_says_that_groups_could_take_it_in(house):
    house.simulator.server.me["can_join_groups"] = True
    assert [(one.what, one.cure) for one in await house.channel.check() if one.ok is False] == [
        ("Telegram pager in groups", "@BotFather /setjoingroups, Disable")
    ]


async def test_a_pager_that_telegram_does_not_know_is_found_out(house):
    house.simulator.server.token = "1:x"
    assert [one.ok for one in await house.channel.check()] == [False]
