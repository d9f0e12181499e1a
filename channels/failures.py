"""What a send may raise, and with it what the gateway does next; part of the contract."""

from __future__ import annotations

from datetime import timedelta


class ChannelError(Exception):
    """Base of what a send may raise; its text carries no secret and no message body."""


class TryLater(ChannelError):
    """The provider refused for now, or was not reached at all; nothing was sent."""

    def __init__(self, reason: str, *, after: timedelta | None = None) -> None:
        super().__init__(reason)
        self.after = after


class GiveUp(ChannelError):
    """The provider will never take this text for this address; use another way."""


class Unreachable(GiveUp):
    """The address itself will never take anything: it does not exist, or its owner barred us with the provider.

    Raised only where the provider's document says so; a broadcast leaves such an address out from then on.
    """


class Misconfigured(ChannelError):
    """The account is wrong or refused; every send will fail until a person acts."""


class Uncertain(ChannelError):
    """The request left and no answer came: it may have been sent."""
