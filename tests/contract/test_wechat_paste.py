"""Pasted conversations: the channel reads what the simulated group lets a person copy."""

from typing import Any

import pytest

from channels.contract import GiveUp, Malformed, Outgoing
from channels.powers import Pastes

from .conftest import build


@pytest.fixture
def channel_name():
    return "wechat/paste"


async def test_what_people_wrote_in_a_group_comes_in_by_pasting(house):
    await house.simulator.say(sender="张三", text="机房断电了")
    await house.simulator.say(sender="华信值班", text="收到")
    await house.simulator.say(sender="李四", text="我们也断了\n报错: 0x80")
    await house.simulator.say(sender="张三", text="快来人")
    assert isinstance(house.channel, Pastes)
    text = house.simulator.copied()
    first, second = (
        house.channel.pasted(text, group="滨江机房报修群"),
        house.channel.pasted(text, group="滨江机房报修群"),
    )
    assert [(one.sender, one.text) for one in first] == [
        ("滨江机房报修群/张三", "机房断电了\n快来人"),
        ("滨江机房报修群/李四", "我们也断了\n报错: 0x80"),
    ]
    assert first == second
    assert {one.sent_at for one in first} == {house.clock.now()}


async def test_nothing_can_be_sent_and_nobody_calls(house):
    with pytest.raises(GiveUp, match="a person has to"):
        await house.channel.send(Outgoing(key="d-1", to="滨江机房报修群/张三", text="好了"))
    assert house.channel.webhooks() == ()
    assert not house.channel.can.sends
    assert not house.channel.can.vouches


async def test_a_conversation_that_is_too_long_is_refused(house, clock):
    channel: Any = build("wechat/paste", {"longest": 1000}, "", clock)
    with pytest.raises(Malformed, match="longer than 1000 characters"):
        channel.pasted("张三：" + "长" * 1000, group="g")
