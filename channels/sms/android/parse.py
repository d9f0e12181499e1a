"""Webhooks of SMS Gateway for Android, already proved genuine, read into records; pure.

Events and payloads: the app's description (capcom6/android-sms-gateway, assets/api/swagger.json) and
docs.sms-gate.app/features/webhooks.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from channels.contract import Attachment, Inbound, Malformed, Status, Update
from channels.numbers import number
from channels.untrusted import Untrusted

STATUS: Final = {
    "sms:sent": Status.SENT,
    "sms:delivered": Status.DELIVERED,
    "sms:failed": Status.FAILED,
    "sms:cancelled": Status.FAILED,
}
SILENT: Final = frozenset({"system:ping", "app:started"})
REASON: Final = {
    "RESULT_ERROR_GENERIC_FAILURE": "the phone could not send it: no credit or a bad number, most often",
    "RESULT_ERROR_NO_SERVICE": "the phone has no network",
    "RESULT_ERROR_RADIO_OFF": "the phone is in flight mode",
    "RESULT_ERROR_LIMIT_EXCEEDED": "the phone has sent too many texts",
    "RESULT_ERROR_SHORT_CODE_NOT_ALLOWED": "the number is a short code that the phone does not allow",
    "RESULT_ERROR_NULL_PDU": "the phone could not build the text",
}
"""Words for Android's results (developer.android.com/reference/android/telephony/SmsManager)."""
CODE: Final = re.compile(r"RESULT_[A-Z_]{1,60}")
FILES: Final = 20
FILE_LIMIT: Final = 20 * 1024 * 1024
"""Bytes of one file of a picture message."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """What one webhook held."""

    inbounds: Sequence[Inbound] = ()
    updates: Sequence[Update] = ()


def event(body: bytes, *, region: str) -> Event:
    """One event; raises Malformed naming the place. What no person said and no text of ours became is empty."""
    given = Untrusted.json(body)
    kind = given["event"].word(limit=64)
    if kind in SILENT:
        return Event()
    if kind in STATUS:
        return Event(updates=(_update(kind, given["payload"]),))
    found = _inbound(kind, given, raw=body, region=region)
    return Event(inbounds=() if found is None else (found,))


def _update(kind: str, payload: Untrusted) -> Update:
    failed = STATUS[kind] is Status.FAILED
    code = CODE.search(_optional(payload, "reason")) if failed else None
    cancelled = "it was cancelled on the phone" if kind == "sms:cancelled" else None
    name = payload["messageId"].word(limit=64)
    return Update(
        status=STATUS[kind],
        key=name,
        provider_id=name,
        code=code[0] if code else None,
        reason=REASON.get(code[0]) if code else cancelled,
    )


def _inbound(kind: str, given: Untrusted, *, raw: bytes, region: str) -> Inbound | None:
    payload = given["payload"]
    sender = _optional(payload, "sender") or _optional(payload, "phoneNumber")
    if not sender and kind != "sms:received":
        return None
    text, files = _said(kind, payload)
    return Inbound(
        # The id of the event, which a repeat has again: the id of a message comes from its words and is not unique.
        key=given["id"].word(limit=128),
        sender=number(sender or payload["phoneNumber"].word(), region).address,
        text=text,
        subject=_optional(payload, "subject") or None,
        raw=raw,
        sent_at=_moment(payload["receivedAt"]),
        attachments=files,
    )


def _said(kind: str, payload: Untrusted) -> tuple[str, tuple[Attachment, ...]]:
    match kind:
        case "sms:received":
            return payload["message"].text(), ()
        case "mms:downloaded":
            return _optional(payload, "body"), _files(payload)
        case "mms:received":
            return "[彩信，内容还在手机上]", ()
        case "sms:data-received":
            return "[数据短信]", ()
    return f"[不支持的消息类型 {kind}]", ()


def _files(payload: Untrusted) -> tuple[Attachment, ...]:
    listed = payload.get("attachments")
    found = [_file(one, at) for at, one in enumerate(listed.items())][:FILES] if listed else []
    return tuple(one for one in found if one is not None)


def _file(listed: Untrusted, at: int) -> Attachment | None:
    data = listed.get("data")
    if data is None:
        return None
    try:
        content = b64decode(data.text(limit=FILE_LIMIT * 4 // 3 + 4), validate=True)
    except binascii.Error:
        raise Malformed(data.path, "not base64") from None
    name = re.split(r"[\\/]", _optional(listed, "name"))[-1] or f"file{at + 1}"
    return Attachment(name=name[:128], type=listed["contentType"].word(limit=128), content=content)


def _moment(field: Untrusted) -> datetime | None:
    try:
        found = datetime.fromisoformat(field.text(default=""))
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo else None


def _optional(item: Untrusted, name: str) -> str:
    field = item.get(name)
    return field.text(limit=10_000).strip() if field else ""
