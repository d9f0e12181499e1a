"""Who is left out at the last moment: since the list was frozen they said, or it turned out, that nothing may go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from gateway.broadcast.leaving import place
from gateway.standing import Ways
from router.broadcast_plan import Plan
from store import audience, people
from store.model import Recipient, SuppressionKind
from store.suppressions import suppressed


def against(connection: Connection, ways: Ways, plan: Plan, rows: Sequence[Recipient]) -> Mapping[int, str]:
    """Return what stands against writing to these recipients now, by id; one statement where nothing does."""
    places = {row.id: place(ways, row) for row in rows}
    stops = suppressed(connection, places.values())
    found = {row.id: str(stops[places[row.id]].kind) for row in rows if places[row.id] in stops}
    if not (found and plan.security):
        return found
    owed = _owed(connection, [row for row in rows if found.get(row.id) == SuppressionKind.OPTED_OUT])
    return {ident: kind for ident, kind in found.items() if ident not in owed}


def _owed(connection: Connection, rows: Sequence[Recipient]) -> set[int]:
    """Return who of these is owed security notices by contract, whatever they said."""
    contacts = {row.id: row.contact_id for row in rows if row.contact_id is not None}
    known = people.persons(connection, set(contacts.values()))
    owners = {
        ident: (f"c{contact}", f"k{known[contact].customer_id}")
        for ident, contact in contacts.items()
        if contact in known
    }
    members = audience.owed_among(connection, (who for both in owners.values() for who in both))
    return {ident for ident, both in owners.items() if not members.isdisjoint(both)}
