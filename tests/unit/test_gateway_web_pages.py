"""The web layer before a whole house: who may come in, what forms do, what the API says."""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from channels.contract import Inbound
from channels.settings import Secret
from gateway.app import House
from gateway.files import Files
from gateway.moves import Moves, Wish
from gateway.sandbox.house import Running, opened
from gateway.speed import SpeedClock
from gateway.web.desk import Desk
from gateway.web.server import build_app
from router.commands import Command
from router.grammar import Intent
from store.quarantine import quarantine_message
from store.writer import Tx

HERE = ("127.0.0.1", 5)
ELSEWHERE = ("192.0.2.7", 5)
TOKEN = "a token of some length"
FAULT = "滨江机房全部断电，业务中断"


@pytest.fixture
async def sandbox(tmp_path: Path, office: datetime) -> AsyncIterator[Running]:
    async with opened(folder=tmp_path, clock=SpeedClock(office), whole=False) as running:
        running.box.clock.run(0)
        yield running


@pytest.fixture
def house(sandbox: Running) -> House:
    return sandbox.house


def client(house: House, *, peer: tuple[str, int] = HERE, token: str = "", **headers: str) -> httpx.AsyncClient:
    gateway = house.config.gateway.model_copy(update={"operator_token": Secret(token) if token else None})
    house.config = replace(house.config, gateway=gateway)
    app = build_app(house)
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app, client=peer),
        base_url="http://127.0.0.1:8000",
        headers={"accept-language": "en", **headers},
    )


async def reported(sandbox: Running, text: str = FAULT) -> None:
    await sandbox.box.text("+8613900000001", text)


def seal(page: httpx.Response) -> str:
    found = re.search(r'name="seal" value="(\w+)"', page.text)
    assert found
    return found[1]


def shown_version(page: httpx.Response) -> str:
    found = re.search(r'name="version" value="(\d+)"', page.text)
    assert found
    return found[1]


@pytest.mark.parametrize(
    ("peer", "headers", "status"),
    [
        pytest.param(HERE, {}, 200, id="this machine itself"),
        pytest.param(("::1", 5), {}, 200, id="this machine by IPv6"),
        pytest.param(ELSEWHERE, {}, 403, id="another machine"),
        pytest.param(HERE, {"x-forwarded-for": "192.0.2.7"}, 403, id="through a proxy"),
        pytest.param(HERE, {"forwarded": "for=192.0.2.7"}, 403, id="through a proxy that says so by RFC 7239"),
        pytest.param(HERE, {"host": "board.example:8000"}, 403, id="under a name that is not ours"),
        pytest.param(HERE, {"host": "a{b.board.example:8000"}, 403, id="under one that no machine may have"),
        pytest.param(HERE, {"host": "board.example:99999"}, 403, id="with a port that there is not"),
        pytest.param(HERE, {"host": "[board.example"}, 403, id="under what cannot be read"),
        pytest.param(HERE, {"host": ""}, 403, id="under no name"),
        pytest.param(HERE, {"host": "[::1]:8000"}, 200, id="under a name of ours"),
        pytest.param(ELSEWHERE, {"authorization": f"Bearer {TOKEN}"}, 403, id="a token where none is set"),
    ],
)
async def test_without_a_token_the_pages_answer_this_machine_only(house, peer, headers, status) -> None:
    async with client(house, peer=peer) as web:
        answers = [await web.get(path, headers=headers) for path in ("/", "/t/1", "/api/v1/tickets", "/metrics")]
    expected = [status, 404, status, status] if status == 200 else [status] * 4
    assert [answer.status_code for answer in answers] == expected
    assert status == 200 or "operator_token" in answers[0].text


@pytest.mark.parametrize("number", [2**63, 10**30, "9" * 5000])
async def test_a_number_that_no_store_can_hold_is_not_found(house, number) -> None:
    pages = ("/broadcasts/N", "/groups/N", "/packages/N", "/t/N")
    asked = (*pages, *(f"/api/v1{path}" for path in pages[:3]), "/api/v1/tickets/N", "/api/v1/groups/+N")
    async with client(house) as web:
        answers = [(await web.get(path.replace("N", str(number)))).status_code for path in asked]
        greatest = await web.get(f"/broadcasts/{2**63 - 1}")
    assert answers == [404] * len(asked)
    assert greatest.status_code == 404


async def test_health_and_static_files_and_signed_links_are_open_to_all(sandbox) -> None:
    await sandbox.box.quiet(3)
    async with client(sandbox.house, peer=ELSEWHERE) as web:
        paths = ("/healthz", "/readyz", "/static/yizhan.css", "/a/forged", "/e/forged", "/s/forged", "/sign-in")
        answers = [(await web.get(path)).status_code for path in paths]
    assert answers == [200, 200, 200, 403, 403, 403, 200]


@pytest.mark.parametrize(
    ("given", "status"),
    [
        pytest.param(f"Bearer {TOKEN}", 200, id="the right token"),
        pytest.param("Bearer another", 403, id="a wrong one"),
        pytest.param(f"Basic {TOKEN}", 403, id="another scheme"),
    ],
)
async def test_with_a_token_the_api_answers_anybody_who_has_it(house, given, status) -> None:
    async with client(house, peer=ELSEWHERE, token=TOKEN, authorization=given) as web:
        assert (await web.get("/api/v1/tickets")).status_code == status


async def test_who_signs_in_with_the_token_sees_the_pages_for_twelve_hours(sandbox) -> None:
    async with client(sandbox.house, peer=ELSEWHERE, token=TOKEN) as web:
        form = await web.get("/sign-in")
        wrong = await web.post("/sign-in", data={"seal": seal(form), "token": "wrong"})
        right = await web.post("/sign-in", data={"seal": seal(form), "token": TOKEN})
        inside = await web.get("/")
        sandbox.box.clock.move(sandbox.box.clock.now() + timedelta(hours=12, seconds=1))
        later = await web.get("/")
    assert [r.status_code for r in (wrong, right, inside, later)] == [403, 303, 200, 403]
    assert TOKEN not in right.headers["set-cookie"]


async def test_every_answer_carries_the_headers_that_browsers_need(house) -> None:
    async with client(house) as web:
        page, link = await web.get("/"), await web.get("/a/forged")
        style = await web.get("/static/yizhan.css")
    assert page.headers["content-security-policy"].startswith("default-src 'self';")
    assert (page.headers["cache-control"], style.headers["cache-control"]) == ("no-store", "max-age=604800")
    assert (link.headers["referrer-policy"], link.headers["cache-control"]) == ("no-referrer", "no-store")
    assert link.headers["x-robots-tag"] == "noindex, nofollow"


@pytest.mark.parametrize(
    ("headers", "sealed", "cookie"),
    [
        pytest.param({}, "forged", True, id="a seal that is not ours"),
        pytest.param({}, "", False, id="a browser that never saw the form"),
        pytest.param({"sec-fetch-site": "cross-site"}, "own", True, id="a page elsewhere"),
        pytest.param({"origin": "https://evil.example"}, "own", True, id="a page elsewhere in an old browser"),
    ],
)
async def test_a_form_that_is_not_ours_changes_nothing(sandbox, headers, sealed, cookie) -> None:
    await reported(sandbox)
    async with client(sandbox.house) as web:
        page = await web.get("/t/1001")
        if not cookie:
            web.cookies.clear()
        given = {"seal": seal(page) if sealed == "own" else sealed, "move": "take", "by": "zhang"}
        answer = await web.post("/t/1001", data=given, headers=headers)
        state = (await web.get("/api/v1/tickets")).json()[0]["state"]
    assert (answer.status_code, state) == (403, "paging")


async def test_a_move_made_twice_from_one_page_happens_once(sandbox) -> None:
    await reported(sandbox)
    async with client(sandbox.house) as web:
        page = await web.get("/t/1001")
        form = {"seal": seal(page), "version": shown_version(page), "by": "zhang", "move": "escalate"}
        answers = [await web.post("/t/1001", data=form) for _ in range(2)]
        told = (await web.get("/api/v1/tickets/1001")).json()["events"]
    assert [answer.status_code for answer in answers] == [303, 409]
    assert [event["more"]["by"] for event in told if event["kind"] == "escalated"] == ["web"]


@pytest.mark.parametrize(
    ("form", "said"),
    [
        pytest.param({"move": "resolve", "text_resolve": ""}, "Something is missing", id="a solution without words"),
        pytest.param({"move": "dance"}, "Something is missing", id="a move that there is not"),
        pytest.param({"move": "note", "text_note": "x", "by": "nobody"}, "Something is missing", id="nobody"),
        pytest.param({"move": "undo"}, "nothing to undo", id="nothing to undo"),
    ],
)
async def test_a_refused_move_says_why_on_the_page(sandbox, form, said) -> None:
    await reported(sandbox)
    async with client(sandbox.house) as web:
        page = await web.get("/t/1001")
        given = {"seal": seal(page), "version": shown_version(page), "by": "zhang", **form}
        answer = await web.post("/t/1001", data=given)
    assert (answer.status_code, said in answer.text) == (422, True)


def propose(house: House, level: int) -> Any:
    """A move that puts a milder level on the ticket, as a second opinion does."""

    def move(tx: Tx, items: Sequence[None]) -> list[None]:
        files = Files(tx, house.standing)
        files.work.change(files.load_numbers([1001])[0].ticket, proposed=level)
        files.work.flush()
        return [None] * len(items)

    return move


@pytest.mark.parametrize(("choice", "level"), [pytest.param("3", 3, id="accepted"), pytest.param("1", 1, id="kept")])
async def test_a_proposed_level_is_shown_and_settled_with_one_click(sandbox, choice, level) -> None:
    await reported(sandbox)
    await sandbox.house.writer.do(propose(sandbox.house, 3), None)
    async with client(sandbox.house) as web:
        board = await web.get("/")
        page = await web.get("/t/1001")
        form = {"seal": seal(page), "version": shown_version(page), "by": "zhang", "accept": choice}
        answer = await web.post("/t/1001", data=form)
        ticket = (await web.get("/api/v1/tickets/1001")).json()["ticket"]
        after = await web.get("/t/1001")
    assert "A second opinion proposes" in board.text
    assert 'name="accept" value="3"' in page.text
    assert answer.status_code == 303
    assert (ticket["level"], ticket["level_by"], ticket["proposed"]) == (level, "zhang", None)
    assert 'name="accept"' not in after.text


async def test_the_page_behind_a_link_looks_without_touching_and_takes_with_one_button(sandbox) -> None:
    await reported(sandbox)
    link = f"/a/{Desk(sandbox.house).access.link('zhang', 1001)}"
    async with client(sandbox.house, peer=ELSEWHERE, token=TOKEN) as web:
        link = f"/a/{Desk(sandbox.house).access.link('zhang', 1001)}"
        other = f"/a/{Desk(sandbox.house).access.link('li', 1001)}"
        await web.head(link)
        page = await web.get(link)
        form = {"version": shown_version(page), "move": "take"}
        taken = [await web.post(link, data=form) for _ in range(2)]
        late = await web.post(other, data=form)
        seen = await web.get(other)
        own = await web.get(link)
    assert len(page.content) <= 8_000
    assert [r.status_code for r in (*taken, late)] == [303, 303, 303]
    said = [r.headers["location"].partition("?said=")[2] for r in (*taken, late)]
    assert said == ["taken", "taken", "too_late"]
    assert ("张三 took it at" in seen.text, "<button" in seen.text) == (True, False)
    assert "It is yours since" in own.text


async def test_a_link_allows_three_moves_on_one_ticket_for_twelve_hours(sandbox) -> None:
    await reported(sandbox)
    async with client(sandbox.house) as web:
        signed = re.findall(r'href="(/a/[^"]+)"', (await web.get("/t/1001")).text)[0]
        more = await web.post(signed, data={"move": "resolve", "text": "done"})
        cut = await web.get(signed[:-1])
        sandbox.box.clock.move(sandbox.box.clock.now() + timedelta(hours=12, seconds=1))
        old = await web.post(signed, data={"move": "take"})
    assert [r.status_code for r in (more, cut, old)] == [403, 403, 403]


async def test_the_api_shows_a_ticket_whole_and_makes_moves(sandbox) -> None:
    await reported(sandbox)
    async with client(sandbox.house) as web:
        whole = (await web.get("/api/v1/tickets/1001")).json()
        version = whole["ticket"]["version"]
        moves = "/api/v1/tickets/1001/moves"
        moved = await web.post(moves, json={"by": "li", "move": "take", "version": version})
        stale = await web.post(moves, json={"by": "li", "move": "note", "text": "x", "version": version})
        missing = await web.post("/api/v1/tickets/7/moves", json={"by": "li", "move": "take"})
        nobody = await web.post("/api/v1/tickets/1001/moves", json={"by": "x", "move": "take"})
        absent = await web.get("/api/v1/tickets/7")
    assert [event["kind"] for event in whole["events"]][:3] == ["opened", "page", "reply"]
    assert [page["person"] for page in whole["pages"]] == ["zhang"]
    assert {c["kind"] for c in whole["clocks"]} == {"respond", "arrive"}
    assert [a["outcome"] for a in whole["attempts"]] == ["sent", "sent"]
    assert (moved.json()["answer"], moved.json()["ticket"]["owner"]) == ("taken", "li")
    assert [r.status_code for r in (stale, missing, nobody, absent)] == [409, 404, 422, 404]


async def test_the_api_refuses_a_browser_that_comes_from_elsewhere(sandbox) -> None:
    await reported(sandbox)
    async with client(sandbox.house) as web:
        foreign = {"sec-fetch-site": "cross-site"}
        answer = await web.post("/api/v1/tickets/1001/moves", json={"by": "li", "move": "take"}, headers=foreign)
    assert answer.status_code == 403


async def test_the_api_says_who_is_on_duty_and_lets_somebody_stand_in(sandbox) -> None:
    until = (sandbox.box.clock.now() + timedelta(hours=1)).isoformat()
    async with client(sandbox.house) as web:
        before = (await web.get("/api/v1/duty")).json()
        changed = await web.put("/api/v1/duty/lead", json={"person": "li", "until": until, "by": "wang"})
        naive = await web.put("/api/v1/duty/lead", json={"person": "li", "until": "2026-11-24T20:00:00"})
        sandbox.box.clock.move(sandbox.box.clock.now() + timedelta(hours=2))
        after = (await web.get("/api/v1/duty")).json()
    assert before == after == {"lead": "zhang", "second": "li", "manager": "wang"}
    assert (changed.json()["lead"], naive.status_code) == ("li", 422)


async def test_the_api_lists_mailboxes_and_has_one_read_now(sandbox) -> None:
    async with client(sandbox.house) as web:
        asked = await web.post("/api/v1/polls/email:support/now")
        await sandbox.box.quiet(3)
        listed = (await web.get("/api/v1/polls")).json()
        wrong = await web.post("/api/v1/polls/sms:main/now")
    assert (asked.status_code, wrong.status_code) == (202, 404)
    assert [(m["account"], m["last"]["error"], m["last_good"]["count"]) for m in listed] == [("email:support", None, 0)]


async def test_what_lies_in_quarantine_is_listed_and_taken_in_again(sandbox) -> None:
    text = Inbound(key="k", sender="+8613900000001", text=FAULT)
    [ident] = await sandbox.house.intake.accept("sms:main", [text])
    await sandbox.house.writer.do(quarantine_all, ident)
    async with client(sandbox.house) as web:
        [listed] = (await web.get("/api/v1/quarantine")).json()
        board = await web.get("/")
        released = [await web.post(f"/api/v1/quarantine/{listed['id']}/release") for _ in range(2)]
        after = (await web.get("/api/v1/quarantine")).json()
        kept = (await web.get("/api/v1/quarantine", params={"released": True})).json()
    assert (listed["channel"], listed["where"], listed["why"]) == ("sms:main", "judge", "a test")
    assert "In quarantine 1" in board.text
    assert [r.status_code for r in released] == [200, 404]
    assert (after, [one["id"] for one in kept]) == ([], [listed["id"]])


def quarantine_all(tx, ids):
    return [quarantine_message(tx, ident, where="judge", why="a test") for ident in ids]


async def test_readiness_names_a_loop_that_fails_and_a_mailbox_that_was_not_read(sandbox) -> None:
    await sandbox.box.quiet(3)
    async with client(sandbox.house) as web:
        good = (await web.get("/readyz")).json()
        sandbox.house.loops["send"].failures = 3
        ill = await web.get("/readyz")
    assert good == {"ready": True, "reasons": [], "warnings": []}
    assert (ill.status_code, ill.json()["reasons"][0].partition(",")[0]) == (503, "loop send: 3 failures in a row")


async def test_metrics_count_open_tickets_and_what_waits(sandbox) -> None:
    await reported(sandbox)
    async with client(sandbox.house) as web:
        text = (await web.get("/metrics")).text
    assert 'yizhan_open_tickets{level="1",state="paging"} 1.0' in text
    assert 'yizhan_deliveries_waiting{lane="page"} 0.0' in text
    assert 'yizhan_inbound_total{channel="sms:main",outcome="accepted"} 1.0' in text


async def test_words_of_strangers_are_shown_as_words(sandbox) -> None:
    await reported(sandbox, "<script>alert(1)</script> 机房断电，业务中断")
    async with client(sandbox.house) as web:
        pages = [await web.get("/"), await web.get("/t/1001")]
    assert [("<script>alert" in page.text, "&lt;script&gt;" in page.text) for page in pages] == [(False, True)] * 2


async def test_the_language_is_switched_on_the_page_and_kept(house) -> None:
    async with client(house) as web:
        english = await web.get("/")
        chinese = await web.get("/?lang=zh")
        kept = await web.get("/")
    assert ["服务台看板" in page.text for page in (english, chinese, kept)] == [False, True, True]


async def test_moves_by_many_people_at_once_leave_one_owner(sandbox) -> None:
    await reported(sandbox)
    moves, command = Moves(sandbox.house.standing), Command(intent=Intent.TAKE)
    wishes = [Wish(person=person, number=1001, command=command) for person in ("zhang", "li", "wang")]
    made = await asyncio.gather(*(sandbox.house.writer.do(moves.make, wish) for wish in wishes))
    assert [(one.ok, one.answer) for one in made] == [(True, "taken"), (False, "too_late"), (False, "too_late")]


async def test_a_broken_form_is_refused_without_a_trace(house) -> None:
    async with client(house) as web:
        answer = await web.post("/t/1001", content=b"\xff\x00", headers={"content-type": "multipart/form-data"})
    assert answer.status_code in (400, 403)
    assert "Traceback" not in answer.text
