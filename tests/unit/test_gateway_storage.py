"""Where packages lie: the same promises by a folder and by a bucket of a real server on loopback."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from channels.settings import Secret
from gateway.broadcast import storage
from gateway.broadcast.hands import Hands
from gateway.broadcast.storage import CHUNK, FolderStorage, NoSuchPlace, S3Storage, Storage, StorageTrouble, storage_of
from gateway.broadcast_settings import ObjectStore, Packages

KEYS = {"access_key": Secret("key"), "secret_key": Secret("a secret key")}


@pytest.fixture(scope="session")
def bucket() -> Iterator[ObjectStore]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    endpoint = "http://{}:{}".format(*server.get_host_and_port())
    settings = ObjectStore(bucket="packages", endpoint=endpoint, region="us-east-1", **KEYS)
    client(settings).create_bucket(Bucket="packages")
    yield settings
    server.stop()


def client(settings: ObjectStore) -> Any:
    keys = {"aws_access_key_id": "key", "aws_secret_access_key": "a secret key"}
    return boto3.client("s3", endpoint_url=settings.endpoint, region_name="us-east-1", **keys)


@pytest.fixture
async def hands() -> AsyncIterator[Hands]:
    made = Hands()
    yield made
    await made.close()


@pytest.fixture(params=["folder", "bucket"])
def kept(request: pytest.FixtureRequest, tmp_path: Path, hands: Hands) -> Storage:
    if request.param == "folder":
        return FolderStorage(tmp_path / "whole", hands)
    return S3Storage(request.getfixturevalue("bucket"), hands)


def part(folder: Path, content: bytes) -> Path:
    file = folder / "1.part"
    file.write_bytes(content)
    return file


async def whole(kept: Storage, place: str, start: int = 0, end: int | None = None) -> bytes:
    return b"".join([chunk async for chunk in kept.read(place, start, end)])


CONTENT = bytes(range(256)) * 2048


async def test_what_was_put_is_read_whole_and_in_ranges(kept: Storage, tmp_path: Path) -> None:
    await kept.put(part(tmp_path, CONTENT), "7")
    assert await kept.size("7") == len(CONTENT)
    assert await whole(kept, "7") == CONTENT
    assert await whole(kept, "7", 300_000) == CONTENT[300_000:]
    assert await whole(kept, "7", 10, 20) == CONTENT[10:20]
    assert await whole(kept, "7", 20, 20) == b""
    sizes = [len(chunk) async for chunk in kept.read("7")]
    assert len(sizes) >= 2
    assert max(sizes) <= CHUNK


async def test_putting_again_replaces_and_deleting_twice_is_no_trouble(kept: Storage, tmp_path: Path) -> None:
    await kept.put(part(tmp_path, b"old"), "8")
    await kept.put(part(tmp_path, b"newer"), "8")
    assert await whole(kept, "8") == b"newer"
    await kept.delete("8")
    await kept.delete("8")
    assert await kept.size("8") is None
    with pytest.raises(NoSuchPlace):
        await whole(kept, "8")


@pytest.mark.parametrize("place", ["../8", "a/b", "", "/etc/passwd", "..", "A" * 41])
async def test_a_place_is_never_a_path(kept: Storage, place: str) -> None:
    with pytest.raises(NoSuchPlace):
        await whole(kept, place)
    with pytest.raises(NoSuchPlace):
        await kept.size(place)


async def test_the_doctor_finds_both_in_order(kept: Storage) -> None:
    first, *_ = await kept.check()
    assert first.ok is True


async def test_a_large_file_goes_in_parts_and_what_was_left_of_an_upload_goes(
    bucket: ObjectStore, hands: Hands, tmp_path: Path
) -> None:
    asked = client(bucket)
    asked.create_multipart_upload(Bucket="packages", Key="packages/9")
    size = storage.PART + 1_000
    file = part(tmp_path, b"")
    with file.open("wb") as opened:
        opened.truncate(size)
    kept = S3Storage(bucket, hands)
    await kept.put(file, "9")
    found = asked.head_object(Bucket="packages", Key="packages/9")
    assert (found["ContentLength"], found["ETag"].endswith('-2"')) == (size, True)
    assert asked.list_multipart_uploads(Bucket="packages", Prefix="packages/9").get("Uploads", []) == []


async def test_the_doctor_says_which_bucket_is_not_there_and_which_server_does_not_answer(
    bucket: ObjectStore, hands: Hands
) -> None:
    (missing,) = await S3Storage(bucket.model_copy(update={"bucket": "other"}), hands).check()
    assert (missing.ok, missing.note) == (False, "there is no bucket other")
    (silent,) = await S3Storage(bucket.model_copy(update={"endpoint": "http://127.0.0.1:9"}), hands).check()
    assert (silent.ok, "cannot be asked" in silent.note) == (False, True)
    assert "a secret key" not in silent.note + missing.note


async def test_a_broken_bucket_is_trouble_with_words(bucket: ObjectStore, hands: Hands, tmp_path: Path) -> None:
    kept = S3Storage(bucket.model_copy(update={"bucket": "other"}), hands)
    with pytest.raises(StorageTrouble):
        await kept.put(part(tmp_path, b"x"), "1")


async def test_without_the_library_the_start_says_what_to_install(hands: Hands) -> None:
    def missing(name: str) -> Any:
        raise ImportError(name)

    settings = ObjectStore(bucket="packages")
    with pytest.raises(ValueError, match=r"yizhan\[s3\]"):
        S3Storage(settings, hands, library=missing)
    assert isinstance(storage_of(Packages(s3=settings), hands), S3Storage)


async def test_the_doctor_says_what_is_wrong_with_a_folder(tmp_path: Path, hands: Hands) -> None:
    (tmp_path / "file").write_text("in the way")
    written, room = await FolderStorage(tmp_path / "file" / "whole", hands).check()
    assert written.ok is False
    assert room.ok is not None
    fresh, _ = await FolderStorage(tmp_path / "later" / "whole", hands).check()
    assert (fresh.ok, (tmp_path / "later").exists()) == (True, False)
