"""HTML bodies to readable text; a large one by the faster and plainer of two readers."""

from __future__ import annotations

import re
from typing import Final

from inscriptis import get_text
from inscriptis.model.config import ParserConfig
from lxml.etree import LxmlError  # type: ignore[import-untyped]
from selectolax.lexbor import LexborHTMLParser

from channels.email.charsets import decode

LARGE: Final = 500_000
"""Characters above which tables are no longer laid out; laying out 1.4 MB takes seconds."""
_META = re.compile(rb"<meta[^>]{0,300}?charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_BLANK = re.compile(r"\n[ \t\u00a0]*(?:\n[ \t\u00a0]*){2,}")
_DECLARED = re.compile(r"^\s*<\?xml[^>]*\?>", re.IGNORECASE)


def text_of(content: bytes, label: str | None) -> str:
    """The words of an HTML document; without a label its own meta element tells the charset."""
    meta = _META.search(content[:4096])
    page = decode(content, label or (meta[1].decode() if meta else None), hint=meta[1].decode() if meta else None)
    return _BLANK.sub("\n\n", _laid_out(page)).strip()


def _laid_out(page: str) -> str:
    page = _DECLARED.sub("", page)
    if not page.strip():
        return ""
    if len(page) <= LARGE:
        try:
            return str(get_text(page, ParserConfig(display_links=False)))
        except (LxmlError, ValueError, RecursionError, AssertionError, LookupError, TypeError, AttributeError):
            pass  # the plainer reader below takes any input
    return _plain(page)


def _plain(page: str) -> str:
    tree = LexborHTMLParser(page)
    tree.strip_tags(["script", "style", "head"])
    body = tree.body
    return body.text(separator="\n", strip=True) if body is not None else ""
