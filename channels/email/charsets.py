"""Bytes to text whatever their label says: Chinese clients write gb2312 over GB18030, or no label at all.

Order: what the label says, UTF-8, GB18030 and Big5 where the result looks Chinese, a guess, replacement characters.
"""

from __future__ import annotations

import codecs
import re
from typing import Final

from charset_normalizer import from_bytes

ALIASES: Final = {
    **dict.fromkeys(
        ("gb2312", "gb_2312-80", "gb2312-80", "gbk", "x-gbk", "cp936", "ms936", "gb18030", "euc-cn", "gb"), "gb18030"
    ),
    **dict.fromkeys(("hz-gb-2312", "hz"), "hz"),
    **dict.fromkeys(("big5", "big-5", "x-x-big5", "cp950"), "big5hkscs"),
    **dict.fromkeys(("iso-8859-1", "latin1", "latin-1", "iso8859-1", "iso_8859-1"), "cp1252"),
    **dict.fromkeys(("ks_c_5601-1987", "ks_c_5601", "euc-kr", "korean"), "cp949"),
    **dict.fromkeys(("shift_jis", "shift-jis", "sjis", "x-sjis"), "cp932"),
    **dict.fromkeys(("utf8", "unicode-1-1-utf-8", "utf8mb4"), "utf-8"),
}
"""A label and the charset that covers what is really sent under it (encoding.spec.whatwg.org; GB 18030 covers GBK)."""
NOT_CHARSETS: Final = frozenset(
    {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "unicode-escape"}
)
"""Python codecs that are no mail charsets; some cost quadratic time."""
SAMPLE: Final = 20_000
"""Bytes that a guess looks at."""
UNSURE: Final = frozenset(
    {"", "us-ascii", "ascii", "unknown-8bit", "x-unknown", "unknown", "8bit", "default", "binary"}
)
WINDOWS: Final = re.compile(rb"[\x80\x85\x91-\x97\x99]")
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def decode(content: bytes, label: str | None = None, *, hint: str | None = None) -> str:
    """Text of the bytes; never fails, and what no store can hold (NUL, lone surrogates) becomes U+FFFD.

    `hint` is a second label to try, such as the charset of the body for a header that has none.
    """
    found = _decoded(content, label, hint)
    if "\0" in found or not found.isascii():
        found = _UNSTORABLE.sub("\ufffd", found.removeprefix("\ufeff"))
    return found


def known(label: str | None) -> str | None:
    """The Python codec for a label of a mail, or None when there is none that helps."""
    name = (label or "").strip().strip("\"'").lower()
    if name in UNSURE:
        return None
    name = ALIASES.get(name, name)
    if name in NOT_CHARSETS or not name.isascii():
        return None
    try:
        codec = codecs.lookup(name)
    except (LookupError, ValueError):
        return None
    return codec.name if codec._is_text_encoding else None


def _decoded(content: bytes, label: str | None, hint: str | None) -> str:
    if content.isascii() and b"\x1b" not in content and b"~{" not in content and b"\0" not in content:
        return content.decode("ascii") if b"+" not in content else _plus(content, label)
    for name in (known(label), "utf-8" if known(label) is None else None, known(hint)):
        text = _labelled(content, name) if name else None
        if text is not None:
            return text
    return _guessed(content, known(label))


def _plus(content: bytes, label: str | None) -> str:
    """Plain ASCII but for UTF-7, which hides its letters behind plus signs (RFC 2152)."""
    if known(label) == "utf-7":
        return _strict(content, "utf-7") or content.decode("ascii")
    return content.decode("ascii")


def _labelled(content: bytes, name: str) -> str | None:
    if name == "gb18030":
        # UTF-8 under a gb2312 label: GBK text is hardly ever valid UTF-8 with a character beyond U+2E80 in it.
        text = _strict(content, "utf-8")
        if text is not None and any(c >= "\u2e80" for c in text):
            return text
    if name == "cp1252":
        # Windows writes its quotes, dashes and euro sign under the ISO label.
        return (_strict(content, "cp1252") if WINDOWS.search(content) else None) or content.decode("latin-1")
    return _strict(content, name)


def _guessed(content: bytes, name: str | None) -> str:
    text = _strict(content, "utf-8")
    if text is not None:
        return text
    for charset in ("gb18030", "big5hkscs"):
        text = _strict(content, charset)
        if text is not None and _chinese(text, charset):
            return text
    if name is None:
        best = from_bytes(content[:SAMPLE]).best()
        text = _strict(content, best.encoding) if best else None
        if text is not None:
            return text
    return content.decode(name or "utf-8", "replace")


def _strict(content: bytes, name: str) -> str | None:
    try:
        return content.decode(name)
    except (UnicodeError, LookupError, ValueError):
        return None


def _chinese(text: str, charset: str) -> bool:
    """Whether most letters beyond ASCII are everyday ones; Latin letters read as GBK give rare ones."""
    strange = [c for c in text[:SAMPLE] if c > "\x7f"]
    everyday = "gb2312" if charset == "gb18030" else "big5"
    common = sum(1 for c in strange if _has(everyday, c))
    return common * 10 >= len(strange) * 7


def _has(charset: str, c: str) -> bool:
    try:
        c.encode(charset)
    except UnicodeError:
        return False
    return True
