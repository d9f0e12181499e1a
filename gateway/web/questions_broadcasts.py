"""What the API and the commands ask of the store about one broadcast."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from router.broadcasts import MOVES, NEEDS
from store import broadcasts
from store.model import Broadcast, RecipientState

AUTHORS = ("edit", "submit")


def may(found: Broadcast, rights: Mapping[str, bool] | None = None, *, person: str | None = None) -> list[str]:
    """Return the moves that can be made now; with `rights` and a person, those that this person may make."""
    moves = [move for move, states in MOVES.items() if found.state in states]
    if rights is not None:
        moves = [move for move in moves if rights.get(NEEDS.get(move, "broadcast"), False)]
    return [move for move in moves if not (move == "approve" and person == found.author)]


def whole(connection: Connection, number: int) -> dict[str, Any] | None:
    """Return a broadcast with everything that is counted over its recipients."""
    found = broadcasts.find(connection, number)
    if found is None:
        return None
    waves, states = _waves(connection, found)
    channels: dict[str, int] = defaultdict(int)
    for (channel, state), count in broadcasts.by_channel(connection, found.id).items():
        channels[channel] += count if state != RecipientState.SKIPPED else 0
    opened, downloaded = broadcasts.fetched(connection, found.id)
    return {
        "broadcast": found,
        "package": broadcasts.package(connection, found.package_id),
        "states": states,
        "progress": waves,
        "channels": {channel: count for channel, count in sorted(channels.items()) if count},
        "left_out": dict(broadcasts.reasons(connection, found.id, RecipientState.SKIPPED)),
        "troubles": broadcasts.troubles(connection, found.id),
        "opened": opened,
        "downloaded": downloaded,
    }


def _waves(connection: Connection, found: Broadcast) -> tuple[list[dict[str, Any]], dict[str, int]]:
    states: dict[str, int] = defaultdict(int)
    by_wave: dict[int, dict[str, int]] = defaultdict(dict)
    for (wave, state), count in broadcasts.counts(connection, found.id).items():
        states[state] += count
        if wave:
            by_wave[wave][state] = count
    waves = [{"wave": wave, "size": sum(counts.values()), "states": counts} for wave, counts in sorted(by_wave.items())]
    return waves, dict(states)
