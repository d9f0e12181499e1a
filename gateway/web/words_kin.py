"""The words of the pages about tickets that hang together: merged, split, reports of one outage, perhaps the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

KIN: Final[Mapping[str, tuple[str, str]]] = {
    "merged_into": ("已并入", "Part of"),
    "parts": ("并入本单的", "Merged into this one"),
    "parent": ("所属大故障", "Report of the outage"),
    "children": ("分单", "Reports of this outage"),
    "children_count": ("分单 {n}", "{n} reports"),
    "similar": ("可能是同一件事", "May be the same matter"),
    "similar_to": ("可能同 {number}", "like {number}?"),
    "alike": ("措辞相似 {likeness}", "words alike by {likeness}"),
    "alike_doubt": ("客户的话两单都对得上", "the customer's words fitted both"),
    "do.merge_with": ("把较新的一单并入另一单", "Merge the later into the earlier"),
    "do.dismiss": ("不是一件事", "Two matters"),
    "other_label": ("另一单号", "Other ticket"),
    "do.merge": ("本单并入它", "Merge this into it"),
    "do.child": ("本单归属它", "Make this a report of it"),
    "do.apart": ("分开", "Take apart"),
    "do.split": ("拆成新单", "Split off"),
    "split_label": ("拆分时", "When splitting"),
    "split_following": ("连同此人之后的话", "with what the sender said after it"),
    "split_receipt": ("给客户发受理回执", "send the customer a receipt"),
    "resolve_all_label": ("分单怎么修好的（不写则用本单的做法）", "What was done for them (empty: as for this one)"),
    "do.resolve_all": ("解决 {n} 张分单并通知其客户", "Resolve {n} reports and tell their customers"),
    "relations": ("与其他工单", "Other tickets"),
}
"""Key to (zh, en)."""

KIN_NAMED: Final[Mapping[str, tuple[str, str]]] = {
    "event.merged": ("合并", "merged"),
    "event.split": ("拆分", "split"),
    "event.child": ("归属", "report of an outage"),
    "event.apart": ("分开", "taken apart"),
    "event.suggested": ("可能是同一件事", "may be the same"),
    "event.dismissed": ("不是一件事", "two matters"),
    "said.status_merged": ("没有改动。", "Nothing was changed."),
    "said.status_similar": ("没有改动。", "Nothing was changed."),
    "said.no_right": (
        "投诉涉及本人，不能操作，已记录。",
        "The complaint names them; nothing was done.",
    ),
    "said.merged": ("已合并，没有通知任何客户。", "Merged; no customer was written to."),
    "said.merged_other": (
        "已合并，没有通知任何客户。两单客户不同：被并入那单的客户不再自动得到进展。",
        "Merged; no customer was written to. The customer of the merged ticket hears nothing more by itself.",
    ),
    "said.not_merged": (
        "不能合并：同一张单、已合并、未结并入已结，或一张是投诉。",
        "Cannot be merged: the same ticket, merged before, an open one into a settled one, or one is a complaint.",
    ),
    "said.unmerged": ("合并已撤销，恢复到合并前。", "The merge is undone; it is as it was before."),
    "said.child_of": ("已归属，客户不变。", "It is a report of that outage now, with its own customer."),
    "said.not_child": (
        "不能归属：同一张单、已合并、有一张已结，或一张是投诉。",
        "Cannot be its report: the same ticket, merged before, one is settled, or one is a complaint.",
    ),
    "said.apart": ("已分开，处理人不变。", "Taken apart; who has it keeps it."),
    "said.not_apart": ("本单没有并入也没有归属别的单。", "It is no part and no report of another ticket."),
    "said.needs_two": ("请写另一单号。", "Name the other ticket."),
    "said.no_children": ("没有未结的分单。", "There are no open reports."),
    "said.resolved_parent": (
        "已记为解决，并通知客户。分单没有动：要一并解决并通知其客户，请按下面的按钮。",
        "Recorded as resolved; the customer is told. Its reports are untouched: a button below resolves them.",
    ),
    "said.false_alarm_parent": (
        "已按误报关闭，不通知客户。分单已分开，仍须处理。",
        "Closed as a false alarm; the customer is not told. Its reports are taken apart and stay open.",
    ),
    "said.children_resolved": (
        "分单已记为解决，正在通知各自客户。",
        "Reports resolved; their customers are being told.",
    ),
    "said.dismissed": ("已记下：是两件事。", "Noted: two matters."),
    "said.split": ("已拆成新单，见经过。", "Split off into a new ticket; see the history."),
    "said.split_whole": ("这样本单就空了，没有拆分。", "Nothing would be left of this ticket; it was not split."),
    "said.no_message": (
        "这句话已不在本单，没有拆分。",
        "These words are not on this ticket any more.",
    ),
}
"""The same of what is named by a stored value or an answer."""
