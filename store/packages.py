"""Questions about packages: files that are handed out by links."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select, tuple_

from store.db import table_of
from store.model import Broadcast, Package, PackageState, Recipient
from store.rows import nouns


@dataclass(frozen=True, kw_only=True, slots=True)
class Listed:
    """A package, and how many recipients have fetched it."""

    package: Package
    downloads: int


def by_id(connection: Connection, ident: int) -> Package | None:
    """Return one package."""
    return next(iter(of(connection, [ident])), None)


def of(connection: Connection, idents: Sequence[int], *, held: bool = False) -> list[Package]:
    """Return packages by id; `held`: nobody else changes them before this transaction ends."""
    table = table_of(Package)
    statement = select(table).where(table.c.id.in_(idents)).order_by(table.c.id)
    return nouns(Package, connection.execute(statement.with_for_update() if held else statement).mappings())


def named(connection: Connection, names: Sequence[tuple[str, str]]) -> list[Package]:
    """Return the packages of these (name, version), held until the transaction ends."""
    table = table_of(Package)
    statement = select(table).where(tuple_(table.c.name, table.c.version).in_(names)).order_by(table.c.id)
    return nouns(Package, connection.execute(statement.with_for_update()).mappings())


def in_state(connection: Connection, state: PackageState) -> list[Package]:
    """Return all packages in a state, the oldest first."""
    table = table_of(Package)
    return nouns(
        Package, connection.execute(select(table).where(table.c.state == state).order_by(table.c.id)).mappings()
    )


def listed(connection: Connection, *, limit: int = 200) -> list[Listed]:
    """Return the newest packages with how often each was fetched."""
    table = table_of(Package)
    rows = connection.execute(select(table).order_by(table.c.id.desc()).limit(limit)).mappings()
    found = nouns(Package, rows)
    fetched = downloads(connection, [one.id for one in found])
    return [Listed(package=one, downloads=fetched.get(one.id, 0)) for one in found]


def downloads(connection: Connection, idents: Sequence[int]) -> dict[int, int]:
    """Return how many recipients have fetched each package; what nobody fetched is not there."""
    sent, got = table_of(Broadcast).c, table_of(Recipient).c
    statement = (
        select(sent.package_id, func.count())
        .join_from(table_of(Broadcast), table_of(Recipient), got.broadcast_id == sent.id)
        .where(sent.package_id.in_(idents), got.downloaded_at.is_not(None))
        .group_by(sent.package_id)
    )
    return {row[0]: row[1] for row in connection.execute(statement)}


@dataclass(frozen=True, kw_only=True, slots=True)
class Use:
    """A broadcast that hands a package out."""

    number: int
    title: str
    state: str


def used_by(connection: Connection, ident: int, *, limit: int = 20) -> list[Use]:
    """Return the newest broadcasts that hand a package out."""
    c = table_of(Broadcast).c
    statement = select(c.number, c.title, c.state).where(c.package_id == ident).order_by(c.number.desc()).limit(limit)
    return [Use(number=row.number, title=row.title, state=row.state) for row in connection.execute(statement)]
