"""One file of call records, whatever wrote it, read into calls; pure."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from channels.contract import Inbound
from channels.numbers import number
from channels.phone.records import asterisk, freeswitch, tables
from channels.phone.records.config import Account
from channels.phone.records.leg import Rows, decoded
from channels.phone.records.told import Rules, told
from channels.powers import NotTaken

WORKBOOKS: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
"""How XLSX and ODS (a ZIP) and XLS (OLE) begin."""
LOOKED_AT: Final = 20
"""Rows that a layout is looked for in."""


def rules(account: Account) -> Rules:
    """Whose numbers are whose, by the settings."""
    own = frozenset(number(one, account.region).address for one in account.own_numbers)
    return Rules(region=account.region, extensions=re.compile(account.extensions), own=own)


def calls(content: bytes, account: Account) -> Iterator[Inbound | NotTaken]:
    """Every call that came in, once, and every row that is not taken with its line and the reason."""
    return told(legs(content, ZoneInfo(account.time_zone)), rules(account))


def legs(content: bytes, zone: ZoneInfo) -> Rows:
    """Every row of a file; what wrote it is told by its form."""
    if content.startswith(WORKBOOKS):
        yield from _workbook(content, zone)
        return
    text = decoded(content)
    bare = text.lstrip()
    if not bare:
        yield NotTaken(line=1, why="the file is empty")
    elif bare[0] in "{[":
        yield from _json(text, zone)
    elif bare[0] == "<":
        yield from _xml(text, zone)
    elif asterisk.QUEUE_LINE.match(bare):
        yield from asterisk.queue((n, line) for n, line in enumerate(text.splitlines(), 1) if line.strip())
    else:
        yield from _csv(text, zone)


def _workbook(content: bytes, zone: ZoneInfo) -> Rows:
    """The first sheet that has a header, else what is wrong with the first."""
    try:
        sheets = list(tables.sheets(content))
    except ValueError as error:
        yield NotTaken(line=1, why=str(error))
        return
    sheet = next((one for one in sheets if tables.header(one)), sheets[0] if sheets else [])
    yield from tables.rows(sheet, range(1, len(sheet) + 1), zone)


def _csv(text: str, zone: ZoneInfo) -> Rows:
    lines, rows, broken = _rows(text)
    if rows:
        yield from _layout(lines, rows, zone)
    if broken:
        yield broken


def _layout(lines: Sequence[int], rows: Sequence[Sequence[str]], zone: ZoneInfo) -> Rows:
    """Who wrote the rows, by their header or by where their times stand."""
    first = rows[:LOOKED_AT]
    numbered = list(zip(lines, rows, strict=True))
    if header := asterisk.headed(rows[0]):
        yield from asterisk.records(numbered[1:], zone, header)
    elif header := freeswitch.headed(rows[0]):
        yield from freeswitch.table(numbered[1:], zone, header)
    elif any(asterisk.shape(row) for row in first):
        yield from asterisk.records(numbered, zone)
    elif any(freeswitch.shape(row) for row in first):
        yield from freeswitch.table(numbered, zone)
    else:
        yield from tables.rows(rows, lines, zone)


def _rows(text: str) -> tuple[list[int], list[list[str]], NotTaken | None]:
    """The rows that say something, with the line on which each begins."""
    reader = csv.reader(io.StringIO(text.replace("\0", "\ufffd"), newline=""), delimiter=_delimiter(text))
    lines: list[int] = []
    rows: list[list[str]] = []
    before = 0
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                lines.append(before + 1)
                rows.append(row)
            before = reader.line_num
    except csv.Error:
        return lines, rows, NotTaken(line=before + 1, why="a field is too long: is a quotation mark missing?")
    return lines, rows, None


def _delimiter(text: str) -> str:
    """What parts the cells: the mark that the first lines have most of."""
    head = "\n".join(text.splitlines()[:LOOKED_AT])
    return max((",", "\t", ";"), key=head.count)


def _json(text: str, zone: ZoneInfo) -> Rows:
    """One record, a list of records, or a record on every line."""
    try:
        yield from _records(list(_documents(text)), text, zone)
    except (ValueError, RecursionError):
        yield NotTaken(line=1, why="neither JSON nor a JSON record on every line")


def _documents(text: str) -> Iterator[tuple[int, Any]]:
    try:
        found = json.loads(text)
    except ValueError:
        numbered = [(n, line) for n, line in enumerate(text.splitlines(), 1) if line.strip()]
        yield from ((n, json.loads(line)) for n, line in numbered)
        return
    listed = found if isinstance(found, list) else [found]
    yield from enumerate(listed, 1)


def _records(found: Sequence[tuple[int, Any]], text: str, zone: ZoneInfo) -> Rows:
    flat = [one for _, one in found if isinstance(one, dict) and "variables" not in one]
    if flat and len(flat) == len(found) and not any("callflow" in one for one in flat):
        names = list(dict.fromkeys(name for one in flat for name in one))
        table = [names, *([_scalar(one.get(name)) for name in names] for one in flat)]
        yield from tables.rows(table, [0, *(line for line, _ in found)], zone)
        return
    for line, one in found:
        if isinstance(one, dict):
            raw = text if len(found) == 1 else json.dumps(one, ensure_ascii=False)
            yield freeswitch.document(line, one, zone, raw=raw)
        else:
            yield NotTaken(line=line, why="no call record: not an object")


def _scalar(value: Any) -> str | int | float | None:
    return value if isinstance(value, (str, int, float)) and not isinstance(value, bool) else None


def _xml(text: str, zone: ZoneInfo) -> Rows:
    """One record; entities and document types are refused (defusedxml)."""
    try:
        # The text is decoded already; what its declaration says of an encoding is over.
        root = fromstring(re.sub(r"^\s*<\?xml.*?\?>", "", text, count=1, flags=re.DOTALL), forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError):
        yield NotTaken(line=1, why="not XML, or XML with entities")
        return
    yield freeswitch.tree(1, root, zone, raw=text)
