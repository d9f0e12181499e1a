"""Customer-service messages, as kf/sync_msg brings them, read into records; pure.

Fields: developer.work.weixin.qq.com/document/path/94670.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from channels.contract import Inbound, Malformed, Remote, Status, Unreadable, Update
from channels.untrusted import Untrusted

CUSTOMER: Final = 3
"""origin: 3 is the customer, 4 the system (events), 5 a servicer who answers in WeCom."""
FILES: Final = {"image": "[图片]", "voice": "[语音]", "video": "[视频]", "file": "[文件]"}
DESCRIBED: Final = {
    "location": ("[位置]", "name", "address"),
    "link": ("[链接]", "title", "desc", "url"),
    "business_card": ("[名片]", "userid"),
    "miniprogram": ("[小程序]", "title"),
    "msgmenu": ("[菜单]", "head_content"),
}
"""What stands for each kind that is neither text nor file, and the fields that are told of it."""
TYPES: Final = {"image": "image/jpeg", "voice": "audio/amr", "video": "video/mp4"}
"""What WeCom delivers of each kind; voices as AMR, which is voice_format 0."""
ENDINGS: Final = {"image": ".jpg", "voice": ".amr", "video": ".mp4", "file": ""}
FAILED: Final = {
    1: "the customer-service account was deleted",
    2: "the app was closed",
    4: "the conversation is over: more than 48 hours",
    5: "the conversation was closed",
    6: "more than 5 messages",
    8: "the receiver refuses messages",
    10: "the receiver refused the account",
    11: "the enterprise has no verified subject",
}
"""fail_type of msg_send_fail."""
FORWARDED: Final = 200
"""Lines that are taken of a forwarded conversation."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """One answer of kf/sync_msg."""

    items: tuple[Inbound | Unreadable, ...]
    failures: tuple[Update, ...]
    """Texts of ours that did not arrive."""
    cursor: str
    more: bool


def page(body: bytes, *, open_kfid: str) -> Page:
    """Read one answer; raises Malformed when it is none. A broken message within it is kept apart."""
    answer = Untrusted.json(body, "sync_msg")
    rows = list(answer["msg_list"].items()) if answer.get("msg_list") else []
    raws = [json.dumps(row, ensure_ascii=False).encode("utf-8", "replace") for row in _plain(body)]
    found = [_kept(row, raw, open_kfid) for row, raw in zip(rows, raws, strict=True)]
    return Page(
        items=tuple(one for one in found if isinstance(one, Inbound | Unreadable)),
        failures=tuple(one for one in found if isinstance(one, Update)),
        cursor=answer["next_cursor"].text(default="", limit=255),
        more=answer["has_more"].integer(default=0) == 1,
    )


def message(row: Untrusted, *, raw: bytes, open_kfid: str) -> Inbound | Update | None:
    """One element of the list; None for what a servicer or the system did. Raises Malformed naming the field."""
    kind = row["msgtype"].word(limit=64)
    if kind == "event":
        return _failure(row["event"])
    key = row["msgid"].word(limit=128)
    if row["origin"].integer() != CUSTOMER or row["open_kfid"].word(limit=64) != open_kfid:
        return None
    pressed = _pressed(row) if kind == "text" else None
    said = _said(row, kind).strip()
    return Inbound(
        key=key,
        sender=row["external_userid"].word(limit=128),
        text=pressed[1] if pressed else said,
        whole=said if pressed and pressed[1] != said else None,
        answers=(pressed[0],) if pressed else (),
        raw=raw,
        sent_at=row["send_time"].unix_seconds(),
        remotes=(_remote(row[kind], kind),) if kind in FILES else (),
    )


def menu_id(key: str, says: str) -> str:
    """What a button of ours is called, so that a press tells which text it answers and what it says."""
    return f"{key}:{says}"


def _kept(row: Untrusted, raw: bytes, open_kfid: str) -> Inbound | Update | Unreadable | None:
    try:
        return message(row, raw=raw, open_kfid=open_kfid)
    except Malformed as broken:
        return Unreadable(key=sha256(raw).hexdigest(), raw=raw, where=broken.where, why=broken.why)


def _plain(body: bytes) -> list[Any]:
    """The elements of the list as they came; the body is known to be JSON."""
    whole = json.loads(body)
    return (whole.get("msg_list") if isinstance(whole, Mapping) else None) or []


def _failure(event: Untrusted) -> Update | None:
    """A text of ours that the customer did not get; every other event says nothing (somebody opened the page)."""
    if event["event_type"].word(limit=64) != "msg_send_fail":
        return None
    code = event["fail_type"].integer(default=0)
    reason = FAILED.get(code, "WeCom gives no reason")
    return Update(status=Status.FAILED, provider_id=event["fail_msgid"].word(limit=128), code=str(code), reason=reason)


def _pressed(row: Untrusted) -> tuple[str, str] | None:
    """Our key and what the button says, when the text is a press of a menu of ours."""
    key, _, says = row["text"]["menu_id"].text(default="", limit=256).rpartition(":")
    return (key, says) if key and says else None


def _said(row: Untrusted, kind: str) -> str:
    part = row[kind]
    if kind == "text":
        return part["content"].text()
    if kind == "merged_msg":
        return _forwarded(part)
    if kind in DESCRIBED:
        label, *names = DESCRIBED[kind]
        return " ".join([label, *(part[name].text(default="") for name in names)]).rstrip()
    return FILES.get(kind, f"[不支持的消息类型 {kind}]")


def _forwarded(part: Untrusted) -> str:
    """A forwarded conversation, one line per message: how an ordinary group comes in by hand."""
    lines = [f"[聊天记录] {part['title'].text(default='')}"]
    for item in list(part["item"].items())[:FORWARDED]:
        kind = item["msgtype"].text(default="", limit=64)
        lines.append(f"{item['sender_name'].text(default='')}: {_quoted(item, kind)}")
    return "\n".join(lines)


def _quoted(item: Untrusted, kind: str) -> str:
    """One line of it; its content is JSON within the JSON, and an odd one is only named."""
    try:
        inner = Untrusted.json(item["msg_content"].text(default="{}").encode(), "msg_content")
        return _said(inner, kind)
    except Malformed:
        return FILES.get(kind, f"[不支持的消息类型 {kind}]")


def _remote(part: Untrusted, kind: str) -> Remote:
    ref = part["media_id"].word(limit=512)
    kind_of = TYPES.get(kind, "application/octet-stream")
    return Remote(ref=ref, name=f"{kind}{ENDINGS[kind]}", type=kind_of)
