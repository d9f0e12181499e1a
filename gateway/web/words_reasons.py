"""Reasons as the store keeps them, in words of a Chinese page; what a provider said stays, with a lead-in. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from gateway.web.words import Words

PLACED: Final[Mapping[str, str]] = {
    "a new matter": "新的一件事",
    "a complaint is a matter of its own": "投诉单独立单",
    "an alert not known yet": "没见过的告警",
    "an alert that ended and was not known": "没见过的告警，已恢复",
    "the same alert": "同一告警",
    "the same report": "同一报修",
    "the same site and symptom": "同一站点、同一现象",
    "the same central system": "同一中心系统",
    "the same things again": "又说到同样的东西",
    "the same things in the group": "群里说到同样的东西",
    "how it stands in the group": "群里说的进展",
    "more of the open complaint": "未结投诉的补充",
    "reply to this ticket": "回复了这张工单",
    "follow-up of the matter": "同一件事的后续",
    "adds to the matter": "对这件事的补充",
    "a word on the matter": "关于这件事的一句话",
    "rating": "评价",
    "a code": "验证码",
    "chatter or notice": "闲聊或通知",
    "wants no more texts for many by SMS": "不想再收群发短信（已停发）",
    "wants texts for many by SMS again": "恢复接收群发短信",
    "the page of a package says that the upgrade went wrong": "在升级包页面按了“升级出问题了”",
    "words: nothing that stands out": "词语：没有突出的",
    "no word that the judge knows: a person looks at it": "没有认识的词语，请人看一看",
}
"""Why a message was judged and placed as it was."""
OURS: Final[Mapping[str, str]] = {
    "no answer whether they are still on it": "没有答复“还在处理吗”，工单已收回，改叫其他人",
    "there is no way to ask whoever has it": "没有办法询问接单人，工单已收回，改叫其他人",
    "the time is over": "时间到了",
    "not delivered": "未送达",
    "the mail bounced": "邮件被退回",
    "the mail bounced: there is no such mailbox": "邮件被退回：没有这个邮箱",
    "the mail is delayed: its server still tries": "邮件延迟，对方服务器还在重试",
    "by the mail program's own button": "用邮件软件的退订按钮",
    "on the page of their link": "在退订页面上",
    "swap": "换班",
}
"""What the gateway itself says of a ticket, a text or a shift."""
SHAPES: Final[tuple[tuple[re.Pattern[str], str], ...]] = tuple(
    (re.compile(pattern), zh)
    for pattern, zh in (
        (r"words: (.+)", r"词语：\1"),
        (r"automatic: (.+)", r"自动信件：\1"),
        (r"ticket number (\d+)", r"单号 \1"),
        (r"something new about (\d+)", r"与 \1 有关的新事"),
        (r"(\d+) was closed as no matter", r"\1 已按误报关闭"),
        (r"back (\d+) days after the fix", r"修好 \1 天后复发"),
        (r"the customer's vital system: (.+)", r"客户的关键系统：\1"),
        (r"no receipt within (\S+) s: nobody knows if it arrived", r"\1 秒内没有回执，不知是否送达"),
        (r"(\S+) cannot send", r"\1 不能发送"),
        (r"wrote (.+)", r"回复了“\1”"),
    )
)


def reason(text: str, words: Words) -> str:
    """Say a reason in the words of the page; a rule's name and what is not known stay as they are."""
    return (_chinese(text) if words.language == "zh" else None) or text


def refusal(text: str, words: Words) -> str:
    """Say why a text did not go; on a Chinese page a provider's own words, with its code, get a lead-in."""
    if not text or words.language != "zh" or re.search(r"[\u4e00-\u9fff]", text):
        return text
    return _chinese(text) or f"服务商报错：{text}"


def _chinese(text: str) -> str | None:
    said = PLACED.get(text) or OURS.get(text)
    if said:
        return said
    found = ((pattern.fullmatch(text), zh) for pattern, zh in SHAPES)
    return next((match.expand(zh) for match, zh in found if match), None)
