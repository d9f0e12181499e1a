"""What can be pressed under a text, where the channel carries buttons; each says what a person would write."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

PAGED: Final = ("1", "2", "3")
LISTED: Final = ("9", "0", "2")
OF_TEMPLATE: Final[Mapping[str, tuple[str, ...]]] = {
    "page": PAGED,
    "page_no_limit": PAGED,
    "page_again": PAGED,
    "transferred_ask": PAGED,
    "page_fold": LISTED,
    "test_page": ("1",),
}
LABELS: Final[Mapping[str, Mapping[str, str]]] = {
    "zh": {"1": "接单", "2": "上报", "3": "稍后", "9": "全接", "0": "清单"},
    "en": {"1": "Take", "2": "Escalate", "3": "Snooze", "9": "Take all", "0": "List"},
}


def buttons(template: str, language: str) -> tuple[tuple[str, str], ...]:
    """Return (what it says, label) of each button of a template, the most important first."""
    labels = LABELS["en" if language == "en" else "zh"]
    return tuple((says, labels[says]) for says in OF_TEMPLATE.get(template, ()))
