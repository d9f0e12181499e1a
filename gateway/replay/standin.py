"""A channel that has no provider here: what a scenario says on it goes straight to the intake, answers are kept."""

from __future__ import annotations

from collections.abc import Sequence

from channels.contract import Can, Finding, Inbound, Outgoing, Receipt, Status, Webhook
from gateway.replay.scenario import CHATS, Speak

BY_NUMBER = ("hotline", "fax")
"""Where the customer is known by a telephone number and nothing can be sent back."""


class StandIn:
    """One account of a channel whose adapter is not configured."""

    def __init__(self, channel: str) -> None:
        self.name = f"{channel}:replay"
        self.can = _able(channel)
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


def spoken(line: Speak, sender: str, answers: str | None) -> Inbound:
    """Return what somebody says in a scenario as an adapter would have read it."""
    return Inbound(
        key=f"replay-{line.id}",
        sender=sender,
        text=line.text,
        raw=line.text.encode(),
        subject=line.subject,
        group=line.group,
        references=(answers,) if answers else (),
    )


def _able(channel: str) -> Can:
    if channel == "email":
        return Can(threads=True, vouches=False, book="email")
    if channel == "sms":
        return Can(book="tel")
    by_number, chats = channel in BY_NUMBER, channel in CHATS
    return Can(sends=not by_number, book="tel" if by_number else "", groups=chats, chats=chats)
