"""Real databases for the store: a SQLite file, and a private PostgreSQL server that ends with the session."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

from store.db import Database, open_database
from store.writer import Writer

_numbers = count(1)


def _programs() -> Path:
    found = shutil.which("postgres") or next(
        (str(path) for path in sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), reverse=True)), None
    )
    if found is None:
        pytest.skip("PostgreSQL's server program `postgres` is not installed")
    return Path(found).resolve().parent


class Server:
    """One private cluster on a free loopback port; durability is off, since only the tests read it."""

    def __init__(self) -> None:
        self._bin = _programs()
        self._folder = Path(tempfile.mkdtemp(prefix="yizhan-pg-"))
        self._rights: dict[str, Any] = {}
        if os.geteuid() == 0:  # the server refuses to run as root
            user = pwd.getpwnam("postgres")
            os.chown(self._folder, user.pw_uid, user.pw_gid)
            self._rights = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None
        arguments = ["-D", str(self._data), "-U", "tests", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"]
        subprocess.run([self._bin / "initdb", *arguments], check=True, capture_output=True, **self._settings())

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def _settings(self) -> dict[str, Any]:
        return {"cwd": self._folder, **self._rights}

    def url(self, name: str) -> str:
        return f"postgresql://tests@127.0.0.1:{self.port}/{name}"

    def start(self) -> None:
        options = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": "",
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "max_connections": 60,
            "shared_buffers": "32MB",
        }
        arguments = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        self._process = subprocess.Popen(
            [self._bin / "postgres", "-D", self._data, *arguments],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **self._settings(),
        )
        end = time.monotonic() + 20
        while True:
            try:
                psycopg.connect(self.url("postgres"), connect_timeout=2).close()
                return
            except psycopg.OperationalError:
                assert time.monotonic() < end, "the private PostgreSQL server did not start"
                time.sleep(0.02)

    def stop(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(20)
            self._process = None

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self._folder)

    def run(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)


@contextmanager
def _server() -> Iterator[Server]:
    server = Server()
    try:
        server.start()
        yield server
    finally:
        server.remove()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """The session's server, with an up-to-date database to copy."""
    with _server() as server:
        server.run("CREATE DATABASE template")
        made = open_database(server.url("template"), now=_now)
        made.migrate()
        made.close()
        yield server


@pytest.fixture
def own_postgres() -> Iterator[Server]:
    """A server for one test alone, which may stop it."""
    with _server() as server:
        yield server


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An up-to-date file to copy."""
    path = tmp_path_factory.mktemp("template") / "start.db"
    made = open_database(f"sqlite:///{path}", now=_now)
    made.migrate()
    made.close()
    return path


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Hand:
    """A clock that is moved by hand; it starts at the real time, which PostgreSQL's own clock shows too."""

    at: datetime = field(default_factory=_now)

    def __call__(self) -> datetime:
        return self.at

    def move(self, **length: float) -> datetime:
        self.at += timedelta(**length)
        return self.at


@pytest.fixture
def clock() -> Hand:
    return Hand()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def kind(request: pytest.FixtureRequest) -> str:
    """Which database the test runs on."""
    return str(request.param)


@pytest.fixture
def empty_url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An address where nothing is yet."""
    if kind == "sqlite":
        yield f"sqlite:///{tmp_path / 'store.db'}"
        return
    server: Server = request.getfixturevalue("postgres")
    name = f"empty{next(_numbers)}"
    server.run(f"CREATE DATABASE {name}")
    yield server.url(name)
    server.run(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a fresh database with all tables."""
    if kind == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "store.db")
        yield f"sqlite:///{tmp_path / 'store.db'}"
        return
    server: Server = request.getfixturevalue("postgres")
    name = f"test{next(_numbers)}"
    server.run(f"CREATE DATABASE {name} TEMPLATE template")
    yield server.url(name)
    server.run(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def database(url: str, clock: Hand) -> Iterator[Database]:
    opened = open_database(url, now=clock, node=1)
    yield opened
    opened.close()


@pytest.fixture
async def writer(database: Database) -> AsyncIterator[Writer]:
    """A running writer."""
    running = Writer(database, woken=lambda _names: None)
    running.start()
    yield running
    await running.stop()


@pytest.fixture
def opened() -> Iterator[Callable[..., Database]]:
    """Opens more databases and closes them afterwards."""
    made: list[Database] = []

    def open_more(url: str, **options: object) -> Database:
        made.append(open_database(url, **{"now": _now, **options}))  # type: ignore[arg-type]
        return made[-1]

    yield open_more
    for one in made:
        one.close()
