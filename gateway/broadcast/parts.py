"""The files of uploads under way: how they are written, read and weighed."""

from __future__ import annotations

import asyncio
import fcntl
import os
import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Final

from gateway.broadcast.hands import Hands
from gateway.broadcast.storage import StorageTrouble
from store.model import Package

READ: Final = 1 << 20


def free_bytes(folder: Path) -> int:
    """Return how many bytes the disk of a folder has left."""
    path = folder.absolute()
    return shutil.disk_usage(next(one for one in (path, *path.parents) if one.exists())).free


def digest_of(path: Path, hands: Hands) -> str:
    """Return the SHA-256 of a file in hex, read a megabyte at a time; raises StorageTrouble where all is to end."""
    running = sha256()
    with path.open("rb") as file:
        while chunk := file.read(READ):
            running.update(chunk)
            if hands.closing:
                raise StorageTrouble("the gateway is being stopped")
    return running.hexdigest()


def touch(part: Path, package: Package) -> datetime:
    """Return when somebody last went on with an upload."""
    if not part.exists():
        return package.at
    return max(package.at, datetime.fromtimestamp(part.stat().st_mtime, UTC))


async def next_piece(body: AsyncIterator[bytes], idle: float) -> bytes | None:
    """Return what comes next, None at the end; raises TimeoutError after so many seconds of silence."""
    async with asyncio.timeout(idle):
        return await anext(body, None)


def hold(file: BinaryIO, path: Path) -> bool:
    """Lock an open file for one writer; False where another holds it, or took it from its place before the lock."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except (BlockingIOError, FileNotFoundError):
        return False


def write(file: BinaryIO, chunk: bytes | bytearray) -> None:
    """Write all of a piece to a file without a buffer."""
    view = memoryview(chunk)
    while view:
        view = view[file.write(view) :]


def through(file: BinaryIO) -> int:
    """Write a file through to the disk and return its length."""
    os.fsync(file.fileno())
    return os.fstat(file.fileno()).st_size
