"""Tickets a second out of a mailbox on a real Dovecot, beside django-helpdesk's `get_email` on the same mails."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bench.databases import databases
from bench.measure import Machine, median_ratio, put, spread, talk
from bench.peers import Absent, peer
from bench.peers import folder as peers_folder
from bench.product import Gateway, free_port
from store.db import open_database


def add(commands: Any) -> None:
    reader = commands.add_parser("mailbox", help=__doc__)
    reader.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    reader.add_argument("--rounds", type=int, default=3)
    reader.add_argument("--mails", type=int, default=1000)
    reader.add_argument("--venv", default=os.environ.get("YIZHAN_HELPDESK_VENV"), help="of django-helpdesk; kept")
    reader.add_argument("--sample", default="", metavar="FILE", help="where the gateway's time goes")
    reader.set_defaults(run=run)


def run(given: argparse.Namespace) -> None:
    machine, ours, theirs = Machine(), [], []
    library = peer("benchlib")
    mails = library.make_mails(given.mails, seed=7)
    with tempfile.TemporaryDirectory(prefix="bench-mailbox-") as place:
        folder = Path(place)
        folder.chmod(0o755)
        with databases(given.database, folder) as fresh, dovecot(library, place) as server:
            for number in range(given.rounds):
                machine.note()
                theirs.append(helpdesk(given, given.venv or str(folder / "venv")))
                server.empty("support")
                server.deliver("support", mails)
                ours.append(asyncio.run(product(given, server, folder, fresh())))
                talk(f"round {number + 1}: ours {ours[-1]}  django-helpdesk {theirs[-1]}")
    put(
        {
            "bench": "mailbox",
            "database": given.database,
            "mails": given.mails,
            "mails_per_s": spread([one["rate"] for one in ours], 0),
            "stored_per_s": spread([one["stored"] for one in ours], 0),
            "tickets": spread([one["tickets"] for one in ours], 0),
            "helpdesk_per_s": spread(theirs, 1),
            "ratio": median_ratio([one["rate"] for one in ours], theirs),
            "goal": {"ratio": 8},
            "machine": machine.row(),
        }
    )


@contextlib.contextmanager
def dovecot(library: Any, place: str) -> Iterator[Any]:
    try:
        server = library.Dovecot(place)
    except SystemExit as missing:
        raise Absent(str(missing)) from None
    with server:
        yield server


def helpdesk(given: argparse.Namespace, venv: str) -> float:
    """Tickets a second of the whole command without the start of Python, which ours does not pay either."""
    kind = "postgres" if given.database == "postgresql" else "sqlite"
    script = str(peers_folder() / "peer_django_helpdesk.py")
    command = [sys.executable, script, "-n", str(given.mails), "--repeats", "1", "--venv", venv, "--db", kind]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Absent(f"django-helpdesk does not run here: {done.stderr[-300:]}")
    return float(json.loads(done.stdout)["tickets_per_s_without_startup"]["median"])


async def product(given: argparse.Namespace, server: Any, folder: Path, url: str) -> dict[str, float]:
    """From the beginning of the first look into the mailbox until every mail is judged."""
    async with _sink() as port:
        (folder / "mail").write_text(server.password)
        account = {
            "address": "support@example.org",
            "user": "support",
            "password": {"file": str(folder / "mail")},
            "every_minutes": 1,
            "imap": {"host": "127.0.0.1", "port": server.port, "tls": False},
            "smtp": {"host": "127.0.0.1", "port": port, "tls": "none", "login": False},
        }
        gateway = Gateway(folder=folder, url=url, sample=given.sample, channels={"email": {"main": account}})
        try:
            await asyncio.to_thread(gateway.start)
            return await asyncio.to_thread(watched, given, url)
        finally:
            await asyncio.to_thread(gateway.stop)


def watched(given: argparse.Namespace, url: str, patience: float = 300.0) -> dict[str, float]:
    database = open_database(url, now=lambda: datetime.now(UTC), writes=False)
    stored_at, end = 0.0, time.monotonic() + patience
    try:
        while time.monotonic() < end:
            time.sleep(0.02)
            with contextlib.suppress(DBAPIError), database.read() as connection:
                kept, new = connection.execute(text(COUNTS)).one()
                now = time.time()
                stored_at = stored_at or (now if kept >= given.mails else 0.0)
                if kept >= given.mails and not new:
                    begun = moment(connection.execute(text("SELECT min(started_at) FROM poll")).scalar_one())
                    tickets = connection.execute(text("SELECT count(*) FROM ticket")).scalar_one()
                    rate = given.mails / (now - begun)
                    return {"rate": round(rate), "stored": round(given.mails / (stored_at - begun)), "tickets": tickets}
    finally:
        database.close()
    raise RuntimeError("the mailbox was not read to its end")


COUNTS = """
SELECT count(*), coalesce(sum(CASE WHEN state = 'new' THEN 1 ELSE 0 END), 0) FROM message WHERE direction = 'in'
"""


def moment(value: Any) -> float:
    """Seconds since 1970 of a column; SQLite gives text."""
    found = datetime.fromisoformat(value) if isinstance(value, str) else value
    return float((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp())


@contextlib.asynccontextmanager
async def _sink() -> Any:
    """A mail server that takes everything and keeps nothing."""
    from aiosmtpd.handlers import Sink
    from aiosmtpd.smtp import SMTP

    port = free_port()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Sink(), hostname="sink.example"), "127.0.0.1", port)
    try:
        yield port
    finally:
        server.close()
