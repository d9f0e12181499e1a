"""What one line of a pasted conversation is: a heading, who speaks, a remark of the client, or a text; pure.

WeChat publishes no format for copied text. The shapes here are those that its clients produce: the computer and the
phone (several messages copied, a forwarded record, the mail of a record), WeCom, and what people type themselves.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from channels.wechat.paste.moments import FULL_DAY, Moment, pattern, read

LONGEST_NAME: Final = 40
_ASIDE: Final = re.compile("[\u200b-\u200f\u2060\ufeff\u202a-\u202e]")
_SPACES: Final = re.compile("[ \t\u00a0\u2002-\u200a\u3000]+")
QUOTE_LINES: Final = 20
"""Lines that a quote may have; the clients shorten longer ones."""
_QUOTE: Final = re.compile(r"[「『“\"](?:引用 ?)?[^「」『』“”\":：]{1,60}[:：].*")
_CLOSED: Final = re.compile(r".*[」』”\"]")
RULE: Final = re.compile(r"[-—–─━=_*·\s]{3,}")
"""Dashes alone, as under a quote and around a date."""
_HEADING: Final = re.compile(rf"[-—–─━=\s]*(?:{pattern('d', clock=False)}|{pattern('c')})[-—–─━=\s]*")
_BEFORE: Final = re.compile(
    rf"[\[【(（]?{pattern('w')}[\]】)）]?\s+(?P<name>[^\[【(（:：].*?)\s*[:：](?!//)\s*(?P<text>.*)"
)
"""[10:32] 张三: text."""
_AFTER: Final = re.compile(rf"(?P<name>.+?)\s+[(（\[]?{pattern('w')}[)）\]]?\s*[:：]?")
"""张三 2026-11-20 10:32:15, and the text below."""
_ABOVE: Final = re.compile(rf"{pattern('w')}\s+(?P<name>\S.*)")
"""2026-11-20 10:32:15 张三, and the text below."""
_INLINE: Final = re.compile(r"(?P<name>[^:：]{1,40}?)\s*[:：](?!//)\s*(?P<text>.*)")
"""张三：机房断电了."""
_FULL: Final = re.compile(FULL_DAY)
_SECONDS: Final = re.compile(r"\d{1,2}[:：]\d{2}[:：]\d{2}")
_NO_NAME: Final = re.compile(r"[，。！？；、,!?;「」『』“”\"<>{}|/\\=]|^\W*$|^[\d\s.:/-]+$|^https?$", re.IGNORECASE)
_LABELS: Final = """
地址 电话 手机 手机号 时间 日期 问题 故障 故障现象 现象 型号 序列号 编号 单号 工单号 位置 地点 机房 报错 错误 错误代码
联系人 联系电话 联系方式 备注 说明 原因 结果 账号 帐号 密码 姓名 单位 公司 部门 科室 楼层 房间 设备 版本
主题 发件人 收件人 抄送 注 附 群聊 群名 群名称 来自 引用 回复 答 问 如下 转发 提示
ip mac sn imei id url mail email e-mail phone tel model error warning note address subject from to cc date time version
ps p.s re fw fwd group question answer
"""
LABELS: Final = frozenset(_LABELS.split())
"""Words before a colon that are never a person."""
_NO_LAST: Final = ("时间", "大约", "大概", "左右", "到", "在", "于", "约", "从", "是", " at", " since", " by")
"""With these at its end, what stands before a clock time is part of a sentence."""
_NO_COLON: Final = ("的", "如下", "说", "了", "是")
"""With these at its end, what stands before a colon is the beginning of a sentence."""
REMARKS: Final = tuple(
    re.compile(words, re.IGNORECASE)
    for words in (
        r".{0,40}撤回了(?:一条|成员.{0,40}的)消息(?:\s*重新编辑)?",
        r".{0,60}(?:邀请.{1,200}|通过.{0,80})(?:加入了?|进入了?)群聊.{0,40}",
        r".{0,60}(?:加入了?|退出了?|移出了?)群聊",
        r"(?:你|我|.{1,40})(?:将|把|被).{0,80}移出了?群聊",
        r".{0,60}(?:修改群名为|修改了群名|更改了群名|开启了群聊邀请确认|已成为新群主|恢复默认进群方式).{0,60}",
        r".{0,40}拍了拍.{0,40}",
        r".{0,40}(?:开启了朋友验证|领取了.{0,20}红包|发起了群收款|发起了位置共享|结束了位置共享)",
        r"(?:以上是打招呼的内容|以下是新消息|以下为新消息|查看更多消息|收起|展开|重新编辑|消息已发出，但被对方拒收了)",
        r"(?:微信)?(?:群聊?|群)?.{0,40}的?聊天记录(?:如下)?\s*[:：]?",
        r"(?:亲爱的.{0,20}|Dear\b.{0,40}?)\s*[:：,，]?",
        r".{0,60} (?:recalled|unsent) a message\.?",
        r".{0,60} invited .{1,200} to (?:the|this) group(?: chat)?\.?",
        r".{0,60} (?:joined|left) (?:the|this) group(?: chat)?.{0,40}",
        r".{0,60} (?:changed the group name to|removed .{1,60} from the group).{0,80}",
        r".{0,60} tickled .{0,40}",
        r".{0,60}chat history.{0,60}(?:as follows|below)?\s*[:：]?",
        r"(?:New messages below|Messages are below|Edit again|Re-edit)\.?",
    )
)
"""What the client itself writes between the messages."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """A line that names who speaks; `text` is what stands on the same line."""

    name: str
    when: Moment
    text: str = ""
    sure: bool = True
    """It says a full date or seconds, or stands in brackets: no sentence does that."""


def plain(line: str) -> str:
    """The line without invisible signs and surrounding space, its spaces of any kind as one."""
    return _SPACES.sub(" ", _ASIDE.sub("", line)).strip()


def heading(line: str, today: date) -> Moment | None:
    """A date or a time alone on its line, with or without dashes around it."""
    found = _HEADING.fullmatch(line)
    if found is None:
        return None
    return read(found["day_d"] or found["day_c"], found["clock_d"] or found["clock_c"], today)


def remark(line: str) -> bool:
    """Whether the client wrote this and nobody said it."""
    return any(one.fullmatch(line) for one in REMARKS)


def timed(line: str, today: date) -> Said | None:
    """A line that names somebody beside a clock time."""
    if _HEADING.fullmatch(line):
        return None
    if found := _BEFORE.fullmatch(line):
        return _said(found, today, text=found["text"], sure=True)
    for shape in (_AFTER, _ABOVE) if len(line) <= LONGEST_NAME + 60 else ():
        found = shape.fullmatch(line)
        if found is None:
            continue
        moment = line[: found.start("name")] + line[found.end("name") :]
        sure = bool(_FULL.search(moment) or _SECONDS.search(moment))
        if sure or (shape is _AFTER and not found["name"].endswith(_NO_LAST)):
            return _said(found, today, sure=sure)
    return None


def inline(line: str) -> Said | None:
    """A line that begins with a name and a colon."""
    found = _INLINE.fullmatch(line)
    if found is None or len(found["name"].split()) > 3 or _HEADING.fullmatch(line):
        return None
    if found["name"].endswith(_NO_COLON):
        return None
    if found["name"][-1].isdecimal() and re.match(r"\d\d(?!\d)", found["text"]):
        return None  # "最后一次正常 10:32"
    name = _name(found["name"])
    return Said(name=name, when=Moment(), text=found["text"], sure=False) if name else None


def _said(found: re.Match[str], today: date, *, text: str = "", sure: bool) -> Said | None:
    name = _name(found["name"])
    when = read(found["day_w"], found["clock_w"], today)
    return Said(name=name, when=when, text=text, sure=sure) if name and when.clock else None


def _name(text: str) -> str:
    """A name as the group shows it, or "" for what cannot be one; "@微信" marks people outside in WeCom."""
    name = re.sub(r"\s*@(?:微信|WeChat)$", "", text.strip(), flags=re.IGNORECASE).strip()
    unfit = not name or len(name) > LONGEST_NAME or _NO_NAME.search(name) or name.lower() in LABELS
    return "" if unfit else name


def quoted(rows: Sequence[str], *, ends: Sequence[bool]) -> frozenset[int]:
    """Which rows are a quote, 「张三：机房断电了」, perhaps over several lines.

    One that is not closed within 20 lines, or before a row that ends a message, is no quote.
    """
    inside: set[int] = set()
    for start, row in enumerate(rows):
        if start in inside or not _QUOTE.fullmatch(row):
            continue
        for last in range(start, min(start + QUOTE_LINES, len(rows))):
            if last > start and ends[last]:
                break
            if _CLOSED.fullmatch(rows[last]):
                inside.update(range(start, last + 1))
                break
    return frozenset(inside)
