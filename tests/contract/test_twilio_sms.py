"""Texts between the sms channel and the simulated Twilio."""

import asyncio
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl

import pytest

from channels import registry
from channels.contract import GiveUp, Status, Uncertain
from channels.simulation import Fault

from .conftest import A_NUMBER, TEXT, until


@pytest.fixture
def channel_name():
    return "sms"


async def test_a_text_arrives_and_its_receipts_come_back(house):
    receipt = await house.channel.send(house.outgoing())
    await house.settled()
    assert [(one.to, one.text, one.id) for one in house.simulator.heard] == [(A_NUMBER, TEXT, receipt.provider_id)]
    assert [(u.status, u.key, u.provider_id) for u in house.gateway.updates] == [
        (Status.SENT, "d-1", receipt.provider_id),
        (Status.DELIVERED, "d-1", receipt.provider_id),
    ]
    assert (receipt.status, receipt.segments) == (Status.ACCEPTED, 1)


async def test_a_text_of_a_customer_arrives_with_its_sid_as_key(house):
    sid = await house.simulator.say(sender="13800138000", text="网络坏了，急！🆘")
    (inbound,) = house.gateway.inbounds
    assert (inbound.key, inbound.sender, inbound.text, inbound.whole) == (sid, A_NUMBER, "网络坏了，急！🆘", None)
    assert house.gateway.parsed[0].reply.body == b'<?xml version="1.0" encoding="UTF-8"?><Response/>'
    assert house.gateway.parsed[0].reply.type.startswith("text/xml")


@pytest.mark.parametrize(("code", "gone"), [(30003, False), (30005, True), (30006, False)])
async def test_a_receipt_says_whether_the_number_will_ever_take_a_text(house, code, gone):
    house.simulator.unreachable[A_NUMBER] = code
    await house.channel.send(house.outgoing())
    await house.settled()
    assert house.gateway.updates[-1].unreachable is gone


async def test_an_undelivered_text_says_why(house):
    house.simulator.unreachable[A_NUMBER] = 30003
    await house.channel.send(house.outgoing())
    await house.settled()
    last = house.gateway.updates[-1]
    assert (last.status, last.key, last.code) == (Status.FAILED, "d-1", "30003")
    assert last.reason == "Twilio 30003: the handset is switched off or out of reach"


async def test_a_long_text_goes_out_in_parts_and_only_the_last_one_confirms(house):
    text = "急" * 3300
    receipt = await house.channel.send(house.outgoing(text))
    await house.settled()
    assert [len(one.text) for one in house.simulator.heard] == [1600, 1600, 100]
    assert receipt.provider_id == house.simulator.heard[-1].id
    assert receipt.segments == 24 + 24 + 2
    assert [(u.status, u.provider_id) for u in house.gateway.updates] == [
        (Status.SENT, receipt.provider_id),
        (Status.DELIVERED, receipt.provider_id),
    ]


async def test_a_failure_of_any_part_is_reported(house):
    house.simulator.unreachable[A_NUMBER] = 30007
    await house.channel.send(house.outgoing("急" * 3300))
    await house.settled()
    assert [u.status for u in house.gateway.updates].count(Status.FAILED) == 3


async def test_a_provider_that_goes_down_between_two_parts_leaves_it_uncertain(house):
    create = house.simulator._create

    async def once(form):
        house.simulator.fault = Fault.DOWN
        return await create(form)

    house.simulator.twilio.serves("Messages", once)
    with pytest.raises(Uncertain, match="part 2 of 3"):
        await house.channel.send(house.outgoing("急" * 3300))
    assert len(house.simulator.heard) == 1


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (201, b'{"sid": "SM1", "status": "failed", "error_code": 21610}'),
        (200, b'{"sid": "SM1", "status": "undelivered", "error_code": 99999}'),
        (200, b'{"sid": "SM1", "status": "canceled"}'),
    ],
)
async def test_a_success_that_carries_a_failure_is_none(house, faulty, status, body):
    faulty.status, faulty.body = status, body
    channel = house.rebuilt(api_url=faulty.url)
    with pytest.raises(GiveUp):
        await channel.send(house.outgoing())
    await channel.close()


async def test_callbacks_that_come_twice_say_the_same(house):
    house.simulator.fault = Fault.TWICE
    await house.simulator.say(sender=A_NUMBER, text=TEXT)
    first, second = house.gateway.inbounds
    assert first == second


async def test_twilio_asks_again_once_after_a_server_error(house):
    house.gateway.fails = 1
    await house.simulator.say(sender=A_NUMBER, text=TEXT)
    assert [inbound.text for inbound in house.gateway.inbounds] == [TEXT]
    assert house.gateway.statuses == [500, 200]
    house.gateway.fails = 2
    await house.simulator.say(sender=A_NUMBER, text=TEXT)
    assert house.gateway.statuses == [500, 200, 500, 500]
    assert house.simulator.twilio.errors == ["11200 /in/sms/main: 500"]


async def test_a_refused_callback_is_not_repeated(house):
    house.simulator.twilio.auth_token = "another"
    await house.simulator.say(sender=A_NUMBER, text=TEXT)
    assert (house.gateway.statuses, house.gateway.inbounds) == ([403], [])


async def test_callbacks_are_signed_for_the_public_address_and_sent_to_the_gateway(house, clock):
    public = "https://support.example.cn/yizhan"
    simulator: Any = registry.simulator(
        "sms", clock=clock, gateway_url=house.gateway.url, account="main", public_url=public
    )
    await simulator.start()
    await simulator.say(sender=A_NUMBER, text=TEXT)
    await simulator.stop()
    (wire,) = house.gateway.wires
    expected = simulator.twilio._signature(
        f"{public}/in/sms/main", dict(parse_qsl(wire.body.decode(), keep_blank_values=True))
    )
    assert wire.headers["x-twilio-signature"] == expected


async def test_a_slow_provider_answers_when_the_clock_has_moved(house, clock):
    house.simulator.fault = Fault.SLOW
    sending = asyncio.ensure_future(house.channel.send(house.outgoing()))
    await until(lambda: clock._sleepers)
    assert (sending.done(), house.simulator.busy()) == (False, False)
    await clock.advance(timedelta(seconds=20))
    assert (await sending).status is Status.ACCEPTED
