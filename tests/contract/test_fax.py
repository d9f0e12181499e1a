"""The fax channel against a simulated server, and against what a real HylaFAX with two modems left."""

import asyncio
import json
import os
import shutil
import stat
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from PIL import Image

from channels.contract import Attachment, GiveUp, Inbound, Misconfigured, Outgoing, Unreadable
from channels.phone.fax import parse, simulator
from channels.phone.fax.xferfaxlog import Entry, entries
from channels.simulation import Fault

from .conftest import Gateway, build, until

CALLER = "+862155558888"
TEXT = "滨江机房全部断电，业务中断，请尽快派工程师到现场。电话 021-55558888"
UNREAD = "[传真 1 页，未识别，请看原件]"
PAGE = simulator.tiff([(8, 1, b"\xff")])


class Line:
    """One watched folder; the clock moves only by `look`."""

    def __init__(self, clock, server, **more):
        self.clock, self.server, self.gateway = clock, server, Gateway()
        self.block = {**server.block(Path()), "ocr": False} | more
        self.channel: Any = build("fax", self.block, "http://127.0.0.1:1", clock)
        self.accepts = self.gateway.accept
        self.task: asyncio.Task[None] | None = None

    async def look(self, times=1):
        """Have the folder looked at so often."""
        for _ in range(times):
            if self.task is None:
                self.task = asyncio.create_task(self.channel.listen(self.accepts, self.gateway.receipts))
            else:
                await self.clock.advance(timedelta(seconds=self.block["every_seconds"]))
            await until(lambda: self.waits() or self.task.done(), tries=20_000)

    def waits(self):
        """It sleeps until the next look."""
        return any(not one[2].done() for one in self.clock._sleepers)

    def files(self, folder="."):
        return sorted(one.name for one in (self.server.folder / folder).glob("*.*"))

    async def stop(self):
        if self.task:
            self.task.cancel()
            await asyncio.gather(self.task, return_exceptions=True)
            self.clock._sleepers.clear()


@pytest.fixture
async def server(clock):
    made = simulator.build(clock=clock, gateway_url="", account="main")
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def line(clock, server):
    made = Line(clock, server)
    yield made
    await made.stop()


async def test_a_fax_is_taken_at_the_second_look_and_then_moved(line):
    name = line.server.receive(PAGE, CALLER)
    await line.look()
    assert line.gateway.heard == []
    await line.look()
    (fax,) = line.gateway.heard
    assert (fax.sender, fax.text) == (CALLER, UNREAD)
    assert fax.attachments == (Attachment(name=name, type="image/tiff", content=PAGE),)
    assert (line.files(), line.files("done")) == ([], [name])


async def test_a_file_that_still_grows_is_left_until_it_rests(line):
    file = line.server.folder / "20261120-111205-02155558888.tif"
    for end in (4, 20, len(PAGE)):
        file.write_bytes(PAGE[:end])
        await line.look()
    assert line.gateway.heard == []
    await line.look()
    assert [one.sender for one in line.gateway.heard] == [CALLER]


async def test_a_file_that_its_writer_has_locked_is_left(line):
    import fcntl

    file = line.server.folder / "20261120-111205-02155558888.tif"
    with file.open("wb") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        stream.write(PAGE)
        stream.flush()
        await line.look(3)
        assert line.gateway.heard == []
    await line.look()
    assert len(line.gateway.heard) == 1


async def test_a_fax_that_could_not_be_stored_stays_and_is_one_message_when_it_comes_again(line):
    refused = []

    async def fails(items, *, cursor=None):
        refused.append(items)
        raise RuntimeError("the store is away")

    line.server.receive(PAGE, CALLER)
    line.accepts = fails
    await line.look(2)
    with pytest.raises(RuntimeError):
        await line.task
    assert line.files() == ["fax000000001.tif"]
    line.task, line.accepts = None, line.gateway.accept
    await line.look(2)
    assert [one.key for one in line.gateway.heard] == [refused[0][0].key]


async def test_the_same_fax_under_two_names_is_one_message(line):
    line.server.fault = Fault.TWICE
    for folder in (line.server.folder,):
        (folder / "a.tif").write_bytes(PAGE)
        (folder / "b.tif").write_bytes(PAGE)
    await line.look(2)
    assert (len(line.gateway.heard), line.files("done")) == (1, ["a.tif", "b.tif"])


async def test_a_name_that_was_there_before_overwrites_nothing(line):
    other = simulator.tiff([(16, 1, b"\xff\xff")])
    for content in (PAGE, other):
        (line.server.folder / "a.tif").write_bytes(content)
        await line.look(2)
        await line.look()
    kept = {(line.server.folder / "done" / name).read_bytes() for name in line.files("done")}
    assert kept == {PAGE, other}


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("x.tif", b"hello", "it is neither a TIFF nor a PDF"),
        ("x.tif", PAGE[:-5], "the TIFF is not whole"),
        ("x.pdf", simulator.pdf("x")[:-9], "the PDF is not whole"),
        ("x.tif", b"II*\0" + bytes(2_000_000), "the file is larger than 1 MB"),
    ],
)
async def test_what_cannot_be_read_goes_to_quarantine_and_away(clock, server, name, content, why):
    line = Line(clock, server, max_mb=1)
    (server.folder / name).write_bytes(content)
    await line.look(2)
    (broken,) = line.gateway.heard
    assert isinstance(broken, Unreadable)
    assert broken.why.startswith(why)
    assert (line.files(), line.files("failed")) == ([], [name])
    await line.stop()


async def test_a_file_that_is_not_whole_yet_is_waited_for(line):
    file = line.server.folder / "a.tif"
    file.write_bytes(PAGE[:8])
    now = line.clock.now().timestamp()
    os.utime(file, (now, now))
    await line.look(3)
    assert (line.gateway.heard, line.files()) == ([], ["a.tif"])
    await line.clock.advance(timedelta(minutes=10))
    await line.look(2)
    assert line.files("failed") == ["a.tif"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else for a moment")
def test_a_file_that_may_not_be_read_is_not_taken_and_not_forgotten(line):
    file = line.server.folder / "a.tif"
    file.write_bytes(PAGE)
    file.chmod(0o600)
    line.server.folder.parent.chmod(0o755)
    folder = line.channel._folder
    os.seteuid(65534)
    try:
        assert [folder.look(), folder.look()] == [[], []]
        assert folder.closed == {file}
        with pytest.raises(Misconfigured, match="may not read"):
            line.channel._refuse_closed()
    finally:
        os.seteuid(0)


async def test_other_files_are_left_alone(line):
    for name in (".fax1.tif", "notes.txt", "fax1.tif.part"):
        (line.server.folder / name).write_bytes(PAGE)
    (line.server.folder / "link.tif").symlink_to("/etc/hostname")
    (line.server.folder / "empty.tif").touch()
    await line.look(3)
    assert line.gateway.heard == []
    notes = [finding.note for finding in await line.channel.check() if finding.ok is None]
    assert notes == ["2 file(s) that are neither TIFF nor PDF by their names are never taken"]


async def test_a_fax_of_hylafax_waits_for_its_line_in_the_log_and_not_for_ever(line):
    (line.server.folder / "fax000000007.tif").write_bytes(PAGE)
    now = line.clock.now().timestamp()
    os.utime(line.server.folder / "fax000000007.tif", (now, now))
    await line.look(3)
    assert line.gateway.heard == []
    await line.clock.advance(timedelta(minutes=10))
    await line.look(2)
    assert [one.sender.partition("-")[0] for one in line.gateway.heard] == ["unknown"]


async def test_a_fax_that_failed_is_told_once_and_an_old_one_never(line):
    line.server.fail("13900139000")
    await line.clock.advance(timedelta(hours=30))
    line.server.fail("13800138000")
    accepted = []

    async def counts(items, *, cursor=None):
        accepted.append(len(items))
        return await line.gateway.accept(items, cursor=cursor)

    line.accepts = counts
    await line.look(3)
    assert accepted == [1]
    assert [(one.sender, one.text) for one in line.gateway.heard] == [
        ("+8613800138000", "[传真失败] 原因：RSPREC error/got EOT {E 114}。请回电 13800138000")
    ]


async def test_a_folder_that_is_away_is_a_matter_for_a_person(line):
    shutil.rmtree(line.server.folder)
    with pytest.raises(Misconfigured, match="cannot be read"):
        await line.channel.listen(line.accepts, line.gateway.receipts)
    found = {finding.what: finding.ok for finding in await line.channel.check()}
    assert found["folder of faxes"] is False


async def test_a_log_that_is_away_hinders_no_fax_and_is_told_by_the_self_check(line):
    line.server.receive(PAGE, CALLER)
    line.server.log.unlink()
    await line.clock.advance(timedelta(minutes=11))
    await line.look(2)
    assert len(line.gateway.heard) == 1
    found = {finding.what: finding.ok for finding in await line.channel.check()}
    assert found["log of the fax server"] is False


async def test_nothing_is_faxed(line):
    with pytest.raises(GiveUp):
        await line.channel.send(Outgoing(key="d-1", to=CALLER, text="x"))
    assert not line.channel.can.sends
    assert not line.channel.can.vouches


async def test_a_fax_is_read_before_it_is_stored(clock, server):
    line = Line(clock, server, ocr=True)
    await server.say(sender=CALLER, text=TEXT)
    await line.look(2)
    assert [one.text for one in line.gateway.inbounds] == [f"[传真 1 页，PDF 自带文字，请核对原件]\n{TEXT}"]
    await line.stop()


# the samples of a real server


def test_the_log_of_a_real_server_holds_one_fax_from_its_caller(contracts):
    folder = contracts / "phone" / "hylafax"
    wanted = json.loads((folder / "expected.json").read_text("utf-8"))["fax000000001.tif"]
    found = list(entries((folder / "xferfaxlog").read_bytes(), ZoneInfo("UTC")))
    received = [one for one in found if isinstance(one, Entry) and one.pages]
    assert [(one.caller, one.name, one.pages) for one in received] == [
        (wanted["caller_number"], wanted["caller_name"], wanted["pages"])
    ]
    (message,) = parse.rows((folder / "xferfaxlog").read_bytes(), ZoneInfo("UTC"))
    assert isinstance(message, Inbound)
    assert message.key == "hylafax:2026-11-22:fax000000001.tif"


def test_the_simulated_log_has_the_fields_of_a_real_one(contracts, server):
    real = (contracts / "phone" / "hylafax" / "xferfaxlog").read_text("utf-8").splitlines()
    server.receive(PAGE, CALLER)
    mine = server.log.read_text("utf-8").splitlines()
    for kind, other in zip(("RECV", "CALL"), mine, strict=True):
        sample = next(one for one in real if f"\t{kind}\t" in one)
        shape = [(field[:1] == '"', bool(field)) for field in sample.split("\t")]
        assert [(field[:1] == '"', bool(field)) for field in other.split("\t")] == shape


def test_the_simulated_page_is_a_page_to_others_as_well():
    import io

    with Image.open(io.BytesIO(simulator.tiff([(1728, 4, bytes(864))] * 2))) as book:
        assert (getattr(book, "n_frames", 1), book.size, tuple(map(float, book.info["dpi"]))) == (
            2,
            (1728, 4),
            (204.0, 98.0),
        )


def test_a_folder_made_by_the_simulator_is_private(server):
    assert stat.S_IMODE(server.folder.parent.stat().st_mode) == 0o700
