"""Who of several processes does a thing just now: a name held for a while, by the database's clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, or_

from store.batch import Tx
from store.db import table_of
from store.model import Lease


@dataclass(frozen=True, kw_only=True, slots=True)
class Hold:
    """A wish to be the only one, from now on for `lease`."""

    name: str
    owner: str
    lease: timedelta


def take(tx: Tx, holds: Sequence[Hold]) -> list[bool]:
    """Take or lengthen leases; True for each that the owner has now."""
    return [_take(tx, hold) for hold in holds]


def _take(tx: Tx, hold: Hold) -> bool:
    table = table_of(Lease)
    clock = tx.database.clock()
    statement = tx.database.insert(Lease).values(
        name=hold.name, owner=hold.owner, until=clock + hold.lease.total_seconds()
    )
    statement = statement.on_conflict_do_update(
        index_elements=["name"],
        set_={"owner": statement.excluded.owner, "until": statement.excluded.until},
        where=or_(table.c.owner == hold.owner, table.c.until <= clock),
    ).returning(table.c.name)
    return tx.connection.execute(statement).first() is not None


def release(tx: Tx, holds: Sequence[Hold]) -> list[bool]:
    """Give leases back before their time; False for one that another has."""
    table = table_of(Lease)
    return [
        tx.connection.execute(delete(table).where(table.c.name == hold.name, table.c.owner == hold.owner)).rowcount > 0
        for hold in holds
    ]
