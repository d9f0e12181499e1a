"""What a customer's text names: ticket numbers, and the answer to "are you satisfied"; pure."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from router.plain import plain

# Not a part of a longer number, a date, an address or a measure.
_NUMBER = r"(?<![\d.])[1-9]\d{3,6}(?!\d|[.:/\-][0-9a-z]|[年月日])"
_MARKED: Final = re.compile(
    r"(?:(?:工单|报修单?|服务单|受理|申告|故障)(?:编号|单号|号码|号)?|单号|单子|关于|有关"
    r"|(?<![a-z])(?:ticket|case|incident|about|regarding)(?: (?:no\.?|number|id))?"
    r"|(?<![\w&/])#|(?<![a-z])yz-?)"
    rf"[\s:#是为(\[「\"]*(?:yz-?)?({_NUMBER}"
    rf"(?:(?:[\s、,&]|和|及|与|and )+#?{_NUMBER}(?=[\s、,&。.!?;)\]都也还没的]|$))*)",
)
_BRACKETED: Final = re.compile(rf"[\[【]({_NUMBER})[\]】](?!\s*(?:第?\d+号|\d))")
_CALLED: Final = re.compile(rf"({_NUMBER})\s*(?:号(?:工单|单|报修)|这(?:个|张|一)?单|那(?:个|张|一)?单)")
_LEADING: Final = re.compile(
    rf"^({_NUMBER})(?:\s*[:,、]|\s*(?:还|怎么|咋|啥|什么|有|好了|没|又|仍|处理|修|进|情况|已经?|催|恢复)"
    r"|\s+(?:still|is|any|has|when|what|status|update|again|not|gone|down|back)\b)"
)
_ALONE: Final = re.compile(rf"({_NUMBER})")
_EDGES: Final = " \t。.!?,;:~、…\"'“”‘’「」()*"

_COURTESY = r"[\s,。.!~、;]*(?:谢谢?[你们]*|多谢|辛苦了?|很好|不错|挺好的?|好评|thanks?(?: you)?|thx)?[\s,。.!~、;]*"
_SCORE: Final = re.compile(
    rf"(?:我?(?:打|给|评|回复?)|评分|满意度|score|rating|rate)?[\s:]*([1-5一二三四五])\s*(?:分|颗?星|/5|stars?|points?)?{_COURTESY}"
)
_SAID: Final = re.compile(
    r"((?:非常|很|比较|挺|十分)?满意|一般般?|(?:很|非常)?不满意"
    rf"|(?:very |quite )?(?:satisfied|dissatisfied|happy|unhappy)){_COURTESY}"
)


LONGEST = 8000
"""Characters in which a number is looked for."""
LONGEST_RATING = 80
"""Characters; who rates and goes on has said more than a rating."""


def ticket_numbers(text: str) -> tuple[int, ...]:
    """Return the ticket numbers that a customer's text names, in their order, each once.

    A bare number counts when it is a line by itself or when the line begins with it and asks after it; telephone
    numbers, dates, addresses and amounts do not. Whether such a ticket exists is for the caller to know.
    """
    level = plain(text[:LONGEST])[:LONGEST]
    found = [
        (match.start(1), int(number))
        for pattern in (_MARKED, _BRACKETED, _CALLED)
        for match in pattern.finditer(level)
        for number in re.findall(r"\d{4,7}", match[1])
    ]
    at = 0
    for line in level.split("\n"):
        bare = _ALONE.fullmatch(line.strip(_EDGES)) or _LEADING.match(line.strip(_EDGES))
        if bare:
            found.append((at, int(bare[1])))
        at += len(line) + 1
    return tuple(dict.fromkeys(number for _, number in sorted(found)))


def rating(text: str) -> int | None:
    """Return a customer's answer from 1 (bad) to 5 (good); None for everything that says more than that.

    A word counts as the text that asks says: 满意 is 5, 一般 is 3, 不满意 is 1.
    """
    if len(text) > LONGEST_RATING:
        return None
    whole = plain("".join(sign for sign in text if unicodedata.category(sign) not in ("So", "Sk", "Mn", "Me", "Cf")))
    level = whole.strip(_EDGES)
    score = _SCORE.fullmatch(level)
    if score:
        return int(score[1]) if score[1].isdigit() else "一二三四五".index(score[1]) + 1
    said = _SAID.fullmatch(level)
    return _worth(said[1]) if said else None


def _worth(word: str) -> int:
    if word.startswith("一般"):
        return 3
    return 1 if "不满意" in word or "dissatisfied" in word or "unhappy" in word else 5
