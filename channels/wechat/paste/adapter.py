"""Pasted conversations: the only lawful way out of an ordinary WeChat group; it neither sends nor is called."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from zoneinfo import ZoneInfo

from channels.contract import (
    Around,
    Can,
    Channel,
    Finding,
    GiveUp,
    Inbound,
    Malformed,
    Outgoing,
    Receipt,
    Webhook,
)
from channels.settings import Settings
from channels.wechat.paste import parse
from channels.wechat.paste.config import Account

CAN: Final = Can(sends=False, replies=False, groups=True, chats=True, vouches=False)


class Paste:
    """Conversations that people copy out of WeChat and paste here."""

    can = CAN

    def __init__(self, account: Account, around: Around) -> None:
        self.name = f"wechat:{around.account}"
        self._now = around.now
        self._zone = ZoneInfo(account.zone)
        self._ours = frozenset(map(parse.normal, account.ours))
        self._longest = account.longest

    def webhooks(self) -> Sequence[Webhook]:
        """Nobody calls."""
        return ()

    def pasted(self, text: str, *, group: str) -> list[Inbound]:
        """Parse a pasted conversation; raises Malformed naming what is missing, or that it is too long."""
        if len(text) > self._longest:
            raise Malformed("paste", f"longer than {self._longest} characters")
        today = self._now().astimezone(self._zone)
        return parse.conversation(text, group=group, today=today, ours=self._ours)

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Nothing can be sent into an ordinary WeChat group; raises GiveUp."""
        del outgoing
        raise GiveUp("no program may write into an ordinary WeChat group: a person has to")

    async def check(self) -> Sequence[Finding]:
        """There is nothing to ask anybody."""
        return [Finding(what="pasted WeChat conversations", ok=True, note="read on the page for pasting")]

    async def close(self) -> None:
        """Nothing is open."""


def build(account: Settings, around: Around) -> Channel:
    """The channel of one account."""
    if not isinstance(account, Account):
        raise TypeError("pasted conversations need the settings of channels.wechat.paste.config")
    return Paste(account, around)
