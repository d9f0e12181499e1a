"""What the form says, in Chinese and English; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """One field: its name in the form, how long it may be, and what it is called."""

    name: str
    limit: int
    """Most characters."""
    label: tuple[str, str]
    """Chinese, English; as the form shows it."""
    line: tuple[str, str]
    """The same as it stands in the message."""
    hint: tuple[str, str] = ("", "")
    needed: bool = False
    type: str = "text"
    fill: str = "off"
    """Token of autocomplete (WHATWG HTML 4.10.18.7)."""


FIELDS: Final = (
    Field(
        name="place",
        limit=200,
        needed=True,
        label=("上门地点", "Where"),
        line=("上门地点", "Where"),
        hint=("单位、楼、房间", "Site, building, room"),
    ),
    Field(name="what", limit=1000, needed=True, label=("事由", "What for"), line=("事由", "What for"), type="area"),
    Field(
        name="wanted",
        limit=100,
        label=("希望时间", "When"),
        line=("希望时间", "When"),
        hint=("例如：明天下午两点", "For example: tomorrow at 2 pm"),
    ),
    Field(name="contact", limit=60, label=("到了找谁", "Whom to ask for"), line=("联系人", "Ask for"), fill="name"),
    Field(
        name="phone",
        limit=40,
        needed=True,
        label=("手机号", "Mobile number"),
        line=("联系电话", "Phone"),
        hint=("编号和答复会发到这里", "Your number and our answer go there"),
        type="tel",
        fill="tel",
    ),
    Field(name="bring", limit=300, label=("请工程师带什么", "What to bring"), line=("请携带", "Please bring")),
)
"""In the order in which they are asked."""
TRAP: Final = "website"
"""A field that people do not see; what programs write into it gives them away."""
LANGUAGES: Final = ("zh", "en")

WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "title": ("上门服务申请", "Request a site visit"),
    "for": ("客户：{customer}", "Customer: {customer}"),
    "needed": ("（必填）", "(required)"),
    "send": ("提交", "Send"),
    "trap": ("此栏请留空", "Leave this empty"),
    "failed": ("还没有提交，请更正下面标出的地方：", "Not sent yet. Please correct what is marked below:"),
    "error": ("有误", "Error"),
    "empty": ("请填写这一栏", "Please fill this in"),
    "long": ("太长，最多 {limit} 个字", "Too long: at most {limit} characters"),
    "phone": ("这不是有效的电话号码，请带区号填写", "This is not a valid phone number; give it with its area code"),
    "old": (
        "还没有提交：这张表打开已超过 24 小时。请核对内容（尤其是日期），再按一次提交。",
        "Not sent yet: this form is older than 24 hours. Please check it, the dates above all, and send it again.",
    ),
    "trapped": (
        "还没有提交：有程序填写了隐藏的一栏。请再按一次提交。",
        "Not sent yet: a hidden field had been filled in. Please send it again.",
    ),
    "done": ("已收到", "Received"),
    "done_text": (
        "您的上门申请已收到。编号会以短信告知，答复也会发到 {phone}。",
        "Your request has been received. Its number comes by text message, and our answer too, to {phone}.",
    ),
    "more": ("再提交一份", "Send another request"),
    "other": ("English", "中文"),
}
"""Chinese, English."""


def say(word: str, language: str, **values: object) -> str:
    """One of the words above, filled in."""
    return WORDS[word][LANGUAGES.index(language)].format(**values)
