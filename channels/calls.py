"""How a call that came in is told in words, whoever carried it; pure.

The router recognises the two beginnings: a missed call is to be called back, an answered one is only kept.
"""

from __future__ import annotations

from typing import Final

MISSED: Final = "[未接来电]"
ANSWERED: Final = "[来电] 已接听"
ANONYMOUS: Final = "anonymous"
"""The sender of a call whose number is withheld."""
WITHHELD: Final = "主叫隐藏号码"


def length(seconds: int) -> str:
    """A length of time as people read it: 23 秒, 3分05秒, 1小时02分05秒."""
    if seconds < 60:
        return f"{max(seconds, 0)} 秒"
    minutes, rest = divmod(seconds, 60)
    if minutes < 60:
        return f"{minutes}分{rest:02d}秒"
    return f"{minutes // 60}小时{minutes % 60:02d}分{rest:02d}秒"


def joined(beginning: str, *parts: str) -> str:
    """The beginning and what is known beyond it, set apart by commas."""
    said = "，".join(part for part in parts if part)
    return f"{beginning} {said}" if said else beginning
