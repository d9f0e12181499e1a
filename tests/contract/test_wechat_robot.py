"""A group robot: texts, and 20 of them a minute; against a simulated WeCom."""

import json
from datetime import timedelta

import pytest

from channels.contract import GiveUp, Misconfigured, TryLater, Uncertain

from .conftest import build


@pytest.fixture
def channel_name():
    return "wechat/robot"


async def test_a_text_reaches_the_group_and_our_key_stands_for_its_id(house):
    receipt = await house.channel.send(house.outgoing("断电了 <b>"))
    assert (receipt.provider_id, receipt.segments) == ("d-1", 1)
    assert [one.text for one in house.simulator.heard] == ["断电了 <b>"]


async def test_after_20_texts_in_a_minute_it_is_tried_a_minute_later(house):
    for n in range(20):
        await house.channel.send(house.outgoing(key=f"d-{n}"))
    with pytest.raises(TryLater, match="45009") as caught:
        await house.channel.send(house.outgoing())
    assert caught.value.after == timedelta(minutes=1)
    await house.clock.advance(timedelta(minutes=1))
    await house.channel.send(house.outgoing())
    assert len(house.simulator.heard) == 21


async def test_a_later_part_that_is_not_taken_is_uncertain(house):
    for n in range(19):
        await house.channel.send(house.outgoing(key=f"d-{n}"))
    with pytest.raises(Uncertain, match="part 2 of 2"):
        await house.channel.send(house.outgoing("长" * 1000))


async def test_a_wrong_key_is_misconfigured_and_the_check_cannot_tell(house):
    (house.folder / "other").write_text("wrong-key", encoding="utf-8")
    block = {**house.block, "key": {"file": str(house.folder / "other")}}
    channel = build(house.name, block, house.gateway.url, house.clock)
    with pytest.raises(Misconfigured, match="93000"):
        await channel.send(house.outgoing())
    assert [finding.ok for finding in await channel.check()] == [None]
    assert list(channel.webhooks()) == []
    await channel.close()


@pytest.mark.parametrize(("code", "error"), [(-1, TryLater), (40058, GiveUp), (93008, Misconfigured), ("x", Uncertain)])
async def test_a_200_is_no_success_until_its_code_says_so(house, faulty, code, error):
    faulty.status, faulty.body = 200, json.dumps({"errcode": code}).encode()
    channel = house.rebuilt(api_url=faulty.url)
    with pytest.raises(error):
        await channel.send(house.outgoing())
    await channel.close()
