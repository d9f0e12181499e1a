"""The pages of broadcasts before a whole house: who may, what forms do, and what is shown on the way."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.broadcast.links import token
from gateway.sandbox.house import Running, opened
from gateway.sandbox.people import PASSWORD
from gateway.speed import SpeedClock
from gateway.web.server import build_app
from store import broadcasts
from store.model import Broadcast, BroadcastState, RecipientState

HERE = ("127.0.0.1", 5)
PAGE = "/broadcasts/1"
FIELDS = {
    "title": "计划停机",
    "everyone": "yes",
    "text_zh": "今晚停机",
    "kind": "plain",
    "waves": "2, 其余",
    "success": "90",
    "troubles": "1",
    "hold": "10m",
    "link_days": "7",
    "remind_after": "",
    "move": "edit",
}


def words(page: httpx.Response) -> str:
    """What a page says, without its markup."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text))


class Browser:
    """One person at the pages."""

    def __init__(self, running: Running, **headers: str) -> None:
        self.running = running
        transport = httpx.ASGITransport(build_app(running.house, home="/board"), client=HERE)
        given = {"accept-language": "en", **headers}
        self.web = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000", headers=given)

    async def signed_in(self, person: str) -> "Browser":
        await self.post("/sign-in", page="/sign-in", person=person, password=PASSWORD)
        return self

    async def get(self, path: str = PAGE) -> httpx.Response:
        return await self.web.get(path)

    async def post(self, path: str = PAGE, *, page: str = "", **form: Any) -> httpx.Response:
        """Send a form of a page and follow where it leads; the version is the one shown there."""
        shown = (await self.web.get(page or path)).text
        held = {name: re.search(rf'name="{name}" value="(\w+)"', shown) for name in ("seal", "version")}
        given = {**{name: found[1] for name, found in held.items() if found}, **form}
        answer = await self.web.post(path, data=given)
        return await self.web.get(answer.headers["location"]) if answer.status_code == 303 else answer

    def broadcast(self, number: int = 1) -> Broadcast:
        with self.running.house.database.read() as connection:
            found = broadcasts.find(connection, number)
        assert found is not None
        return found

    async def until(self, *states: BroadcastState, number: int = 1) -> Broadcast:
        """Wait for the gateway's own work; the clock goes on as soon as nothing else does."""
        for _ in range(400):
            found = self.broadcast(number)
            if found.state in states:
                return found
            await asyncio.sleep(0.005)
            await self.running.box.forward(timedelta(seconds=20))
        raise AssertionError(self.broadcast(number).state)


@pytest.fixture
async def running(tmp_path: Path, office: Any) -> AsyncIterator[Running]:
    async with opened(folder=tmp_path, clock=SpeedClock(office), whole=False) as running:
        running.box.clock.run(0)
        yield running


Enter = Callable[[str], Awaitable[Browser]]


@pytest.fixture
def enter(running: Running) -> Enter:
    async def come(person: str) -> Browser:
        return await Browser(running).signed_in(person)

    return come


async def approved(zhang: Browser, enter: Enter) -> Browser:
    """Submit the draft of the sandbox and let the manager approve it."""
    assert "Submitted" in words(await zhang.post(move="submit"))
    wang = await enter("wang")
    assert "Done." in words(await wang.post(move="approve"))
    await zhang.until(BroadcastState.APPROVED)
    return wang


async def started(zhang: Browser, enter: Enter) -> Browser:
    wang = await approved(zhang, enter)
    assert "Done." in words(await zhang.post(move="start", count=str(zhang.broadcast().frozen)))
    return wang


async def test_the_operator_sees_the_list_and_whoever_may_send_can_begin(running, enter) -> None:
    operator = await Browser(running).get("/broadcasts")
    zhang = await (await enter("zhang")).get("/broadcasts")
    board = await Browser(running).get("/board")
    assert "✎ draft" in words(operator)
    assert "sign in with an account of your own" in words(operator)
    assert "/broadcasts/new" not in operator.text
    assert "/broadcasts/new" in zhang.text
    assert 'href="/broadcasts"' in board.text
    assert 'href="/broadcasts"' not in (await (await enter("li")).web.get("/rota")).text


async def test_whoever_is_not_signed_in_is_led_to_where_one_signs_in_and_back(running) -> None:
    somebody = Browser(running)
    answer = await somebody.get("/broadcasts/new")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=%2Fbroadcasts%2Fnew")
    page = await somebody.post("/sign-in", page="/sign-in", person="zhang", password=PASSWORD, next="/broadcasts/new")
    assert "New broadcast" in words(page)


@pytest.mark.parametrize("move", ["edit", "test", "submit", "cancel"])
async def test_nobody_without_the_right_changes_anything(running, enter, move) -> None:
    li, operator = await enter("li"), Browser(running)
    assert (await li.get("/broadcasts/new")).status_code == 403
    for one in (li, operator):
        page = await one.post(page="/sign-in", **{**FIELDS, "move": move})
        assert (page.status_code, "You have no right to do this" in words(page)) == (403, True)
    assert (li.broadcast().state, li.broadcast().title) == ("draft", "OLT 升级包 2.3.1")


async def test_a_form_from_elsewhere_is_refused(enter) -> None:
    zhang = await enter("zhang")
    answer = await zhang.web.post(PAGE, data={"move": "cancel", "seal": "0" * 32})
    assert (answer.status_code, zhang.broadcast().state) == (403, "draft")


async def test_a_new_draft_is_kept_and_shown_as_it_was_typed(enter) -> None:
    zhang = await enter("zhang")
    page = await zhang.post("/broadcasts/new", **FIELDS, groups="OLT 用户", pilots=["li", "wang"], customers="滨江机房")
    kept = zhang.broadcast(2)
    assert "Saved." in words(page)
    assert (kept.title, kept.author, kept.plan["waves"]) == ("计划停机", "zhang", ["2", "rest"])
    assert (kept.plan["pilots"], kept.plan["audience"]["groups"]) == (["li", "wang"], ["OLT 用户"])
    assert kept.plan["gate"] == {"success": 0.9, "troubles": 1, "hold": "10m", "automatic": False}
    assert 'value="2, rest"' in page.text
    assert 'value="10m"' in page.text


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        pytest.param("title", "", "Give a title", id="no title"),
        pytest.param("text_zh", "", "Write a text in one language", id="no text"),
        pytest.param("waves", "rest, 5", "with “rest” last", id="waves after the rest"),
        pytest.param("success", "1e9", "from 0 to 100", id="no number"),
        pytest.param("hold", "soon", "length of time", id="no length of time"),
        pytest.param("customers", "没有此客户", "no such customer: 没有此客户", id="an unknown customer"),
        pytest.param("groups", "nobody", "no such group: nobody", id="an unknown group"),
        pytest.param("pilots", "ghost", "nobody of that name", id="an unknown person"),
        pytest.param("order", "pigeon", "no such channel: pigeon", id="an unknown channel"),
        pytest.param("package", "17", "not whole", id="an unknown package"),
        pytest.param("versions", "newest", "Write a range", id="no range of versions"),
    ],
)
async def test_bad_input_stays_in_its_place_with_the_fault_at_the_field(enter, field, value, says) -> None:
    zhang = await enter("zhang")
    page = await zhang.post("/broadcasts/new", **{**FIELDS, "product": "OLT", field: value})
    assert page.status_code == 422
    assert says in words(page)
    assert f'id="e-{field}"' in page.text
    assert "今晚停机" in page.text or field == "text_zh"
    assert value in page.text
    with zhang.running.house.database.read() as connection:
        assert [one.number for one in broadcasts.listed(connection)] == [1]


async def test_a_form_that_somebody_else_overtook_changes_nothing_and_keeps_what_was_typed(enter) -> None:
    zhang = await enter("zhang")
    old = str(zhang.broadcast().version)
    await zhang.post(**FIELDS)
    page = await zhang.post(**{**FIELDS, "title": "一个小时后停机"}, version=old)
    assert page.status_code == 409
    assert "has just been changed" in words(page)
    assert 'value="一个小时后停机"' in page.text
    assert zhang.broadcast().title == "计划停机"


async def test_the_preview_counts_shows_both_ends_and_says_who_is_left_out(enter) -> None:
    zhang = await enter("zhang")
    page = await zhang.get()
    assert "3 in all" in words(page)
    assert "【驿站沙箱】OLT 2.3.1修复了偶发掉线" in page.text
    assert "segments: 2" in words(page)
    assert "Nothing stands in the way." in words(page)
    listed = await zhang.get(f"{PAGE}/audience")
    assert [name in listed.text for name in ("滨江机房值班", "港口二号值班", "大学城北值班")] == [True, True, False]
    await zhang.post(**{**FIELDS, "text_zh": "{nome}您好", "order": ""})
    page = await zhang.get()
    assert "{nome}" in words(page).partition("To be put right first")[2]


async def test_a_test_reaches_its_author_only(enter) -> None:
    zhang = await enter("zhang")
    assert "goes to your own addresses" in words(await zhang.post(move="test"))
    await zhang.until(BroadcastState.DRAFT)
    await zhang.running.box.forward(timedelta(seconds=5))
    box = zhang.running.box
    assert len(box.heard("sms", "+8613800000101")) + len(box.heard("email", "zhang@example.net")) > 0
    assert box.heard("sms", "+8613900000001") == box.heard("email", "binjiang@example.com") == []
    assert "✓ Test" not in words(await zhang.get())
    assert re.search(r'aria-current="step"><b><span aria-hidden="true">●</span> Test', (await zhang.get()).text)


async def test_nobody_approves_their_own(running, enter) -> None:
    wang = await enter("wang")
    await wang.post("/broadcasts/new", **FIELDS, order="sms")
    page = await wang.post("/broadcasts/2", move="submit")
    assert "a second person has to approve" in words(page)
    assert 'value="approve"' not in page.text
    refused = await wang.post("/broadcasts/2", move="approve")
    assert (refused.status_code, "Nobody approves their own" in words(refused)) == (403, True)
    zhang = await enter("zhang")
    assert (await zhang.post("/broadcasts/2", move="approve")).status_code == 403


async def test_the_number_of_recipients_must_be_typed(enter) -> None:
    zhang = await enter("zhang")
    await approved(zhang, enter)
    page = await zhang.get()
    assert "Type the number of recipients, 3, to send" in words(page)
    assert 'pattern="3"' in page.text
    refused = await zhang.post(move="start", count="4")
    assert (refused.status_code, "not the number of recipients" in words(refused)) == (422, True)
    assert zhang.broadcast().state == BroadcastState.APPROVED


async def test_a_start_is_planned_with_its_zone_in_words(enter) -> None:
    zhang = await enter("zhang")
    await approved(zhang, enter)
    for at, zone in (("soon", ""), ("2026-11-24T20:00", "Mars/Base")):
        assert (await zhang.post(move="schedule", count="3", at=at, zone=zone)).status_code == 422
    assert "must lie ahead" in words(await zhang.post(move="schedule", count="3", at="2026-11-20T20:00"))
    page = await zhang.post(move="schedule", count="3", at="2026-11-24T20:00", zone="Asia/Shanghai")
    assert re.search(r"today 20:00 Beijing time, in 9 h \d+ min", words(page))
    assert "approved, to be confirmed" in words(await zhang.post(move="unschedule"))


async def test_it_runs_wave_by_wave_and_can_be_stopped_and_gone_on_with(enter) -> None:
    zhang = await enter("zhang")
    await started(zhang, enter)
    await zhang.running.box.forward(timedelta(seconds=30))
    page = await zhang.get()
    assert "Wave 1 of 3" in words(page)
    assert re.search(r"1 have left and cannot be taken back", words(page))
    paused = await zhang.post(move="pause", why="等维护窗口")
    assert "‖ paused 等维护窗口" in words(paused)
    assert 'value="resume"' in paused.text
    assert 'value="pause"' not in paused.text
    assert (await zhang.post(move="pause")).status_code == 409
    await zhang.post(move="resume")
    await zhang.until(BroadcastState.DONE)
    done = await zhang.get()
    assert re.search(r"Total 3 3 \d 0 0 0 0", words(done))
    assert [word for word in ("draft written", "approved", "paused", "resumed", "done") if word in done.text] == [
        "draft written", "approved", "paused", "resumed", "done"
    ]  # fmt: skip
    assert 'value="pause"' not in done.text


async def test_each_recipient_has_a_story_and_can_be_found(enter) -> None:
    zhang = await enter("zhang")
    await started(zhang, enter)
    await zhang.until(BroadcastState.DONE)
    every = await zhang.get(f"{PAGE}/recipients")
    found = await zhang.get(f"{PAGE}/recipients?search=港口&wave=3&state=")
    nobody = await zhang.get(f"{PAGE}/recipients?state=failed")
    assert "written to by a better way" in words(every)
    assert "try 1" in words(found)
    assert ("港口二号值班" in found.text, "滨江机房值班" in found.text) == (True, False)
    assert "no such recipients" in words(nobody)
    assert (await zhang.get("/broadcasts/77/recipients")).status_code == 404


async def test_what_may_arrive_twice_is_sent_again_only_by_who_knows_that(enter) -> None:
    zhang = await enter("zhang")
    await started(zhang, enter)
    await zhang.until(BroadcastState.DONE)
    await zhang.running.house.writer.do(_lost, zhang.broadcast().id)
    page = await zhang.get()
    assert "Unknown outcome 1" in words(page)
    refused = await zhang.post(move="retry", again="unknown")
    assert (refused.status_code, "Tick the box first" in words(refused)) == (422, True)
    assert "Done." in words(await zhang.post(move="retry", again="unknown", twice="yes"))
    assert zhang.broadcast().state in (BroadcastState.RUNNING, BroadcastState.DONE)


def _lost(tx: Any, items: Any) -> list[None]:
    """Make the outcome of one recipient unknown."""
    some = broadcasts.recipients(tx.connection, items[0], state=RecipientState.SENT, limit=1)
    some = some or broadcasts.recipients(tx.connection, items[0], state=RecipientState.DELIVERED, limit=1)
    table = some[0].__table__  # type: ignore[attr-defined]
    tx.connection.execute(table.update().where(table.c.id == some[0].id).values(state=RecipientState.UNKNOWN.value))
    return [None] * len(items)


async def test_a_report_that_the_upgrade_went_wrong_stands_there_with_its_ticket(enter) -> None:
    zhang = await enter("zhang")
    await started(zhang, enter)
    await zhang.until(BroadcastState.DONE)
    with zhang.running.house.database.read() as connection:
        one = broadcasts.recipients(connection, zhang.broadcast().id, search="滨江")[0]
    signed = token(zhang.broadcast().secret, one.id)
    await Browser(zhang.running).post(f"/p/{signed}/wrong", page=f"/p/{signed}", what="升级后全部掉线，业务中断")
    await zhang.running.box.forward(timedelta(seconds=10))
    page = await zhang.get()
    assert re.search(r"Reports of trouble 1 滨江机房值班 \S+ · ticket 1001", words(page))
    assert "reported trouble" in words(await zhang.get(f"{PAGE}/recipients?search=滨江"))


async def test_every_page_stays_light(enter) -> None:
    zhang = await enter("zhang")
    for path in ("/broadcasts", "/broadcasts/new", PAGE, f"{PAGE}/audience", f"{PAGE}/recipients"):
        page = await zhang.get(path)
        assert (page.status_code, len(page.content) < 40_000) == (200, True), path
        assert "default-src 'self'" in page.headers["content-security-policy"]
