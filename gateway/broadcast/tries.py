"""Counts wrong tries by who tries, in the memory of this process; bounded, so that many askers cost no more."""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

MOST: Final = 5
PAUSE: Final = timedelta(minutes=10)
REMEMBERED: Final = 10_000
"""Askers; the one who tried longest ago is forgotten first."""
PREFIX: Final = 64
"""Bits of an IPv6 address that a single customer usually has to himself."""


class Tries:
    """So many wrong tries within the pause, and nothing more is looked at until it is over."""

    def __init__(self, *, most: int = MOST, pause: timedelta = PAUSE, remembered: int = REMEMBERED) -> None:
        self._most = most
        self._pause = pause
        self._remembered = remembered
        self._wrong: OrderedDict[str, list[datetime]] = OrderedDict()

    def paused(self, who: str, now: datetime) -> timedelta | None:
        """Return how long nothing of this asker is looked at; None: it is."""
        wrong = self._lately(who, now)
        return wrong[-self._most] + self._pause - now if len(wrong) >= self._most else None

    def wrong(self, who: str, now: datetime) -> None:
        """Count a wrong try."""
        self._wrong[who] = [*self._lately(who, now), now][-self._most :]
        self._wrong.move_to_end(who)
        while len(self._wrong) > self._remembered:
            self._wrong.popitem(last=False)

    def right(self, who: str, tried: datetime) -> None:
        """Take back a try that was counted before anybody knew that it was right."""
        kept = list(self._wrong.get(who, ()))
        if tried in kept:
            kept.remove(tried)
        if kept:
            self._wrong[who] = kept
        else:
            self._wrong.pop(who, None)

    def __len__(self) -> int:
        """How many askers are remembered."""
        return len(self._wrong)

    def _lately(self, who: str, now: datetime) -> list[datetime]:
        return [at for at in self._wrong.get(who, ()) if at > now - self._pause]


def asker(peer: str, headers: Mapping[str, str]) -> str:
    """Return who asks: the peer, or whom a proxy on this very machine names; anybody else could write that header.

    Of several names the last is the one that our own proxy wrote.
    """
    named = headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
    peer_is_here = (found := _address(peer)) is not None and found.is_loopback
    shown = _address(named) if named and peer_is_here else found
    if isinstance(shown, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((shown, PREFIX), strict=False))
    return str(shown) if shown else peer


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        found = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return found.ipv4_mapped or found if isinstance(found, ipaddress.IPv6Address) else found
