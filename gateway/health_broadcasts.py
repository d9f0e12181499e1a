"""What the broadcasts say of themselves, for whatever shows how the gateway does."""

from __future__ import annotations

from sqlalchemy import Connection

from gateway.broadcast.stops import STOPS, stopped
from store import broadcasts
from store.model import Broadcast, BroadcastState


def stuck(connection: Connection) -> list[tuple[Broadcast, str, str]]:
    """Return the broadcasts that stopped by themselves and wait for a person, with what happened and the cure."""
    found = broadcasts.in_states(connection, (BroadcastState.PAUSED, BroadcastState.HELD))
    return [(one, *stopped(one.why)) for one in found if one.why in STOPS]
