"""Opening, being refused, losing the database and finding it again, and copying it while it is written."""

import asyncio
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import event, func, insert, select, text
from sqlalchemy.exc import DBAPIError

from store import inbox, sqlite_file
from store.backup import BackupFailed, backup
from store.db import Database, OutcomeUnknown, StoreLocked, StoreMisplaced, StoreUnavailable, open_database, table_of
from store.inbox import Arrival, Bring
from store.model import Counter, Lease, Message
from store.notify import Notifier
from store.writer import Writer

ROOT = Path(__file__).resolve().parents[2]
ON_SQLITE = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
ON_POSTGRES = pytest.mark.parametrize("kind", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)


def bring(database: Database, key: str) -> Bring:
    return Bring(items=(Arrival(channel="sms:main", key=key, at=database.now(), sender="x", text="断了"),))


@ON_SQLITE
def test_a_second_writer_of_a_file_is_refused_with_the_cure(url, database: Database, tmp_path):
    code = f"""
from datetime import UTC, datetime
from store.db import open_database, StoreLocked
try:
    open_database({url!r}, now=lambda: datetime.now(UTC))
except StoreLocked as refused:
    print(refused)
"""
    other = subprocess.run(  # noqa: PLW1510
        [sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True
    )
    assert other.stderr == ""
    path = tmp_path / "store.db"
    assert other.stdout.startswith(f"{path} is open in another process (lock file {path}.lock); stop the other")
    with pytest.raises(StoreLocked):
        open_database(url, now=database.now)


@ON_SQLITE
def test_a_file_that_was_closed_can_be_opened_again(url, clock):
    open_database(url, now=clock).close()
    again = open_database(url, now=clock)
    with again.read() as connection:
        assert connection.execute(text("SELECT 1")).scalar() == 1
    again.close()


@ON_SQLITE
def test_a_reader_may_look_beside_the_writer(url, database: Database, opened):
    with database.engine.begin() as connection:
        connection.execute(insert(table_of(Counter)), {"name": "a", "value": 1})
        with opened(url, writes=False).read() as other:
            assert other.execute(select(func.count()).select_from(table_of(Counter))).scalar() == 0


def test_a_reading_connection_cannot_write(database: Database):
    with pytest.raises((DBAPIError, StoreUnavailable), match=r"read-?only"), database.read() as connection:
        connection.execute(insert(table_of(Counter)), {"name": "a", "value": 1})


def test_the_file_can_be_read_by_its_owner_alone(tmp_path, clock):
    open_database(f"sqlite:///{tmp_path}/new/store.db", now=clock).close()
    assert [oct(path.stat().st_mode & 0o777) for path in sorted((tmp_path / "new").iterdir())] == ["0o600", "0o600"]


@ON_SQLITE
def test_sqlite_writes_through_to_the_disk(database: Database):
    with database.engine.connect() as connection:
        asked = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")]
    assert asked == ["wal", 2]


def test_a_file_on_a_network_disk_is_refused(tmp_path):
    mounts = tmp_path / "mounts"
    mounts.write_text("disk / ext4 rw 0 0\nserver:/x /srv/share nfs4 rw 0 0\n")
    sqlite_file.refuse_network(Path("/srv/local/store.db"), mounts)
    sqlite_file.refuse_network(Path("/srv/share/store.db"), tmp_path / "unknown")
    with pytest.raises(StoreMisplaced, match=r"lies on nfs4 \(/srv/share\)"):
        sqlite_file.refuse_network(Path("/srv/share/store.db"), mounts)


@pytest.mark.parametrize("address", ["", "sqlite://", "sqlite:///:memory:", "mysql://host/name", "store.db"])
def test_an_address_that_cannot_be_used_is_refused(address, clock):
    with pytest.raises(ValueError, match="sqlite:///path"):
        open_database(address, now=clock)


def test_reading_a_file_that_is_not_there_says_so(tmp_path, clock):
    with pytest.raises(StoreUnavailable, match="there is no database"):
        open_database(f"sqlite:///{tmp_path}/none.db", now=clock, writes=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.postgres
async def test_a_stopped_server_is_unavailable_and_a_started_one_goes_on(own_postgres, opened):
    database = opened(own_postgres.url("postgres"))
    database.migrate()
    writer = Writer(database, woken=lambda _: None)
    writer.start()
    assert (await writer.do(inbox.accept, bring(database, "before")))[0] is not None
    own_postgres.stop()
    lost = await asyncio.gather(
        *(writer.do(inbox.accept, bring(database, f"lost{number}")) for number in range(3)), return_exceptions=True
    )
    assert [type(one) for one in lost] == [StoreUnavailable] * 3
    with pytest.raises(StoreUnavailable), database.read():
        pass
    own_postgres.start()
    assert (await writer.do(inbox.accept, bring(database, "after")))[0] is not None
    with database.read() as connection:
        kept = connection.execute(select(table_of(Message).c.key)).scalars().all()
    await writer.stop()
    assert set(kept) == {"before", "after"}


@ON_POSTGRES
async def test_a_connection_that_died_while_idle_costs_no_command(writer: Writer, database: Database):
    assert (await writer.do(inbox.accept, bring(database, "before")))[0] is not None
    with database.engine.begin() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    assert (await writer.do(inbox.accept, bring(database, "after")))[0] is not None


@ON_POSTGRES
async def test_a_commit_without_an_answer_is_unknown_and_not_done_again(writer: Writer, database: Database):
    assert (await writer.do(inbox.accept, bring(database, "before")))[0] is not None
    runs = []

    def die(tx, items):
        pid = tx.connection.exec_driver_sql("SELECT pg_backend_pid()").scalar()
        runs.append(pid)
        with database.engine.begin() as other:
            other.exec_driver_sql(f"SELECT pg_terminate_backend({pid}, 5000)")
        return items

    with pytest.raises(OutcomeUnknown):
        await writer.do(die, 1)
    assert len(runs) == 1
    assert (await writer.do(inbox.accept, bring(database, "after")))[0] is not None


@ON_SQLITE
async def test_a_full_disk_is_unavailable_and_an_emptied_one_goes_on(database: Database, writer: Writer):
    def limit(raw, _record):
        raw.execute("PRAGMA max_page_count=1")

    big = Bring(items=(Arrival(channel="c", key="big", at=database.now(), sender="x", text="x", raw=b"x" * 10**6),))
    event.listen(database.engine, "connect", limit)
    with pytest.raises(StoreUnavailable, match="full"):
        await writer.do(inbox.accept, big)
    event.remove(database.engine, "connect", limit)
    assert (await writer.do(inbox.accept, big))[0] is not None


@ON_SQLITE
async def test_a_copy_made_while_writing_is_whole(url, database: Database, writer: Writer, tmp_path):
    numbers = iter(range(100_000))
    ending = False

    async def write():
        while not ending:
            await writer.do(inbox.accept, bring(database, f"k{next(numbers)}"))

    tasks = [asyncio.create_task(write()) for _ in range(4)]
    await writer.do(inbox.accept, bring(database, "before"))
    sizes = [await asyncio.to_thread(backup, url, tmp_path / "copies" / "copy.db") for _ in range(2)]
    ending = True
    await asyncio.gather(*tasks)
    assert [path.name for path in (tmp_path / "copies").iterdir()] == ["copy.db"]
    assert sizes[1] == (tmp_path / "copies" / "copy.db").stat().st_size >= sizes[0]
    copy = open_database(f"sqlite:///{tmp_path}/copies/copy.db", now=database.now)
    copy.migrate()
    with copy.read() as connection:
        kept = connection.execute(select(table_of(Message).c.key)).scalars().all()
    copy.close()
    assert "before" in kept
    assert set(kept) <= {"before", *(f"k{number}" for number in range(next(numbers)))}


@ON_SQLITE
@pytest.mark.parametrize(
    ("damage", "said"),
    [
        pytest.param(lambda content: content.replace(b"marker", b"marred", 1), "is damaged", id="one word"),
        pytest.param(lambda content: content[:8192] + b"\x5a" * 65536 + content[73728:], "malformed", id="whole pages"),
        pytest.param(lambda _: b"not a database at all" * 1000, "not a database", id="another file"),
    ],
)
def test_a_damaged_database_does_not_replace_the_last_good_copy(url, tmp_path, database: Database, damage, said):
    with database.engine.begin() as connection:
        connection.execute(insert(table_of(Lease)), {"name": "marker", "owner": "x", "until": 0.0})
    database.close()
    target = tmp_path / "copy.db"
    backup(url, target)
    good = target.read_bytes()
    path = tmp_path / "store.db"
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(BackupFailed, match=said):
        backup(url, target)
    assert target.read_bytes() == good
    assert not list(tmp_path.glob("*.part*")) + list(tmp_path.glob(".*.part*"))


def test_a_backup_of_postgresql_names_its_own_program(tmp_path):
    with pytest.raises(BackupFailed, match="pg_dump"):
        backup("postgresql://host/name", tmp_path / "copy")


def test_a_backup_of_nothing_says_so(tmp_path):
    with pytest.raises(BackupFailed, match="there is no database"):
        backup(f"sqlite:///{tmp_path}/none.db", tmp_path / "copy")


@ON_SQLITE
def test_a_copy_needs_nothing_beside_it(url, database: Database, tmp_path):
    backup(url, tmp_path / "copy.db")
    with sqlite3.connect(tmp_path / "copy.db") as copy:
        assert copy.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    copy.close()


async def _until(condition):
    for _ in range(1000):
        if condition():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it did not happen within five seconds")


@ON_POSTGRES
async def test_what_one_process_woke_is_heard_by_the_others_only(url, opened):
    heard: list[list[frozenset[str]]] = [[], [], []]
    notifiers = [Notifier(opened(url), woken=one.append) for one in heard]
    for notifier in notifiers:
        notifier.start()
    for notifier in notifiers:
        await notifier.listening.wait()
    for name in ("judge", "send", "judge"):
        notifiers[0].tell({name})
    await _until(lambda: heard[1] and heard[2])
    assert heard == [[], [frozenset({"judge", "send"})], [frozenset({"judge", "send"})]]
    notifiers[1].tell({"due"})
    await _until(lambda: heard[0])
    assert heard[0] == [frozenset({"due"})]
    for notifier in notifiers:
        await notifier.stop()


@ON_POSTGRES
async def test_a_lost_connection_listens_again(url, opened, database: Database):
    heard: list[frozenset[str]] = []
    listener = Notifier(opened(url), woken=heard.append, again=0.0)
    speaker = Notifier(opened(url), woken=lambda _: None, again=0.0)
    for one in (listener, speaker):
        one.start()
        await one.listening.wait()
    with database.engine.begin() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )

    def told() -> bool:
        speaker.tell({"judge"})
        return bool(heard)

    await _until(told)
    assert set(heard) == {frozenset({"judge"})}
    for one in (listener, speaker):
        await one.stop()


@ON_SQLITE
async def test_on_sqlite_there_is_nobody_to_tell(database: Database):
    notifier = Notifier(database, woken=lambda _: None)
    notifier.start()
    notifier.tell({"judge"})
    await notifier.stop()
    assert not notifier.listening.is_set()
