"""What the sweep and the watch ask of the store, on both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from store import notices, pulses, sweep, tickets, timers
from store.db import Database
from store.model import Clock, Event, Page, Ticket, Timer
from store.pulses import Beat
from store.work import Work
from store.writer import Writer

HOUR = timedelta(hours=1)


async def keep(writer: Writer, *rows: Any) -> None:
    def move(tx: Any, items: Any) -> list[None]:
        work = Work(tx)
        for row in rows:
            work.add(row)
        work.flush()
        return [None] * len(items)

    await writer.do(move, None)


def ticket(ident: int, state: str, now: Any, **more: Any) -> Ticket:
    given = {"kind": "fault", "channel": "sms:main", "opened_at": now, "heard_at": now, "round": 1, **more}
    return Ticket(id=ident, number=ident, state=state, **given)


def timer(ident: int, kind: str, of: int | None, due: Any, **more: Any) -> Timer:
    return Timer(id=ident, kind=kind, ticket_id=of, due=due, **more)


def clock(ident: int, of: int, kind: str, now: Any, **more: Any) -> Clock:
    return Clock(id=ident, ticket_id=of, kind=kind, started_at=now, due_at=now + HOUR, **more)


async def test_tickets_are_walked_in_pages_of_one_state(database: Database, writer: Writer) -> None:
    now = database.now()
    states = ["paging", "taken", "paging", "paging", "closed"]
    await keep(writer, *(ticket(ident, state, now) for ident, state in enumerate(states, 1)))
    with database.read() as connection:
        assert sweep.page(connection, "paging", 0, limit=2) == [1, 3]
        assert sweep.page(connection, "paging", 3, limit=2) == [4]
        assert sweep.page(connection, "taken", 2) == []


async def test_what_is_missing_is_found_and_what_is_planned_is_not(database: Database, writer: Writer) -> None:
    now = database.now()
    later = now + HOUR
    await keep(
        writer,
        ticket(1, "paging", now),
        timer(11, "step", 1, later, round=1),
        ticket(2, "paging", now),
        timer(12, "step", 2, later, round=0),  # of an earlier round
        ticket(3, "taken", now),
        timer(13, "receipt", 3, later),  # plans nothing
        ticket(4, "taken", now),
        timer(14, "untouched", 4, later),
        ticket(5, "resolved", now),
        clock(21, 1, "respond", now),
        timer(15, "clock", 1, later, about="respond", part=0.5),
        clock(22, 3, "arrive", now, stopped_at=now),
        clock(23, 4, "arrive", now),
        timer(16, "clock", 4, later, about="arrive", part=1.0),
        clock(24, 4, "resolve", now, paused_at=now),
        clock(25, 5, "arrive", now),
    )
    every = [1, 2, 3, 4, 5]
    with database.read() as connection:
        assert [row["id"] for row in sweep.rungless(connection, every)] == [2]
        assert [row["id"] for row in sweep.dueless(connection, every)] == [3]
        assert [row["id"] for row in sweep.unguarded(connection, every)] == [21]


async def test_late_due_times_and_those_of_no_ticket_are_found(database: Database, writer: Writer) -> None:
    now = database.now()
    await keep(
        writer,
        timer(1, "drill", None, now - HOUR, about="weekly"),
        timer(2, "drill", None, now + HOUR, about="ask li sms"),
        timer(3, "step", 7, now - 2 * HOUR),
    )
    with database.read() as connection:
        assert [row["id"] for row in sweep.late_timers(connection, now)] == [3, 1]
        assert [one.id for one in timers.of_kind(connection, "drill")] == [1, 2]


async def test_a_sign_of_life_never_goes_back_and_keeps_whether_it_is_missed(
    database: Database, writer: Writer
) -> None:
    now = database.now()
    await writer.do(pulses.beat, Beat(name="sms:main", at=now, note="a text left"))
    await writer.do(pulses.beat, Beat(name="sms:main", at=now - HOUR, note="old"))
    await writer.do(pulses.missed, ("sms:main", True))
    await writer.do(pulses.beat, Beat(name="sms:main", at=now + HOUR, note="a receipt came"))
    with database.read() as connection:
        (one,) = pulses.pulses(connection)
    assert (one.at, one.note, one.alarmed_at is not None) == (now + HOUR, "a receipt came", True)
    await writer.do(pulses.missed, ("sms:main", False))
    with database.read() as connection:
        (one,) = pulses.pulses(connection)
        server = pulses.server_now(connection)
    assert (one.at, one.alarmed_at) == (now + HOUR, None)
    assert (server is not None) is database.shared


@pytest.mark.parametrize("level", [1, 2])
async def test_pages_beyond_their_time_are_counted(database: Database, writer: Writer, level: int) -> None:
    now = database.now()
    await keep(
        writer,
        ticket(1, "paging", now, level=level),
        Page(id=1, ticket_id=1, person="zhang", round=1, asked_at=now),
        Page(id=2, ticket_id=1, person="li", round=0, asked_at=now),
        clock(1, 1, "respond", now - 2 * HOUR),
        clock(2, 1, "arrive", now - 2 * HOUR),
        ticket(2, "taken", now, level=1),
        Page(id=3, ticket_id=2, person="zhang", round=1, asked_at=now),
        Event(id=1, at=now, kind="alarm", text="opt-out word: TD"),
        Event(id=2, at=now, kind="alarm", text="another"),
        Event(id=3, at=now - 2 * HOUR, kind="alarm", text="opt-out word: R"),
    )
    with database.read() as connection:
        assert tickets.unanswered(connection, now) == 1
        assert tickets.unanswered(connection, now - 2 * HOUR) == 0
        assert tickets.urgent_pages(connection) is (level == 1)
        assert sorted(tickets.overdue(connection, now)) == [("arrive", 1), ("respond", 1)]
        assert sorted(tickets.counted(connection)) == [("paging", level, 1), ("taken", 1, 1)]
        assert [one.id for one in notices.alarms(connection, now - HOUR, begins="opt-out word:")] == [1]
