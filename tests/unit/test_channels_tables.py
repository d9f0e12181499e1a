"""Reading tables that people export: encodings, titles above the header, and what spreadsheets do to numbers."""

from datetime import UTC, date, datetime, timedelta, timezone
from io import BytesIO

import pytest
from openpyxl import Workbook

from channels import tables
from channels.contract import Malformed

SHANGHAI = timezone(timedelta(hours=8))
ALIASES = {"caller": ("主叫号码", "主叫"), "started": ("呼叫时间",), "length": ("通话时长", "时长"), "note": ("备注",)}
TEXT = "热线通话记录\n导出时间,2026-11-21\n\n主叫号码,呼叫时间,通话时长（秒）,坐席\n138,2026-11-20 11:12:05,65,王\n"


def book(*sheets):
    made, out = Workbook(), BytesIO()
    made.remove(made.active)
    for rows in sheets:
        sheet = made.create_sheet()
        for row in rows:
            sheet.append(row)
    made.save(out)
    return out.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_table_is_found_below_its_titles_in_every_encoding_that_spreadsheets_write(encoding):
    table = tables.read(TEXT.encode(encoding), ALIASES)
    assert (table.line, set(table.known)) == (4, {"caller", "started", "length"})
    (row,) = table.rows
    assert (row.line, row["caller"], row["length"], row["note"]) == (5, "138", "65", "")
    assert row.more == {"坐席": "王"}


@pytest.mark.parametrize("mark", [",", "\t", ";"])
def test_the_mark_between_the_cells_is_found(mark):
    table = tables.read(TEXT.replace(",", mark).encode(), ALIASES)
    assert [row["caller"] for row in table.rows] == ["138"]


def test_a_spreadsheet_gives_whole_numbers_times_and_the_line_that_it_shows():
    rows = [["热线"], [], ["主叫", "呼叫时间", "时长"], [13800138000, date(2026, 11, 20), 65.5]]
    (row,) = tables.read(book([["说明"]], rows), ALIASES).rows
    assert (row.line, dict(row.cells)) == (
        4,
        {"caller": "13800138000", "started": "2026-11-20", "length": "65.5", "note": ""},
    )


def test_a_line_break_inside_a_cell_does_not_shift_the_lines():
    text = '主叫,呼叫时间,备注\n1,a,"两\n行"\n2,b,c\n'
    assert [(row.line, row["note"]) for row in tables.read(text.encode(), ALIASES).rows] == [(2, "两\n行"), (4, "c")]


@pytest.mark.parametrize(
    ("cell", "meant"),
    [('="13800138000"', "13800138000"), ("'13800138000", "13800138000"), ("\u00a0138 ", "138"), ("=138", "138")],
)
def test_what_keeps_a_number_from_being_rounded_is_taken_off(cell, meant):
    quoted = cell.replace('"', '""')
    (row,) = tables.read(f'主叫,呼叫时间,时长\n"{quoted}",a,b\n'.encode(), ALIASES).rows
    assert row["caller"] == meant


@pytest.mark.parametrize(("cell", "lost"), [("1.38E+10", True), ("1e10", True), ("13800138000", False), ("E10", False)])
def test_a_number_that_was_rounded_away_is_told(cell, lost):
    assert tables.lost_digits(cell) is lost


def test_a_number_too_long_for_a_spreadsheet_is_told_as_well():
    (row,) = tables.read(book([["主叫", "呼叫时间", "时长"], [float(10**17), "a", "b"]]), ALIASES).rows
    assert tables.lost_digits(row["caller"])


def test_the_line_of_totals_and_empty_lines_are_no_rows():
    text = "主叫,呼叫时间,时长\n1,a,b\n,,\n合计,,65\n,总计,65\n"
    assert [row.line for row in tables.read(text.encode(), ALIASES).rows] == [2]


@pytest.mark.parametrize(
    "content",
    [b"", b"\x00\xff\xfe", b"PK\x03\x04 no zip", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "甲,乙\n1,2\n".encode()],
)
def test_what_holds_no_such_table_is_malformed(content):
    with pytest.raises(Malformed):
        tables.read(content, ALIASES)


def test_a_header_far_below_is_not_looked_for():
    with pytest.raises(Malformed, match="first 10 rows"):
        tables.read(("title\n" * 11 + "主叫,呼叫时间,时长\n").encode(), ALIASES)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2026-11-20 11:12:05", datetime(2026, 11, 20, 3, 12, 5, tzinfo=UTC)),
        ("2026/11/20 9:02", datetime(2026, 11, 20, 1, 2, tzinfo=UTC)),
        ("2026年11月20日 11时12分5秒", datetime(2026, 11, 20, 3, 12, 5, tzinfo=UTC)),
        ("２０２６－１１－２０", datetime(2026, 11, 19, 16, tzinfo=UTC)),
        ("2026-11-20T11:12:05.123+08:00", datetime(2026, 11, 20, 3, 12, 5, tzinfo=UTC)),
        ("2026-11-20T03:12:05Z", datetime(2026, 11, 20, 3, 12, 5, tzinfo=UTC)),
        ("46346.5", datetime(2026, 11, 20, 4, tzinfo=UTC)),
        ("1795144325", datetime(2026, 11, 20, 3, 12, 5, tzinfo=UTC)),
        ("1795144325000", datetime(2026, 11, 20, 3, 12, 5, tzinfo=UTC)),
        ("2026-13-20", None),
        ("20 Nov", None),
        ("", None),
    ],
)
def test_times_are_read_as_exports_write_them(text, meant):
    assert tables.moment(text, SHANGHAI) == meant


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("65", 65),
        ("00:01:05", 65),
        ("1:05", 65),
        ("1分5秒", 65),
        ("1小时", 3600),
        ("65秒", 65),
        ("", None),
        ("x", None),
    ],
)
def test_lengths_are_read_as_exports_write_them(text, meant):
    assert tables.seconds(text) == meant


def test_a_cell_with_a_list_does_not_choose_what_parts_the_columns() -> None:
    table = tables.read(b"name,mobile,groups\nA,1,a;b;c;d;e\n", {"name": (), "mobile": (), "groups": ()})
    assert [dict(row.cells) for row in table.rows] == [{"name": "A", "mobile": "1", "groups": "a;b;c;d;e"}]
