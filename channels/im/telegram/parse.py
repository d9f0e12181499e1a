"""Updates of the Bot API, already proved genuine, read into records; pure.

Fields: core.telegram.org/bots/api#update and #message.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from channels.contract import Inbound
from channels.telegram_account import message_id, pressed
from channels.telegram_message import Content, content, cut, person
from channels.untrusted import Untrusted

CORRECTION: Final = "[更正] "
ANONYMOUS: Final = "GroupAnonymousBot"
"""Under this name Telegram shows to bots what an anonymous administrator wrote (#message, `sender_chat`)."""
AS_CHANNEL: Final = "Channel_Bot"
"""And under this one what somebody wrote as a channel of theirs."""
START: Final = "/start"


@dataclass(frozen=True, kw_only=True, slots=True)
class Me:
    """Who our bot is."""

    id: int
    username: str
    """Without @."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Read:
    """What one update held."""

    number: int
    """Telegram counts the updates of a bot; what is confirmed up to a number never comes again."""
    inbound: Inbound | None = None
    album: str = ""
    """Files that were sent together share it; it is unique within the chat."""
    press: str = ""
    """A button was pressed, and this query waits for an answer."""


def update(body: Untrusted, me: Me, *, raw: bytes) -> Read:
    """Read one update; raises Malformed. Posts of channels and what is not a message say nothing to us."""
    number = body["update_id"].integer()
    query = body.get("callback_query")
    if query:
        return Read(number=number, press=query["id"].word(), inbound=_press(query, raw))
    new, edited = body.get("message"), body.get("edited_message")
    said = new or edited
    if said is None or _of_no_person(said):
        return Read(number=number)
    found = content(said)
    if found is None or (found.words.strip() == START and _private(said)):
        return Read(number=number)
    album = said.get("media_group_id")
    inbound = _inbound(said, found, me, raw=raw, edited=new is None)
    return Read(number=number, inbound=inbound, album=album.word() if album and new else "")


def _inbound(said: Untrusted, found: Content, me: Me, *, raw: bytes, edited: bool) -> Inbound:
    chat = said["chat"]["id"].integer()
    key = message_id(chat, said["message_id"].integer())
    sender, name = _sender(said)
    quoted = _quoted(said)
    ours = quoted is not None and _writer(quoted) == me.id
    answered = (message_id(chat, quoted["message_id"].integer()),) if quoted else ()
    words, named = _addressed(said, found.words, me)
    text = words or found.note
    whole = "\n".join(filter(None, (found.words, found.note)))
    return Inbound(
        key=f"{key}:edit:{said['edit_date'].integer()}" if edited else key,
        sender=sender,
        sender_name=name,
        text=CORRECTION + text if edited else text,
        whole=None if whole == text else whole,
        raw=raw,
        group=None if _private(said) else conversation(said),
        group_name="" if _private(said) else _group_name(said),
        named=not _private(said) and (named or ours),
        sent_at=said["edit_date" if edited else "date"].unix_seconds(),
        references=((key,) if edited else ()) + (() if ours else answered),
        answers=answered if ours else (),
        remotes=found.remotes,
    )


def _press(query: Untrusted, raw: bytes) -> Inbound | None:
    """A button of ours; None for one under a message that no longer tells its chat, or of another kind."""
    carried, message = query.get("data"), query.get("message")
    if carried is None or message is None or query["from"]["is_bot"].boolean():
        return None
    says, key = pressed(carried.word(limit=64))
    private = _private(message)
    return Inbound(
        key=f"press:{query['id'].word()}",
        sender=str(query["from"]["id"].integer()),
        sender_name=person(query["from"]),
        text=says,
        raw=raw,
        group=None if private else conversation(message),
        group_name="" if private else _group_name(message),
        named=not private,
        answers=(key,) if key else (),
    )


def conversation(message: Untrusted) -> str:
    """The chat, and the topic where there is one: in other groups a thread id means no more than a quote."""
    chat = str(message["chat"]["id"].integer())
    topic = message["is_topic_message"].boolean(default=False)
    return f"{chat}:{message['message_thread_id'].integer()}" if topic else chat


def _of_no_person(said: Untrusted) -> bool:
    """Our own words, those of other bots, and what a channel puts into its group by itself."""
    if said["is_automatic_forward"].boolean(default=False) or said["chat"]["type"].word() == "channel":
        return True
    writer = said.get("from")
    if writer is None:
        return said.get("sender_chat") is None
    for_somebody = writer["username"].text(default="") in (ANONYMOUS, AS_CHANNEL) and said.get("sender_chat")
    return writer["is_bot"].boolean() and not for_somebody


def _sender(said: Untrusted) -> tuple[str, str]:
    """Who wrote, and their name; of a person who hides behind a chat it is the chat."""
    hidden = said.get("sender_chat")
    if hidden:
        return str(hidden["id"].integer()), hidden["title"].text(default="", limit=255)
    return str(said["from"]["id"].integer()), person(said["from"])


def _writer(said: Untrusted) -> int:
    writer = said.get("from")
    return writer["id"].integer() if writer else 0


def _quoted(said: Untrusted) -> Untrusted | None:
    """The message that this one answers; in a topic every message seems to answer the one that opened it."""
    quoted = said.get("reply_to_message")
    return None if quoted is None or quoted.get("forum_topic_created") else quoted


def _private(said: Untrusted) -> bool:
    return said["chat"]["type"].word() == "private"


def _group_name(said: Untrusted) -> str:
    title = said["chat"]["title"].text(default="", limit=255)
    opened = said.get("reply_to_message")
    topic = opened.get("forum_topic_created") if opened else None
    return f"{title} / {topic['name'].text(default='', limit=255)}" if topic else title


def _addressed(said: Untrusted, text: str, me: Me) -> tuple[str, bool]:
    """The text without our name or a command, and whether it had one.

    Places are in UTF-16 units, and are cut from the end so that the earlier ones stay true.
    """
    entities = said.get("entities" if said.get("text") else "caption_entities")
    left, named = text, False
    for entity in reversed(list(entities.items()) if entities else []):
        before, within, after = cut(left, entity["offset"].integer(), entity["length"].integer())
        if _means_us(entity, within, me, first=not before.strip()):
            named = True
            left = f"{before.rstrip()} {after.lstrip()}" if before.strip() and after.strip() else before + after
    left = left.strip(" \n,，:：") if named else left
    return left or text, named


def _means_us(entity: Untrusted, within: str, me: Me, *, first: bool) -> bool:
    match entity["type"].word():
        case "mention":
            return within.lower() == f"@{me.username}".lower()
        case "text_mention":
            return entity["user"]["id"].integer() == me.id
        case "bot_command":
            # "/open" is for every bot of the group, "/open@our_bot" for ours only.
            to = within.partition("@")[2]
            return first and to.lower() in ("", me.username.lower())
    return False
