"""The page of troubles, and the API that says the same."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from pathlib import Path

import httpx
import pytest

from gateway.asking import FOLDED
from gateway.sandbox.house import Running, opened
from gateway.speed import SpeedClock
from gateway.web.server import build_app
from store import tickets
from store.model import Event, EventKind
from store.work import Work
from store.writer import Tx


@pytest.fixture
async def sandbox(tmp_path: Path, office: datetime) -> AsyncIterator[Running]:
    async with opened(folder=tmp_path, clock=SpeedClock(office), whole=False) as running:
        running.box.clock.run(0)
        yield running


async def test_the_page_of_troubles_shows_what_did_not_go_as_planned_in_both_languages(sandbox) -> None:
    house = sandbox.house
    await sandbox.box.text("+8613900000001", "滨江机房全部断电，业务中断")
    await sandbox.box.quiet(3)
    with house.database.read() as connection:
        (number,) = (row["number"] for row in tickets.listed(connection, open_only=True))

    def write(tx: Tx, items: Sequence[None]) -> list[None]:
        work, ticket = Work(tx), tickets.by_numbers(tx.connection, [number])[0]["id"]
        for kind, text in ((EventKind.SUPPRESSED, "quota <b> is used up"), (EventKind.SUPPRESSED, FOLDED)):
            more = {"to": "zhang", "by": "voice"}
            work.add(Event(id=work.id(), at=tx.now, kind=kind, ticket_id=ticket, text=text, more=more))
        work.flush()
        return [None for _ in items]

    await house.writer.do(write, None)
    transport = httpx.ASGITransport(build_app(house), client=("127.0.0.1", 5))
    english = {"accept-language": "en"}
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000", headers=english) as web:
        shown = await web.get(f"/troubles?ticket={number}")
        chinese = await web.get("/troubles?lang=zh&show=all")
        other = await web.get("/troubles?ticket=999&lang=en")
        board = await web.get("/?lang=en")
        listed = (await web.get(f"/api/v1/troubles?ticket={number}")).json()
    assert "quota &lt;b&gt; is used up" in shown.text
    assert FOLDED not in shown.text
    assert FOLDED in chinese.text
    assert "发送异常" in chinese.text
    assert "There are none" in other.text
    assert "Troubles 1" in board.text
    assert [(one["number"], one["to"], one["method"], one["reason"]) for one in listed] == [
        (number, "zhang", "voice", "quota <b> is used up")
    ]
