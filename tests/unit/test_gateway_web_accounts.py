"""Signing in on the pages and on the API: cookies that end, rights, and what is the operator's alone."""

import asyncio
import re
import threading
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from channels.settings import Secret
from gateway.accounts import AT_ONCE, WAITING, Session
from gateway.app import House
from gateway.sandbox.house import opened
from gateway.sandbox.logins import QUICK, plant
from gateway.sandbox.people import PASSWORD
from gateway.speed import SpeedClock
from gateway.web.desk import Desk
from gateway.web.server import build_app
from gateway.web.sign_in import local
from store import logins
from store.db import StoreUnavailable
from store.model import Login

HERE, ELSEWHERE = ("127.0.0.1", 5), ("192.0.2.7", 5)
TOKEN, NEW = "a token of some length", "kT7#pq-2vL"


SETTINGS = """
router:
  people:
    zhang: {name: 张三, addresses: {tel: "+8613800000101"}, rights: [broadcast]}
    li: {name: 李雷, addresses: {tel: "+8613800000102"}}
    wang: {name: 王经理, addresses: {tel: "+8613800000103"}, rights: [broadcast, approve]}
  rota: {lead: zhang, second: li, manager: wang}
"""


@pytest.fixture
async def here(town: Any) -> Any:
    """A house whose staff have the passwords of the sandbox."""
    made = await town({}, whole=SETTINGS)
    await plant(made.house)
    return made


@pytest.fixture
def house(here: Any) -> House:
    return here.house  # type: ignore[no-any-return]


def client(house: House, *, peer: Any = ELSEWHERE, token: str = "", auth: Any = None) -> httpx.AsyncClient:
    gateway = house.config.gateway.model_copy(update={"operator_token": Secret(token) if token else None})
    house.config = replace(house.config, gateway=gateway)
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(build_app(house, more=probe, hasher=QUICK), client=peer),
        base_url="http://127.0.0.1:8000",
        headers={"accept-language": "en"},
        auth=auth,
    )


def probe(desk: Desk) -> list[Route]:
    """A page that says who looks, and the same on the API."""

    async def told(request: Request) -> JSONResponse:
        who = desk.person(request)
        return JSONResponse([who, [right for right in ("broadcast", "approve") if desk.may(who, right)]])

    return [Route("/who", told, methods=["GET"]), Route("/api/v1/who", told, methods=["GET"])]


async def send(web: httpx.AsyncClient, path: str, page: str = "/sign-in", **fields: str) -> httpx.Response:
    seal = re.search(r'name="seal" value="(\w+)"', (await web.get(page)).text)
    assert seal
    return await web.post(path, data={"seal": seal[1], **fields})


async def sign_in(web: httpx.AsyncClient, person: str = "zhang", password: str = PASSWORD, **more: str) -> int:
    return (await send(web, "/sign-in", person=person, password=password, **more)).status_code


async def test_one_of_the_staff_signs_in_and_sees_the_pages_for_twelve_hours(here: Any) -> None:
    async with client(here.house) as web:
        before = await web.get("/who")
        wrong = await sign_in(web, password="wrong")
        right = await send(web, "/sign-in", person="张三", password=PASSWORD)
        who, board = await web.get("/who"), await web.get("/")
        here.clock.move(here.clock.now() + timedelta(hours=12, seconds=1))
        later = await web.get("/who")
    assert (before.status_code, wrong, right.status_code, later.status_code) == (403, 403, 303, 403)
    assert who.json() == ["zhang", ["broadcast"]]
    assert '<a href="/account" aria-label="张三: my account">张三</a>' in board.text
    cookie = right.headers["set-cookie"]
    assert ("HttpOnly" in cookie, "SameSite=lax" in cookie, PASSWORD in cookie) == (True, True, False)


async def test_over_https_the_cookie_is_secure(house: House) -> None:
    gateway = house.config.gateway.model_copy(update={"public_url": "https://desk.example"})
    house.config = replace(house.config, gateway=gateway)
    async with client(house) as web:
        answer = await send(web, "/sign-in", person="zhang", password=PASSWORD)
    assert "Secure" in answer.headers["set-cookie"]


async def test_a_cookie_that_is_forged_or_cut_is_nobodys(house: House) -> None:
    async with client(house) as web:
        await sign_in(web)
        cookie = web.cookies["yizhan_session"]
        forged = [cookie[:-1], "x", "", Desk(house).access.session(Session(person="zhang", epoch=1))]
        web.cookies.clear()
        answers = [(await web.get("/who", headers={"cookie": f"yizhan_session={one}"})).status_code for one in forged]
    assert answers == [403] * 4  # the last is signed with the key of another process


async def test_with_a_token_a_sign_in_outlives_the_process(house: House) -> None:
    async with client(house, token=TOKEN) as web:
        await sign_in(web)
        cookies = dict(web.cookies)
    async with client(house, token=TOKEN) as web:
        web.cookies.update(cookies)
        assert (await web.get("/who")).json()[0] == "zhang"


async def test_who_signs_in_comes_back_to_where_they_were_going(house: House) -> None:
    async with client(house) as web:
        refused = await web.get("/rota?days=3&said=done")
        to = re.search(r'href="(/sign-in\?next=[^"]+)"', refused.text)
        assert to
        form = await web.get(to[1])
        answer = await send(web, "/sign-in", person="zhang", password=PASSWORD, next="/rota?days=3")
        elsewhere = await send(web, "/sign-in", person="zhang", password=PASSWORD, next="//evil.example/")
    assert (refused.status_code, 'name="next" value="/rota?days=3"' in form.text) == (403, True)
    assert [one.headers["location"] for one in (answer, elsewhere)] == ["/rota?days=3", "/"]


@pytest.mark.parametrize(
    "path", ["//evil.example", "https://evil.example", "/\\evil.example", "x", "", "/a\nb", "/\t/x", "//[", "http://["]
)
def test_nobody_is_led_elsewhere_by_a_link_to_the_sign_in_page(path: str) -> None:
    assert local(path) == ""


async def test_the_token_is_nobody_and_its_form_is_there_only_with_a_token(house: House) -> None:
    async with client(house) as web:
        assert 'name="token"' not in (await web.get("/sign-in")).text
    async with client(house, token=TOKEN) as web:
        answer = await send(web, "/sign-in", token=TOKEN)
        who = await web.get("/who")
    assert (answer.status_code, who.json()) == (303, [None, []])


async def test_signing_out_ends_this_browser_only_and_everywhere_ends_all(house: House) -> None:
    async with client(house) as one:
        await sign_in(one)
        cookies = dict(one.cookies)
        out = await send(one, "/sign-out", "/account")
        gone = await one.get("/who")
        one.cookies.update(cookies)
        still = await one.get("/who")
        everywhere = await send(one, "/account/everywhere", "/account")
        one.cookies.update(cookies)
        over = await one.get("/who")
    assert [r.status_code for r in (out, gone, still, everywhere, over)] == [303, 403, 200, 303, 403]


async def test_a_new_password_needs_the_old_one_and_ends_other_sessions_but_this(house: House) -> None:
    async with client(house) as web:
        await sign_in(web)
        old = dict(web.cookies)
        given = [
            {"now": PASSWORD, "new": NEW, "again": NEW + "x"},
            {"now": PASSWORD, "new": "short", "again": "short"},
            {"now": "wrong", "new": NEW, "again": NEW},
            {"now": PASSWORD, "new": NEW, "again": NEW},
        ]
        answers = [await send(web, "/account/password", "/account", **one) for one in given]
        here = await web.get("/account?said=changed")
        web.cookies.update(old)
        elsewhere = await web.get("/who")
        again = [await sign_in(web, password=one) for one in (PASSWORD, NEW)]
    assert [r.status_code for r in answers] == [422, 422, 422, 303]
    assert ["differ" in answers[0].text, "too short" in answers[1].text, "now is wrong" in answers[2].text] == [
        True
    ] * 3
    assert NEW not in "".join(one.text for one in answers)
    assert (here.status_code, "is changed" in here.text, elsewhere.status_code, again) == (200, True, 403, [403, 303])


async def test_the_account_says_what_one_may_do_and_leads_strangers_to_the_sign_in(house: House) -> None:
    async with client(house, peer=HERE) as web:
        stranger = await web.get("/account")
        pages = []
        for person in ("wang", "li"):
            await sign_in(web, person)
            pages.append((await web.get("/account")).text)
    assert stranger.headers["location"] == "/sign-in?next=%2Faccount"
    assert ["approve:" in page for page in pages] == [True, False]
    assert "router.people.li.rights" in pages[1]


async def test_a_form_from_elsewhere_changes_nothing(house: House) -> None:
    async with client(house) as web:
        await sign_in(web)
        paths = ("/sign-in", "/sign-out", "/account/password", "/account/everywhere")
        answers = [(await web.post(path, data={"person": "li", "password": PASSWORD})).status_code for path in paths]
        assert (await web.get("/who")).json()[0] == "zhang"
    assert answers == [403] * 4


async def test_a_program_shows_name_and_password_with_every_call(house: House) -> None:
    async with client(house, auth=("wang", PASSWORD)) as web:
        api, page = await web.get("/api/v1/who"), await web.get("/who")
        foreign = {"sec-fetch-site": "cross-site"}
        moved = await web.post("/api/v1/tickets/1/moves", json={"by": "li", "move": "take"}, headers=foreign)
    async with client(house, auth=("wang", "wrong")) as web:
        wrong = await web.get("/api/v1/who")
    assert (api.status_code, api.json()) == (200, ["wang", ["broadcast", "approve"]])
    assert [r.status_code for r in (page, moved, wrong)] == [403, 403, 403]
    assert "page elsewhere" in moved.text


@pytest.mark.parametrize(
    ("peer", "header", "status"),
    [
        pytest.param(HERE, ("zhang", "wrong"), 403, id="one of the staff with a wrong password, from here"),
        pytest.param(HERE, ("proxy", "of its own"), 200, id="the name that a proxy asked for"),
        pytest.param(ELSEWHERE, ("proxy", "of its own"), 403, id="the same from elsewhere"),
    ],
)
async def test_a_password_that_is_shown_is_not_overlooked(house: House, peer: Any, header: Any, status: int) -> None:
    async with client(house, peer=peer, auth=header) as web:
        assert (await web.get("/api/v1/who")).status_code == status


@pytest.mark.parametrize("header", ["Basic", "Basic !!", "Basic /w==", "Basic emhhbmc="])
async def test_a_header_that_cannot_be_read_lets_nobody_in(house: House, header: str) -> None:
    async with client(house) as web:
        assert (await web.get("/api/v1/who", headers={"authorization": header})).status_code == 403


@pytest.mark.parametrize("path", ["/t/1", "/rota", "/ignored"])
async def test_a_form_acts_as_who_signed_in(house: House, path: str) -> None:
    async with client(house) as web:
        await sign_in(web)
        other = await send(web, path, "/account", by="li")
        own = await send(web, path, "/account", by="zhang")
    assert (other.status_code, "in as yourself" in other.text, own.status_code == 403) == (403, True, False)


class Held(PasswordHasher):
    """Waits until it may go on."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.may = threading.Event()

    def verify(self, *given: Any) -> Any:
        self.may.wait()
        return super().verify(*given)


async def test_too_many_passwords_at_once_are_refused_on_page_and_api(house: House) -> None:
    held, desks = Held(), list[Desk]()

    def kept(desk: Desk) -> list[Route]:
        desks.append(desk)
        return probe(desk)

    transport = httpx.ASGITransport(build_app(house, more=kept, hasher=held), client=ELSEWHERE)
    async with httpx.AsyncClient(transport=transport, base_url="http://here", headers={"accept-language": "zh"}) as web:
        verify = desks[0].accounts.verify
        waiting = [asyncio.create_task(verify("nobody", str(number))) for number in range(AT_ONCE + WAITING)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        try:
            refused = [
                await web.get("/api/v1/who", auth=("zhang", "another")),
                await send(web, "/sign-in", person="zhang", password="another"),
            ]
        finally:
            held.may.set()
        assert set(await asyncio.gather(*waiting)) == {None}
        later = await web.get("/api/v1/who", auth=("zhang", PASSWORD))
    told = [(one.status_code, "没有核对密码" in one.text, one.headers["retry-after"]) for one in refused]
    assert (told, later.status_code) == ([(429, True, "5")] * 2, 200)
    assert [row.failures for row in stored(house)] == [0, 0, 0]


async def test_accounts_are_the_operators_and_no_password_comes_out(house: House) -> None:
    path = "/api/v1/accounts/li/password"
    async with client(house, auth=("wang", PASSWORD)) as web:
        calls = [
            web.get("/api/v1/accounts"),
            web.put(path, json={"password": NEW}),
            web.delete(path),
            web.post("/api/v1/accounts/li/unlock"),
        ]
        refused = [(await one).status_code for one in calls]
    async with client(house, peer=HERE) as web:
        flawed = await web.put(path, json={"password": "lilililili1!"})
        done = await web.put(path, json={"password": NEW})
        nobody = await web.put("/api/v1/accounts/nobody/password", json={"password": NEW})
        rows = (await web.get("/api/v1/accounts")).json()
        gone = [(await web.delete(path)).status_code for _ in range(2)]
        unlocked = await web.post("/api/v1/accounts/zhang/unlock")
        after = (await web.get("/api/v1/accounts")).json()
    assert refused == [403] * 4
    assert [r.status_code for r in (flawed, done, nobody, unlocked)] == [422, 200, 404, 200]
    assert [(row["person"], row["rights"], row["staff"]) for row in rows][:2] == [
        ("zhang", ["broadcast"], True),
        ("li", [], True),
    ]
    assert (gone, [row["password_at"] is None for row in after]) == ([200, 404], [False, True, False])
    assert not [word for word in ("digest", "argon2", NEW) if word in str(rows)]


async def test_the_sandbox_tells_its_passwords_and_keeps_one_that_was_changed(
    tmp_path: Path, office: datetime, house: House
) -> None:
    async with client(house) as web:
        assert PASSWORD not in (await web.get("/sign-in")).text
    async with opened(folder=tmp_path / "box", clock=SpeedClock(office), whole=False) as running:
        async with httpx.AsyncClient(base_url=running.url) as web:
            assert PASSWORD in (await web.get("/sign-in")).text
        await Desk(running.house).accounts.give("zhang", NEW, by="zhang")
    async with opened(folder=tmp_path / "box", clock=SpeedClock(office), whole=False) as running:
        found = {row.person: row.epoch for row in stored(running.house)}
    assert found == {"zhang": 2, "li": 1, "wang": 1}


def stored(house: House) -> list[Login]:
    with house.database.read() as connection:
        return logins.listed(connection)


class Gone:
    """A database that is not there."""

    def read(self) -> Any:
        raise StoreUnavailable("gone")


async def test_while_the_store_is_gone_nobody_is_taken_for_a_stranger(house: House) -> None:
    async with client(house, token=TOKEN) as web:
        await sign_in(web)
        cookies = dict(web.cookies)
    there, house.database = house.database, Gone()  # type: ignore[assignment]
    async with client(house, token=TOKEN) as web:
        web.cookies.update(cookies)
        page, api, alive = [await web.get(path) for path in ("/who", "/api/v1/who", "/healthz")]
    house.database = there
    assert [r.status_code for r in (page, api, alive)] == [503, 503, 200]
    assert "not available" in page.text
