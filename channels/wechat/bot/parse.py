"""What a smart bot is told, already decrypted, read into records; pure.

Fields: developer.work.weixin.qq.com/document/path/100719 (messages), .../path/101027 (events) and, for the long
connection, whose bodies are the same but for a key beside each file, .../path/101463.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from channels.contract import Inbound, Remote
from channels.untrusted import Untrusted

FILES: Final = {"image": "[图片]", "file": "[文件]", "video": "[视频]"}
QUIET: Final = frozenset(("stream",))
"""stream: WeCom asks for more of a flowing answer; we give none."""
ITEMS: Final = 50
"""More parts than one mixed message has."""
_FIRST_MENTION: Final = re.compile(r"^\s*@\S+[\s\u2005]*")


def message(body: Untrusted, *, raw: bytes, bot_name: str = "", bot_id: str = "") -> Inbound | None:
    """One message or one press of a button; None for what says nothing to us.

    Raises Malformed naming the field. In a group only what mentions the bot arrives, so it is always meant.
    """
    key = body["msgid"].word(limit=128)
    sender = body["from"]["userid"].word(limit=128)
    group = body["chatid"].word(limit=128) if body["chattype"].word() == "group" else None
    kind = body["msgtype"].word(limit=64)
    if kind in QUIET or sender == bot_id:
        return None
    if kind == "event":
        return _press(body["event"], key=key, sender=sender, group=group, raw=raw)
    said = "\n".join(part for part in _said(body, kind) if part)
    text = without_mention(said, bot_name) if group else said.strip()
    quoted = _quoted(body)
    return Inbound(
        key=key,
        sender=sender,
        group=group,
        named=group is not None,
        text=text,
        whole=f"「{quoted}」\n{text}" if quoted else None,
        raw=raw,
        sent_at=_moment(body),
        remotes=tuple(_remotes(body, kind)),
    )


def without_mention(text: str, bot_name: str) -> str:
    """The text without "@name" of the bot; without a configured name the first @word goes."""
    if bot_name:
        return re.sub(rf"\s*@{re.escape(bot_name)}(?:[\s\u2005]+|$)", " ", text).strip()
    return _FIRST_MENTION.sub("", text, count=1).strip()


def _press(event: Untrusted, *, key: str, sender: str, group: str | None, raw: bytes) -> Inbound | None:
    """A button of one of our cards; its key is what the button says, its task the key of our text."""
    if event["eventtype"].word(limit=64) != "template_card_event":
        return None
    card = event["template_card_event"]
    says = card["event_key"].word(limit=1024)
    answers = card["task_id"].word(limit=128)
    named = group is not None
    return Inbound(key=key, sender=sender, group=group, named=named, text=says, answers=(answers,), raw=raw)


def _said(body: Untrusted, kind: str) -> Iterator[str]:
    match kind:
        case "text" | "voice":
            yield body[kind]["content"].text()
        case "mixed":
            for item in _items(body):
                yield from _said(item, item["msgtype"].word(limit=64))
        case "image" | "file" | "video":
            yield f"{FILES[kind]} {_name(body[kind])}".strip()
        case _:
            yield f"[不支持的消息类型 {kind}]"


def _remotes(body: Untrusted, kind: str) -> Iterator[Remote]:
    """Files that lie with WeCom for five minutes, encrypted; their key, if they have one of their own, follows "#"."""
    if kind == "mixed":
        for item in _items(body):
            yield from _remotes(item, item["msgtype"].word(limit=64))
    elif kind in FILES:
        lies = body[kind]
        url = lies["url"].word(limit=4000)
        name = _name(lies) or kind
        yield Remote(ref=f"{url}#{lies['aeskey'].word(default='', limit=128)}", name=name, type=_type(kind))


def _type(kind: str) -> str:
    """What is known of it before it is there; a picture's kind is not told."""
    return {"image": "image/*", "video": "video/mp4"}.get(kind, "application/octet-stream")


def _name(lies: Untrusted) -> str:
    """A file's name without a path, where WeCom tells one."""
    name = (lies.get("name") or lies["filename"]).text(default="", limit=1000)
    return name.replace("\\", "/").rpartition("/")[2].strip()[:255]


def _items(body: Untrusted) -> list[Untrusted]:
    return list(body["mixed"]["msg_item"].items())[:ITEMS]


def _quoted(body: Untrusted) -> str:
    """What the message quotes, in one line; "" for nothing."""
    quote = body.get("quote")
    if quote is None:
        return ""
    return " ".join(" ".join(_said(quote, quote["msgtype"].word(limit=64))).split())


def _moment(body: Untrusted) -> datetime | None:
    made = body.get("create_time")
    return None if made is None else made.unix_seconds()
