"""What a push says; pure. Nothing is read here: nothing comes back from these services."""

from __future__ import annotations

from typing import Final

from channels.contract import Outgoing

NOT_HERE: Final = {"zh": "此渠道不能回复。", "en": "This cannot be answered here."}
"""Who reads "reply 1" on such a push would wait for an effect that never comes."""


def title(outgoing: Outgoing) -> str:
    """The line above the text; "" where there is no subject."""
    return " ".join((outgoing.subject or "").split())


def body(outgoing: Outgoing) -> str:
    """The whole text, and below it that an answer goes nowhere."""
    return f"{outgoing.text}\n{NOT_HERE['en' if outgoing.language == 'en' else 'zh']}"
