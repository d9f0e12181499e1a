"""The parts of a message (RFC 2045, RFC 2046) as ranges of its bytes; bounded in size, number, depth and time.

Nothing is copied or decoded before somebody asks, so a hostile message costs no more than its length times its depth.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from channels.email.errors import TooMuch
from channels.email.headers import Fields, fields, first, parameters, unbase64

HEADER_BYTES: Final = 1_000_000
"""The longest header block of one part."""
_END = re.compile(rb"\r?\n\r?\n")
_PLAIN: Final = "text/plain"


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """What one message may cost."""

    size: int = 25_000_000
    parts: int = 1_000
    depth: int = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """One node; `start` and `end` enclose its body within the message."""

    raw: bytes = field(repr=False)
    start: int
    end: int
    fields: Fields = field(repr=False)
    type: str
    parameters: dict[str, str]
    parts: tuple[Part, ...] = ()

    @property
    def multipart(self) -> bool:
        """Whether it only holds other parts."""
        return bool(self.parts)

    @property
    def label(self) -> str | None:
        """The charset it claims."""
        return self.parameters.get("charset")

    def content(self) -> bytes:
        """The body with its transfer encoding taken off; an unknown encoding counts as none."""
        body = self.raw[self.start : self.end]
        match first(self.fields, "content-transfer-encoding").split(";")[0].strip().lower():
            case "base64":
                return unbase64(body)
            case "quoted-printable":
                return binascii.a2b_qp(body)
            case "x-uuencode" | "uuencode" | "x-uue":
                return _unuuencoded(body)
        return body

    def walk(self) -> Iterator[Part]:
        """Itself and everything in it, in order."""
        yield self
        for part in self.parts:
            yield from part.walk()


def read(raw: bytes, limits: Limits) -> Part:
    """The tree of a message; raises TooMuch for one beyond the limits and nothing else."""
    if len(raw) > limits.size:
        raise TooMuch("message", f"longer than {limits.size} bytes")
    if b"\n" not in raw:
        raw = raw.replace(b"\r", b"\n")
    return _Reader(raw, limits).part(0, len(raw), depth=0, default=_PLAIN)


class _Reader:
    def __init__(self, raw: bytes, limits: Limits) -> None:
        self._raw = raw
        self._limits = limits
        self._count = 0

    def part(self, start: int, end: int, *, depth: int, default: str) -> Part:
        self._count += 1
        if self._count > self._limits.parts:
            raise TooMuch("parts", f"more than {self._limits.parts}")
        if depth > self._limits.depth:
            raise TooMuch("parts", f"deeper than {self._limits.depth} levels")
        body, found = self._header(start, end)
        kind, parameters_ = parameters(first(found, "content-type"))
        kind = kind if "/" in kind else default
        boundary = parameters_.get("boundary", "") if kind.startswith("multipart/") else ""
        inner = "message/rfc822" if kind == "multipart/digest" else _PLAIN
        ranges = self._ranges(body, end, boundary.encode("utf-8", "replace")) if boundary else []
        parts = tuple(self.part(*each, depth=depth + 1, default=inner) for each in ranges)
        if kind.startswith("multipart/") and not parts:
            kind = _PLAIN
        return Part(raw=self._raw, start=body, end=end, fields=found, type=kind, parameters=parameters_, parts=parts)

    def _header(self, start: int, end: int) -> tuple[int, dict[str, list[str]]]:
        raw = self._raw
        for empty in (b"\r\n", b"\n"):
            if raw.startswith(empty, start, end):
                return start + len(empty), {}
        match = _END.search(raw, start, min(end, start + HEADER_BYTES))
        if match is None and end - start > HEADER_BYTES:
            raise TooMuch("header", f"longer than {HEADER_BYTES} bytes")
        stop, body = (match.start(), match.end()) if match else (end, end)
        return body, fields(raw[start:stop])

    def _ranges(self, start: int, end: int, boundary: bytes) -> list[tuple[int, int]]:
        """Where the parts between the boundary lines stand; an unclosed last one reaches to the end."""
        raw, mark = self._raw, b"\n--" + boundary.rstrip()
        found: list[tuple[int, int]] = []
        begun = -1
        # The line break before a body that starts with a boundary belongs to the header.
        at = start - 2
        while (at := raw.find(mark, max(at + 1, 0), end)) >= 0:
            after = at + len(mark)
            line_end = raw.find(b"\n", after, min(end, after + 200))
            line_end = end if line_end < 0 else line_end
            rest = raw[after : min(line_end, after + 200)].strip()
            if rest not in (b"", b"--"):
                continue
            if begun >= 0:
                found.append((begun, max(begun, self._before(at))))
            if rest == b"--":
                # More may follow when an inner multipart has the same boundary.
                begun = -1
                continue
            if len(found) > self._limits.parts:
                raise TooMuch("parts", f"more than {self._limits.parts}")
            begun = min(line_end + 1, end)
        if begun >= 0:
            found.append((begun, end))
        return found

    def _before(self, at: int) -> int:
        """Where the part before this line feed ends: the line break belongs to the boundary (RFC 2046 5.1.1)."""
        return at - 1 if at and self._raw[at - 1] == 13 else at


def _unuuencoded(body: bytes) -> bytes:
    found: list[bytes] = []
    for line in body.partition(b"begin ")[2].splitlines()[1:]:
        if line.strip() == b"end":
            break
        try:
            found.append(binascii.a2b_uu(line))
        except binascii.Error:
            # Some writers count the last group wrongly; keep the bytes that the length promises.
            length = (((line[0] - 32) & 63) * 4 + 5) // 3 if line else 0
            found.append(_uu_line(line, length))
    return b"".join(found)


def _uu_line(line: bytes, length: int) -> bytes:
    try:
        return binascii.a2b_uu(line[:length])
    except binascii.Error:
        return b""
