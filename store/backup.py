"""Copies the live SQLite file to a checked file beside which nothing else is needed."""

import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from sqlalchemy import make_url


class BackupFailed(Exception):
    """No copy was made, or the copy is damaged; an older file under the target's name is untouched."""


def backup(url: str, target: Path) -> int:
    """Copy the database to `target` while it is written, replace it in one step, and return its size in bytes.

    Raises BackupFailed. The copy holds one moment, was read back whole, and is on the disk when this returns.
    """
    address = make_url(url)
    if address.get_backend_name() != "sqlite":
        raise BackupFailed(
            "this database is PostgreSQL: use `pg_dump --format=custom --file=FILE DATABASE`, "
            "or continuous archiving (pg_basebackup and WAL) where minutes count"
        )
    source = Path(address.database or "").absolute()
    if not source.is_file():
        raise BackupFailed(f"there is no database at {source}")
    target = target.absolute()
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.part")
    try:
        _copy(source, partial)
        size = _sync(partial)
        partial.replace(target)
        _sync(target.parent)
    except (sqlite3.Error, OSError) as error:
        raise BackupFailed(f"{source} could not be copied to {target}: {error}") from error
    finally:
        for name in (partial, *(partial.with_name(partial.name + end) for end in ("-wal", "-shm", "-journal"))):
            with suppress(FileNotFoundError):
                name.unlink()
    return size


def _copy(source: Path, partial: Path) -> None:
    partial.unlink(missing_ok=True)
    os.close(os.open(partial, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    with (
        closing(sqlite3.connect(f"{source.as_uri()}?mode=ro", uri=True)) as live,
        closing(sqlite3.connect(partial)) as copy,
    ):
        # All pages in one step: with several, every commit of the writer starts the copy anew (sqlite.org/backup.html).
        live.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")
        found = [row[0] for row in copy.execute("PRAGMA integrity_check")]
    if found != ["ok"]:
        raise BackupFailed(f"the copy of {source} is damaged: {found[0]}")


def _sync(path: Path) -> int:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
        return os.fstat(descriptor).st_size
    finally:
        os.close(descriptor)
