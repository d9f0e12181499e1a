"""Where whole packages lie: in a folder, or in a storage that speaks the S3 protocol.

The place of a package is made by us of its id and never of what somebody typed. Bytes are handed out through the
gateway and not by addresses of the storage: what was revoked is out of reach at once.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import AsyncIterator, Callable, Sequence
from importlib import import_module
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, Final, Protocol

import structlog

from channels.contract import Finding
from gateway.broadcast.hands import Hands
from gateway.broadcast_settings import ObjectStore, Packages

log = structlog.get_logger()
CHUNK: Final = 256 * 1024
PART: Final = 8 * 1024 * 1024
"""Bytes of one part of an upload to the object storage."""
PARTS: Final = 9_000
"""The protocol takes 10,000 parts of one object."""
PLACE: Final = re.compile(r"[0-9a-z]{1,40}")
LOW: Final = 1 << 30
"""Bytes of free disk below which something must be done."""
ROOM: Final = "there is room for packages"
CURE: Final = "pip install 'yizhan[s3]', or take gateway.broadcasts.packages.s3 out"


class StorageTrouble(Exception):
    """The storage cannot do it now; the words say why and hold no secret."""


class NoSuchPlace(StorageTrouble):
    """Nothing lies there."""


class Storage(Protocol):
    """Keeps whole files under places."""

    async def put(self, part: Path, place: str) -> None:
        """Take a finished file over; it lies there as a whole or not at all, and `part` may be gone afterwards."""
        ...

    def read(self, place: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """Give the bytes from `start` up to but without `end`, a chunk at a time; raises NoSuchPlace."""
        ...

    async def size(self, place: str) -> int | None:
        """Return how many bytes lie there; None when nothing does."""
        ...

    async def delete(self, place: str) -> None:
        """Remove what lies there; nothing is no trouble."""
        ...

    async def check(self) -> Sequence[Finding]:
        """Say for `yizhan doctor` whether it works."""
        ...


def storage_of(settings: Packages, hands: Hands) -> Storage:
    """Build what the configuration asks for; raises ValueError where its library is not there."""
    if settings.s3 is None:
        return FolderStorage(Path(settings.folder) / "whole", hands)
    return S3Storage(settings.s3, hands)


class FolderStorage:
    """A folder of this machine; uploads must lie on the same file system, so that one rename takes them over."""

    def __init__(self, folder: Path, hands: Hands) -> None:
        self._folder = folder
        self._hands = hands

    async def put(self, part: Path, place: str) -> None:
        """Write through to the disk, then rename."""
        await self._hands.do(lambda: self._put(part, self._at(place)))

    def _put(self, part: Path, target: Path) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with part.open("rb") as file:
                os.fsync(file.fileno())
            part.replace(target)
            synced(self._folder)
        except OSError as error:
            raise StorageTrouble(f"{self._folder}: {error.strerror or error}") from error

    async def read(self, place: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """Give the bytes; a file that is removed meanwhile is read to its end."""
        path = self._at(place)
        try:
            file = await self._hands.do(lambda: path.open("rb"))
        except FileNotFoundError as error:
            raise NoSuchPlace(place) from error
        except OSError as error:
            raise StorageTrouble(f"{path}: {error.strerror or error}") from error
        with file:
            await self._hands.do(lambda: file.seek(start))
            left = None if end is None else max(0, end - start)
            while left is None or left > 0:
                size = CHUNK if left is None else min(CHUNK, left)
                chunk = await self._hands.do(lambda size=size: file.read(size))  # type: ignore[misc]
                if not chunk:
                    return
                left = None if left is None else left - len(chunk)
                yield chunk

    async def size(self, place: str) -> int | None:
        """Ask the file system."""
        path = self._at(place)
        return await self._hands.do(lambda: path.stat().st_size if path.exists() else None)

    async def delete(self, place: str) -> None:
        """Unlink the file."""
        path = self._at(place)
        await self._hands.do(lambda: path.unlink(missing_ok=True))

    async def check(self) -> Sequence[Finding]:
        """Write a file of no length, and look how much room is left."""
        return [await self._hands.do(lambda: writable(self._folder)), await self._hands.do(lambda: room(self._folder))]

    def _at(self, place: str) -> Path:
        return self._folder / _sound(place)


class S3Storage:
    """A bucket, by the protocol that most storages speak."""

    def __init__(self, settings: ObjectStore, hands: Hands, *, library: Callable[[str], Any] = import_module) -> None:
        self._library = library
        try:
            self._errors = library("botocore.exceptions")
        except ImportError as error:
            raise ValueError(f"packages in an object storage need the library boto3: {CURE}") from error
        self._settings = settings
        self._hands = hands
        self._made: Any = None

    def _client(self) -> Any:
        """Make the client when it is first used: that takes a while, and many processes never do."""
        if self._made is None:
            one, sums = self._settings, "when_required"
            config = self._library("botocore.config").Config(
                connect_timeout=5,
                read_timeout=60,
                retries={"total_max_attempts": 3, "mode": "standard"},
                # Storages of other makers know no checksums at the end of a body.
                request_checksum_calculation=sums,
                response_checksum_validation=sums,
                s3={"addressing_style": "path" if one.endpoint else "auto"},
            )
            session = self._library("boto3").session.Session(
                aws_access_key_id=one.access_key.reveal() if one.access_key else None,
                aws_secret_access_key=one.secret_key.reveal() if one.secret_key else None,
                region_name=one.region or None,
            )
            self._made = session.client("s3", endpoint_url=one.endpoint or None, config=config)
        return self._made

    def _call(self, operation: str, **given: Any) -> Any:
        """Ask the storage; its errors are told apart here and nowhere else."""
        try:
            return getattr(self._client(), operation)(Bucket=self._settings.bucket, **given)
        except self._errors.ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", ""))
            if code in ("404", "NoSuchKey", "NotFound"):
                raise NoSuchPlace(given.get("Key", "")) from error
            raise StorageTrouble(f"the object storage answers {code}") from error
        except self._errors.BotoCoreError as error:
            raise StorageTrouble(f"the object storage cannot be asked: {type(error).__name__}") from error

    async def put(self, part: Path, place: str) -> None:
        """Upload in parts of bounded size; what a killed upload left behind is given up first."""
        await self._hands.do(lambda: self._put(part, self._key(place)))

    def _put(self, part: Path, key: str) -> None:
        self._give_up(key)
        size = max(PART, -(-part.stat().st_size // PARTS))
        transfer = self._library("boto3.s3.transfer")
        config = transfer.TransferConfig(
            multipart_threshold=size, multipart_chunksize=size, max_concurrency=2, use_threads=True
        )
        failed = self._library("boto3.exceptions").S3UploadFailedError
        try:
            self._call("upload_file", Filename=str(part), Key=key, Config=config, Callback=self._goes_on)
        except failed as error:
            raise StorageTrouble("the object storage took only a part of the file") from error

    def _goes_on(self, _sent: int) -> None:
        if self._hands.closing:
            raise StorageTrouble("the gateway is being stopped")

    def _give_up(self, key: str) -> None:
        """End uploads of this key that a process left behind: their parts cost room and nobody sees them."""
        try:
            for one in self._call("list_multipart_uploads", Prefix=key).get("Uploads", []):
                if one["Key"] == key:
                    self._call("abort_multipart_upload", Key=key, UploadId=one["UploadId"])
        except StorageTrouble as error:  # not every storage lets us ask; the upload itself may be allowed
            log.warning("old uploads stay in the object storage", error=str(error))

    async def read(self, place: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """Give the bytes of a range."""
        if end is not None and end <= start:
            return
        key, span = self._key(place), f"bytes={start}-{'' if end is None else end - 1}"
        given: dict[str, str] = {"Key": key} if (start, end) == (0, None) else {"Key": key, "Range": span}
        body = (await self._hands.do(lambda: self._call("get_object", **given)))["Body"]
        try:
            while chunk := await self._hands.do(lambda: body.read(CHUNK)):
                yield chunk
        except self._errors.BotoCoreError as error:
            raise StorageTrouble(f"the object storage broke off: {type(error).__name__}") from error
        finally:
            body.close()

    async def size(self, place: str) -> int | None:
        """Ask for the head of the object."""
        key = self._key(place)
        try:
            return int((await self._hands.do(lambda: self._call("head_object", Key=key)))["ContentLength"])
        except NoSuchPlace:
            return None

    async def delete(self, place: str) -> None:
        """Delete the object."""
        key = self._key(place)
        await self._hands.do(lambda: self._call("delete_object", Key=key))

    async def check(self) -> Sequence[Finding]:
        """Write and delete an object of no length."""
        return [await self._hands.do(self._look)]

    def _look(self) -> Finding:
        what, key = "the bucket for packages is there and can be written", f"{self._settings.prefix}doctor"
        cure = "see endpoint, bucket and keys under gateway.broadcasts.packages.s3"
        try:
            self._call("head_bucket")
            self._call("put_object", Key=key, Body=b"")
            self._call("delete_object", Key=key)
        except NoSuchPlace:
            return Finding(what=what, ok=False, note=f"there is no bucket {self._settings.bucket}", cure=cure)
        except StorageTrouble as error:
            return Finding(what=what, ok=False, note=str(error), cure=cure)
        return Finding(what=what, ok=True)

    def _key(self, place: str) -> str:
        return self._settings.prefix + _sound(place)


def writable(folder: Path) -> Finding:
    """Say whether files can be made there; a folder that is not there yet is not made for it."""
    what, cure = f"packages can be written to {folder}", "give the gateway's user the right to write there"
    try:
        if folder.is_dir():
            with NamedTemporaryFile(dir=folder, prefix=".doctor"):
                return Finding(what=what, ok=True)
        there = _nearest(folder)
    except OSError as error:
        return Finding(what=what, ok=False, note=error.strerror or str(error), cure=cure)
    return Finding(what=what, ok=there.is_dir() and os.access(there, os.W_OK), note="not there yet", cure=cure)


def room(folder: Path) -> Finding:
    """Say how much room is left where packages come in."""
    free = shutil.disk_usage(_nearest(folder)).free
    cure = "make room, or revoke packages that nobody needs any more"
    return Finding(what=ROOM, ok=free > LOW, note=f"{free >> 30} GiB free", cure=cure)


def synced(folder: Path) -> None:
    """Write the names in a folder through to the disk."""
    held = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(held)
    finally:
        os.close(held)


def _nearest(folder: Path) -> Path:
    path = folder.absolute()
    return next(one for one in (path, *path.parents) if one.exists())


def _sound(place: str) -> str:
    if not PLACE.fullmatch(place):
        raise NoSuchPlace("this is no place of ours")
    return place
