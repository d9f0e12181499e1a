"""What a Telegram message says and carries; pure, and shared by both bots.

Fields: core.telegram.org/bots/api#message (Bot API 10.1).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from channels.contract import Remote
from channels.untrusted import Untrusted

FILES: Final = {
    "animation": ("动图", "video/mp4", ".mp4"),
    "audio": ("音频", "audio/mpeg", ".mp3"),
    "document": ("文件", "application/octet-stream", ""),
    "video": ("视频", "video/mp4", ".mp4"),
    "video_note": ("视频", "video/mp4", ".mp4"),
    "voice": ("语音", "audio/ogg", ".ogg"),
}
"""Kinds with one file: our word, and type and ending where the message does not tell them. An animation comes first:
it is sent as a document too."""
SERVICE: Final = frozenset(
    """
    new_chat_members left_chat_member chat_owner_left chat_owner_changed new_chat_title new_chat_photo
    delete_chat_photo group_chat_created supergroup_chat_created channel_chat_created
    message_auto_delete_timer_changed migrate_to_chat_id migrate_from_chat_id pinned_message invoice
    successful_payment refunded_payment users_shared chat_shared gift unique_gift gift_upgrade_sent
    connected_website write_access_allowed passport_data proximity_alert_triggered boost_added
    chat_background_set checklist_tasks_done checklist_tasks_added direct_message_price_changed
    forum_topic_created forum_topic_edited forum_topic_closed forum_topic_reopened general_forum_topic_hidden
    general_forum_topic_unhidden giveaway_created giveaway giveaway_winners giveaway_completed
    managed_bot_created paid_message_price_changed poll_option_added poll_option_deleted suggested_post_approved
    suggested_post_approval_failed suggested_post_declined suggested_post_paid suggested_post_refunded
    video_chat_scheduled video_chat_started video_chat_ended video_chat_participants_invited web_app_data
    """.split()  # noqa: SIM905 - a list of that many quoted words is not read by anybody
)
"""What happened in the chat, as far as nobody said it."""
ABOUT: Final = frozenset(
    """
    message_id message_thread_id direct_messages_topic from sender_chat sender_boost_count sender_business_bot
    sender_tag date guest_query_id business_connection_id chat forward_origin is_topic_message
    is_automatic_forward reply_to_message external_reply quote reply_to_story reply_to_checklist_task_id
    reply_to_poll_option_id via_bot guest_bot_caller_user guest_bot_caller_chat edit_date has_protected_content
    is_from_offline is_paid_post media_group_id author_signature paid_star_count entities link_preview_options
    suggested_post_info effect_id caption caption_entities show_caption_above_media has_media_spoiler
    reply_markup
    """.split()  # noqa: SIM905 - a list of that many quoted words is not read by anybody
)
"""What is told about a message beside what it says."""


RICH: Final = {"summary": "\n", "blocks": "\n", "items": "\n", "cells": " ", "text": "", "caption": "", "credit": ""}
"""Where words stand in a RichMessage (core.telegram.org/bots/api#richmessage), and what ends each part there."""
DEEPEST: Final = 24
"""Of blocks and marks within each other; what lies deeper is not read."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Content:
    """What a message says: its own words, a note of what it is when it has none, and its files."""

    words: str
    note: str = ""
    """In Chinese, such as "[图片]"; "" for plain text."""
    remotes: tuple[Remote, ...] = ()


def content(message: Untrusted) -> Content | None:
    """Read a message; None for one that only tells what happened in the chat. Raises Malformed naming the field."""
    text = message.get("text")
    if text:
        return Content(words=text.text(limit=8192))
    rich = message.get("rich_message")
    if rich and (told := _rich(rich["blocks"], "\n").strip()):
        return Content(words=told)
    words = _text(message, "caption")
    remotes, note = _files(message)
    if not note:
        names = set(message.names())
        if names & SERVICE:
            return None
        note = next((read(message) for name, read in NOTES.items() if name in names), "")
        note = note or f"[不支持的消息类型 {_kind(names)}]"
    return Content(words=words, note=note, remotes=remotes)


def person(user: Untrusted) -> str:
    """What somebody calls themselves."""
    return " ".join(filter(None, (_text(user, "first_name"), _text(user, "last_name"))))


def cut(text: str, start: int, length: int) -> tuple[str, str, str]:
    """The text before, within and after an entity, whose place is counted in UTF-16 units."""
    units = text.encode("utf-16-le", "surrogatepass")
    parts = (units[: start * 2], units[start * 2 : (start + length) * 2], units[(start + length) * 2 :])
    before, within, after = (part.decode("utf-16-le", "replace") for part in parts)
    return before, within, after


def _files(message: Untrusted) -> tuple[tuple[Remote, ...], str]:
    photo = message.get("photo")
    if photo:
        # Sizes of one picture; the largest is what was sent (core.telegram.org/bots/api#photosize).
        sizes = sorted(photo.items(), key=lambda one: one["width"].integer() * one["height"].integer())
        return tuple(_remote(one, "image/jpeg", "photo", ".jpg") for one in sizes[-1:]), "[图片]"
    for kind, (word, type_, ending) in FILES.items():
        found = message.get(kind)
        if found:
            remote = _remote(found, type_, kind, ending)
            return (remote,), f"[{word} {remote.name}]" if kind == "document" else f"[{word}]"
    sticker = message.get("sticker")
    return ((), f"[贴纸 {_text(sticker, 'emoji')}]".replace(" ]", "]")) if sticker else ((), "")


def _remote(file: Untrusted, type_: str, kind: str, ending: str) -> Remote:
    given = _text(file, "file_name").replace("\\", "/").rpartition("/")[2].strip()
    size = file.get("file_size")
    return Remote(
        ref=file["file_id"].word(),
        name=given or f"{kind}-{file['file_unique_id'].word(limit=64)}{ending}",
        type=_text(file, "mime_type") or type_,
        size=size.integer() if size else None,
    )


def _location(where: Untrusted) -> str:
    return f"{where['latitude'].number():.5f},{where['longitude'].number():.5f}"


def _venue(message: Untrusted) -> str:
    venue = message["venue"]
    return f"[地点 {_text(venue, 'title')} {_text(venue, 'address')} {_location(venue['location'])}]"


def _contact(message: Untrusted) -> str:
    contact = message["contact"]
    return f"[名片 {person(contact)} {_text(contact, 'phone_number')}]"


def _poll(message: Untrusted) -> str:
    poll = message["poll"]
    options = " / ".join(_text(one, "text") for one in poll["options"].items())
    return f"[投票 {_text(poll, 'question')}：{options}]"


def _checklist(message: Untrusted) -> str:
    checklist = message["checklist"]
    tasks = " / ".join(_text(one, "text") for one in checklist["tasks"].items())
    return f"[清单 {_text(checklist, 'title')}：{tasks}]"


NOTES: Final[dict[str, Callable[[Untrusted], str]]] = {
    "venue": _venue,
    "location": lambda message: f"[位置 {_location(message['location'])}]",
    "contact": _contact,
    "poll": _poll,
    "checklist": _checklist,
    "dice": lambda message: f"[骰子 {message['dice']['value'].integer()}]",
}
"""Kinds without a file; a venue comes first: it is sent as a location too."""


def _rich(value: Untrusted, ends: str, depth: int = 0) -> str:
    """The words of a formatted text, whose blocks and marks hold each other; its pictures and signs are left out."""
    if value.kind is str:
        return value.text(limit=65536)
    if depth > DEEPEST or value.kind is None:
        return ""
    if value.kind is list:
        return "".join(_rich(one, ends, depth + 1) for one in value.items())
    inner = [_rich(value[name], RICH[name], depth + 1) for name in value.names() if name in RICH]
    return "".join(inner).removesuffix("\n") + ends


def _kind(names: set[str]) -> str:
    """What an unknown message calls itself; a name of the Bot API, never what somebody wrote."""
    return min((name for name in names - ABOUT if name.isidentifier() and len(name) <= 64), default="?")


def _text(value: Untrusted, name: str) -> str:
    found = value.get(name)
    return found.text(limit=8192) if found else ""
