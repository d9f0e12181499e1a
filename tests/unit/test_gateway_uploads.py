"""Uploads that break off anywhere and go on: by a whole house, with real files."""

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from gateway.broadcast import packages as moves
from gateway.broadcast.naming import file_name, sound
from gateway.broadcast.packages import Begin, Finished
from gateway.broadcast.parts import hold
from gateway.broadcast.storage import LOW, StorageTrouble
from gateway.broadcast.uploads import WEIGHED, Busy, Elsewhere, TooMuch, Uploads, place
from store import packages
from store.model import Package, PackageState

CONTENT = os.urandom(3_000_000)
DIGEST = sha256(CONTENT).hexdigest()
WISH = Begin(name="网关固件", version="2.3.1", file="固件 2.3.1.bin", size=len(CONTENT), by="zhang")


@pytest.fixture
async def town(town: Any, tmp_path: Path) -> Any:
    folder = tmp_path / "packages"
    return await town({}, gateway=f"  broadcasts: {{packages: {{folder: {folder}}}}}\n")


@pytest.fixture
def uploads(town: Any) -> Uploads:
    found: Uploads = town.house.uploads
    return found


@pytest.fixture
def parts(tmp_path: Path) -> Path:
    return tmp_path / "packages" / "parts"


async def body(*pieces: bytes, fails: Exception | None = None) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece
    if fails:
        raise fails


def cut(content: bytes, size: int = 60_000) -> Sequence[bytes]:
    return [content[at : at + size] for at in range(0, len(content), size)]


async def begun(uploads: Uploads, wish: Begin = WISH) -> Package:
    kept = await uploads.begin(wish)
    assert kept.package
    return kept.package


def row(town: Any, ident: int) -> Package:
    with town.house.database.read() as connection:
        found = packages.by_id(connection, ident)
    assert found
    return found


async def test_a_broken_connection_keeps_what_came_and_the_rest_goes_on(town: Any, uploads: Uploads) -> None:
    one = await begun(uploads)
    with pytest.raises(ConnectionResetError):
        await uploads.take(one, 0, body(*cut(CONTENT[:1_500_000]), fails=ConnectionResetError()), None)
    assert await uploads.offset(one) == 1_500_000
    assert (await uploads.begin(WISH)).answer == "resumed"
    assert await uploads.take(one, 1_500_000, body(*cut(CONTENT[1_500_000:])), 1_500_000) == len(CONTENT)
    kept = await uploads.finish(one, DIGEST, "zhang", wait=10)
    assert kept
    assert kept.package
    assert (kept.answer, kept.package.sha256) == ("ready", DIGEST)
    stored = [chunk async for chunk in town.house.storage.read(kept.package.place)]
    assert b"".join(stored) == CONTENT


async def test_a_piece_at_another_offset_is_refused_with_the_right_one(uploads: Uploads) -> None:
    one = await begun(uploads)
    await uploads.take(one, 0, body(CONTENT[:1000]), 1000)
    for offset in (0, 999, 2000):
        with pytest.raises(Elsewhere) as error:
            await uploads.take(one, offset, body(b"x"), 1)
        assert error.value.offset == 1000
    with pytest.raises(Elsewhere):
        await uploads.finish(one, "", "zhang", wait=10)


async def test_more_than_was_announced_is_refused_whether_it_says_so_or_not(uploads: Uploads) -> None:
    one = await begun(uploads)
    with pytest.raises(TooMuch):
        await uploads.take(one, 0, body(b"x"), len(CONTENT) + 1)
    with pytest.raises(TooMuch):
        await uploads.take(one, 0, body(*cut(CONTENT), b"x"), None)
    assert await uploads.offset(one) <= len(CONTENT)


async def test_only_one_writes_at_a_time_in_this_process_and_in_any_other(uploads: Uploads, parts: Path) -> None:
    one, going = await begun(uploads), asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield CONTENT[:10]
        await going.wait()

    first = asyncio.create_task(uploads.take(one, 0, slow(), None))
    await asyncio.sleep(0.01)
    with pytest.raises(Busy):
        await uploads.take(one, 0, body(b"x"), 1)
    going.set()
    assert await first == 10
    with (parts / f"{one.id}.part").open("ab") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(Busy):
            await uploads.take(one, 10, body(b"x"), 1)
    assert await uploads.take(one, 10, body(b"x"), 1) == 11


async def test_a_silent_connection_ends_so_that_the_next_may_write(town: Any, tmp_path: Path) -> None:
    house = town.house
    settings = house.config.gateway.broadcasts.packages
    uploads = Uploads(settings, database=house.database, writer=house.writer, idle=0.01)
    one = await begun(uploads)

    async def silent() -> AsyncIterator[bytes]:
        yield b"abc"
        await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        await uploads.take(one, 0, silent(), None)
    assert await uploads.offset(one) == 3
    await uploads.close()


async def test_another_checksum_breaks_it_with_the_reason_and_it_can_be_begun_anew(
    town: Any, uploads: Uploads, parts: Path
) -> None:
    one = await begun(uploads)
    await uploads.take(one, 0, body(CONTENT), None)
    kept = await uploads.finish(one, "0" * 64, "zhang", wait=10)
    assert kept
    assert (kept.ok, kept.answer, row(town, one.id).state) == (False, "broken", PackageState.BROKEN)
    assert names(parts) == []
    assert await town.house.storage.size(place(one)) is None
    assert "package broken" in town.history("broadcast")
    again = await uploads.begin(WISH)
    assert again.package
    assert (again.answer, await uploads.offset(again.package)) == ("begun", 0)


def lay(parts: Path, name: str, content: bytes) -> None:
    parts.mkdir(parents=True, exist_ok=True)
    (parts / name).write_bytes(content)


def names(parts: Path) -> list[str]:
    return sorted(file.name for file in parts.iterdir())


async def whole(uploads: Uploads, parts: Path) -> Package:
    one = await begun(uploads)
    lay(parts, f"{one.id}.part", CONTENT)
    return one


async def test_killed_before_the_row_followed_the_file_counts(town: Any, uploads: Uploads, parts: Path) -> None:
    one = await whole(uploads, parts)
    assert row(town, one.id).received == 0
    await uploads.look(town.clock.now())
    assert row(town, one.id).received == len(CONTENT)


async def test_killed_after_the_storage_took_it_the_finish_is_done_from_there(
    town: Any, uploads: Uploads, parts: Path
) -> None:
    one = await whole(uploads, parts)
    await town.house.storage.put(parts / f"{one.id}.part", place(one))
    assert await uploads.offset(one) == len(CONTENT)
    kept = await uploads.finish(one, DIGEST, "zhang", wait=10)
    assert kept
    assert kept.package
    assert (kept.answer, kept.package.sha256) == ("ready", DIGEST)


async def test_killed_after_the_row_was_ready_asking_again_says_so(town: Any, uploads: Uploads, parts: Path) -> None:
    one = await whole(uploads, parts)
    await town.house.storage.put(parts / f"{one.id}.part", place(one))
    done = Finished(ident=one.id, sha256=DIGEST, place=place(one), by="zhang")
    await town.house.writer.do(moves.finished, done)
    for known in (one, row(town, one.id)):
        kept = await uploads.finish(known, DIGEST, "zhang", wait=10)
        assert kept
        assert kept.answer == "ready"
    assert town.history("broadcast").count("package ready") == 1


async def test_nothing_more_is_taken_once_a_package_is_ready(town: Any, uploads: Uploads, parts: Path) -> None:
    one = await whole(uploads, parts)
    await uploads.finish(one, "", "zhang", wait=10)
    for offset in (0, len(CONTENT)):
        with pytest.raises(Elsewhere):
            await uploads.take(row(town, one.id), offset, body(b"x"), None)
    assert names(parts) == []


async def test_killed_after_a_revoke_the_next_start_lets_the_bytes_go(town: Any, uploads: Uploads, parts: Path) -> None:
    one = await whole(uploads, parts)
    await uploads.finish(one, "", "zhang", wait=10)
    await town.house.writer.do(moves.revoke, moves.Named(ident=one.id, by="zhang"))
    assert await town.house.storage.size(place(one)) == len(CONTENT)
    await uploads.look(town.clock.now())
    assert await town.house.storage.size(place(one)) is None
    assert row(town, one.id).place == ""


async def test_an_upload_that_nobody_goes_on_with_goes_after_a_week(town: Any, uploads: Uploads, parts: Path) -> None:
    one, other = (
        await whole(uploads, parts),
        await begun(uploads, Begin(name="b", version="1", file="b", size=9, by="li")),
    )
    later = town.clock.now() + timedelta(days=7, hours=1)
    lay(parts, "999.part", b"of no upload")
    lay(parts, "abc.form", b"of a form that broke off")
    for name in names(parts):
        os.utime(parts / name, (town.clock.now().timestamp(), town.clock.now().timestamp()))
    await uploads.take(other, 0, body(b"123"), None)
    os.utime(parts / f"{other.id}.part", (later.timestamp() - 3600, later.timestamp() - 3600))
    await uploads.look(later)
    assert names(parts) == [f"{other.id}.part"]
    assert "upload of a package dropped" in town.history("broadcast")
    with town.house.database.read() as connection:
        assert packages.by_id(connection, one.id) is None


async def test_nobody_waits_longer_than_they_want_and_the_work_goes_on(uploads: Uploads, parts: Path) -> None:
    one = await whole(uploads, parts)
    assert await uploads.finish(one, DIGEST, "zhang", wait=0) is None
    kept = await uploads.finish(one, DIGEST, "zhang", wait=10)
    assert kept
    assert kept.answer == "ready"


async def test_a_form_never_changes_what_is_hashed_written_or_stored(town: Any, uploads: Uploads, parts: Path) -> None:
    one, other = await whole(uploads, parts), bytes(len(CONTENT))
    lay(parts, "b.form", other)
    with (parts / f"{one.id}.part").open("ab") as writer:
        fcntl.flock(writer, fcntl.LOCK_EX)
        with pytest.raises(Busy):
            await uploads.adopt(one, parts / "b.form")
    assert await uploads.finish(one, "", "zhang", wait=0) is None
    with pytest.raises(Busy):
        await uploads.adopt(one, parts / "b.form")
    kept = await uploads.finish(one, "", "zhang", wait=10)
    assert kept
    assert kept.package
    stored = [chunk async for chunk in town.house.storage.read(place(one))]
    assert (kept.answer, kept.package.sha256, b"".join(stored) == CONTENT) == ("ready", DIGEST, True)


async def test_a_form_changes_nothing_that_the_storage_took_before_a_kill(uploads: Uploads, parts: Path) -> None:
    one = await whole(uploads, parts)
    await uploads.storage.put(parts / f"{one.id}.part", place(one))
    lay(parts, "b.form", bytes(len(CONTENT)))
    with pytest.raises(Busy):
        await uploads.adopt(one, parts / "b.form")
    kept = await uploads.finish(one, "", "zhang", wait=10)
    assert kept
    assert kept.package
    assert (kept.answer, kept.package.sha256) == ("ready", DIGEST)


def test_a_file_that_was_replaced_before_the_lock_is_not_held(tmp_path: Path) -> None:
    path = tmp_path / "1.part"
    with path.open("ab") as old:
        (tmp_path / "new").write_bytes(b"x")
        (tmp_path / "new").replace(path)
        assert not hold(old, path)
    with path.open("ab") as file:
        assert hold(file, path)


async def test_the_file_of_a_form_is_weighed_first_and_again_as_it_grows(town: Any, tmp_path: Path) -> None:
    house, left = town.house, [LOW + 100, LOW + 99, LOW + WEIGHED, LOW]
    settings = house.config.gateway.broadcasts.packages
    narrow = Uploads(settings, database=house.database, writer=house.writer, free=lambda _: left.pop(0))
    with (tmp_path / "a.form").open("wb", buffering=0) as file:
        await narrow.write(file, b"x", 100)
        file.seek(0)
        with pytest.raises(StorageTrouble):
            await narrow.write(file, b"x", 100)
        await narrow.write(file, b"x", 0)
        file.seek(WEIGHED - 2)
        await narrow.write(file, b"x", 0)
        with pytest.raises(StorageTrouble):
            await narrow.write(file, b"x", 0)
    assert left == []
    await narrow.close()


async def test_what_lies_on_the_disk_already_needs_no_second_room(town: Any) -> None:
    house, size = town.house, len(CONTENT)
    settings = house.config.gateway.broadcasts.packages
    narrow = Uploads(settings, database=house.database, writer=house.writer, free=lambda _: LOW)
    assert (await narrow.begin(WISH, here=size)).answer == "begun"
    await narrow.close()


async def test_what_cannot_be_taken_is_told_before_a_byte_is_sent(uploads: Uploads) -> None:
    base: dict[str, Any] = {"name": "a", "version": "1", "file": "a.bin", "size": 5, "by": "zhang"}
    wrong: dict[str, dict[str, Any]] = {
        "too_large": {"size": 9_000_000_000},
        "empty": {"size": 0},
        "bad_name": {"name": "\u202e "},
        "bad_file": {"file": "../.."},
        "bad_range": {"about": moves.About(applies="2.x")},
        "bad_notes": {"about": moves.About(notes={"zh": "很" * 20_001})},
    }
    answers = {answer: (await uploads.begin(Begin(**{**base, **more}))).answer for answer, more in wrong.items()}
    assert answers == {answer: answer for answer in wrong}


async def test_room_is_needed_only_for_what_is_still_to_come(town: Any, uploads: Uploads, parts: Path) -> None:
    house, size = town.house, len(CONTENT)
    settings = house.config.gateway.broadcasts.packages
    left = LOW + size // 2
    narrow = Uploads(settings, database=house.database, writer=house.writer, free=lambda _: left)
    assert (await narrow.begin(WISH)).answer == "no_room"
    with house.database.read() as connection:
        assert packages.listed(connection) == []
    one = await begun(uploads)
    lay(parts, f"{one.id}.part", CONTENT[: size * 3 // 4])
    assert (await narrow.begin(WISH)).answer == "resumed"
    await narrow.close()


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("固件 2.3.1（正式）.bin", "固件 2.3.1（正式）.bin"),
        ("../../etc/passwd", "passwd"),
        ("C:\\fakepath\\fw.bin", "fw.bin"),
        ("/", ""),
        ("..", ""),
        ("a\r\nSet-Cookie: x.bin", "a Set-Cookie: x.bin"),
        ("evil\u202egpj.exe", "evilgpj.exe"),
        ("a" * 300 + ".tar", "a" * 196 + ".tar"),
    ],
)
def test_the_name_of_a_file_is_only_a_name(given: str, kept: str) -> None:
    assert file_name(given) == kept


def test_a_range_is_kept_in_one_way_of_writing() -> None:
    wish, wrong = sound(
        Begin(name=" a  b ", version="1", file="f", size=1, by="z", about=moves.About(applies="≥2.0，<3"))
    )
    assert (wrong, wish.name, wish.about.applies) == ("", "a b", ">=2.0 <3")
