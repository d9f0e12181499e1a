"""The pages that a recipient sees, through the whole web layer: what they say, hand out, count and refuse."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from channels.contract import Can
from gateway import log
from gateway.web.server import build_app, listen, serve
from store.db import table_of
from store.model import Broadcast, Message, Package, Recipient
from store.writer import Tx
from tests.parcels import BODY, CODE, sent

SMS = Can(book="tel", confirms=True)
BROWSER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/126.0 Safari/537.36"
CHAT = "Mozilla/5.0 (Linux; Android 14) Mobile Safari/537.36 MicroMessenger/8.0.50"
ELSEWHERE = ("192.0.2.7", 5)
TAG = f'"{sha256(BODY).hexdigest()}"'
Ask = Callable[..., httpx.AsyncClient]


@pytest.fixture
async def here(town: Any, tmp_path: Path) -> Any:
    support = f"  broadcasts: {{support: 400-800-1234, packages: {{folder: {tmp_path}/packages}}}}\n"
    return await town({"sms:main": SMS}, gateway=support)


@pytest.fixture
def ask(here: Any) -> Ask:
    """A client anywhere in the world: nothing but the address lets it in."""
    app = build_app(here.house)

    def client(peer: tuple[str, int] = ELSEWHERE, **headers: str) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(app, client=peer),
            base_url="http://127.0.0.1:8000",
            headers={"user-agent": BROWSER, "accept-language": "en", **headers},
        )

    return client


async def changed(here: Any, noun: type, **values: Any) -> None:
    def move(tx: Tx, items: list[None]) -> list[None]:
        tx.connection.execute(update(table_of(noun)).values(**values))
        return items

    await here.house.writer.do(move, None)


def row(here: Any) -> Any:
    return here.rows(Recipient)[0]


def seal(page: httpx.Response) -> str:
    found = re.search(r'name="seal" value="(\w+)"', page.text)
    assert found
    return found[1]


async def test_the_page_tells_all_one_must_know_in_the_language_of_the_recipient(here, ask, tmp_path) -> None:
    path = await sent(here.house, tmp_path, package={"intranet": True})
    async with ask() as client:
        page = await client.get(path)
    assert page.status_code == 200
    for words in ("采集网关升级包 2.3.1", "采集网关 2.3.1.zip", "300.0 KB (307,200 字节)", "&gt;=2.0 &lt;2.3"):
        assert words in page.text
    for words in ("采集网关 2.1", TAG.strip('"'), "修复断线重连。", "仅内网", "2026-12-08 03:00 UTC"):
        assert words in page.text
    for words in (f'href="{path}/file"', "<svg", f"http://127.0.0.1:8000{path}"):
        assert words in page.text
    head = page.headers
    assert (head["cache-control"], head["referrer-policy"]) == ("no-store", "no-referrer")
    assert head["x-robots-tag"] == "noindex, nofollow"
    assert head["content-security-policy"].startswith("default-src 'none'; style-src 'sha256-")
    assert len(page.content) <= 8_000


async def test_the_reader_may_choose_another_language(here, ask, tmp_path) -> None:
    path = await sent(here.house, tmp_path)
    async with ask() as client:
        page = await client.get(path, params={"lang": "en"})
        again = await client.get(path)
    assert ["Reconnects again." in one.text and 'lang="en"' in one.text for one in (page, again)] == [True, True]
    assert "Intranet only" not in page.text


async def test_a_browser_inside_a_chat_app_is_led_out_of_it_first(here, ask, tmp_path) -> None:
    path = await sent(here.house, tmp_path)
    async with ask(**{"user-agent": CHAT}) as client:
        page = (await client.get(path)).text
    order = ("在浏览器打开", "<svg", "采集网关升级包 2.3.1</h2>", ">下载</a>")
    assert sorted(order, key=page.index) == list(order)
    assert page.count("<svg") == 1


async def test_a_broadcast_without_a_package_shows_its_words(here, ask, tmp_path) -> None:
    path = await sent(here.house, tmp_path, package={}, name="<陈>")
    async with ask() as client:
        page, file = await client.get(path), await client.get(f"{path}/file")
    assert "&lt;陈&gt;，今晚停机一小时。" in page.text
    assert ("/file" in page.text, file.status_code) == (False, 404)


async def test_only_a_person_with_a_browser_opens_a_page(here, ask, tmp_path) -> None:
    path = await sent(here.house, tmp_path)
    async with ask() as client:
        await client.head(path)
        await client.get(path, headers={"user-agent": "TelegramBot (like TwitterBot)"})
        await client.get(path, headers={"sec-purpose": "prefetch;prerender"})
        assert row(here)["opened_at"] is None
        await client.get(path)
        first = row(here)["opened_at"]
        await here.forward(minutes=5)
        await client.get(path)
    assert (first is not None, row(here)["opened_at"]) == (True, first)


async def test_the_file_is_whole_and_saved_under_its_own_name(here, ask, tmp_path) -> None:
    path = await sent(here.house, tmp_path)
    async with ask(**{"accept-encoding": "gzip"}) as client:
        file = await client.get(f"{path}/file")
    assert (file.status_code, file.content == BODY) == (200, True)
    head = file.headers
    assert (head["etag"], head["accept-ranges"], head["content-length"]) == (TAG, "bytes", str(len(BODY)))
    assert "filename*=UTF-8''%E9%87%87%E9%9B%86%E7%BD%91%E5%85%B3%202.3.1.zip" in head["content-disposition"]
    assert (head["cache-control"], head["x-content-type-options"]) == ("private, no-cache", "nosniff")
    assert ("content-encoding" in head, "set-cookie" in head) == (False, False)
    assert row(here)["downloaded_at"] is not None


async def test_only_bytes_up_to_the_last_one_count_as_fetched(here, ask, tmp_path) -> None:
    file = f"{await sent(here.house, tmp_path)}/file"
    async with ask() as client:
        head = await client.head(file)
        part = await client.get(file, headers={"range": "bytes=0-99"})
        tail = await client.head(file, headers={"range": "bytes=-10"})
        beyond = await client.get(file, headers={"range": f"bytes={len(BODY)}-"})
        cached = await client.get(file, headers={"if-none-match": TAG})
        assert [one.status_code for one in (head, part, tail, beyond, cached)] == [200, 206, 206, 416, 304]
        assert (head.headers["content-length"], head.content, tail.content) == (str(len(BODY)), b"", b"")
        assert (part.content, part.headers["content-range"]) == (BODY[:100], f"bytes 0-99/{len(BODY)}")
        assert beyond.headers["content-range"] == f"bytes */{len(BODY)}"
        assert row(here)["downloaded_at"] is None
        rest = await client.get(file, headers={"range": "bytes=100-", "if-range": TAG})
    assert (rest.status_code, part.content + rest.content == BODY) == (206, True)
    assert row(here)["downloaded_at"] is not None


async def test_a_file_that_changed_is_sent_whole_to_whoever_resumes(here, ask, tmp_path) -> None:
    file = f"{await sent(here.house, tmp_path)}/file"
    async with ask() as client:
        answer = await client.get(file, headers={"range": "bytes=100-", "if-range": '"another"'})
    assert (answer.status_code, len(answer.content)) == (200, len(BODY))


@pytest.fixture
async def served(here: Any) -> AsyncIterator[str]:
    """The address of a real server: what a test client hands over at once goes over a socket there."""
    sock, stop = listen("127.0.0.1", 0), asyncio.Event()
    serving = asyncio.create_task(serve(build_app(here.house), stop=stop, sock=sock))
    yield f"http://127.0.0.1:{sock.getsockname()[1]}"
    stop.set()
    await serving


async def test_whoever_goes_away_in_the_middle_has_not_fetched_it(here, served, tmp_path) -> None:
    url = f"{served}{await sent(here.house, tmp_path, package={'size': 40 * len(BODY)}, body=BODY * 40)}/file"
    async with httpx.AsyncClient() as client:
        async with client.stream("GET", url) as response:
            got = await anext(response.aiter_raw(65_536))
        for _ in range(20):  # what is under way ends; the connection was closed at the far end
            await asyncio.sleep(0.01)
        assert row(here)["downloaded_at"] is None
        rest = await client.get(url, headers={"range": f"bytes={len(got)}-", "if-range": response.headers["etag"]})
    assert (rest.status_code, got + rest.content == BODY * 40) == (206, True)
    while row(here)["downloaded_at"] is None:  # noqa: ASYNC110 - written once the far end has the last byte
        await asyncio.sleep(0.01)


async def test_a_file_that_lost_its_end_breaks_off_and_is_not_called_whole(here, served, tmp_path) -> None:
    url = f"{served}{await sent(here.house, tmp_path, package={'size': len(BODY) + 1})}/file"
    async with httpx.AsyncClient() as client:
        with pytest.raises(httpx.RemoteProtocolError):
            await client.get(url)
    assert row(here)["downloaded_at"] is None


async def test_a_package_that_cannot_be_read_is_told_and_not_begun(here, ask, tmp_path) -> None:
    path = await sent(here.house, tmp_path)
    await here.house.storage.delete("p1")
    async with ask() as client:
        answer = await client.get(f"{path}/file")
    assert (answer.status_code, "几分钟" in answer.text, row(here)["downloaded_at"]) == (503, True, None)


@pytest.mark.parametrize(
    "twisted",
    [
        pytest.param(lambda path: f"{path[:-1]}{'A' if path[-1] != 'A' else 'B'}", id="a forged signature"),
        pytest.param(lambda path: path.replace("/p/10-", "/p/11-"), id="of somebody else"),
        pytest.param(lambda path: "/p/10", id="none"),
        pytest.param(lambda path: "/p/" + "z" * 5_000, id="much"),
        pytest.param(lambda path: "/p/升级", id="words"),
    ],
)
async def test_an_address_that_is_not_ours_shows_nothing(here, ask, tmp_path, twisted) -> None:
    path = twisted(await sent(here.house, tmp_path))
    async with ask() as client:
        answers = [await client.get(path), await client.get(f"{path}/file"), await client.post(f"{path}/wrong")]
    assert [one.status_code for one in answers] == [404] * 3
    assert ["采集网关" in one.text for one in answers] == [False] * 3


@pytest.mark.parametrize(
    ("gone", "said"),
    [
        pytest.param(lambda here: here.forward(days=14), "已过期", id="expired"),
        pytest.param(lambda here: changed(here, Broadcast, revoked_at=here.clock.now()), "已撤回", id="revoked"),
        pytest.param(lambda here: changed(here, Package, revoked_at=here.clock.now()), "已撤回", id="package revoked"),
    ],
)
async def test_what_holds_no_more_says_whom_to_ask(here, ask, tmp_path, gone, said) -> None:
    path = await sent(here.house, tmp_path)
    async with ask() as client:
        await here.forward(days=13, hours=23)
        assert (await client.get(path)).status_code == 200
        await gone(here)
        page, file = await client.get(path), await client.get(f"{path}/file")
    told = [(one.status_code, said in one.text, "400-800-1234" in one.text) for one in (page, file)]
    assert told == [(410, True, True)] * 2
    assert (f"{path}/file" in page.text, f'{path}/wrong"' in page.text) == (False, True)


async def test_a_code_leads_to_its_page(here, ask, tmp_path) -> None:
    path = await sent(here.house, tmp_path)
    async with ask() as client:
        form = await client.get("/p")
        answer = await client.post("/p", data={"seal": seal(form), "code": " abcd-2345"})
    assert (form.status_code, answer.status_code, answer.headers["location"]) == (200, 303, path)
    assert form.headers["x-robots-tag"] == "noindex, nofollow"


async def test_wrong_and_old_codes_are_answered_alike_and_five_of_them_pause(here, ask, tmp_path) -> None:
    await sent(here.house, tmp_path)
    await changed(here, Broadcast, revoked_at=here.clock.now())
    async with ask() as client, ask(("192.0.2.8", 5)) as other:
        given = {"seal": seal(await client.get("/p"))}
        shape = await client.post("/p", data={**given, "code": "OOOO1111"})
        old, wrong = [await client.post("/p", data={**given, "code": code}) for code in (CODE, "ABCD2346")]
        assert [one.status_code for one in (shape, old, wrong)] == [422, 404, 404]
        assert old.text.replace(CODE, "") == wrong.text.replace("ABCD2346", "")
        more = [await client.post("/p", data={**given, "code": "ABCD2347"}) for _ in range(4)]
        assert [one.status_code for one in more] == [404, 404, 404, 429]
        assert more[-1].headers["retry-after"] == "600"
        await changed(here, Broadcast, revoked_at=None)
        assert (await client.post("/p", data={**given, "code": CODE})).status_code == 429
        others = {"seal": seal(await other.get("/p"))}
        assert (await other.post("/p", data={**others, "code": CODE})).status_code == 303
        await here.forward(minutes=10)
        assert (await client.post("/p", data={**given, "code": CODE})).status_code == 303


async def test_codes_tried_at_once_are_no_more_than_one_after_another(here, ask, tmp_path) -> None:
    await sent(here.house, tmp_path)
    async with ask() as client:
        given = {"seal": seal(await client.get("/p"))}
        right = [(await client.post("/p", data={**given, "code": CODE})).status_code for _ in range(6)]
        tries = [client.post("/p", data={**given, "code": f"ABCD234{digit}"}) for digit in "6789ABCD"]
        wrong = [one.status_code for one in await asyncio.gather(*tries)]
    assert (right, sorted(wrong)) == ([303] * 6, [404] * 5 + [429] * 3)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({"sec-fetch-site": "same-origin"}, 303, id="our own page"),
        pytest.param({"origin": "null"}, 303, id="a page that sends no referrer, in an older browser"),
        pytest.param({"sec-fetch-site": "cross-site"}, 403, id="a page elsewhere"),
        pytest.param({"origin": "https://evil.example"}, 403, id="a page elsewhere, in an older browser"),
    ],
)
async def test_forms_of_pages_elsewhere_are_refused(here, ask, tmp_path, headers, status) -> None:
    path = await sent(here.house, tmp_path)
    async with ask() as client:
        given = {"seal": seal(await client.get(path)), "what": "起不来"}
        assert (await client.post(f"{path}/wrong", data=given, headers=headers)).status_code == status
        bare = await client.post(f"{path}/wrong", data={**given, "seal": "0" * 32}, headers=headers)
    assert (bare.status_code, len(here.rows(Message)) > 0) == (403, status == 303)


async def test_nobody_fills_the_memory_by_a_form(here, ask, tmp_path) -> None:
    path = await sent(here.house, tmp_path)
    async with ask() as client:
        given = {"seal": seal(await client.get(path)), "what": "坏" * 900}
        answers = [await client.post(f"{path}/wrong", data=given | more) for more in ({}, {"what": "x" * 40_000})]
    assert [one.status_code for one in answers] == [303, 413]
    assert "went wrong" in answers[1].text


async def test_only_these_pages_are_open_to_everybody(ask) -> None:
    paths = ("/", "/packages", "/pp", "/paste", "/p")
    async with ask() as client:
        assert [(await client.get(one)).status_code for one in paths] == [403] * 4 + [200]


async def test_what_fails_is_logged_without_the_address(here, ask, tmp_path, capsys) -> None:
    path = await sent(here.house, tmp_path)
    await here.house.storage.delete("p1")
    log.set_up()
    async with ask() as client:
        await client.get(f"{path}/file")
    lines = capsys.readouterr().err
    assert ("a package cannot be read" in lines, path.rpartition("-")[2] in lines) == (True, False)
