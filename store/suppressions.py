"""Addresses that are not written to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from sqlalchemy import Connection, select

from store.db import table_of
from store.inbox import clean
from store.model import Suppression
from store.rows import nouns

CHUNK = 400
"""Addresses asked for at once; a statement takes a limited number of values."""
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
    found: dict[Pair, Suppression] = {}
    for method, some in groupby(sorted(asked), key=lambda pair: pair[0]):
        addresses = [address for _, address in some]
        for at in range(0, len(addresses), CHUNK):
            for one in _at(connection, method, addresses[at : at + CHUNK]):
                found |= dict.fromkeys(asked[method, one.address], one)
    return found


def _at(connection: Connection, method: str, addresses: Sequence[str]) -> list[Suppression]:
    table = table_of(Suppression)
    statement = select(table).where(table.c.channel == method, table.c.address.in_(addresses))
    return nouns(Suppression, connection.execute(statement).mappings())
