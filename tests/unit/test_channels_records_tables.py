"""Tables of call centres as people export them, in every spoiled form."""

import io
import json
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from channels.contract import Inbound
from channels.phone.records import cells, parse
from channels.phone.records.config import Account

SHANGHAI = ZoneInfo("Asia/Shanghai")
ELEVEN = datetime(2026, 11, 20, 11, 0)  # noqa: DTZ001 - as a spreadsheet gives it
DAY_0 = datetime(1899, 12, 30, 0, 1, 5)  # noqa: DTZ001
DAY_1 = datetime(1899, 12, 31, 0, 1, 5)  # noqa: DTZ001
HEAD = "主叫号码,被叫号码,呼叫时间,通话时长,坐席,通话状态,备注\n"


def read(content):
    return list(parse.calls(content if isinstance(content, bytes) else content.encode(), Account()))


def texts(content):
    return [one.text if isinstance(one, Inbound) else (one.line, one.why) for one in read(content)]


ANSWERED = "[来电] 已接听 3分05秒，坐席 张三，备注：机房断电"
GOOD = "13800138000,4008000000,2026-11-20 11:00:00,185,张三,已接听,机房断电\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_table_is_read_in_every_encoding(encoding):
    assert texts((HEAD + GOOD).encode(encoding)) == [ANSWERED]


@pytest.mark.parametrize("mark", ["\t", ";"])
def test_cells_may_be_parted_by_other_marks(mark):
    assert texts((HEAD + GOOD).replace(",", mark)) == [ANSWERED]


def test_title_rows_precede_the_header_and_totals_follow_the_rows():
    table = "华信公司话务报表,,,,,,\n2026-11-20,,,,,,\n\n" + HEAD + GOOD + ",,,,,,\n合计：1 通,,,185,,,\n"
    assert texts(table) == [ANSWERED, (7, "a row of totals")]


@pytest.mark.parametrize(
    ("header", "row", "expected"),
    [
        (
            "caller_no,callee_no,wait_begin,call_begin,call_end,agent_id",
            "13800138000,4008000000,1795143600000,1795143610000,1795143675000,102",
            "[来电] 已接听 1分05秒，坐席 102",
        ),
        (
            "caller_no,callee_no,wait_begin,call_begin,call_end,agent_id",
            "13800138000,4008000000,1795143600000,0,1795143640000,",
            "[未接来电] 主叫 +8613800138000 呼入 4008000000，等待 40 秒，未接通，请回电",
        ),
        (
            "来电号码,热线号码,来电时间,是否接通,通话时长(秒)",
            "13800138000,4008000000,2026/11/20 11:00,否,0",
            "[未接来电] 主叫 +8613800138000 呼入 4008000000，未接通，请回电",
        ),
        (
            "客户号码,开始时间,结束时间,等待时长,接听状态",
            "13800138000,2026年11月20日 11:00:00,2026-11-20 11:01:00,35秒,放弃",
            "[未接来电] 主叫 +8613800138000，等待 35 秒，未接通，请回电",
        ),
        (
            "主叫,被叫,呼叫时间,时长,通话状态",
            "13800138000,400,2026-11-20 11:00:00,35,未接通",
            "[未接来电] 主叫 +8613800138000 呼入 400，未接通，请回电",
        ),
        ("主叫,被叫,呼叫时间,呼叫类型", "4008000000,13800138000,2026-11-20 11:00:00,呼出", (2, "outgoing call")),
        (
            "主叫,被叫,呼叫时间,呼叫类型",
            "801,4008000000,2026-11-20 11:00:00,呼入",
            "[未接来电] 主叫 801 呼入 4008000000，未接通，请回电",
        ),
    ],
)
def test_columns_are_known_by_many_names(header, row, expected):
    assert texts(f"{header}\n{row}\n") == [expected]


@pytest.mark.parametrize(
    ("caller", "expected"),
    [
        ('"=""13800138000"""', "+8613800138000"),
        ("'13800138000", "+8613800138000"),
        ("１３８００１３８０００", "+8613800138000"),
        ("13800138000.0", "+8613800138000"),
        ("0571-88880000", "+8657188880000"),
        ("匿名", "anonymous"),
        ("10086", "10086"),
    ],
)
def test_numbers_are_freed_from_what_spreadsheets_do_to_them(caller, expected):
    (found,) = read(HEAD + GOOD.replace("13800138000", caller))
    assert found.sender == expected


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (
            GOOD.replace("13800138000", "1.38E+10"),
            "the number was turned into scientific notation; export the column as text",
        ),
        (
            GOOD.replace("13800138000", "8.61E+12"),
            "the number was turned into scientific notation; export the column as text",
        ),
        (GOOD.replace("13800138000", ""), "no caller"),
        (GOOD.replace("2026-11-20 11:00:00", "昨天"), "the start is no time"),
        (GOOD.replace("2026-11-20 11:00:00", "2026-13-20 11:00:00"), "the start is no time"),
    ],
)
def test_a_spoiled_row_is_not_taken_and_says_why_on_its_line(row, why):
    assert texts(HEAD + GOOD + row)[1:] == [(3, why)]


def test_a_table_without_a_known_header_is_not_taken():
    assert texts("a,b,c\n1,2,3\n") == [
        (1, "no header: no row of the first ten names a caller, a time and a third known column")
    ]


def test_a_table_with_ids_keeps_them_and_one_without_gets_the_same_keys_every_time():
    table = "通话ID,主叫,被叫,呼叫时间\nab-1,13800138000,400,2026-11-20 11:00:00\n"
    assert [one.key for one in read(table)] == ["table:ab-1"]
    first, longer = read(HEAD + GOOD), read(HEAD + GOOD + GOOD.replace("11:00", "12:00"))
    assert [one.key for one in longer][:1] == [one.key for one in first]
    assert first[0].key.startswith("row:")


def workbook(*rows):
    book = openpyxl.Workbook()
    book.active.title = "说明"
    sheet = book.create_sheet("话单")
    for row in rows:
        sheet.append(row)
    into = io.BytesIO()
    book.save(into)
    return into.getvalue()


def test_a_workbook_is_read_with_its_dates_serial_numbers_and_lengths():
    head = ["主叫号码", "被叫号码", "呼叫时间", "通话时长", "坐席"]
    book = workbook(
        ["话务报表"],
        head,
        [13800138000, "4008000000", ELEVEN, 65, "张三"],
        ["13800138001", 4008000000, 46346.458333333336, timedelta(minutes=1, seconds=5), "张三"],
        ["13800138002", "400", "2026-11-20 11:00", time(0, 1, 5), "张三"],
        [1.38e18, "400", "2026-11-20 11:00", 0, ""],
        ["合计", None, None, 195, None],
    )
    found = read(book)
    assert [one.text for one in found[:3]] == ["[来电] 已接听 1分05秒，坐席 张三"] * 3
    assert [one.sender for one in found[:3]] == ["+8613800138000", "+8613800138001", "+8613800138002"]
    assert {one.sent_at for one in found[:3]} == {datetime(2026, 11, 20, 3, 0, tzinfo=UTC)}
    assert [(one.line, one.why) for one in found[3:]] == [
        (6, "a number of more than 15 digits was rounded; export the column as text"),
        (7, "a row of totals"),
    ]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (65, 65),
        ("65", 65),
        ("65.0", 65),
        ("65秒", 65),
        ("00:01:05", 65),
        ("1:05", 65),
        ("1分5秒", 65),
        ("1分05秒", 65),
        ("1 分 5 秒", 65),
        ("1小时2分3秒", 3723),
        ("1小时", 3600),
        ("2m5s", 125),
        (65 / 86400, 65),
        (timedelta(seconds=65), 65),
        (time(0, 1, 5), 65),
        (DAY_0, 65),
        (DAY_1, 65),
        ("", None),
        (None, None),
        ("很久", None),
    ],
)
def test_lengths_of_time(cell, expected):
    assert cells.seconds(cell) == expected


@pytest.mark.parametrize(
    "cell",
    [
        "2026-11-20 11:00:00",
        "2026-11-20 11:00",
        "2026/11/20 11:00:00",
        "2026年11月20日 11:00:00",
        "2026年11月20日 11时00分00秒",
        "2026-11-20T11:00:00",
        "2026-11-20T03:00:00+00:00",
        "20261120110000",
        "1795143600",
        1795143600000,
        46346.458333333336,
        "46346.458333333336",
        ELEVEN,
    ],
)
def test_times(cell):
    assert cells.when(cell, SHANGHAI) == datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize("cell", ["", None, "11:00", "2026-11-20", 65, 0, "0"])
def test_what_is_no_time(cell):
    assert cells.when(cell, SHANGHAI) is None


def test_objects_of_json_are_a_table_as_well():
    one = {"SessionId": "s1", "Caller": "008613800138000", "Callee": "400", "StartTime": 1795143600, "Duration": 9}
    table = json.dumps([one])
    (found,) = read(table)
    assert (found.key, found.sender, found.text) == ("table:s1", "+8613800138000", "[来电] 已接听 9 秒")
