"""`yizhan broadcast suppressions`: listed, added and allowed again, beside a running gateway."""

import asyncio
import json

import pytest
from click.testing import CliRunner

from channels.contract import Can
from gateway.__main__ import main
from gateway.sandbox.logins import QUICK, plant
from gateway.sandbox.people import PASSWORD
from gateway.web.server import build_app, listen, serve

CONFIG = """
gateway:
  port: PORT
router:
  time_zone: UTC
  people:
    zhang: {name: 张三, addresses: {tel: "+8613800000101"}, rights: [broadcast]}
    li: {name: 李雷, addresses: {tel: "+8613800000102"}}
  rota: {lead: zhang, second: li}
"""


@pytest.fixture
async def run(town, tmp_path):
    """What becomes of a command, typed beside the running gateway."""
    sock = listen("127.0.0.1", 0)
    whole = CONFIG.replace("PORT", str(sock.getsockname()[1]))
    built = await town({"sms:main": Can(book="tel")}, whole=whole)
    (tmp_path / "config.yaml").write_text(f"{whole}store: {{url: 'sqlite:///{tmp_path / 'yizhan.db'}'}}\n", "utf-8")
    await plant(built.house)
    stop = asyncio.Event()
    serving = asyncio.create_task(serve(build_app(built.house, hasher=QUICK), stop=stop, sock=sock))

    async def typed(*words):
        env = {"YIZHAN_CONFIG": str(tmp_path / "config.yaml"), "YIZHAN_PASSWORD": PASSWORD}
        given = ["broadcast", "suppressions", *words]
        return await asyncio.to_thread(CliRunner().invoke, main, given, env=env)

    yield typed
    stop.set()
    await serving


async def test_an_address_is_added_listed_and_allowed_again(run):
    added = await run("add", "sms", "139 0000 0001", "--as", "张三", "--why", "asked by phone")
    again = await run("add", "sms", "13900000001", "--as", "zhang", "--why", "asked by phone")
    assert (added.exit_code, added.stderr, again.stderr) == (0, "done\n", "it was so already\n")
    row = json.loads((await run("list", "--json")).stdout)
    assert (row["channel"], row["address"], row["kind"], row["by"]) == ("sms", "+8613900000001", "opted_out", "zhang")
    assert "+8613900000001  opted_out (zhang): asked by phone" in (await run()).stdout
    assert (await run("allow", "sms", "13900000001", "--as", "zhang", "--why", "changed their mind")).exit_code == 0
    empty = await run("list")
    assert (empty.stdout, empty.stderr) == ("", "there are none\n")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("add", "sms", "12", "--as", "zhang", "--why", "x"), "no address"),
        (("add", "mail", "a@b.cn", "--as", "zhang", "--why", "x"), "cannot write that way"),
        (("add", "sms", "13900000001", "--as", "li", "--why", "x"), "rights: [broadcast]"),
        (("add", "sms", "13900000001", "--as", "nobody", "--why", "x"), "not among people"),
        (("add", "sms", "13900000001", "--as", "zhang", "--why", " "), "--why"),
    ],
)
async def test_what_cannot_be_ends_with_the_reason(run, words, says):
    ended = await run(*words)
    assert (ended.exit_code, says in ended.stderr) == (1, True), ended.stderr
