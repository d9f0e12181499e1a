"""Calls between the phone channel and the simulated Aliyun."""

from dataclasses import replace
from datetime import timedelta

import pytest

from channels.contract import GiveUp, Malformed, Misconfigured, Refused, Status
from channels.simulation import Fault

from .conftest import A_NUMBER, VARIABLES, until

SPOKEN = "P1，单号1042，地点滨江机房，故障是机柜无供电。接单请按1，上报请按2，稍后再叫请按3。"
REPLY = "收到，结果以短信为准，再见。"


@pytest.fixture
def channel_name():
    return "phone/aliyun"


async def called(house, **more):
    receipt = await house.channel.send(house.outgoing(template="voice_page", **more))
    await until(lambda: not house.simulator.busy())
    return receipt


def seen(house):
    return [(one.status, one.key, one.provider_id, one.code) for one in house.gateway.updates]


async def test_a_call_speaks_its_approved_words_and_the_key_comes_back_as_one_message(house):
    receipt = await called(house)
    await house.simulator.press(A_NUMBER, "1")
    await house.settled()
    assert [one.text for one in house.simulator.heard] == [SPOKEN, REPLY]
    first, again = house.gateway.inbounds
    assert (first.key, first.sender, first.text) == (f"{receipt.provider_id}:1", A_NUMBER, "1")
    assert first.answers == (receipt.provider_id,)
    assert again.key == first.key
    assert all(parsed.answer is None for parsed in house.gateway.parsed)
    call = (None, receipt.provider_id, None)
    assert seen(house) == [(s, *call) for s in (Status.SENT, Status.RINGING, Status.ANSWERED, Status.ANSWERED)]


async def test_a_desk_phone_is_called_and_its_key_comes_from_its_number(house):
    await called(house, to="021-55558888")
    await house.simulator.press("+862155558888", "2")
    await house.settled()
    assert {(one.sender, one.text) for one in house.gateway.inbounds} == {("+862155558888", "2")}


async def test_a_call_that_nobody_takes_fails_and_says_why(house):
    receipt = await called(house)
    await house.clock.advance(timedelta(seconds=60))
    await until(lambda: not house.simulator.ringing() and not house.simulator.busy())
    last = house.gateway.updates[-1]
    assert (last.status, last.provider_id, last.code) == (Status.FAILED, receipt.provider_id, "200003")
    assert last.reason == "nobody answered"
    assert house.gateway.inbounds == []


async def test_a_call_that_is_rejected_fails(house):
    await called(house)
    await house.simulator.hang_up(A_NUMBER)
    await house.settled()
    assert house.gateway.updates[-1].reason == "the line was busy"


async def test_voicemail_hears_it_all_and_nothing_is_taken(house):
    await called(house)
    await house.simulator.press(A_NUMBER, None)
    await house.settled()
    assert [one.text for one in house.simulator.heard] == [SPOKEN, SPOKEN]
    assert house.gateway.inbounds == []
    assert house.gateway.updates[-1].status is Status.ANSWERED


async def test_a_key_that_no_menu_has_comes_back_and_the_call_goes_on(house):
    await called(house)
    await house.simulator.press(A_NUMBER, "7")
    await house.simulator.press(A_NUMBER, "1")
    await house.settled()
    assert {one.text for one in house.gateway.inbounds} == {"7", "1"}


async def test_the_second_call_within_a_minute_is_given_up_at_once(house):
    house.simulator.limited = True
    await called(house)
    with pytest.raises(GiveUp, match="limit of calls or texts"):
        await called(house, key="d-2")
    await house.simulator.hang_up(A_NUMBER)
    await house.settled()


@pytest.mark.parametrize("message", ["触发分钟级流控Permits:1", "触发小时级流控Permits:5", "触发天级流控Permits:20"])
async def test_every_limit_of_the_callee_is_given_up_so_that_another_way_is_tried(house, message):
    house.simulator.refuses[A_NUMBER] = ("isv.BUSINESS_LIMIT_CONTROL", message)
    with pytest.raises(GiveUp):
        await house.channel.send(house.outgoing())


@pytest.mark.parametrize("to", ["+85251234567", "021-55558888转802", "nobody"])
async def test_a_number_that_cannot_be_called_is_given_up(house, to):
    with pytest.raises(GiveUp):
        await house.channel.send(house.outgoing(to=to))
    assert house.simulator.ringing() == []


async def test_what_people_wrote_is_cleaned_and_cut_before_it_is_spoken(house):
    await called(house, variables={**VARIABLES, "symptom": "看 www.huaxin.cn/x " + "机柜无供电" * 20})
    await house.simulator.press(A_NUMBER, "1")
    await house.settled()
    assert "故障是看 机柜无供电" in house.simulator.heard[0].text
    assert "…。接单请按1" in house.simulator.heard[0].text


async def test_a_time_is_spoken_and_signs_that_cannot_be_spoken_are_left_out(house):
    await called(house, variables={**VARIABLES, "symptom": "03:27起A/B路-100%断电"})
    await house.simulator.press(A_NUMBER, "1")
    await house.settled()
    assert "故障是03点27分起A B路 100 断电。" in house.simulator.heard[0].text


async def test_a_text_without_a_template_of_its_own_is_spoken_by_the_fallback(house):
    await house.channel.send(house.outgoing("【华信服务】系统告警：磁盘已满", template="alarm"))
    await house.simulator.press(A_NUMBER, "1")
    await house.settled()
    assert house.simulator.heard[0].text == "有新的通知：系统告警，磁盘已满。知道了请按1。"


async def test_a_word_for_the_end_and_variables_after_a_key_are_sent_along(house):
    keys = {"1": {"code": "TTS_100000002", "variables": {"text": "number"}}}
    channel = house.rebuilt(keys=keys, bye={"code": "TTS_100000003"}, play_times=1)
    await channel.send(house.outgoing(template="voice_page"))
    await house.simulator.press(A_NUMBER, "1")
    await house.settled()
    await channel.close()
    assert house.simulator.heard[-1].text == "有新的通知：1042。知道了请按1。"


async def test_a_push_without_the_secret_or_to_another_place_is_not_read(house):
    await called(house)
    await house.simulator.hang_up(A_NUMBER)
    await house.settled()
    wire = house.gateway.wires[0]
    read = house.channel.webhooks()[0].read
    with pytest.raises(Refused):
        read(replace(wire, path="/0000000000000000/report", body=b"{"))
    with pytest.raises(Malformed):
        read(replace(wire, path=f"/{house.simulator.aliyun.push_secret}/up"))


async def test_a_repeated_push_has_the_same_keys(house):
    house.simulator.fault = Fault.TWICE
    await called(house)
    await house.simulator.press(A_NUMBER, "1")
    await house.settled()
    assert len(house.gateway.inbounds) == 4
    assert len({one.key for one in house.gateway.inbounds}) == 1


async def test_an_unknown_template_is_for_a_person_to_mend(house):
    channel = house.rebuilt(templates={"voice_page": {"code": "TTS_9"}}, fallback="")
    with pytest.raises(Misconfigured, match="unknown or not approved"):
        await channel.send(house.outgoing(template="voice_page"))
    await channel.close()


async def test_the_self_check_names_calls_without_a_template_and_a_wrong_access_key(house):
    house.simulator.aliyun.key_secret = "another"
    channel = house.rebuilt(fallback="")
    missing, key, _ = await channel.check()
    await channel.close()
    assert (missing.ok, missing.note) == (False, "missing: voice_page_fold, voice_test")
    assert key.ok is False
    assert "do not belong together" in key.note


async def test_the_simulated_provider_refuses_an_out_id_of_more_than_fifteen_bytes(house):
    """The reason why our key does not travel in it."""
    given = {"CalledNumber": "13800138000", "CalledShowNumber": house.block["number"], "OutId": "1042-1a2b3c4d5e6f7"}
    api = house.channel._api
    with pytest.raises(GiveUp, match="INVALID_PARAMETERS"):
        await api.call("IvrCall", given)
