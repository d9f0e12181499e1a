"""HylaFAX's account of calls, `xferfaxlog`; pure.

One line a call: tab-separated, texts in double quotes with a backslash before a quote inside; 14 fields in old logs and
up to 20 in those of HylaFAX+ (manual page xferfaxlog(5) of HylaFAX 6.0.7; ifax/HylaFAX faxd/FaxAcctInfo.c++). Lines are
not in the order of time, a date has no zone and a two-digit year.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from pathlib import PurePosixPath

from channels.powers import NotTaken

FIELDS = range(14, 21)
RECEIVED, CALLED = "RECV", "CALL"
OTHERS = frozenset({"SEND", "POLL", "PAGE", "UNSENT", "SUBMIT", "SUPPRESSED", "PROXY"})
"""Lines about what we sent, and older kinds: nothing that a customer wants of us."""
_NUMBER = re.compile(r"^\+?[\d\s().-]{3,24}$")


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One line about a call that came in."""

    line: int
    at: datetime
    """Aware."""
    kind: str
    """RECV or CALL."""
    commid: str
    """Number of the session; it starts anew one day."""
    file: str
    """What was received, below the spool directory: recvq/fax000000001.tif; "" where nothing was."""
    pages: int
    reason: str
    """Why it failed; "" when it did not."""
    caller: str = field(repr=False)
    """The number, as far as one was told; else ""."""
    name: str = field(repr=False)
    """What else is known of the caller: a name, or the station id that the machine gives itself."""
    raw: bytes = field(repr=False)

    @property
    def name_of_file(self) -> str:
        """The file without its folder."""
        return PurePosixPath(self.file).name if self.file else ""


def entries(content: bytes, zone: tzinfo) -> Iterator[Entry | NotTaken]:
    """Read a log; lines about sending are left out, what cannot be read is told with its line."""
    for line, raw in enumerate(content.split(b"\n"), 1):
        if raw.strip():
            found = _entry(line, raw.rstrip(b"\r"), zone)
            if found is not None:
                yield found


def looks_like(content: bytes) -> bool:
    """Whether the first line is one of such a log and not of a table."""
    first = content.lstrip().partition(b"\n")[0]
    return re.match(rb"\d\d/\d\d/\d\d \d\d:\d\d\t[A-Z]+\t", first) is not None


def fields(raw: bytes) -> list[str]:
    """The fields of one line; raises csv.Error. Bytes that are no UTF-8 are taken as GB 18030."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("gb18030", "replace")
    return next(csv.reader([text], delimiter="\t", doublequote=False, escapechar="\\", strict=True))


def _entry(line: int, raw: bytes, zone: tzinfo) -> Entry | NotTaken | None:
    try:
        row = fields(raw)
    except csv.Error as error:
        return NotTaken(line=line, why=f"the quotes do not match: {error}")
    if len(row) > 1 and row[1] in OTHERS:
        return None
    if len(row) not in FIELDS:
        return NotTaken(line=line, why=f"{len(row)} fields, and a line has 14 to 20")
    if row[1] not in (RECEIVED, CALLED):
        return NotTaken(line=line, why="an unknown kind of line")
    try:
        at = datetime.strptime(row[0], "%m/%d/%y %H:%M").replace(tzinfo=zone)
        pages = int(row[10] or 0)
    except ValueError:
        return NotTaken(line=line, why="the date or the number of pages cannot be read")
    caller, name = _who(row)
    return Entry(
        line=line,
        at=at,
        kind=row[1],
        commid=row[2],
        file=row[4],
        pages=pages,
        reason=row[13],
        caller=caller,
        name=name,
        raw=raw,
    )


def _who(row: Sequence[str]) -> tuple[str, str]:
    """The number and the name: which CallID is which is a setting of the server, the station id is free text."""
    ids = [one.strip() for one in (*row[14:17], row[8])]
    number = next((one for one in ids if is_number(one)), "")
    return number, next((one for one in ids if one and one != number), "")


def is_number(text: str) -> bool:
    """Whether it can be called back: at least three digits and no letters."""
    return bool(_NUMBER.match(text)) and sum(c.isdigit() for c in text) >= 3
