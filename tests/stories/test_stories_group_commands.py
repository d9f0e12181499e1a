"""`yizhan broadcast groups` against a whole gateway that serves beside it on loopback."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from click.testing import CliRunner, Result

from channels.contract import Can
from gateway.__main__ import main
from gateway.accounts import Accounts
from gateway.app import House
from gateway.config import load
from gateway.web.server import build_app, listen, serve
from store import contacts
from store.contacts import Row

CONFIG = """
gateway: {port: PORT}
router:
  people:
    li: {name: 李雷, addresses: {tel: "+8613800000102"}, rights: [broadcast]}
    zhao: {name: 赵六, addresses: {tel: "+8613800000104"}}
  rota: {lead: li}
store: {url: 'sqlite:///FILE'}
"""
CANS = {"email:main": Can(book="email", vouches=False), "sms:main": Can(book="tel")}
SECRET = "a long one for the test: 4711"
PEOPLE = [
    Row(place="a:1", name="张工", customer="滨江医院", addresses=[("tel", "+8613900000001")]),
    Row(place="a:2", name="李工", customer="滨江医院", addresses=[("email", "li@binjiang.example")]),
    Row(place="a:3", name="张工", customer="东站医院", addresses=[("tel", "+8613900000003")]),
]
Type = Callable[..., Awaitable[Result]]


@pytest.fixture
async def type_(tmp_path: Path, told: Any, made_store: bytes) -> AsyncIterator[Type]:
    """Type a command beside a gateway, as li."""
    (tmp_path / "yizhan.db").write_bytes(made_store)
    sock = listen("127.0.0.1", 0)
    file = tmp_path / "config.yaml"
    text = CONFIG.replace("PORT", str(sock.getsockname()[1])).replace("FILE", str(tmp_path / "yizhan.db"))
    file.write_text(text, "utf-8")
    quick, stop = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1), asyncio.Event()
    channels = {name: told(name, can) for name, can in CANS.items()}
    async with House(load(str(file)), channels=channels) as house:
        people = house.config.router.people
        accounts = Accounts(people, database=house.database, writer=house.writer, now=house.clock.now, hasher=quick)
        for person in people:
            await accounts.give(person, SECRET, by="")
        await house.writer.do(contacts.bring, PEOPLE)
        serving = asyncio.create_task(serve(build_app(house), stop=stop, sock=sock))

        async def typed(*words: str, by: str = "li") -> Result:
            env = {"YIZHAN_CONFIG": str(file), "NO_COLOR": "1", "YIZHAN_PERSON": by, "YIZHAN_PASSWORD": SECRET}
            said = ["broadcast", "groups", *words]
            return await asyncio.to_thread(CliRunner().invoke, main, said, env=env)

        yield typed
        stop.set()
        await serving


async def rows(type_: Type, *words: str) -> list[Any]:
    found = await type_(*words, "--json")
    assert found.exit_code == 0, found.stderr
    return [json.loads(line) for line in found.stdout.splitlines()]


async def test_a_group_from_the_first_member_to_the_last(type_: Type) -> None:
    assert (await type_("create", "OLT 用户", "--contractual")).exit_code == 0
    (added,) = await rows(type_, "add", "OLT 用户", "139 0000 0001", "东站医院", "email:main|olt@lists.example")
    assert added["count"] == 3
    members = await rows(type_, "show", "OLT 用户")
    kinds = {one["who"][0]: one["who"] for one in members}
    shown = await type_("show", "OLT 用户", "--search", "滨江")
    assert shown.stdout.split()[1:] == ["张工", "滨江医院", "+8613900000001"]
    assert (await type_("install", kinds["k"], "OLT", "2.2", "--region", "华东")).exit_code == 0
    assert "东站医院  1 contacts  OLT 2.2 华东" in (await type_("show", "OLT 用户")).stdout
    assert (await type_("uninstall", kinds["k"], "OLT")).stderr == (
        f"OLT is not noted with {kinds['k']}; noted: OLT 2.2 华东\n"
    )
    assert (await type_("uninstall", kinds["k"], "OLT", "--region", "华东")).exit_code == 0
    (gone,) = await rows(type_, "remove", "OLT 用户", "olt@lists.example", kinds["c"])
    assert gone["count"] == 2
    await type_("change", "OLT 用户", "--name", "OLT", "--not-contractual")
    assert (await type_("list")).stdout == "OLT  contacts 0, customers 1, chats and lists 0\n"
    assert (await type_("delete", "OLT")).stderr == "done, 1 member(s)\n"
    assert await rows(type_, "list") == []


async def test_what_cannot_be_done_is_said_with_what_there_is(type_: Type) -> None:
    await type_("create", "A")
    unclear = await type_("add", "A", "李工", "张工", "nobody")
    assert unclear.exit_code == 1
    assert "'张工': Several fit; say which. c" in unclear.stderr
    assert "'nobody': Nobody is known like that." in unclear.stderr
    assert await rows(type_, "show", "A") == []
    lost = await type_("show", "B")
    assert (lost.exit_code, lost.stderr) == (1, "there is no group 'B'; there are: A\n")
    refused = await type_("delete", "A", by="zhao")
    assert (refused.exit_code, "may broadcast" in refused.stderr) == (1, True)
    channel = await type_("add", "A", "sms:main|+8613900000001")
    assert "cannot write to chat groups or lists" in channel.stderr
    missing = await type_("remove", "A", "李工")
    assert missing.stderr == "no member fits '李工'\n"
    version = await type_("install", "c1", "OLT", "newest")
    assert "has no number" in version.stderr
