"""Messages in the XML of callbacks, the same for WeCom apps and official accounts, read into records; pure.

Fields: developer.work.weixin.qq.com/document/path/90239 and
developers.weixin.qq.com/doc/offiaccount/Message_Management/Receiving_standard_messages.html.
"""

from __future__ import annotations

from typing import Final

from channels.contract import Inbound, Remote
from channels.untrusted import Untrusted

FILES: Final = {"image": "[图片]", "voice": "[语音]", "video": "[视频]", "shortvideo": "[小视频]", "file": "[文件]"}
TYPES: Final = {"image": "image/jpeg", "voice": "audio/amr", "video": "video/mp4", "shortvideo": "video/mp4"}
ENDINGS: Final = {"image": ".jpg", "voice": ".amr", "video": ".mp4", "shortvideo": ".mp4"}
DESCRIBED: Final = {
    "location": ("[位置]", "Label", "Location_X", "Location_Y"),
    "link": ("[链接]", "Title", "Description", "Url"),
}
"""What stands for each kind that is neither text nor file, and the elements that are told of it."""


def message(fields: Untrusted, *, raw: bytes) -> Inbound:
    """What somebody sent; raises Malformed naming the element. A kind that nobody knows becomes a note of it."""
    kind = fields["MsgType"].word(limit=64)
    return Inbound(
        key=fields["MsgId"].word(limit=64),
        sender=fields["FromUserName"].word(limit=128),
        text=_said(fields, kind).strip(),
        raw=raw,
        sent_at=fields["CreateTime"].unix_seconds(),
        remotes=(_remote(fields, kind),) if kind in FILES else (),
    )


def event(fields: Untrusted, says: str, *, raw: bytes, answers: tuple[str, ...] = ()) -> Inbound:
    """What somebody said by pressing; known by who and when, since events have no MsgId. Raises Malformed."""
    who = fields["FromUserName"].word(limit=128)
    parts = [who, fields["CreateTime"].word(limit=20), *answers, says]
    return Inbound(
        key=":".join(parts),
        sender=who,
        text=says,
        raw=raw,
        sent_at=fields["CreateTime"].unix_seconds(),
        answers=answers,
    )


def _said(fields: Untrusted, kind: str) -> str:
    if kind == "text":
        return fields["Content"].text()
    if kind == "voice":
        return f"{FILES[kind]} {fields['Recognition'].text(default='')}"
    if kind in DESCRIBED:
        label, *names = DESCRIBED[kind]
        return " ".join([label, *(said for name in names if (said := fields[name].text(default="").strip()))])
    return FILES.get(kind, f"[不支持的消息类型 {kind}]")


def _remote(fields: Untrusted, kind: str) -> Remote:
    name = fields["FileName"].text(default="", limit=255) or fields["Title"].text(default="", limit=255)
    plain = f"{kind}{ENDINGS.get(kind, '')}"
    return Remote(
        ref=fields["MediaId"].word(limit=512),
        name=(name if kind == "file" else "") or plain,
        type=TYPES.get(kind, "application/octet-stream"),
    )
