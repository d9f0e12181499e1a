"""What may be wrong with the text of a broadcast, and how it is mended; code to (zh, en)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from gateway.broadcast.fields import Problem

NAMES: Final = "{name} {customer} {product} {version} {package} {link} {code}"
PROBLEMS: Final[Mapping[str, tuple[str, str]]] = {
    "unknown_variable": (
        "第{at}个字起的 {{{what}}} 不认识。能用的有 " + NAMES.replace("{", "{{").replace("}", "}}") + "。",
        "{{{what}}} at sign {at} is not known. There are " + NAMES.replace("{", "{{").replace("}", "}}") + ".",
    ),
    "lone_brace": (
        "第{at}个字是单独的 {what}。变量写成 {{name}}；要写括号本身请用全角 ｛｝。",
        "A {what} stands alone at sign {at}. Write a variable as {{name}}; for a brace itself use （ ） or ｛ ｝.",
    ),
    "wide_braces": (
        "第{at}个字起用了全角括号 ｛{what}｝，不会被替换。请改成半角 {{{what}}}。",
        "｛{what}｝ at sign {at} has full-width braces and is not filled in. Write {{{what}}}.",
    ),
    "no_package": (
        "正文里有 {{{what}}}，但没有选升级包。请选一个升级包，或删掉 {{{what}}}。",
        "The text has {{{what}}}, and no package goes along. Choose one, or take {{{what}}} out.",
    ),
    "package_state": (
        "升级包 {what} 现在不能下载（未传完、校验不符或已撤销）。请换一个，或先处理好它。",
        "{what} cannot be fetched: it is not whole, not what was announced, or revoked. Choose another package.",
    ),
    "no_group": (
        "没有名为 {what} 的用户组。请改正组名，或先建好这个组。",
        "There is no group named {what}. Correct the name, or make the group first.",
    ),
    "missing": (
        "有{count}位收件人没有 {{{what}}}。请补上资料，或写成 {{{what}|缺省的写法}}。",
        "{count} recipients have no {{{what}}}. Add it to their data, or write {{{what}|what to say instead}}.",
    ),
    "too_long": (
        "太长：{size}，上限 {limit}（{unit}）。不会替您截断，请改短。",
        "Too long: {size} of at most {limit} ({unit}). Nothing is cut for you: make it shorter.",
    ),
    "no_channel": (
        "没有这个渠道账号，或它不能发送。请在计划里换一个渠道。",
        "There is no such account, or it cannot send. Choose another channel in the plan.",
    ),
    "voice": (
        "语音渠道不用于群发。请在计划里换一个渠道。",
        "Calls carry no broadcasts. Choose another channel in the plan.",
    ),
    "no_opt_out": (
        "这个短信账号收不到回复，不能发广告：收件人无法回R拒收。请换一个账号。",
        "Nobody can reply to this account, so that adverts cannot go by it. Choose another one.",
    ),
    "template": (
        "审批过的模板装不下：{what}。请改短信内容，或在渠道配置里补模板。",
        "The approved template does not carry it: {what}. Change the short text, or the templates of the channel.",
    ),
    "notes_left_out": (
        "放不下更新内容，这个渠道不带；打开链接能看到。",
        "The notes do not fit and are left out here; the link shows them.",
    ),
    "not_gsm": (
        "英文短信里有 {what}，每条只能装 70 个字而不是 160 个，费用会多。可换成普通字符。",
        "Because of {what} one short message holds 70 signs, not 160. Write plain signs to pay less.",
    ),
    "local_address": (
        "链接以 {url} 开头，外面打不开。请把 gateway.public_url 设为对外的地址。",
        "Links begin with {url}, which nobody outside can open. Set gateway.public_url.",
    ),
}
"""Filled with what the problem carries."""
PLACES: Final[Mapping[str, tuple[str, str]]] = {
    "title": ("标题", "title"),
    "subject": ("邮件主题", "subject"),
    "text": ("正文", "text"),
    "short": ("短信内容", "short text"),
    "zh": ("中文", "Chinese"),
    "en": ("英文", "English"),
}
UNITS: Final[Mapping[str, tuple[str, str]]] = {
    "code points": ("字", "characters"),
    "utf-16 units": ("UTF-16 单位，多数文字一个字算 1", "UTF-16 units"),
    "utf-8 bytes": ("字节，一个汉字算 3", "UTF-8 bytes"),
    "sms septets or utf-16 units": ("短信字符", "SMS characters"),
}
TESTED: Final[Mapping[str, tuple[str, str]]] = {
    "done": ("测试已发给您自己。", "The test went to yourself."),
    "no_right": ("您没有群发或审批的权限。", "You may neither send nor approve broadcasts."),
    "unknown_broadcast": ("没有这个群发。", "There is no such broadcast."),
    "too_many": (
        "一小时内最多测试 {most} 次，请稍后再试。",
        "At most {most} tests an hour. Try again later.",
    ),
    "no_address": (
        "这些渠道上都没有您自己的地址。请在配置里登记，或用绑定码绑定。",
        "None of these channels has an address of yours. Add one to the configuration, or link it by a code.",
    ),
    "problems": ("还有要改的地方，测试没有发出。", "Something has to be mended first; no test went out."),
}
"""What came of a test."""


def sentence(problem: Problem, language: str) -> str:
    """Say a problem with its place, channel and cure."""
    pick = 1 if language == "en" else 0
    more = {"at": str(problem.at), "count": "1", **problem.more}
    if "unit" in more:
        more["unit"] = UNITS[more["unit"]][pick]
    said = PROBLEMS[problem.code][pick].format_map(more)
    places = [PLACES[key][pick] for key in (problem.language, problem.where) if key in PLACES]
    where = " ".join(filter(None, (problem.channel, "".join(places) if pick == 0 else " ".join(places))))
    mark = "：" if pick == 0 else ": "
    return f"{where}{mark}{said}" if where else said
