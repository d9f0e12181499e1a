"""What a OneBot message is made of, as a list of segments or as a text with CQ codes; pure.

Formats: botuniverse/onebot-11, message/array.md, message/string.md and message/segment.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from channels.contract import Malformed, Remote
from channels.qq_files import file_name
from channels.untrusted import Untrusted

LONGEST: Final = 50_000
"""Code points of one text at most."""
MOST: Final = 500
"""Segments of one message at most."""
_CODE: Final = re.compile(r"\[CQ:([A-Za-z0-9_.-]{1,40})((?:,[^,\]\[]*)*)\]")
TYPES: Final = {"image": "image/jpeg", "record": "audio/amr", "video": "video/mp4", "file": "application/octet-stream"}
"""What the files of a segment are when nothing else says so."""
WORDS: Final = {"image": "图片", "record": "语音", "video": "视频", "file": "文件"}
NOTES: Final = {
    "face": "[表情]", "mface": "[表情]", "rps": "[猜拳]", "dice": "[骰子]", "shake": "[窗口抖动]", "poke": "[戳一戳]",
    "forward": "[合并转发的聊天记录]", "node": "[合并转发的聊天记录]", "xml": "[卡片消息]", "anonymous": "",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Segment:
    """One piece of a message; all values are text."""

    kind: str
    data: Mapping[str, str]


@dataclass(kw_only=True, slots=True)
class Read:
    """What a message says in the end."""

    text: str = ""
    named: bool = False
    quoted: str = ""
    """The id of the message that it answers."""
    remotes: list[Remote] = field(default_factory=list)


def segments(message: Untrusted) -> list[Segment]:
    """A message in either form; raises Malformed naming the place."""
    try:
        found = [_segment(one) for _, one in zip(range(MOST), message.items(), strict=False)]
    except Malformed as broken:
        if broken.where != message.path:
            raise
        return list(coded(message.text(limit=LONGEST)))
    return found


def coded(text: str) -> Iterator[Segment]:
    """A text with CQ codes; what looks like none is text."""
    at = 0
    for found in _CODE.finditer(text):
        if found.start() > at:
            yield Segment(kind="text", data={"text": _plain(text[at : found.start()])})
        pairs = (one.partition("=") for one in found[2].split(",")[1:])
        yield Segment(kind=found[1], data={name: _inside(value) for name, _, value in pairs})
        at = found.end()
    if at < len(text):
        yield Segment(kind="text", data={"text": _plain(text[at:])})


def read(pieces: list[Segment], *, self_id: str) -> Read:
    """Put the pieces together as a person reads them; our own mention is taken out and remembered."""
    found = Read()
    parts: list[str] = []
    for piece in pieces:
        match piece.kind:
            case "text":
                parts.append(piece.data.get("text", ""))
            case "at" if piece.data.get("qq") == self_id:
                found.named = True
            case "reply":
                found.quoted = found.quoted or piece.data.get("id", "")
            case kind if kind in TYPES:
                parts.append(_file(piece, found.remotes))
            case _:
                parts.append(_noted(piece))
    found.text = "".join(parts).strip()
    return found


def _segment(one: Untrusted) -> Segment:
    data = one.get("data")
    return Segment(kind=one["type"].word(limit=40), data=_texts(data) if data else {})


def _texts(data: Untrusted) -> dict[str, str]:
    """The fields that we look at, as text; implementations write numbers for some of them."""
    found: dict[str, str] = {}
    for name in ("text", "qq", "id", "file", "url", "name", "file_size", "title", "content", "data", "summary"):
        value = data.get(name)
        if value is None:
            continue
        try:
            found[name] = value.text(limit=LONGEST)
        except Malformed:
            found[name] = _number(value)
    return found


def _number(value: Untrusted) -> str:
    try:
        return str(value.integer())
    except Malformed:
        return ""  # a list or an object: none of the fields that we look at has one that says something


def _file(piece: Segment, remotes: list[Remote]) -> str:
    """Remember a file that can be fetched; one without an address is only named."""
    data, kind = piece.data, piece.kind
    name = file_name(data.get("name") or data.get("file", ""))
    url = data.get("url", "")
    if not url and data.get("file", "").startswith(("http://", "https://")):
        url = data["file"]
    if not url or len(url) > 4096:
        return f"[{WORDS[kind]} {name}]" if name else f"[{WORDS[kind]}]"
    size = data.get("file_size", "")
    remotes.append(
        Remote(ref=url, name=name, type=TYPES[kind], size=int(size) if size.isascii() and size.isdigit() else None)
    )
    return ""


def _noted(piece: Segment) -> str:
    """What is no text and no file, in a few words."""
    data = piece.data
    notes: Mapping[str, Callable[[], str]] = {
        "at": lambda: (
            "@全体成员 " if data.get("qq") == "all" else f"@{(data.get('name') or data.get('qq', '')).lstrip('@')} "
        ),
        "share": lambda: f"[分享 {data.get('title', '')} {data.get('url', '')}]",
        "contact": lambda: f"[名片 {data.get('id', '')}]",
        "location": lambda: f"[位置 {data.get('title') or data.get('content', '')}]",
        "music": lambda: f"[音乐 {data.get('title', '')}]",
        "json": lambda: _card(data.get("data", "")),
    }
    if piece.kind in notes:
        return notes[piece.kind]()
    return NOTES.get(piece.kind, f"[不支持的消息类型 {piece.kind}]")


def _card(text: str) -> str:
    """The title that a card shows in the list of chats (`prompt`), where it has one."""
    try:
        prompt = Untrusted.json(text.encode("utf-8", "replace")).get("prompt")
        return f"[卡片消息 {prompt.text(limit=500)}]" if prompt else "[卡片消息]"
    except Malformed:
        return "[卡片消息]"


def _plain(text: str) -> str:
    """Undo the escapes of text outside codes; & comes last, as it came first when they were made."""
    return text.replace("&#91;", "[").replace("&#93;", "]").replace("&amp;", "&")


def _inside(text: str) -> str:
    return _plain(text.replace("&#44;", ","))
