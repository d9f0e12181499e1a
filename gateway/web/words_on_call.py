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
    "drill": ("测试呼叫", "Drill"),
    "drill_person": ("同事", "Person"),
    "drill_method": ("方式", "Method"),
    "drill_proven": ("最近证实", "Last proven"),
    "drill_last": ("最近一次", "Last asked"),
    "never": ("从未", "never"),
    "do.hold": ("挂起", "Put on hold"),
    "do.resume": ("恢复处理", "Resume"),
    "do.workaround": ("临时恢复并告知客户", "Workaround, tell the customer"),
    "do.second_line": ("转二线", "To the second line"),
    "hold_label": ("为什么挂起，可写到何时（等备件 明天 9:00）", "Why, and until when (waiting for a part 2h)"),
    "workaround_label": ("怎么临时恢复的", "How the customer can work again"),
    "second_line_label": ("为什么转二线", "Why it goes to the second line"),
    "void": ("不再承诺", "No longer owed"),
    "to_spare": ("余 {span}", "{span} to spare"),
    "late_by": ("晚 {span}", "{span} late"),
    "paused": ("暂停于", "Stands still since"),
}
ON_CALL_NAMED: Final[Mapping[str, tuple[str, str]]] = {
    **ROTA,
    **ROTA_NAMED,
    "health.ok": ("正常", "ok"),
    "health.failed": ("失败", "failed"),
    "health.warns": ("注意", "warns"),
    "answer.yes": ("已答复", "answered"),
    "answer.no": ("答否", "said no"),
    "answer.lapsed": ("未答复", "no answer"),
    "answer.void": ("作废", "void"),
    "answer.open": ("等待答复", "waiting"),
    "method.push": ("推送", "push"),
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
    "said.held": ("已挂起，修复计时暂停。", "On hold; the repair clock stands still."),
    "said.hold_needs_text": ("请写明为什么挂起。", "Say why it is put on hold."),
    "said.resumed": ("已恢复处理。", "It goes on."),
    "said.workaround_kept": ("临时恢复已记下，并告知客户。", "Workaround noted; the customer is told."),
    "said.workaround_needs_text": ("请写明怎么临时恢复的。", "Say how the customer can work again."),
    "said.second_line_asked": ("已转二线。", "Handed to the second line."),
    "said.second_line_needs_text": ("请写明为什么转二线。", "Say why it goes to the second line."),
}
