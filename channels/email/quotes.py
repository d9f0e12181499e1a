"""What is new in a reply: the text without quoted mail and without signature.

Rules, not statistics: each is a shape that some mail program writes.
Whatever happens, something that the person wrote remains; the whole text is kept elsewhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from channels.email import marks

FEW: Final = 20
"""Characters above a forwarded message; with fewer the forwarded message is what is said."""
BLOCK: Final = 9
"""Lines in which the fields of a quoted header must stand."""
LONG: Final = 1_000
"""Characters of one line beyond which no mark is sought in it."""
LINES: Final = 5_000
"""Lines of a text in which quotes are sought; a longer one is kept whole."""
SIGNED: Final = 15
"""Most lines of a signature, its mark among them."""
_ODD_SPACE = re.compile("[\u00a0\u2007\u202f\u3000\ufeff\u200b]")


@dataclass(frozen=True, kw_only=True, slots=True)
class Cut:
    """Where a quote begins: the first line of its introduction, the first below, and whether it is a forward."""

    at: int
    below: int
    forward: bool = False
    wrote: bool = False


def new_text(text: str, subject: str = "") -> str:
    """The reply in `text`; the whole text, stripped, when nothing else would be left."""
    lines = [piece for line in text.split("\n") for piece in _apart(line)]
    if len(lines) > LINES:
        return text.strip()
    kept = _without_signature(_unquoted(lines, forward=bool(marks.FORWARD_SUBJECT.match(subject))))
    return "\n".join(kept).strip() or text.strip()


def _apart(line: str) -> list[str]:
    """An introduction that shares the last line of the reply gets a line of its own."""
    if "--" not in line[1:] or len(line) > LONG or not line.rstrip().endswith(":"):
        return [line]
    return marks.SHARED.split(line, maxsplit=1)


def _unquoted(lines: list[str], *, forward: bool) -> list[str]:
    shapes = [_ODD_SPACE.sub(" ", line[:LONG]).rstrip() for line in lines]
    kept: list[str] = []
    start = 0
    while (cut := _next_cut(shapes, start)) is not None:
        above = kept + _without_marks(lines[start : cut.at], shapes[start : cut.at])
        said = "".join(above).strip()
        if (cut.forward or forward) and len(said) < FEW:
            return kept + lines[start:]
        after = _after_quote(shapes, cut)
        if cut.wrote and (after is not None or not said):
            # The answer stands below the quote or between its lines.
            kept, start = above, cut.below if after is None else after
            continue
        return above if said else lines
    return kept + _without_marks(lines[start:], shapes[start:], quoted_before=start > 0)


def _next_cut(shapes: list[str], start: int) -> Cut | None:
    for at in range(start, len(shapes)):
        line = shapes[at]
        if not line:
            continue
        cut = _separator(shapes, at) or _header(shapes, at, start) or _introduction(shapes, at, start)
        if cut is not None:
            return cut
    return None


def _separator(shapes: list[str], at: int) -> Cut | None:
    line = shapes[at]
    if len(line) > 150:
        return None
    if marks.FORWARDED.match(line):
        return Cut(at=at, below=at + 1, forward=True)
    if marks.ORIGINAL.match(line) or (marks.ORIGINAL_ALONE.match(line) and _is_header(shapes, _said(shapes, at + 1))):
        return Cut(at=at, below=at + 1)
    return None


def _header(shapes: list[str], at: int, start: int) -> Cut | None:
    """A block of quoted header fields, with the ruled line above it."""
    if marks.QUOTED.match(shapes[at]) or not _is_header(shapes, at):
        return None
    top = at
    while top > start and (not shapes[top - 1].strip() or marks.RULE.match(shapes[top - 1])):
        top -= 1
    return Cut(at=top, below=at)


def _is_header(shapes: list[str], at: int) -> bool:
    """Whether a sender and another field stand here within a few lines; one field alone may be a person's own words."""
    if at >= len(shapes) or not marks.FIELD.match(shapes[at]):
        return False
    kinds: set[str] = set()
    silent = 0
    for line in shapes[at : at + BLOCK]:
        match = marks.FIELD.match(line)
        silent = 0 if match else silent + 1
        if silent > 2:
            break
        if match and match.lastgroup:
            kinds.add(match.lastgroup)
    return "from" in kinds and len(kinds) >= 2


def _introduction(shapes: list[str], at: int, start: int) -> Cut | None:
    """Somebody wrote, on this line or on this and the few below it."""
    line = shapes[at]
    if marks.QUOTED.match(line):
        return None
    if not (marks.STARTS.match(line) or "@" in line or _wrote(line)):
        return None
    joined, blanks = "", 0
    for below in range(at, min(at + 7, len(shapes))):
        piece = shapes[below].strip()
        blanks += not piece
        if blanks > 1 or (marks.QUOTED.match(piece) and joined.count("<") <= joined.count(">")):
            break
        joined = f"{joined} {piece}".strip()
        if piece and below > at and blanks and not piece.startswith(("<", "mailto", ">")):
            break
        if _introduces(joined, first=below == at):
            return Cut(at=_with_name(shapes, _latest(shapes, at, below), start), below=below + 1, wrote=True)
    return None


def _latest(shapes: list[str], at: int, below: int) -> int:
    """The last line from which the introduction still makes sense; lines above it are the person's own."""
    for later in range(below, at, -1):
        joined = " ".join(line.strip() for line in shapes[later : below + 1])
        if marks.STARTS.match(joined) and _introduces(joined, first=False):
            return later
    return at


def _introduces(joined: str, *, first: bool) -> bool:
    if len(joined) > 400 or not marks.DATED.search(joined):
        return False
    if marks.ADDRESSED.search(joined):
        return bool(marks.STARTS.match(joined)) or bool(re.search(r"\d{1,2}[:.]\d\d", joined))
    if not _wrote(joined):
        return False
    return bool(marks.STARTS.match(joined)) or "@" in joined or first


def _wrote(line: str) -> bool:
    """Whether a line ends with the words that introduce a quote; they are sought only where their colon stands."""
    return line.rstrip().endswith(marks.COLONS) and bool(marks.ENDS.search(line))


def _with_name(shapes: list[str], at: int, start: int) -> int:
    """A wrapped introduction begins with the sender's name and address on the line above (Gmail in Chinese)."""
    if at > start and shapes[at].startswith(("于", "於")) and "@" in shapes[at - 1]:
        return at - 1
    return at


def _after_quote(shapes: list[str], cut: Cut) -> int | None:
    """The line below the marked quote that follows the introduction; None when the quote is not marked."""
    at = _said(shapes, cut.below)
    if at >= len(shapes) or not marks.QUOTED.match(shapes[at]):
        return None
    return cut.below


def _said(shapes: list[str], at: int) -> int:
    while at < len(shapes) and not shapes[at].strip():
        at += 1
    return at


def _without_marks(lines: list[str], shapes: list[str], *, quoted_before: bool = False) -> list[str]:
    """Without the lines that begin with a quote mark; a single one amid a text means `greater than`."""
    quoted = [bool(marks.QUOTED.match(shape)) for shape in shapes]
    count = sum(quoted)
    if not count or (count == 1 and not quoted_before and not _at_an_end(shapes, quoted)):
        return lines
    return [line for at, line in enumerate(lines) if not (quoted[at] or _broken_quote(shapes, quoted, at))]


def _at_an_end(shapes: list[str], quoted: list[bool]) -> bool:
    said = [at for at, shape in enumerate(shapes) if shape.strip()]
    at = quoted.index(True)
    return at == said[0] or (at == said[-1] and at > 0 and not shapes[at - 1].strip())


def _broken_quote(shapes: list[str], quoted: list[bool], at: int) -> bool:
    """A link that a mail program put on a line of its own within a quote."""
    inside = 0 < at < len(shapes) - 1 and quoted[at - 1] and quoted[at + 1]
    return inside and shapes[at].lstrip(" (<").startswith("http")


def _without_signature(lines: list[str]) -> list[str]:
    """Something is said above a signature, and what follows its mark is short."""
    said = [at for at, line in enumerate(lines) if line.strip()]
    if not said:
        return lines
    begin = max(said[0] + 1, said[-SIGNED - 1] + 1 if len(said) > SIGNED else 0)
    for at in range(begin, len(lines)):
        if len(lines[at]) < 200 and _signs(lines, at):
            return lines[:at]
    return lines


def _signs(lines: list[str], at: int) -> bool:
    footer = marks.LIST_FOOTER.match(lines[at]) and "mailing list" in "".join(lines[at + 1 : at + 2]).lower()
    return bool(marks.SIGNATURE.match(lines[at]) or marks.SENT_FROM.match(lines[at]) or footer)
