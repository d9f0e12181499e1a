"""A OneBot program that opens a reverse WebSocket to us: real frames over loopback, between adapter and simulator."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import WSMsgType, web

from channels import registry
from channels.contract import Inbound, Misconfigured, Outgoing, Refused, TryLater, Uncertain, Unreadable, Wire
from channels.powers import Links
from channels.simulation import Fault

from .conftest import START, build, until

GROUP = "20002000"


class Frames:
    """A `Link` over aiohttp's WebSocket."""

    def __init__(self, socket):
        self._socket = socket

    async def receive(self):
        message = await self._socket.receive()
        return message.data if message.type in (WSMsgType.TEXT, WSMsgType.BINARY) else None

    async def send(self, frame):
        await self._socket.send_str(frame)


@dataclass
class Host:
    """The part of the gateway that serves a channel's WebSocket and webhook."""

    channel: Any = None
    url: str = ""
    kept: list[Any] = field(default_factory=list)
    open: int = 0

    async def serve(self, request):
        wire = Wire(
            method=request.method,
            url=f"{self.url}{request.path_qs}",
            path=request.path.removeprefix("/in/qq/main"),
            headers={name.lower(): value for name, value in request.headers.items()},
            query=dict(request.query),
            body=b"" if request.method == "GET" else await request.read(),
            at=START,
        )
        try:
            if request.method == "POST":
                parsed = self.channel.webhooks()[0].read(wire)
                await self.accept(parsed.inbounds)
                return web.Response(status=parsed.reply.status)
            self.channel.admit(wire)
        except Refused:
            return web.Response(status=403)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.open += 1
        try:
            await self.channel.converse(wire, Frames(socket), self.accept)
        finally:
            self.open -= 1
        return socket

    async def accept(self, items, *, cursor=None):
        known = {one.key for one in self.kept}
        new = [one for one in items if one.key not in known]
        self.kept += new
        return len(new)


@pytest.fixture
async def host():
    host = Host()
    app = web.Application()
    app.router.add_route("*", "/in/qq/main{tail:.*}", host.serve)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield host
    await runner.cleanup()


@pytest.fixture
async def program(host, clock, tmp_path):
    """A program that only has a WebSocket; `host.channel` is the account."""
    simulator = registry.simulator(
        "qq", provider="onebot", clock=clock, gateway_url=host.url, account="main", transport="websocket"
    )
    await simulator.start()
    block = dict(simulator.block(tmp_path))
    assert "api_url" not in block
    host.channel = build("qq/onebot", block | {"timeout_seconds": 5}, host.url, clock)
    yield simulator
    await simulator.stop()
    await host.channel.close()


def outgoing(text="收到", **more):
    return Outgoing(**{"key": "d-1", "to": "30003000", "text": text} | more)


async def connected(program, host, **how):
    """Open the WebSocket, and wait until the channel talks on it."""
    before = host.open
    assert await program.connect(**how) == 101
    await until(lambda: host.open > before)


async def together(sending, answering):
    """A send, and the program that answers what it asks."""
    receipt, _ = await asyncio.gather(sending, answering)
    return receipt


@pytest.mark.parametrize("given", [{"token": "wrong"}, {"token": ""}, {"role": "Admin"}])
async def test_a_program_without_our_token_is_not_let_in(program, host, given):
    assert isinstance(host.channel, Links)
    assert await program.connect(**given) == 403
    assert host.open == 0


async def test_a_message_and_the_answer_to_it_go_over_one_connection(program, host):
    await connected(program, host)
    key = await program.say(sender="30003001", text="坏了", group=GROUP)
    await until(lambda: host.kept)
    (inbound,) = host.kept
    assert (inbound.key, inbound.text, inbound.group, inbound.named) == (key, "坏了", GROUP, True)
    answer = outgoing(to="30003001", group=GROUP, quotes=key)
    receipt = await together(host.channel.send(answer), program.serve_socket(most=1))
    assert [(one.to, one.text, one.group, one.id) for one in program.heard] == [
        ("30003001", "收到", GROUP, receipt.provider_id)
    ]


async def test_answers_are_told_apart_by_their_echo(program, host):
    await connected(program, host)
    sends = [asyncio.create_task(host.channel.send(outgoing(str(n), key=f"d-{n}"))) for n in range(2)]
    asked = [json.loads((await program._socket.receive()).data) for _ in range(2)]
    assert len({one["echo"] for one in asked}) == 2
    for one in reversed(asked):
        number = int(one["params"]["message"][0]["data"]["text"])
        data = {"message_id": 500 + number}
        await program._socket.send_json({"status": "ok", "retcode": 0, "data": data, "echo": one["echo"]})
    got = [(await send).provider_id for send in sends]
    assert got == ["10001000:500", "10001000:501"]


async def test_events_and_late_answers_between_do_no_harm(program, host):
    await connected(program, host)
    sending = asyncio.create_task(host.channel.send(outgoing()))
    asked = json.loads((await program._socket.receive()).data)
    assert (asked["action"], set(asked)) == ("send_private_msg", {"action", "params", "echo"})
    await program.heartbeat()
    await program.say(sender="30003001", text="还在吗")
    for echo in ("nobody waits for this", asked["echo"], asked["echo"]):
        await program._socket.send_json({"status": "ok", "retcode": 0, "data": {"message_id": 7}, "echo": echo})
    assert (await sending).provider_id == "10001000:7"
    await until(lambda: host.kept)
    assert [one.text for one in host.kept] == ["还在吗"]


async def test_an_answer_that_comes_twice_at_once_just_before_the_end_counts_once(program, host):
    class Hasty:
        """A link that answers two times at once and goes."""

        def __init__(self):
            self.frames: asyncio.Queue[str | None] = asyncio.Queue()

        async def receive(self):
            return await self.frames.get()

        async def send(self, frame):
            answer = {"status": "ok", "retcode": 0, "data": {"message_id": 7}, "echo": json.loads(frame)["echo"]}
            for one in (json.dumps(answer), json.dumps(answer), None):
                self.frames.put_nowait(one)

    wire = Wire(method="GET", url="", path="/ws", headers={}, query={}, body=b"", at=START)
    talking = asyncio.create_task(host.channel.converse(wire, Hasty(), host.accept))
    await asyncio.sleep(0)
    assert (await host.channel.send(outgoing())).provider_id == "10001000:7"
    await talking
    assert host.kept == []


async def test_one_message_over_both_ways_is_kept_once(program, host):
    await connected(program, host)
    await program.say(sender="30003001", text="坏了")
    await until(lambda: host.kept)
    assert await program.post(program.events[-1]) == 204
    program.fault = Fault.TWICE
    await program.say(sender="30003001", text="又坏了")
    await until(lambda: len(host.kept) > 1)
    assert await program.post(program.events[-1]) == 204
    assert [one.text for one in host.kept] == ["坏了", "又坏了"]


async def test_without_a_connection_a_text_is_tried_later(program, host):
    with pytest.raises(TryLater, match="no WebSocket open"):
        await host.channel.send(outgoing())
    await connected(program, host)
    await together(host.channel.send(outgoing()), program.serve_socket(most=1))
    await program.disconnect()
    await until(lambda: host.open == 0)
    with pytest.raises(TryLater, match="no WebSocket open"):
        await host.channel.send(outgoing())


async def test_with_an_address_a_text_goes_by_http_while_no_connection_is_open(program, host, clock, tmp_path):
    block = dict(program.block(tmp_path)) | {"api_url": program.url}
    host.channel = build("qq/onebot", block, host.url, clock)
    await host.channel.send(outgoing("一"))
    await connected(program, host)
    sending = asyncio.create_task(host.channel.send(outgoing("二")))
    await program.serve_socket(most=1)
    await sending
    await program.disconnect()
    await until(lambda: host.open == 0)
    await host.channel.send(outgoing("三"))
    assert [one.text for one in program.heard] == ["一", "二", "三"]
    await host.channel.close()


async def test_the_newest_connection_is_used_and_the_older_one_after_it(program, host, tmp_path):
    await connected(program, host)
    first = program._socket
    await connected(program, host)
    second = program._socket
    assert host.open == 2
    await together(host.channel.send(outgoing("二")), program.serve_socket(most=1))
    await second.close()
    await until(lambda: host.open == 1)
    program._socket = first
    await together(host.channel.send(outgoing("一")), program.serve_socket(most=1))
    assert [one.text for one in program.heard] == ["二", "一"]


async def test_a_client_for_events_only_is_asked_for_nothing(program, host):
    await connected(program, host, role="Event")
    await program.say(sender="30003001", text="坏了")
    await until(lambda: host.kept)
    with pytest.raises(TryLater):
        await host.channel.send(outgoing())


async def test_a_client_for_actions_only_takes_texts(program, host):
    await connected(program, host, role="API")
    receipt = await together(host.channel.send(outgoing()), program.serve_socket(most=1))
    assert receipt.provider_id == program.heard[0].id


async def test_a_connection_that_ends_before_the_answer_leaves_the_text_uncertain(program, host):
    await connected(program, host)
    sending = asyncio.create_task(host.channel.send(outgoing()))
    await program._socket.receive()
    await program.disconnect()
    with pytest.raises(Uncertain, match="the connection was lost before the answer"):
        await sending


async def test_a_program_that_never_answers_leaves_the_text_uncertain(program, host, clock, tmp_path):
    block = dict(program.block(tmp_path)) | {"timeout_seconds": 0.05}
    host.channel = build("qq/onebot", block, host.url, clock)
    await connected(program, host)
    with pytest.raises(Uncertain, match="did not answer in time"):
        await host.channel.send(outgoing())


async def test_a_connection_that_is_gone_when_the_text_leaves_is_tried_later(program, host):
    class Gone:
        """A link whose other end goes as soon as something is sent."""

        def __init__(self):
            self.end = asyncio.Event()

        async def receive(self):
            await self.end.wait()

        async def send(self, frame):
            raise ConnectionResetError

    link = Gone()
    headers = {"x-self-id": "10001000"}
    wire = Wire(method="GET", url="", path="/ws", headers=headers, query={}, body=b"", at=START)
    talking = asyncio.create_task(host.channel.converse(wire, link, host.accept))
    await asyncio.sleep(0)
    with pytest.raises(TryLater, match="before the text left"):
        await host.channel.send(outgoing())
    link.end.set()
    await talking


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({"status": "failed", "retcode": 1403, "data": None}, Misconfigured),
        ({"status": "failed", "retcode": 1200, "data": None}, Uncertain),
        ({"status": "ok", "retcode": 0, "data": None}, Uncertain),
        ({"status": "ok", "retcode": 0, "data": {"message_id": "x"}}, Uncertain),
        ({"status": "ok", "retcode": "fine", "data": {}}, Uncertain),
    ],
)
async def test_an_answer_becomes_one_of_our_errors(program, host, answer, error):
    await connected(program, host)
    sending = asyncio.create_task(host.channel.send(outgoing()))
    asked = json.loads((await program._socket.receive()).data)
    await program._socket.send_json(answer | {"echo": asked["echo"]})
    with pytest.raises(error):
        await sending


async def test_a_frame_that_cannot_be_read_is_set_aside_and_the_next_one_is_read(program, host):
    await connected(program, host)
    for frame in ("{", '["x"]', '{"post_type": "message"}', "x" * (1024 * 1024 + 1)):
        await program._socket.send_str(frame)
    await program._socket.send_bytes(b"\xff")
    await program.report({"time": 1, "self_id": 4711, "post_type": "message"})
    await program.say(sender="30003001", text="坏了")
    await until(lambda: any(isinstance(one, Inbound) for one in host.kept))
    aside = [(one.where, one.why) for one in host.kept if isinstance(one, Unreadable)]
    assert aside == [
        ("body", "not JSON"),
        ("body", "not an object"),
        ("body.user_id", "missing"),
        ("body", "not UTF-8"),
    ]
    assert host.kept[-1].text == "坏了"


async def test_a_conversation_ends_at_once_when_it_is_cancelled(program, host):
    await connected(program, host)
    wire = Wire(method="GET", url="", path="/ws", headers={}, query={}, body=b"", at=START)

    class Silent:
        """A link on which nothing ever comes."""

        async def receive(self):
            await asyncio.Event().wait()

        async def send(self, frame):
            raise AssertionError(frame)

    talking = asyncio.create_task(host.channel.converse(wire, Silent(), host.accept))
    await asyncio.sleep(0)
    talking.cancel()
    done, _ = await asyncio.wait([talking], timeout=2)
    assert done == {talking}
    receipt = await together(host.channel.send(outgoing()), program.serve_socket(most=1))
    assert receipt.provider_id == program.heard[0].id


async def test_a_probe_goes_over_the_connection_too(program, host, clock, tmp_path):
    block = dict(program.block(tmp_path)) | {"probe_group": int(GROUP)}
    host.channel = build("qq/onebot", block, host.url, clock)
    finding = await host.channel.probe()
    assert (finding.ok, "no WebSocket open" in finding.note) == (False, True)
    await connected(program, host)
    finding = await together(host.channel.probe(), program.serve_socket(most=3))
    assert (finding.ok, finding.note) == (True, "alive: a text got out; no event so far")
    assert [action for action, _ in program.asked] == ["get_status", "get_login_info", "send_group_msg"]
