"""The words of the pages about what was judged and how it is corrected, Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

JUDGING: Final[Mapping[str, tuple[str, str]]] = {
    "kind_label": ("其实是", "It really is"),
    "in_doubt": (
        "拿不准：{level}？{other}？改级请回短信“级别 {n} {number}”，误报请回“误报 {number}”。",
        "In doubt: {level}? {other}? To change it text 'level {n} {number}'; when it is none, 'false alarm {number}'.",
    ),
    "no_matter": ("误报或闲聊（关闭）", "no matter, false alarm (closes it)"),
    "ignored": ("未开单的消息", "Ignored messages"),
    "ignored_why": (
        "最近 {days} 天系统判断为不用处理的消息。判断错了请在这里开单：会马上叫人，并记下这次更正。",
        (
            "What the gateway took for no matter in the last {days} days. Open a ticket where it was wrong: "
            "somebody is asked at once, and the correction is kept."
        ),
    ),
    "ignored_none": ("最近没有未开单的消息。", "Nothing was ignored lately."),
    "ignored_because": ("未开单原因", "Ignored because"),
    "level_of_fault": ("故障级别", "Level of a fault"),
    "told.people": ("影响人数", "People hit"),
    "told.callback": ("回拨电话", "Call back"),
    "told.codes": ("错误码", "Error codes"),
    "told.wanted": ("要求时间", "Wanted by"),
    "second_opinion": ("第二意见", "Second opinion"),
    "proposed": ("第二意见建议降为", "A second opinion proposes"),
    "accept_level": ("改为{level}", "Make it {level}"),
    "keep_level": ("保持{level}", "Keep {level}"),
    "taken_for": ("判断为", "Taken for"),
}
"""Key to (zh, en)."""
