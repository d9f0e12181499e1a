"""Words of the pages for duty, holds, visits, questions to the staff and what watches over them; key to (zh, en)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gateway.web.words_rota import ROTA, ROTA_NAMED

ON_CALL_NAMED: Final[Mapping[str, tuple[str, str]]] = {
    **ROTA,
    **ROTA_NAMED,
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
