"""How a person says what a ticket is: "类型 投诉 1042", "kind complaint 1042", "1042 改为咨询", "误报 1042"; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from router.grammar import courteous, numbers_at, skip
from router.rules import Kind

NAMES: Final[Mapping[Kind, tuple[str, ...]]] = {
    "fault": ("故障", "报修", "报障", "fault", "incident"),
    "consultation": ("咨询", "询问", "提问", "consultation", "question"),
    "complaint": ("投诉", "complaint"),
    "site_visit": ("上门", "上门服务", "现场服务", "site visit", "visit"),
    "change_request": ("变更", "变更需求", "需求", "change request", "change"),
    "emergency_support": ("应急", "应急支援", "应急保障", "保障", "emergency support", "emergency"),
    "praise_or_chat": ("闲聊", "误报", "无关", "表扬", "广告", "false alarm", "chat", "praise", "spam", "noise"),
}
"""What a person can say a ticket is; a follow-up is no matter of its own, so nobody can make one of it."""
CHAT: Final = "praise_or_chat"
_KIND: Final = {word: kind for kind, words in NAMES.items() for word in words}
_WORD = re.compile(
    "|".join(re.escape(w) + ("(?![a-z])" if w.isascii() else "") for w in sorted(_KIND, key=len, reverse=True))
)
_VERB = re.compile(r"(?:类型|类别|kind(?![a-z])|type(?![a-z]))[\s:]*(?:改?[为成是]|to |is )?\s*")
_INTO = re.compile(r"(?:改|定)[为成]\s*")
_LEVEL = re.compile(r"[\s,、]*(?:p ?([123])(?!\d)|([123一二三])级|([123])(?!\d))")
_FALSE = re.compile(r"(?:是|属于|为)?(?:误报|误警|虚警)了?|(?:is (?:a )?)?false alarm(?![a-z])")


@dataclass(frozen=True, kw_only=True, slots=True)
class Kinded:
    """A kind as it was said, for a fault perhaps with its level, and the tickets that were named."""

    kind: Kind
    level: int | None
    numbers: tuple[int, ...]


def kind_in(text: str) -> Kinded | None:
    """Read a whole levelled line that says what a ticket is; a lone kind beside a number is words for the customer."""
    before, at = numbers_at(text, 0)
    at = skip(text, at) if before else 0
    return _false_alarm(text, at, before) or _said(text, at, before)


def _false_alarm(text: str, at: int, before: tuple[int, ...]) -> Kinded | None:
    found = _FALSE.match(text, at)
    return _kinded(text, found.end(), CHAT, before) if found else None


def _said(text: str, at: int, before: tuple[int, ...]) -> Kinded | None:
    verb = _VERB.match(text, at) or (_INTO.match(text, at) if before else None)
    if verb is None:
        return None
    at = verb.end()
    if not before:
        before, here = numbers_at(text, at)
        at = skip(text, here) if before else at
    word = _WORD.match(text, at)
    return _kinded(text, word.end(), _KIND[word[0]], before) if word else None


def _kinded(text: str, at: int, kind: Kind, numbers: tuple[int, ...]) -> Kinded | None:
    level = _LEVEL.match(text, at) if kind == "fault" else None
    at = level.end() if level else at
    if not numbers:
        numbers, at = numbers_at(text, at)
    if not courteous(text, at):
        return None
    return Kinded(kind=kind, level=_worth(level), numbers=numbers)


def _worth(found: re.Match[str] | None) -> int | None:
    said = (found[1] or found[2] or found[3]) if found else ""
    return (int(said) if said.isdigit() else "一二三".index(said) + 1) if said else None
