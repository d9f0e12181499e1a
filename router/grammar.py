"""The words of the reply grammar and how one line of text is levelled and scanned for them; pure.

The verbs are those of the reply grammar (short digits, Chinese, English); whatever is not here is free text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from router.plain import plain


class Intent(StrEnum):
    """What one of the staff wants."""

    TAKE = "take"
    ESCALATE = "escalate"
    SNOOZE = "snooze"
    TAKE_ALL = "take_all"
    LIST = "list"
    STATUS = "status"
    ARRIVE = "arrive"
    RESOLVE = "resolve"
    TRANSFER = "transfer"
    RELEASE = "release"
    UNDO = "undo"
    NOTE = "note"
    LEVEL = "level"
    KIND = "kind"
    DUTY = "duty"
    AWAKE = "awake"
    TEST = "test"
    HELP = "help"
    MERGE = "merge"
    CHILD = "child"
    APART = "apart"
    RESOLVE_ALL = "resolve_all"
    """Every open child of a great outage, and word to its customer."""
    DISMISS = "dismiss"
    """Two tickets that were suggested to be one are two; from a page only."""
    REPLY = "reply"
    """The person's own words for the customer."""
    ACCEPT = "accept"
    """Yes to a question that is no page."""
    DECLINE = "decline"
    HANDOVER = "handover"
    """The duty is taken over."""
    HOLD = "hold"
    RESUME = "resume"
    WORKAROUND = "workaround"
    """The customer can work again, though the cause is not mended."""
    SECOND_LINE = "second_line"
    DISPATCH = "dispatch"
    """Somebody else is sent on site; who has the ticket keeps it."""
    LEAVE = "leave"
    """On the way."""
    PROVE = "prove"
    """The code that the customer told on site."""
    SWAP = "swap"
    """A shift is offered to somebody for one of theirs."""
    AWAY = "away"
    """Not on duty for a while: holiday, illness."""
    BACK = "back"
    RESERVED = "reserved"
    """A word by which carriers bar a number; never a command, always an alarm."""


DIGITS: Final[Mapping[str, Intent]] = {
    "1": Intent.TAKE,
    "2": Intent.ESCALATE,
    "3": Intent.SNOOZE,
    "9": Intent.TAKE_ALL,
    "0": Intent.LIST,
}
"""Frozen for good: the same in texts, on the phone and on every keyboard."""
ASLEEP: Final = ("睡了", "睡觉了", "去睡了", "asleep")
"""The end of being awake."""
WORDS: Final[Mapping[Intent, tuple[str, ...]]] = {
    Intent.TAKE: (
        "接单",
        "已接单",
        "接单了",
        "接了",
        "接",
        "收到",
        "ack",
        "acknowledge",
        "acked",
        "take",
        "ok",
        "okay",
    ),
    Intent.ESCALATE: ("上报", "升级", "escalate", "esc"),
    Intent.SNOOZE: ("稍后", "稍候", "推迟", "延后", "snooze", "later"),
    Intent.TAKE_ALL: ("全接", "全接单", "全部接单", "全部接", "都接", "接单全部", "all", "ack all", "take all"),
    Intent.LIST: ("清单", "列表", "list"),
    Intent.STATUS: ("状态", "status"),
    Intent.ARRIVE: (
        "到场",
        "已到场",
        "到场了",
        "到达",
        "抵达",
        "已到",
        "到了",
        "arrive",
        "arrived",
        "onsite",
        "on site",
    ),
    Intent.RESOLVE: ("解决", "已解决", "解决了", "修好", "修好了", "已修好", "结单", "resolve", "resolved", "fixed"),
    Intent.TRANSFER: ("转", "转给", "转交", "转单", "转派", "transfer", "to"),
    Intent.RELEASE: ("退单", "退回", "交回", "release"),
    Intent.UNDO: ("撤销", "撤回", "取消接单", "undo"),
    Intent.NOTE: ("备注", "note"),
    Intent.LEVEL: ("级别", "等级", "定级", "改级", "level", "lvl"),
    Intent.KIND: ("类型", "类别", "误报", "kind", "type", "false alarm"),
    Intent.DUTY: (
        "值班",
        "谁值班",
        "值班表",
        "oncall",
        "on call",
        "on-call",
        "who is on call",
        "who's on call",
        "duty",
    ),
    Intent.AWAKE: ("醒着", "醒了", "awake", *ASLEEP),
    Intent.TEST: ("测试", "test"),
    Intent.ACCEPT: ("同意", "确认", "可以", "accept", "agree", "yes"),
    Intent.DECLINE: ("拒绝", "不同意", "去不了", "decline", "refuse"),
    Intent.HANDOVER: ("接班", "确认接班", "已接班", "take over"),
    Intent.HOLD: ("挂起", "hold", "on hold"),
    Intent.RESUME: ("恢复处理", "取消挂起", "继续处理", "resume"),
    Intent.WORKAROUND: ("临时恢复", "先恢复", "绕行", "workaround"),
    Intent.SECOND_LINE: ("二线", "转二线", "second line"),
    Intent.DISPATCH: ("派", "派单", "派工", "dispatch"),
    Intent.LEAVE: ("出发", "已出发", "在路上", "on the way", "leaving", "otw"),
    Intent.PROVE: ("确认码", "完工码", "code"),
    Intent.SWAP: ("换班", "swap"),
    Intent.AWAY: ("请假", "休假", "away"),
    Intent.BACK: ("回来了", "我回来了", "销假", "back", "i'm back"),
    Intent.HELP: ("帮助", "命令", "怎么用", "help"),
    Intent.MERGE: ("合并", "合并到", "并入", "合併", "合併到", "併入", "merge"),
    Intent.CHILD: ("归属", "归属到", "child", "child of"),
    Intent.APART: ("分开", "apart"),
    Intent.RESOLVE_ALL: ("解决分单", "分单解决", "resolve children"),
    Intent.REPLY: ("回复", "答复", "回", "reply"),
}
RESERVED: Final = frozenset(
    {"r", "t", "td", "n", "退订", "stop", "qx", "0000", "stopall", "unsubscribe", "cancel", "end", "quit", "optout"}
)
"""Words by which carriers in China ("退订回T") and North America (CTIA Messaging Principles, opt-out) bar a number."""
FIRM: Final = frozenset(
    {
        "接单",
        "已接单",
        "接单了",
        "ack",
        "acknowledge",
        "acked",
        "到场",
        "已到场",
        "到场了",
        "退单",
        "撤销",
        "release",
        "undo",
    }
)
"""Words that nobody begins a sentence to a customer with; only these may be followed by a remark."""
NUMBERED: Final = frozenset({"升级"})
"""Words that also mean something else here (升级包 is an upgrade package) and count with a ticket number only."""
VERBS: Final[Mapping[str, Intent]] = {word: intent for intent, words in WORDS.items() for word in words}
SEPARATORS: Final = re.compile(r"[\s,、:;.。!~_|/*@(){}<>\"'“”‘’「」\-—…]*")
COURTESY: Final = re.compile(
    r"(?>[\s,、:;.。!~…👍🙏\-—]|谢谢[你们]*|多谢|谢了|辛苦了?|拜托|一下|好的?|的|吧|哈|啊|呀|哦|嗯|了|我来|收到|马上处理|再叫我?"
    r"|(?:thanks?(?: you)?|thx|please|pls|ok|okay|now|sir)(?![a-z]))*+"
)
POLITE: Final = re.compile(
    r"(?:(?:请|麻烦你?|好的?|嗯+|我来|我|帮我|收到|你好|行|(?:ok|okay|please|pls|i|i'll|hi|yes)(?![a-z]))[\s,、:;.。!~]*)+"
)
_MARK = r"(?:\[|\(|工单号?|单号|报修单?号?|ticket(?: (?:no\.?|number))?|no\.)?[\s:]*#?[\s:]*(?:yz-?)?"
NUMBER: Final = re.compile(_MARK + r"([1-9]\d{3,6})(?!\d|[.:\-/]\d|[年月元块个台路条件人次米秒兆%])[\])]?(?:号单?)?")
_JOIN = re.compile(r"[\s,、&+/]*(?:和|及|与|and )?\s*")
_NOT_BEFORE = {"转": "(?![告发接达换移账入出为])", "派": "(?![人出个位车送发遣驻了过我你您他她谁几两一])"}
"""What makes another word of a verb of one sign: 转发, 派人."""
_VERB = re.compile(
    "|".join(
        re.escape(w) + ("(?![a-z])" if w.isascii() else _NOT_BEFORE.get(w, ""))
        for w in sorted(VERBS, key=len, reverse=True)
    )
)
_DIGIT = re.compile(r"([12390])(?!\d|[.:]\d)")
_DROPPED = frozenset("\ufe0f\u20e3\u200b\u200c\u200d\u2060\ufeff")
_QUOTES = "\"'“”‘’「」『』《》<>`"
_EDGES = _QUOTES + " 。.!,;:~、…·—-()[]{}*_^|"


@dataclass(frozen=True, kw_only=True, slots=True)
class Verb:
    """One verb found in a line; `end` is the position after it."""

    word: str
    intent: Intent
    end: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """A text levelled for comparing (width, case, script), with the way back to what was written."""

    text: str
    asks: bool
    """It ended with a question mark."""
    raw: str = field(repr=False)
    origin: tuple[int, ...] = field(repr=False)

    def written(self, begin: int, end: int | None = None) -> str:
        """What the person wrote from `begin` (in the levelled text) on, or up to `end`, without marks before it."""
        begin = skip(self.text, begin)
        if begin >= len(self.text):
            return ""
        last = len(self.raw) if end is None else self.origin[end - 1] + 1
        quoted = self.origin[0] > 0 and self.raw[: self.origin[0]].strip()[-1:] in tuple(_QUOTES)
        piece = self.raw[self.origin[begin] : last].strip()
        return piece.rstrip(_QUOTES) if quoted else piece


def levelled(text: str) -> Line:
    """Level a text sign by sign, so that every place in it is known in the original; marks at both ends fall away."""
    signs: list[str] = []
    origin: list[int] = []
    for at, sign in enumerate(text):
        level = "" if sign in _DROPPED else (plain(sign) or " ")
        signs.extend(level)
        origin.extend([at] * len(level))
    whole = "".join(signs)
    begin, end = 0, len(whole)
    while begin < end and _edge(whole[begin]):
        begin += 1
    while end > begin and (_edge(whole[end - 1]) or whole[end - 1] == "?"):
        end -= 1
    return Line(text=whole[begin:end], asks="?" in whole[end:], raw=text, origin=tuple(origin[begin:end]))


def _edge(sign: str) -> bool:
    return sign in _EDGES or unicodedata.category(sign) in ("Zs", "Cc", "Cf", "Cn", "Mn", "So", "Sk")


def skip(text: str, at: int) -> int:
    """Return the position after separators."""
    found = SEPARATORS.match(text, at)
    return found.end() if found else at


def number_at(text: str, at: int) -> tuple[int, int] | None:
    """Return a ticket number and the position after it."""
    found = NUMBER.match(text, at)
    return (int(found[1]), found.end()) if found else None


def numbers_at(text: str, at: int) -> tuple[tuple[int, ...], int]:
    """Return a run of ticket numbers ("1042、1043和1044") and the position after it."""
    numbers: list[int] = []
    here = skip(text, at)
    while found := number_at(text, here):
        numbers.append(found[0])
        at = found[1]
        joined = _JOIN.match(text, at)
        here = joined.end() if joined else at
    return tuple(numbers), at


def verb_at(text: str, at: int) -> Verb | None:
    """Return the verb or digit that stands here; a digit before its own verb ("1 接单") is the verb."""
    digit = _DIGIT.match(text, at)
    if digit:
        intent = DIGITS[digit[1]]
        after = _word_at(text, skip(text, digit.end())) if digit.end() < len(text) else None
        return after if after and after.intent is intent else Verb(word=digit[1], intent=intent, end=digit.end())
    return _word_at(text, at)


def _word_at(text: str, at: int) -> Verb | None:
    found = _VERB.match(text, at)
    return Verb(word=found[0], intent=VERBS[found[0]], end=found.end()) if found else None


def bounded(text: str, at: int) -> bool:
    """Whether a word ends here: Chinese has no border but the change of script."""
    return at >= len(text) or not (han(text[at]) and han(text[at - 1]))


def han(sign: str) -> bool:
    """Whether a sign is a Chinese character."""
    return "\u3400" <= sign <= "\u9fff"


def courteous(text: str, at: int) -> bool:
    """Whether nothing but thanks and particles follows."""
    return COURTESY.fullmatch(text, at) is not None
