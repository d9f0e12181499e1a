"""Group commit: many commands in one transaction, and each answered as if it were alone."""

import asyncio
import traceback
from collections.abc import Sequence

import pytest
from sqlalchemy import insert, select

from store.batch import Failed, run
from store.db import Database, StoreRefused, table_of
from store.model import Counter, Lease
from store.writer import Tx, Writer, exclusive

COUNTERS = table_of(Counter)


def write(tx: Tx, names: Sequence[str]) -> list[str]:
    tx.connection.execute(insert(COUNTERS), [{"name": name, "value": len(names)} for name in names])
    tx.wake("written")
    return [name.upper() for name in names]


def refuse(tx: Tx, names: Sequence[str]) -> list[str]:
    tx.wake("refused")
    tx.connection.execute(insert(COUNTERS), [{"name": f"trace of {name}", "value": 0} for name in names])
    if "bad" in names:
        raise ValueError("bad is refused")
    return [f"refuse {name}" for name in names]


def forget(_tx: Tx, names: Sequence[str]) -> list[str]:
    return list(names[1:])


def kept(database: Database) -> dict[str, int]:
    with database.read() as connection:
        return {row.name: row.value for row in connection.execute(select(COUNTERS).where(COUNTERS.c.name != "node"))}


def play(database: Database, commands, **options):
    with database.engine.connect() as connection:
        return run(connection, database, commands, **options)


def test_commands_of_one_move_are_written_together_and_answered_in_order(database: Database):
    answers, names = play(database, [(write, "c"), (refuse, "x"), (write, "a"), (write, "b")])
    assert answers == ["C", "refuse x", "A", "B"]
    assert kept(database) == {"c": 3, "a": 3, "b": 3, "trace of x": 0}
    assert names == {"written", "refused"}


def test_a_command_that_raises_fails_alone(database: Database):
    answers, names = play(database, [(write, "a"), (refuse, "bad"), (refuse, "good"), (write, "b")])
    assert [answers[0], answers[2], answers[3]] == ["A", "refuse good", "B"]
    assert isinstance(answers[1], Failed)
    assert str(answers[1].error) == "bad is refused"
    assert kept(database) == {"a": 2, "b": 2, "trace of good": 0}
    assert names == {"written", "refused"}


def test_a_command_that_the_database_refuses_fails_alone(database: Database):
    play(database, [(write, "taken")])
    answers, _ = play(database, [(write, "new"), (write, "taken"), (write, "newer")])
    assert [answers[0], answers[2]] == ["NEW", "NEWER"]
    assert isinstance(answers[1].error, StoreRefused)
    assert kept(database) == {"taken": 1, "new": 1, "newer": 1}


def test_nothing_is_woken_by_a_command_that_failed(database: Database):
    answers, names = play(database, [(refuse, "bad")])
    assert isinstance(answers[0], Failed)
    assert names == frozenset()
    assert kept(database) == {}


def test_a_move_that_loses_an_answer_is_a_mistake_and_keeps_nothing(database: Database):
    answers, _ = play(database, [(forget, "a"), (write, "b")])
    assert isinstance(answers[0], Failed)
    assert "0 answers to 1 commands" in str(answers[0].error)
    assert kept(database) == {"b": 1}


def test_an_error_does_not_show_what_was_to_be_written(database: Database):
    play(database, [(write, "taken")])
    answers, _ = play(database, [(lambda tx, rows: tx.connection.execute(insert(Lease), rows), {"name": "密码 1234"})])
    shown = "".join(traceback.format_exception(answers[0].error))
    assert "lease.owner" in shown or '"owner" of relation "lease"' in shown
    assert "1234" not in shown


async def test_what_waits_goes_into_one_transaction(database: Database):
    woken: list[frozenset[str]] = []
    writer = Writer(database, woken=woken.append)
    writer.start()
    names = [f"n{number:02}" for number in range(40)]
    answers = await asyncio.gather(*(writer.do(write, name) for name in names))
    await writer.stop()
    assert answers == [name.upper() for name in names]
    sizes = kept(database)
    assert sorted(sizes) == names
    assert len(woken) < len(names)
    assert sum(1 / size for size in sizes.values()) == pytest.approx(len(woken))


async def test_a_batch_is_never_larger_than_allowed(database: Database):
    writer = Writer(database, woken=lambda _: None, most=3)
    writer.start()
    await asyncio.gather(*(writer.do(write, f"n{number}") for number in range(20)))
    await writer.stop()
    assert max(kept(database).values()) == 3


async def test_a_caller_hears_its_own_failure_and_the_others_nothing_of_it(writer: Writer, database: Database):
    answers = await asyncio.gather(
        *(writer.do(refuse, name) for name in ("a", "bad", "b")), writer.do(write, "c"), return_exceptions=True
    )
    assert [answers[0], answers[2], answers[3]] == ["refuse a", "refuse b", "C"]
    assert repr(answers[1]) == "ValueError('bad is refused')"


async def test_a_caller_that_went_away_disturbs_nobody(writer: Writer, database: Database):
    gone = asyncio.create_task(writer.do(write, "gone"))
    await asyncio.sleep(0)
    gone.cancel()
    assert await writer.do(write, "stayed") == "STAYED"
    assert {"gone", "stayed"} == set(kept(database))


async def test_stopping_writes_what_waits_and_then_refuses(database: Database):
    writer = Writer(database, woken=lambda _: None)
    writer.start()
    waiting = [asyncio.create_task(writer.do(write, f"n{number}")) for number in range(5)]
    await asyncio.sleep(0)
    assert writer.pending == 5
    await writer.stop()
    assert [await one for one in waiting] == ["N0", "N1", "N2", "N3", "N4"]
    assert writer.pending == 0
    with pytest.raises(Exception, match="stopping"):
        await writer.do(write, "late")


@exclusive
def count_up(tx: Tx, items: Sequence[int]) -> list[int]:
    """Reads and writes in two steps, which is wrong unless it is alone."""
    row = tx.connection.execute(select(COUNTERS.c.value).where(COUNTERS.c.name == "n")).scalar()
    if row is None:
        tx.connection.execute(insert(COUNTERS), {"name": "n", "value": len(items)})
        return list(range(1, len(items) + 1))
    tx.connection.execute(COUNTERS.update().where(COUNTERS.c.name == "n").values(value=row + len(items)))
    return [row + number for number in range(1, len(items) + 1)]


@pytest.mark.parametrize("kind", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
async def test_exclusive_moves_of_two_processes_follow_each_other(url, opened):
    writers = [Writer(opened(url), woken=lambda _: None, most=2) for _ in range(2)]
    for writer in writers:
        writer.start()
    numbers = await asyncio.gather(*(writer.do(count_up, 0) for writer in writers for _ in range(30)))
    for writer in writers:
        await writer.stop()
    assert sorted(numbers) == list(range(1, 61))


@pytest.mark.parametrize("kind", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
async def test_plain_moves_do_not_wait_for_the_exclusive_lock(url, opened, database: Database, writer: Writer):
    with database.engine.begin() as holder:
        holder.exec_driver_sql("SELECT pg_advisory_xact_lock(7318349394477057)")
        late = asyncio.create_task(writer.do(count_up, 0))
        assert await writer.do(write, "a") == "A"
        assert not late.done()
    assert await late == 1
