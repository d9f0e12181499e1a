"""Private servers on loopback: a Dovecot with its own folder and configuration, ended by its process id."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
mail_location = maildir:{folder}/mail/%u
default_internal_user = {internal}
default_login_user = {login}
default_internal_group = {group}
first_valid_uid = 1
mail_max_userip_connections = 50
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
passdb {{
  driver = passwd-file
  args = scheme=plain username_format=%u {folder}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u
}}
namespace inbox {{
  inbox = yes
}}
"""


@dataclass
class Dovecot:
    """A running Dovecot with one user."""

    folder: Path
    port: int
    uid: int
    gid: int
    user: str = "support"
    password: str = 's"e\\cret 密'
    generation: int = 1_700_000_000

    @property
    def maildir(self) -> Path:
        return self.folder / "mail" / self.user

    def deliver(self, *mails: bytes) -> None:
        """Put mails into the Maildir byte for byte, as a delivery agent does, in this order."""
        for sub in ("cur", "new", "tmp"):
            self._folder(self.maildir / sub)
        for number, mail in enumerate(mails):
            path = self.maildir / "new" / f"{time.time_ns()}.{number:06}.host"
            path.write_bytes(mail)
            os.chown(path, self.uid, self.gid)

    def empty(self) -> None:
        """As if the user were new: another UIDVALIDITY, no mail, no folder."""
        shutil.rmtree(self.maildir, ignore_errors=True)
        self._folder(self.maildir)
        # Left alone, Dovecot makes UIDVALIDITY of the clock's seconds: two within one second would be equal.
        self.generation += 1
        uids = self.maildir / "dovecot-uidlist"
        uids.write_text(f"3 V{self.generation} N1 G{self.generation:032x}\n")
        os.chown(uids, self.uid, self.gid)

    def folder_names(self) -> list[str]:
        return sorted(path.name for path in self.maildir.iterdir() if path.name.startswith(".") and path.is_dir())

    def files(self, folder: str = "") -> list[Path]:
        return sorted(path for sub in ("new", "cur") for path in (self.maildir / folder / sub).glob("*"))

    def _folder(self, path: Path) -> None:
        path.mkdir(parents=True, exist_ok=True)
        for each in (path, path.parent):
            os.chown(each, self.uid, self.gid)


@pytest.fixture(scope="session")
def dovecot_server() -> Iterator[Dovecot]:
    program = shutil.which("dovecot", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
    if program is None:
        pytest.skip("the Dovecot program is not installed (Debian: dovecot-imapd)")
    folder = Path(tempfile.mkdtemp(prefix="yizhan-dovecot-"))
    folder.chmod(0o755)
    server = _settings(folder)
    process = subprocess.Popen([program, "-F", "-c", str(folder / "dovecot.conf")])
    try:
        _listening(server, process)
        yield server
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def dovecot(dovecot_server: Dovecot) -> Dovecot:
    dovecot_server.empty()
    return dovecot_server


def _settings(folder: Path) -> Dovecot:
    root = os.geteuid() == 0
    me = pwd.getpwuid(os.geteuid())
    keeper = pwd.getpwnam("nobody") if root else me
    server = Dovecot(folder, _free_port(), keeper.pw_uid, keeper.pw_gid)
    (folder / "users").write_text(f"{server.user}:{{PLAIN}}{server.password}\n")
    (folder / "mail").mkdir()
    os.chown(folder / "mail", server.uid, server.gid)
    names = ("dovecot", "dovenull", "dovecot") if root else (me.pw_name, me.pw_name, str(me.pw_gid))
    internal, login, group = names
    config = CONFIG.format(
        folder=folder, port=server.port, uid=server.uid, gid=server.gid, internal=internal, login=login, group=group
    )
    (folder / "dovecot.conf").write_text(config)
    return server


def _free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


def _listening(server: Dovecot, process: subprocess.Popen[bytes]) -> None:
    for _ in range(400):
        if process.poll() is not None:
            break
        try:
            socket.create_connection(("127.0.0.1", server.port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    log = server.folder / "log"
    pytest.fail(f"Dovecot did not start: {log.read_text()[-2000:] if log.exists() else 'no log'}")
