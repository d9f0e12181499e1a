"""Calls between the phone channel and the simulated Twilio."""

from datetime import timedelta
from xml.etree import ElementTree

import pytest

from channels.contract import Spoken, Status
from channels.simulation import Fault

from .conftest import A_NUMBER, until

PAGE = "紧急工单，一零四二，滨江机房，机柜无供电。接单请按1。"
NO_KEY = "没有收到按键，再见。"


@pytest.fixture
def channel_name():
    return "phone"


async def ring(house, **more):
    receipt = await house.channel.send(house.outgoing(PAGE, **more))
    await house.settled()
    return receipt


def statuses(house):
    return [update.status for update in house.gateway.updates]


def heard(house):
    return [one.text for one in house.simulator.heard]


async def test_a_call_rings_and_a_key_brings_the_digit_and_speaks_the_answer(house):
    receipt = await ring(house)
    assert [(call.to, call.answered, call.id) for call in house.simulator.ringing()] == [
        (A_NUMBER, False, receipt.provider_id)
    ]
    assert (statuses(house), heard(house)) == ([Status.ACCEPTED, Status.RINGING], [])
    await house.simulator.press(A_NUMBER, "1")
    (inbound,) = house.gateway.inbounds
    assert (inbound.key, inbound.sender, inbound.text) == (f"{receipt.provider_id}:1", A_NUMBER, "1")
    assert inbound.answers == ("d-1",)
    assert heard(house) == [PAGE, "已为您接单，再见。"]
    await house.settled()
    assert house.simulator.ringing() == []
    assert statuses(house) == [Status.ACCEPTED, Status.RINGING, Status.ANSWERED, Status.ANSWERED]
    assert {(update.key, update.provider_id) for update in house.gateway.updates} == {("d-1", receipt.provider_id)}


async def test_an_answer_with_more_keeps_the_line_for_another_key(house):
    receipt = await ring(house)
    house.gateway.spoken = Spoken(text=PAGE, more=True)
    await house.simulator.press(A_NUMBER, "0")
    assert [call.answered for call in house.simulator.ringing()] == [True]
    house.gateway.spoken = Spoken(text="Taken. Goodbye.", language="en")
    await house.simulator.press(A_NUMBER, "1")
    keys = [(inbound.key, inbound.text) for inbound in house.gateway.inbounds]
    assert keys == [(f"{receipt.provider_id}:1", "0"), (f"{receipt.provider_id}:2", "1")]
    assert heard(house) == [PAGE, PAGE, "Taken. Goodbye."]


async def test_voicemail_hears_it_twice_and_takes_nothing(house):
    await ring(house)
    await house.simulator.press(A_NUMBER, None)
    await house.settled()
    assert heard(house) == [PAGE, PAGE, NO_KEY]
    assert (house.gateway.inbounds, house.simulator.ringing()) == ([], [])
    assert statuses(house)[-2:] == [Status.ANSWERED, Status.ANSWERED]


async def test_a_phone_that_nobody_takes_stops_ringing_on_the_clock(house, clock):
    await ring(house)
    await clock.advance(timedelta(seconds=24))
    assert len(house.simulator.ringing()) == 1
    await clock.advance(timedelta(seconds=1))
    await until(lambda: len(house.gateway.updates) == 3)
    last = house.gateway.updates[-1]
    assert (last.status, last.code, last.reason) == (Status.FAILED, "no-answer", "nobody answered")
    assert (house.simulator.ringing(), heard(house)) == ([], [])


async def test_hanging_up_before_answering_is_busy_and_after_it_completes(house):
    await ring(house)
    await house.simulator.hang_up(A_NUMBER)
    await house.settled()
    assert [update.code for update in house.gateway.updates] == [None, None, "busy"]
    house.gateway.spoken = Spoken(text="more", more=True)
    await ring(house)
    await house.simulator.press(A_NUMBER, "0")
    await house.simulator.hang_up(A_NUMBER)
    await house.settled()
    assert statuses(house)[-1] is Status.ANSWERED
    assert house.simulator.ringing() == []


async def test_a_person_who_answers_and_waits_hears_the_rest_and_the_call_ends(house, clock):
    await ring(house)
    house.gateway.spoken = Spoken(text="more", more=True)
    await house.simulator.press(A_NUMBER, "0")
    await clock.advance(timedelta(seconds=6))
    await until(lambda: len(heard(house)) == 3)
    await house.settled()
    await clock.advance(timedelta(seconds=6))
    await until(lambda: not house.simulator.ringing())
    assert heard(house) == [PAGE, "more", "more", NO_KEY]


async def test_the_oldest_call_of_a_number_is_answered_first(house):
    first = await ring(house, key="d-1")
    await ring(house, key="d-2")
    await house.simulator.press(A_NUMBER, "1")
    assert [inbound.key for inbound in house.gateway.inbounds] == [f"{first.provider_id}:1"]
    await house.settled()
    await house.simulator.say(sender=A_NUMBER, text="2")
    assert house.gateway.inbounds[-1].answers == ("d-2",)


async def test_pressing_where_nothing_rings_is_an_error(house):
    with pytest.raises(LookupError):
        await house.simulator.press(A_NUMBER, "1")


async def test_a_repeated_digit_request_has_the_same_key(house):
    await ring(house)
    house.simulator.fault = Fault.TWICE
    await house.simulator.press(A_NUMBER, "1")
    first, second = house.gateway.inbounds
    assert first == second


async def test_a_gateway_that_fails_ends_the_call_like_an_application_error(house):
    await ring(house)
    house.gateway.fails = 4
    await house.simulator.press(A_NUMBER, "1")
    await house.settled()
    assert (heard(house), house.gateway.inbounds) == ([PAGE], [])
    assert house.simulator.twilio.errors == [
        "11200 /in/phone/main/status: 500",
        "11200 /in/phone/main/digits: 500",
    ]


async def test_a_request_without_a_digit_hangs_up_and_says_nothing_to_us(house):
    receipt = await ring(house)
    twilio = house.simulator.twilio
    url = f"{house.gateway.url}/in/phone/main/digits?key=d-1&n=1"
    answered = await twilio.callback(url, {"CallSid": receipt.provider_id, "To": A_NUMBER, "From": "+15005550006"})
    assert [verb.tag for verb in ElementTree.fromstring(answered.body)] == ["Hangup"]
    assert house.gateway.inbounds == []


@pytest.mark.parametrize("query", ["", "?key=d-1", "?n=1", "?key=d-1&n=x"])
async def test_a_genuine_request_to_a_broken_address_is_malformed(house, query):
    fields = {"CallSid": "CA1", "To": A_NUMBER, "Digits": "1"}
    answered = await house.simulator.twilio.callback(f"{house.gateway.url}/in/phone/main/digits{query}", fields)
    assert answered.status == 400


async def test_stopping_the_simulator_cuts_calls_off(house):
    await ring(house)
    await house.simulator.stop()
    assert house.simulator.busy() is False
