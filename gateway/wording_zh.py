"""Chinese texts, by template. Escalate is 上报, never 升级: that also means an upgrade package here.

No text carries a link, a mobile number, ①, ★, → or brackets beside the sign: mainland carriers refuse those.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

PAGES: Final[Mapping[str, str]] = {
    "page": "{sign}{level} {number} {site}：{symptom}。限{until}前接单。回1接单 2上报 3稍后",
    "page_no_limit": "{sign}{level} {number} {site}：{symptom}。回1接单 2上报 3稍后",
    "page_again": "{sign}仍无人接单：{level} {number} {site}：{symptom}。限{until}前。回1接单 2上报 3稍后",
    "page_one_way": "{sign}{level} {number} {site}：{symptom}。此处不能回复，请接电话按1，或用短信回1接单",
    "page_fold": "{sign}{count}单待接：{per_level}，最急{number} {symptom}。回9全接 回0看清单 2上报",
    "transferred_ask": "{sign}{who}转给您：{level} {number} {site}：{symptom}。回1接单 2上报 3稍后",
    "still_on_it": "{sign}{number}您{at}接单后未更新。仍在处理回1，交回 回退单{number}。{minutes}分钟无回复将重新派单",
    "handover": "{sign}交班：您{at}起值班主责，在办{held}单、待接{waiting}单，上一班{who}。回1确认接班",
    "shift_reminder": "{sign}提醒：您{at}起值班主责，上一班{who}。请保持手机畅通。",
    "shift_moved": "{sign}您的下一班改为{at}起。",
    "test_page": "{sign}这是测试告警，不用处理。请回1，确认您的手机能收能回。",
    "storm": "{sign}工单激增：{minutes}分钟内{count}单待接。请看看板或联系值班主责。",
    "breach": "{sign}{number}超时：{clock}已晚{late}分钟，在办人{who}。请立即处理或回 上报{number}",
    "clock_warning": "{sign}{number}提醒：{clock}限{until}前完成，请抓紧。",
    "alarm": "{sign}系统告警：{text}",
    "reserved_word": "{sign}{who}的手机发来退订词 {word}，运营商可能已停发短信。请核实并改用电话或推送。",
}
ANSWERS: Final[Mapping[str, str]] = {
    "taken": "{sign}{number}您已接单{at}。到场回 到场{number}，修好回 解决{number} 做法，按错回 撤销",
    "taken_all": "{sign}您已接{count}单：{list}。到场回 到场+单号，修好回 解决+单号 做法",
    "too_late": "{sign}{number}已由{who}{at}接单，您不用处理。",
    "already_settled": "{sign}{number}已处理完，您不用处理。",
    "which_question": "{sign}您有几问待答：{questions}。请回 接单+单号、接班、同意或拒绝",
    "which_one": "{sign}您有{count}单待接：{list}。请回 接单+单号，或回9全接",
    "not_understood": "{sign}没看懂 {word}。可回 接单 到场 解决 转 上报 稍后+单号，或回0看清单",
    "listing": "{sign}您的工单：{lines}{more}。接单回 接单+单号",
    "nothing_open": "{sign}您现在没有待接或在办的工单。",
    "status": "{sign}{number}{state}，处理人{who}。接单请回 接单{number}",
    "escalated": "{sign}{number}已上报，正在叫{to}。",
    "snoozed": "{sign}{number}已推后，{until}再叫您。要接单回 接单{number}",
    "not_snoozed": "{sign}{number}不能推后：{why}。请回 接单{number} 或 上报{number}",
    "arrived": "{sign}{number}到场已记录，限{until}前修复。修好回 解决{number} 做法",
    "held": "{sign}{number}已挂起到{until}，修复计时暂停。提前继续回 恢复处理{number}",
    "hold_needs_text": "{sign}请写明原因，例如回 挂起{number} 等备件 明天9点",
    "hold_over": "{sign}{number}挂起到期，修复计时继续。还要等请回 挂起{number} 原因",
    "resumed": "{sign}{number}已恢复处理，修复计时继续。",
    "workaround_kept": "{sign}{number}临时恢复已记下并告知客户，修复计时停止。原因未除，{until}再提醒您",
    "workaround_needs_text": "{sign}请写明办法，例如回 临时恢复{number} 换上备机",
    "workaround_open": "{sign}{number}在{at}临时恢复，原因仍未排除。排除后回 解决{number} 做法",
    "second_line_asked": "{sign}{number}已转二线，限{until}前到场。到场后请回 到场{number}",
    "second_line_needs_text": "{sign}请写明原因，例如回 二线{number} 现场无法修复",
    "second_line_told": "{sign}{number}由{who}转二线，限{until}前到场：{text}",
    "still_yes": "{sign}好的，{number}仍由您处理。",
    "still_lapsed": "{sign}{number}未收到您的答复，正在叫别人。要继续请回 接单{number}",
    "resolve_needs_text": "{sign}请写明做法，例如回 解决{number} 更换电源模块",
    "resolved": "{sign}{number}已记为解决，已请客户确认。客户说没好会再叫您。",
    "released": "{sign}{number}已交回，正在叫其他人。",
    "undone": "{sign}{number}接单已撤销，正在重新派单。",
    "nothing_to_undo": "{sign}没有可撤销的接单：只限刚接单时。要交回请回 退单+单号",
    "transfer_done": "{sign}{number}已转{to}，对方接单前系统会继续叫人。",
    "who_is_that": "{sign}不确定 {person} 是谁。请回 转+姓名+单号，可选：{list}",
    "noted": "{sign}{number}备注已记下，客户看不到。",
    "opinion_raised": "{sign}{number}第二意见认为是{level}：{text}。不对请回 级别 3 {number}",
    "level_changed": "{sign}{number}已改为{level}，时限已重算。",
    "correction_kept": "{sign}{number}的更正已记下，时限不变。",
    "false_alarm": "{sign}{number}已按误报关闭，不再叫人，也不通知客户。",
    "reply_sent": "{sign}{number}的回复已发给客户。",
    "reply_failed": "{sign}{number}的回复没有发到客户，请打电话联系。",
    "awake": "{sign}知道您醒着：{until}前只推送，不打电话不发短信。",
    "duty": "{sign}现在值班主责{lead}，备班{second}。",
    "test_ok": "{sign}收到，您的手机能收能回。",
    "help": "{sign}回1接单 2上报 3稍后 9全接 0清单；或 到场/解决/转/退单/备注+单号；单号+内容发给客户",
    "unknown_ticket": "{sign}没有单号{number}的工单。回0看清单",
    "no_right": "{sign}您的号码没有这项权限，已记录。请联系值班主责。",
    "taken_from_you": "{sign}{number}已转由{who}处理，您不用再管。",
    "page_cancelled": "{sign}{number}已不需要您处理。",
    "merged": "{sign}{number}已并入{other}，之后的消息都进{other}。并错了回 分开{number}",
    "merged_other": "{sign}{number}已并入{other}。两单客户不同，{number}的客户不再自动得到进展；并错了回 分开{number}",
    "merged_away": "{sign}{number}已由{who}并入{other}，您手里的{number}到此为止。",
    "not_merged": "{sign}{number}不能并入{other}：{why}。",
    "unmerged": "{sign}{number}已从{other}分出，恢复到合并前，期间的消息仍在{other}。",
    "child_of": "{sign}{number}已归属{other}，客户不变。{other}接单后不再为它叫人。",
    "not_child": "{sign}{number}不能归属{other}：{why}。",
    "apart": "{sign}{number}已不归属{other}，处理人不变。",
    "not_apart": "{sign}{number}没有并入也没有归属别的单。",
    "needs_two": "{sign}请写两个单号，例如 合并 1043 1042（把1043并入1042）",
    "no_children": "{sign}{number}没有未结的分单。",
    "false_alarm_parent": "{sign}{number}已按误报关闭，不通知客户。{count}张分单已分开，仍须处理。",
    "resolved_parent": "{sign}{number}已记为解决。{count}张分单未动；一并解决并通知客户请回 解决分单{number}",
    "children_resolved": "{sign}{number}的{count}张分单已记为解决，正在通知各自客户。",
    "status_merged": "{sign}{number}已并入{other}。请看{other}",
    "status_similar": "{sign}{number}{state}，处理人{who}。可能与{other}是一件事，是就回 合并{number} {other}",
    "dismissed": "{sign}已记下：{number}和{other}是两件事。",
    "customer_added": "{sign}{number}客户补充：{text}",
    "customer_fixed": "{sign}{number}客户说已恢复：{text}。修好请回 解决{number} 做法",
    "customer_rated": "{sign}{number}客户评{rating}分。",
}
CUSTOMER: Final[Mapping[str, str]] = {
    "customer_receipt": "{sign}您的报修已受理，单号{number}。{next}，{until}前答复您。补充情况可直接回复。",
    "customer_receipt_question": "{sign}您的咨询已收到，单号{number}，工程师会尽快答复。补充情况可直接回复。",
    "customer_receipt_complaint": "{sign}您的投诉已受理，单号{number}，将由当事人以外的人调查，{until}前答复您。",
    "customer_receipt_visit": "{sign}您的上门需求已登记，单号{number}，负责人会与您约定时间。补充可直接回复。",
    "customer_receipt_change": "{sign}您的变更需求已登记，单号{number}，负责人评估后答复您。补充可直接回复。",
    "customer_receipt_emergency": "{sign}您的应急支援已受理，单号{number}，{until}前与您联系，人员正在安排。",
    "customer_named": "{sign}我在。请写明地点和现象，我会登记并通知值班人员。",
    "customer_status": "{sign}单号{number}{state}，处理人{who}。补充情况可直接回复。",
    "customer_linked": "{sign}已绑定，谢谢。",
    "customer_not_linked": "{sign}绑定码不对、已用过或已过期，请向工程师要新的。",
    "customer_contact_kept": "{sign}已记下您的电话，谢谢。",
    "customer_joined": "{sign}您报的情况我们已知道，单号{number}，正在处理。补充情况可直接回复。",
    "customer_which": "{sign}您说的是{choices}？请回复单号。",
    "customer_taken": "{sign}单号{number}已由{who}接手，正在处理。补充情况可直接回复。",
    "customer_arrived": "{sign}单号{number}的工程师已到现场，正在处理。",
    "customer_resolved": "{sign}{number}已处理：{what}。满意请回5，一般回3，不满意回1，没好请回 还没好",
    "customer_workaround": "{sign}单号{number}已临时恢复：{what}。根本原因仍在处理，如有异常请直接回复。",
    "customer_reopened": "{sign}单号{number}已重新打开，正在再次呼叫负责人。",
    "customer_thanks": "{sign}谢谢您的评价，单号{number}。",
}
VOICE: Final[Mapping[str, str]] = {
    "voice_page": "{level}，单号{number}，{site}，{symptom}。接单请按1，上报请按2，稍后再叫请按3，重听请按0。",
    "voice_page_fold": "{count}张工单待接，{per_level}，最急{number}，{symptom}。全部接单请按9，上报请按2，重听请按0。",
    "voice_test": "这是测试电话，不用处理。请按1，确认您的手机能接能按。",
    "voice_taken": "已为您接单，单号{number}，再见。",
    "voice_taken_all": "已为您接{count}单，再见。",
    "voice_escalated": "单号{number}已上报，再见。",
    "voice_snoozed": "好的，{until}再叫您，再见。",
    "voice_not_snoozed": "单号{number}不能再推后，请按1接单，或按2上报。",
    "voice_too_late": "单号{number}已由{who}接单，您不用处理，再见。",
    "voice_settled": "单号{number}已处理完，您不用处理，再见。",
    "voice_not_understood": "没有听懂。接单请按1，上报请按2，稍后再叫请按3，重听请按0。",
    "voice_wait": "请稍候。",
    "voice_goodbye": "再见。",
}
PARTS: Final[Mapping[str, str]] = {
    "page_done": "{level} {number} {site}：{symptom}。{who}{at}已接单，不用再处理。",
    "page_gone": "{level} {number} {site}：{symptom}。已不需要处理。",
    "page_doubt": "，改级回 级别{n} {number}",
    "customer_ask_phone": "请回复您的手机号：本平台只能在有限时间内答复。",
}
"""What takes the place of a page in an app, and what is added to another text; none of it is a text of its own."""
MAIL: Final[Mapping[str, str]] = {"mail_subject": "[YZ-{number}] {title}"}
TEMPLATES: Final[Mapping[str, str]] = {**PAGES, **ANSWERS, **CUSTOMER, **VOICE, **MAIL, **PARTS}

KINDS: Final[Mapping[str, str]] = {
    "fault": "故障",
    "consultation": "咨询",
    "complaint": "投诉",
    "site_visit": "上门",
    "change_request": "变更",
    "emergency_support": "应急支援",
    "praise_or_chat": "闲聊",
    "followup": "跟进",
}
STATES: Final[Mapping[str, str]] = {
    "paging": "待接单",
    "taken": "已接单",
    "on_site": "已到场",
    "on_hold": "挂起",
    "resolved": "已解决",
    "closed": "已关闭",
    "merged": "已合并",
}
CLOCKS: Final[Mapping[str, str]] = {
    "respond": "响应",
    "arrive": "到场",
    "resolve": "修复",
    "answer": "答复",
    "second_arrive": "二线到场",
    "second_resolve": "二线修复",
}
INQUIRIES: Final[Mapping[str, str]] = {
    "still": "是否仍在处理",
    "handover": "接班",
    "swap": "换班",
    "drill": "测试",
    "visit": "上门",
}
REASONS: Final[Mapping[str, str]] = {
    "often": "次数已用完",
    "limit": "快到接单时限",
    "same": "是同一张单",
    "merged": "其中一张已合并",
    "settled": "单已结",
    "complaint": "投诉要单独处理",
}
NEXT: Final[Mapping[int, str]] = {
    1: "正在紧急呼叫值班负责人",
    2: "正在呼叫值班负责人",
    3: "已通知值班工程师",
}
"""What happens after a fault of this level was reported."""
LEVELS: Final[Mapping[int, str]] = {1: "一级故障", 2: "二级故障", 3: "三级故障"}
"""As they are spoken."""
