"""Slips of the finger: what looks like a command and is none; pure."""

from __future__ import annotations

import re
from typing import Final

from router.grammar import NUMBERED, VERBS, Intent, numbers_at, skip, verb_at

CLEAR: Final = tuple(
    word
    for word in VERBS
    if len(word) >= (3 if word.isascii() else 2)
    and word not in {"回复", "答复", "到了", "醒了", "退回", "收到", "已到", "类型", "类别", "kind", "type"}
    and VERBS[word] not in (Intent.MERGE, Intent.CHILD, Intent.APART, Intent.BACK)
)
"""Words whose slip is recognised; the others are too near to what people write anyway."""
ATTEMPT: Final = re.compile(
    r"(?:\d{4,7}\s*)?(?!工单|单号)(?P<word>[\u3400-\u9fff]{2,4}|[a-z]{3,12})"
    r"(?:[\s#:]*(?P<number>\d[a-z0-9]*)|[\s#:]*\d{4,7}(?![a-z0-9]).{1,40})?"
)
RUN_ON: Final = frozenset({"接单", "上报", "到场", "解决", "退单", "撤销"})
"""Verbs that no sentence to a customer begins with; run into other words they are an order gone wrong."""


def slip_in(text: str) -> str | None:
    """Return what was not understood in a levelled line: a mistyped verb, a broken number, a verb run into words."""
    if text in NUMBERED:
        return text
    found = ATTEMPT.fullmatch(text)
    word = found["word"] if found else ""
    if found and word in CLEAR and re.search(r"[a-z]", found["number"] or ""):
        return text
    if found and word not in CLEAR and any(near(word, verb) for verb in CLEAR):
        return word
    return _run_on(text)


def _run_on(text: str) -> str | None:
    """Recognise "1042解决不了" and "1042 接单 不了": short, no order, and it must not reach a customer."""
    numbers, at = numbers_at(text, 0)
    rest = text[skip(text, at) :]
    verb = verb_at(rest, 0) if numbers and len(rest) <= 8 else None
    return rest if verb and verb.word in RUN_ON else None


def near(one: str, other: str) -> bool:
    """Whether two words differ by one sign put in, left out, changed, or by two swapped (Damerau distance 1)."""
    at = 0
    while at < min(len(one), len(other)) and one[at] == other[at]:
        at += 1
    a, b = one[at:], other[at:]
    changed = a[1:] == b[1:] and a[:1] != b[:1]
    swapped = len(a) > 1 and a[:2] == b[1::-1] and a[2:] == b[2:]
    return changed or swapped or (bool(a) and a[1:] == b) or (bool(b) and a == b[1:])
