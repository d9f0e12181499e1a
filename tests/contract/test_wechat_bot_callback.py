"""A smart bot by callback: what WeCom calls is read, and each message is answered once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from channels import registry
from channels.contract import Button, GiveUp, Inbound, Misconfigured, Outgoing, Refused, TryLater, Uncertain, Unreadable
from channels.powers import Listens
from channels.simulation import Fault

from .conftest import House, build


@pytest.fixture
async def house(gateway, clock, tmp_path):
    simulator = registry.simulator(
        "wechat", clock=clock, gateway_url=gateway.url, account="main", provider="bot", transport="callback"
    )
    await simulator.start()
    block = dict(simulator.block(tmp_path))
    gateway.channel = build("wechat/bot", block, gateway.url, clock)
    yield House("wechat/bot", gateway.channel, simulator, gateway, clock, block, tmp_path)
    await gateway.channel.close()
    await simulator.stop()


def answer(key, text="收到", **more):
    return Outgoing(**{"key": "d-1", "to": "zhangsan", "text": text, "quotes": key} | more)


async def test_the_address_is_verified_with_what_was_encrypted_and_nothing_else(house):
    status, body, echo = await house.simulator.wecom.verify()
    assert (status, body.decode()) == (200, echo)


async def test_a_message_comes_in_and_is_answered_at_its_own_address(house):
    key = await house.say("机房断电了", group="wrkG")
    (one,) = house.gateway.inbounds
    assert (one.key, one.sender, one.group, one.named, one.text) == (key, "zhangsan", "wrkG", True, "机房断电了")
    receipt = await house.channel.send(answer(key, group="wrkG"))
    assert receipt.provider_id
    assert [heard.text for heard in house.simulator.heard] == ["<@zhangsan> 收到"]
    assert house.gateway.statuses == [200]


async def test_a_message_is_answered_once(house):
    key = await house.say("断电")
    await house.channel.send(answer(key))
    with pytest.raises(GiveUp, match="answered already"):
        await house.channel.send(answer(key))
    assert len(house.simulator.heard) == 1


async def test_after_an_hour_or_a_restart_it_is_given_up(house):
    key = await house.say("断电")
    with pytest.raises(GiveUp, match="before a restart"):
        await house.rebuilt().send(answer(key))
    await house.clock.advance(timedelta(minutes=61))
    with pytest.raises(GiveUp, match="older than an hour"):
        await house.channel.send(answer(key))
    assert house.channel.can.window.lasts == house.channel.can.group_window.lasts == timedelta(hours=1)
    assert house.channel.can.window.most == 1


async def test_while_the_provider_is_down_the_address_stays_good(house):
    key = await house.say("断电")
    house.simulator.fault = Fault.DOWN
    with pytest.raises(TryLater):
        await house.channel.send(answer(key))
    house.simulator.fault = Fault.UP
    await house.channel.send(answer(key))
    assert [heard.text for heard in house.simulator.heard] == ["收到"]


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (200, b"{}", Uncertain),
        (200, b"<html>", Uncertain),
        (200, b'{"errcode":45009}', TryLater),
        (200, b'{"errcode":40058}', GiveUp),
        (200, b'{"errcode":"x"}', Uncertain),
        (401, b"", Misconfigured),
        (429, b"", TryLater),
        (500, b"", TryLater),
        (404, b"", GiveUp),
    ],
)
async def test_what_the_answer_address_says_is_one_of_our_errors(house, faulty, status, body, error):
    house.gateway.channel = house.rebuilt(api_url=faulty.url)
    house.simulator.url_host = faulty.url
    faulty.status, faulty.body = status, body
    key = await house.say("断电")
    with pytest.raises(error) as caught:
        await house.gateway.channel.send(answer(key, text="机柜"))
    assert "机柜" not in str(caught.value)
    assert "response_code" not in str(caught.value)
    assert faulty.requests == 1
    if error is Uncertain:
        with pytest.raises(GiveUp, match="answered already"):
            await house.gateway.channel.send(answer(key))
        assert faulty.requests == 1
    await house.gateway.channel.close()


async def test_an_answer_address_elsewhere_is_not_called(house, faulty):
    house.simulator.url_host = faulty.url
    key = await house.say("断电")
    with pytest.raises(GiveUp):
        await house.channel.send(answer(key))
    assert faulty.requests == 0


async def test_a_press_of_a_button_can_be_answered_as_well(house):
    key = await house.say("断电")
    await house.channel.send(answer(key, text="接吗", buttons=(Button(label="接单", says="1"),)))
    pressed = await house.simulator.press_button("zhangsan", house.simulator.answers[0]["template_card"], "1")
    one = house.gateway.inbounds[-1]
    assert (one.key, one.text, one.answers) == (pressed, "1", ("d-1",))
    await house.channel.send(answer(pressed, text="已为您接单"))
    assert house.simulator.heard[-1].text == "已为您接单"


async def test_a_repeat_has_the_same_key_and_a_server_error_is_repeated(house):
    house.simulator.fault = Fault.TWICE
    await house.say("断电")
    assert len({one.key for one in house.gateway.inbounds}) == 1
    house.simulator.fault = Fault.UP
    house.gateway.fails = 1
    await house.say("还没好")
    assert house.simulator.wecom.statuses[-2:] == [500, 200]


@pytest.mark.parametrize("change", ["msg_signature", "timestamp", "nonce", "body", "age", "bot", "size"])
async def test_what_is_not_genuine_fresh_or_ours_is_refused(house, change):
    await house.say("断电")
    (wire,) = house.gateway.wires
    forged = {
        "body": replace(wire, body=wire.body.replace(b"A", b"B", 1)),
        "age": replace(wire, at=wire.at + timedelta(minutes=6)),
        "bot": wire,
        "size": replace(wire, body=wire.body + b" " * 2_000_000),
    }.get(change) or replace(wire, query={**wire.query, change: wire.query[change][::-1]})
    channel = house.rebuilt(bot_id="aibother") if change == "bot" else house.channel
    with pytest.raises(Refused) as caught:
        channel.webhooks()[1].read(forged)
    assert "断电" not in str(caught.value)


async def test_a_genuine_message_that_cannot_be_read_is_answered_400_and_read_again_later(house):
    await house.simulator.tell("zhangsan", {"msgtype": "text"})
    assert set(house.gateway.statuses) == {400}
    again = house.channel.reread("k", house.gateway.wires[0].body)
    assert isinstance(again, Unreadable)
    assert (again.key, again.where) == ("k:again", "message.text")
    await house.say("断电")
    good = house.channel.reread("k", house.gateway.wires[-1].body)
    assert isinstance(good, Inbound)
    assert good.text == "断电"
    assert isinstance(house.channel.reread("k", b"?"), Unreadable)


async def test_what_says_nothing_is_answered_and_becomes_nothing(house):
    await house.simulator.tell("zhangsan", {"msgtype": "event", "event": {"eventtype": "enter_chat"}})
    assert house.gateway.statuses == [200]
    assert house.gateway.inbounds == []
    assert not isinstance(house.channel, Listens)


async def test_a_text_too_long_for_one_answer_is_given_up(house):
    key = await house.say("断电")
    with pytest.raises(GiveUp, match="too long"):
        await house.channel.send(answer(key, text="长" * 7000))
