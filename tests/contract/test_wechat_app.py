"""A WeCom app: messages by callback, texts and cards, presses and settled cards; against a simulated WeCom."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from channels.contract import (
    Button,
    GiveUp,
    Inbound,
    Misconfigured,
    Refused,
    Remote,
    TryLater,
    Uncertain,
    Unreadable,
)
from channels.powers import Fetches, Recalls
from channels.simulation import Fault

from .conftest import build

BUTTONS = (Button(label="接单", says="1"), Button(label="上报", says="2"))


@pytest.fixture
def channel_name():
    return "wechat/app"


async def test_the_address_is_verified_with_what_was_encrypted_and_nothing_else(house):
    status, body, echo = await house.simulator.wecom.verify()
    assert (status, body.decode()) == (200, echo)


async def test_a_member_writes_and_wecom_gets_an_empty_answer(house):
    key = await house.simulator.say(sender="lisi", text="机房断电了 <b> & ")
    (parsed,) = house.gateway.parsed
    (one,) = parsed.inbounds
    assert (one.key, one.sender, one.text, one.group) == (key, "lisi", "机房断电了 <b> &", None)
    assert (one.sent_at, parsed.reply.status, parsed.reply.body) == (house.clock.now(), 200, b"")


async def test_a_callback_that_comes_twice_has_one_key(house):
    house.simulator.fault = Fault.TWICE
    await house.simulator.say(sender=house.person, text="断电")
    first, second = house.gateway.inbounds
    assert first == second


@pytest.mark.parametrize("event", ["enter_agent", "subscribe", "LOCATION", "template_card_menu_event"])
async def test_an_event_that_says_nothing_becomes_no_message(house, event):
    await house.simulator.call(house.person, MsgType="event", Event=event, EventKey="")
    assert [parsed.inbounds for parsed in house.gateway.parsed] == [()]


async def test_what_is_for_another_app_or_old_is_refused(house):
    await house.simulator.call(house.person, AgentID="7", MsgType="text", Content="断电", MsgId="1")
    assert set(house.gateway.statuses) == {403}
    await house.simulator.say(sender=house.person, text="断电")
    wire = house.gateway.wires[-1]
    with pytest.raises(Refused, match="five minutes"):
        house.channel.webhooks()[1].read(replace(wire, at=wire.at + timedelta(minutes=6)))


async def test_a_genuine_message_without_a_key_is_malformed_and_can_be_read_again(house):
    await house.simulator.call(house.person, MsgType="text", Content="断电")
    assert set(house.gateway.statuses) == {400}
    broken = house.channel.reread("k", house.gateway.wires[-1].body)
    assert isinstance(broken, Unreadable)
    assert (broken.key, broken.where, broken.why) == ("k:again", "xml.MsgId", "missing")
    key = await house.simulator.say(sender=house.person, text="断电")
    good = house.channel.reread("k", house.gateway.wires[-1].body)
    assert isinstance(good, Inbound)
    assert (good.key, good.text) == (key, "断电")
    foreign = house.channel.reread("k", b"<xml/>")
    assert isinstance(foreign, Unreadable)


async def test_buttons_are_a_card_and_a_press_answers_our_text(house):
    receipt = await house.channel.send(house.outgoing("断电了。" * 30, key="d-5", buttons=BUTTONS))
    assert receipt.provider_id.startswith(f"{house.simulator.heard[-1].id}|CODE_")
    assert house.simulator.heard[-1].text == "断电了。" * 30
    await house.simulator.press_button(house.person, "d-5", 1)
    (one,) = house.gateway.inbounds
    assert (one.sender, one.text, one.answers) == (house.person, "2", ("d-5",))
    await house.clock.advance(timedelta(seconds=1))
    await house.simulator.press_button(house.person, "d-5", 0)
    assert len({one.key for one in house.gateway.inbounds}) == 2


@pytest.mark.parametrize("buttons", [BUTTONS * 4, BUTTONS])
async def test_what_a_card_cannot_hold_goes_as_a_text(house, buttons):
    text = "长" * (197 if buttons == BUTTONS else 10)
    receipt = await house.channel.send(house.outgoing(text, buttons=buttons))
    assert house.simulator.cards == {}
    assert house.simulator.heard[-1].text == text
    assert receipt.provider_id == house.simulator.heard[-1].id


async def test_a_card_is_settled_once_within_72_hours(house):
    sent = await house.channel.send(house.outgoing("断电了", key="d-5", buttons=BUTTONS))
    settled = await house.channel.send(house.outgoing("张三已接单", key="d-6", replaces=sent.provider_id))
    card = house.simulator.cards["d-5"]
    assert (card["card_type"], card["main_title"], "button_list" in card) == (
        "text_notice",
        {"title": "张三已接单"},
        False,
    )
    assert settled.provider_id == house.simulator.heard[-1].id
    with pytest.raises(GiveUp):
        await house.channel.send(house.outgoing("又", key="d-7", replaces=sent.provider_id))
    late = await house.channel.send(house.outgoing("断电了", key="d-8", buttons=BUTTONS))
    await house.clock.advance(timedelta(hours=73))
    with pytest.raises(GiveUp):
        await house.channel.send(house.outgoing("又", key="d-9", replaces=late.provider_id))


async def test_a_text_cannot_be_changed_and_a_card_holds_only_so_much(house):
    sent = await house.channel.send(house.outgoing("断电了"))
    with pytest.raises(GiveUp, match="this was a text"):
        await house.channel.send(house.outgoing("又", replaces=sent.provider_id))
    with pytest.raises(GiveUp, match="148 characters"):
        await house.channel.send(house.outgoing("长" * 149, replaces="m|CODE"))


@pytest.mark.parametrize("to", ["@all", "a|b"])
async def test_one_text_goes_to_one_member_only(house, to):
    with pytest.raises(GiveUp, match="more than one"):
        await house.channel.send(house.outgoing(to=to))
    assert house.simulator.heard == []


async def test_a_member_who_does_not_see_the_app_is_given_up(house):
    house.simulator.strangers.add(house.person)
    with pytest.raises(GiveUp, match="does not see the app"):
        await house.channel.send(house.outgoing())


async def test_a_file_is_fetched_until_it_is_gone(house):
    media = house.simulator.file(b"\x89PNG", "image/png")
    await house.simulator.write(house.person, MsgType="image", PicUrl="https://x.example/0", MediaId=media)
    assert isinstance(house.channel, Fetches)
    file = await house.channel.fetch(house.gateway.inbounds[-1].remotes[0])
    assert (file.content, file.type, file.name) == (b"\x89PNG", "image/png", "image.jpg")
    with pytest.raises(GiveUp, match="gone"):
        await house.channel.fetch(Remote(ref="nothing"))


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"errcode": -1}, TryLater),
        ({"errcode": 45009}, TryLater),
        ({"errcode": 60020}, Misconfigured),
        ({"errcode": 40056}, Misconfigured),
        ({"errcode": 81013}, GiveUp),
        ({"errcode": 123456}, GiveUp),
        ({"errcode": 0, "invaliduser": "zhangsan", "msgid": "m"}, GiveUp),
        ({"errcode": 0}, Uncertain),
        ({"errcode": "0x"}, Uncertain),
    ],
)
async def test_a_200_is_no_success_until_its_code_says_so(house, faulty, body, error):
    faulty.status, faulty.body = 200, json.dumps(body).encode()
    channel = house.rebuilt(api_url=faulty.url)
    with pytest.raises(error) as caught:
        await channel.send(house.outgoing())
    assert house.person not in str(caught.value)
    await channel.close()


@pytest.mark.parametrize("key", ["secret", "corp_id", "agent_id"])
async def test_wrong_credentials_are_misconfigured_and_found_by_the_check(house, key):
    other = house.folder / "other"
    other.write_text("wrong-secret", encoding="utf-8")
    wrong = {"secret": {"file": str(other)}, "corp_id": "wwother1", "agent_id": 7}
    channel = build(house.name, {**house.block, key: wrong[key]}, house.gateway.url, house.clock)
    with pytest.raises(Misconfigured):
        await channel.send(house.outgoing())
    (finding,) = await channel.check()
    assert finding.ok is False
    assert "wrong-secret" not in finding.note
    await channel.close()


@pytest.mark.parametrize("buttons", [(), BUTTONS], ids=["a text", "a card"])
async def test_a_message_is_taken_back(house, buttons):
    receipt = await house.channel.send(house.outgoing(buttons=buttons))
    assert isinstance(house.channel, Recalls)
    await house.channel.recall(receipt.provider_id, house.person, group=None)
    assert house.simulator.heard == []


async def test_a_message_is_taken_back_for_a_day_only(house):
    receipt = await house.channel.send(house.outgoing())
    await house.clock.advance(house.channel.recall_within + timedelta(minutes=1))
    with pytest.raises(GiveUp):
        await house.channel.recall(receipt.provider_id, house.person, group=None)
    assert len(house.simulator.heard) == 1
