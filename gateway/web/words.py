"""The words of the pages, Chinese and English; templates hold none of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gateway.web.words_accounts import ACCOUNTS
from gateway.web.words_broadcasts import BROADCASTS, BROADCASTS_NAMED
from gateway.web.words_broadcasts_more import BROADCAST_STATES
from gateway.web.words_groups import GROUPS, GROUPS_NAMED
from gateway.web.words_judging import JUDGING
from gateway.web.words_kin import KIN, KIN_NAMED
from gateway.web.words_landing import LANDING, LANDING_NAMED
from gateway.web.words_on_call import ON_CALL, ON_CALL_NAMED
from gateway.web.words_packages import PACKAGES, PACKAGES_NAMED
from gateway.web.words_plain import BASE, SANDBOX
from gateway.web.words_suppressions import SUPPRESSIONS, SUPPRESSIONS_NAMED
from gateway.web.words_troubles import TROUBLES
from gateway.web.words_visits import VISITS, VISITS_NAMED

LANGUAGES: Final = ("zh", "en")

PLAIN: Final[Mapping[str, tuple[str, str]]] = {
    **BASE,
    **GROUPS,
    **KIN,
    **VISITS,
    **ON_CALL,
    **JUDGING,
    **TROUBLES,
    **LANDING,
    **ACCOUNTS,
    **PACKAGES,
    **SUPPRESSIONS,
    **BROADCASTS,
}
"""Key to (zh, en)."""

STATES: Final[Mapping[str, tuple[str, str, str]]] = {
    "paging": ("●", "待接单", "waiting"),
    "taken": ("◐", "已接单", "taken"),
    "on_site": ("◆", "已到场", "on site"),
    "on_hold": ("◫", "挂起", "on hold"),
    "resolved": ("✓", "已解决", "resolved"),
    "closed": ("○", "已关闭", "closed"),
    "merged": ("⧉", "已合并", "merged"),
}
"""State to (shape, zh, en): never told by colour alone."""

LEVELS: Final[Mapping[int, tuple[str, str, str]]] = {
    1: ("▲", "一级", "Level 1"),
    2: ("◆", "二级", "Level 2"),
    3: ("■", "三级", "Level 3"),
}

NAMED: Final[Mapping[str, tuple[str, str]]] = {
    "kind.fault": ("故障", "fault"),
    "kind.consultation": ("咨询", "consultation"),
    "kind.complaint": ("投诉", "complaint"),
    "kind.site_visit": ("上门", "site visit"),
    "kind.change_request": ("变更", "change"),
    "kind.emergency_support": ("应急保障", "emergency support"),
    "kind.praise_or_chat": ("闲聊", "chat"),
    "kind.followup": ("追问", "follow-up"),
    "method.sms": ("短信", "text"),
    "method.voice": ("电话", "call"),
    "method.mail": ("邮件", "mail"),
    "method.web": ("网页", "page"),
    "clock.respond": ("响应", "Respond"),
    "clock.arrive": ("到场", "Arrive"),
    "clock.resolve": ("解决", "Resolve"),
    "clock.answer": ("答复投诉", "Answer the complaint"),
    "role.lead": ("主责", "lead"),
    "role.second": ("副责", "second"),
    "role.manager": ("经理", "manager"),
    "event.opened": ("开单", "opened"),
    "event.joined": ("客户补充", "customer added"),
    "event.ignored": ("未并入", "ignored"),
    "event.asked": ("询问", "asked"),
    "event.page": ("呼叫", "page"),
    "event.reply": ("回复", "reply"),
    "event.taken": ("接单", "taken"),
    "event.escalated": ("上报", "escalated"),
    "event.snoozed": ("稍后再叫", "snoozed"),
    "event.transferred": ("转单", "handed over"),
    "event.released": ("退单", "released"),
    "event.undone": ("撤销接单", "take undone"),
    "event.arrived": ("到场", "arrived"),
    "event.resolved": ("解决", "resolved"),
    "event.reopened": ("重开", "reopened"),
    "event.rated": ("评价", "rated"),
    "event.noted": ("备注", "note"),
    "event.proposed": ("建议降级", "milder level proposed"),
    "event.level": ("改级", "level changed"),
    "event.kind": ("更正类型", "kind corrected"),
    "event.closed": ("关闭", "closed"),
    "event.warning": ("时限提醒", "time warning"),
    "event.breach": ("超时", "promise broken"),
    "event.suppressed": ("未呼叫", "not asked"),
    "event.failed": ("未送达", "failed"),
    "event.receipt": ("回执", "receipt"),
    "event.quarantined": ("隔离", "quarantined"),
    "event.alarm": ("告警", "alarm"),
    "event.command": ("指令", "command"),
    **KIN_NAMED,
    **GROUPS_NAMED,
    **ON_CALL_NAMED,
    **VISITS_NAMED,
    **LANDING_NAMED,
    **PACKAGES_NAMED,
    **SUPPRESSIONS_NAMED,
    **BROADCASTS_NAMED,
    "page.open": ("未答复", "no answer yet"),
    "page.acked": ("已接", "taken"),
    "page.snoozed": ("稍后", "snoozed"),
    "page.escalated": ("已上报", "passed on"),
    "page.cancelled": ("已取消", "cancelled"),
    "message.new": ("待判断", "new"),
    "message.judged": ("已判断", "judged"),
    "message.quarantined": ("隔离", "quarantined"),
    "message.queued": ("排队", "queued"),
    "message.sent": ("已发出", "sent"),
    "message.ringing": ("振铃", "ringing"),
    "message.answered": ("有人接听", "answered"),
    "message.delivered": ("已送达", "delivered"),
    "message.failed": ("失败", "failed"),
    "message.unknown": ("不明", "unknown"),
    "message.cancelled": ("已取消", "cancelled"),
    "outcome.sending": ("发送中", "sending"),
    "outcome.sent": ("已发出", "sent"),
    "outcome.later": ("稍后重试", "again later"),
    "outcome.failed": ("失败", "failed"),
    "outcome.unknown": ("不明", "unknown"),
    "said.done": ("已完成。", "Done."),
    "said.stale": (
        "工单刚刚有变化，没有执行；请看过后再操作。",
        "The ticket has changed; nothing was done. Look again and repeat.",
    ),
    "said.taken": ("已接单。", "Taken."),
    "said.too_late": ("已由别人接单，没有改动。", "Somebody else has it; nothing was changed."),
    "said.already_settled": ("此单已结，没有改动。", "It is settled; nothing was changed."),
    "said.escalated": ("已上报，正在叫下一位。", "Passed on; the next one is being asked."),
    "said.snoozed": ("好的，稍后再叫。", "Put off."),
    "said.not_snoozed": ("不能再推迟了，没有改动。", "It cannot be put off any more."),
    "said.arrived": ("到场已记录。", "Arrival recorded."),
    "said.resolved": ("已记为解决，并通知客户。", "Recorded as resolved; the customer is told."),
    "said.resolve_needs_text": ("请写明怎么修好的。", "Say what was done."),
    "said.released": ("已退单，正在叫别人。", "Given back; somebody else is being asked."),
    "said.undone": ("接单已撤销。", "The take is undone."),
    "said.nothing_to_undo": ("没有可撤销的接单。", "There is nothing to undo."),
    "said.transfer_done": ("已转单，正在叫对方。", "Handed over; the other is being asked."),
    "said.who_is_that": ("没有这个人。", "There is nobody of that name."),
    "said.noted": ("备注已保存。", "Note saved."),
    "said.reply_sent": ("回复已发给客户。", "The reply goes to the customer."),
    "said.level_changed": ("级别已改。", "The level is changed."),
    "said.correction_kept": ("更正已记下，时限不变。", "The correction is kept; the promises stay as they are."),
    "said.false_alarm": ("已按误报关闭，不通知客户。", "Closed as a false alarm; the customer is not told."),
    "said.opened": ("已开单，正在叫人。", "A ticket is open and somebody is being asked."),
    "said.no_message": ("没有这条消息，或已有工单。", "There is no such message, or it has a ticket already."),
    "said.help": ("请把内容填完整。", "Something is missing."),
    "said.unknown_ticket": ("没有这张工单。", "There is no such ticket."),
    "said.nothing_open": ("没有待办。", "Nothing is open."),
    "said.status": ("没有改动。", "Nothing was changed."),
}


class Words:
    """The words of one language."""

    def __init__(self, language: str) -> None:
        self.language = language if language in LANGUAGES else LANGUAGES[0]
        self._index = LANGUAGES.index(self.language)

    @property
    def tag(self) -> str:
        """The language as HTML names it (BCP 47)."""
        return ("zh-CN", "en")[self._index]

    def __call__(self, key: str, **values: object) -> str:
        """Return a word or a sentence; raises KeyError for a key that is not in the tables."""
        text = (PLAIN.get(key) or SANDBOX.get(key) or NAMED[key])[self._index]
        return text.format(**values) if values else text

    def named(self, group: str, value: str) -> str:
        """Return the word for a stored value, or the value itself where there is none."""
        pair = NAMED.get(f"{group}.{value}")
        return pair[self._index] if pair else value

    def state(self, value: str) -> tuple[str, str]:
        """Return (shape, word) of a ticket's state."""
        found = STATES.get(value)
        return (found[0], found[1 + self._index]) if found else ("?", value)

    def broadcast(self, value: str) -> tuple[str, str]:
        """Return (shape, word) of a broadcast's state."""
        found = BROADCAST_STATES.get(value)
        return (found[0], found[1 + self._index]) if found else ("?", value)

    def level(self, level: int | None, kind: str) -> tuple[str, str]:
        """Return (shape, word) of a fault's level; other matters are named by their kind."""
        found = LEVELS.get(level or 0)
        return (found[0], found[1 + self._index]) if found else ("·", self.named("kind", kind))


def preferred(accept: str) -> str:
    """Choose the language from an Accept-Language header (RFC 9110 12.5.4); Chinese when neither is asked for."""
    best, weight = LANGUAGES[0], 0.0
    for part in accept.split(","):
        name, _, quality = part.strip().partition(";q=")
        try:
            value = float(quality) if quality else 1.0
        except ValueError:
            value = 0.0
        language = name.strip().lower().partition("-")[0]
        if language in LANGUAGES and value > weight:
            best, weight = language, value
    return best
