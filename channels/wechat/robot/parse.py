"""What WeCom answers to a robot; pure. Codes: developer.work.weixin.qq.com/document/path/90313."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from channels.contract import ChannelError, GiveUp, Malformed, Misconfigured, TryLater, Uncertain
from channels.untrusted import Untrusted

MINUTE: Final = timedelta(minutes=1)
"""20 texts a minute, then 45009 (.../path/99110)."""
WRONG_KEY: Final = frozenset((93000, 93008, 93017, 40008, 41001))
"""The key is wrong, or the robot was taken out of its group."""


def error(body: bytes) -> ChannelError | None:
    """Our error for an answer; None when the text was taken."""
    try:
        code = Untrusted.json(body, "robot")["errcode"].integer()
    except Malformed as broken:
        return Uncertain(f"WeCom answered with something that cannot be read ({broken})")
    if not code:
        return None
    if code == 45009:
        return TryLater("WeCom 45009: more than 20 texts in a minute", after=MINUTE)
    if code == -1:
        return TryLater("WeCom -1: the system is busy")
    if code in WRONG_KEY:
        return Misconfigured(f"WeCom {code}: the key is not that of a robot in a group")
    return GiveUp(f"WeCom {code}: it does not take this")
