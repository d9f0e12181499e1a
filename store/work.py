"""Collects the rows that a move changes, and writes them with as few statements as there are kinds of change."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import RowMapping, bindparam, delete, insert, update
from sqlmodel import SQLModel

from store.batch import Tx
from store.db import table_of
from store.rows import noun, values

N = TypeVar("N", bound=SQLModel)
Key = tuple[type[SQLModel], Any]


class Work:
    """What one move writes; nothing reaches the database before `flush`."""

    def __init__(self, tx: Tx) -> None:
        self.tx = tx
        self._added: dict[type[SQLModel], list[SQLModel]] = {}
        self._new: set[int] = set()
        """Python identities of the added rows, which `_added` keeps alive."""
        self._changed: dict[int, tuple[SQLModel, set[str]]] = {}
        self._deleted: dict[type[SQLModel], set[Any]] = {}
        self._known: dict[Key, SQLModel] = {}

    @property
    def now(self) -> datetime:
        """The instant of the transaction."""
        return self.tx.now

    def id(self) -> int:
        """Make an id for a new row."""
        return self.tx.database.ids()

    def add(self, row: N) -> N:
        """Insert this row at the flush, with the values it has then."""
        self._added.setdefault(type(row), []).append(row)
        self._new.add(id(row))
        return row

    def change(self, row: SQLModel, **columns: Any) -> None:
        """Set attributes now, and update these columns at the flush."""
        row.__dict__.update(columns)  # nothing watches the attributes: this is where changes are remembered
        if id(row) not in self._new:
            self._changed.setdefault(id(row), (row, set()))[1].update(columns)

    def delete(self, table: type[SQLModel], ids: Iterable[Any]) -> None:
        """Delete these rows at the flush, after inserts and updates."""
        self._deleted.setdefault(table, set()).update(ids)

    def load(self, table: type[N], rows: Iterable[Mapping[str, Any] | RowMapping]) -> list[N]:
        """Make nouns of rows; a row seen before gives the instance made then, with the changes made to it since."""
        loaded = []
        for row in rows:
            key = (table, row["id"])
            known = self._known.get(key)
            if known is None:
                known = self._known[key] = noun(table, row)
            loaded.append(known)
        return loaded  # type: ignore[return-value]  # the key holds the type

    def flush(self) -> None:
        """Write everything: one INSERT a table in the order of first `add`, then updates, then deletes."""
        execute, once = self.tx.connection.execute, self.tx.database.once
        for table, rows in self._added.items():
            execute(once(("work.insert", table), partial(_insert, table)), [values(row) for row in rows])
        for (table, columns), rows in self._alike().items():
            statement = once(("work.update", table, columns), partial(_update, table, columns))
            execute(statement, [_renamed(row, columns) for row in rows])
        for table, ids in self._deleted.items():
            if ids:
                execute(delete(table).where(table_of(table).c.id.in_(sorted(ids))))
        self._added.clear()
        self._new.clear()
        self._changed.clear()
        self._deleted.clear()

    def _alike(self) -> Mapping[tuple[type[SQLModel], tuple[str, ...]], list[SQLModel]]:
        """Group the changed rows by table and columns, in the order of their ids, so that no two processes cross."""
        groups: dict[tuple[type[SQLModel], tuple[str, ...]], list[SQLModel]] = {}
        for row, columns in sorted(self._changed.values(), key=lambda pair: pair[0].id):  # type: ignore[attr-defined]
            groups.setdefault((type(row), tuple(sorted(columns))), []).append(row)
        return groups


def _insert(table: type[SQLModel]) -> Any:
    return insert(table_of(table))


def _update(table: type[SQLModel], columns: Collection[str]) -> Any:
    core = table_of(table)
    return (
        update(core)
        .where(core.c.id == bindparam("id_"))
        .values({name: bindparam(f"new_{name}", type_=core.c[name].type) for name in columns})
    )


def _renamed(row: SQLModel, columns: Collection[str]) -> dict[str, Any]:
    held = row.__dict__
    return {"id_": held["id"], **{f"new_{name}": held[name] for name in columns}}
