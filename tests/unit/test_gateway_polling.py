"""Reading a mailbox: at its times of day, in between, on demand, after a failure and after being away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from channels.contract import Accept, Inbound, Polled, TryLater
from gateway.clock import MovedClock
from gateway.failing import Receipts
from gateway.intake import Intake
from gateway.judge import Judge
from gateway.loop import Loop
from gateway.polling import Hands, Polling
from gateway.standing import Ways
from router import slots
from store.db import Database, open_database, table_of
from store.model import Event, Poll
from store.writer import Writer

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
TIMES = ("08:30", "12:30", "17:30")


def local(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


@dataclass
class Mailbox:
    """A channel that is pulled; each poll brings what lies there, or raises what it is told to."""

    name: str = "email:support"
    times: Sequence[str] = TIMES
    every: timedelta | None = None
    lies: list[str] = field(default_factory=list)
    errors: list[Exception] = field(default_factory=list)
    cursors: list[str | None] = field(default_factory=list)
    held: asyncio.Event | None = None

    async def poll(self, cursor: str | None, accept: Accept) -> Polled:
        self.cursors.append(cursor)
        if self.held is not None:
            await self.held.wait()
        if self.errors:
            raise self.errors.pop(0)
        items = [Inbound(key=key, sender="a@b.cn", text=key, raw=b"x") for key in self.lies]
        await accept(items, cursor=str(len(self.lies)))
        return Polled(first=1, last=len(items), count=len(items), generation="9")


@dataclass
class Stand:
    clock: MovedClock
    box: Mailbox
    path: Path
    database: Database
    writer: Writer
    polling: Polling
    loop: Loop
    zone: ZoneInfo
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def rows(self, table: Any) -> list[Any]:
        with self.database.read() as connection:
            return list(connection.execute(select(table_of(table)).order_by(table_of(table).c.id)).mappings())

    def polls(self) -> list[tuple[str, str | None, str | None]]:
        def shown(at: datetime | None) -> str | None:
            return None if at is None else f"{at.astimezone(self.zone):%d %H:%M}"

        return [(cast("str", shown(row["started_at"])), shown(row["slot"]), row["error"]) for row in self.rows(Poll)]

    async def calm(self) -> None:
        calm = 0
        while calm < 3:
            await asyncio.sleep(0.0005)
            calm = calm + 1 if self.loop.idle and not self.writer.pending else 0

    async def run(self, until: datetime) -> None:
        """Let the loop run up to an instant."""
        if not self.tasks:
            self.tasks.append(asyncio.create_task(self.loop.run()))
        await self.calm()
        while (at := self.clock.next()) is not None and at <= until:
            self.clock.move(at)
            await self.calm()
        self.clock.move(until)
        await self.calm()

    async def stop(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        self.tasks.clear()

    async def restart(self, at: datetime) -> None:
        """End, and start again at an instant with what is stored only."""
        await self.stop()
        self.clock.move(at)
        self.build("other")
        self.tasks.append(asyncio.create_task(self.loop.run()))
        await self.calm()

    def build(self, owner: str) -> None:
        intake = Intake(
            self.database, self.writer, cast("Judge", None), cast("Receipts", None), self.clock, ways=Ways(can={})
        )
        hands = Hands(
            database=self.database, writer=self.writer, intake=intake, clock=self.clock, zone=self.zone, owner=owner
        )
        self.polling = Polling(self.box, hands)
        self.loop = Loop("poll", self.clock, self.polling.step)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("polling") / "start.db"
    made = open_database(f"sqlite:///{path}", now=lambda: datetime.now(UTC))
    made.migrate()
    made.close()
    return path.read_bytes()


@pytest.fixture
async def stand(template: bytes, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Stand]:
    start, zone = getattr(request, "param", ("2026-03-02T08:00", SHANGHAI))
    path = tmp_path / "s.db"
    path.write_bytes(template)
    clock = MovedClock(local(start, zone))
    database = open_database(f"sqlite:///{path}", now=clock.now, node=1)
    writer = Writer(database, woken=lambda _names: None)
    writer.start()
    box = Mailbox()
    made = Stand(clock, box, path, database, writer, cast("Polling", None), cast("Loop", None), zone)
    made.build("me")
    yield made
    await made.stop()
    await writer.stop()
    database.close()


async def test_a_new_mailbox_is_read_at_once_and_then_at_its_times(stand: Stand) -> None:
    await stand.run(local("2026-03-03T08:29"))
    assert stand.polls() == [
        ("02 08:00", "01 17:30", None),
        ("02 08:30", "02 08:30", None),
        ("02 12:30", "02 12:30", None),
        ("02 17:30", "02 17:30", None),
    ]
    assert stand.clock.next() == local("2026-03-03T08:30")
    assert stand.rows(Event) == []


async def test_a_row_says_what_was_found_and_where_the_next_look_begins(stand: Stand) -> None:
    stand.box.lies = ["a", "b"]
    await stand.run(local("2026-03-02T08:10"))
    stand.box.lies = ["a", "b", "c"]
    await stand.run(local("2026-03-02T08:40"))
    kept = [(row["generation"], row["first"], row["last"], row["count"]) for row in stand.rows(Poll)]
    assert kept == [("9", 1, 2, 2), ("9", 1, 3, 1)]
    assert stand.box.cursors == [None, "2"]


async def test_a_start_within_a_slot_that_was_served_does_not_read_again(stand: Stand) -> None:
    await stand.run(local("2026-03-02T08:31"))
    await stand.restart(local("2026-03-02T08:40"))
    assert [row[1] for row in stand.polls()] == ["01 17:30", "02 08:30"]


async def test_a_slot_missed_by_minutes_is_made_up_for_without_an_alarm(stand: Stand) -> None:
    await stand.run(local("2026-03-02T08:29"))
    await stand.restart(local("2026-03-02T08:44"))
    assert stand.polls()[1:] == [("02 08:44", "02 08:30", None)]
    assert stand.rows(Event) == []


async def test_every_slot_missed_while_away_is_written_down_and_one_look_makes_up_for_all(stand: Stand) -> None:
    await stand.run(local("2026-03-02T08:31"))
    await stand.restart(local("2026-03-03T12:40"))
    assert stand.polls()[2:] == [
        ("03 12:40", "02 12:30", "missed"),
        ("03 12:40", "02 17:30", "missed"),
        ("03 12:40", "03 08:30", "missed"),
        ("03 12:40", "03 12:30", None),
    ]
    (event,) = stand.rows(Event)
    assert (event["kind"], event["text"]) == (
        "alarm",
        "email:support was not read at 2026-03-02 04:30Z, 2026-03-02 09:30Z, 2026-03-03 00:30Z",
    )
    await stand.restart(local("2026-03-03T12:50"))
    assert len(stand.polls()) == 6
    await stand.restart(local("2026-03-03T17:31"))
    assert stand.polls()[6:] == [("03 17:31", "03 17:30", None)]


async def test_the_last_slot_is_both_missed_and_made_up_for_when_it_is_long_past(stand: Stand) -> None:
    await stand.run(local("2026-03-02T08:31"))
    await stand.restart(local("2026-03-02T14:00"))
    assert stand.polls()[2:] == [("02 14:00", "02 12:30", "missed"), ("02 14:00", "02 12:30", None)]


async def test_weeks_away_are_written_down_up_to_a_month(stand: Stand) -> None:
    await stand.run(local("2026-03-02T08:31"))
    await stand.restart(local("2026-05-02T09:00"))
    missed = [row for row in stand.polls() if row[2] == "missed"]
    assert len(missed) == 31 * 3
    assert missed[-1][1] == "02 08:30"


async def test_a_mailbox_that_fails_is_tried_each_minute_and_its_slot_stays_open(stand: Stand) -> None:
    await stand.run(local("2026-03-02T08:29"))
    stand.box.errors = [TryLater("no route")] * 17
    await stand.run(local("2026-03-02T09:00"))
    rows = stand.polls()[1:]
    assert [row for row in rows if row[2] == "missed"] == [("02 08:45", "02 08:30", "missed")]
    tries = [row for row in rows if row[2] != "missed"]
    assert tries[:17] == [(f"02 08:{30 + n}", "02 08:30", "TryLater: no route") for n in range(17)]
    assert tries[17:] == [("02 08:47", "02 08:30", None)]
    assert [row["kind"] for row in stand.rows(Event)] == ["alarm"]


async def test_a_slot_that_failed_before_the_end_of_the_process_is_seen_after_it(stand: Stand) -> None:
    await stand.run(local("2026-03-02T08:29"))
    stand.box.errors = [TryLater("no route")] * 5
    await stand.run(local("2026-03-02T08:33"))
    stand.box.errors = []
    await stand.restart(local("2026-03-02T12:30"))
    assert stand.polls()[-2:] == [("02 12:30", "02 08:30", "missed"), ("02 12:30", "02 12:30", None)]


async def test_a_mistake_of_the_adapter_is_a_failed_look_whose_words_are_kept_back(stand: Stand) -> None:
    stand.box.errors = [KeyError("private")]
    await stand.run(local("2026-03-02T08:02"))
    (first, second) = stand.polls()
    assert (first[2] or "").startswith("KeyError at ")
    assert "private" not in (first[2] or "")
    assert second == ("02 08:01", "01 17:30", None)
    assert stand.loop.failures == 0


async def test_it_is_read_in_between_where_that_is_wished(stand: Stand) -> None:
    stand.box.every = timedelta(minutes=20)
    await stand.run(local("2026-03-02T09:15"))
    assert [row[:2] for row in stand.polls()] == [
        ("02 08:00", "01 17:30"),
        ("02 08:20", None),
        ("02 08:30", "02 08:30"),
        ("02 08:50", None),
        ("02 09:10", None),
    ]


async def test_looks_in_between_keep_their_time_over_a_start(stand: Stand) -> None:
    stand.box.every = timedelta(minutes=20)
    await stand.run(local("2026-03-02T08:10"))
    await stand.restart(local("2026-03-02T08:15"))
    await stand.run(local("2026-03-02T08:21"))
    assert [row[0] for row in stand.polls()] == ["02 08:00", "02 08:20"]


async def test_a_look_in_between_that_fails_is_tried_each_minute(stand: Stand) -> None:
    stand.box.every = timedelta(minutes=20)
    await stand.run(local("2026-03-02T08:10"))
    stand.box.errors = [TryLater("no route")] * 2
    await stand.run(local("2026-03-02T08:25"))
    assert [row[0] for row in stand.polls()] == ["02 08:00", "02 08:20", "02 08:21", "02 08:22"]


async def test_a_mailbox_without_times_is_read_in_between_only(stand: Stand) -> None:
    stand.box.times, stand.box.every = (), timedelta(minutes=30)
    await stand.run(local("2026-03-02T09:05"))
    assert [row[:2] for row in stand.polls()] == [("02 08:00", None), ("02 08:30", None), ("02 09:00", None)]


def ask(stand: Stand) -> None:
    stand.polling.asked = True
    stand.loop.wake()


async def test_it_is_read_on_demand(stand: Stand) -> None:
    await stand.run(local("2026-03-02T08:10"))
    ask(stand)
    await stand.calm()
    assert stand.polls()[1:] == [("02 08:10", None, None)]
    assert stand.clock.next() == local("2026-03-02T08:30")


async def test_a_demand_during_a_look_leads_to_another(stand: Stand) -> None:
    stand.box.held = asyncio.Event()
    stand.tasks.append(asyncio.create_task(stand.loop.run()))
    while not stand.box.cursors:  # noqa: ASYNC110 - nothing tells it
        await asyncio.sleep(0.001)
    ask(stand)
    stand.box.held.set()
    await stand.calm()
    assert [row[1] for row in stand.polls()] == ["01 17:30", None]


async def test_a_demand_that_failed_is_not_forgotten(stand: Stand) -> None:
    await stand.run(local("2026-03-02T08:10"))
    stand.box.errors = [TryLater("no route")]
    ask(stand)
    await stand.run(local("2026-03-02T08:20"))
    assert stand.polls()[1:] == [("02 08:10", None, "TryLater: no route"), ("02 08:11", None, None)]


@pytest.mark.parametrize(
    ("now", "zone", "latest", "upcoming"),
    [
        ("2026-03-02T08:29", SHANGHAI, "2026-03-01T09:30Z", "2026-03-02T00:30Z"),
        ("2026-03-02T08:30", SHANGHAI, "2026-03-02T00:30Z", "2026-03-02T04:30Z"),
        ("2026-03-02T23:59", SHANGHAI, "2026-03-02T09:30Z", "2026-03-03T00:30Z"),
        ("2026-03-28T20:00", BERLIN, "2026-03-28T16:30Z", "2026-03-29T06:30Z"),
        ("2026-10-24T20:00", BERLIN, "2026-10-24T15:30Z", "2026-10-25T07:30Z"),
    ],
)
def test_slots_stand_on_the_clock_of_the_site(now: str, zone: ZoneInfo, latest: str, upcoming: str) -> None:
    at = local(now, zone)
    assert slots.latest(TIMES, zone, at) == datetime.fromisoformat(latest)
    assert slots.upcoming(TIMES, zone, at) == datetime.fromisoformat(upcoming)


def test_an_hour_that_comes_twice_has_its_slot_once() -> None:
    first, second = datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert slots.latest(("02:30",), BERLIN, first) == first
    assert slots.latest(("02:30",), BERLIN, second + timedelta(minutes=10)) == first
    assert slots.at(second.astimezone(BERLIN), "02:30").astimezone(UTC) == first
    next_day = datetime(2026, 10, 26, 1, 30, tzinfo=UTC)
    assert slots.upcoming(("02:30",), BERLIN, second - timedelta(minutes=10)) == next_day


def test_an_hour_that_is_left_out_still_has_its_slot() -> None:
    jump = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert slots.between(("02:30",), BERLIN, jump - timedelta(hours=12), jump + timedelta(hours=12)) == [jump]


def test_without_times_there_are_no_slots() -> None:
    now = datetime(2026, 3, 2, tzinfo=UTC)
    assert (slots.latest((), SHANGHAI, now), slots.upcoming((), SHANGHAI, now)) == (None, None)


def test_a_time_written_twice_is_one_slot() -> None:
    now = datetime(2026, 3, 2, tzinfo=UTC)
    assert len(slots.between(("08:30", "08:30"), SHANGHAI, now, now + timedelta(days=1))) == 1
