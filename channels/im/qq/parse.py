"""Callbacks of the QQ open platform, already proved genuine, read into records; pure.

Fields: bot.q.qq.com/wiki, api-v2/server-inter/message/send-receive/event.html; those of 2026 (`mentions`,
`message_type` 103, `msg_elements`, `asr_refer_text`) by autogen/event/group_message_create.html and the events shown in
nonebot/adapter-qq#195 and #222.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from channels.contract import Inbound, Malformed, Remote
from channels.qq_files import file_name
from channels.untrusted import Untrusted

TEXTS: Final = frozenset({"GROUP_AT_MESSAGE_CREATE", "GROUP_MESSAGE_CREATE", "C2C_MESSAGE_CREATE"})
"""Events in which somebody says something; every other one says nothing to us."""
LONGEST: Final = 20_000
"""Code points of one text at most; the client takes far fewer."""
FILES: Final = 20
"""Most files that one message carries."""
QUOTES: Final = 10
PLAIN: Final = 0
QUOTING: Final = 103
"""message_type of a text that quotes another."""
_MENTION: Final = re.compile(r"<@!?([0-9A-Za-z_-]{1,64})>")
_FIRST: Final = re.compile(r"\s*<@!?([0-9A-Za-z_-]{1,64})>")
_FACE: Final = re.compile(r"<faceType=[^<>]{0,2000}>")
KINDS: Final = {"voice": "audio/silk", "file": "application/octet-stream"}
"""Types that the platform writes in words of its own."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Mentions:
    """Who is named in a text: us by which ids, others by which names."""

    us: frozenset[str] = frozenset()
    names: dict[str, str] = field(default_factory=dict)


def operation(event: Untrusted) -> int:
    """The opcode: 0 is an event, 13 the question for our address."""
    return event["op"].integer()


def message(event: Untrusted, *, raw: bytes) -> Inbound | None:
    """What somebody said; None for other events and for what bots say. Raises Malformed naming the field."""
    kind = event["t"].text(default="", limit=64)
    if kind not in TEXTS:
        return None
    data = event["d"]
    author = data["author"]
    bot = author.get("bot")
    if bot is not None and bot.boolean():
        return None
    alone = kind == "C2C_MESSAGE_CREATE"
    mentions = _mentions(data)
    named = alone or kind == "GROUP_AT_MESSAGE_CREATE" or bool(mentions.us)
    text, whole = _texts(data, mentions, addressed=named and not alone)
    return Inbound(
        key=data["id"].word(limit=255),
        sender=_first(author, ("user_openid", "id") if alone else ("member_openid", "id")),
        sender_name=_optional(author, "username"),
        text=text,
        whole=None if whole == text else whole,
        raw=raw,
        group=None if alone else data["group_openid"].word(limit=128),
        sent_at=_moment(data),
        named=named,
        remotes=tuple(_files(data)),
    )


def _texts(data: Untrusted, mentions: Mentions, *, addressed: bool) -> tuple[str, str]:
    """What is new, and the same with what it quotes."""
    said = data["content"].text(default="", limit=LONGEST)
    if addressed and not mentions.us:
        # The platform takes our mention out of these; where it did not, we do not know our id, and it is the first.
        first = _FIRST.match(said)
        said = said[first.end() :] if first and first[1] not in mentions.names else said
    said = _FACE.sub("[表情]", _MENTION.sub(lambda found: _name(found[1], mentions), said)).strip()
    parts = [*([said] if said else []), *_spoken(data)]
    found = data.get("message_type")
    kind = found.integer() if found else PLAIN
    if not parts and not data.get("attachments") and kind != PLAIN:
        parts = [f"[不支持的消息类型 {kind}]"]
    text = "\n".join(parts)
    return text, "\n".join([*(_quoted(data) if kind == QUOTING else ()), text])


def _quoted(data: Untrusted) -> Iterator[str]:
    """The lines of the texts that are quoted, marked as a quote; they have no id that we know."""
    elements = data.get("msg_elements")
    for element in _some(elements, QUOTES) if elements else ():
        said = element["content"].text(default="", limit=LONGEST)
        yield from (f"> {line}" for line in said.strip().splitlines())


def _spoken(data: Untrusted) -> Iterator[str]:
    """What the platform understood of voice messages."""
    files = data.get("attachments")
    for one in _some(files, FILES) if files else ():
        heard = _optional(one, "asr_refer_text", limit=LONGEST).strip()
        if heard:
            yield f"[语音] {heard}"


def _files(data: Untrusted) -> Iterator[Remote]:
    files = data.get("attachments")
    for one in _some(files, FILES) if files else ():
        kind = _optional(one, "content_type")
        size = one.get("size")
        yield Remote(
            ref=one["url"].word(limit=4096),
            name=file_name(_optional(one, "filename", limit=1024)),
            type=kind if "/" in kind else KINDS.get(kind, "application/octet-stream"),
            size=size.integer() if size else None,
        )


def _mentions(data: Untrusted) -> Mentions:
    us: set[str] = set()
    names: dict[str, str] = {}
    listed = data.get("mentions")
    for one in _some(listed, 100) if listed else ():
        ids = [found for found in (_optional(one, "member_openid"), _optional(one, "id")) if found]
        ours = one.get("is_you")
        if ours is not None and ours.boolean():
            us.update(ids)
        names.update(dict.fromkeys(ids, _optional(one, "username") or "某人"))
    return Mentions(us=frozenset(us), names=names)


def _name(openid: str, mentions: Mentions) -> str:
    return "" if openid in mentions.us else f"@{mentions.names.get(openid, '某人')}"


def _first(value: Untrusted, names: Iterable[str]) -> str:
    """The first of some ids that is there; raises Malformed naming the first."""
    wanted = list(names)
    for name in wanted:
        if found := _optional(value, name).strip():
            return found
    raise Malformed(f"{value.path}.{wanted[0]}", "missing")


def _optional(value: Untrusted, name: str, *, limit: int = 255) -> str:
    found = value.get(name)
    return found.text(limit=limit) if found else ""


def _some(value: Untrusted, most: int) -> Iterator[Untrusted]:
    return (one for _, one in zip(range(most), value.items(), strict=False))


def _moment(data: Untrusted) -> datetime | None:
    """When it was said (RFC 3339); None where that is missing or unreadable: nothing depends on it."""
    try:
        moment = datetime.fromisoformat(_optional(data, "timestamp", limit=64))
    except ValueError:
        return None
    return moment if moment.tzinfo else None
