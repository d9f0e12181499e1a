"""Asterisk's call records (Master.csv, cdr-custom, FreePBX exports) and its queue_log; pure.

Columns: asterisk/asterisk cdr/cdr_csv.c and configs/samples/cdr_custom.conf.sample; FreePBX/cdr install.php; queue_log:
docs.asterisk.org/Operation/Logging/Queue-Logs. Records have local times (unless usegmtime), queue_log has epochs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from channels.phone.records.leg import OUTGOING, Leg, Rows, epoch, moment, whole
from channels.powers import NotTaken

COLUMNS: Final = (
    "accountcode", "src", "dst", "dcontext", "clid", "channel", "dstchannel", "lastapp", "lastdata", "start", "answer",
    "end", "duration", "billsec", "disposition", "amaflags", "uniqueid", "userfield", "peeraccount", "linkedid",
    "sequence",
)  # fmt: skip
CUSTOM: Final = (
    "clid", "src", "dst", "dcontext", "channel", "dstchannel", "lastapp", "lastdata", "start", "answer", "end",
    "duration", "billsec", "disposition", "amaflags", "accountcode", "uniqueid", "userfield", "sequence",
)  # fmt: skip
DISPOSITIONS: Final = frozenset({"ANSWERED", "NO ANSWER", "BUSY", "FAILED", "CONGESTION"})
UNIQUE: Final = re.compile(r"(?:[\w.-]+-)?\d{9,11}\.\d+")
PEER: Final = re.compile(r"\w+/([^/@;-]+)")
NAME: Final = re.compile(r'\s*"?(.*?)"?\s*<[^<>]*>\s*')
VOICEMAIL: Final = frozenset({"voicemail", "minivmrecord", "record"})
QUEUE_LINE: Final = re.compile(r"\d{9,11}\|[^|]*\|[^|]*\|[^|]*\|[A-Z]")


def shape(row: Sequence[str]) -> tuple[str, ...]:
    """The columns of a row without a header, told by where its times and its disposition stand; () for no record."""
    for columns in (COLUMNS, CUSTOM):
        start, verdict = columns.index("start"), columns.index("disposition")
        if len(row) > verdict + 1 and row[verdict] in DISPOSITIONS and re.match(r"\d{4}-\d\d-\d\d ", row[start]):
            return columns
    return ()


def named(row: Sequence[str]) -> dict[str, str]:
    """A row without a header as a record; {} when it is none.

    Without loguniqueid a userfield may stand in its place; an id is known by its form.
    """
    found = dict(zip(shape(row), row, strict=False))
    odd = found.get("uniqueid", "")
    if odd and not UNIQUE.fullmatch(odd) and "userfield" not in found:
        found["userfield"] = found.pop("uniqueid")
    return found


def headed(header: Sequence[str]) -> tuple[str, ...]:
    """The columns that a header names, as in an export of FreePBX; () when it is none of Asterisk."""
    names = tuple(cell.strip().lower() for cell in header)
    known = {"src", "dst", "disposition"} <= set(names) and ("calldate" in names or "start" in names)
    return tuple("start" if name == "calldate" else name for name in names) if known else ()


def records(rows: Iterable[tuple[int, Sequence[str]]], zone: ZoneInfo, header: Sequence[str] = ()) -> Rows:
    """Every row of a file of records."""
    for line, row in rows:
        record = dict(zip(header, row, strict=False)) if header else named(row)
        if not record:
            yield NotTaken(line=line, why=f"no call record: {len(row)} columns that do not fit any known layout")
            continue
        yield _leg(line, record, zone, raw=",".join(row))


def _leg(line: int, record: Mapping[str, str], zone: ZoneInfo, *, raw: str) -> Leg | NotTaken:
    started = moment(record.get("start", ""), zone)
    if started is None:
        return NotTaken(line=line, why="the start is no time")
    app = record.get("lastapp", "").lower()
    seconds, talked = whole(record.get("duration", "")), whole(record.get("billsec", ""))
    agent = peer(record.get("dstchannel", ""))
    disposition = record.get("disposition", "")
    # Without a second channel nobody but the switchboard itself (a menu, a mailbox, a tone) picked up.
    answered = disposition == "ANSWERED" and bool(record.get("dstchannel")) and app not in VOICEMAIL
    ident = record.get("linkedid") or record.get("uniqueid") or ""
    return Leg(
        line=line,
        caller=_caller(record),
        callee=record.get("did") or record.get("dst", ""),
        started=started,
        answered=answered,
        ident=f"asterisk:{ident}" if ident else "",
        talked=talked if answered else None,
        waited=None if answered else seconds,
        name=_name(record),
        agent=agent if answered else "",
        note="语音信箱有留言" if app in VOICEMAIL and talked else "",
        why="占线" if disposition == "BUSY" else "未接通",
        direction=OUTGOING if record.get("outbound_cnum") else "",
        origin="" if record.get("channel", "").startswith("Local/") else peer(record.get("channel", "")),
        raw=raw,
    )


def peer(channel: str) -> str:
    """Whose line a channel is: PJSIP/801-0000002a gives 801, and so does Local/801@from-queue-1a2b;1."""
    found = PEER.match(channel)
    return found[1] if found else ""


def _caller(record: Mapping[str, str]) -> str:
    return record.get("src", "").strip() or record.get("cnum", "").strip()


def _name(record: Mapping[str, str]) -> str:
    found = NAME.fullmatch(record.get("clid", ""))
    name = record.get("cnam", "").strip() or (found[1].strip() if found else "")
    return "" if name == _caller(record) else name


@dataclass(kw_only=True, slots=True)
class Queued:
    """One call in a queue, gathered from its lines."""

    line: int
    callid: str
    queue: str
    started: datetime
    caller: str = ""
    entered: bool = False
    outcome: str = "waiting"
    """waiting, talking, answered, abandoned, timeout, empty, left by key."""
    agent: str = ""
    waited: int | None = None
    talked: int | None = None
    raw: list[str] = field(default_factory=list)


ENDS: Final = {
    "ABANDON": ("abandoned", 2),
    "EXITWITHTIMEOUT": ("timeout", 2),
    "EXITEMPTY": ("empty", 2),
    "JOINEMPTY": ("empty", 9),
    "FULL": ("empty", 9),
    "EXITWITHKEY": ("left by key", 3),
}
"""How a call leaves the queue unanswered, and which parameter tells how long it waited."""
DONE: Final = {
    "COMPLETECALLER": 1,
    "COMPLETEAGENT": 1,
    "TRANSFER": 3,
    "BLINDTRANSFER": 3,
    "ATTENDEDTRANSFER": 3,
}
"""How a talk ends, and which parameter tells how long it was."""
UNTOLD: Final = {
    "waiting": "the call has not ended in this file",
    "talking": "the call has not ended in this file",
    "left by key": "the caller left the queue by a key",
}


def queued(lines: Iterable[tuple[int, str]]) -> Iterator[Queued | NotTaken]:
    """Every call of a queue_log, and every line that cannot be read; what agents and the queue itself do is no call."""
    calls: dict[str, Queued] = {}
    for line, text in lines:
        parts = text.rstrip("\r\n").split("|")
        at = epoch(parts[0]) if len(parts) > 4 else None
        if at is None:
            yield NotTaken(line=line, why="no line of a queue_log: epoch|call|queue|member|event")
            continue
        if parts[1] not in ("NONE", "", "CLI", "MANAGER", "REALTIME"):
            new = Queued(line=line, callid=parts[1], queue=parts[2], started=at)
            call = calls.setdefault(parts[1], new)
            call.raw.append(text)
            _happened(call, parts[3], parts[4], parts[5:])
    yield from calls.values()


def _happened(call: Queued, member: str, event: str, more: Sequence[str]) -> None:
    """One event of a call; once somebody talked to the caller it stays answered, whatever another queue says."""
    if event == "ENTERQUEUE":
        call.caller, call.entered = (more[1] if len(more) > 1 else ""), True
        call.outcome = call.outcome if call.outcome in ("answered", "talking") else "waiting"
    elif event == "CONNECT":
        call.outcome, call.agent = "talking", peer(member) or member
        call.waited = _number(more, 0)
    elif event in DONE and call.outcome in ("talking", "answered"):
        call.outcome, call.talked = "answered", _number(more, DONE[event])
    elif event in ENDS and call.outcome == "waiting":
        call.outcome, at = ENDS[event]
        call.waited = _number(more, at)


def _number(more: Sequence[str], at: int) -> int | None:
    return whole(more[at]) if len(more) > at else None


def queue(lines: Iterable[tuple[int, str]]) -> Rows:
    """The ended calls of a queue_log; its call ids are the unique ids of the records, so that both tell one call."""
    for call in queued(lines):
        if isinstance(call, NotTaken):
            yield call
        elif call.outcome in UNTOLD:
            yield NotTaken(line=call.line, why=UNTOLD[call.outcome])
        elif not call.entered and call.outcome != "empty":
            yield NotTaken(line=call.line, why="the call entered the queue before this file begins")
        else:
            yield _of_queue(call)


def _of_queue(call: Queued) -> Leg:
    answered = call.outcome == "answered"
    return Leg(
        line=call.line,
        caller=call.caller,
        callee=call.queue,
        started=call.started,
        answered=answered,
        ident=f"asterisk:{call.callid}",
        talked=call.talked,
        waited=None if answered else call.waited,
        agent=call.agent,
        why="无坐席在线" if call.outcome == "empty" else "未接通",
        raw="\n".join(call.raw),
    )
