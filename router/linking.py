"""A word that ties an identity to a known person: a one-time code, or a telephone number given for later."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 200
"""Characters; a text that is a code or a number and nothing else is shorter."""
CODE = re.compile(r"(?:绑定|綁定|link|bind)\s*[:：]?\s*(\d{6})", re.IGNORECASE)
PHONE = re.compile(r"(?:我的)?(?:手机|手機|电话|電話|联系电话|tel|phone|mobile)?(?:号|號|号码)?(?:是|为)?\s*[:：]?\s*"
                   r"(\+?[\d][\d\s-]{6,18}\d)\s*", re.IGNORECASE)  # fmt: skip


def code_in(text: str) -> str | None:
    """Return the one-time code of a text that is nothing else, such as "绑定 482913" or "link 482913"."""
    found = CODE.fullmatch(_plain(text))
    return found[1] if found else None


def phone_in(text: str) -> str | None:
    """Return the number of a text that gives a telephone number and says nothing else; digits and "+" only."""
    found = PHONE.fullmatch(_plain(text))
    if not found:
        return None
    digits = re.sub(r"[\s-]", "", found[1])
    return digits if 7 <= len(digits.lstrip("+")) <= 15 else None


def _plain(text: str) -> str:
    if len(text) > LONGEST:
        return ""
    return unicodedata.normalize("NFKC", text).strip().strip("\"'“”。.!")
