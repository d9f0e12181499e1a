"""Our texts as Telegram wants them: parts, the group and its topic, the quoted message, a mention, buttons; pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from channels.contract import GiveUp, Outgoing, Unit
from channels.im.telegram.library import methods, types
from channels.telegram_account import TEXT_LIMIT, buttons, data, place
from channels.text import split, units

BUTTONS: Final = 8
"""More would not be read on a phone; Telegram itself allows 100."""
YOU: Final = {"zh": "@您", "en": "@you"}


def chat(outgoing: Outgoing) -> int:
    """The chat that a text goes to: the group's, or the person's own; raises GiveUp for what is none."""
    try:
        return int((outgoing.group or outgoing.to).partition(":")[0])
    except ValueError:
        raise GiveUp("what it is to be sent to is no chat of Telegram") from None


def parts(outgoing: Outgoing) -> list[str]:
    """The text in messages that Telegram takes, the mention of a person at its head."""
    return split(_mention(outgoing) + outgoing.text, TEXT_LIMIT, Unit.UTF16)


def message(outgoing: Outgoing, to: int, part: str, *, first: bool, last: bool) -> methods.SendMessage:
    """One part: the first one quotes or mentions, the last one has the buttons."""
    topic = (outgoing.group or "").partition(":")[2]
    return methods.SendMessage(
        chat_id=to,
        text=part,
        message_thread_id=int(topic) if topic.isdigit() else None,
        entities=_entities(outgoing) if first else None,
        reply_parameters=_quote(outgoing, to) if first else None,
        reply_markup=_keyboard(outgoing) if last else None,
        link_preview_options=types.LinkPreviewOptions(is_disabled=True),
    )


def _mention(outgoing: Outgoing) -> str:
    """Words for the person in a group; whoever is quoted is told by that, and a chat cannot be mentioned."""
    wanted = outgoing.group and outgoing.to.isdigit() and _quoted(outgoing) is None and not outgoing.replaces
    return f"{YOU.get(outgoing.language, YOU['zh'])} " if wanted else ""


def _entities(outgoing: Outgoing) -> list[types.MessageEntity] | None:
    """The mention leads to the person by their id, since not everybody has a name there."""
    words = _mention(outgoing).rstrip()
    if not words:
        return None
    user = types.User(id=int(outgoing.to), is_bot=False, first_name=words)
    return [types.MessageEntity(type="text_mention", offset=0, length=units(words, Unit.UTF16), user=user)]


def _quoted(outgoing: Outgoing) -> int | None:
    """The number of their message, where a group is answered; a message of another chat is not quoted."""
    try:
        where, number = place(outgoing.quotes or "")
    except ValueError:
        return None
    return number if outgoing.group and where == chat(outgoing) else None


def _quote(outgoing: Outgoing, to: int) -> types.ReplyParameters | None:
    """Quote their message, or send all the same when it is gone; ids do not outlive a group's move."""
    number = _quoted(outgoing)
    if number is None or to != chat(outgoing):
        return None
    return types.ReplyParameters(message_id=number, allow_sending_without_reply=True)


def _keyboard(outgoing: Outgoing) -> types.InlineKeyboardMarkup | None:
    """Two buttons in a row."""
    shown: Sequence[types.InlineKeyboardButton] = [
        types.InlineKeyboardButton(text=one.label, callback_data=data(one, outgoing.key))
        for one in buttons(outgoing, BUTTONS)
    ]
    rows = [list(shown[at : at + 2]) for at in range(0, len(shown), 2)]
    return types.InlineKeyboardMarkup(inline_keyboard=rows) if rows else None
