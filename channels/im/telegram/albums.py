"""Pictures and files that were sent together arrive as several messages; the later ones refer to the first."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from typing import Final

from channels.contract import Inbound

KEPT: Final = 500
"""Albums that are remembered; their messages follow each other within a second."""


class Albums:
    """The first message of every late album, in the memory of this process.

    Where another process took the first message nothing is known of it here, and the gateway joins the two as it joins
    all lines of one person within a minute (`Can.chats`).
    """

    def __init__(self) -> None:
        self._first: OrderedDict[tuple[str, str], str] = OrderedDict()

    def joined(self, inbound: Inbound, album: str) -> Inbound:
        """The message, referring to the first of its album; a caption stands in one of them and is kept once."""
        if not album:
            return inbound
        place = (inbound.group or inbound.sender, album)
        first = self._first.setdefault(place, inbound.key)
        while len(self._first) > KEPT:
            self._first.popitem(last=False)
        if first == inbound.key:
            return inbound
        silent = inbound.whole is None  # no words of its own: the note alone
        return replace(
            inbound,
            references=(first, *(one for one in inbound.references if one != first)),
            text="" if silent else inbound.text,
            whole=inbound.text if silent else inbound.whole,
        )
