"""Measure and split text in the unit in which a medium counts; pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from channels.contract import Unit

GSM7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The basic alphabet, one septet each (3GPP TS 23.038 6.2.1)."""
GSM7_EXTENDED = frozenset("\f^{}\\[~]|€")
"""Two septets each: an escape and the character (3GPP TS 23.038 6.2.1.1)."""
_NOT_GSM7 = re.compile(f"[^{re.escape(''.join(sorted(GSM7 | GSM7_EXTENDED)))}]")
_EXTENDED = re.compile(f"[{re.escape(''.join(sorted(GSM7_EXTENDED)))}]")
SINGLE_GSM7, PART_GSM7 = 160, 153
SINGLE_UCS2, PART_UCS2 = 70, 67
"""Room in a lone and in a concatenated short message; the header takes 6 octets (3GPP TS 23.040 9.2.3.24.1)."""


def units(text: str, unit: Unit) -> int:
    """Length of the text as the medium counts it."""
    match unit:
        case Unit.CODE_POINTS:
            return len(text)
        case Unit.UTF16:
            return _utf16(text)
        case Unit.UTF8:
            return len(text.encode("utf-8", "surrogatepass"))
        case Unit.SMS:
            return _septets(text) if fits_gsm7(text) else _utf16(text)


def fits_gsm7(text: str) -> bool:
    """Whether every character is in the GSM alphabet or its extension."""
    return _NOT_GSM7.search(text) is None


def segments(text: str) -> int:
    """How many short messages carry the text; an escape or surrogate pair never spans two (3GPP TS 23.040)."""
    if fits_gsm7(text):
        return _packed([2 if c in GSM7_EXTENDED else 1 for c in text], SINGLE_GSM7, PART_GSM7)
    return _packed([2 if ord(c) > 0xFFFF else 1 for c in text], SINGLE_UCS2, PART_UCS2)


def split(text: str, limit: int, unit: Unit) -> list[str]:
    """Parts of at most `limit` units that join to the text again; breaks after a line or a space where one is near.

    A cluster of characters that shows as one (Unicode Annex 29, simplified) stays whole unless it alone is too
    long; ValueError when not even one code point fits.
    """
    parts: list[str] = []
    rest = text
    while units(rest, unit) > limit:
        cut = _cut(rest, limit, unit)
        parts.append(rest[:cut])
        rest = rest[cut:]
    return [*parts, rest] if rest or not parts else parts


def clusters(text: str) -> Iterator[str]:
    """The text in pieces that a reader sees as one character: marks, joined emoji, flags, CR LF."""
    start = 0
    for at in range(1, len(text)):
        if not _joined(text, at, start):
            yield text[start:at]
            start = at
    if text:
        yield text[start:]


def _utf16(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _septets(text: str) -> int:
    return len(text) + len(_EXTENDED.findall(text))


def _packed(costs: list[int], single: int, part: int) -> int:
    if sum(costs) <= single:
        return 1
    count, room = 1, part
    for cost in costs:
        if cost > room:
            count, room = count + 1, part
        room -= cost
    return count


def _cut(text: str, limit: int, unit: Unit) -> int:
    """Where the first part ends, in code points."""
    # No code point costs less than one unit, so a part never has more code points than the limit; one more cluster
    # beyond it is looked at, so that the cut falls between clusters.
    end = _longest(clusters(text[: limit + 64]), limit, unit) or _longest(iter(text[:limit]), limit, unit)
    if not end:
        raise ValueError(f"a limit of {limit} {unit} holds not one character")
    near = text[:end]
    for mark in ("\n", " "):
        found = near.rfind(mark) + 1
        if found > end // 2:
            # A mark may follow the space; a boundary between clusters keeps them together.
            return found if not _joined(text, found, found - 1) else end
    return end


def _longest(pieces: Iterator[str], limit: int, unit: Unit) -> int:
    """Code points of the longest run of whole pieces whose units stay within the limit."""
    end = septets = utf16 = utf8 = 0
    plain = True
    for piece in pieces:
        septets, utf16 = septets + _septets(piece), utf16 + _utf16(piece)
        plain = plain and fits_gsm7(piece)
        match unit:
            case Unit.SMS:
                used = septets if plain else utf16
            case Unit.UTF16:
                used = utf16
            case Unit.UTF8:
                used = utf8 = utf8 + units(piece, Unit.UTF8)
            case Unit.CODE_POINTS:
                used = end + len(piece)
        if used > limit:
            break
        end += len(piece)
    return end


def _joined(text: str, at: int, start: int) -> bool:
    """Whether the character at `at` belongs to the cluster that began at `start`."""
    before, this = text[at - 1], text[at]
    if this < "\u0300":
        return before == "\r" and this == "\n"
    if _extends(this) or before == "\u200d":
        return before not in "\r\n"
    if _flag(this) and _flag(before):
        return (at - start) % 2 == 1 and all(_flag(c) for c in text[start:at])
    return False


def _extends(c: str) -> bool:
    return (
        unicodedata.category(c) in ("Mn", "Me", "Mc") or c == "\u200d" or "\U0001f3fb" <= c <= "\U0001f3ff" or _tag(c)
    )


def _tag(c: str) -> bool:
    return "\U000e0020" <= c <= "\U000e007f"


def _flag(c: str) -> bool:
    return "\U0001f1e6" <= c <= "\U0001f1ff"
