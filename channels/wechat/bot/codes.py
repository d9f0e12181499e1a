"""What WeCom's error codes mean when a smart bot sends; pure.

developer.work.weixin.qq.com/document/path/90313 (global return codes), .../path/101463 and .../path/101138.
"""

from __future__ import annotations

from typing import Final

from channels.contract import ChannelError, GiveUp, Misconfigured, TryLater

TRY_LATER: Final = {
    -1: "WeCom is busy",
    45009: "too many messages: 30 a minute and 1000 an hour go to one conversation",
    45033: "too many requests at once",
}
MISCONFIGURED: Final = {
    40001: "the secret is wrong",
    40014: "the access token is wrong",
    48002: "the bot may not do this",
    301002: "the bot may not do this",
}
GIVE_UP: Final = {
    40008: "this kind of message is not taken",
    40058: "WeCom takes no such message",
    44004: "the text is empty",
    45002: "the text is too long",
    60140: "this person may not be written to",
    93006: "there is no such conversation, or nobody there has written to the bot yet",
    846605: "the message that this would answer is too old",
}


def meant(code: int) -> ChannelError | None:
    """Our error for a code; None for 0. A code that is not listed is final: WeCom said no."""
    if not code:
        return None
    if code in TRY_LATER:
        return TryLater(f"WeCom {code}: {TRY_LATER[code]}")
    if code in MISCONFIGURED:
        return Misconfigured(f"WeCom {code}: {MISCONFIGURED[code]}")
    return GiveUp(f"WeCom {code}: {GIVE_UP.get(code, 'it does not take this text')}")
