"""The folder into which faxes fall: what is whole is taken, and what was taken goes away; blocking calls only."""

from __future__ import annotations

import fcntl
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from channels.contract import Misconfigured

ENDS = frozenset({".tif", ".tiff", ".pdf"})

Look = dict[Path, tuple[int, int]]
"""Every fax file with its size and the time of its last change, in nanoseconds."""


@dataclass(kw_only=True, slots=True)
class Folder:
    """One watched folder and its two neighbours."""

    at: Path
    done: Path
    failed: Path
    closed: set[Path] = field(default_factory=set)
    """Files of the last look that the gateway may not open: for a while as a fax comes in, else for ever."""
    _before: Look = field(default_factory=dict)

    def look(self) -> list[Path]:
        """The files that are as they were at the last look and that nobody is writing, oldest first.

        Raises Misconfigured when the folder cannot be read. Files with other endings, hidden ones and links are left.
        """
        try:
            now = {file: seen for file in self.at.iterdir() if (seen := _seen(file))}
        except OSError as error:
            raise Misconfigured(f"the folder of faxes cannot be read: {error.strerror}") from error
        same = [file for file, seen in now.items() if self._before.get(file) == seen]
        self._before = now
        self.closed = {file for file in same if _closed(file)}
        ready = [file for file in same if file not in self.closed and not _being_written(file)]
        return sorted(ready, key=lambda file: (now[file][1], file.name))

    def put_away(self, file: Path, *, failed: bool = False) -> None:
        """Move a file that was dealt with; one of the same name is never overwritten. Raises Misconfigured."""
        target = self.failed if failed else self.done
        try:
            target.mkdir(parents=True, exist_ok=True)
            place = target / file.name
            if place.exists():
                place = target / f"{file.stem}-{sha256(file.read_bytes()).hexdigest()[:8]}{file.suffix}"
            file.rename(place)
        except FileNotFoundError:
            return  # somebody else took it away, which is what was wanted
        except OSError as error:
            # Left where it is it would be read again and again.
            raise Misconfigured(f"a fax cannot be moved to {target}: {error.strerror}") from error

    def writable(self) -> bool:
        """Whether files can be moved out of it."""
        return os.access(self.at, os.R_OK | os.W_OK | os.X_OK)

    def strange(self) -> int:
        """Files that are never taken, by their endings."""
        return sum(one.is_file() and not one.name.startswith(".") and not _is_fax(one) for one in self.at.iterdir())


def changed_at(file: Path) -> datetime:
    """When a file was last written, aware UTC."""
    return datetime.fromtimestamp(file.stat().st_mtime, UTC)


def _is_fax(file: Path) -> bool:
    return file.suffix.lower() in ENDS


def _seen(file: Path) -> tuple[int, int] | None:
    """Size and change of a fax file; None for anything else, or when it is gone already."""
    if file.name.startswith(".") or not _is_fax(file) or file.is_symlink():
        return None
    try:
        state = file.stat()
    except FileNotFoundError:
        return None
    return (state.st_size, state.st_mtime_ns) if file.is_file() and state.st_size else None


def _closed(file: Path) -> bool:
    """HylaFAX gives others the right to read a fax when it is whole, if it is told to (RecvFileMode)."""
    return file.exists() and not os.access(file, os.R_OK, effective_ids=True)


def _being_written(file: Path) -> bool:
    """HylaFAX keeps a lock (flock) on a fax while pages still come in, which may take longer than two looks."""
    try:
        with file.open("rb") as stream:
            fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except (BlockingIOError, FileNotFoundError):
        return True
    return False
