"""Addresses that are not written to: asked for by the thousand, written down once, lifted again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import ColumnElement, Connection, and_, delete, func, or_, select, true

from store.among import among
from store.batch import Tx
from store.db import table_of
from store.inbox import clean
from store.model import Suppression, SuppressionKind
from store.rows import nouns, values

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


def put(tx: Tx, rows: Sequence[Suppression]) -> list[bool]:
    """Write these down; True for one that says something new.

    What stands already stays as it is, but a person's own wish takes the place of a mere failure, and the word of the
    staff that of the owner, who could take it back.
    """
    stood = suppressed(tx.connection, [(row.channel, row.address) for row in rows])
    said = {(pair[0], plain(pair[1])): (one.kind, one.by) for pair, one in stood.items()}
    answers: list[bool] = []
    for row in rows:
        row.address, row.why = plain(row.address), clean(row.why)
        pair = (row.channel, row.address)
        kind, by = said.get(pair, ("", ""))
        new = not kind or (row.kind == SuppressionKind.OPTED_OUT and (kind != row.kind or (row.by != "" and by == "")))
        answers.append(new)
        if new:
            said[pair] = (row.kind, row.by)
            _write(tx, row)
    return answers


def _write(tx: Tx, row: Suppression) -> None:
    statement = tx.database.insert(Suppression).values(values(row))
    told = {name: statement.excluded[name] for name in ("kind", "why", "broadcast_id", "at", "by")}
    tx.connection.execute(statement.on_conflict_do_update(index_elements=["channel", "address"], set_=told))


def lift(tx: Tx, pair: Pair, kinds: Iterable[str] = tuple(SuppressionKind), *, staff: bool = True) -> bool:
    """Let an address be written to again, as far as one of these kinds stood against it; tell whether one did.

    Without `staff`, what one of the staff wrote down stays.
    """
    c = table_of(Suppression).c
    fitting = [c.channel == pair[0], c.address == plain(pair[1]), c.kind.in_([str(kind) for kind in kinds])]
    if not staff:
        fitting.append(c.by == "")
    return bool(tx.connection.execute(delete(table_of(Suppression)).where(*fitting)).rowcount)


def listed(
    connection: Connection, *, search: str = "", method: str = "", before: int | None = None, limit: int = 100
) -> list[Suppression]:
    """Return the newest first; `search` is a part of the address or of the reason, `before` the id of the last seen."""
    table = table_of(Suppression)
    statement = select(table).where(_fitting(search, method))
    if before is not None:
        statement = statement.where(table.c.id < before)
    return nouns(Suppression, connection.execute(statement.order_by(table.c.id.desc()).limit(limit)).mappings())


def counted(connection: Connection, *, search: str = "", method: str = "") -> int:
    """Count what `listed` would return without a limit."""
    table = table_of(Suppression)
    return int(connection.execute(select(func.count()).select_from(table).where(_fitting(search, method))).scalar_one())


def _fitting(search: str, method: str) -> ColumnElement[bool]:
    c = table_of(Suppression).c
    parts: list[ColumnElement[bool]] = [true(), *([c.channel == method] if method else ())]
    if search:
        wanted = plain(search)
        parts.append(or_(c.address.contains(wanted, autoescape=True), c.why.contains(search, autoescape=True)))
    return and_(*parts)
