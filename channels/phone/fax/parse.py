"""From a fax file, a line of the server's log or a row of a table to the message that is kept; pure."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from hashlib import sha256

from channels import tables
from channels.contract import Attachment, Inbound, Malformed
from channels.numbers import number
from channels.phone.fax.xferfaxlog import Entry, entries, is_number, looks_like
from channels.powers import NotTaken
from channels.tables import Row

TIFF, PDF = "image/tiff", "application/pdf"
UNREAD = "未识别，请看原件]"
"""How the note of a fax ends whose text nobody has read."""
TITLES: Mapping[str, Sequence[str]] = {
    "caller": (
        "传真号码",
        "来电号码",
        "主叫号码",
        "主叫",
        "对方号码",
        "发送方号码",
        "发件号码",
        "号码",
        "from",
        "sender",
    ),
    "time": (
        "接收时间",
        "收件时间",
        "来电时间",
        "开始时间",
        "传真时间",
        "时间",
        "日期",
        "received",
        "receivedat",
        "date",
    ),
    "pages": ("页数", "接收页数", "总页数"),
    "name": ("传真标识", "对方标识", "发件人", "名称", "csi", "tsi", "stationid"),
    "status": ("状态", "接收状态", "结果", "result"),
    "reason": ("失败原因", "原因", "错误", "error"),
    "file": ("文件", "文件名", "传真文件", "附件", "filename"),
    "direction": ("方向", "类型", "收发", "type"),
    "text": ("备注", "内容", "摘要", "主题", "subject", "note"),
    "id": ("编号", "流水号", "传真id", "faxid", "jobid"),
}
"""What a table of faxes calls its columns."""
_SENT = re.compile(r"发出|发送|外发|呼出|send|sent|out", re.IGNORECASE)
_FAILED = re.compile(r"失败|错误|中断|未收|异常|fail|error|abort|incomplete", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class File:
    """One file that fell into the folder."""

    name: str
    content: bytes = field(repr=False)
    seen_at: datetime
    """When it was written, for names that tell no time."""


def inbound_of_file(file: File, patterns: Sequence[str], zone: tzinfo, entry: Entry | None = None) -> Inbound:
    """The fax in a file; `entry` is the line of the log about it. Raises Malformed for what is no TIFF and no PDF."""
    kind, pages = form(file.content)
    named_caller, named_at = named(file.name, patterns, zone)
    digest = digest_of(file.content)
    key = key_of(entry) if entry else f"sha256:{digest}"
    return Inbound(
        key=key,
        sender=_sender(entry.caller if entry else named_caller, key),
        sender_name=entry.name if entry else "",
        text=_note(pages, entry.reason if entry else ""),
        raw=entry.raw if entry else digest.encode(),
        sent_at=entry.at if entry else named_at or file.seen_at,
        attachments=(Attachment(name=file.name, type=kind, content=file.content),),
    )


def inbound_of_entry(entry: Entry) -> Inbound | None:
    """What a line of the log says by itself: a fax whose file is elsewhere or a failed one; None for a plain call."""
    if entry.kind == "RECV" and entry.pages > 0:
        text = _note(entry.pages, entry.reason, entry.file)
    elif entry.reason or entry.kind == "RECV":
        text = failed_note(entry.reason or "没有收到任何一页", entry.caller, entry.name)
    else:
        return None
    key = key_of(entry)
    return Inbound(
        key=key,
        sender=_sender(entry.caller, key),
        sender_name=entry.name,
        text=text,
        raw=entry.raw,
        sent_at=entry.at,
    )


def key_of(entry: Entry) -> str:
    """The same for a fax whether its file or its line of the log comes: numbers start anew, so the day is in it."""
    day = entry.at.date().isoformat()
    if entry.kind == "RECV" and entry.pages > 0 and entry.file:
        return f"hylafax:{day}:{entry.name_of_file}"
    return f"hylafax:{day}:{entry.commid}:failed"


def of_log(found: Sequence[Entry | NotTaken]) -> Iterator[tuple[Entry | None, Inbound | NotTaken]]:
    """The messages of a log: a failed session leaves a RECV and a CALL line, and is one message."""
    told = {one.commid for one in found if isinstance(one, Entry) and one.kind == "RECV"}
    for one in found:
        if isinstance(one, NotTaken):
            yield None, one
        elif one.kind == "RECV" or one.commid not in told:
            inbound = inbound_of_entry(one)
            if inbound is not None:
                yield one, inbound


def rows(content: bytes, zone: tzinfo) -> Iterator[Inbound | NotTaken]:
    """Read an xferfaxlog or a table of faxes; raises Malformed when it is neither."""
    if looks_like(content):
        yield from (one for _, one in of_log(list(entries(content, zone))))
        return
    seen: dict[str, int] = {}
    for row in tables.read(content, TITLES, needs=2).rows:
        one = _of_row(row, zone)
        if isinstance(one, Inbound) and not row["id"]:
            # Rows without a number of their own may be alike; their order among each other tells them apart.
            count = seen[one.key] = seen.get(one.key, 0) + 1
            one = one if count == 1 else replace(one, key=f"{one.key}#{count}")
        if one is not None:
            yield one


def named(name: str, patterns: Sequence[str], zone: tzinfo) -> tuple[str, datetime | None]:
    """Caller and time that a file name tells, by the first pattern that fits."""
    for pattern in patterns:
        found = re.search(pattern, name)
        if found:
            groups = found.groupdict()
            return groups.get("caller") or "", _when(groups.get("time") or "", zone)
    return "", None


def form(content: bytes) -> tuple[str, int | None]:
    """Media type and pages, None where only reading it would tell; raises Malformed."""
    if content[:4] in (b"II*\0", b"MM\0*"):
        return TIFF, tiff_pages(content)
    if b"%PDF-" in content[:1024]:  # what may stand before it: ISO 32000-1, Annex H, note 13
        if b"%%EOF" not in content[-2048:]:
            raise Malformed("the end", "the PDF is not whole")
        return PDF, None
    raise Malformed("the start", "it is neither a TIFF nor a PDF")


def tiff_pages(content: bytes) -> int:
    """Pages of a TIFF, by its chain of directories (TIFF 6.0, section 2); raises Malformed for a broken chain."""
    order = "<" if content[:2] == b"II" else ">"
    seen: set[int] = set()
    try:
        (at,) = struct.unpack_from(f"{order}I", content, 4)
        while at:
            if at in seen:
                raise Malformed(f"byte {at}", "the pages of the TIFF go round in a circle")
            (count,) = struct.unpack_from(f"{order}H", content, at)
            (after,) = struct.unpack_from(f"{order}I", content, at + 2 + 12 * count)
            seen.add(at)
            at = after
    except struct.error:
        raise Malformed(f"page {len(seen) + 1}", "the TIFF is not whole") from None
    if not seen:
        raise Malformed("byte 4", "the TIFF has no page")
    return len(seen)


def failed_note(reason: str, caller: str, name: str = "") -> str:
    """The words of a fax that did not come through: somebody wanted to tell us something."""
    who = f"请回电 {caller}" if caller else f"对方未显示号码（{name}），请设法联系" if name else "对方未显示号码"
    return f"[传真失败] 原因：{reason}。{who}"


def _note(pages: int | None, reason: str = "", elsewhere: str = "") -> str:
    """The words of a fax that nobody has read yet."""
    broken = f"[传真中断] 只收到一部分，原因：{reason}。请与对方核对\n" if reason else ""
    if elsewhere:
        return f"{broken}[传真 {pages} 页，原件在传真服务器：{elsewhere}]"
    return f"{broken}[传真 {f'{pages} 页' if pages else 'PDF'}，{UNREAD}"


def _sender(caller: str, key: str) -> str:
    """The number in the form of the address book; who shows none is nobody else's contact."""
    return number(caller).address if caller else f"unknown-{sha256(key.encode()).hexdigest()[:12]}"


def _when(text: str, zone: tzinfo) -> datetime | None:
    digits = re.sub(r"\D", "", text)
    try:
        return datetime.strptime(digits.ljust(14, "0"), "%Y%m%d%H%M%S").replace(tzinfo=zone)
    except ValueError:
        return tables.moment(text, zone)


def _of_row(row: Row, zone: tzinfo) -> Inbound | NotTaken | None:
    """One row of a table; None for a fax of ours."""
    if _SENT.search(row["direction"]):
        return None
    if tables.lost_digits(row["caller"]):
        why = "a spreadsheet has rounded the number; export it again with that column as text"
        return NotTaken(line=row.line, why=why)
    if not is_number(row["caller"]):
        return NotTaken(line=row.line, why="no fax number")
    at = tables.moment(row["time"], zone)
    if at is None:
        return NotTaken(line=row.line, why="no time that can be read")
    own = row["id"] or sha256("\0".join(row.cells.values()).encode()).hexdigest()[:32]
    failed = _FAILED.search(row["status"]) or row["reason"]
    words = failed_note(row["reason"] or row["status"], row["caller"]) if failed else _of_table(row)
    return Inbound(
        key=f"row:{own}",
        sender=number(row["caller"]).address,
        sender_name=row["name"],
        text="\n".join(filter(None, (words, row["text"]))),
        raw="\t".join(row.cells.values()).encode(),
        sent_at=at,
    )


def _of_table(row: Row) -> str:
    pages = f" {row['pages']} 页" if row["pages"] else ""
    return f"[传真{pages}，原件在传真服务器{'：' + row['file'] if row['file'] else ''}]"


def is_failure(entry: Entry) -> bool:
    """Whether nothing of it was received, so that no file will ever tell of it."""
    return not (entry.kind == "RECV" and entry.pages > 0)


def digest_of(content: bytes) -> str:
    """What a file is known by."""
    return sha256(content).hexdigest()


def _blank(width: int, height: int) -> bytes:
    """An empty page as an uncompressed bilevel TIFF, 204 by 196 dpi (TIFF 6.0, section 3)."""
    pixels = bytes(-(-width // 8) * height)
    at = 8 + len(pixels)
    tags = [
        (256, 4, width),
        (257, 4, height),
        (258, 3, 1),
        (259, 3, 1),
        (262, 3, 0),
        (273, 4, 8),
        (277, 3, 1),
        (278, 4, height),
        (279, 4, len(pixels)),
    ]
    entries_ = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
    return struct.pack("<2sHI", b"II", 42, at) + pixels + struct.pack("<H", len(tags)) + entries_ + bytes(4)


BLANK = _blank(208, 208)
"""A page with nothing on it, to try whether reading works."""
