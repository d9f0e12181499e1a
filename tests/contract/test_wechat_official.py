"""An official account: callbacks in both modes, answers within 48 hours, files; against a simulated WeChat."""

import json
from dataclasses import replace
from datetime import timedelta
from hashlib import sha1

import pytest

from channels.contract import GiveUp, Malformed, Misconfigured, Refused, Remote, TryLater, Uncertain, Wire

from .conftest import START, build

PLAIN = (
    "<xml><FromUserName>o9</FromUserName><CreateTime>1795144320</CreateTime><MsgType>text</MsgType>"
    "<Content>断电</Content><MsgId>7</MsgId></xml>"
)


@pytest.fixture
def channel_name():
    return "wechat/official"


async def test_a_follower_writes_and_wechat_gets_an_empty_answer(house):
    key = await house.simulator.say(sender=house.person, text="断电")
    (parsed,) = house.gateway.parsed
    (one,) = parsed.inbounds
    assert (one.key, one.sender, one.text, parsed.reply.body) == (key, house.person, "断电", b"")


async def test_a_press_of_the_menu_is_a_message_and_other_events_are_none(house):
    await house.simulator.call(house.person, MsgType="event", Event="CLICK", EventKey="help")
    await house.simulator.call(house.person, MsgType="event", Event="subscribe", EventKey="")
    stamp = int(START.timestamp())
    assert [(one.key, one.text) for one in house.gateway.inbounds] == [
        (f"{house.person}:{stamp}:[菜单] help", "[菜单] help")
    ]


def signed(house, body=PLAIN, method="POST", **query):
    stamp = str(int(START.timestamp()))
    token = house.simulator.wecom.token
    signature = sha1("".join(sorted([token, stamp, "n"])).encode()).hexdigest()
    whole = {"signature": signature, "timestamp": stamp, "nonce": "n", **query}
    url = "https://x.example/in/wechat/main"
    return Wire(method=method, url=url, path="", headers={}, query=whole, body=body.encode(), at=START)


async def test_the_plain_mode_needs_a_signature_of_now_and_no_key(house):
    block = {name: value for name, value in house.block.items() if name != "aes_key"}
    channel = build(house.name, block, house.gateway.url, house.clock)
    _, post = channel.webhooks()
    (one,) = post.read(signed(house)).inbounds
    assert (one.key, one.text) == ("7", "断电")
    for wire in (signed(house, signature="x"), replace(signed(house), at=START + timedelta(minutes=6))):
        with pytest.raises(Refused):
            post.read(wire)
    with pytest.raises(Malformed, match="not XML"):
        post.read(signed(house, "<xml>"))
    with pytest.raises(Refused):
        house.channel.webhooks()[1].read(signed(house))  # whoever configured a key takes nothing plain
    await channel.close()


async def test_the_address_is_verified_by_the_plain_echo(house):
    get, _ = house.channel.webhooks()
    assert get.read(signed(house, "", "GET", echostr="4711")).reply.body == b"4711"
    with pytest.raises(Refused):
        get.read(signed(house, "", "GET", echostr="4711", signature=""))


async def test_five_answers_in_48_hours_and_no_more(house):
    assert (house.channel.can.window.most, house.channel.can.window.lasts) == (5, timedelta(hours=48))
    for n in range(5):
        await house.channel.send(house.outgoing(key=f"d-{n}"))
    with pytest.raises(GiveUp, match="used up"):
        await house.channel.send(house.outgoing())
    await house.simulator.say(sender=house.person, text="在")
    assert (await house.channel.send(house.outgoing(key="d-7"))).provider_id == "d-7"
    await house.clock.advance(timedelta(hours=49))
    with pytest.raises(GiveUp, match="48 hours"):
        await house.channel.send(house.outgoing())


async def test_a_file_is_fetched_until_it_is_gone_and_a_video_is_not(house):
    media = house.simulator.file(b"\xff\xd8", "image/jpeg")
    await house.simulator.write(house.person, MsgType="image", MediaId=media)
    file = await house.channel.fetch(house.gateway.inbounds[-1].remotes[0])
    assert (file.content, file.type, file.name) == (b"\xff\xd8", "image/jpeg", "image.jpg")
    with pytest.raises(GiveUp, match="gone"):
        await house.channel.fetch(Remote(ref="nothing"))
    video = house.simulator.file(b'{"video_url":"http://other.example/x"}', "application/json")
    with pytest.raises(GiveUp, match="another host"):
        await house.channel.fetch(Remote(ref=video))


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
        ({"errcode": 40164}, Misconfigured),
        ({"errcode": 45015}, GiveUp),
        ({"errcode": 123456}, GiveUp),
        ({}, Uncertain),
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


@pytest.mark.parametrize(("key", "code"), [("secret", "40125"), ("app_id", "40013")])
async def test_wrong_credentials_are_misconfigured_and_found_by_the_check(house, key, code):
    other = house.folder / "other"
    other.write_text("wrong-secret", encoding="utf-8")
    wrong = {"secret": {"file": str(other)}, "app_id": "wx0000000000"}
    channel = build(house.name, {**house.block, key: wrong[key]}, house.gateway.url, house.clock)
    with pytest.raises(Misconfigured, match=code):
        await channel.send(house.outgoing())
    (finding,) = await channel.check()
    assert (finding.ok, code in finding.note, "wrong-secret" in finding.note) == (False, True, False)
    await channel.close()
