"""Uploads that may break off at any instant and go on where they stopped.

The file that has come so far tells how far it is, and the row follows: after a kill nothing has to be believed but
the file. A writer holds a lock on that file, which ends with its process, in this process and in any other.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Final

import structlog

from channels.contract import Finding
from gateway.broadcast import packages as moves
from gateway.broadcast.hands import Hands
from gateway.broadcast.naming import sound
from gateway.broadcast.packages import Begin, Finished, Kept, Named, Received
from gateway.broadcast.parts import digest_of, free_bytes, hold, next_piece, through, touch, write
from gateway.broadcast.storage import LOW, Storage, StorageTrouble, room, storage_of, synced, writable
from gateway.broadcast_settings import Packages
from store import packages
from store.db import Database, StoreRefused
from store.model import Package, PackageState
from store.writer import Writer

log = structlog.get_logger()
KEPT: Final = timedelta(days=7)
"""How long an upload that nobody goes on with is kept."""
FORMS: Final = timedelta(days=1)
"""How long a file that came by a form may lie there without becoming an upload."""
GATHERED: Final = 1 << 20
"""Bytes that are collected before they are written: this, and no more, is held of a body."""
WEIGHED: Final = 64 << 20
"""Bytes of a form's file after which the room on the disk is looked at again."""
IDLE: Final = 60.0
"""Seconds without a byte after which a connection counts as broken, so that the next one may write."""


class Elsewhere(Exception):
    """The upload stands at another offset than the sender believes."""

    def __init__(self, offset: int) -> None:
        super().__init__(f"the upload stands at {offset}")
        self.offset = offset


class TooMuch(Exception):
    """More bytes than were announced."""


class Busy(Exception):
    """Somebody else writes or checks this upload at the moment."""


class Uploads:
    """Takes packages in; the folder below `parts` must be one for all processes of a site."""

    def __init__(
        self,
        settings: Packages,
        *,
        database: Database,
        writer: Writer,
        idle: float = IDLE,
        free: Callable[[Path], int] = free_bytes,
    ) -> None:
        self._hands = Hands()
        self._idle, self._free = idle, free
        self._settings = settings
        self._folder = Path(settings.folder) / "parts"
        self._database = database
        self._writer = writer
        self.storage: Storage = storage_of(settings, self._hands)
        self._finishing: dict[int, asyncio.Task[Kept]] = {}
        self._failed: dict[int, BaseException] = {}
        """Why work ended for which nobody waited any more; told when it is asked for again."""

    async def close(self) -> None:
        """Let files under way be closed."""
        self._hands.closing = True
        for task in list(self._finishing.values()):
            task.cancel()
        await asyncio.gather(*self._finishing.values(), return_exceptions=True)
        await self._hands.close()

    async def begin(self, wish: Begin, *, here: int = 0) -> Kept:
        """Begin an upload or find it again; what cannot be taken is told before a byte is sent.

        `here` are bytes of it that lie on the disk already, in the file of a form.
        """
        wish, wrong = sound(wish)
        if wrong or not 0 < wish.size <= self._settings.most:
            return Kept(ok=False, answer=wrong or ("too_large" if wish.size > 0 else "empty"))
        kept = await self._begun(wish)
        if not kept.ok or kept.package is None:
            return kept
        if kept.answer == "begun":
            await self._clear(kept.package, place(kept.package))
        missing = wish.size - here - await self.offset(kept.package)
        if missing > 0 and await self._hands.do(lambda: self._free(self._folder)) < missing + LOW:
            if kept.answer == "begun":
                await self.drop(kept.package, wish.by, "no room on the disk")
            return Kept(ok=False, answer="no_room")
        return kept

    async def _begun(self, wish: Begin) -> Kept:
        try:
            return await self._writer.do(moves.begin, wish)
        except StoreRefused:  # another process was quicker with this name and version: now its row can be seen
            return await self._writer.do(moves.begin, wish)

    async def offset(self, package: Package) -> int:
        """Return how many bytes have come: what the files say, not the row."""
        if package.state != PackageState.COMING:
            return package.size if package.state == PackageState.READY else 0
        part = self._part(package)
        length = await self._hands.do(lambda: part.stat().st_size if part.exists() else 0)
        if length == 0 and await self.storage.size(place(package)) == package.size:
            return package.size  # killed after the storage had it and before the row said so
        return length

    async def noted(self, package: Package) -> int:
        """Return the same, and let the row follow where it says something else."""
        at = await self.offset(package)
        if package.state == PackageState.COMING and at != package.received:
            await self._writer.do(moves.received, Received(ident=package.id, offset=at))
        return at

    async def take(self, package: Package, offset: int, body: AsyncIterator[bytes], length: int | None) -> int:
        """Append what comes, and return the new offset; what came before a broken connection stays.

        Raises Elsewhere, TooMuch, Busy, or StorageTrouble where the disk cannot take it.
        """
        at = await self.offset(package)
        if offset != at or package.state != PackageState.COMING:
            raise Elsewhere(at)
        if length is not None and offset + length > package.size:
            raise TooMuch
        if offset == package.size:
            return offset
        with self._held(package) as file:
            if file.seek(0, os.SEEK_END) != offset:
                raise Elsewhere(file.tell())
            try:
                await self._append(file, body, package.size)
            finally:
                at = await self._hands.do(lambda: through(file))
        await self._writer.do(moves.received, Received(ident=package.id, offset=at))
        return at

    async def _append(self, file: BinaryIO, body: AsyncIterator[bytes], size: int) -> None:
        """Write in pieces of about a megabyte; the rest of what came is written however the connection ends."""
        gathered = bytearray()
        at = file.tell()
        try:
            while (chunk := await next_piece(body, self._idle)) is not None:
                if at + len(gathered) + len(chunk) > size:
                    raise TooMuch
                gathered += chunk
                if len(gathered) >= GATHERED:
                    at += len(gathered)
                    full, gathered = gathered, bytearray()
                    await self._hands.do(lambda full=full: write(file, full))  # type: ignore[misc]
        finally:
            await self._hands.do(lambda: write(file, gathered))

    @contextmanager
    def _held(self, package: Package) -> Iterator[BinaryIO]:
        """Open the file of an upload for one writer; raises Busy."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            part = self._part(package)
            with part.open("ab", buffering=0) as file:
                if not hold(file, part):
                    raise Busy
                yield file
        except (TimeoutError, ConnectionError):  # of whoever sends, not of the disk
            raise
        except OSError as error:
            raise StorageTrouble(f"{self._folder}: {error.strerror or error}") from error

    async def finish(self, package: Package, digest: str, by: str, *, wait: float) -> Kept | None:
        """Check the whole file and hand it to the storage; None: that goes on, ask again.

        The work goes on when nobody waits any more. Asked again it is the same work, and after a kill it is done anew
        from whatever step was reached. Raises Elsewhere, Busy or StorageTrouble.
        """
        if (failed := self._failed.pop(package.id, None)) is not None:
            raise failed
        task = self._finishing.get(package.id)
        if task is None:
            task = asyncio.create_task(self._finish(package, digest.strip().lower(), by))
            self._finishing[package.id] = task
        done, _ = await asyncio.wait({task}, timeout=wait)
        if done:
            self._finishing.pop(package.id, None)
            return task.result()
        task.add_done_callback(lambda ended: self._ended(package.id, ended))
        return None

    def _ended(self, ident: int, task: asyncio.Task[Kept]) -> None:
        """Keep the failure of work for which nobody waits, unless somebody came back for it meanwhile."""
        if self._finishing.get(ident) is not task:
            return
        del self._finishing[ident]
        if not task.cancelled() and (error := task.exception()) is not None:
            self._failed[ident] = error

    async def _finish(self, package: Package, digest: str, by: str) -> Kept:
        if package.state != PackageState.COMING:
            return await self._writer.do(moves.finished, Finished(ident=package.id, sha256="", place="", by=by))
        if (at := await self.offset(package)) != package.size:
            raise Elsewhere(at)
        part, target = self._part(package), place(package)
        if await self._hands.do(lambda: part.exists() and part.stat().st_size == package.size):
            with self._held(package) as file:
                if os.fstat(file.fileno()).st_size != package.size:  # another process has just handed it over
                    raise Busy
                found = await self._hands.do(lambda: digest_of(part, self._hands))
                if digest in ("", found):
                    await self.storage.put(part, target)
        else:
            found = await self._stored(target)
        if digest not in ("", found):
            kept = await self._writer.do(moves.broken, Named(ident=package.id, by=by, why=f"sha256 is {found}"))
            if kept.answer == "broken":  # another process may have made it ready meanwhile
                await self._clear(package, target)
            return kept
        kept = await self._writer.do(moves.finished, Finished(ident=package.id, sha256=found, place=target, by=by))
        await self._hands.do(lambda: part.unlink(missing_ok=True))
        return kept

    async def _stored(self, target: str) -> str:
        running = sha256()
        async for chunk in self.storage.read(target):
            running.update(chunk)
        return running.hexdigest()

    async def drop(self, package: Package, by: str, why: str = "") -> Kept:
        """Give an upload up and remove what has come; raises Busy while its file is being checked."""
        if package.id in self._finishing:
            raise Busy
        kept = await self._writer.do(moves.drop, Named(ident=package.id, by=by, why=why))
        if kept.ok:
            await self._clear(package, place(package))
        return kept

    async def revoke(self, package: Package, by: str, why: str = "") -> Kept:
        """Hand a package out no more, and then let its bytes go."""
        kept = await self._writer.do(moves.revoke, Named(ident=package.id, by=by, why=why))
        if kept.ok and kept.package and kept.package.place:
            await self._forget(kept.package)
        return kept

    async def _forget(self, package: Package) -> None:
        try:
            await self.storage.delete(package.place)
        except (StorageTrouble, OSError) as error:  # no link leads there any more; the next start tries again
            log.warning("a revoked package still lies in the storage", package=package.id, error=str(error))
            return
        await self._writer.do(moves.forgotten, package.id)

    async def _clear(self, package: Package, target: str) -> None:
        part = self._part(package)
        await self._hands.do(lambda: part.unlink(missing_ok=True))
        await self.storage.delete(target)

    async def look(self, now: datetime) -> None:
        """Reconcile at the start: rows follow files, uploads that nobody went on with go, revoked bytes go."""
        with self._database.read() as connection:
            coming = packages.in_state(connection, PackageState.COMING)
            revoked = packages.in_state(connection, PackageState.REVOKED)
        for package in coming:
            touched = await self._hands.do(lambda one=package: touch(self._part(one), one))  # type: ignore[misc]
            try:
                if now - touched > KEPT:
                    await self.drop(package, "", f"nobody went on with it since {touched:%Y-%m-%d}")
                else:
                    await self.noted(package)
            except (StorageTrouble, OSError) as error:
                log.warning("an upload could not be looked at", package=package.id, error=str(error))
        for package in revoked:
            if package.place:
                await self._forget(package)
        try:
            await self._hands.do(lambda: self._strays(now, {f"{one.id}.part" for one in coming}))
        except OSError as error:
            log.warning("old files of uploads could not be removed", error=str(error))

    def _strays(self, now: datetime, known: set[str]) -> None:
        """Remove files of no upload: those of broken forms, and those whose row went before a kill."""
        if not self._folder.is_dir():
            return
        for file in self._folder.iterdir():
            old = now - datetime.fromtimestamp(file.stat().st_mtime, UTC) > FORMS
            if file.name not in known and old:
                file.unlink(missing_ok=True)

    @contextmanager
    def form_file(self, name: str) -> Iterator[Path]:
        """Give the place of a file that comes by a form, and remove it unless it became an upload."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{name}.form"
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)

    async def adopt(self, package: Package, file: Path) -> None:
        """Make a file that came by a form the whole upload.

        Raises Busy where the upload is written, checked or in the storage already: what was hashed is what is served.
        """

        def moved() -> None:
            file.replace(self._part(package))
            synced(self._folder)

        if package.id in self._finishing:
            raise Busy
        with self._held(package):
            if await self.storage.size(place(package)) == package.size:
                raise Busy
            await self._hands.do(moved)

    async def write(self, file: BinaryIO, chunk: bytes, announced: int) -> None:
        """Write a piece of a form's file, away from the loop; raises StorageTrouble where there is no room for it.

        `announced` are the bytes of the whole form, 0 where it does not say.
        """

        def written() -> None:
            at = file.tell()
            weighed = at == 0 or at // WEIGHED != (at + len(chunk)) // WEIGHED
            if weighed and self._free(self._folder) < max(announced - at, len(chunk)) + LOW:
                raise StorageTrouble(f"{self._folder}: no room on the disk")
            write(file, chunk)

        try:
            await self._hands.do(written)
        except OSError as error:
            raise StorageTrouble(f"{self._folder}: {error.strerror or error}") from error

    @property
    def most(self) -> int:
        """Bytes that one package may have."""
        return self._settings.most

    def _part(self, package: Package) -> Path:
        return self._folder / f"{package.id}.part"


async def kept_by(settings: Packages, hands: Hands) -> list[Finding]:
    """Say for `yizhan doctor` whether packages can come in and lie there; raises ValueError without the library."""
    findings = list(await storage_of(settings, hands).check())
    if settings.s3:
        folder = Path(settings.folder) / "parts"
        findings += await hands.do(lambda: [writable(folder), room(folder)])
    return findings


def place(package: Package) -> str:
    """Return where the storage keeps a package: of its id, never of what somebody typed."""
    return str(package.id)
