"""Texts between the sms channel and a simulated Android phone."""

import asyncio
import hashlib
import hmac
from dataclasses import replace
from datetime import timedelta

import pytest

from channels.contract import GiveUp, Misconfigured, Refused, Status, TryLater, Unreadable
from channels.simulation import Fault

from .conftest import A_NUMBER, START, TEXT, until


@pytest.fixture
def channel_name():
    return "sms/android"


def read(house, wire):
    return house.channel.webhooks()[0].read(wire)


async def test_a_text_arrives_under_our_key_and_its_receipts_come_back(house):
    receipt = await house.channel.send(house.outgoing())
    await house.settled()
    assert [(one.to, one.text, one.id) for one in house.simulator.heard] == [(A_NUMBER, TEXT, "d-1")]
    assert (receipt.provider_id, receipt.segments) == ("d-1", 1)
    assert [(one.status, one.key) for one in house.gateway.updates] == [
        (Status.SENT, "d-1"),
        (Status.DELIVERED, "d-1"),
    ]


async def test_the_same_text_sent_again_is_known_and_arrives_once(house):
    first = await house.channel.send(house.outgoing())
    second = await house.channel.send(house.outgoing())
    await house.settled()
    assert first == second
    assert len(house.simulator.heard) == 1


async def test_the_phone_is_told_which_card_how_long_and_how_urgently(house):
    channel = house.rebuilt(sim=2, ttl_minutes=5, priority=100, device_id="dev")
    await channel.send(house.outgoing(to="138 0013 8000"))
    await channel.close()
    assert house.simulator.messages["d-1"] == {
        "id": "d-1",
        "textMessage": {"text": TEXT},
        "phoneNumbers": [A_NUMBER],
        "withDeliveryReport": True,
        "ttl": 300,
        "priority": 100,
        "simNumber": 2,
        "deviceId": "dev",
    }


async def test_a_text_that_the_phone_cannot_send_says_why(house):
    house.simulator.unreachable[A_NUMBER] = f"{A_NUMBER}: RESULT_ERROR_RADIO_OFF"
    await house.channel.send(house.outgoing())
    await house.settled()
    (update,) = house.gateway.updates
    assert (update.status, update.code) == (Status.FAILED, "RESULT_ERROR_RADIO_OFF")
    assert update.reason == "the phone is in flight mode"


async def test_a_text_of_more_segments_than_there_can_be_is_given_up(house):
    with pytest.raises(GiveUp, match="255 segments"):
        await house.channel.send(house.outgoing("急" * (255 * 67 + 1)))
    assert (await house.channel.send(house.outgoing("急" * (255 * 67)))).segments == 255


async def test_a_text_of_a_customer_arrives_with_the_event_as_key(house):
    event = await house.simulator.say(sender="13800138000", text="网络坏了，急！🆘")
    (inbound,) = house.gateway.inbounds
    assert (inbound.key, inbound.sender, inbound.text) == (event, A_NUMBER, "网络坏了，急！🆘")
    assert inbound.sent_at == START


async def test_the_same_words_twice_are_two_messages_and_one_event_twice_is_one(house):
    house.simulator.fault = Fault.TWICE
    await house.simulator.say(sender=A_NUMBER, text="1")
    await house.simulator.say(sender=A_NUMBER, text="1")
    assert len(house.gateway.inbounds) == 4
    assert len({one.key for one in house.gateway.inbounds}) == 2


@pytest.mark.parametrize(
    ("minutes", "taken"), [(0, True), (4, True), (-4, True), (6, False), (-6, False), (600, False)]
)
async def test_a_webhook_is_good_for_five_minutes(house, minutes, taken):
    await house.simulator.say(sender=A_NUMBER, text="1")
    later = replace(house.gateway.wires[0], at=START + timedelta(minutes=minutes))
    if taken:
        assert len(read(house, later).inbounds) == 1
    else:
        with pytest.raises(Refused, match="5 minutes off"):
            read(house, later)


@pytest.mark.parametrize("stamp", ["", "abc", "-1", "1.5", "٣", "9" * 12])
async def test_a_webhook_with_a_senseless_time_is_refused(house, stamp):
    await house.simulator.say(sender=A_NUMBER, text="1")
    wire = house.gateway.wires[0]
    good = hmac.new(house.simulator.signing_key.encode(), wire.body + stamp.encode(), hashlib.sha256).hexdigest()
    with pytest.raises(Refused):
        read(house, replace(wire, headers={"x-timestamp": stamp, "x-signature": good}))


async def test_a_signature_in_capitals_is_the_same(house):
    await house.simulator.say(sender=A_NUMBER, text="1")
    wire = house.gateway.wires[0]
    headers = {**wire.headers, "x-signature": wire.headers["x-signature"].upper()}
    assert len(read(house, replace(wire, headers=headers)).inbounds) == 1


async def test_a_webhook_signed_with_another_key_is_refused(house):
    house.simulator.signing_key = "another"
    task = asyncio.create_task(house.simulator.say(sender=A_NUMBER, text="1"))
    await until(lambda: house.gateway.statuses == [403])
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert house.gateway.inbounds == []


async def test_a_ping_is_nothing(house):
    await house.simulator.tell("system:ping", {"health": {"status": "pass"}})
    (parsed,) = house.gateway.parsed
    assert (parsed.inbounds, parsed.updates, parsed.reply.status) == ((), (), 200)


async def test_a_webhook_that_was_set_aside_can_be_read_again(house):
    await house.simulator.say(sender=A_NUMBER, text="1")
    assert house.channel.reread("k", house.gateway.wires[0].body).text == "1"
    assert isinstance(house.channel.reread("k", b"["), Unreadable)


async def test_a_wrong_password_is_for_a_person_to_mend(house):
    house.simulator.password = "another"
    with pytest.raises(Misconfigured):
        await house.channel.send(house.outgoing())
    phone, told = await house.channel.check()
    assert (phone.ok, told.ok) == (False, None)


async def test_a_phone_whose_queue_is_full_is_tried_later(house):
    house.simulator.fault = Fault.DOWN
    with pytest.raises(TryLater):
        await house.channel.send(house.outgoing())


async def test_the_self_check_names_the_events_that_are_not_registered(house):
    house.simulator._webhook = house.simulator._webhook.replace("/main", "/other")
    _, told = await house.channel.check()
    assert told.ok is False
    assert told.note == "not registered: sms:delivered, sms:failed, sms:received, sms:sent"
