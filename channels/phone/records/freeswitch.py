"""FreeSWITCH's call records: mod_cdr_csv (default template), mod_json_cdr, mod_xml_cdr; pure.

signalwire/freeswitch conf/vanilla/autoload_configs/cdr_csv.conf.xml; values of JSON and XML records are URL-encoded
by default (developer.signalwire.com, mod_json_cdr, encode-values) and unquoted once, where an escape stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import unquote
from xml.etree.ElementTree import Element
from zoneinfo import ZoneInfo

from channels.phone.records.leg import OUTGOING, Leg, Rows, epoch, moment, whole
from channels.powers import NotTaken

COLUMNS: Final = (
    "caller_id_name", "caller_id_number", "destination_number", "context", "start_stamp", "answer_stamp", "end_stamp",
    "duration", "billsec", "hangup_cause", "uuid", "bleg_uuid", "accountcode", "read_codec", "write_codec",
)  # fmt: skip
UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
ESCAPE: Final = re.compile("%[0-9A-Fa-f]{2}")
OTHER_LEG: Final = "the other leg of a call"


def shape(row: Sequence[str]) -> tuple[str, ...]:
    """The columns of a row of the default template; () for anything else."""
    fits = len(row) >= 12 and UUID.fullmatch(row[10].strip()) and re.match(r"\d{4}-\d\d-\d\d ", row[4])
    return COLUMNS if fits else ()


def headed(header: Sequence[str]) -> tuple[str, ...]:
    """The columns that a header names; () when it is none of FreeSWITCH."""
    names = tuple(cell.strip().lower() for cell in header)
    return names if {"caller_id_number", "destination_number", "start_stamp"} <= set(names) else ()


def table(rows: Iterable[tuple[int, Sequence[str]]], zone: ZoneInfo, header: Sequence[str] = ()) -> Rows:
    """Every row of a CSV file."""
    for line, row in rows:
        columns = header or shape(row)
        if not columns:
            yield NotTaken(line=line, why=f"no call record: {len(row)} columns that do not fit the default template")
            continue
        record = dict(zip(columns, (plain(cell) for cell in row), strict=False))
        yield leg(line, record, zone, raw=",".join(row))


def document(line: int, record: Mapping[str, Any], zone: ZoneInfo, *, raw: str) -> Leg | NotTaken:
    """One JSON record."""
    variables = record.get("variables")
    if not isinstance(variables, dict):
        return NotTaken(line=line, why="no call record: it has no variables")
    flows = record.get("callflow")
    listed = [flow for flow in (flows if isinstance(flows, list) else [flows]) if isinstance(flow, dict)]
    # The first profile is the call as it came in; transfers add others before it.
    first = min(listed, key=lambda flow: whole(str(flow.get("profile_index", ""))) or 0, default={})
    channel, profile, times = record.get("channel_data"), first.get("caller_profile"), first.get("times")
    flat = _texts(times or record.get("times")) | _texts(channel) | _texts(variables)
    return leg(
        line, flat | _texts(profile, only=("caller_id_name", "caller_id_number", "destination_number")), zone, raw=raw
    )


def tree(line: int, root: Element, zone: ZoneInfo, *, raw: str) -> Leg | NotTaken:
    """One XML record, the same by other means."""
    flows = [
        {
            "profile_index": flow.get("profile_index", ""),
            "caller_profile": {child.tag: child.text or "" for child in flow.iterfind("caller_profile/*")},
            "times": {child.tag: child.text or "" for child in flow.iterfind("times/*")},
        }
        for flow in root.iterfind("callflow")
    ]
    record = {part: {child.tag: child.text or "" for child in root.iterfind(f"{part}/*")} for part in ("channel_data",)}
    variables = {child.tag: child.text or "" for child in root.iterfind("variables/*")}
    return document(line, {**record, "variables": variables or None, "callflow": flows}, zone, raw=raw)


def plain(text: str) -> str:
    """A value without URL encoding."""
    return unquote(text) if ESCAPE.search(text) else text


def leg(line: int, record: Mapping[str, str], zone: ZoneInfo, *, raw: str) -> Leg | NotTaken:
    """One record by the names of its variables."""
    direction, uuid = record.get("direction", ""), record.get("uuid", "").strip()
    call = record.get("call_uuid") or uuid
    if direction == "outbound" and (call != uuid or record.get("originating_leg_uuid")):
        return NotTaken(line=line, why=OTHER_LEG)
    started = epoch(record.get("start_epoch", "")) or moment(record.get("start_stamp", ""), zone)
    started = started or epoch(record.get("created_time", ""))
    if started is None:
        return NotTaken(line=line, why="the start is no time")
    callee = record.get("destination_number") or record.get("sip_to_user", "")
    if not callee:
        return NotTaken(line=line, why="no number that was called")
    answered = bool(moment(record.get("answer_stamp", ""), zone) or epoch(record.get("answer_epoch", "")))
    # Without a second leg only a menu or a mailbox of the switchboard picked up.
    talked = answered and any(record.get(name) for name in ("bleg_uuid", "bridge_uuid", "last_bridge_to"))
    caller = record.get("caller_id_number") or record.get("sip_from_user", "")
    name = record.get("caller_id_name") or record.get("sip_from_display", "")
    return Leg(
        line=line,
        caller=caller,
        callee=callee,
        started=started,
        answered=talked,
        ident=f"freeswitch:{call}" if call else "",
        talked=whole(record.get("billsec", "")) if talked else None,
        waited=None if talked else whole(record.get("duration", "")),
        name="" if name == caller else name,
        agent=(record.get("cc_agent") or record.get("last_sent_callee_id_number", "")) if talked else "",
        note="语音信箱有留言" if record.get("last_app") == "voicemail" and answered else "",
        why="占线" if record.get("hangup_cause") == "USER_BUSY" else "未接通",
        direction=OUTGOING if direction == "outbound" else "",
        raw=raw,
    )


def _texts(part: object, *, only: Sequence[str] = ()) -> dict[str, str]:
    """The values that are texts and say something, unquoted."""
    if not isinstance(part, dict):
        return {}
    wanted = {name: value for name, value in part.items() if isinstance(value, str) and value}
    return {name: plain(value) for name, value in wanted.items() if not only or name in only}
