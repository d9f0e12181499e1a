"""The words about who does not want texts for many, Chinese and English: the staff's list and the reader's own page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

SUPPRESSIONS: Final[Mapping[str, tuple[str, str]]] = {
    "leaving": ("不再接收群发", "Stop texts for many"),
    "leaving_why": (
        "您收到了“{title}”。按下后，这个地址不再收到升级包、通知等群发内容；您报修、咨询得到的答复照常发送。",
        (
            "You were sent “{title}”. Press the button, and nothing of this kind goes to this address any more; "
            "answers to what you report or ask still come."
        ),
    ),
    "leaving_shared": (
        "这是一个群或邮件列表的地址：按下后，整个列表都不再收到。",
        "This is the address of a group or a mailing list: it ends for everybody on it.",
    ),
    "leaving_do": ("不再接收", "Stop them"),
    "leaving_left": ("已停发", "They have stopped"),
    "leaving_left_why": (
        "这个地址不再收到群发内容。几分钟内已经在发送途中的一条可能还会到。",
        "Nothing for many goes to this address any more. One that was on its way in these minutes may still arrive.",
    ),
    "leaving_back": ("恢复接收", "Get them again"),
    "leaving_barred": (
        "这是服务台登记的。要重新接收，请联系我们。",
        "The support staff wrote this down. To get them again, ask us.",
    ),
    "leaving_owed": (
        "合同约定必须告知的安全通知仍可能发送。",
        "Security notices that your contract owes you may still come.",
    ),
    "suppressions": ("不发名单", "Who is not written to"),
    "suppressions_why": (
        "群发不会发到这些地址：本人不想收、地址不存在、服务商拒收。只挡这一个地址，这个人的其他联系方式不受影响。",
        (
            "Texts for many do not go to these addresses: their owner does not want them, they do not exist, or the "
            "provider refuses them. Only this address is left out, not the person's others."
        ),
    ),
    "suppressions_none": ("没有。", "There are none."),
    "suppressions_search": ("地址或原因", "Address or reason"),
    "suppressions_count": ("共 {n} 个", "{n} in all"),
    "suppressions_older": ("更早", "Older"),
    "suppressions_show": ("查找", "Find"),
    "suppression_at": ("时间", "Since"),
    "suppression_way": ("方式", "By"),
    "suppression_address": ("地址", "Address"),
    "suppression_kind": ("为什么", "Why"),
    "suppression_reason": ("原因", "Reason"),
    "suppression_by": ("谁", "Who"),
    "suppression_itself": ("本人或自动", "the owner, or of itself"),
    "suppression_add": ("加入不发名单", "Leave an address out"),
    "suppression_every": ("全部", "All"),
    "suppressions_read_only": ("只能看；要改请先登录。", "To read only; sign in to change it."),
    "do.suppress": ("加入", "Leave out"),
    "do.allow": ("允许再发", "Allow again"),
    "allow_why": ("为什么允许", "Why it is allowed"),
}
"""Key to (zh, en)."""
SUPPRESSIONS_NAMED: Final[Mapping[str, tuple[str, str]]] = {
    "event.broadcast": ("群发", "broadcast"),
    "bc_event.suppressed": ("有人不再接收", "somebody is left out from now on"),
    "bc_event.allowed": ("恢复接收", "somebody is written to again"),
    "bc_event.recalled": ("撤回结束", "taken back"),
    "bc_event.reminded": ("提醒未下载者", "reminded who has not fetched it"),
    "suppression.opted_out": ("不想收", "does not want them"),
    "suppression.bounced": ("地址不存在", "does not exist"),
    "suppression.refused": ("服务商拒收", "refused by the provider"),
    "said.suppressed": ("已加入不发名单。", "It is left out from now on."),
    "said.allowed": ("已允许再发。", "It is written to again."),
    "said.suppression_same": ("本来就是这样，没有改动。", "It was so already; nothing changed."),
    "said.suppression_no_why": ("请写原因。", "Please give a reason."),
    "said.suppression_no_method": ("这里没有这种发送方式。", "This site cannot write that way."),
    "said.suppression_no_address": ("这不是该方式能用的地址。", "This is no address for that way."),
    "said.suppression_no_right": (
        "没有群发权限，或没有登录，不能改。",
        "Only somebody who signed in and may broadcast can change this.",
    ),
}
"""Stored values and answers to (zh, en)."""
