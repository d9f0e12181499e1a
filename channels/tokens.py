"""Access tokens that one process keeps for itself; the gateway hands out shared ones (`Around.tokens`)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

from channels.contract import Token


class OwnTokens:
    """Tokens of one process alone, kept in memory; for checks and tests."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._kept: dict[str, tuple[str, datetime]] = {}

    async def get(self, name: str, ask: Callable[[], Awaitable[Token]], *, refused: str | None = None) -> str:
        """Return a token, renewed when four fifths of its life are over."""
        value, renew_at = self._kept.get(name, ("", self._now()))
        if renew_at <= self._now() or value == refused:
            token = await ask()
            value = token.value
            self._kept[name] = (value, self._now() + token.lasts * 0.8)
        return value
