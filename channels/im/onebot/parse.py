"""Events of OneBot v11, already proved genuine, read into records; pure.

Fields: botuniverse/onebot-11, event/message.md and event/meta.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from channels.contract import Inbound
from channels.im.onebot import segments
from channels.im.onebot.segments import Read
from channels.untrusted import Untrusted


@dataclass(frozen=True, kw_only=True, slots=True)
class Sign:
    """A heartbeat or a change of life: that the program runs, and what it says of the account."""

    online: bool | None
    """What the program says; None when it does not say."""


def at(event: Untrusted) -> datetime:
    """When it happened; raises Malformed."""
    return event["time"].unix_seconds()


def belongs(event: Untrusted, self_id: int) -> bool:
    """Whether it is of our account; some programs leave `self_id` out where the header has it."""
    said = event.get("self_id")
    return said is None or said.integer() == self_id


def sign(event: Untrusted) -> Sign | None:
    """A sign of life; None for other events."""
    if event["post_type"].text(limit=40) != "meta_event":
        return None
    if event["meta_event_type"].text(default="", limit=40) == "lifecycle":
        return Sign(online=False if event["sub_type"].text(default="", limit=40) == "disable" else None)
    status = event.get("status")
    online = status.get("online") if status else None
    return Sign(online=online.boolean() if online else None)


def message(event: Untrusted, *, raw: bytes, self_id: int) -> Inbound | None:
    """What somebody said; None for what we said ourselves, hints of the system and every other event."""
    if event["post_type"].text(limit=40) != "message" or event["sub_type"].text(default="", limit=40) == "notice":
        return None
    user = event["user_id"].integer()
    if user == self_id:
        return None
    alone = event["message_type"].text(limit=40) != "group"
    said = segments.read(segments.segments(_body(event)), self_id=str(self_id))
    quoted = (key(self_id, said.quoted),) if said.quoted else ()
    name, sender = _who(event, user)
    return Inbound(
        key=key(self_id, str(event["message_id"].integer())),
        sender=sender,
        sender_name=name,
        text=said.text,
        raw=raw,
        group=None if alone else str(event["group_id"].integer()),
        group_name=_optional(event, "group_name"),
        sent_at=at(event),
        references=quoted,
        answers=_ours(said, quoted, alone=alone),
        remotes=tuple(said.remotes),
        named=alone or said.named,
    )


def key(self_id: int, message_id: str) -> str:
    """The stable id of a message: the account and the number that the program gave it, which may be negative."""
    return f"{self_id}:{message_id}"


def message_id(key: str | None, self_id: int) -> str:
    """The number within a key; "" for what is no key of this account."""
    account, _, number = (key or "").partition(":")
    fits = account == str(self_id) and number.removeprefix("-").isdigit() and number.isascii()
    return number if fits else ""


def _ours(said: Read, quoted: tuple[str, ...], *, alone: bool) -> tuple[str, ...]:
    """Who quotes in a chat with us, or quotes and names us, quotes a text of ours: the client names whom it quotes."""
    return quoted if alone or said.named else ()


def _body(event: Untrusted) -> Untrusted:
    """The message, or, where a program left it out, its form as text."""
    return event["raw_message"] if event["message"].missing else event["message"]


def _who(event: Untrusted, user: int) -> tuple[str, str]:
    """Name and id of who speaks; everybody without a name shares one number and has an id of their own."""
    hidden = event.get("anonymous")
    if hidden is not None:
        return _optional(hidden, "name"), f"anonymous-{hidden['id'].integer()}"
    sender = event.get("sender")
    name = (_optional(sender, "card").strip() or _optional(sender, "nickname").strip()) if sender else ""
    return name, str(user)


def _optional(value: Untrusted, name: str) -> str:
    found = value.get(name)
    return found.text(limit=255) if found else ""
