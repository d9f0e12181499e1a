"""The result of a broadcast as a sheet: every recipient, nothing that is run, and flat memory."""

import tracemalloc
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from gateway import config
from gateway.broadcast import result
from gateway.standing import Standing, ways
from store.db import Database, open_database
from store.model import Broadcast, Recipient
from store.rows import values

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
WALL = NOW.astimezone(ZoneInfo("Asia/Shanghai")).replace(tzinfo=None)
SETTINGS = """
router:
  people:
    zhang: {name: 张三, addresses: {tel: "+8613800000101"}}
  rota: {lead: zhang, second: zhang}
"""
PLAN = {"texts": {"zh": {"text": "x"}}}


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(f"sqlite:///{tmp_path / 'y.db'}", now=lambda: NOW)
    opened.migrate()
    yield opened
    opened.close()


def put(database: Database, *rows: Any) -> None:
    with database.engine.begin() as connection:
        for row in rows:
            connection.execute(row.__table__.insert(), values(row))


def one(ident: int, **more: Any) -> Recipient:
    given = {"who": f"c{ident}", "channel": "mail:main", "state": "sent", "wave": 1, "name": f"客户{ident}", **more}
    return Recipient(id=ident, broadcast_id=1, address=f"u{ident}@example.com", values={}, **given)


def how(**more: Any) -> result.Sheet:
    standing = Standing(config=config.parse(SETTINGS), ways=ways({}), table=None, judges=())  # type: ignore[arg-type]
    return result.Sheet(language="en", zone=ZoneInfo("Asia/Shanghai"), standing=standing, **more)


def broadcast() -> Broadcast:
    return Broadcast(id=1, number=1, title="=1+1", state="done", author="zhang", at=NOW, plan=PLAN, started_at=NOW)


def sheets(file: Path) -> dict[str, list[list[Any]]]:
    book = openpyxl.load_workbook(file)
    return {page.title: [[cell.value for cell in row] for row in page.iter_rows()] for page in book.worksheets}


def test_it_tells_the_sum_every_recipient_and_who_was_left_out_and_why(database, tmp_path) -> None:
    put(database, broadcast(), one(1, downloaded_at=NOW), one(2, state="failed", reason="550 no such user"))
    put(database, one(3, state="skipped", wave=0, reason="opted_out"))
    file = tmp_path / "r.xlsx"
    assert result.write(database, 1, file, how())
    found = sheets(file)
    assert list(found) == ["Summary", "Recipients", "Who is left out"]
    assert ["failed", 1] in found["Summary"]
    head, first, second = found["Recipients"]
    assert head[:4] == ["Name", "Customer", "Channel", "Address"]
    assert (first[0], first[3], first[8]) == ("客户1", "u1@example.com", WALL)
    assert second[5:7] == ["failed", "550 no such user"]
    assert [row[4] for row in found["Who is left out"]] == ["Reason", "refused such messages"]
    page = openpyxl.load_workbook(file)["Recipients"]
    assert (page.freeze_panes, page.auto_filter.ref) == ("A2", "A1:L3")


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://x","y")', "http://example.com"])
def test_a_name_is_a_text_whatever_it_begins_with(database, tmp_path, name) -> None:
    put(database, broadcast(), one(1, name=name))
    file = tmp_path / "r.xlsx"
    result.write(database, 1, file, how())
    book = openpyxl.load_workbook(file)
    cells = [cell for page in book.worksheets for row in page.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s", "n", "d", "inlineStr"}
    assert book["Recipients"]["A2"].value == name
    assert [cell.hyperlink for cell in cells if cell.hyperlink] == []


def test_addresses_can_be_masked(database, tmp_path) -> None:
    put(database, broadcast(), one(1))
    result.write(database, 1, tmp_path / "r.xlsx", how(mask=True))
    assert sheets(tmp_path / "r.xlsx")["Recipients"][1][3] == "u1***@example.com"


def test_there_is_no_file_of_what_there_is_not(database, tmp_path) -> None:
    assert not result.write(database, 9, tmp_path / "r.xlsx", how())
    assert result.made(database, 9, how()) is None


def test_many_rows_take_no_more_memory_than_few(database, tmp_path) -> None:
    put(database, broadcast())
    few, many = (_peak(database, tmp_path, rows) for rows in (range(1, 1_501), range(1_501, 6_001)))
    assert many < few * 1.2


def _peak(database: Database, folder: Path, idents: Sequence[int]) -> int:
    with database.engine.begin() as connection:
        connection.execute(Recipient.__table__.insert(), [values(one(ident)) for ident in idents])  # type: ignore[attr-defined]
    tracemalloc.start()
    result.write(database, 1, folder / "r.xlsx", how())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak
