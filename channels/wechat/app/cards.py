"""Cards with buttons, and what they become once they are settled; pure.

Fields: developer.work.weixin.qq.com/document/path/90236 (按钮交互型) and .../path/94888 (updating).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from channels.contract import GiveUp, Outgoing, Unit
from channels.text import split

BUTTONS: Final = 6
TITLE: Final = 36
"""Characters of a card's title; what is longer is not shown whole."""
UNDER_ASKED: Final = 160
UNDER_TOLD: Final = 112
"""Characters below the title, of a card with buttons and of one without."""


def asked(outgoing: Outgoing) -> Mapping[str, Any] | None:
    """The card of a text with buttons, which our key names; None when there are none or the text does not fit."""
    if not 0 < len(outgoing.buttons) <= BUTTONS:
        return None
    title, under = _laid(outgoing.text)
    if len(under) > UNDER_ASKED:
        return None
    return {
        "card_type": "button_interaction",
        "main_title": {"title": title},
        "sub_title_text": under,
        "task_id": outgoing.key,
        "button_list": [{"text": one.label, "style": 1, "key": one.says} for one in outgoing.buttons],
    }


def told(text: str, home: str) -> Mapping[str, Any]:
    """The card that a settled one becomes; a press on it must lead somewhere. Raises GiveUp when it does not fit."""
    title, under = _laid(text)
    if len(under) > UNDER_TOLD:
        raise GiveUp(f"a card without buttons holds {TITLE + UNDER_TOLD} characters")
    return {
        "card_type": "text_notice",
        "main_title": {"title": title},
        "sub_title_text": under,
        "card_action": {"type": 1, "url": home},
    }


def _laid(text: str) -> tuple[str, str]:
    title, *rest = split(text, TITLE, Unit.CODE_POINTS)
    return title, "".join(rest)
