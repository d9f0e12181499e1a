"""The words of the page of troubles, Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

TROUBLES: Final[Mapping[str, tuple[str, str]]] = {
    "troubles": ("发送异常", "Troubles"),
    "troubles_count": ("发送异常 {n}", "Troubles {n}"),
    "troubles_why": (
        "没有按计划送达的短信、电话和推送：被限额挡住、失败、迟发、结果不明、发出前已接单。最新的在上。",
        (
            "Texts, calls and pushes that did not go as planned: held back by a quota, failed, late, of unknown "
            "outcome, or answered before they left. The newest first."
        ),
    ),
    "troubles_none": ("没有。", "There are none."),
    "troubles_all": ("含合并提醒", "With those that were bundled"),
    "troubles_few": ("不含合并提醒", "Without those that were bundled"),
    "troubles_older": ("更早", "Older"),
    "trouble_at": ("时间", "When"),
    "trouble_what": ("情况", "What"),
    "trouble_whom": ("给谁", "To"),
    "trouble_by": ("方式", "By"),
    "trouble_account": ("账号", "Account"),
    "trouble_reason": ("原因", "Reason"),
    "trouble_unknown": ("结果不明", "outcome unknown"),
    "trouble_cancelled": ("发出前取消", "cancelled before it left"),
    "trouble_of_ticket": ("只看单号", "Of ticket"),
    "trouble_show": ("查看", "Show"),
}
"""Key to (zh, en)."""
