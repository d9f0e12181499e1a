"""Aliyun's pushes about texts, already admitted, read into records; pure.

Replies: help.aliyun.com/zh/sms/developer-reference/smsup-http; receipts: .../sms/developer-reference/smsreport-2.
"""

from __future__ import annotations

from typing import Final

from channels.aliyun_push import items, moment
from channels.contract import Inbound, Malformed, Status, Update
from channels.numbers import number
from channels.untrusted import Untrusted

REASON: Final = {
    "UNDELIV": "the carrier could not deliver it: the number is out of service, most often",
    "EXPIRED": "the handset was switched off or out of reach for too long",
    "REJECTD": "the carrier refused it",
    "UNKNOWN": "the carrier gave no reason",
    "MK:0001": "the number does not exist",
    "MK:0005": "the number is out of service",
    "MK:0010": "the handset is switched off or out of reach",
    "MK:0023": "the handset is switched off",
    "MK:0115": "the carrier filtered it",
    "MI:0024": "the handset is switched off",
}
"""Words for some codes of the carriers' gateways (cnblogs.com/yhdkzy/p/4238029.html); others keep their code."""


def replies(body: bytes) -> list[Inbound]:
    """What people wrote back, STOP words included; raises Malformed naming the place."""
    return [_reply(item, body) for item in items(body)]


def updates(body: bytes) -> list[Update]:
    """What became of texts; raises Malformed naming the place."""
    return [_update(item) for item in items(body)]


def _reply(item: Untrusted, raw: bytes) -> Inbound:
    return Inbound(
        key=_id(item["sequence_id"]),
        sender=number(item["phone_number"].word(limit=32), "CN").address,
        text=item["content"].text(default=""),
        raw=raw,
        sent_at=moment(item["send_time"]),
    )


def _update(item: Untrusted) -> Update:
    delivered = item["success"].boolean()
    code = _optional(item, "err_code")
    return Update(
        status=Status.DELIVERED if delivered else Status.FAILED,
        key=_optional(item, "out_id"),
        provider_id=item["biz_id"].word(limit=64),
        code=None if delivered else code,
        reason=None if delivered else REASON.get(code or ""),
    )


def _optional(item: Untrusted, name: str) -> str | None:
    field = item.get(name)
    return (field.text(limit=128) or None) if field else None


def _id(field: Untrusted) -> str:
    """The page of today calls it a String, an older one of the same push a Number."""
    try:
        return field.word(limit=64)
    except Malformed:
        return str(field.integer())
