"""Tables of call centres, whatever they call their columns; pure.

Names seen: support.huaweicloud.com api-cec cec_07_0831, tencentcloud.com/document/product/1229/59641,
volcengine.com/docs/6358/173375, developer.kf5.com/doc/restapi/voice/29, and exports that people made by hand.
"""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from python_calamine import CalamineError, CalamineWorkbook

from channels.phone.records.cells import Cell, Spoiled, narrow, phone, seconds, when, words
from channels.phone.records.leg import INCOMING, OUTGOING, Leg, Rows
from channels.powers import NotTaken

ALIASES: Final[Mapping[str, tuple[str, ...]]] = {
    "caller": ("主叫号码", "主叫", "来电号码", "客户号码", "来电电话", "客户电话", "主叫方", "caller", "callerno",
               "callernumber", "callfrom", "from"),
    "callee": ("被叫号码", "被叫", "热线号码", "被叫方", "接入号码", "接入号", "callee", "calleeno", "calleenumber",
               "callto", "to"),
    "started": ("呼叫时间", "来电时间", "开始时间", "呼入时间", "拨打时间", "呼叫开始时间", "进线时间", "waitbegin",
                "starttime", "timestart", "calltime", "startedat"),
    "connected": ("接通时间", "应答时间", "接听时间", "callbegin", "answertime"),
    "ended": ("结束时间", "挂断时间", "通话结束时间", "callend", "endtime"),
    "talked": ("通话时长", "通话时间", "时长", "通话秒数", "talkduration", "billsec", "duration", "talktime"),
    "waited": ("等待时长", "排队时长", "振铃时长", "等待时间", "waitduration", "waittime", "ringduration"),
    "agent": ("坐席", "客服", "工号", "坐席姓名", "坐席工号", "座席", "接听坐席", "客服姓名", "agentid", "agent",
              "seatuser"),
    "state": ("通话状态", "是否接通", "接听状态", "呼叫结果", "通话结果", "接通状态", "状态", "status", "callstatus",
              "disposition"),
    "direction": ("呼叫类型", "通话类型", "呼叫方向", "方向", "类型", "direction", "calltype", "type"),
    "note": ("备注", "小结", "服务小结", "通话小结", "来电内容", "note", "remark"),
    "name": ("客户姓名", "客户名称", "来电人", "姓名", "customername"),
    "ident": ("通话id", "呼叫id", "会话id", "话单号", "流水号", "callid", "sessionid", "uuid", "uniqueid"),
    "known": ("录音", "录音地址", "挂机方", "满意度", "序号", "技能组", "部门"),
}  # fmt: skip
"""What a column may be called, in lower case and without spaces, underscores and what stands in brackets."""
TAKEN: Final = (
    "已接",
    "接通",
    "已接通",
    "接听",
    "已接听",
    "成功",
    "是",
    "正常",
    "answered",
    "success",
    "yes",
    "1",
    "true",
)
LOST: Final = (
    "未接", "未接通", "未接听", "否", "放弃", "排队放弃", "振铃放弃", "ivr放弃", "漏接", "无应答", "失败", "未应答",
    "占线", "忙", "noanswer", "missed", "abandoned", "abandon", "failed", "busy", "no", "0", "false", "用户放弃",
    "呼损",
)  # fmt: skip
IN: Final = ("呼入", "来电", "入", "inbound", "in", "incoming", "呼入电话")
OUT: Final = ("呼出", "外呼", "去电", "出", "outbound", "out", "outgoing", "internal", "内部", "内线")
TOTALS: Final = ("合计", "总计", "小计", "共计", "汇总", "total", "sum", "共")
HEADER_WITHIN: Final = 10
LEAST: Final = 3
"""A header names at least so many known columns, within the first ten rows."""
BRACKETS: Final = re.compile(r"[(（\[【].*?[)）\]】]")


def sheets(content: bytes) -> Iterator[list[list[Cell]]]:
    """The sheets of an XLSX, XLS, XLSB or ODS file; raises ValueError for anything else."""
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
            for name in book.sheet_names:
                yield [[*row] for row in book.get_sheet_by_name(name).to_python(skip_empty_area=False)]
    except CalamineError:
        raise ValueError("no workbook that can be read: damaged, or protected by a password") from None


def header(rows: Sequence[Sequence[Cell]]) -> tuple[int, dict[str, int]] | None:
    """Which row names the columns, and where each one stands; title rows may precede it."""
    for at, row in enumerate(rows[:HEADER_WITHIN]):
        found: dict[str, int] = {}
        for column, cell in enumerate(row):
            name = _column(words(cell))
            if name and name not in found:
                found[name] = column
        if len(found) >= LEAST and {"caller", "started"} <= set(found):
            return at, found
    return None


def rows(table: Sequence[Sequence[Cell]], lines: Sequence[int], zone: ZoneInfo) -> Rows:
    """Every row of a table below its header; `lines` are their numbers in the file."""
    found = header(table)
    if found is None:
        yield NotTaken(line=1, why="no header: no row of the first ten names a caller, a time and a third known column")
        return
    at, columns = found
    for line, row in zip(lines[at + 1 :], table[at + 1 :], strict=True):
        first = next((text for cell in row if (text := words(cell))), "")
        if not first:
            continue
        if first.lower().startswith(TOTALS) or first.strip(":： ").lower() in TOTALS:
            yield NotTaken(line=line, why="a row of totals")
            continue
        try:
            yield _leg(line, {name: row[at] for name, at in columns.items() if at < len(row)}, zone, _raw(row))
        except Spoiled as spoiled:
            yield NotTaken(line=line, why=str(spoiled))


def _leg(line: int, row: Mapping[str, Cell], zone: ZoneInfo, raw: str) -> Leg:
    caller, started = phone(row.get("caller")), when(row.get("started"), zone)
    if not caller:
        raise Spoiled("no caller")
    if started is None:
        raise Spoiled("the start is no time")
    connected, ended = when(row.get("connected"), zone), when(row.get("ended"), zone)
    talked = seconds(row.get("talked"))
    if talked is None and connected and ended:
        talked = max(round((ended - connected).total_seconds()), 0)
    answered = _answered(narrow(row.get("state")), connected=connected, talked=talked)
    ident = words(row.get("ident"))
    return Leg(
        line=line,
        caller=caller,
        callee=phone(row.get("callee")),
        started=started,
        answered=answered,
        ident=f"table:{ident}" if ident else "",
        talked=talked if answered else None,
        waited=None if answered else _waited(row, started, ended),
        name=words(row.get("name")),
        agent=words(row.get("agent")),
        note=words(row.get("note")),
        direction=_direction(narrow(row.get("direction"))),
        raw=raw,
    )


def _answered(state: str, *, connected: datetime | None, talked: int | None) -> bool:
    """By the word for it where it is known, else by a time of answer or a length of talk."""
    bare = state.lower().replace(" ", "")
    if bare in LOST:
        return False
    return bare in TAKEN or connected is not None or bool(talked)


def _waited(row: Mapping[str, Cell], started: datetime, ended: datetime | None) -> int | None:
    waited = seconds(row.get("waited"))
    if waited is None and ended is not None:
        waited = max(round((ended - started).total_seconds()), 0)
    return waited


def _direction(text: str) -> str:
    bare = text.lower()
    if bare in OUT:
        return OUTGOING
    return INCOMING if bare in IN else ""


def _column(text: str) -> str:
    bare = re.sub(r"[\s_\-/:：*]", "", BRACKETS.sub("", unicodedata.normalize("NFKC", text))).lower()
    return next((name for name, aliases in ALIASES.items() if bare in aliases), "")


def _raw(row: Sequence[Cell]) -> str:
    return ",".join(words(cell) for cell in row)
