"""What a provider of text messages must be able to do; the channel delegates everything to one of these."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from channels.contract import Can, Finding, Inbound, Outgoing, Receipt, Unreadable, Webhook


class SmsProvider(Protocol):
    """One account at one provider.

    A provider of free text sends `outgoing.text`; one with approved templates (mainland China) maps
    `outgoing.template` to its own template id and fills in `outgoing.variables`, and raises GiveUp for a key that it
    has no template for. Both kinds read their own webhooks: texts coming in and receipts.
    """

    can: Can

    def webhooks(self) -> Sequence[Webhook]:
        """Where the provider calls us."""
        ...

    def reread(self, key: str, raw: bytes) -> Inbound | Unreadable:
        """Read a webhook's body again that was genuine and could not be read."""
        ...

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Hand one text over; raises TryLater, GiveUp, Misconfigured or Uncertain."""
        ...

    async def check(self) -> Sequence[Finding]:
        """Ask the provider, without sending anything, whether the account works."""
        ...

    async def close(self) -> None:
        """Give back sockets."""
        ...
