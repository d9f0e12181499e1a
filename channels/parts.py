"""One text in several messages, where a provider takes only so much at once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from channels.contract import ChannelError, Uncertain

Body = TypeVar("Body")


async def in_parts(bodies: Sequence[Body], send: Callable[[Body], Awaitable[str]]) -> str:
    """Send one after the other; the last one's id counts.

    Raises what the first raised; after that Uncertain, since a repeat would bring the first parts twice.
    """
    sent = ""
    for at, body in enumerate(bodies, start=1):
        try:
            sent = await send(body)
        except ChannelError as error:
            if at == 1:
                raise
            raise Uncertain(f"part {at} of {len(bodies)} was not taken: {error}") from None
    return sent
