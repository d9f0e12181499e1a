"""Which bytes of a file are asked for, and under which name they are saved (RFC 9110 14, 6266, 8187); pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath, PureWindowsPath
from typing import Final
from urllib.parse import quote

RANGE: Final = re.compile(r"\s*bytes\s*=\s*(\d{0,19})\s*-\s*(\d{0,19})\s*", re.ASCII | re.IGNORECASE)
LONGEST: Final = 200
SAFE: Final = re.compile(r"[^A-Za-z0-9._ ()+-]+")
ATTR: Final = "!#$&+-.^_`|~"
"""What may stand unquoted in an extended value beside letters and digits (RFC 8187 3.2.1)."""


@dataclass(frozen=True, slots=True)
class Part:
    """The bytes from `start` up to `end`, which is not among them."""

    start: int
    end: int

    def of(self, size: int) -> str:
        """Write it as Content-Range."""
        return f"bytes {self.start}-{self.end - 1}/{size}"


@dataclass(frozen=True, slots=True)
class Beyond:
    """There are no such bytes: 416."""


def tag(sha256: str) -> str:
    """Return the strong validator of a file."""
    return f'"{sha256}"'


def wanted(asked: str | None, if_range: str | None, *, etag: str, size: int) -> Part | Beyond | None:
    """Return what is asked for; None is the whole file.

    Whoever resumes another file (If-Range), asks for several parts at once or writes nonsense gets the whole
    file, as RFC 9110 14.2 allows. There is no Last-Modified, so a date in If-Range never fits.
    """
    found = RANGE.fullmatch(asked or "")
    if found is None or (if_range is not None and if_range.strip() != etag) or not (found[1] or found[2]):
        return None
    if not found[1]:
        length = min(int(found[2]), size)
        return Part(size - length, size) if length else Beyond()
    start, last = int(found[1]), int(found[2]) if found[2] else size - 1
    if found[2] and last < start:
        return None
    return Part(start, min(last + 1, size)) if start < size else Beyond()


def same(if_none_match: str | None, etag: str) -> bool:
    """Tell whether the asker has this very file already."""
    given = [one.strip().removeprefix("W/") for one in (if_none_match or "").split(",")]
    return etag in given or given == ["*"]


def disposition(name: str) -> str:
    """Return Content-Disposition: the name in full for every browser of today, and one in ASCII for the others."""
    plain = file_name(name)
    if plain.isascii() and not SAFE.search(plain):
        return f'attachment; filename="{plain}"'
    stem, dot, ending = plain.rpartition(".")
    ascii_stem, ascii_ending = (SAFE.sub("_", one).strip("_ ") for one in (stem or plain, ending if dot else ""))
    fallback = (ascii_stem or "package") + (f".{ascii_ending}" if ascii_ending and stem else "")
    return f"attachment; filename=\"{fallback}\"; filename*=UTF-8''{quote(plain, safe=ATTR)}"


def file_name(given: str) -> str:
    """Return a name without a path, control characters, and what no file system takes."""
    name = PureWindowsPath(PurePosixPath(given).name).name
    name = "".join("_" if char in '"\\/:*?<>|' else char for char in name if char.isprintable()).strip(". ")
    name = name.encode("utf-8", "ignore").decode()
    stem, dot, ending = name.rpartition(".")
    if len(name) > LONGEST:
        name = f"{stem[: LONGEST - len(ending) - 1]}.{ending}" if dot and len(ending) < 20 else name[:LONGEST]
    return name or "package"
