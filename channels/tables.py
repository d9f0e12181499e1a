"""Tables that people export and send: CSV in whatever encoding, XLSX and XLS, with titles above the header; pure.

What spreadsheets do to numbers is undone where it can be (`="138…"`, a leading `'`, 1.38E+10 in a cell that still
holds the number) and told where it cannot (`lost_digits`).
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from io import BytesIO, StringIO
from typing import Any

from channels.contract import Malformed

SEARCHED = 10
"""Rows in which the header must stand; titles and the time of the export stand above it."""
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_DECORATION = re.compile(r"[\s*:_./-]|\([^)]*\)|\[[^\]]*\]")
_FORMULA = re.compile(r'^="?(.*?)"?$', re.DOTALL)
_SCIENTIFIC = re.compile(r"^\d(?:\.\d+)?E\+?\d+$", re.IGNORECASE)
_TOTALS = frozenset({"合计", "总计", "小计", "共计", "total", "subtotal", "sum"})
_MOMENT = re.compile(
    r"^(?P<year>\d{4})[-/.年](?P<month>\d{1,2})[-/.月](?P<day>\d{1,2})日?"
    r"(?:[T\s]*(?P<hour>\d{1,2})[:时](?P<minute>\d{1,2})分?(?::?(?P<second>\d{1,2})秒?)?(?:\.\d+)?)?"
    r"\s*(?P<zone>Z|[+-]\d{2}:?\d{2})?$"
)
_CLOCK = re.compile(r"^(?:(?P<hours>\d+):)?(?P<minutes>\d{1,2}):(?P<seconds>\d{1,2})$")
_SPOKEN = re.compile(
    r"^(?:(?P<hours>\d+)(?:小时|时|h))?(?:(?P<minutes>\d+)(?:分钟|分|m))?(?:(?P<seconds>\d+)(?:秒|s))?$"
)
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - spreadsheets have no time zone
"""Day 0 of serial dates (ECMA-376 part 1, 18.17.4.1, with the leap year that 1900 was not)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One row below the header."""

    line: int
    """Counted from 1, as an editor or a spreadsheet shows it; of a row with line breaks in it, the first."""
    cells: Mapping[str, str] = field(repr=False)
    """By the name that the caller knows the column under; every known name is there, "" without a column."""
    more: Mapping[str, str] = field(default_factory=dict, repr=False)
    """What stands in the other columns, by their own titles."""

    def __getitem__(self, name: str) -> str:
        return self.cells[name]


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """A table whose header was found."""

    line: int
    """Where the header stands."""
    known: frozenset[str]
    """The names that have a column."""
    rows: Sequence[Row] = field(repr=False)


def read(content: bytes, aliases: Mapping[str, Iterable[str]], *, needs: int = 3) -> Table:
    """Find the header in the first rows and read what stands below it, without empty rows and a total at the end.

    `aliases` are the titles that a column may have, by the name it is then known under; the name itself counts too.
    Of two columns with one name the first that is filled counts. Raises Malformed when no row has `needs` of them.
    """
    titles = {title(one): name for name, names in aliases.items() for one in (name, *names)}
    where = "line 1"
    for grid in _grids(content):
        for at, (line, cells) in enumerate(grid):
            if at >= SEARCHED:
                break
            found = [titles.get(title(cell), "") for cell in cells]
            if len(set(found) - {""}) >= needs:
                below = [(number, row) for number, row in grid[at + 1 :] if not _totals(row)]
                rows = [_row(number, row, found, cells, aliases) for number, row in below]
                return Table(line=line, known=frozenset(found) - {""}, rows=rows)
    raise Malformed(where, f"no header in the first {SEARCHED} rows: fewer than {needs} titles are known")


def title(text: str) -> str:
    """A column's title in the form in which titles are compared: without spaces, marks and what is in brackets."""
    return _DECORATION.sub("", unicodedata.normalize("NFKC", text).lower())


def decoded(content: bytes) -> str:
    """Text as spreadsheets write it: with a byte order mark, UTF-8, or else GB 18030, which includes GBK."""
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return content.decode(encoding, "replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("gb18030", "replace")


def lost_digits(text: str) -> bool:
    """Whether a spreadsheet has rounded a long number away (1.38E+10): what it was cannot be known any more."""
    return bool(_SCIENTIFIC.match(text))


def moment(text: str, zone: tzinfo) -> datetime | None:
    """A time as exports write it: 2026-11-20 11:12:05, 2026/11/20 11:12, 2026年11月20日 or a serial date; else None.

    Without a zone of its own it is local time in `zone`; the answer is aware.
    """
    given = unicodedata.normalize("NFKC", text).strip()
    try:
        if re.fullmatch(r"\d{5}(?:\.\d+)?", given):
            return (_EPOCH + timedelta(seconds=round(float(given) * 86400))).replace(tzinfo=zone)
        if re.fullmatch(r"\d{10}|\d{13}", given):
            return datetime.fromtimestamp(int(given[:10]), zone)
        found = _MOMENT.match(given)
        return found and _joined(found, zone)
    except ValueError:
        return None


def seconds(text: str) -> int | None:
    """A length of time as exports write it: 65, 00:01:05, 1:05 or 1分5秒, in seconds; else None."""
    given = unicodedata.normalize("NFKC", text).replace(" ", "").lower()
    if re.fullmatch(r"\d+(?:\.\d+)?", given):
        return round(float(given))
    found = _CLOCK.match(given) or (_SPOKEN.match(given) if given else None)
    if found is None:
        return None
    hours, minutes, rest = (int(found[name] or 0) for name in ("hours", "minutes", "seconds"))
    return hours * 3600 + minutes * 60 + rest


def _joined(found: re.Match[str], zone: tzinfo) -> datetime:
    parts = {name: int(found[name] or 0) for name in ("year", "month", "day", "hour", "minute", "second")}
    if found["zone"]:
        offset = found["zone"].replace("Z", "+00:00")
        zone = datetime.strptime(offset.replace(":", ""), "%z").tzinfo or zone
    return datetime(**parts, tzinfo=zone)


Grid = list[tuple[int, list[str]]]
"""Rows that hold something, with their lines."""


def _grids(content: bytes) -> Iterator[Grid]:
    """The sheets of a book, or the one table of a text."""
    if content.startswith((_ZIP, _OLE)):
        yield from _sheets(content)
    else:
        yield _text(decoded(content))


def _sheets(content: bytes) -> Iterator[Grid]:
    from python_calamine import CalamineError, CalamineWorkbook  # noqa: PLC0415 - only spreadsheets need it

    try:
        book = CalamineWorkbook.from_filelike(BytesIO(content))
        for index in range(len(book.sheet_names)):
            rows = book.get_sheet_by_index(index).to_python(skip_empty_area=False)
            yield [(at, cells) for at, row in enumerate(rows, 1) if any(cells := [_cell(one) for one in row])]
    except CalamineError as error:
        raise Malformed("the file", f"it is no spreadsheet that can be read ({type(error).__name__})") from None


def _text(text: str) -> Grid:
    lines = text.splitlines()[:SEARCHED]
    # The header has it too: a cell may hold a list with more of another mark than the row has columns.
    delimiter = max(",\t;", key=lambda mark: (sum(mark in line for line in lines), sum(map(_counted(mark), lines))))
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter)
    rows: Grid = []
    before = 0
    try:
        for cells in reader:
            plain = [_plain(cell) for cell in cells]
            if any(plain):
                rows.append((before + 1, plain))
            before = reader.line_num
    except csv.Error as error:
        raise Malformed(f"line {before + 1}", str(error)) from None
    return rows


def _counted(mark: str) -> Callable[[str], int]:
    return lambda line: line.count(mark)


def _plain(cell: str) -> str:
    """A cell without what keeps a spreadsheet from rounding it."""
    cell = cell.replace("\u00a0", " ").replace("\ufeff", "").strip()
    if cell.startswith("="):
        found = _FORMULA.match(cell)
        cell = found[1] if found else cell
    return cell.removeprefix("'").strip()


def _cell(value: Any) -> str:
    match value:
        case float() if value.is_integer() and abs(value) < 1e15:  # a double holds 15 digits and no more
            return str(int(value))
        case float() if value.is_integer():
            return f"{value:E}"
        case timedelta():
            return str(int(value.total_seconds()))
    return _plain(str(value))


def _row(
    line: int, row: Sequence[str], names: Sequence[str], titles: Sequence[str], known: Mapping[str, Iterable[str]]
) -> Row:
    cells, more = dict.fromkeys(known, ""), {}
    for name, own, cell in zip(names, titles, row, strict=False):
        if name:
            cells[name] = cells[name] or cell
        elif own and cell:
            more[own] = cell
    return Row(line=line, cells=cells, more=more)


def _totals(row: Sequence[str]) -> bool:
    """Whether it is the line of totals at the end, which is nobody's."""
    return title(next(filter(None, row))) in _TOTALS
