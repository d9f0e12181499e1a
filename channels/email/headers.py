"""Header fields read from raw bytes: encoded words, parameters, addresses, ids, dates; nothing here fails.

A raw value is text whose characters are bytes (Latin-1), so that letters without a charset can still be decoded.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import unquote_to_bytes

from channels.email.charsets import decode

LONGEST: Final = 65_536
"""Characters of one value that are looked at; the rest of a longer one is dropped."""
IDS: Final = 200
"""References kept of one message."""
Fields = Mapping[str, Sequence[str]]
"""Lower-case names to raw values."""
_FIELD = re.compile(r"^([!-9;-~]+)[ \t]*:[ \t]*(.*)$", re.MULTILINE)
_FOLD = re.compile(r"\r?\n(?=[ \t])")
_WORD = re.compile(
    r"=\?([^?\s*]{1,40})(?:\*[^?\s]{0,20})?\?([bBqQ])\?((?:[^?]|\?(?!=)){0,2000})\?=([ \t\r\n]*(?==\?))?"
)
_PARAMETER = re.compile(r";\s*([^\s=;*\"]+)(?:\*(\d+))?(\*?)\s*=\s*(\"(?:[^\"\\]|\\.)*\"?|[^;]*)")
_ESCAPED = re.compile(r"\\(.)")
_ID = re.compile(r"<[^<>\s]{1,900}>")
_BARE_ID = re.compile(r"^[^<>\s@]+@[^<>\s@]+$")
# What has an end has it soon: an open quote or bracket must not be sought to the end from each of thousands of places.
_ADDRESS_TOKEN = re.compile(
    r'"(?:[^"\\]|\\.){0,500}"|\((?:[^()\\]|\\.){0,500}\)|<[^<>]{0,1000}>|[,;]|[^",;<>()]+|.', re.DOTALL
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Mailbox:
    """One person in From, To or Cc; the address is in lower case."""

    address: str
    name: str = ""


def fields(block: bytes) -> dict[str, list[str]]:
    """The fields of a header block, unfolded (RFC 5322 2.2.3); lines that are no field are skipped."""
    text = block.decode("latin-1")
    if "\n " in text or "\n\t" in text:
        text = _FOLD.sub("", text)
    found: dict[str, list[str]] = {}
    for name, value in _FIELD.findall(text):
        found.setdefault(name.lower(), []).append(value.rstrip())
    return found


def first(found: Fields, name: str) -> str:
    """The raw value of a field's first appearance, or an empty one."""
    values = found.get(name)
    return values[0][:LONGEST] if values else ""


def words(raw: str, hint: str | None = None) -> str:
    """Readable text of a raw value (RFC 2047), also where words are glued to text or split within a character."""
    text = _unlabelled(raw, hint)
    if "=?" not in text:
        return text.strip()
    return _joined(text).strip()


def parameters(raw: str, hint: str | None = None) -> tuple[str, dict[str, str]]:
    """The value in lower case, and the parameters (RFC 2231, RFC 2047 in quotes, raw bytes)."""
    value, _, _ = raw.partition(";")
    pieces: dict[str, list[tuple[int, bool, str]]] = {}
    for name, number, star, content in _PARAMETER.findall(raw):
        pieces.setdefault(name.lower(), []).append((int(number[:4] or 0), bool(star), _unquoted(content.strip())))
    return value.strip().strip('"').lower(), {name: _parameter(found, hint) for name, found in pieces.items()}


def mailboxes(raw: str, hint: str | None = None) -> list[Mailbox]:
    """Everybody in an address field; what is no address at all is left out."""
    text = _unlabelled(raw, hint)
    found = [box for box in map(_mailbox, _split(text)) if box is not None]
    if found or "=?" not in text:
        return found
    return [box for box in map(_mailbox, _split(_joined(text))) if box is not None]


def ids(raw: str) -> list[str]:
    """Every message id in a raw value, with its brackets; a bare one gets them."""
    found = _ID.findall(raw)
    if not found and _BARE_ID.match(raw.strip()):
        found = [f"<{raw.strip()[:900]}>"]
    return [words(each) for each in found[-IDS:]]


def moment(raw: str) -> datetime | None:
    """When the Date field says, aware UTC; None when it says nothing sensible."""
    try:
        found = parsedate_to_datetime(raw[:200])
        at = (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return at if at.year >= 1970 else None


def _unlabelled(raw: str, hint: str | None) -> str:
    raw = raw[:LONGEST]
    return raw if raw.isascii() else decode(raw.encode("latin-1", "replace"), hint=hint)


def _joined(text: str) -> str:
    """Decode the words; the bytes of neighbours with one charset are joined before, for a character may be split."""
    out: list[str] = []
    held: list[bytes] = []
    label, end = "", 0
    for match in _WORD.finditer(text):
        if match.start() > end or (held and match[1].lower() != label):
            out.append(decode(b"".join(held), label))
            held.clear()
        out.append(text[end : match.start()])
        label, end = match[1].lower(), match.end()
        held.append(_word(match[2], match[3]))
    out.append(decode(b"".join(held), label))
    return "".join(out) + text[end:]


def _word(kind: str, content: str) -> bytes:
    if kind in "bB":
        return unbase64(content.encode("utf-8", "replace"))
    return binascii.a2b_qp(content.replace(" ", "_").encode("utf-8", "replace"), header=True)


def unbase64(content: bytes) -> bytes:
    """Decode with what is foreign or missing in it: junk characters, white space, no padding."""
    try:
        return binascii.a2b_base64(content)
    except binascii.Error:
        clean = re.sub(rb"[^A-Za-z0-9+/]", b"", content)
        # A lone last character carries six bits, which are no byte.
        clean = clean[:-1] if len(clean) % 4 == 1 else clean
        return binascii.a2b_base64(clean + b"=" * (-len(clean) % 4))


def _unquoted(value: str) -> str:
    if value.startswith('"'):
        return _ESCAPED.sub(r"\1", value[1:].removesuffix('"'))
    return value


def _parameter(pieces: list[tuple[int, bool, str]], hint: str | None) -> str:
    pieces = sorted(pieces, key=lambda piece: piece[0])
    if not any(star for _, star, _ in pieces):
        return words("".join(content for _, _, content in pieces), hint)
    label, _, rest = pieces[0][2].partition("'")
    _, mark, start = rest.partition("'")
    contents = [start if mark else pieces[0][2], *(content for _, _, content in pieces[1:])]
    content = b"".join(unquote_to_bytes(each.encode("latin-1", "replace")) for each in contents)
    return decode(content, label if mark else None, hint=hint)


def _split(text: str) -> list[list[str]]:
    """The tokens of each member of an address list."""
    members: list[list[str]] = [[]]
    for token in _ADDRESS_TOKEN.findall(text):
        if token in (",", ";"):
            members.append([])
        else:
            members[-1].append(token)
    return members


def _mailbox(tokens: list[str]) -> Mailbox | None:
    angles = [token[1:-1] for token in tokens if token.startswith("<") and token.endswith(">")]
    comments = [token[1:-1] for token in tokens if token.startswith("(") and token.endswith(")")]
    rest = "".join(_unquoted(token) for token in tokens if token[:1] not in "<(").strip()
    if angles:
        address, name = angles[-1], rest.rpartition(":")[2] if rest.startswith("undisclosed") else rest
    else:
        address, name = rest.rpartition(":")[2] if "@" in rest.rpartition(":")[2] else rest, " ".join(comments)
    address = "".join(address.split()).lower()
    if "@" not in address:
        return None
    return Mailbox(address=_joined(address), name=_joined(name).strip().strip("'\"").strip())
