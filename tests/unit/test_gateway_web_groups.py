"""The pages of user groups and their part of the API, before a whole house."""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from channels.contract import Can
from gateway.accounts import Accounts
from gateway.app import House
from gateway.web.server import build_app
from store import contacts
from store.contacts import Row
from store.db import table_of
from store.model import Event, EventKind, Installation, Member, UserGroup

CANS = {
    "sms:main": Can(book="tel"),
    "email:main": Can(book="email"),
    "im:bot": Can(book="im", groups=True),
    "kf:main": Can(book="kf", groups=True, links=False, sends=False),
}
PEOPLE = [
    Row(place="a:2", name="张三", customer="华信", addresses=[("tel", "+8613900000001"), ("email", "zhang@hx.cn")]),
    Row(place="a:3", name="李四", customer="华信", addresses=[("tel", "+8613900000002")]),
    Row(place="a:4", name="张三", customer="东海", addresses=[("tel", "+8613900000003")]),
]


PASSWORD = "kT7#pq-2vL"
STAFF = """
gateway:
  signature: {zh: 服务台, en: Support}
router:
  time_zone: UTC
  people:
    zhang: {name: 张三, addresses: {tel: "+8613800000101"}, rights: [broadcast]}
    li: {name: 李雷, addresses: {tel: "+8613800000102"}}
  rota: {lead: zhang, second: li}
"""


@pytest.fixture
async def house(town: Callable[..., Any]) -> House:
    """A house that knows three contacts and heard a chat group; zhang may broadcast, li may not."""
    made = await town(CANS, whole=STAFF)
    house: House = made.house
    quick = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    people = house.config.router.people
    accounts = Accounts(people, database=house.database, writer=house.writer, now=house.clock.now, hasher=quick)
    for person in people:
        await accounts.give(person, PASSWORD, by="")
    await house.writer.do(contacts.bring, PEOPLE)
    await made.say("im:bot", "i1", "大家好", group="g7")
    return house


@asynccontextmanager
async def client(house: House, person: str = "zhang") -> AsyncIterator[httpx.AsyncClient]:
    """A browser of one of the staff, who has signed in."""
    transport = httpx.ASGITransport(build_app(house), client=("127.0.0.1", 5))
    base, headers = "http://127.0.0.1:8000", {"accept-language": "en"}
    async with httpx.AsyncClient(transport=transport, base_url=base, headers=headers) as web:
        page = await web.get("/sign-in")
        found = re.search(r'name="seal" value="(\w+)"', page.text)
        sent = {"seal": found[1] if found else "", "person": person, "password": PASSWORD}
        await web.post("/sign-in", data=sent)
        yield web


def words(page: httpx.Response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text))


async def post(web: httpx.AsyncClient, path: str, **form: Any) -> httpx.Response:
    """Send a form and follow where it leads; the seal is this browser's, whatever page showed it."""
    page = await web.get("/rota")
    found = re.search(r'name="seal" value="(\w+)"', page.text)
    answer = await web.post(path, data={"seal": found[1] if found else "", **form})
    return await web.get(answer.headers["location"]) if answer.status_code == 303 else answer


def rows(house: House, noun: type) -> list[Any]:
    with house.database.read() as connection:
        return list(connection.execute(select(table_of(noun)).order_by(table_of(noun).c.id)).mappings())


async def test_a_group_is_made_filled_searched_and_deleted_on_its_pages(house: House) -> None:
    async with client(house) as web:
        made = await post(web, "/groups", name=" OLT  用户 ")
        path = str(made.url.path)
        assert "OLT 用户" in words(made)
        assert "No members." in words(made)
        added = await post(web, path, act="add", word="139 0000 0002")
        chat = await post(web, path, act="own", heard="im:bot|g7")
        await post(web, path, act="own", account="email:main", address="OLT@lists.example", own_name="OLT 列表")
        firm = await post(web, path, act="add", word="东海")
        assert "李四 华信" in words(added)
        assert "g7 im:bot g7" in words(chat)
        assert "all 1 contacts" in words(firm)
        searched = await web.get(f"{path}?q=13900000002")
        assert ("李四" in words(searched), "东海" in words(searched)) == (True, False)
        listed = await web.get("/groups")
        assert "OLT 用户 Contacts 1 Customers 1 Chats and lists 2" in words(listed)
        mine = next(row["who"] for row in rows(house, Member) if row["who"].startswith("c"))
        assert "李四 华信" not in words(await post(web, path, act="remove", who=mine))
        assert {row["who"] for row in rows(house, Member)} >= {"im:bot|g7", "email:main|olt@lists.example"}
        gone = await post(web, path, act="delete")
        assert "There are no groups yet." in words(gone)
    assert rows(house, Member) == []
    told = [row for row in rows(house, Event) if row["kind"] == EventKind.BROADCAST]
    assert {row["actor"] for row in told} == {"zhang"}
    assert len(told) == 7


async def test_who_is_meant_by_a_name_of_several_is_chosen(house: House) -> None:
    async with client(house) as web:
        path = str((await post(web, "/groups", name="A")).url.path)
        asked = await post(web, path, act="add", word="张三")
        assert (asked.status_code, "Several fit" in words(asked)) == (422, True)
        picks = re.findall(r'name="pick" value="(c\d+)"', asked.text)
        assert len(picks) == 2
        await post(web, path, act="add", pick=picks)
        nobody = await post(web, path, act="add", word="没有这人")
    assert [row["who"] for row in rows(house, Member)] == picks or len(rows(house, Member)) == 2
    assert "Nobody is known like that." in words(nobody)


async def test_what_is_installed_is_noted_and_struck_out(house: House) -> None:
    async with client(house) as web:
        path = str((await post(web, "/groups", name="A")).url.path)
        await post(web, path, act="add", word="李四")
        who = rows(house, Member)[0]["who"]
        wrong = await post(web, path, act="install", who=who, product="OLT", version="最新")
        shown = await post(web, path, act="install", who=who, product="OLT", version="2.3", region="华东")
        assert wrong.status_code == 422
        assert "OLT 2.3 华东" in words(shown)
        await post(web, path, act="install", who=who, product="OLT", version="2.4", region="华东")
        (home,) = rows(house, Installation)
        assert home["version"] == "2.4"
        await post(web, path, act="uninstall", installation=str(home["id"]))
    assert rows(house, Installation) == []


async def test_who_may_not_broadcast_looks_and_changes_nothing(house: House) -> None:
    async with client(house) as web:
        path = str((await post(web, "/groups", name="A")).url.path)
    async with client(house, "li") as web:
        page = await web.get(path)
        assert "You may look." in words(page)
        assert '<form method="post"' not in page.text
        refused = [await post(web, "/groups", name="B"), await post(web, path, act="delete")]
        api = await web.post("/api/v1/groups", json={"name": "B"})
    assert [one.status_code for one in (*refused, api)] == [403, 403, 403]
    assert ["Nothing changed: sign in" in words(one) for one in refused] == [True, True]
    assert [row["name"] for row in rows(house, UserGroup)] == ["A"]


async def test_the_api_does_what_the_pages_do(house: House) -> None:
    async with client(house) as web:
        made = (await web.post("/api/v1/groups", json={"name": "A", "contractual": True})).json()
        same = (await web.post("/api/v1/groups", json={"name": "A", "contractual": True})).json()
        assert (made["answer"], same["answer"], made["id"]) == ("done", "same", same["id"])
        path = f"/api/v1/groups/{made['id']}"
        unclear = await web.post(f"{path}/members", json={"members": ["李四", "张三"]})
        assert unclear.status_code == 422
        assert rows(house, Member) == []
        joined = await web.post(f"{path}/members", json={"members": ["李四", "华信", "im:bot|g7"]})
        assert joined.json()["count"] == 3
        found = (await web.get(f"{path}/members", params={"limit": 2})).json()
        rest = (await web.get(f"{path}/members", params={"limit": 2, "after": found["after"]})).json()
        assert ([len(found["members"]), len(rest["members"])], rest["after"]) == ([2, 1], None)
        member = next(one for one in [*found["members"], *rest["members"]] if one["who"].startswith("k"))
        home = {"owner": member["who"], "product": "OLT", "version": "2.2"}
        noted = (await web.put("/api/v1/groups/installations", json=home)).json()
        listed = (await web.get("/api/v1/groups/installations", params={"owner": member["who"]})).json()
        assert [(one["id"], one["version"]) for one in listed] == [(noted["id"], "2.2")]
        await web.delete(f"/api/v1/groups/installations/{noted['id']}")
        left = await web.delete(f"{path}/members", params={"who": ["im:bot|g7", member["who"]]})
        assert left.json()["count"] == 2
        renamed = await web.patch(path, json={"name": "B", "contractual": False})
        shown = (await web.get(path)).json()
        assert (renamed.json()["answer"], shown["name"], shown["contractual"]) == ("done", "B", False)
        assert (await web.delete(path)).json()["count"] == 1
        assert (await web.get(path)).status_code == 404
        nobody = await web.put("/api/v1/groups/installations", json={**home, "owner": "c1"})
        assert nobody.status_code == 404
