"""Updates for the pager: private texts and pressed buttons of the people it knows; pure.

Fields: core.telegram.org/bots/api#update.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from channels.contract import Inbound
from channels.telegram_account import message_id, pressed
from channels.telegram_message import content, person
from channels.untrusted import Untrusted


@dataclass(frozen=True, kw_only=True, slots=True)
class Read:
    """What one update held."""

    inbound: Inbound | None = None
    press: str = ""
    """A button was pressed, and this query waits for an answer."""


NOTHING = Read()


def update(body: Untrusted, allowed: Collection[str], *, raw: bytes) -> Read:
    """Read one update; raises Malformed. Groups, channels, bots and unknown people say nothing."""
    query = body.get("callback_query")
    if query:
        return _press(query, allowed, raw)
    edited = body.get("edited_message")
    said = body.get("message") or edited
    if said is None or said["chat"]["type"].word() != "private" or not _allowed(said["from"], allowed):
        return NOTHING
    found = content(said)
    if found is None or found.words.strip() == "/start":
        return NOTHING
    key = message_id(said["chat"]["id"].integer(), said["message_id"].integer())
    quoted = said.get("reply_to_message")
    whole = "\n".join(filter(None, (found.words, found.note)))
    text = found.words or found.note
    inbound = Inbound(
        key=f"{key}:edit:{said['edit_date'].integer()}" if edited else key,
        sender=str(said["from"]["id"].integer()),
        sender_name=person(said["from"]),
        text=text,
        whole=None if whole == text else whole,
        raw=raw,
        sent_at=said["edit_date" if edited else "date"].unix_seconds(),
        references=(key,) if edited else (),
        answers=(message_id(quoted["chat"]["id"].integer(), quoted["message_id"].integer()),) if quoted else (),
        remotes=found.remotes,
    )
    return Read(inbound=inbound)


def _press(query: Untrusted, allowed: Collection[str], raw: bytes) -> Read:
    """A button; one under a message too old to be shown still carries what it says."""
    if not _allowed(query["from"], allowed):
        return NOTHING
    press, carried, message = query["id"].word(), query.get("data"), query.get("message")
    if carried is None or (message and message["chat"]["type"].word() != "private"):
        return Read(press=press)
    says, key = pressed(carried.word(limit=64))
    inbound = Inbound(
        key=f"press:{press}",
        sender=str(query["from"]["id"].integer()),
        sender_name=person(query["from"]),
        text=says,
        raw=raw,
        answers=(key,) if key else (),
    )
    return Read(inbound=inbound, press=press)


def _allowed(user: Untrusted, allowed: Collection[str]) -> bool:
    return str(user["id"].integer()) in allowed and not user["is_bot"].boolean()
