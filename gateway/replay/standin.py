"""A channel that has no provider here: what a scenario says on it goes straight to the intake, answers are kept."""

from __future__ import annotations

from collections.abc import Sequence

from channels.contract import Can, Finding, Outgoing, Receipt, Status, Webhook

BY_NUMBER = ("hotline", "fax")
"""Where the customer is known by a telephone number and nothing can be sent back."""


class StandIn:
    """One account of a channel whose adapter is not configured."""

    def __init__(self, channel: str) -> None:
        by_number = channel in BY_NUMBER
        self.name = f"{channel}:replay"
        self.can = Can(sends=not by_number, book="tel" if by_number else "")
        self.sent: list[Outgoing] = []

    def webhooks(self) -> Sequence[Webhook]:
        """Nobody calls."""
        return ()

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Keep what would be sent."""
        self.sent.append(outgoing)
        return Receipt(provider_id=f"replay-{outgoing.key}", status=Status.DELIVERED)

    async def check(self) -> Sequence[Finding]:
        """There is nothing to ask."""
        return ()

    async def close(self) -> None:
        """There is nothing to give back."""
