"""Cells of call-centre tables as people and spreadsheets spoil them: numbers, times, lengths, words; pure."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from channels.phone.records.leg import moment

Cell = str | int | float | bool | date | datetime | time | timedelta | None
SCIENTIFIC: Final = re.compile(r"[+-]?\d+(\.\d+)?[eE]\+?\d+")
QUOTED: Final = re.compile(r'="?([^"]*)"?')
EXACT: Final = 10**15
"""A spreadsheet keeps 15 digits of a number and turns the others into zeros."""
ERA: Final = datetime(1899, 12, 30)  # noqa: DTZ001 - a wall clock; the zone is added by the caller
"""Day 0 of a spreadsheet, its false 29 February 1900 allowed for (ECMA-376 18.17.4.1)."""
CHINESE_LENGTH: Final = re.compile(
    r"(?:(\d+)(?:小时|时|h))?(?:(\d+)(?:分钟|分|m(?:in)?))?(?:(\d+)(?:秒钟|秒|s(?:ec)?))?"
)
CLOCK_LENGTH: Final = re.compile(r"(?:(\d+):)?(\d{1,3}):(\d{1,2})(?:\.\d+)?")


class Spoiled(ValueError):
    """A cell that no longer says what stood in it; the text is the reason."""


def words(cell: Cell) -> str:
    """A cell as text: without the marks that keep a spreadsheet from counting with it."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < EXACT:
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="seconds")
    text = str(cell).strip().lstrip("'‘’").strip()
    quoted = QUOTED.fullmatch(text) if text.startswith("=") else None
    return quoted[1].strip() if quoted else text


def narrow(cell: Cell) -> str:
    """A cell as text whose full-width digits and signs are ordinary ones (NFKC)."""
    return unicodedata.normalize("NFKC", words(cell)).strip()


def phone(cell: Cell) -> str:
    """A number; raises Spoiled for one that a spreadsheet has rounded."""
    if isinstance(cell, (int, float)) and not isinstance(cell, bool) and abs(cell) >= EXACT:
        raise Spoiled("a number of more than 15 digits was rounded; export the column as text")
    text = narrow(cell)
    if SCIENTIFIC.fullmatch(text) and not text.isdigit():
        raise Spoiled("the number was turned into scientific notation; export the column as text")
    return text.removesuffix(".0")


def when(cell: Cell, zone: ZoneInfo) -> datetime | None:
    """A time in UTC: a date of a spreadsheet, its serial number, or text; None for none."""
    if isinstance(cell, datetime):
        return (cell if cell.tzinfo else cell.replace(tzinfo=zone)).astimezone(UTC)
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return _serial(float(cell), zone) or moment(words(cell), zone)
    text = narrow(cell)
    try:
        return _serial(float(text), zone) or moment(text, zone)
    except ValueError:
        return moment(text, zone)


def seconds(cell: Cell) -> int | None:
    """A length of time: 65, 00:01:05, 1:05, 1分5秒, or a part of a day as spreadsheets keep it; None for none."""
    if isinstance(cell, timedelta):
        return round(cell.total_seconds())
    if isinstance(cell, datetime):  # a length that was formatted as a time on day 0
        return round((cell.replace(tzinfo=None) - ERA).total_seconds()) % 86_400
    if isinstance(cell, time):
        return cell.hour * 3600 + cell.minute * 60 + cell.second
    if isinstance(cell, float) and 0 < cell < 1:
        return round(cell * 86_400)
    return _seconds(narrow(cell).replace(" ", ""))


def _seconds(text: str) -> int | None:
    clock = CLOCK_LENGTH.fullmatch(text)
    if clock:
        return int(clock[1] or 0) * 3600 + int(clock[2]) * 60 + int(clock[3])
    if re.fullmatch(r"\d{1,7}(\.\d+)?", text):
        return int(text.partition(".")[0])
    spoken = CHINESE_LENGTH.fullmatch(text.lower())
    if spoken and any(spoken.groups()):
        return int(spoken[1] or 0) * 3600 + int(spoken[2] or 0) * 60 + int(spoken[3] or 0)
    return None


def _serial(value: float, zone: ZoneInfo) -> datetime | None:
    """A serial number of the years 1982 to 2119; anything else is none."""
    if not 30_000 <= value < 80_000:
        return None
    local = ERA + timedelta(seconds=round(value * 86_400))
    return local.replace(tzinfo=zone).astimezone(UTC)
