"""What the gateway makes of its own state: silent accounts, whole cycles, tickets that nobody touches."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from router.settings import RouterSettings
from router.watch import Cycle, Turned, broken, heard, remind_at
from store.model import Pulse, Ticket

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
GOOD = Turned(name="send", failures=0, last_good=NOW - timedelta(seconds=20), busy_since=None)
WHOLE = Cycle(
    begun=NOW - MINUTE,
    now=NOW,
    loops=[GOOD],
    wrote=True,
    swept=NOW - timedelta(seconds=40),
    sweeps_every=MINUTE,
    oldest_page=None,
    oldest_timer=None,
)


def pulse(age: timedelta, *, missed: bool = False, name: str = "email:support") -> Pulse:
    return Pulse(id=1, name=name, at=NOW - age, alarmed_at=NOW - HOUR if missed else None)


@pytest.mark.parametrize(
    ("known", "said"),
    [
        pytest.param(pulse(5 * HOUR), [], id="heard of in time"),
        pytest.param(pulse(6 * HOUR), [], id="just in time"),
        pytest.param(pulse(7 * HOUR), [(True, 420)], id="too long ago"),
        pytest.param(pulse(7 * HOUR, missed=True), [], id="missed and told already"),
        pytest.param(pulse(MINUTE, missed=True), [(False, 1)], id="missed and heard of again"),
        pytest.param(pulse(99 * HOUR, name="sms:main"), [], id="nobody waits for it"),
    ],
)
def test_an_account_that_falls_silent_is_told_of_once_and_so_is_its_return(
    known: Pulse, said: list[tuple[bool, int]]
) -> None:
    found = heard([known], {"email:support": 6 * HOUR}, NOW)
    assert [(one.silent, one.minutes) for one in found] == said


@pytest.mark.parametrize(
    ("cycle", "why"),
    [
        pytest.param(WHOLE, [], id="a whole cycle"),
        pytest.param(
            replace(WHOLE, loops=[replace(GOOD, last_good=NOW - HOUR)]), [], id="a loop that had nothing to do"
        ),
        pytest.param(replace(WHOLE, loops=[replace(GOOD, failures=1)]), [], id="a loop that failed after a good step"),
        pytest.param(
            replace(WHOLE, loops=[replace(GOOD, failures=4, last_good=NOW - HOUR)]),
            ["loop send failed 4 times in a row"],
            id="a loop that only fails",
        ),
        pytest.param(
            replace(WHOLE, loops=[replace(GOOD, busy_since=NOW - HOUR, last_good=NOW - HOUR)]),
            ["loop send is at the same step all the time"],
            id="a loop that hangs",
        ),
        pytest.param(
            replace(WHOLE, loops=[replace(GOOD, busy_since=NOW - timedelta(seconds=5))]), [], id="a loop at work"
        ),
        pytest.param(replace(WHOLE, wrote=False), ["no command could be written"], id="a store that takes nothing"),
        pytest.param(replace(WHOLE, swept=None), ["the sweep did not run"], id="never swept"),
        pytest.param(replace(WHOLE, swept=NOW - 3 * MINUTE), ["the sweep did not run"], id="not swept for long"),
        pytest.param(replace(WHOLE, oldest_page=NOW - MINUTE), [], id="a page due for a minute"),
        pytest.param(
            replace(WHOLE, oldest_page=NOW - timedelta(seconds=61)), ["a page is overdue by 61 s"], id="a late page"
        ),
        pytest.param(
            replace(WHOLE, oldest_timer=NOW - 2 * MINUTE), ["a due time is overdue by 120 s"], id="a late due time"
        ),
        pytest.param(replace(WHOLE, oldest_timer=NOW + HOUR), [], id="a due time ahead"),
    ],
)
def test_the_outside_hears_only_of_whole_cycles(cycle: Cycle, why: list[str]) -> None:
    assert broken(cycle) == why


SETTINGS = RouterSettings.model_validate(
    {
        "time_zone": "Asia/Shanghai",
        "people": {"zhang": {"name": "张三", "addresses": {"tel": "+8613800000101"}}},
        "rota": {"lead": "zhang"},
    }
)


@pytest.mark.parametrize(
    ("touched", "now", "at"),
    [
        pytest.param("2026-11-24T10:00", "2026-11-24T10:00", "2026-11-25T10:00", id="a day later"),
        pytest.param("2026-11-24T03:00", "2026-11-24T03:00", "2026-11-25T08:30", id="not in the night"),
        pytest.param("2026-11-27T16:00", "2026-11-27T16:00", "2026-11-30T08:30", id="not at the weekend"),
        pytest.param("2026-11-20T10:00", "2026-11-24T12:30", "2026-11-24T13:30", id="long ago, but after the break"),
    ],
)
def test_a_ticket_that_nothing_is_planned_for_is_brought_to_mind_in_office_hours(
    touched: str, now: str, at: str
) -> None:
    def instant(text: str) -> datetime:
        return datetime.fromisoformat(f"{text}+08:00").astimezone(UTC)

    opened = instant("2026-11-02T10:00")
    ticket = Ticket(
        id=1, number=1, kind="consultation", channel="x", opened_at=opened, heard_at=opened, touched_at=instant(touched)
    )
    assert remind_at(ticket, SETTINGS, instant(now)) == instant(at)
