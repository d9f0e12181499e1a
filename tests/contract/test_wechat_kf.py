"""WeChat customer service: hints, the cursor, answers within 48 hours, files; against a simulated WeCom."""

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
from channels.powers import Fetches
from channels.simulation import Fault

from .conftest import build


@pytest.fixture
def channel_name():
    return "wechat/kf"


async def poll(house):
    return await house.channel.poll(house.gateway.cursor, house.gateway.accept)


async def test_the_address_is_verified_with_what_was_encrypted_and_nothing_else(house):
    status, body, echo = await house.simulator.wecom.verify()
    assert (status, body.decode()) == (200, echo)


async def test_a_hint_carries_no_message_and_asks_for_a_poll(house):
    await house.simulator.say(sender=house.person, text="断电")
    (hint,) = house.gateway.parsed
    assert (hint.poll, hint.inbounds, hint.reply.status, hint.reply.body) == (True, (), 200, b"")


@pytest.mark.parametrize(("event", "kfid"), [("kf_msg_or_event", "wkOther"), ("kf_account_auth_change", None)])
async def test_a_hint_of_something_else_polls_nothing(house, event, kfid):
    await house.simulator.hint(event, **({"open_kfid": kfid} if kfid else {}))
    assert [parsed.poll for parsed in house.gateway.parsed] == [False]


async def test_a_customer_comes_in_by_name_and_once(house):
    key = await house.simulator.say(sender=house.person, text="机房断电了")
    polled = await poll(house)
    again = await house.channel.poll(None, house.gateway.accept)
    (one,) = [item for item in house.gateway.heard if item.key == key]
    assert (one.sender, one.sender_name, one.text, one.group) == (house.person, "张三", "机房断电了", None)
    assert (polled.count, again.count) == (1, 1)  # the first "在吗" of the house counts as new, since it was forgotten


async def test_many_messages_come_page_by_page_and_the_cursor_moves_with_each(house):
    house.simulator.page = 3
    cursors = []

    async def accept(items, *, cursor=None):
        cursors.append((len(items), cursor))
        return len(items)

    for n in range(7):
        await house.simulator.say(sender=house.person, text=f"第{n}条")
    polled = await house.channel.poll(house.gateway.cursor, accept)
    assert cursors == [(3, "c4"), (3, "c7"), (1, "c8")]
    assert polled.count == 7


async def test_the_token_of_a_hint_is_used_for_ten_minutes_and_dropped_when_refused(house):
    await house.simulator.say(sender=house.person, text="断电")
    await poll(house)
    assert house.simulator.asked[-1]["token"].startswith("ENC")
    await house.simulator.say(sender=house.person, text="还没好")
    house.simulator.hints.clear()
    await poll(house)
    assert ["token" in asked for asked in house.simulator.asked[-2:]] == [True, False]
    await house.simulator.say(sender=house.person, text="快点")
    await house.clock.advance(timedelta(minutes=10))
    await poll(house)
    assert "token" not in house.simulator.asked[-1]
    assert len(house.gateway.heard) == 3
    assert house.channel.every == timedelta(minutes=5)
    assert house.channel.times == ()


async def test_servicers_and_the_system_become_no_message(house):
    await house.simulator.write(house.person, {"msgtype": "text", "text": {"content": "我来"}}, origin=5)
    await house.simulator.put({"origin": 4, "msgtype": "event", "event": {"event_type": "enter_session"}})
    assert (await poll(house)).count == 0


async def test_a_broken_message_does_not_stop_the_cursor(house):
    await house.simulator.put({"origin": 3, "external_userid": "wm", "msgtype": "text"})
    key = await house.simulator.say(sender=house.person, text="断电")
    await poll(house)
    broken, good = house.gateway.heard
    assert isinstance(broken, Unreadable)
    assert good.key == key
    again = house.channel.reread(broken.key, broken.raw)
    mended = house.channel.reread("k", good.raw)
    assert isinstance(again, Unreadable)
    assert isinstance(mended, Inbound)
    assert (again.key, mended.key, mended.text) == (f"{broken.key}:again", key, "断电")


async def test_five_answers_in_48_hours_and_no_more(house):
    assert (house.channel.can.window.most, house.channel.can.window.lasts) == (5, timedelta(hours=48))
    for n in range(5):
        await house.channel.send(house.outgoing(key=f"d-{n}"))
    with pytest.raises(GiveUp, match="five texts"):
        await house.channel.send(house.outgoing())
    await house.simulator.say(sender=house.person, text="在")
    await house.channel.send(house.outgoing(key="d-7"))
    assert [one.id for one in house.simulator.heard] == ["d-0", "d-1", "d-2", "d-3", "d-4", "d-7"]


async def test_after_48_hours_it_is_given_up(house):
    await house.clock.advance(timedelta(hours=49))
    with pytest.raises(GiveUp, match="48 hours"):
        await house.channel.send(house.outgoing())


async def test_a_conversation_that_a_servicer_has_is_given_up(house):
    house.simulator.sessions[house.person] = 3
    with pytest.raises(GiveUp, match="a servicer in WeCom"):
        await house.channel.send(house.outgoing())


async def test_a_long_text_takes_several_and_its_last_part_can_be_refused(house):
    for n in range(3):
        await house.channel.send(house.outgoing(key=f"d-{n}"))
    receipt = await house.channel.send(house.outgoing("长" * 1000, key="d-8"))
    assert (receipt.provider_id, receipt.segments) == ("d-8-2", 2)
    await house.simulator.say(sender=house.person, text="在")
    with pytest.raises(Uncertain, match="part 6 of 7"):
        await house.channel.send(house.outgoing("长" * 4700, key="d-9"))


async def test_a_key_too_long_for_a_msgid_stands_there_as_a_digest(house):
    first = await house.channel.send(house.outgoing(key="d-" + "x" * 40))
    second = await house.channel.send(house.outgoing(key="d-" + "x" * 41))
    assert len(first.provider_id) == len(second.provider_id) == 32
    assert first.provider_id != second.provider_id


async def test_buttons_are_a_menu_and_a_press_answers_our_text(house):
    buttons = (Button(label="接单", says="1"), Button(label="上报", says="2"))
    await house.channel.send(house.outgoing("断电了", key="d-5", buttons=buttons))
    key = await house.simulator.press_button(house.person, house.simulator.menus[0], 1)
    await poll(house)
    one = house.gateway.heard[-1]
    assert (one.key, one.text, one.whole, one.answers) == (key, "2", "上报", ("d-5",))


async def test_a_text_too_long_to_stand_above_buttons_goes_without(house):
    await house.channel.send(house.outgoing("长" * 342, buttons=(Button(label="接单", says="1"),)))
    assert house.simulator.menus == []
    assert house.simulator.heard[-1].text == "长" * 342


async def test_a_file_is_fetched_until_it_is_gone(house):
    media = house.simulator.file(b"\x89PNG", "image/png")
    await house.simulator.write(house.person, {"msgtype": "image", "image": {"media_id": media}})
    await poll(house)
    assert isinstance(house.channel, Fetches)
    file = await house.channel.fetch(house.gateway.heard[-1].remotes[0])
    assert (file.content, file.type, file.name) == (b"\x89PNG", "image/png", "image.jpg")
    with pytest.raises(GiveUp, match="gone"):
        await house.channel.fetch(Remote(ref="nothing"))
    large = house.simulator.file(b"x" * (20 * 1024 * 1024 + 1))
    with pytest.raises(GiveUp, match="larger than 20 MB"):
        await house.channel.fetch(Remote(ref=large))


class RefusedOnce:
    """Tokens of which the first is over."""

    def __init__(self):
        self.refused = []

    async def get(self, name, ask, *, refused=None):
        del name
        self.refused.append(refused)
        return "old" if refused is None else (await ask()).value


async def test_a_token_that_is_over_is_renewed_once_and_the_call_made_again(house):
    tokens = RefusedOnce()
    channel = build(house.name, house.block, house.gateway.url, house.clock, tokens=tokens)
    await channel.send(house.outgoing())
    assert tokens.refused == [None, "old"]
    assert len(house.simulator.heard) == 1
    await channel.close()


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"errcode": -1}, TryLater),
        ({"errcode": 45009}, TryLater),
        ({"errcode": 60020}, Misconfigured),
        ({"errcode": 48002}, Misconfigured),
        ({"errcode": 95000}, GiveUp),
        ({"errcode": 123456}, GiveUp),
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


@pytest.mark.parametrize("key", ["secret", "corp_id"])
async def test_wrong_credentials_are_misconfigured_and_found_by_the_check(house, key):
    other = house.folder / "other"
    other.write_text("wrong-secret", encoding="utf-8")
    changed = {"secret": {"file": str(other)}} if key == "secret" else {"corp_id": "wwother1"}
    channel = build(house.name, {**house.block, **changed}, house.gateway.url, house.clock)
    with pytest.raises(Misconfigured, match=r"40001|40013"):
        await channel.send(house.outgoing())
    (finding,) = await channel.check()
    assert finding.ok is False
    assert "wrong-secret" not in finding.note
    await channel.close()


async def test_an_account_that_the_app_does_not_see_is_found_by_the_check(house):
    channel = house.rebuilt(open_kfid="wkUnknown")
    (finding,) = await channel.check()
    assert (finding.ok, finding.note) == (False, "open_kfid is not among the accounts that the app sees")
    await channel.close()


async def test_while_wecom_is_down_a_poll_says_so_and_loses_nothing(house):
    key = await house.simulator.say(sender=house.person, text="断电")
    house.simulator.fault = Fault.DOWN
    with pytest.raises(TryLater):
        await poll(house)
    house.simulator.fault = Fault.UP
    await poll(house)
    assert [one.key for one in house.gateway.heard] == [key]


async def test_without_nicknames_the_message_comes_all_the_same(house):
    key = await house.simulator.say(sender="wmUnknown", text="断电")
    await poll(house)
    assert [(one.key, one.sender_name) for one in house.gateway.heard] == [(key, "")]


async def test_a_hint_that_is_old_is_refused(house):
    await house.simulator.say(sender=house.person, text="断电")
    (wire,) = house.gateway.wires
    with pytest.raises(Refused, match="five minutes"):
        house.channel.webhooks()[1].read(replace(wire, at=wire.at + timedelta(minutes=6)))
