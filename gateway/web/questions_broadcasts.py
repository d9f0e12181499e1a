"""What the API asks of the store about one broadcast, and what a plan names that is not there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from gateway.config_words import near
from gateway.standing import Standing
from router.broadcast_plan import Plan
from router.broadcasts import MOVES, NEEDS, WAITING
from store import audience, broadcasts
from store.model import Broadcast, RecipientState

AGAIN = (RecipientState.FAILED, RecipientState.UNKNOWN)
OUT = (RecipientState.SENT, RecipientState.DELIVERED)


def may(found: Broadcast, counts: Mapping[tuple[int, str], int]) -> list[str]:
    """Return the moves that can be made now, whoever makes them."""

    def some(states: Sequence[RecipientState], *, up_to: int | None = None) -> bool:
        return any(
            count and state in states and wave and (up_to is None or wave <= up_to)
            for (wave, state), count in counts.items()
        )

    sensible = {
        "next": found.wave < len(found.waves) and not some(WAITING, up_to=found.wave),
        "retry": some(AGAIN),
        "recall": some(OUT),
        "revoke": found.package_id is not None and found.revoked_at is None,
    }
    return [move for move, states in MOVES.items() if found.state in states and sensible.get(move, True)]


def allowed(moves: Iterable[str], found: Broadcast, person: str, rights: Mapping[str, bool]) -> list[str]:
    """Return those of some moves that a person may make: nobody approves their own."""
    own = [move for move in moves if rights.get(NEEDS.get(move, "broadcast"), False)]
    return [move for move in own if not (move == "approve" and person in found.writers)]


def unknown(connection: Connection, standing: Standing, plan: Plan) -> Iterator[tuple[str, str, str]]:
    """Find what a plan names and there is not: (place, what, cure)."""
    groups, customers = plan.audience.groups, plan.audience.customers
    can = standing.ways.can
    methods = {standing.ways.method(name) for name in can} - {""}
    ways = {*methods, *can, *(name.partition(":")[0] for name in can)}
    known: Mapping[str, tuple[Sequence[str], Collection[str], str]] = {
        "plan.audience.groups": (groups, audience.groups_named(connection, groups), "no such group"),
        "plan.audience.customers": (customers, audience.customers_named(connection, customers), "no such customer"),
        "plan.pilots": (plan.pilots, standing.router.people, "not among the staff"),
        "plan.order": (plan.order, ways, "no such way"),
    }
    cures = {
        "plan.audience.groups": "yizhan broadcast groups lists what there is",
        "plan.audience.customers": "write the name as the list of contacts has it",
    }
    for place, (given, there, what) in known.items():
        for at, name in enumerate(given):
            if name not in there:
                yield f"{place}.{at}", f"{name!r}: {what}", cures.get(place) or near(name, sorted(there))


def whole(connection: Connection, number: int, *, channels: bool = True) -> dict[str, Any] | None:
    """Return a broadcast with everything that is counted over its recipients; by channel takes longest."""
    found = broadcasts.find(connection, number)
    if found is None:
        return None
    counts = broadcasts.counts(connection, found.id)
    by_channel: dict[str, int] = defaultdict(int)
    for (channel, state), count in (broadcasts.by_channel(connection, found.id) if channels else {}).items():
        by_channel[channel] += count if state != RecipientState.SKIPPED else 0
    opened, downloaded = broadcasts.fetched(connection, found.id)
    return {
        "broadcast": found,
        "package": broadcasts.package(connection, found.package_id),
        "counts": counts,
        "channels": {channel: count for channel, count in sorted(by_channel.items()) if count},
        "left_out": dict(broadcasts.reasons(connection, found.id, RecipientState.SKIPPED)),
        "troubles": broadcasts.troubles(connection, found.id),
        "opened": opened,
        "downloaded": downloaded,
    }


def by_wave(counts: Mapping[tuple[int, str], int]) -> dict[int, dict[str, int]]:
    """Part counts by wave; 0 is everybody, those who are left out too."""
    found: dict[int, dict[str, int]] = {0: defaultdict(int)}
    for (wave, state), count in sorted(counts.items()):
        found[0][state] += count
        if wave:
            found.setdefault(wave, {})[state] = count
    return found
