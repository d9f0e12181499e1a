"""Broadcasts in a terminal: bars, lines, and words for times and for what stays done."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from gateway.commands import broadcast_shown as shown

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 12, 1, 8, 48, tzinfo=UTC)


def one(state: str = "running", **more: Any) -> dict[str, Any]:
    known: dict[str, Any] = {
        "number": 7,
        "title": "OLT 2.3.1",
        "state": state,
        "author": "li",
        "wave": 2,
        "waves": [5, 41, 206],
        "frozen": 252,
        "expected": 250,
        "why": "",
        "scheduled_at": None,
        "states": {"delivered": 36, "sent": 2, "failed": 2, "unknown": 1, "pending": 206, "skipped": 17},
        "progress": [
            {"wave": 1, "size": 5, "states": {"delivered": 5}},
            {"wave": 2, "size": 41, "states": {"delivered": 31, "sent": 2, "failed": 2, "unknown": 1, "queued": 5}},
        ],
        "package": {"name": "OLT"},
        "opened": 24,
        "downloaded": 22,
        "troubles": 0,
        "left_out": {"opted_out": 12, "no_address": 5},
    }
    return known | more


@pytest.mark.parametrize(
    ("counts", "drawn"),
    [
        pytest.param({}, " " * 24, id="nobody"),
        pytest.param({"pending": 9}, "." * 24, id="nothing yet"),
        pytest.param({"delivered": 3, "sent": 3, "pending": 6}, "#" * 12 + "." * 12, id="half"),
        pytest.param({"delivered": 999, "failed": 1}, "#" * 23 + "x", id="one failure of a thousand is seen"),
        pytest.param({"delivered": 1, "unknown": 1, "pending": 10_000}, "#?" + "." * 22, id="a little is seen"),
        pytest.param({"delivered": 7, "skipped": 7}, "#" * 24, id="who is left out does not count"),
    ],
)
def test_a_bar_shows_every_outcome(counts: dict[str, int], drawn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert shown.bar(counts) == drawn


def test_a_bar_is_coloured_unless_nobody_wants_that(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[31mx" in shown.bar({"failed": 24})
    monkeypatch.setenv("NO_COLOR", "1")
    assert shown.bar({"failed": 24}) == "x" * 24


def test_progress_has_a_line_for_each_wave_and_one_for_all() -> None:
    assert list(shown.progress(one(), bars=False)) == [
        "wave 1   5/5  delivered 5",
        "wave 2   36/41  delivered 31, sent 2, failed 2, unknown 1, queued 5",
        "all      41/247  delivered 36, sent 2, failed 2, unknown 1, pending 206",
        "opened 24, downloaded 22, went wrong 0",
        "left out: opted_out 12, no_address 5",
    ]


def test_a_line_for_a_log_says_how_far_it_is() -> None:
    assert shown.news(one()) == "running wave 2/3: 41/247  delivered 36, sent 2, failed 2, unknown 1, pending 206"


@pytest.mark.parametrize(
    ("state", "why", "said"),
    [
        ("paused", "refused", "it is paused: its provider refuses the account; correct the account"),
        ("paused", "lunch", "it is paused: lunch; resume goes on, cancel ends it"),
        ("paused", "", "it is paused: resume goes on, cancel ends it"),
        ("held", "missed its time", "it is held: it missed its time; start it, schedule it anew, or cancel it"),
        ("cancelled", "", "it is cancelled"),
    ],
)
def test_what_stands_still_says_why_and_what_then(state: str, why: str, said: str) -> None:
    assert shown.why(one(state, why=why)).startswith(said)


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (timedelta(hours=3, minutes=12), "3 h 12 min"),
        (timedelta(days=2, minutes=1), "2 d 1 min"),
        (timedelta(seconds=20), "less than a minute"),
    ],
)
def test_a_wait_is_written_out(length: timedelta, said: str) -> None:
    assert shown.until(length) == said


def test_a_start_is_written_with_its_zone_and_how_long_until_then() -> None:
    begins = datetime(2026, 12, 1, 12, tzinfo=UTC)
    assert (
        shown.moment(begins, SHANGHAI, "Asia/Shanghai", NOW)
        == "2026-12-01 20:00 Asia/Shanghai (UTC+08:00), in 3 h 12 min"
    )


def test_a_pause_says_what_it_does_not_undo() -> None:
    assert shown.gone({"sent": "312", "sending": "4"}) == (
        "312 are out and stay out, 4 are being sent at this instant; recall takes back what its provider lets"
    )
    assert shown.gone({"sent": "0", "sending": "0"}) == "0 are out and stay out"


def test_a_look_on_a_terminal_is_drawn_over_the_one_before() -> None:
    assert shown.frame(["a", "b"], 0) == "a\nb"
    assert shown.frame(["c"], 2) == "\x1b[2A\x1b[Jc"


@pytest.mark.parametrize(
    ("line", "taken"),
    [
        pytest.param("", 1, id="an empty one"),
        pytest.param("a" * 10, 1, id="as wide as it"),
        pytest.param("a" * 11, 2, id="one sign more"),
        pytest.param("升级包升级包", 2, id="Chinese signs are two wide"),
        pytest.param("\x1b[31mxxxxxxxxxx\x1b[0m", 1, id="colour takes no room"),
    ],
)
def test_a_line_takes_as_many_rows_as_the_terminal_needs(line: str, taken: int) -> None:
    assert shown.rows([line], 10) == taken


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"why": "hold", "due": "2026-12-01T12:00:00Z"}, "the next one goes 2026-12-01 20:00 if nothing goes wrong"),
        ({"why": "by hand", "due": None}, "the next one waits for: yizhan broadcast next 7"),
    ],
)
def test_a_gate_says_what_the_next_wave_waits_for(more: dict[str, Any], said: str) -> None:
    assert shown.head(one(**more), SHANGHAI) == f"   7  running, wave 2 of 3, {said}, 252 messages  OLT 2.3.1  (li)"


def test_a_preview_shows_every_channel_with_its_lengths() -> None:
    sample = {"kind": "longest", "name": "客户0", "subject": None, "text": "【服务台】升级", "size": 7, "unit": "sms"}
    found = {
        "total": 7,
        "pilots": 1,
        "channels": {"sms:main": 6, "email:main": 1},
        "first": ["客户0"],
        "left_out": {"no_address": 2},
        "segments": 6,
        "sheets": [{"channel": "sms:main", "language": "zh", "segments": 6, "samples": [{**sample, "segments": 1}]}],
    }
    assert list(shown.previewed(found)) == [
        "7 messages, 1 of them pilots: sms:main 6, email:main 1",
        "first: 客户0",
        "left out: no_address 2",
        "SMS: at most 6 segments in all",
        "",
        "== sms:main zh, the longest recipient (客户0): 7 sms, 1 segment(s)",
        "  【服务台】升级",
    ]
