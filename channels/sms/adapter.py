"""The sms channel: a name and the provider that the account names."""

from __future__ import annotations

from collections.abc import Sequence

from channels.contract import Around, Can, Channel, Finding, Inbound, Outgoing, Receipt, Unreadable, Webhook
from channels.settings import Settings
from channels.sms.config import Account
from channels.sms.provider import SmsProvider
from channels.sms.twilio_provider import TwilioSms


class Sms:
    """One account of text messages."""

    def __init__(self, name: str, provider: SmsProvider) -> None:
        self.name = name
        self.can: Can = provider.can
        self._provider = provider

    def webhooks(self) -> Sequence[Webhook]:
        """Where the provider calls us."""
        return self._provider.webhooks()

    def reread(self, key: str, raw: bytes) -> Inbound | Unreadable:
        """Read a webhook's body again that was genuine and could not be read."""
        return self._provider.reread(key, raw)

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Hand one text to the provider; raises TryLater, GiveUp, Misconfigured or Uncertain."""
        return await self._provider.send(outgoing)

    async def check(self) -> Sequence[Finding]:
        """Whether the account works."""
        return await self._provider.check()

    async def close(self) -> None:
        """Give back sockets."""
        await self._provider.close()


def build(account: Settings, around: Around) -> Channel:
    """The channel of one account; nothing is connected yet."""
    if not isinstance(account, Account):
        raise TypeError("the sms channel needs the settings of channels.sms.config")
    return Sms(f"sms:{around.account}", TwilioSms(account, around))
