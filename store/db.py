"""Opens the database, SQLite or PostgreSQL, and says what differs between the two; everything else is one code."""

import os
import sqlite3
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import URL, ColumnElement, Connection, Engine, Float, bindparam, create_engine, func, make_url, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.orm import configure_mappers
from sqlmodel import SQLModel

from store import sqlite_file
from store.ids import Ids
from store.json_text import compact
from store.sqlite_file import StoreLocked, StoreMisplaced

__all__ = [
    "Database",
    "OutcomeUnknown",
    "StoreLocked",
    "StoreMisplaced",
    "StoreRefused",
    "StoreUnavailable",
    "open_database",
    "table_of",
]

_SQLITE_MISTAKES = frozenset({sqlite3.SQLITE_ERROR, sqlite3.SQLITE_RANGE, sqlite3.SQLITE_MISUSE, sqlite3.SQLITE_SCHEMA})
"""OperationalErrors of the sqlite3 module that are ours: a missing table, a wrong statement."""


class StoreUnavailable(Exception):
    """The database cannot be reached or cannot write now; what was asked may or may not have been kept."""


class OutcomeUnknown(StoreUnavailable):
    """The commit left and no answer came: it may have been kept."""


class StoreRefused(Exception):
    """A row broke a rule of the tables; the text names the rule and no value of the row."""


DatabaseTrouble = DBAPIError
"""What a move must let through: the transaction cannot go on."""


def table_of(table: type[SQLModel]) -> Any:
    """Give the Core table of a noun."""
    return table.__table__  # type: ignore[attr-defined]  # set by SQLModel's metaclass


def is_lost(error: BaseException) -> bool:
    """Tell whether an error is the database's trouble (gone, full, locked) and not the statement's."""
    if not isinstance(error, DBAPIError):
        return False
    if error.connection_invalidated:
        return True
    if isinstance(error.orig, sqlite3.OperationalError):
        return error.orig.sqlite_errorcode & 0xFF not in _SQLITE_MISTAKES
    return type(error).__name__ in ("OperationalError", "InterfaceError")


def is_clash(error: BaseException) -> bool:
    """Tell whether PostgreSQL ended a transaction in favour of another one: it may be done again as it was."""
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in ("40001", "40P01")


class Database:
    """One open database; `engine` belongs to the writer, everybody else reads."""

    def __init__(self, *, engine: Engine, reader: Engine, now: Callable[[], datetime], node: int | None) -> None:
        self.engine = engine
        self.now = now
        self.dialect = engine.dialect.name
        """"sqlite" or "postgresql"."""
        self.ids = Ids(now, node)
        self._reader = reader
        self._node_given = node is not None
        self._held: int | None = None
        self._statements: dict[Hashable, Any] = {}

    @property
    def shared(self) -> bool:
        """Several processes may write it."""
        return self.dialect == "postgresql"

    def hold(self, descriptor: int) -> None:
        """Keep the descriptor of the lock file until `close`."""
        self._held = descriptor

    def migrate(self) -> None:
        """Bring the tables to the newest form; several processes may do so at once. Raises StoreUnavailable."""
        from store import migrate  # noqa: PLC0415 - Alembic takes 100 ms to import and reading needs none of it

        with translated(), self.engine.begin() as connection:
            if self.shared:
                connection.execute(text("SELECT pg_advisory_xact_lock(7318349394477056)"))
            migrate.upgrade(connection)
            if self.shared and not self._node_given:
                self.ids.node = migrate.next_node(connection)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Give a connection that sees one moment and cannot write; it never blocks the writer."""
        with translated(), self._reader.connect() as connection:
            yield connection

    def clock(self) -> ColumnElement[float]:
        """Seconds since 1970 by the database's clock, as SQL.

        SQLite has one process, so its clock is that process's `now`, a moved one included; on PostgreSQL it is the
        server's, the same for all processes.
        """
        if self.shared:
            return func.date_part("epoch", func.clock_timestamp(), type_=Float)
        return bindparam("clock", callable_=self._seconds, type_=Float, unique=True)

    def _seconds(self) -> float:
        return self.now().timestamp()

    def insert(self, table: type[SQLModel]) -> Any:
        """Start an INSERT that knows `on_conflict_do_nothing` and `on_conflict_do_update` on both databases."""
        return (postgresql.insert if self.shared else sqlite.insert)(table_of(table))

    def once(self, key: Hashable, build: Callable[[], Any]) -> Any:
        """Give the statement that was built under this key before, or build it; half of a claim's time went there."""
        found = self._statements.get(key)
        if found is None:
            found = self._statements[key] = build()
        return found

    def close(self) -> None:
        """Give back the connections and the right to write."""
        self._reader.dispose()
        self.engine.dispose()
        if self._held is not None:
            os.close(self._held)
            self._held = None


@contextmanager
def translated() -> Iterator[None]:
    """Turn the database's own trouble into StoreUnavailable; the text names the kind and never a parameter."""
    try:
        yield
    except DBAPIError as error:
        if not is_lost(error):
            raise
        raise unavailable(error) from error


def unavailable(error: BaseException) -> StoreUnavailable:
    """Say that the database did not answer, without statement or values."""
    return StoreUnavailable(f"the database is not available: {_first_line(error)}")


def refused(error: Exception) -> Exception:
    """Give an error that may be logged: PostgreSQL adds the whole row, a message body included, in further lines."""
    return StoreRefused(_first_line(error)) if isinstance(error, DBAPIError) else error


def _first_line(error: BaseException) -> str:
    cause = getattr(error, "orig", None) or error
    return f"{type(cause).__name__}: {str(cause).strip().partition(chr(10))[0]}"


def open_database(url: str, *, now: Callable[[], datetime], node: int | None = None, writes: bool = True) -> Database:
    """Open "sqlite:///path" or "postgresql://user@host/name"; on PostgreSQL nothing is connected yet.

    `node` (0 to 1023) marks the ids of this process; by default it is drawn at random and, on PostgreSQL, replaced by
    a number handed out by `migrate`. With `writes=False` only `read` works, also beside a process that writes.
    Raises StoreLocked, StoreMisplaced, and ValueError for any other address.
    """
    configure_mappers()  # rows become nouns without a session, which would do this
    try:
        address = make_url(url)
    except ArgumentError as error:
        raise ValueError("the database address is not understood; use sqlite:///path or postgresql://...") from error
    match address.get_backend_name():
        case "sqlite":
            return _open_sqlite(address, now=now, node=node, writes=writes)
        case "postgresql" | "postgres":
            engine = _connect_postgres(address.set(drivername="postgresql+psycopg"))
            reader = engine.execution_options(postgresql_readonly=True, isolation_level="REPEATABLE READ")
            return Database(engine=engine, reader=reader, now=now, node=node)
        case other:
            raise ValueError(f"{other} is not a known database; use sqlite:///path or postgresql://...")


def _open_sqlite(address: URL, *, now: Callable[[], datetime], node: int | None, writes: bool) -> Database:
    if not address.database or address.database == ":memory:":
        raise ValueError("a database in memory loses everything; use sqlite:///path")
    path = Path(address.database).absolute()
    if not writes and not path.exists():
        raise StoreUnavailable(f"there is no database at {path} yet")
    path.parent.mkdir(parents=True, exist_ok=True)
    sqlite_file.refuse_network(path)
    held = sqlite_file.lock(path) if writes else None
    reader = sqlite_file.connect(path, writes=False)
    engine = sqlite_file.connect(path, writes=True) if writes else reader
    database = Database(engine=engine, reader=reader, now=now, node=node)
    if held is not None:
        database.hold(held)
    return database


def _connect_postgres(address: URL) -> Engine:
    wanted: Mapping[str, str] = {
        "connect_timeout": "5",
        "application_name": "yizhan",
        # A server that vanished without a word is noticed after half a minute and not after two hours.
        "keepalives_idle": "15",
        "keepalives_interval": "5",
        "keepalives_count": "3",
        "tcp_user_timeout": "30000",
    }
    given = {name: value for name, value in wanted.items() if name not in address.query}
    engine = create_engine(
        address.update_query_dict(given),
        json_serializer=compact,
        hide_parameters=True,
        pool_size=6,
        max_overflow=10,
        pool_pre_ping=True,
    )
    # Many rows in one INSERT .. VALUES: half the time of the driver's row by row (bench/bench_store.py).
    engine.dialect.use_insertmanyvalues_wo_returning = True
    return engine
