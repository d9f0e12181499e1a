"""Texts between the sms channel and the simulated Aliyun."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta

import pytest

from channels.contract import GiveUp, Malformed, Misconfigured, Refused, Status, TryLater, Unreadable
from channels.simulation import Fault

from .conftest import A_NUMBER, TEXT, VARIABLES, until


@pytest.fixture
def channel_name():
    return "sms/aliyun"


def read(house, wire):
    return house.channel.webhooks()[0].read(wire)


async def test_a_page_arrives_in_its_approved_words_and_its_receipt_names_our_key(house):
    receipt = await house.channel.send(house.outgoing())
    await house.settled()
    assert [(one.to, one.text, one.id) for one in house.simulator.heard] == [(A_NUMBER, TEXT, receipt.provider_id)]
    assert [(u.status, u.key, u.provider_id) for u in house.gateway.updates] == [
        (Status.DELIVERED, "d-1", receipt.provider_id)
    ]
    assert [json.loads(parsed.reply.body) for parsed in house.gateway.parsed] == [{"code": 0, "msg": "成功"}]


async def test_a_text_without_a_template_of_its_own_goes_out_as_the_fallback(house):
    await house.channel.send(house.outgoing("【华信服务】1042已由张伟10:32接单，您不用处理。", template="too_late"))
    assert house.simulator.heard[0].text == "【华信服务】您有一条新通知：1042已由张伟10:32接单，您不用处理。"


async def test_without_a_fallback_the_missing_template_is_named_and_nothing_is_sent(house):
    channel = house.rebuilt(fallback="")
    with pytest.raises(GiveUp, match="no approved template for too_late"):
        await channel.send(house.outgoing(template="too_late"))
    await channel.close()
    assert house.simulator.heard == []


async def test_a_broadcast_arrives_as_its_preview_says(house):
    channel = house.rebuilt(
        fallback="", templates={"broadcast": {"code": "SMS_100000002", "variables": {"text": "text"}}}
    )
    outgoing = house.outgoing("【华信服务】王工您好，请升级。", template="broadcast", variables={"text": "请升级"})
    assert channel.preview(outgoing) == "【华信服务】SMS_100000002 text=请升级"
    await channel.send(outgoing)
    await channel.close()
    assert house.simulator.heard[0].text == "【华信服务】您有一条新通知：请升级"


async def test_people_who_read_english_get_the_english_template(house):
    english = {"page": {"code": "SMS_100000002", "variables": {"text": "number"}}}
    channel = house.rebuilt(templates_en=english)
    await channel.send(house.outgoing(language="en"))
    await channel.close()
    assert house.simulator.heard[0].text == "【华信服务】您有一条新通知：1042"


async def test_what_people_wrote_is_cleaned_and_cut_until_the_provider_takes_it(house):
    symptom = "机柜★无供电 https://a.cn/1 请打13900139000 " + "很急" * 30
    await house.channel.send(house.outgoing(variables={**VARIABLES, "symptom": symptom}))
    said = house.simulator.heard[0].text
    assert "机柜 无供电 请打 很急" in said
    assert "…。限03:27前接单" in said
    assert "a.cn" not in said
    assert "139" not in said


@pytest.mark.parametrize(
    ("to", "why"),
    [("+85251234567", "mainland China"), ("10086", "mainland China"), ("+862155558888", "not a mobile one")],
)
async def test_a_number_abroad_or_on_a_desk_is_given_up_before_anything_is_asked(house, to, why):
    with pytest.raises(GiveUp, match=why):
        await house.channel.send(house.outgoing(to=to))
    assert house.simulator.heard == []


@pytest.mark.parametrize(
    ("code", "message", "expected"),
    [
        ("isv.BUSINESS_LIMIT_CONTROL", "触发分钟级流控Permits:1", TryLater),
        ("isv.BUSINESS_LIMIT_CONTROL", "触发小时级流控Permits:5", GiveUp),
        ("isv.BUSINESS_LIMIT_CONTROL", "触发天级流控Permits:50", GiveUp),
        ("isv.AMOUNT_NOT_ENOUGH", "账户余额不足", Misconfigured),
        ("isv.BLACK_KEY_CONTROL_LIMIT", f"黑名单{A_NUMBER}", GiveUp),
    ],
)
async def test_a_refusal_gives_its_error_without_the_provider_s_words(house, code, message, expected):
    house.simulator.refuses[A_NUMBER] = (code, message)
    with pytest.raises(expected) as caught:
        await house.channel.send(house.outgoing())
    assert code in str(caught.value)
    assert A_NUMBER not in str(caught.value)


async def test_the_fifty_first_text_of_a_day_is_given_up_so_that_another_way_is_tried(house):
    for n in range(50):
        await house.channel.send(house.outgoing(key=f"d-{n}"))
    with pytest.raises(GiveUp, match="limit of calls or texts"):
        await house.channel.send(house.outgoing(key="d-50"))


async def test_an_undelivered_text_says_why(house):
    house.simulator.unreachable[A_NUMBER] = "MK:0010"
    await house.channel.send(house.outgoing())
    await house.settled()
    (update,) = house.gateway.updates
    assert (update.status, update.key, update.code) == (Status.FAILED, "d-1", "MK:0010")
    assert update.reason == "the handset is switched off or out of reach"


async def test_a_reply_arrives_with_its_sequence_as_key(house):
    sequence = await house.simulator.say(sender=A_NUMBER, text="回1，马上到🆘")
    (inbound,) = house.gateway.inbounds
    assert (inbound.key, inbound.sender, inbound.text) == (sequence, A_NUMBER, "回1，马上到🆘")
    assert inbound.sent_at == house.clock.now()


async def test_a_push_that_arrives_twice_is_one_message(house):
    house.simulator.fault = Fault.TWICE
    await house.simulator.say(sender=A_NUMBER, text="1")
    first, second = house.gateway.inbounds
    assert first == second


async def test_a_push_that_was_not_taken_comes_again_after_a_minute(house):
    house.gateway.fails = 1
    saying = asyncio.create_task(house.simulator.say(sender=A_NUMBER, text="1"))
    await until(lambda: not house.gateway.fails and not house.simulator.busy())
    assert house.gateway.inbounds == []
    await house.clock.advance(timedelta(minutes=1))
    await saying
    assert [one.text for one in house.gateway.inbounds] == ["1"]


@pytest.mark.parametrize("end", ["", "/", "/wrong/up", "/{secret}x/up", "/{secret}"])
async def test_a_push_to_another_path_is_never_read(house, end):
    await house.simulator.say(sender=A_NUMBER, text="1")
    (wire,) = house.gateway.wires
    path = end.format(secret=house.simulator.aliyun.push_secret)
    with pytest.raises((Refused, Malformed)):
        read(house, replace(wire, path=path))


async def test_a_push_without_the_secret_is_refused_even_when_it_is_broken(house):
    await house.simulator.say(sender=A_NUMBER, text="1")
    (wire,) = house.gateway.wires
    for body in (wire.body, b"", b"{", b"\xff"):
        with pytest.raises(Refused):
            read(house, replace(wire, path="/0000000000000000/up", body=body))
        if body != wire.body:
            with pytest.raises(Malformed):
                read(house, replace(wire, body=body))


async def test_a_push_that_was_set_aside_can_be_read_again(house):
    await house.simulator.say(sender=A_NUMBER, text="1")
    raw = house.gateway.wires[0].body
    assert house.channel.reread("k", raw).text == "1"
    assert isinstance(house.channel.reread("k", b"["), Unreadable)
    assert house.channel.reread("k", b"[]").why == "0 messages in one push"


async def test_the_self_check_names_texts_without_a_template_and_templates_without_approval(house):
    more = {**house.block["templates"], "storm": {"code": "SMS_999"}}
    channel = house.rebuilt(templates=more, fallback="")
    missing, unapproved, _ = await channel.check()
    await channel.close()
    assert (missing.ok, unapproved.ok) == (False, False)
    assert "customer_receipt" in missing.note
    assert "storm" not in missing.note
    assert unapproved.note == "not approved: SMS_999"


async def test_a_wrong_access_key_is_named_by_the_self_check(house):
    house.simulator.aliyun.key_secret = "another"
    _, approved, _ = await house.channel.check()
    assert approved.ok is False
    assert "access_key_id and access_key_secret do not belong together" in approved.note


async def test_a_clock_that_is_wrong_by_an_hour_is_named(house):
    house.simulator.aliyun.clock = type("Later", (), {"now": lambda self: house.clock.now() + timedelta(hours=1)})()
    with pytest.raises(Misconfigured, match="clock of this machine"):
        await house.channel.send(house.outgoing())


async def test_a_provider_that_is_down_is_tried_later(house):
    house.simulator.fault = Fault.DOWN
    with pytest.raises(TryLater):
        await house.channel.send(house.outgoing())
