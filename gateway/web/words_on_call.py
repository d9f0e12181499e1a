"""Words of the pages for duty, holds, visits, questions to the staff and what watches over them; key to (zh, en)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gateway.web.words_rota import ROTA, ROTA_NAMED

ON_CALL: Final[Mapping[str, tuple[str, str]]] = {
    "health": ("运行状况", "Health"),
    "health_why": (
        "网关对自己的检查，与 /readyz、yizhan doctor 说的是同一件事，用词也相同。",
        "What the gateway finds about itself; /readyz and yizhan doctor tell the same in the same words.",
    ),
    "health_mark": ("结果", "Result"),
    "health_part": ("部分", "Part"),
    "health_what": ("检查项", "Finding"),
    "health_note": ("说明", "Note"),
}
ON_CALL_NAMED: Final[Mapping[str, tuple[str, str]]] = {
    **ROTA,
    **ROTA_NAMED,
    "health.ok": ("正常", "ok"),
    "health.failed": ("失败", "failed"),
    "health.warns": ("注意", "warns"),
    "health.open": ("未检查", "not checked"),
    "clock.second_arrive": ("二线到场", "Second line arrives"),
    "clock.second_resolve": ("二线解决", "Second line resolves"),
    "event.held": ("挂起", "put on hold"),
    "event.resumed": ("恢复处理", "resumed"),
    "event.workaround": ("临时恢复", "workaround"),
    "event.second_line": ("转二线", "second line"),
    "event.clock": ("时限", "promise"),
    "event.inquired": ("询问同事", "staff asked"),
    "event.answered": ("同事答复", "staff answered"),
    "event.duty": ("值班", "duty"),
    "event.late": ("迟发", "sent late"),
    "event.storm": ("工单激增", "storm"),
    "event.dispatched": ("派工", "engineer sent"),
    "event.on_the_way": ("出发", "on the way"),
    "event.proved": ("客户确认", "customer's proof"),
    "event.reported": ("现场报告", "report"),
}
