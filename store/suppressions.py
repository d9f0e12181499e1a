"""Addresses that are not written to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, select

from store.among import among
from store.db import table_of
from store.inbox import clean
from store.model import Suppression
from store.rows import nouns

Pair = tuple[str, str]
"""(method, address): sms, mail, or a channel's own name; and what is written to there."""


def plain(address: str) -> str:
    """Return the one form of an address under which it is kept: people write mail addresses in any case."""
    bare = clean(address).strip()
    return bare.lower() if "@" in bare else bare


def suppressed(connection: Connection, pairs: Iterable[Pair]) -> Mapping[Pair, Suppression]:
    """Return what stands against writing to these; an address in the way that it was asked for."""
    asked: dict[Pair, list[Pair]] = {}
    for pair in pairs:
        asked.setdefault((pair[0], plain(pair[1])), []).append(pair)
    if not asked:
        return {}
    table = table_of(Suppression)
    methods, addresses = ({pair[place] for pair in asked} for place in (0, 1))
    statement = select(table).where(table.c.channel.in_(sorted(methods)), among(connection, table.c.address, addresses))
    found: dict[Pair, Suppression] = {}
    for one in nouns(Suppression, connection.execute(statement).mappings()):
        found |= dict.fromkeys(asked.get((one.channel, one.address), ()), one)
    return found
