"""The pages of packages and their part of the API, before a whole house."""

import asyncio
import fcntl
import os
import re
from base64 import b64encode
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.app import House
from gateway.sandbox.logins import QUICK, plant
from gateway.sandbox.people import PASSWORD
from gateway.web.packages import size_of
from gateway.web.server import build_app, listen, serve
from store import packages
from store.batch import Tx
from store.model import Broadcast, BroadcastState, Package
from store.work import Work

CONTENT = os.urandom(400_000)
DIGEST = sha256(CONTENT).hexdigest()
API = "/api/v1/packages"
WISH = {"name": "网关固件", "version": "2.3.1", "file": "固件.bin", "size": len(CONTENT), "applies": "≥2.0"}
PEOPLE = """
router:
  time_zone: UTC
  people:
    zhang: {name: 张三, addresses: {tel: "+8613800000101"}, rights: [broadcast]}
    li: {name: 李雷, addresses: {tel: "+8613800000102"}, rights: [broadcast]}
    wang: {name: 王五, addresses: {tel: "+8613800000103"}}
  rota: {lead: zhang, second: li}
"""


@pytest.fixture
async def house(town: Any, tmp_path: Path) -> House:
    built = await town({}, whole=f"gateway:\n  broadcasts: {{packages: {{folder: {tmp_path / 'kept'}}}}}{PEOPLE}")
    found: House = built.house
    await plant(found)
    return found


def basic(person: str) -> dict[str, str]:
    return {"authorization": "Basic " + b64encode(f"{person}:{PASSWORD}".encode()).decode()}


@asynccontextmanager
async def client(house: House, person: str = "zhang") -> AsyncIterator[httpx.AsyncClient]:
    """A browser on this machine in which somebody has signed in."""
    transport = httpx.ASGITransport(build_app(house, hasher=QUICK), client=("127.0.0.1", 5))
    base, headers = "http://127.0.0.1:8000", {"accept-language": "en"}
    async with httpx.AsyncClient(transport=transport, base_url=base, headers=headers) as web:
        if person:
            form = {"seal": seal(await web.get("/sign-in")), "person": person, "password": PASSWORD}
            assert (await web.post("/sign-in", data=form)).status_code == 303
        yield web


async def begun(web: httpx.AsyncClient, **more: Any) -> str:
    answer = await web.post(API, json={**WISH, **more})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["package"]["id"])


async def piece(web: httpx.AsyncClient, ident: str, offset: int, content: bytes, **headers: str) -> httpx.Response:
    given = {"upload-offset": str(offset), **headers}
    return await web.patch(f"{API}/{ident}/upload", content=content, headers=given)


async def ready(web: httpx.AsyncClient, **more: Any) -> str:
    ident = await begun(web, **more)
    await piece(web, ident, 0, CONTENT)
    assert (await web.post(f"{API}/{ident}/finish", json={"sha256": DIGEST})).status_code == 200
    return ident


def rows(house: House) -> list[Package]:
    with house.database.read() as connection:
        return [one.package for one in packages.listed(connection)]


async def test_an_upload_in_pieces_is_ready_with_its_checksum(house: House) -> None:
    async with client(house) as web:
        ident = await begun(web)
        first = await piece(web, ident, 0, CONTENT[:100_000])
        asked = await web.get(f"{API}/{ident}/upload")
        head = await web.head(f"{API}/{ident}/upload")
        wrong = await piece(web, ident, 0, CONTENT)
        again = await web.post(API, json=WISH)
        rest = await piece(web, ident, 100_000, CONTENT[100_000:])
        done = await web.post(f"{API}/{ident}/finish", json={"sha256": DIGEST.upper()})
        shown = await web.get(f"{API}/{ident}")
    assert [one.headers["upload-offset"] for one in (first, asked, head, wrong)] == ["100000"] * 4
    assert [one.status_code for one in (first, asked, head, wrong, again, rest)] == [204, 200, 200, 409, 200, 204]
    assert (again.json()["answer"], again.json()["offset"]) == ("resumed", 100_000)
    assert done.json()["answer"] == "ready"
    assert (shown.json()["sha256"], shown.json()["state"], shown.json()["applies"]) == (DIGEST, "ready", ">=2.0")


async def test_refusals_say_what_is_wrong(house: House) -> None:
    async with client(house) as web, client(house, "li") as other:
        ident = await begun(web)
        known = await begun(web, version="3")
        answers = {
            "too_much": await piece(web, ident, 0, CONTENT + b"x"),
            "elsewhere": await web.post(f"{API}/{ident}/finish", json={}),
            "coming": await other.post(API, json=WISH),
            "not_yours": await piece(other, ident, 0, b"x"),
            "unknown_package": await web.get(f"{API}/77/upload"),
            "bad_range": await web.post(API, json={**WISH, "version": "4", "applies": "2.x"}),
            "not_now": await web.post(f"{API}/{known}/revoke", json={}),
        }
        plain = await web.patch(f"{API}/{ident}/upload", content=b"x")
        await piece(web, ident, 0, CONTENT)
        broken = await web.post(f"{API}/{ident}/finish", json={"sha256": "0" * 64})
    assert {key: one.json()["detail"]["answer"] for key, one in answers.items()} == {key: key for key in answers}
    statuses = {key: one.status_code for key, one in answers.items()}
    assert list(statuses.values()) == [413, 409, 409, 403, 404, 422, 409]
    assert plain.status_code == 400
    assert (broken.status_code, "does not have the checksum" in broken.json()["detail"]["says"]) == (422, True)


@pytest.mark.parametrize(("person", "status"), [("", 401), ("wang", 403)])
async def test_only_who_may_broadcast_changes_packages(house: House, person: str, status: int) -> None:
    async with client(house) as web:
        ident = await begun(web)
    async with client(house, person) as web:
        answers = [
            await web.post(API, json={**WISH, "version": "9"}),
            await piece(web, ident, 0, b"x"),
            await web.post(f"{API}/{ident}/finish", json={}),
            await web.post(f"{API}/{ident}/revoke", json={}),
            await web.put(f"{API}/{ident}", json={}),
            await web.delete(f"{API}/{ident}/upload"),
        ]
        page = await web.get("/packages")
        form = await web.post("/packages", files={"file": ("a.bin", b"x")}, data={"name": "a", "version": "1"})
    assert [one.status_code for one in answers] == [status] * 6
    assert (form.status_code, 'id="upload"' in page.text) == (403, False)
    assert [one.received for one in rows(house)] == [0]


async def test_a_page_elsewhere_can_upload_nothing(house: House) -> None:
    async with client(house) as web:
        ident = await begun(web)
        foreign = {"sec-fetch-site": "cross-site"}
        answer = await piece(web, ident, 0, CONTENT, **foreign)
        form = await web.post("/packages", files={"file": ("a.bin", b"x")}, data={"seal": "0" * 32})
    assert (answer.status_code, form.status_code) == (403, 403)
    assert [one.received for one in rows(house)] == [0]


async def test_an_edit_a_drop_and_a_revoke(house: House) -> None:
    async with client(house) as web:
        ident, other = await ready(web), await begun(web, version="3")
        edited = await web.put(f"{API}/{ident}", json={"notes": {"zh": "修复", "en": "mends"}, "product": "网关"})
        dropped = await web.delete(f"{API}/{other}/upload")
        revoked = await web.post(f"{API}/{ident}/revoke", json={"why": "bad"})
        listed = await web.get(API)
        taken = await web.post(API, json=WISH)
    answers = [one.json()["answer"] for one in (edited, dropped, revoked)]
    assert answers == ["edited", "dropped", "revoked"]
    assert [(one["state"], one["notes"]["en"]) for one in listed.json()] == [("revoked", "mends")]
    assert taken.json()["detail"]["answer"] == "taken"
    assert await house.storage.size(ident) is None


@pytest.fixture
async def port(house: House) -> AsyncIterator[int]:
    sock, stop = listen("127.0.0.1", 0), asyncio.Event()
    serving = asyncio.create_task(serve(build_app(house, hasher=QUICK), stop=stop, sock=sock))
    yield sock.getsockname()[1]
    stop.set()
    await serving


async def test_a_line_that_is_cut_in_the_middle_of_a_piece_keeps_what_came(house: House, port: int) -> None:
    base = f"http://127.0.0.1:{port}"
    async with httpx.AsyncClient(base_url=base, headers=basic("zhang")) as web:
        ident = await begun(web)
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        head = [
            f"PATCH {API}/{ident}/upload HTTP/1.1",
            f"Host: 127.0.0.1:{port}",
            "Upload-Offset: 0",
            f"Content-Length: {len(CONTENT)}",
            f"Authorization: {basic('zhang')['authorization']}",
        ]
        writer.write("\r\n".join([*head, "", ""]).encode() + CONTENT[:123_456])
        await writer.drain()
        writer.close()
        at = 0
        async with asyncio.timeout(5):
            while at != 123_456:
                at = int((await web.head(f"{API}/{ident}/upload")).headers["upload-offset"])
        answer = await piece(web, ident, at, CONTENT[at:])
        while answer.status_code == 423:
            answer = await piece(web, ident, at, CONTENT[at:])
        done = await web.post(f"{API}/{ident}/finish", json={"sha256": DIGEST})
    assert done.json()["answer"] == "ready"


# the pages


def seal(page: httpx.Response) -> str:
    found = re.search(r'name="seal" value="(\w+)"', page.text)
    assert found
    return found[1]


def words(page: httpx.Response) -> str:
    """What a page says, without its markup."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text))


FORM = {
    "name": "网关固件",
    "version": "2.3.1",
    "applies": ">=2.0 <2.3",
    "notes_zh": "修复",
    "notes_en": "",
    "product": "",
}


async def formed(
    web: httpx.AsyncClient, content: bytes = CONTENT, file: str = "固件.bin", **more: str
) -> httpx.Response:
    data = {"seal": seal(await web.get("/packages")), **FORM, **more}
    return await web.post("/packages", data=data, files={"file": (file, content)})


async def test_the_form_without_script_takes_a_package(house: House) -> None:
    async with client(house) as web:
        answer = await formed(web, file="../固件.bin")
        page = await web.get(answer.headers["location"])
        chinese = await web.get("/packages?lang=zh")
    (one,) = rows(house)
    assert answer.status_code == 303
    assert (one.file, one.sha256, one.state, one.notes) == ("固件.bin", DIGEST, "ready", {"zh": "修复"})
    assert "The package is whole and ready." in words(page)
    assert DIGEST in page.text
    assert "可下载" in words(chinese)
    assert len(chinese.content) <= 30_000


async def test_a_form_that_is_refused_comes_back_with_what_was_typed(house: House, tmp_path: Path) -> None:
    async with client(house) as web:
        ranged = await formed(web, applies="2.x")
        empty = await formed(web, content=b"")
        await formed(web)
        taken = await formed(web, content=b"other")
        unread = await web.post("/packages", content=b"x", headers={"content-type": "multipart/form-data; boundary=q"})
    assert [one.status_code for one in (ranged, empty, taken, unread)] == [422, 422, 409, 400]
    assert 'value="2.x"' in ranged.text
    assert "write it as &gt;=2.0 &lt;2.3" in ranged.text
    assert len(rows(house)) == 1
    assert list((tmp_path / "kept" / "parts").iterdir()) == []


@pytest.mark.parametrize(
    ("most", "status", "said"),
    [
        (10**18, 507, "There is not enough room on the gateway&#39;s disk."),
        (10**9, 413, "gateway.broadcasts.packages.most"),
    ],
)
async def test_a_form_without_room_is_refused_before_its_file(
    town: Any, tmp_path: Path, most: int, status: int, said: str
) -> None:
    packages_ = f"{{packages: {{folder: {tmp_path / 'kept'}, most: {most}}}}}"
    built = (await town({}, whole=f"gateway:\n  broadcasts: {packages_}{PEOPLE}")).house
    await plant(built)
    async with client(built) as web:
        form = {"seal": seal(await web.get("/packages")), **FORM}
        given = web.build_request("POST", "/packages", data=form, files={"file": ("a.bin", b"x")})
        given.headers["content-length"] = str(10**17)
        answer = await web.send(given)
    assert (answer.status_code, said in answer.text, 'value="2.3.1"' in answer.text) == (status, True, True)
    assert rows(built) == []
    assert list((tmp_path / "kept" / "parts").iterdir()) == []


async def test_a_form_for_what_is_being_written_changes_nothing(house: House, tmp_path: Path) -> None:
    async with client(house) as web:
        ident = await begun(web)
        await piece(web, ident, 0, CONTENT[:10])
        with (tmp_path / "kept" / "parts" / f"{ident}.part").open("ab") as writer:
            fcntl.flock(writer, fcntl.LOCK_EX)
            answer = await formed(web)
    assert answer.headers["location"] == f"/packages/{ident}?said=busy"
    assert rows(house)[0].state == "coming"


async def test_a_page_offers_to_go_on_and_to_give_up(house: House) -> None:
    async with client(house) as web:
        ident = await begun(web)
        await piece(web, ident, 0, CONTENT[:200_000])
        page = await web.get(f"/packages/{ident}")
        again = await web.get(f"/packages?again={ident}")
        gone = await web.post(f"/packages/{ident}", data={"seal": seal(page), "act": "drop"})
    assert "being uploaded 50%" in words(page)
    assert 'value="2.3.1"' in again.text
    assert (gone.status_code, rows(house)) == (303, [])


async def test_a_whole_file_that_was_not_checked_is_finished_from_its_page(house: House) -> None:
    async with client(house) as web:
        ident = await begun(web)
        await piece(web, ident, 0, CONTENT)
        page = await web.get(f"/packages/{ident}")
        done = await web.post(f"/packages/{ident}", data={"seal": seal(page), "act": "finish"})
    assert "not checked yet" in words(page)
    assert done.headers["location"].endswith("said=ready")
    assert rows(house)[0].sha256 == DIGEST


async def test_revoking_asks_first_and_says_what_it_means(house: House) -> None:
    async with client(house) as web:
        ident = await ready(web)
        ask = await web.get(f"/packages/{ident}/revoke")
        edited = await web.post(
            f"/packages/{ident}", data={"seal": seal(ask), "act": "edit", **FORM, "intranet": "yes"}
        )
        done = await web.post(f"/packages/{ident}", data={"seal": seal(ask), "act": "revoke", "why": "坏了"})
        page = await web.get(done.headers["location"])
        missing = await web.get("/packages/7")
    assert "links that were sent end at once" in words(ask)
    assert "said=edited" in edited.headers["location"]
    assert "intranet only" in words(page)
    assert "revoked by 张三" in words(page)
    assert missing.status_code == 404


async def test_revoking_names_the_broadcasts_that_would_go_on_sending_links(house: House) -> None:
    async with client(house) as web:
        ident = await ready(web)
        await house.writer.do(running, int(ident))
        ask = await web.get(f"/packages/{ident}/revoke")
        page = await web.get(f"/packages/{ident}")
    assert "pause or cancel them first: 7 固件升级" in words(ask)
    assert 'href="/broadcasts/7"' in page.text


def running(tx: Tx, items: Sequence[int]) -> list[None]:
    """Write a broadcast that hands a package out."""
    work = Work(tx)
    for ident in items:
        about: dict[str, Any] = {"title": "固件升级", "author": "zhang", "at": tx.now, "state": BroadcastState.RUNNING}
        work.add(Broadcast(id=work.id(), number=7, package_id=ident, **about))
    work.flush()
    return [None] * len(items)


BAD_FORMS = {
    "a field after the file": [("file", "a.bin", b"x"), ("name", None, b"x")],
    "two files": [("file", "a.bin", b"x"), ("file", "b.bin", b"x")],
    "too many fields": [(f"f{n}", None, b"x") for n in range(50)],
    "a field that is too long": [("notes_zh", None, b"x" * 300_000)],
}


@pytest.mark.parametrize("parts", BAD_FORMS.values(), ids=BAD_FORMS.keys())
async def test_a_form_of_another_shape_is_refused_and_leaves_nothing(
    house: House, tmp_path: Path, parts: list[tuple[str, str | None, bytes]]
) -> None:
    async with client(house) as web:
        seal_ = seal(await web.get("/packages"))
        laid = b""
        for name, file, content in [("seal", None, seal_.encode()), *parts]:
            more = f'; filename="{file}"' if file else ""
            laid += f'--Q\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'.encode() + content + b"\r\n"
        kind = {"content-type": "multipart/form-data; boundary=Q"}
        answer = await web.post("/packages", content=laid + b"--Q--\r\n", headers=kind)
    assert answer.status_code == 400
    assert rows(house) == []
    assert await asyncio.to_thread(lambda: list((tmp_path / "kept" / "parts").iterdir())) == []


def test_sizes_are_written_as_people_read_them() -> None:
    given = (0, 999, 1_000, 123_456, 2_147_483_648, 8_000_000_000_000)
    assert [size_of(one) for one in given] == ["0 B", "999 B", "1.0 KB", "123 KB", "2.1 GB", "8000 GB"]
