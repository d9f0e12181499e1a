"""The changes of `yizhan broadcast suppressions`, as a request to the running gateway and straight to the store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.config import Config

PREFIX = "suppressions."


def request(what: str, wish: Mapping[str, Any]) -> tuple[str, str, dict[str, Any]]:
    """Return method, path below /api/v1 and body of a change."""
    return "POST", f"/suppressions/{what.removeprefix(PREFIX)}", dict(wish)


async def write(config: Config, writer: Any, what: str, wish: Mapping[str, Any]) -> dict[str, Any]:
    """Make a change in a store that no gateway has; answers what the API would."""
    from gateway.app import build_channels, table_of
    from gateway.broadcast.suppressing import Suppressing, Wish
    from gateway.clock import SystemClock
    from gateway.standing import Standing, ways

    channels = build_channels(config, SystemClock())
    moves = Suppressing(Standing(config=config, ways=ways(channels), table=table_of(config), judges=()))
    made = await writer.do(moves.suppress if what == f"{PREFIX}suppress" else moves.allow, Wish(**wish))
    for channel in channels.values():
        await channel.close()
    return {"ok": made.ok, "answer": made.answer, "variables": dict(made.variables)}
