"""`yizhan broadcast package` against a running gateway, over lines that are cut."""

import asyncio
import contextlib
import json
import os
from collections.abc import AsyncIterator, Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from gateway.__main__ import main
from gateway.app import House
from gateway.commands.package_sender import Interrupted, Refused, Sender
from gateway.sandbox.logins import QUICK, plant
from gateway.sandbox.people import PASSWORD
from gateway.web.server import build_app, listen, serve
from store import packages

CONTENT = os.urandom(700_000)
DIGEST = sha256(CONTENT).hexdigest()
CONFIG = """
gateway:
  port: PORT
  broadcasts: {packages: {folder: FOLDER}}
router:
  time_zone: UTC
  people:
    zhang: {name: 张三, addresses: {tel: "+8613800000101"}, rights: [broadcast]}
    li: {name: 李雷, addresses: {tel: "+8613800000102"}}
    wang: {name: 王五, addresses: {tel: "+8613800000103"}}
  rota: {lead: zhang, second: li}
"""
WISH = {"name": "网关固件", "version": "2.3.1"}


@pytest.fixture
async def port() -> AsyncIterator[Any]:
    sock = listen("127.0.0.1", 0)
    yield sock
    sock.close()


@pytest.fixture
async def house(town: Any, port: Any, tmp_path: Path) -> AsyncIterator[House]:
    whole = CONFIG.replace("PORT", str(port.getsockname()[1])).replace("FOLDER", str(tmp_path / "kept"))
    built = await town({}, whole=whole)
    (tmp_path / "config.yaml").write_text(f"{whole}store: {{url: 'sqlite:///{tmp_path / 'yizhan.db'}'}}\n", "utf-8")
    await plant(built.house)
    stop = asyncio.Event()
    serving = asyncio.create_task(serve(build_app(built.house, hasher=QUICK), stop=stop, sock=port))
    yield built.house
    stop.set()
    await serving


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "固件 2.3.1.bin"
    path.write_bytes(CONTENT)
    return path


Typing = Callable[..., Any]


@pytest.fixture
def typing(house: House, tmp_path: Path) -> Typing:
    """What becomes of a command, typed beside the running gateway."""

    async def run(*words: str, password: str = PASSWORD, stdin: str = "") -> Result:
        env = {"YIZHAN_CONFIG": str(tmp_path / "config.yaml"), "YIZHAN_PASSWORD": password}
        given = ["broadcast", "package", *words]
        return await asyncio.to_thread(CliRunner().invoke, main, given, env=env, input=stdin)

    return run


def add(file: Path, *more: str) -> tuple[str, ...]:
    return ("add", str(file), "--name", "网关固件", "--version", "2.3.1", "--as", "张三", *more)


async def test_a_package_is_uploaded_listed_and_revoked(
    house: House, typing: Typing, file: Path, tmp_path: Path
) -> None:
    (tmp_path / "notes").write_text("修复了重启", "utf-8")
    added = await typing(*add(file, "--applies", ">=2.0", "--notes-zh", f"@{tmp_path / 'notes'}"))
    again = await typing(*add(file))
    listed = await typing("list")
    revoked = await typing("revoke", "网关固件", "2.3.1", "--as", "zhang", stdin="y\n")
    after = await typing("list", "--json")
    assert added.stdout == again.stdout == f"{DIGEST}  网关固件 2.3.1\n"
    assert "固件 2.3.1.bin: upload 0%" in added.stderr
    assert f"网关固件 2.3.1  0.7 MB  ready  {DIGEST[:12]}  0 fetched  zhang" in listed.stdout
    assert revoked.exit_code == 0
    assert '"state": "revoked"' in after.stdout
    with house.database.read() as connection:
        (one,) = packages.listed(connection)
    assert (one.package.notes, one.package.applies) == ({"zh": "修复了重启"}, ">=2.0")


async def test_what_is_wrong_is_said_in_words(typing: Typing, file: Path) -> None:
    nobody = await typing(*add(file)[:-2])
    stranger = await typing(*add(file)[:-1], "mallory")
    ranged = await typing(*add(file, "--applies", "2.x"))
    rightless = await typing(*add(file)[:-1], "li")
    wrong = await typing(*add(file), password="another")
    missing = await typing("revoke", "x", "1", "--as", "zhang")
    assert (nobody.exit_code, "--as PERSON" in nobody.stderr) == (2, True)
    assert [one.exit_code for one in (stranger, ranged, rightless, wrong, missing)] == [1] * 5
    assert "'mallory' is not among people: zhang, li, wang" in stranger.stderr
    assert "write it as >=2.0 <2.3" in ranged.stderr
    assert "no right to broadcast" in rightless.stderr
    assert "there is no package x 1" in missing.stderr


class Cut:
    """A line to the gateway that is cut after so many bytes, each time it is used, until it holds."""

    def __init__(self, port: int, lengths: list[int]) -> None:
        self._port = port
        self._lengths = lengths
        self.cuts = 0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner, outer = await asyncio.open_connection("127.0.0.1", self._port)
        back = asyncio.create_task(self._copy(inner, writer, None))
        await self._copy(reader, outer, self._lengths)
        back.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await back
        for one in (writer, outer):
            one.close()

    async def _copy(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, lengths: list[int] | None
    ) -> None:
        passed = 0
        while piece := await reader.read(20_000):
            passed += len(piece)
            writer.write(piece)
            await writer.drain()
            if lengths and passed > lengths[0]:
                lengths.pop(0)
                self.cuts += 1
                return


async def test_an_upload_goes_on_over_a_line_that_is_cut_again_and_again(house: House, port: Any, file: Path) -> None:
    cut = Cut(port.getsockname()[1], [90_000, 150_000, 30_000])
    waits: list[float] = []
    async with await asyncio.start_server(cut, "127.0.0.1", 0) as line:
        base = f"http://127.0.0.1:{line.sockets[0].getsockname()[1]}/api/v1"
        sender = Sender(base=base, person="zhang", password=PASSWORD, pause=waits.append, size=200_000)
        made = await asyncio.to_thread(sender.add, file, WISH)
    assert (made["state"], made["sha256"], cut.cuts) == ("ready", DIGEST, 3)
    assert len(waits) >= 3
    stored = [chunk async for chunk in house.storage.read(made["id"])]
    assert b"".join(stored) == CONTENT


async def test_given_up_the_same_command_goes_on_where_it_stopped(house: House, port: Any, file: Path) -> None:
    base = f"http://127.0.0.1:{port.getsockname()[1]}/api/v1"
    sender = Sender(base=base, person="zhang", password=PASSWORD, size=100_000, pause=lambda _: None)
    wish = {**WISH, "file": file.name, "size": len(CONTENT)}
    _, kept = await asyncio.to_thread(sender.ask, "POST", "/packages", wish)
    await asyncio.to_thread(sender._slice, kept["package"]["id"], 0, CONTENT[:300_000])
    seen: list[int] = []
    going = Sender(
        base=base,
        person="zhang",
        password=PASSWORD,
        told=lambda what, at, _: seen.append(at) if what == "upload" else None,
    )
    made = await asyncio.to_thread(going.add, file, WISH)
    assert (made["sha256"], seen[0]) == (DIGEST, 300_000)


def test_without_a_gateway_it_is_given_up_after_a_while(file: Path) -> None:
    waits: list[float] = []
    sender = Sender(base="http://127.0.0.1:9/api/v1", person="zhang", password=PASSWORD, pause=waits.append)
    with pytest.raises(Interrupted):
        sender.add(file, WISH)
    assert 60 < sum(waits) < 200


async def test_another_file_under_a_name_that_is_taken_is_refused(house: House, port: Any, file: Path) -> None:
    sender = Sender(base=f"http://127.0.0.1:{port.getsockname()[1]}/api/v1", person="zhang", password=PASSWORD)
    await asyncio.to_thread(sender.add, file, WISH)
    other = file.with_name("other.bin")
    await asyncio.to_thread(other.write_bytes, b"other")
    with pytest.raises(Refused, match="take another version"):
        await asyncio.to_thread(sender.add, other, WISH)


@pytest.mark.parametrize(
    ("packages", "finding"),
    [
        ("folder: FOLDER", ("packages can be written to FOLDER/whole", True)),
        ("folder: FOLDER/file", ("packages can be written to FOLDER/file/whole", False)),
        (
            "folder: FOLDER, s3: {bucket: none, endpoint: 'http://127.0.0.1:9', KEYS}",
            ("the bucket for packages is there and can be written", False),
        ),
    ],
)
def test_the_doctor_says_whether_packages_can_be_kept(packages: str, finding: tuple[str, bool], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a-secret-of-some-length", "utf-8")
    keys = "access_key: {file: FOLDER/file}, secret_key: {file: FOLDER/file}"
    given = packages.replace("KEYS", keys).replace("FOLDER", str(tmp_path))
    whole = CONFIG.replace("{packages: {folder: FOLDER}}", f"{{packages: {{{given}}}}}").replace("PORT", "9")
    config = tmp_path / "config.yaml"
    config.write_text(f"{whole}store: {{url: 'sqlite:///{tmp_path / 'none.db'}'}}\n", "utf-8")
    result = CliRunner().invoke(main, ["doctor", "--json", "--config", str(config)])
    found = {row["what"]: row for row in map(json.loads, result.stdout.splitlines()) if row["group"] == "packages"}
    what, ok = finding
    row = found[what.replace("FOLDER", str(tmp_path))]
    assert (row["ok"], row["grave"], bool(row["cure"])) == (ok, False, True)
    assert found["there is room for packages"]["ok"] is not None
    assert "a-secret-of-some-length" not in result.output
