"""A fresh database for every round: a file, or one in a private PostgreSQL server that is as durable as by default."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

from bench.peers import Absent, peer

KINDS = ("sqlite", "postgresql")


@contextlib.contextmanager
def databases(kind: str, folder: Path) -> Iterator[Callable[[], str]]:
    """Give a maker of addresses of empty databases; raises Absent without a server program."""
    numbers = itertools.count(1)
    if kind == "sqlite":
        yield lambda: f"sqlite:///{folder / f'store{next(numbers)}.db'}"
        return
    library = peer("benchlib")
    try:
        library.pg_bindir()
    except SystemExit as missing:
        raise Absent(str(missing)) from None
    with library.Postgres(str(folder)) as server:

        def make() -> str:
            name = f"round{next(numbers)}"
            server.psql(f"CREATE DATABASE {name}")
            return str(server.dsn(name))

        yield make
