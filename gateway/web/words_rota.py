"""The words of the page of the rota and of its calendars; key to (zh, en)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

ROTA: Final[Mapping[str, tuple[str, str]]] = {
    "rota": ("值班表", "Rota"),
    "rota_now": ("现在值班", "On duty now"),
    "rota_ahead": ("未来 {days} 天", "The next {days} days"),
    "rota_more": ("只列出前 {n} 班。", "Only the first {n} turns are listed."),
    "rota_flaws": ("需要处理", "To be put right"),
    "rota_no_flaws": ("未来 {days} 天没有空缺。", "No hole in the next {days} days."),
    "rota_nobody": ("无人", "nobody"),
    "rota_role": ("角色", "Role"),
    "rota_person": ("人员", "Person"),
    "rota_from": ("从", "From"),
    "rota_until": ("到", "Until"),
    "rota_by": ("依据", "By"),
    "rota_open": ("另行通知", "further notice"),
    "rota_beyond": ("{days} 天以后", "beyond {days} days"),
    "rota_stands": ("顶班", "Stand-ins"),
    "rota_away": ("请假与外出", "Absences"),
    "rota_none": ("没有。", "None."),
    "rota_why": ("原因（可不写）", "Why (may be empty)"),
    "rota_zone": ("时间按 {zone}。", "Times are those of {zone}."),
    "rota_duty": ("{who} 值班{role}", "{who}: {role} on duty"),
    "rota_calendar": ("值班：{who}", "Duty: {who}"),
    "rota_everybody": ("全体", "everybody"),
    "do.stand_in": ("安排顶班", "Let stand in"),
    "do.withdraw": ("取消", "Withdraw"),
    "do.away": ("登记请假", "Note absence"),
    "do.back": ("已回来", "Is back"),
}

ROTA_NAMED: Final[Mapping[str, tuple[str, str]]] = {
    "turn_by.shift": ("顶班", "stand-in"),
    "turn_by.fallback": ("默认", "default"),
    "flaw.hole": ("空缺：无人任主责", "Hole: nobody leads"),
    "flaw.double.manager": (
        "一人两职：{people} 同时是主责和经理",
        "Two roles at once: {people} is lead and manager",
    ),
    "flaw.double.second": ("一人两职：{people} 同时是主责和副责", "Two roles at once: {people} is lead and second"),
    "flaw.overlap": ("顶班重叠：{people}，以后说的为准", "Two stand in: {people}; the later word counts"),
    "flaw.calendar": (
        "调休上班日尚未登记，请补 router.calendar.workdays",
        "Make-up workdays are not known; add them to router.calendar.workdays",
    ),
    "said.rota_stands": ("已安排顶班。", "The stand-in is arranged."),
    "said.rota_withdrawn": ("顶班已取消。", "The stand-in is withdrawn."),
    "said.rota_away": ("已登记。", "The absence is noted."),
    "said.rota_back": ("已记为回来。", "They are noted as back."),
    "said.rota_gone": ("这一条已经不在了，没有改动。", "That is not there any more; nothing was changed."),
    "said.rota_who": ("没有保存：请选角色和人员。", "Not saved: choose a role and a person."),
    "said.rota_time": (
        "没有保存：时间请写成 2026-12-01 08:00。",
        "Not saved: write times such as 2026-12-01 08:00.",
    ),
    "said.rota_span": (
        "没有保存：结束要晚于开始，也要晚于现在。",
        "Not saved: the end must be later than the beginning, and than now.",
    ),
}
