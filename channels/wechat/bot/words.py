"""What goes out through a smart bot: markdown, or a card when it carries buttons; pure.

Formats: developer.work.weixin.qq.com/document/path/101138 and .../path/101032 (cards).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from channels.contract import Outgoing, Unit
from channels.text import split

LIMIT: Final = 20_480
"""Longest markdown content in UTF-8 bytes."""
BUTTONS: Final = 6
"""Most buttons of a card of the kind button_interaction."""
CARD_TEXT: Final = 112
"""Characters that a card shows under its title; a longer text goes out without buttons and says what to answer."""
LABEL: Final = 10
"""Characters that a button shows."""
MENTION: Final = 140
"""Room for "<@userid> " in bytes: a userid has at most 64 of them."""


def bodies(outgoing: Outgoing) -> list[Mapping[str, Any]]:
    """The messages that carry one text, in order: one card, or as much markdown as it needs."""
    if fits_card(outgoing):
        return [{"msgtype": "template_card", "template_card": card(outgoing)}]
    mention = f"<@{outgoing.to}> " if outgoing.group and outgoing.to else ""
    parts = split(outgoing.text, LIMIT - (MENTION if mention else 0), Unit.UTF8)
    texts = [mention + parts[0], *parts[1:]]
    return [{"msgtype": "markdown", "markdown": {"content": text}} for text in texts]


def fits_card(outgoing: Outgoing) -> bool:
    """Whether there are buttons to show, and the text is short enough to stand above them."""
    return 0 < len(outgoing.buttons) <= BUTTONS and len(outgoing.text) <= CARD_TEXT


def card(outgoing: Outgoing) -> Mapping[str, Any]:
    """A card with buttons; the task is our key, and a button's key is what it says."""
    buttons = [{"text": one.label[:LABEL], "style": 1, "key": one.says} for one in outgoing.buttons]
    title = {"main_title": {"title": outgoing.subject[:26]}} if outgoing.subject else {}
    return {
        "card_type": "button_interaction",
        **title,
        "sub_title_text": outgoing.text,
        "task_id": outgoing.key,
        "button_list": buttons,
    }
