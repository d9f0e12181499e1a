"""A real fax between two software modems (HylaFAX 6 and iaxmodem), taken from its folder; only when it is asked for.

It takes a minute and root: apt-get install hylafax-server iaxmodem libtiff-tools ghostscript, once `faxsetup -server`
(its setup.cache is needed), then YIZHAN_REAL_FAX=1.
"""

import asyncio
import itertools
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from channels.contract import Around, Inbound
from channels.phone.fax import parse
from channels.phone.fax.adapter import build
from channels.phone.fax.config import Account
from channels.phone.fax.simulator import pdf

SPOOL = Path("/var/spool/hylafax")
NEEDED = ("faxq", "hfaxd", "faxgetty", "iaxmodem", "sendfax")
HFAXD = 45590
_rigs = itertools.count()

pytestmark = [
    pytest.mark.skipif(os.environ.get("YIZHAN_REAL_FAX") != "1", reason="only with YIZHAN_REAL_FAX=1"),
    pytest.mark.timeout(300),
]


@dataclass
class Rig:
    """A private HylaFAX with two modems that call each other."""

    spool: Path
    modems: tuple[tuple[str, int, int], ...]
    """Name, own port and the port that it calls; new ones each time, since the other end of an old call lingers."""
    port: int
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, *command):
        """Run a server in the foreground; each gives up the rights of root itself."""
        quiet: Any = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": self.spool}
        self.running.append(subprocess.Popen(command, start_new_session=True, **quiet))

    def stop(self):
        for process in reversed(self.running):
            try:
                os.killpg(process.pid, signal.SIGTERM)
                process.wait(10)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                process.kill()

    def send(self, file: Path):
        sender = self.modems[0][0]
        command = ["sendfax", "-h", f"{sender}@localhost:{self.port}", "-m", "-n", "-D", "-d", "01010000001", str(file)]
        done = subprocess.run(command, check=False, capture_output=True, env={**os.environ, "FAXUSER": "rig"})
        assert done.returncode == 0, done.stdout + done.stderr


def configure(spool: Path, modems) -> None:
    """Give the modems their numbers and names, and the server its places."""
    cache = spool / "etc" / "setup.cache"
    cache.chmod(0o644)
    cache.write_text(cache.read_text("utf-8").replace(str(SPOOL), str(spool)), "utf-8")
    prototype = (spool / "config" / "iaxmodem").read_text("utf-8")
    for at, (name, port, other) in enumerate(modems):
        own = (
            f'CountryCode: 86\nAreaCode: 10\nFAXNumber: +86.10.1000000{at}\nLocalIdentifier: "RIG MODEM {at}"\n'
            "LongDistancePrefix: 0\nInternationalPrefix: 00\nDialStringRules: etc/dialrules\nRingsBeforeAnswer: 1\n"
        )
        (spool / "etc" / f"config.{name}").write_text(own + prototype, "utf-8")
        Path("/etc/iaxmodem", name).write_text(
            f"device /dev/{name}\nowner uucp:uucp\nmode 660\nport {port}\nrefresh 0\nserver 127.0.0.1:{other}\n"
            f"peername rig\nsecret x\ncidname HUAXIN\ncidnumber 02155558888\ncodec slinear\nnodaemon\n",
            "utf-8",
        )
    (spool / "etc" / "hosts.hfaxd").write_text("localhost\n127.0.0.1\n")
    (spool / "etc" / "hosts.hfaxd").chmod(0o600)


@pytest.fixture
def rig(tmp_path_factory) -> Iterator[Rig]:
    missing = [name for name in NEEDED if not shutil.which(name, path="/usr/sbin:/usr/bin")]
    if missing or os.geteuid() or not (SPOOL / "etc" / "setup.cache").exists():
        pytest.skip(f"needs root, faxsetup -server, and {' '.join(missing) or 'no more programs'}")
    number = next(_rigs)
    port = 45700 + 10 * number
    modems = ((f"ttyYZ{2 * number}", port, port + 1), (f"ttyYZ{2 * number + 1}", port + 1, port))
    spool = Path("/var/spool", f"hylafax-tests-{os.getpid()}-{number}")
    subprocess.run(["cp", "-a", SPOOL, spool], check=True)
    for folder in ("recvq", "sendq", "doneq", "docq", "log", "status"):
        shutil.rmtree(spool / folder)
        (spool / folder).mkdir()
    # Whoever writes first makes them, sender as root or receiver as uucp, and the other could not write then.
    for name in ("xferfaxlog", "seqf"):
        (spool / "log" / name).touch()
    configure(spool, modems)
    subprocess.run(["chown", "-R", "uucp:uucp", spool], check=True)
    rig = Rig(spool, modems, HFAXD + number)
    try:
        for name, _, _ in modems:
            rig.start("iaxmodem", name)
        time.sleep(1)
        rig.start("/usr/sbin/faxq", "-q", str(spool), "-D")
        rig.start("/usr/sbin/hfaxd", "-d", "-q", str(spool), "-i", str(rig.port))
        for name, _, _ in modems:
            rig.start("/usr/sbin/faxgetty", "-q", str(spool), name)
        time.sleep(5)
        yield rig
    finally:
        rig.stop()
        for name, _, _ in modems:
            Path("/etc/iaxmodem", name).unlink(missing_ok=True)
        shutil.rmtree(spool)


@pytest.mark.parametrize("logged", [True, False], ids=["with the log", "without the log"])
async def test_a_fax_that_two_modems_exchanged_becomes_one_message(rig, tmp_path, logged):
    page = tmp_path / "page.pdf"
    page.write_bytes(pdf("Power failure in Binjiang"))
    rig.send(page)
    log = rig.spool / "log" / "xferfaxlog"
    account = Account(folder=str(rig.spool / "recvq"), log=str(log) if logged else "", every_seconds=1, zone="UTC")
    taken: list[Inbound] = []

    async def accept(items, *, cursor=None):
        taken.extend(items)
        return len(items)

    channel: Any = build(account, Around(account="main", public_url="", now=lambda: datetime.now(UTC)))
    watching = asyncio.create_task(channel.listen(accept, None))
    async with asyncio.timeout(150):
        while not taken and not watching.done():  # noqa: ASYNC110 - the modems tell nobody
            await asyncio.sleep(0.5)
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    (fax,) = taken
    assert fax.attachments[0].type == "image/tiff"
    assert parse.form(fax.attachments[0].content) == ("image/tiff", 1)
    assert fax.sent_at
    assert abs(fax.sent_at - datetime.now(UTC)) < timedelta(minutes=5)
    if logged:
        assert log.read_text("utf-8").count("\tRECV\t") == 1
        assert (fax.sender, fax.sender_name) == ("+862155558888", "HUAXIN")
        assert fax.key.startswith("hylafax:")
    else:
        assert fax.sender.startswith("unknown-")
