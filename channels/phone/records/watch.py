"""A folder into which switchboards and people put call records: which files are ready, and where they go.

Blocking; the adapter runs it in a thread.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from fnmatch import fnmatch
from pathlib import Path
from typing import Final

from channels.powers import NotTaken

DONE, FAILED = "done", "failed"
UNFINISHED: Final = (".tmp", ".part", ".swp", "~", ".crdownload")
LARGEST: Final = 256 * 1024 * 1024
"""Bytes of one file; a log that grew beyond it is to be rotated."""


class Watch:
    """The files of one folder, and what is known of their sizes."""

    def __init__(self, folder: Path, stays: Sequence[str]) -> None:
        self._folder = folder
        self._stays = stays
        self._seen: dict[Path, int] = {}
        self._taken: dict[Path, int] = {}

    def ready(self) -> list[Path]:
        """The files whose size was the same at the last look, oldest name first; raises OSError."""
        now = {path: path.stat().st_size for path in self._files()}
        still = [path for path, size in now.items() if self._seen.get(path) == size]
        self._seen = now
        self._taken = {path: size for path, size in self._taken.items() if path in now}
        return [path for path in sorted(still) if self._taken.get(path) != now[path]]

    def read(self, path: Path) -> bytes:
        """The content; raises OSError, and ValueError when it is too large."""
        if path.stat().st_size > LARGEST:
            raise ValueError(f"larger than {LARGEST} bytes: rotate the log")
        return path.read_bytes()

    def finish(self, path: Path, refused: Sequence[NotTaken], *, good: bool, at: datetime) -> None:
        """Put a file away once its calls are stored, with the lines that were not taken beside it; a log stays."""
        if any(fnmatch(path.name, pattern) for pattern in self._stays):
            # It may have grown while it was read: then the next look finds another size.
            self._taken[path] = self._seen.get(path, 0)
            return
        place = self._folder / (DONE if good else FAILED)
        place.mkdir(exist_ok=True)
        goal = place / path.name
        if goal.exists():
            goal = place / f"{path.stem}.{at:%Y%m%dT%H%M%S}{path.suffix}"
        if refused:
            lines = "".join(f"{one.line}: {one.why}\n" for one in refused)
            goal.with_name(f"{goal.name}.not-taken.txt").write_text(lines, encoding="utf-8")
        path.replace(goal)
        self._seen.pop(path, None)

    def _files(self) -> Iterator[Path]:
        for path in self._folder.iterdir():
            if path.is_file() and not path.name.startswith(".") and not path.name.endswith(UNFINISHED):
                yield path
