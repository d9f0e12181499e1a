"""The SQLite file: who may write it, where it may lie, and how a connection to it is set up."""

import fcntl
import os
import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event

from store.json_text import compact

NETWORK = ("nfs", "cifs", "smb", "9p", "fuse.sshfs", "fuse.glusterfs", "ceph", "lustre", "afs", "ncpfs")
"""File systems whose locks or shared memory SQLite cannot trust (sqlite.org/wal.html, section 1)."""


class StoreLocked(Exception):
    """Another process has the database file open for writing; the text names the file and the cure."""


class StoreMisplaced(Exception):
    """The database file lies where it is not safe; the text says why and what to do."""


def lock(path: Path) -> int:
    """Take the one right to write the file; returns the descriptor that holds it until it is closed.

    Raises StoreLocked. The right ends with the process, however it ends.
    """
    beside = path.with_name(path.name + ".lock")
    descriptor = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as busy:
        os.close(descriptor)
        raise StoreLocked(
            f"{path} is open in another process (lock file {beside}); stop the other `yizhan run`, "
            "or use PostgreSQL to run several processes"
        ) from busy
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    return descriptor


def refuse_network(path: Path, mounts: Path = Path("/proc/self/mounts")) -> None:
    """Raise StoreMisplaced when the file lies on a network file system; says nothing where that cannot be known."""
    try:
        lines = mounts.read_text(errors="replace").splitlines()
    except OSError:
        return
    at, kind = "", ""
    for line in lines:
        _, point, found, *_ = line.split(" ")
        if len(point) >= len(at) and path.is_relative_to(point.replace("\\040", " ")):
            at, kind = point, found
    if kind.startswith(NETWORK):
        raise StoreMisplaced(f"{path} lies on {kind} ({at}); put it on a local disk, or use PostgreSQL")


def connect(path: Path, *, writes: bool) -> Engine:
    """Build the engine of the one writer, or one whose connections can only read."""
    engine = create_engine(
        f"sqlite:///{path}",
        json_serializer=compact,
        hide_parameters=True,
        pool_size=2 if writes else 8,
        max_overflow=2 if writes else 8,
    )
    cache = 16_000 if writes else 4_000
    begin = "BEGIN IMMEDIATE" if writes else "BEGIN"

    def on_connect(raw: sqlite3.Connection, _record: Any) -> None:
        # The driver must not begin by itself: we say when, and savepoints work (docs.sqlalchemy.org, pysqlite).
        raw.isolation_level = None
        for pragma in (
            "busy_timeout=10000",
            *(
                ("journal_mode=WAL", "synchronous=FULL", "journal_size_limit=67108864")
                if writes
                else ("query_only=ON",)
            ),
            "foreign_keys=ON",
            f"cache_size=-{cache}",
            "temp_store=MEMORY",
            "wal_autocheckpoint=4000",
        ):
            raw.execute(f"PRAGMA {pragma}")

    def on_begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine, "connect", on_connect)
    event.listen(engine, "begin", on_begin)
    return engine
