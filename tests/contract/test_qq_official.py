"""The official QQ bot between its adapter and the simulated platform, and the published vectors against both."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from channels.contract import (
    GiveUp,
    Malformed,
    Misconfigured,
    Outgoing,
    Refused,
    Remote,
    TryLater,
    Uncertain,
    Unreadable,
    Wire,
)
from channels.powers import Fetches
from channels.simulation import Fault

from .conftest import START, TEXT, build, until

GROUP = "C9F778FE6ADF9D1D1DBE395BF744A33A"


@pytest.fixture
def channel_name():
    return "qq/official"


# the vectors of others


@pytest.fixture
def vectors(contracts):
    return json.loads((contracts / "qq" / "official_webhook_vectors.json").read_text("utf-8"))


def bot(folder, clock, secret, app_id):
    (folder / "secret").write_text(secret)
    block = {"app_id": app_id, "app_secret": {"file": str(folder / "secret")}}
    return build("qq/official", block, "https://gateway.example", clock)


def told(vector, now):
    headers = {name.lower(): value for name, value in vector["headers"].items()}
    at = datetime.fromtimestamp(now, UTC)
    return Wire(method="POST", url="https://x", path="", headers=headers, query={}, body=vector["body"].encode(), at=at)


async def test_every_vector_is_taken_or_refused_as_it_must_be(vectors, tmp_path, clock):
    channel = bot(tmp_path, clock, vectors["app_secret"], vectors["app_id"])
    read = channel.webhooks()[0].read
    texts, refused = {}, []
    for vector in vectors["vectors"]:
        try:
            parsed = read(told(vector, vectors["now"]))
            assert json.loads(parsed.reply.body) == {"op": 12}
            texts[vector["id"]] = [(one.key, one.text, one.named, len(one.remotes)) for one in parsed.inbounds]
        except Refused:
            refused.append(vector["id"])
    assert refused == [vector["id"] for vector in vectors["vectors"] if not vector["valid"]]
    assert texts == {
        "group_at_text": [("ROBOT1.0_grp1", "网络坏了，急！", True, 0)],
        "group_at_image": [("ROBOT1.0_grp2", "", True, 1)],
        "group_add_robot": [],
        "c2c_msg_reject": [],
    }


async def test_every_good_vector_is_refused_a_day_later_and_unless_it_is_for_our_bot(vectors, tmp_path, clock):
    read = bot(tmp_path, clock, vectors["app_secret"], vectors["app_id"]).webhooks()[0].read
    other = bot(tmp_path, clock, vectors["app_secret"], "22222222").webhooks()[0].read
    good = [told(vector, vectors["now"]) for vector in vectors["vectors"] if vector["valid"]]
    assert len(good) == 4
    for wire in good:
        with pytest.raises(Refused):
            read(replace(wire, at=wire.at + timedelta(days=1)))
        with pytest.raises(Refused):
            other(wire)


async def test_the_published_question_gets_the_published_answer(vectors, tmp_path, clock):
    read = bot(tmp_path, clock, vectors["app_secret"], vectors["app_id"]).webhooks()[0].read
    headers = {"user-agent": "QQBot-Callback", "x-bot-appid": vectors["app_id"]}
    body = json.dumps(vectors["challenge"]["body"]).encode()
    wire = Wire(method="POST", url="https://x", path="", headers=headers, query={}, body=body, at=START)
    assert json.loads(read(wire).reply.body) == vectors["challenge"]["answer"]


async def test_the_published_signature_fits(vectors, tmp_path, clock):
    published = vectors["published"]
    read = bot(tmp_path, clock, published["app_secret"], "11111111").webhooks()[0].read
    headers = {
        "x-bot-appid": "11111111",
        "x-signature-timestamp": published["timestamp"],
        "x-signature-ed25519": published["signature"],
    }
    at = datetime.fromtimestamp(int(published["timestamp"]), UTC)
    body = published["body"].encode()
    wire = Wire(method="POST", url="https://x", path="", headers=headers, query={}, body=body, at=at)
    assert read(wire).inbounds == ()
    with pytest.raises(Refused):
        read(replace(wire, body=body + b" "))


async def test_the_simulated_platform_signs_as_the_published_vector(vectors, house):
    published = vectors["published"]
    house.simulator.secret = published["app_secret"]
    made = house.simulator._signed((published["timestamp"] + published["body"]).encode())
    assert made == published["signature"]


async def test_the_simulated_platform_sends_the_fields_of_the_vectors(vectors, house):
    await house.simulator.say(sender="A", group=GROUP, text="x", files={"a.png": ("image/png", b"png")})
    ours = json.loads(house.gateway.wires[-1].body)
    theirs = json.loads(next(one for one in vectors["vectors"] if one["id"] == "group_at_image")["body"])
    assert set(theirs) <= set(ours)
    assert set(theirs["d"]) <= set(ours["d"])
    assert set(theirs["d"]["author"]) <= set(ours["d"]["author"])
    assert set(theirs["d"]["attachments"][0]) - {"height", "width"} <= set(ours["d"]["attachments"][0])
    names = {name.lower() for name in vectors["vectors"][0]["headers"]}
    assert names <= set(house.gateway.wires[-1].headers)


# in


async def test_the_platform_is_shown_that_the_address_is_ours(house):
    await house.simulator.ask()
    assert house.simulator.errors == []
    assert house.gateway.parsed[-1].inbounds == ()


async def test_somebody_writes_alone_and_in_a_group_with_and_without_our_name(house):
    await house.simulator.say(sender="A", text="一")
    await house.simulator.say(sender="B", text="二", group=GROUP)
    await house.simulator.say(sender="C", text="三", group=GROUP, named=False)
    seen = [(one.sender, one.text, one.group, one.named) for one in house.gateway.inbounds]
    assert seen == [("A", "一", None, True), ("B", "二", GROUP, True), ("C", "三", GROUP, False)]
    assert {one.sent_at for one in house.gateway.inbounds} == {START}


async def test_a_callback_that_comes_twice_is_one_message(house):
    house.simulator.fault = Fault.TWICE
    key = await house.simulator.say(sender="A", text="一")
    assert [one.key for one in house.gateway.inbounds] == [key, key]


@pytest.mark.parametrize(
    "kind", ["GROUP_ADD_ROBOT", "GROUP_DEL_ROBOT", "FRIEND_ADD", "C2C_MSG_REJECT", "SOMETHING_NEW"]
)
async def test_an_event_that_says_nothing_is_acknowledged(house, kind):
    assert await house.simulator.event(kind, {"group_openid": GROUP, "timestamp": 1}) == 200
    assert house.simulator.errors == []
    assert house.gateway.inbounds == []


async def test_a_genuine_callback_that_is_broken_is_malformed_and_read_again_later(house):
    assert await house.simulator.event("C2C_MESSAGE_CREATE", {"id": "m", "author": {}}) == 400
    raw = house.gateway.wires[-1].body
    with pytest.raises(Malformed):
        house.channel.webhooks()[0].read(house.gateway.wires[-1])
    again = house.channel.reread("q1", raw)
    assert again == Unreadable(key="q1:again", raw=raw, where="body.d.author.user_openid", why="missing")
    mended = house.channel.reread("q1", raw.replace(b'"author": {}', b'"author": {"user_openid": "A"}'))
    assert (mended.key, mended.sender) == ("m", "A")


async def test_a_file_lies_with_the_platform_until_it_is_fetched(house):
    await house.simulator.say(sender="A", text="看", files={"a.png": ("image/png", b"png")})
    (remote,) = house.gateway.inbounds[-1].remotes
    assert isinstance(house.channel, Fetches)
    got = await house.channel.fetch(remote)
    assert (got.name, got.type, got.content) == ("a.png", "image/png", b"png")


@pytest.mark.parametrize(
    "ref",
    [
        "https://evil.example/x",
        "https://multimedia.nt.qq.com.cn@evil.example/x",
        "https://user@multimedia.nt.qq.com.cn/x",
        "https://multimedia.nt.qq.com.cn:8443/x",
        "https://multimedia.nt.qq.com.cn:port/x",
        "ftp://multimedia.nt.qq.com.cn/x",
        "file:///etc/passwd",
        "http://localhost/x",
        "http://169.254.169.254/latest",
        "http://[::1/x",
    ],
)
async def test_a_file_at_another_address_is_never_fetched(house, ref):
    with pytest.raises(GiveUp):
        await house.channel.fetch(Remote(ref=ref))


@pytest.mark.parametrize(
    ("status", "headers", "body", "error"),
    [
        (404, {}, b"", GiveUp),
        (302, {"Location": "http://127.0.0.1:9/"}, b"", GiveUp),
        (500, {}, b"", TryLater),
        (429, {}, b"", TryLater),
        (200, {}, b"x" * (20 * 1024 * 1024 + 1), GiveUp),
    ],
    ids=["gone", "moved", "down", "too often", "too large"],
)
async def test_a_file_that_cannot_be_had_says_so(house, faulty, status, headers, body, error):
    faulty.status, faulty.headers, faulty.body = status, headers, body
    with pytest.raises(error):
        await house.channel.fetch(Remote(ref=f"{faulty.url}/x"))
    assert faulty.requests == 1


# out


async def test_an_answer_alone_carries_the_message_and_its_number(house):
    receipt = await house.channel.send(house.outgoing(quotes=house.quotes, turn=1))
    await house.channel.send(house.outgoing("第二条", quotes=house.quotes, turn=2))
    assert [(one.to, one.text, one.group) for one in house.simulator.heard] == [
        (house.person, TEXT, None),
        (house.person, "第二条", None),
    ]
    assert receipt.provider_id == house.simulator.heard[0].id


async def test_an_answer_in_a_group_names_the_person(house):
    quotes = await house.simulator.say(sender="BEEF", text="坏了", group=GROUP)
    await house.channel.send(house.outgoing("收到", to="BEEF", group=GROUP, quotes=quotes, turn=1))
    assert [(one.to, one.text, one.group) for one in house.simulator.heard] == [("BEEF", "收到", GROUP)]


async def test_without_a_message_to_answer_nothing_is_sent(house):
    with pytest.raises(GiveUp, match="no message to answer"):
        await house.channel.send(house.outgoing(quotes=None))
    assert house.simulator.heard == []


async def test_the_windows_are_those_of_the_platform(house):
    can = house.channel.can
    assert (can.window.lasts, can.window.most) == (timedelta(minutes=60), 5)
    assert (can.group_window.lasts, can.group_window.most) == (timedelta(minutes=5), 5)
    quotes = await house.simulator.say(sender="BEEF", text="坏了", group=GROUP)
    await house.clock.advance(can.group_window.lasts)
    await house.channel.send(house.outgoing("收到", to="", group=GROUP, quotes=quotes, turn=1))
    await house.clock.advance(timedelta(seconds=1))
    with pytest.raises(GiveUp, match="40034005"):
        await house.channel.send(house.outgoing("收到", to="", group=GROUP, quotes=quotes, turn=2))
    await house.channel.send(house.outgoing("一小时", turn=1))


async def test_the_sixth_answer_is_given_up_and_a_repeated_number_is_uncertain(house):
    for turn in range(1, 6):
        await house.channel.send(house.outgoing(turn=turn))
    with pytest.raises(Uncertain, match="40054005"):
        await house.channel.send(house.outgoing(turn=5))
    with pytest.raises(GiveUp, match="40034128"):
        await house.channel.send(house.outgoing(turn=6))


async def test_a_link_is_given_up_with_the_reason(house):
    assert house.channel.can.links is False
    with pytest.raises(GiveUp, match="a link is not registered"):
        await house.channel.send(house.outgoing("见 https://example.com/x"))


async def test_a_long_text_goes_out_in_parts_with_numbers_of_their_own(house):
    receipt = await house.channel.send(house.outgoing("急" * 4100, turn=1))
    await house.channel.send(house.outgoing("完", turn=2))
    assert [len(one.text) for one in house.simulator.heard] == [2000, 2000, 100, 1]
    assert (receipt.segments, receipt.provider_id) == (3, house.simulator.heard[2].id)


async def test_a_part_that_was_not_taken_leaves_the_rest_uncertain(house):
    for turn in range(1, 5):
        await house.channel.send(house.outgoing(turn=turn))
    with pytest.raises(Uncertain, match="part 2 of 2 was not taken: QQ 40034128"):
        await house.channel.send(house.outgoing("急" * 2001, turn=5))


async def test_a_token_is_asked_for_once_and_again_when_it_is_refused(house):
    await house.channel.send(house.outgoing(turn=1))
    await house.channel.send(house.outgoing(turn=2))
    first = set(house.simulator.tokens)
    assert len(first) == 2
    house.simulator.tokens.clear()
    await house.channel.send(house.outgoing(turn=3))
    assert len(house.simulator.tokens) == 1
    assert house.simulator.tokens.isdisjoint(first)


async def test_a_token_is_asked_for_before_it_ends(house):
    await house.channel.check()
    await house.clock.advance(timedelta(hours=2))
    await house.channel.check()
    assert len(house.simulator.tokens) == 3


async def test_a_wrong_secret_is_a_persons_matter_and_is_said_by_the_check(house):
    house.simulator.secret = "another"
    with pytest.raises(Misconfigured, match="100016"):
        await house.channel.send(house.outgoing())
    (finding,) = await house.channel.check()
    assert (finding.ok, "100016" in finding.note) == (False, True)


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (400, {"code": 40034100, "err_code": 40034100, "message": "x"}, TryLater),
        (200, {"code": 40034005, "message": "x"}, GiveUp),
        (200, {"err_code": 40054007, "message": "x"}, GiveUp),
        (202, {"code": 304023, "message": "x", "data": {"message_audit": {"audit_id": "1"}}}, Uncertain),
        (500, {"code": 50055002, "message": "x"}, TryLater),
        (403, {"code": 11298, "message": "x"}, Misconfigured),
        (401, {"code": 11244, "message": "x"}, Misconfigured),
        (500, {"code": 11255, "message": "x"}, GiveUp),
    ],
)
async def test_the_code_in_the_body_decides_whatever_the_status(house, faulty, status, body, error):
    faulty.status, faulty.body = status, json.dumps(body).encode()
    channel = house.rebuilt(api_url=faulty.url)
    with pytest.raises(error):
        await channel.send(house.outgoing())
    await channel.close()
    assert faulty.requests == 1


async def test_a_platform_that_is_down_is_tried_later_and_found_out(house):
    house.simulator.fault = Fault.DOWN
    with pytest.raises(TryLater):
        await house.channel.send(house.outgoing())
    (finding,) = await house.channel.check()
    assert finding.ok is None


async def test_a_slow_platform_answers_in_the_end(house):
    house.simulator.fault = Fault.SLOW
    sending = asyncio.create_task(house.channel.send(house.outgoing()))
    await until(lambda: house.clock._sleepers)
    assert not house.simulator.busy()
    await house.clock.advance(timedelta(seconds=20))
    assert (await sending).provider_id


async def test_an_openid_cannot_lead_to_another_address(house):
    quotes = await house.simulator.say(sender="A", text="坏了", group=GROUP)
    for to in (f"../groups/{GROUP}", f"..%2Fgroups%2F{GROUP}", f"x/../../groups/{GROUP}"):
        with pytest.raises(GiveUp):
            await house.channel.send(Outgoing(key="d-1", to=to, text="x", quotes=quotes))
    assert house.simulator.heard == []
