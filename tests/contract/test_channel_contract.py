"""What every channel of the registry must do, whatever its provider."""

import asyncio
import re
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from channels.contract import ChannelError, GiveUp, Malformed, Misconfigured, Refused, TryLater, Uncertain
from channels.powers import Listens, Previews
from channels.text import split, units

from .conftest import TEXT, build, until, webhook_of

LONG = "机柜无供电，第{n}台；please bring spare parts & a torch <urgent>。\n"


def needs_webhooks(house):
    if not house.channel.webhooks():
        pytest.skip(f"{house.name} is not called by its provider")


def needs_sends(house):
    if not house.channel.can.sends:
        pytest.skip(f"{house.name} sends nothing")


def needs_api(house):
    needs_sends(house)
    if "api_url" not in house.block:
        pytest.skip(f"{house.name} does not speak HTTP to its provider")


async def test_the_simulated_provider_takes_a_text_and_the_receipt_names_it(house):
    needs_sends(house)
    receipt = await house.channel.send(house.outgoing())
    assert receipt.provider_id
    assert receipt.segments >= 1


async def test_the_self_check_of_a_good_account_finds_nothing_wrong(house):
    assert [finding.what for finding in await house.channel.check() if finding.ok is False] == []


async def test_a_webhook_without_its_headers_is_refused_before_anything_else(house):
    needs_webhooks(house)
    house.exempt("headers")
    for wire in await house.visited():
        for body in (wire.body, b"", b"\xff\x00garbage", b"{"):
            with pytest.raises(Refused):
                webhook_of(house.channel, wire).read(replace(wire, headers={}, body=body))


@pytest.mark.parametrize(
    ("part", "forge"),
    [
        pytest.param("body", lambda w: replace(w, body=w.body + b"&Body=changed"), id="something added to the body"),
        pytest.param("body", lambda w: replace(w, body=w.body[: len(w.body) // 2]), id="the body cut in half"),
        pytest.param("body", lambda w: replace(w, body=b"\xff\xfe\x00%zz"), id="bytes that are no text"),
        pytest.param("body", lambda w: replace(w, body=b""), id="no body"),
        pytest.param("url", lambda w: replace(w, url=w.url + "x"), id="another address"),
        pytest.param(
            "headers",
            lambda w: replace(w, headers={k: v[::-1] if k.startswith("x-") else v for k, v in w.headers.items()}),
            id="another signature",
        ),
        pytest.param(
            "headers",
            lambda w: replace(w, headers={k: "é" if k.startswith("x-") else v for k, v in w.headers.items()}),
            id="a signature outside ASCII",
        ),
        pytest.param(
            "type",
            lambda w: replace(w, headers={**w.headers, "content-type": "application/json"}),
            id="another content type",
        ),
    ],
)
async def test_a_forged_webhook_is_refused(house, part, forge):
    needs_webhooks(house)
    house.exempt(part)
    for wire in await house.visited():
        with pytest.raises(Refused):
            webhook_of(house.channel, wire).read(forge(wire))


async def test_the_same_request_twice_has_one_key_and_two_messages_have_two(house):
    needs_webhooks(house)
    wires = await house.visited()
    for wire in wires:
        first, second = (webhook_of(house.channel, wire).read(wire) for _ in range(2))
        assert (first.inbounds, first.updates) == (second.inbounds, second.updates)
    if house.channel.can.receives:
        await house.say()
        keys = [inbound.key for inbound in house.gateway.inbounds]
        assert len(keys) == len(set(keys)) == 2


async def test_what_comes_in_keeps_its_raw_bytes(house):
    needs_webhooks(house)
    bodies = {wire.body for wire in await house.visited()}
    assert {inbound.raw for inbound in house.gateway.inbounds} <= bodies or house.gateway.heard
    assert house.gateway.inbounds != [] or not (house.channel.can.receives or house.channel.can.speaks)


async def test_late_receipts_name_our_own_key(house):
    needs_webhooks(house)
    await house.visited()
    if house.channel.can.confirms:
        house.exempt("receipts")
        assert {update.key for update in house.gateway.updates} == {"d-1"}


STATUSES = [
    pytest.param(429, {"Retry-After": "7"}, TryLater, timedelta(seconds=7), id="429 with seconds"),
    pytest.param(429, {"Retry-After": "Fri, 20 Nov 2026 03:12:30 GMT"}, TryLater, timedelta(seconds=30), id="429 date"),
    pytest.param(429, {"Retry-After": "soon"}, TryLater, None, id="429 with nonsense"),
    pytest.param(429, {}, TryLater, None, id="429 alone"),
    pytest.param(400, {}, GiveUp, None, id="400"),
    pytest.param(404, {}, GiveUp, None, id="404"),
    pytest.param(401, {}, Misconfigured, None, id="401"),
    pytest.param(403, {}, Misconfigured, None, id="403"),
    pytest.param(307, {"Location": "http://127.0.0.1:9/"}, Misconfigured, None, id="a redirect is not followed"),
    pytest.param(500, {}, TryLater, None, id="500"),
    pytest.param(503, {"Retry-After": "3"}, TryLater, timedelta(seconds=3), id="503 with seconds"),
    pytest.param(200, {}, Uncertain, None, id="a success that says nothing"),
]


@pytest.mark.parametrize(("status", "headers", "expected", "after"), STATUSES)
@pytest.mark.parametrize("body", [b"{}", b"<html>sorry</html>", b"[1]", b'{"code":"x"}', b"\xff"])
async def test_each_status_gives_the_error_of_the_shared_table(house, faulty, status, headers, expected, after, body):
    needs_api(house)
    house.exempt("statuses")
    if headers:
        house.exempt("retry-after")
    faulty.status, faulty.headers, faulty.body = status, headers, body
    channel = house.rebuilt(api_url=faulty.url)
    with pytest.raises(ChannelError) as caught:
        await channel.send(house.outgoing())
    await channel.close()
    assert type(caught.value) is expected
    assert getattr(caught.value, "after", None) == after
    assert faulty.requests == 1


@pytest.mark.parametrize("how", ["hangs", "closes"])
async def test_a_request_that_left_without_an_answer_is_uncertain(house, faulty, how):
    needs_api(house)
    faulty.how = how
    channel = house.rebuilt(api_url=faulty.url, timeout_seconds=0.2)
    with pytest.raises(Uncertain):
        await channel.send(house.outgoing())
    await channel.close()
    assert faulty.requests == 1


async def test_a_provider_that_cannot_be_reached_is_tried_later(house):
    needs_api(house)
    channel = house.rebuilt(api_url="http://127.0.0.1:1")
    with pytest.raises(TryLater):
        await channel.send(house.outgoing())
    await channel.close()


async def test_no_error_and_no_log_line_carries_a_secret_a_text_or_a_number(house, faulty, caplog):
    needs_api(house)
    caplog.set_level("DEBUG")
    said = []
    await house.visited()
    for how, status in [("answers", 400), ("answers", 401), ("answers", 503), ("closes", 0), ("hangs", 0)]:
        faulty.how, faulty.status = how, status
        faulty.body = f'{{"code": 21211, "message": "To {house.person} {TEXT}"}}'.encode()
        channel = house.rebuilt(api_url=faulty.url, timeout_seconds=0.2)
        with pytest.raises(ChannelError) as caught:
            await channel.send(house.outgoing())
        said += [str(caught.value), repr(caught.value), *(finding.note for finding in await channel.check())]
        await channel.close()
    for wire in house.gateway.wires:
        bare = [] if "headers" in getattr(house.simulator, "exempt", {}) else [replace(wire, headers={})]
        for broken in (*bare, replace(wire, body=wire.body + b"&x=y")):
            with pytest.raises((Refused, Malformed)) as refused:
                webhook_of(house.channel, wire).read(broken)
            said.append(str(refused.value))
    everything = "\n".join([*said, caplog.text, repr(house.channel), repr(house.outgoing())])
    secrets = [secret.read_text() for secret in house.folder.iterdir()]
    assert [secret for secret in [*secrets, TEXT, "机柜无供电"] if secret in everything] == []
    assert house.person not in "\n".join([*said, caplog.text])


async def test_an_over_long_text_cut_at_the_limit_arrives_without_loss(house):
    needs_sends(house)
    house.exempt("length")
    can = house.channel.can
    text = "".join(LONG.format(n=n) for n in range(90)) + "end"
    parts = split(text, can.text_limit, can.unit)
    assert all(units(part, can.unit) <= can.text_limit for part in parts)
    assert await delivered(house, parts) == text


async def test_an_over_long_text_given_whole_arrives_without_loss_or_is_given_up(house):
    needs_sends(house)
    house.exempt("length")
    text = "".join(LONG.format(n=n) for n in range(90)) + "end"
    if house.channel.can.speaks:
        with pytest.raises(GiveUp):
            await house.channel.send(house.outgoing(text))
    else:
        assert await delivered(house, [text]) == text


async def delivered(house, parts):
    """What the person has in the end, joined; on a call the text is heard until the key."""
    heard = []
    for at, part in enumerate(parts):
        before = len(house.simulator.heard)
        await house.channel.send(house.outgoing(part, key=f"d-{at}"))
        if house.channel.can.speaks:
            await house.simulator.press(house.person, "1")
        await house.settled()
        new = house.simulator.heard[before:]
        heard += [one.text for one in (new[:1] if house.channel.can.speaks else new)]
    return re.sub(r"\r\n", "\n", "".join(heard)).rstrip("\n")


@pytest.mark.skipif(sys.platform != "linux", reason="counts sockets in /proc")
async def test_closing_leaves_no_socket(house: Any):
    listens = isinstance(house.channel, Listens)
    if listens and house.channel.can.receives:
        await house.say()  # what listens already has its own connections from now on
    before = sockets()
    channel = house.rebuilt()
    if channel.can.sends and "unheard" not in getattr(house.simulator, "exempt", {}):
        await channel.send(house.outgoing())
    await channel.check()
    if hasattr(house.simulator, "hang_up"):
        await house.simulator.hang_up(house.person)
    await house.settled()
    await channel.close()
    await channel.close()
    # The simulator's own callbacks keep one connection to the gateway, which has two ends in this process.
    await until(lambda: sockets() <= before + (2 if channel.webhooks() else 0))


async def test_listening_ends_promptly_when_it_is_cancelled(house: Any):
    if not isinstance(house.channel, Listens):
        pytest.skip(f"{house.name} keeps no connection open")
    channel = house.rebuilt()
    task = asyncio.create_task(channel.listen(house.gateway.accept, house.gateway.receipts))
    await asyncio.sleep(0.05)
    task.cancel()
    done, _ = await asyncio.wait([task], timeout=2)
    await channel.close()
    assert done == {task}


async def test_every_exemption_says_why(house):
    assert [what for what, why in getattr(house.simulator, "exempt", {}).items() if len(why) < 10] == []


async def test_an_unknown_key_in_the_block_is_refused(house):
    with pytest.raises(ValueError, match="time_out"):
        house.rebuilt(time_out=3)


async def test_a_secret_in_the_file_itself_is_refused(house):
    secret = next((n for n, value in house.block.items() if isinstance(value, dict) and "file" in value), "")
    if not secret:
        pytest.skip(f"{house.name} has no secret")
    with pytest.raises(ValueError, match="a secret does not belong") as caught:
        build(house.name, {**house.block, secret: "hunter2"}, house.gateway.url, house.clock)
    assert "hunter2" not in str(caught.value)


async def test_the_channel_is_named_like_its_account(house):
    assert house.channel.name == f"{house.name.partition('/')[0]}:main"


def sockets() -> int:
    found = 0
    for entry in Path("/proc/self/fd").iterdir():
        try:
            found += str(entry.readlink()).startswith("socket:")
        except FileNotFoundError:
            continue
    return found


async def test_what_sends_something_else_than_the_text_says_beforehand_what(house):
    assert isinstance(house.channel, Previews) == house.channel.can.templates
    if house.channel.can.templates:
        said = house.channel.preview(house.outgoing(template="voice_page" if house.channel.can.speaks else "page"))
        assert "1042" in said
        with pytest.raises(GiveUp):
            house.channel.preview(house.outgoing(variables={}))
