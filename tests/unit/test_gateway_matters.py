"""Merging, splitting and great outages from the pages, the API and the command line, against a whole house."""

import re
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner
from sqlalchemy import select

from gateway.__main__ import main
from gateway.app import House
from gateway.sandbox.house import Running, opened
from gateway.speed import SpeedClock
from gateway.web.server import build_app
from store.db import table_of
from store.model import Ticket, Timer

CHEN, SUN = "+8613900000001", "+8613900000002"
PRINTER = "东站医院3号楼打印机坏了，一直卡纸"
ALSO, MORE = "关于1001，另外办公楼网络也断了，上不了网", "关于1001，网络那个是二楼的"
OTHER = "西站收费站摄像头黑屏"


@pytest.fixture
async def sandbox(tmp_path: Path, office: datetime) -> AsyncIterator[Running]:
    async with opened(folder=tmp_path, clock=SpeedClock(office), whole=False) as running:
        running.box.clock.run(0)
        yield running


def client(house: House) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(build_app(house), client=("127.0.0.1", 5))
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000", headers={"accept-language": "en"})


class Desk:
    """Somebody at a browser."""

    def __init__(self, web: httpx.AsyncClient) -> None:
        self._web = web

    async def press(self, number: int, move: str, **more: str) -> httpx.Response:
        """Press a button on a ticket's page."""
        page = await self._web.get(f"/t/{number}")
        form = {name: self._field(page, name) for name in ("seal", "version")}
        return await self._web.post(f"/t/{number}", data={**form, "by": "zhang", "move": move, **more})

    @staticmethod
    def _field(page: httpx.Response, name: str) -> str:
        found = re.search(rf'name="{name}" value="(\w+)"', page.text)
        assert found
        return found[1]

    async def page(self, path: str) -> str:
        """Look at a page."""
        text: str = (await self._web.get(path)).text
        return text

    async def whole(self, number: int) -> dict[str, Any]:
        """Ask the API for a ticket."""
        answer: dict[str, Any] = (await self._web.get(f"/api/v1/tickets/{number}")).json()
        return answer


def said_of(answer: httpx.Response) -> str:
    return str(answer.headers.get("location", "")).partition("said=")[2]


def customer_texts(whole: dict[str, Any]) -> list[str]:
    return [m["template"] for m in whole["messages"] if m["template"].startswith("customer_")]


def timers_of(house: House, number: int) -> list[str]:
    """What is still to come for a ticket."""
    timer, ticket = table_of(Timer), table_of(Ticket)
    mine = select(timer.c.kind).join(ticket, ticket.c.id == timer.c.ticket_id).where(ticket.c.number == number)
    with house.database.read() as connection:
        return list(connection.execute(mine).scalars())


async def test_a_merge_on_the_page_shows_everything_on_the_ticket_that_stays(sandbox) -> None:
    await sandbox.box.text(CHEN, PRINTER)
    await sandbox.box.text(SUN, OTHER)
    async with client(sandbox.house) as web:
        desk = Desk(web)
        before = await desk.whole(1002)
        merged = await desk.press(1002, "merge", other="1001")
        again = await desk.press(1002, "merge", other="1001")
        gone, stays = await desk.whole(1002), await desk.whole(1001)
        due = timers_of(sandbox.house, 1002)
        pages = [await desk.page(f"/t/{number}") for number in (1001, 1002)]
        board = await desk.page("/")
        undone = await desk.press(1002, "apart")
        back = await desk.whole(1002)
    assert (said_of(merged), again.status_code, said_of(undone)) == ("merged_other", 422, "unmerged")
    assert (gone["ticket"]["state"], gone["kin"]["into"]["number"]) == ("merged", 1001)
    assert [m["text"] for m in stays["messages"] if m["direction"] == "in"] == [PRINTER, OTHER]
    assert (OTHER in pages[0], 'href="/t/1001"' in pages[1]) == (True, True)
    assert 'id="t1002"' not in board
    assert customer_texts(gone) == customer_texts(before)
    assert due == []
    assert all(clock["stopped_at"] for clock in gone["clocks"])
    assert (back["ticket"]["state"], back["kin"]["into"]) == ("paging", None)


async def test_a_suggestion_is_decided_by_one_button_on_either_page(sandbox) -> None:
    await sandbox.box.text(CHEN, PRINTER)
    sandbox.box.clock.move(sandbox.box.clock.now() + sandbox.house.config.router.same_outage_within * 2)
    await sandbox.box.text(SUN, PRINTER + "了")
    async with client(sandbox.house) as web:
        desk = Desk(web)
        board, page = await desk.page("/"), await desk.page("/t/1001")
        merged = await desk.press(1001, "merge:1002")
        gone, after = await desk.whole(1002), await desk.page("/")
    assert ("like 1001?" in board, "like 1001?" in after) == (True, False)
    assert 'value="merge:1002"' in page
    assert (said_of(merged), gone["kin"]["into"]["number"]) == ("merged_other", 1001)


async def test_a_dismissed_suggestion_is_not_made_again(sandbox) -> None:
    await sandbox.box.text(CHEN, PRINTER)
    sandbox.box.clock.move(sandbox.box.clock.now() + sandbox.house.config.router.same_outage_within * 2)
    await sandbox.box.text(SUN, PRINTER + "了")
    async with client(sandbox.house) as web:
        desk = Desk(web)
        similar = (await desk.whole(1002))["kin"]["similar"]
        dismissed = await desk.press(1002, "dismiss:1001")
        board, whole = await desk.page("/"), await desk.whole(1002)
    assert [(one["number"], one["why"], one["likeness"] >= 0.5) for one in similar] == [(1001, "alike", True)]
    assert (said_of(dismissed), "like 1001?" in board, whole["kin"]["similar"]) == ("dismissed", False, [])
    assert [e["text"] for e in whole["events"] if e["kind"] == "dismissed"] == ["!= 1001"]


@pytest.mark.parametrize(
    ("more", "moved", "texts"),
    [
        pytest.param({}, [ALSO], [], id="one message, and nobody hears of it"),
        pytest.param(
            {"following": "1", "receipt": "1"},
            [ALSO, MORE],
            ["customer_receipt"],
            id="with what followed, and a receipt that was asked for",
        ),
    ],
)
async def test_words_are_split_off_with_a_judgement_and_promises_of_their_own(sandbox, more, moved, texts) -> None:
    for text in (PRINTER, ALSO, MORE):
        await sandbox.box.text(CHEN, text)
    async with client(sandbox.house) as web:
        desk = Desk(web)
        before = await desk.whole(1001)
        own = [m for m in before["messages"] if m["direction"] == "in"]
        split = await desk.press(1001, f"split:{own[1]['id']}", **more)
        again = await desk.press(1001, f"split:{own[1]['id']}", **more)
        new, old = await desk.whole(1002), await desk.whole(1001)
    assert (said_of(split), again.status_code) == ("split", 422)
    assert [m["text"] for m in new["messages"] if m["direction"] == "in"] == moved
    assert (customer_texts(new), new["ticket"]["state"]) == (texts, "paging")
    assert {c["kind"] for c in new["clocks"]} == {"respond", "arrive"}
    assert "split from 1001" in new["ticket"]["reasons"]
    assert [e["text"] for e in old["events"] if e["kind"] == "split"] == ["-> 1002"]


async def test_a_ticket_is_not_emptied_by_a_split(sandbox) -> None:
    await sandbox.box.text(CHEN, PRINTER)
    async with client(sandbox.house) as web:
        desk = Desk(web)
        whole = await desk.whole(1001)
        first = next(m["id"] for m in whole["messages"] if m["direction"] == "in")
        by_api = [
            (await web.post("/api/v1/tickets/1001/moves", json={"by": "zhang", "move": "split", **more})).json()
            for more in ({"message": first}, {"message": "7"}, {})
        ]
    assert [one.get("answer") for one in by_api] == ["split_whole", "no_message", None]


async def test_children_stand_under_their_parent_and_are_resolved_by_one_button(sandbox) -> None:
    await sandbox.box.text(CHEN, PRINTER)
    await sandbox.box.text(SUN, OTHER)
    async with client(sandbox.house) as web:
        desk = Desk(web)
        child = await desk.press(1002, "child", other="1001")
        taken = await desk.press(1001, "take")
        along, board = await desk.whole(1002), await desk.page("/")
        resolved = await desk.press(1001, "resolve", text_resolve="换了电源")
        open_still = (await desk.whole(1002))["ticket"]["state"]
        page = await desk.page("/t/1001")
        all_resolved = await desk.press(1001, "resolve_all")
        last = await desk.whole(1002)
    assert [said_of(r) for r in (child, taken, resolved, all_resolved)] == [
        "child_of",
        "taken",
        "resolved_parent",
        "children_resolved",
    ]
    assert (along["ticket"]["owner"], along["kin"]["parent"]["number"]) == ("zhang", 1001)
    assert re.search(r'id="t1001".*?1 reports.*?id="t1002".*?↳</span> 1001', board, re.DOTALL)
    assert (open_still, "Resolve 1 reports and tell their customers" in page) == ("taken", True)
    assert (last["ticket"]["state"], customer_texts(last)[-1]) == ("resolved", "customer_resolved")


@pytest.mark.parametrize(
    ("body", "status", "answer"),
    [
        pytest.param({"move": "merge"}, 422, None, id="without the other number"),
        pytest.param({"move": "take", "other": 1001}, 422, None, id="another number where none belongs"),
        pytest.param({"move": "merge", "other": 1999}, 200, "unknown_ticket", id="a ticket that there is not"),
        pytest.param({"move": "merge", "other": 1002}, 200, "not_merged", id="itself"),
        pytest.param({"move": "child", "other": 1001}, 200, "child_of", id="a child"),
        pytest.param({"move": "resolve_all"}, 200, "no_children", id="no children"),
        pytest.param({"move": "apart"}, 200, "not_apart", id="nothing to take apart"),
    ],
)
async def test_the_api_makes_the_same_moves(sandbox, body, status, answer) -> None:
    await sandbox.box.text(CHEN, PRINTER)
    await sandbox.box.text(SUN, OTHER)
    async with client(sandbox.house) as web:
        made = await web.post("/api/v1/tickets/1002/moves", json={"by": "li", **body})
    assert (made.status_code, made.json().get("answer")) == (status, answer)


def test_the_command_line_says_what_it_cannot_do(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(
        f"""router:
  people: {{zhang: {{name: 张三, addresses: {{tel: "+8613800000101"}}}}}}
  rota: {{lead: zhang}}
store: {{url: 'sqlite:///{tmp_path}/yizhan.db'}}
""",
        "utf-8",
    )

    def run(*words: str) -> tuple[int, str]:
        found = CliRunner().invoke(main, list(words), env={"YIZHAN_CONFIG": str(config)}, prog_name="yizhan")
        return found.exit_code, found.output

    missing = run("tickets", "merge", "1002", "1001", "--by", "张三")
    nobody = run("tickets", "child", "1002", "1001", "--by", "x")
    assert missing == (1, "nothing was done: unknown_ticket\n")
    assert nobody == (1, "'x' is not among people: zhang\n")
    assert run("tickets", "split", "1001", "--message", "7", "--by", "zhang")[0] == 1
    assert run("tickets", "apart", "1001", "--by", "zhang")[0] == 1
