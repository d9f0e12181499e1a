"""A OneBot program by POST and HTTP: adapter and simulator against each other, the vectors and the specification."""

import hmac
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha1

import pytest

from channels.contract import GiveUp, Malformed, Misconfigured, Refused, TryLater, Uncertain, Unreadable, Wire
from channels.powers import Fetches, Recalls
from channels.simulation import Fault

from .conftest import START, TEXT, build

GROUP = "20002000"


@pytest.fixture
def channel_name():
    return "qq/onebot"


def specified(contracts):
    return json.loads((contracts / "qq" / "onebot11_spec.json").read_text("utf-8"))


# the vectors of others


@pytest.fixture
def vectors(contracts):
    return json.loads((contracts / "qq" / "onebot11_http_post_vectors.json").read_text("utf-8"))


def account(folder, clock, secret):
    (folder / "shared").write_text(secret)
    block = {"provider": "onebot", "self_id": 10001000, "secret": {"file": str(folder / "shared")}}
    return build("qq/onebot", block | {"api_url": "http://127.0.0.1:1"}, "https://gateway.example", clock)


def told(vector):
    headers = {name.lower(): value for name, value in vector["headers"].items()}
    at = datetime.fromtimestamp(json.loads(vector["body"])["time"] + 5, UTC)
    return Wire(method="POST", url="https://x", path="", headers=headers, query={}, body=vector["body"].encode(), at=at)


async def test_every_vector_is_taken_or_refused_as_it_must_be(vectors, tmp_path, clock):
    read = account(tmp_path, clock, vectors["secret"]).webhooks()[0].read
    found, refused = {}, []
    for vector in vectors["vectors"]:
        try:
            parsed = read(told(vector))
            assert (parsed.reply.status, parsed.reply.body) == (204, b"")
            found[vector["id"]] = [
                (one.key, one.sender, one.sender_name, one.group, one.text, one.named, [r.ref for r in one.remotes])
                for one in parsed.inbounds
            ]
        except Refused:
            refused.append(vector["id"])
    assert refused == [vector["id"] for vector in vectors["vectors"] if not vector["valid"]]
    picture = ["http://gchat.qpic.cn/x"]
    assert found == {
        "private_friend_text": [("10001000:101", "30003000", "张三", None, "网络坏了", True, [])],
        "group_at_and_image": [("10001000:-1234567", "30003000", "张三@某公司", GROUP, "看图", True, picture)],
        "group_anonymous": [("10001000:105", "anonymous-1", "匿名者", GROUP, "匿名吐槽", False, [])],
        "group_upload": [],
        "group_increase": [],
        "group_invite": [],
        "heartbeat": [],
    }


async def test_every_good_vector_is_refused_when_it_is_no_longer_of_now(vectors, tmp_path, clock):
    read = account(tmp_path, clock, vectors["secret"]).webhooks()[0].read
    good = [told(vector) for vector in vectors["vectors"] if vector["valid"]]
    assert len(good) == 7
    for wire in good:
        with pytest.raises(Refused, match="older"):
            read(replace(wire, at=wire.at + timedelta(minutes=5)))


async def test_the_simulated_program_signs_as_the_vectors(vectors, house):
    house.simulator.secret = vectors["secret"]
    vector = vectors["vectors"][0]
    await house.simulator.post(json.loads(vector["body"]))
    assert house.gateway.statuses == [403]  # the gateway of this house knows another secret
    theirs = json.loads(vector["body"])
    sent = house.gateway.wires[0]
    assert sent.headers["x-signature"] == f"sha1={hmac.new(vectors['secret'].encode(), sent.body, sha1).hexdigest()}"
    await house.simulator.say(sender="30003000", text="网络坏了")
    ours = house.simulator.events[-1]
    assert set(ours) == set(theirs)
    assert set(ours["sender"]) == set(theirs["sender"])


# the specification

KINDS: dict[str, type | tuple[type, ...]] = {
    "number": (int, float),
    "string": str,
    "object": dict,
    "boolean": bool,
    "message": (list, str),
}


def wrong(fields, table, *, nullable=("anonymous",)):
    """Fields of a record that do not fit a table of the specification, and those that are missing."""
    problems = []
    for row in table:
        name, kind = row["字段名"], row["数据类型"].split(" ")[0]
        if name not in fields:
            problems.append(f"{name} is missing")
        elif not isinstance(fields[name], KINDS[kind]) and not (fields[name] is None and name in nullable):
            problems.append(f"{name} is no {kind}")
        allowed = row.get("可能的值", "-")
        if allowed != "-" and name in fields and str(fields[name]) not in allowed.split("、"):
            problems.append(f"{name} is {fields[name]}")
    return problems


async def test_the_events_of_the_simulated_program_fit_the_specification(contracts, house):
    spec = specified(contracts)["events"]
    alone, group = spec["message: 私聊消息"]["事件数据"], spec["message: 群消息"]["事件数据"]
    await house.simulator.say(sender="30003000", text="一")
    await house.simulator.say(sender="30003000", text="二", group=GROUP)
    await house.simulator.heartbeat()
    first, second, third = house.simulator.events
    assert wrong(first, alone[0]) + wrong(first["sender"], alone[1]) == []
    assert wrong(second, group[0]) + wrong(second["sender"], group[2]) == []
    assert wrong(third, spec["meta: 心跳"]["事件数据"][0]) == []
    assert house.simulator.errors == []


async def test_what_the_adapter_asks_for_fits_the_specification(contracts, house):
    spec = specified(contracts)
    quotes = await house.simulator.say(sender="30003000", text="坏了", group=GROUP)
    await house.channel.send(house.outgoing())
    await house.channel.send(house.outgoing(to="30003000", group=GROUP, quotes=quotes))
    await house.channel.check()
    probing = house.rebuilt(probe_group=20002000)
    await probing.probe()
    await probing.close()
    asked = house.simulator.asked
    assert {action for action, _ in asked} == {"send_private_msg", "send_group_msg", "get_status", "get_login_info"}
    for action, params in asked:
        table = spec["apis"][action].get("参数", [[]])[0]
        required = [row for row in table if row["默认值"] == "-"]
        assert wrong(params, required) == []
        assert set(params) <= {row["字段名"] for row in table}
    pieces = [piece for _, params in asked for piece in params.get("message", [])]
    examples = {one["type"]: one["data"] for kind in spec["segments"].values() for one in kind["json"]}
    assert {piece["type"] for piece in pieces} == {"text", "at", "reply"}
    for piece in pieces:
        assert {name: type(value) for name, value in piece["data"].items()} == {
            name: type(value) for name, value in examples[piece["type"]].items()
        }


async def test_the_answers_of_the_simulated_program_fit_the_specification(contracts, house):
    spec = specified(contracts)["apis"]
    sent = {"user_id": 1, "message": [{"type": "text", "data": {"text": "x"}}]}
    for action, params in (("get_status", {}), ("get_login_info", {}), ("send_private_msg", sent)):
        code, data = await house.simulator._done(action, params)
        table = [row for row in spec[action]["响应数据"][0] if row["字段名"] != "……"]
        assert (code, wrong(data, table)) == (0, [])


async def test_every_segment_of_the_specification_is_read(contracts, house):
    spec = specified(contracts)["segments"]
    for kind, shown in spec.items():
        before = len(house.gateway.inbounds)
        await house.simulator.say(sender="30003000", text="看", segments=shown["json"])
        assert len(house.gateway.inbounds) == before + 1, kind
        assert "不支持的消息类型" not in house.gateway.inbounds[-1].text, kind


async def test_both_forms_of_every_segment_of_the_specification_say_the_same(contracts, house):
    for kind, shown in specified(contracts)["segments"].items():
        for listed, coded in zip(shown["json"], shown["cq_code"], strict=False):
            await house.simulator.say(sender="30003000", text="看", segments=[listed])
            event = dict(house.simulator.events[-1])
            await house.simulator.report(event | {"message": f"看{coded}"})
            one, two = house.gateway.inbounds[-2:]
            assert (one.text, one.remotes, one.references) == (two.text, two.remotes, two.references), kind


# in


async def test_somebody_writes_alone_and_in_a_group_with_and_without_our_name(house):
    first = await house.simulator.say(sender="30003001", text="一")
    await house.simulator.say(sender="30003002", text="二", group=GROUP)
    await house.simulator.say(sender="30003003", text="三", group=GROUP, named=False)
    seen = [(one.sender, one.text, one.group, one.named) for one in house.gateway.inbounds]
    assert seen == [("30003001", "一", None, True), ("30003002", "二", GROUP, True), ("30003003", "三", GROUP, False)]
    assert (house.gateway.inbounds[0].key, house.gateway.inbounds[0].sent_at) == (first, START)
    assert first.startswith("10001000:-")


async def test_an_event_that_comes_twice_has_one_key(house):
    house.simulator.fault = Fault.TWICE
    key = await house.simulator.say(sender="30003001", text="一")
    assert [one.key for one in house.gateway.inbounds] == [key, key]


async def test_somebody_quotes_a_text_of_ours(house):
    receipt = await house.channel.send(house.outgoing())
    await house.simulator.say(sender=house.person, text="1", answers=receipt.provider_id)
    assert [one.answers for one in house.gateway.inbounds] == [(receipt.provider_id,)]


async def test_a_genuine_event_that_is_broken_is_malformed_and_read_again_later(house):
    event = {"time": int(START.timestamp()), "post_type": "message", "message_type": "private", "user_id": 5}
    assert await house.simulator.post(event | {"message": "x"}) == 400
    with pytest.raises(Malformed):
        house.channel.webhooks()[0].read(house.gateway.wires[-1])
    again = house.channel.reread("q1", house.gateway.wires[-1].body)
    assert isinstance(again, Unreadable)
    assert (again.key, again.where, again.why) == ("q1:again", "body.message_id", "missing")
    mended = house.channel.reread("q1", json.dumps(event | {"message": "x", "message_id": 9}).encode())
    assert (mended.key, mended.text) == ("10001000:9", "x")


async def test_an_event_without_a_time_or_of_another_account_is_no_message(house):
    event = {"post_type": "message", "message_type": "private", "user_id": 5, "message": "x", "message_id": 1}
    assert await house.simulator.post(event) == 400
    other = {"time": int(START.timestamp()), "self_id": 4711}
    assert await house.simulator.post(event | other) == 204
    assert house.gateway.inbounds == []


async def test_a_file_lies_with_qq_until_it_is_fetched(house, faulty):
    faulty.status, faulty.body = 200, b"png"
    picture = {"type": "image", "data": {"file": "a.png", "url": f"{faulty.url}/a.png"}}
    await house.simulator.say(sender="30003001", text="看", segments=[picture])
    (remote,) = house.gateway.inbounds[-1].remotes
    assert isinstance(house.channel, Fetches)
    got = await house.channel.fetch(remote)
    assert (got.name, got.content) == ("a.png", b"png")


# out


async def test_a_text_alone_and_one_in_a_group_that_quotes_and_names(house):
    quotes = await house.simulator.say(sender="30003001", text="坏了", group=GROUP)
    receipt = await house.channel.send(house.outgoing())
    await house.channel.send(house.outgoing("收到", to="30003001", group=GROUP, quotes=quotes))
    assert [(one.to, one.text, one.group) for one in house.simulator.heard] == [
        (house.person, TEXT, None),
        ("30003001", "收到", GROUP),
    ]
    assert receipt.provider_id == house.simulator.heard[0].id
    assert house.simulator.asked[-1][1]["message"] == [
        {"type": "reply", "data": {"id": quotes.rpartition(":")[2]}},
        {"type": "at", "data": {"qq": "30003001"}},
        {"type": "text", "data": {"text": " "}},
        {"type": "text", "data": {"text": "收到"}},
    ]


async def test_codes_in_a_text_of_ours_stay_text(house):
    await house.channel.send(house.outgoing("[CQ:at,qq=all] 注意"))
    assert house.simulator.asked[-1][1]["message"] == [{"type": "text", "data": {"text": "[CQ:at,qq=all] 注意"}}]


async def test_somebody_without_a_number_is_answered_in_the_group_without_a_name(house):
    await house.channel.send(house.outgoing("收到", to="anonymous-5", group=GROUP))
    assert [one["type"] for one in house.simulator.asked[-1][1]["message"]] == ["text"]
    with pytest.raises(GiveUp, match="no QQ number"):
        await house.channel.send(house.outgoing("收到", to="anonymous-5"))


async def test_a_long_text_goes_out_in_parts_and_the_first_one_quotes(house):
    quotes = await house.simulator.say(sender=house.person, text="在吗")
    receipt = await house.channel.send(house.outgoing("急" * 6001, quotes=quotes))
    assert [len(one.text) for one in house.simulator.heard] == [3000, 3000, 1]
    kinds = [[piece["type"] for piece in params["message"]] for _, params in house.simulator.asked]
    assert kinds == [["reply", "text"], ["text"], ["text"]]
    assert (receipt.segments, receipt.provider_id) == (3, house.simulator.heard[-1].id)


async def test_a_long_text_in_a_group_names_the_person_once(house):
    await house.channel.send(house.outgoing("急" * 3001, to="30003001", group=GROUP))
    kinds = [[piece["type"] for piece in params["message"]] for _, params in house.simulator.asked]
    assert kinds == [["at", "text", "text"], ["text"]]


@pytest.mark.parametrize(
    ("retcode", "error"), [(100, GiveUp), (1200, Uncertain), (104, Misconfigured), (201, TryLater), (1400, GiveUp)]
)
async def test_a_return_code_becomes_one_of_our_errors(house, retcode, error):
    house.simulator.retcode = retcode
    with pytest.raises(error):
        await house.channel.send(house.outgoing())


async def test_a_text_that_was_only_taken_has_a_receipt(house):
    house.simulator.retcode = 1
    receipt = await house.channel.send(house.outgoing())
    assert receipt.provider_id == "10001000:async-d-1"


async def test_a_wrong_token_is_a_persons_matter(house):
    house.simulator.token = "another"
    with pytest.raises(Misconfigured):
        await house.channel.send(house.outgoing())
    (finding,) = await house.channel.check()
    assert (finding.ok, finding.cure) == (False, "compare access_token here and in the program")


async def test_a_program_without_any_way_in_is_tried_later(house):
    block = {name: value for name, value in house.block.items() if name != "api_url"}
    channel = build(house.name, block, house.gateway.url, house.clock)
    with pytest.raises(TryLater, match="no WebSocket open"):
        await channel.send(house.outgoing())
    await channel.close()


async def test_a_message_is_taken_back(house):
    receipt = await house.channel.send(house.outgoing())
    assert isinstance(house.channel, Recalls)
    await house.channel.recall(receipt.provider_id, house.person, group=None)
    assert house.simulator.heard == []
    assert house.simulator.asked[-1] == ("delete_msg", {"message_id": int(receipt.provider_id.split(":")[1])})


async def test_a_message_is_taken_back_for_two_minutes_only_and_never_without_its_id(house):
    receipt = await house.channel.send(house.outgoing())
    await house.clock.advance(house.channel.recall_within + timedelta(seconds=1))
    for ident in (receipt.provider_id, f"{house.simulator.self_id}:async-0-x", "10:4"):
        with pytest.raises(GiveUp):
            await house.channel.recall(ident, house.person, group=None)
    assert len(house.simulator.heard) == 1
