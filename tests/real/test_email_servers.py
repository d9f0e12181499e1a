"""A real SMTP server (aiosmtpd), a mailbox like that of 163, and servers that hang, close or say goodbye."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from channels.contract import Around, GiveUp, Misconfigured, Outgoing, TryLater, Uncertain
from channels.email.adapter import build
from channels.email.config import Account
from channels.email.simulator import build as build_simulator
from channels.simulation import Fault

NOW = datetime(2026, 11, 20, 3, 12, tzinfo=UTC)


class Standing:
    """A clock on which nobody ever wakes up."""

    def now(self):
        return NOW

    async def sleep(self, length):
        await asyncio.Event().wait()


def channel(block, **changes):
    around = Around(account="main", public_url="http://localhost", now=lambda: NOW)
    return build(Account.model_validate({**block, **changes}), around)


def outgoing(**changes):
    return Outgoing(**{"key": "d-1", "to": "zhang@customer.example", "text": "在路上了", "subject": "1042"} | changes)


async def no_store(items, *, cursor=None):
    pytest.fail("nothing should have come")


@dataclass
class Kept:
    items: list[Any] = field(default_factory=list)
    cursor: str | None = None

    async def accept(self, items, *, cursor=None):
        self.items += items
        self.cursor = cursor
        return len(items)


@pytest.fixture
async def simulator():
    made = build_simulator(clock=Standing(), gateway_url="", account="main")
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def email(simulator, tmp_path) -> AsyncIterator[Any]:
    made = channel(simulator.block(tmp_path))
    yield made
    await made.close()


async def test_what_a_customer_writes_arrives_and_our_answer_reaches_him_in_the_thread(simulator, email):
    ident = await simulator.say(sender="zhang@customer.example", text="机房断电", subject="断电")
    kept = Kept()
    await email.poll(None, kept.accept)
    assert [(item.key, item.text, item.subject) for item in kept.items] == [(ident, "机房断电", "断电")]
    receipt = await email.send(outgoing(in_reply_to=ident))
    assert [(heard.to, heard.text, heard.id) for heard in simulator.heard] == [
        ("zhang@customer.example", "在路上了", receipt.provider_id)
    ]
    await simulator.say(sender="zhang@customer.example", text="谢谢", answers=receipt.provider_id)
    await email.poll(kept.cursor, kept.accept)
    assert kept.items[-1].answers == ("d-1",)


async def test_a_mailbox_that_wants_to_know_the_program_first_is_opened(simulator, email):
    assert simulator.imap.wants_id
    assert [finding.ok for finding in await email.check()] == [True, True]


async def test_mails_move_to_a_folder_with_a_chinese_name(simulator, tmp_path):
    block = simulator.block(tmp_path)
    made = channel(block, imap=block["imap"] | {"processed_folder": "已处理"})
    await simulator.say(sender="zhang@customer.example", text="a")
    await made.poll(None, Kept().accept)
    assert [(name, len(folder.messages)) for name, folder in simulator.imap.folders.items()] == [
        ("INBOX", 0),
        ("&XfJZBHQG-", 1),
    ]


async def test_a_mail_that_arrives_twice_has_one_key(simulator, email):
    simulator.fault = Fault.TWICE
    await simulator.say(sender="zhang@customer.example", text="a")
    kept = Kept()
    await email.poll(None, kept.accept)
    assert len(kept.items) == 2
    assert len({item.key for item in kept.items}) == 1


async def test_a_wrong_password_is_a_configuration_error_on_both_sides(simulator, tmp_path):
    (tmp_path / "wrong").write_text("hunter2")
    made = channel(simulator.block(tmp_path), password={"file": str(tmp_path / "wrong")})
    for call in (made.poll(None, no_store), made.send(outgoing())):
        with pytest.raises(Misconfigured) as raised:
            await call
        assert "hunter2" not in str(raised.value)


async def test_a_provider_that_is_down_is_tried_later(simulator, email):
    simulator.fault = Fault.DOWN
    for call in (email.poll(None, no_store), email.send(outgoing())):
        with pytest.raises(TryLater):
            await call


async def test_a_burst_of_mails_goes_over_one_connection_and_survives_its_end(simulator, email):
    await asyncio.gather(*(email.send(outgoing(key=f"d-{n}")) for n in range(20)))
    email._sender._client.close()
    await email.send(outgoing(key="d-20"))
    assert sorted(heard.id for heard in simulator.heard) == sorted(f"<yizhan.d-{n}@huaxin.example>" for n in range(21))


async def test_an_idle_connection_is_given_back(simulator, tmp_path):
    block = simulator.block(tmp_path)
    made = channel(block, smtp=block["smtp"] | {"idle_seconds": 0.01})
    await made.send(outgoing())
    for _ in range(500):
        if made._sender._client is None:
            break
        await asyncio.sleep(0.002)
    assert made._sender._client is None


@dataclass
class Script:
    """A server that says its lines, one for each line it reads, and then closes or hangs."""

    lines: list[bytes]
    hangs: bool = True
    port: int = 0
    open: int = 0

    async def serve(self, reader, writer):
        self.open += 1
        try:
            for line in self.lines:
                writer.write(line)
                await writer.drain()
                if not await reader.readline():
                    return
            if self.hangs:
                await reader.read()
        except ConnectionError:
            pass  # the client went, as clients do
        finally:
            self.open -= 1
            writer.close()


@pytest.fixture
async def play(tmp_path):
    (tmp_path / "secret").write_text("hunter2")
    servers = []

    async def start(*lines, hangs=True):
        script = Script(list(lines), hangs)
        server = await asyncio.start_server(script.serve, "127.0.0.1", 0)
        servers.append(server)
        port = server.sockets[0].getsockname()[1]
        common = {"host": "127.0.0.1", "port": port, "timeout_seconds": 0.3}
        block = {"address": "support@huaxin.example", "password": {"file": str(tmp_path / "secret")}}
        return channel(block, imap=common | {"tls": False}, smtp=common | {"tls": "none", "login": False})

    yield start
    for server in servers:
        server.close()


GREETING = b"* OK ready\r\n"


@pytest.mark.parametrize(
    ("lines", "hangs"),
    [
        pytest.param([], True, id="says nothing"),
        pytest.param([], False, id="closes at once"),
        pytest.param([b"* BYE not today\r\n"], True, id="says goodbye and stays"),
        pytest.param([b"* BYE not today\r\n"], False, id="says goodbye and goes"),
        pytest.param([b"\x00\xff\r\n" * 50], True, id="speaks another language"),
        pytest.param([GREETING], True, id="hangs after the greeting"),
        pytest.param([GREETING, b"* BYE shutting down\r\n"], False, id="goes in the middle"),
        pytest.param([GREETING, b"* CAPABILITY IMAP4rev1\r\nwrong OK done\r\n"], True, id="answers with a foreign tag"),
        pytest.param([GREETING, b"* 1 FETCH (BODY[] {99999999}\r\n"], True, id="promises more than it sends"),
        pytest.param([b"* OK" + b"\r\n* 1 EXISTS" * 5000 + b"\r\n"], True, id="floods with lines"),
    ],
)
@pytest.mark.timeout(10)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_a_mailbox_server_that_misbehaves_ends_the_poll_soon(play, lines, hangs):
    made = await play(*lines, hangs=hangs)
    with pytest.raises(TryLater) as raised:
        await made.poll(None, no_store)
    assert "hunter2" not in str(raised.value)
    assert [finding.ok for finding in (await made.check())[:1]] == [False]


READY = [b"220 hi\r\n", b"250 hi\r\n"]


@pytest.mark.parametrize(
    ("lines", "hangs", "error"),
    [
        pytest.param([], True, TryLater, id="says nothing"),
        pytest.param([], False, TryLater, id="closes at once"),
        pytest.param([b"421 busy\r\n"], False, TryLater, id="is busy"),
        pytest.param([*READY], True, TryLater, id="hangs at MAIL"),
        pytest.param([*READY, b"451 later\r\n"], True, TryLater, id="defers the sender"),
        pytest.param([*READY, b"550 no\r\n"], True, Misconfigured, id="refuses the sender"),
        pytest.param([*READY, b"250 ok\r\n", b"550 no such user\r\n"], True, GiveUp, id="refuses the recipient"),
        pytest.param([*READY, b"250 ok\r\n", b"450 greylisted\r\n"], True, TryLater, id="defers the recipient"),
        pytest.param([*READY, b"250 ok\r\n", b"554 relay denied\r\n"], True, Misconfigured, id="relays nothing"),
        pytest.param([*READY, b"250 ok\r\n", b"250 ok\r\n", b"552 too big\r\n"], True, GiveUp, id="refuses the data"),
        pytest.param([*READY, b"250 ok\r\n", b"250 ok\r\n", b"452 full\r\n"], True, TryLater, id="defers the data"),
        pytest.param([*READY, b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n"], True, Uncertain, id="hangs after the data"),
        pytest.param([*READY, b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n"], False, Uncertain, id="goes after the data"),
    ],
)
@pytest.mark.timeout(10)
async def test_what_a_mail_server_says_becomes_the_right_error(play, lines, hangs, error):
    made = await play(*lines, hangs=hangs)
    with pytest.raises(error) as raised:
        await made.send(outgoing())
    assert (type(raised.value), "hunter2" in str(raised.value)) == (error, False)
    await made.close()


async def test_a_slow_provider_waits_on_the_clock_of_the_simulation_and_is_not_busy(simulator, tmp_path):
    simulator.fault = Fault.SLOW
    block = simulator.block(tmp_path)
    made = channel(block, imap=block["imap"] | {"timeout_seconds": 0.2})
    with pytest.raises(TryLater):
        await made.poll(None, no_store)
    assert simulator.busy() is False


async def test_times_of_day_and_in_between(tmp_path, simulator):
    made = channel(simulator.block(tmp_path), times=["08:30"], every_minutes=5)
    assert (tuple(made.times), made.every) == (("08:30",), timedelta(minutes=5))


async def test_a_refused_oauth_token_is_a_configuration_error(simulator, tmp_path):
    async def challenges(reader, writer):
        writer.write(GREETING)
        while line := await reader.readline():
            tag, command = line.split()[:2]
            if command == b"CAPABILITY":
                writer.write(b"* CAPABILITY IMAP4rev1 AUTH=XOAUTH2\r\n" + tag + b" OK done\r\n")
            else:
                writer.write(b"+ eyJzdGF0dXMiOiI0MDEifQ==\r\n")
        writer.close()

    server = await asyncio.start_server(challenges, "127.0.0.1", 0)
    (tmp_path / "token").write_text("hunter2")
    imap = {"host": "127.0.0.1", "port": server.sockets[0].getsockname()[1], "tls": False, "timeout_seconds": 0.3}
    block = simulator.block(tmp_path)
    made = channel(block, imap=imap | {"oauth_token": {"file": str(tmp_path / "token")}})
    with pytest.raises(Misconfigured, match="OAuth token"):
        await made.poll(None, no_store)
    server.close()


async def test_a_mail_that_was_set_aside_is_read_again_under_wider_limits(simulator, tmp_path):
    raw = b"From: a@b.example\r\nMessage-ID: <1@b.example>\r\n\r\n" + b"x" * 2000
    block = simulator.block(tmp_path)
    assert channel(block, max_mb=0.001).reread("sha256:0", raw).where == "message"
    assert channel(block).reread("sha256:0", raw).key == "<1@b.example>"
