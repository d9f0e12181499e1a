"""Words by which somebody says that they want no more texts for many, or wants them again; pure."""

from __future__ import annotations

import unicodedata
from enum import StrEnum
from typing import Final

from router.plain import plain

LONGEST: Final = 40
"""Characters; a text that is one of these words and nothing else is shorter."""
OUT: Final = frozenset(
    {"r", "t", "td", "n", "qx", "0000", "退订", "回t退订", "stop", "stopall", "unsubscribe", "optout", "opt out"}
)
"""What carriers in China ("退订回T", YD/T 3214) and North America (CTIA Messaging Principles 5.1.3) bar a number for.

Not "cancel", "end" and "quit": a customer who writes that alone may as well mean a visit or a ticket.
"""
AGAIN: Final = frozenset({"start", "unstop", "恢复", "恢复订阅"})
_EDGES: Final = " \t\r\n\"'“”‘’「」.。!,、~"


class Opting(StrEnum):
    """What the word asks for."""

    OUT = "out"
    AGAIN = "again"


def opting(text: str) -> Opting | None:
    """Read a text that is one of these words alone, in any width, case and script; None for everything else."""
    if len(text) > LONGEST:
        return None
    word = plain(unicodedata.normalize("NFKC", text).strip(_EDGES))
    if word in OUT:
        return Opting.OUT
    return Opting.AGAIN if word in AGAIN else None
