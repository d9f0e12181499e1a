"""Takes persons out of a text before it leaves the house: numbers, addresses and names, where they can be told; pure.

What is masked may be too much, never the sense of the message. What no pattern knows stays (docs/security.md).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from router.extract import MOBILE, NUMBER

_MAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}")
_LINK = re.compile(r"(?:https?|ftp)://[^\s\u3000-\uffef]{1,2000}|www\.[^\s\u3000-\uffef]{1,2000}", re.IGNORECASE)
_DIGITS = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])|\d(?:[ -]?\d){6,40}[\dXx]?")
_LABELLED = re.compile(
    r"((?:联系人|聯絡人|联络人|报修人|申报人|申告人|报障人|姓名|经办人"
    r"|contact(?: person)?|caller|reported by|name)\s*[:：]\s*)"
    r"[^\s,，;；。、()（）]{1,20}(?: [A-Z][a-z]{1,20})?",
    re.IGNORECASE,
)
_TITLED = re.compile(
    r"[王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕張劉陳楊趙黃吳孫馬羅鄭謝韓馮蕭鄧許呂]"
    r"(?:[\u4e00-\u9fff]{0,2}(?:工程师|工程師|经理|經理|主任|老师|老師|师傅|師傅|先生|女士|小姐|科长|科長|处长|處長|院长|院長|医生|醫生|护士长"
    r"|护士|队长|站长|所长)|[\u4e00-\u9fff]?(?:工(?![程作具业地])|总(?![部是线台])))"
)
_SIGNED = re.compile(
    r"^((?:(?:best|kind|warm|many) )?(?:regards|thanks|cheers|sincerely|br)[ ,.!]{0,3}\n+)[^\n]{1,60}",
    re.IGNORECASE | re.MULTILINE,
)
_TITLES_EN = re.compile(r"\b(Mrs?|Ms|Dr|Prof)\.? [A-Z][a-z]{1,20}\b")


def masked(text: str, names: Iterable[str] = ()) -> str:
    """Return the text with marks in place of links, mail addresses, numbers, and these and other names."""
    for known in sorted({name.strip() for name in names if len(name.strip()) >= 2}, key=len, reverse=True):
        text = re.sub(_word(known), "[name]", text, flags=re.IGNORECASE)
    text = _LINK.sub("[link]", text)
    text = _MAIL.sub("[address]", text)
    text = NUMBER.sub("[phone]", MOBILE.sub("[phone]", text))
    text = _DIGITS.sub("[number]", text)
    text = _LABELLED.sub(r"\1[name]", text)
    text = _SIGNED.sub(r"\1[name]", text)
    return _TITLES_EN.sub("[name]", _TITLED.sub("[name]", text))


def _word(name: str) -> str:
    """Fit a name as a word of its own; a Chinese one has no borders."""
    found = re.escape(name)
    return rf"\b{found}\b" if name[0].isascii() and name[-1].isascii() else found
