"""What the pages of broadcasts show: rows in, lines and words out."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from gateway.web.broadcast_lines import failure, line, planned
from gateway.web.broadcast_sheet import sheet
from gateway.web.broadcast_view import Found, bars, gone, moves, parts, steps
from gateway.web.view import Eye
from gateway.web.words import NAMED, Words
from gateway.web.words_broadcasts_more import BROADCAST_STATES
from router.audience import Reason
from router.broadcasts import MOVES
from store.model import Broadcast, BroadcastState, Event, EventKind, RecipientState, SuppressionKind

NOW = datetime(2026, 11, 24, 8, 47, tzinfo=UTC)
"""16:47 in Shanghai."""
BOTH = ("broadcast", "approve")


def eye(language: str = "en") -> Eye:
    ways = {"sms:a": "sms", "chat:x": "chat", "email:m": "mail"}
    return Eye(words=Words(language), zone=ZoneInfo("Asia/Shanghai"), now=NOW, names={"zhang": "张三"}, method=ways)


def broadcast(state: str = "running", **more: Any) -> Broadcast:
    given = {"number": 7, "title": "T", "author": "zhang", "at": NOW, "waves": [5, 10], "wave": 1, "version": 3, **more}
    return Broadcast(id=1, state=state, plan={"texts": {"zh": {"text": "x"}}, "pilots": ["li"]}, **given)


def found(state: str = "running", *, counts: Any = (), recalls: Any = (), **more: Any) -> Found:
    return Found(broadcast=broadcast(state, **more), counts=dict(counts), recalls=dict(recalls))


def test_a_bar_is_filled_to_the_last_unit_and_a_sliver_is_still_seen() -> None:
    cut = parts({"delivered": 1, "failed": 1, "left": 99_998}, 100_000)
    assert [one for one, _, _ in cut] == ["delivered", "failed", "left"]
    assert all(width >= 4 for _, _, width in cut)
    assert sum(width for _, _, width in cut) == 1000
    assert parts({"left": 0}, 0) == ()


def test_each_wave_and_all_of_them_are_counted_and_the_missing_are_still_to_go() -> None:
    counts = {(0, "skipped"): 4, (1, "delivered"): 3, (1, "failed"): 1, (1, "unknown"): 1, (2, "pending"): 6}
    first, second, whole = bars(found(counts=counts.items()), Words("en"))
    assert (first.name, first.size, first.sent, first.delivered, first.failed, first.unknown, first.left) == (
        "Wave 1", 5, 3, 3, 1, 1, 0,
    )  # fmt: skip
    assert (second.size, second.left) == (10, 10)
    assert (whole.size, whole.sent, whole.left) == (15, 3, 10)


@pytest.mark.parametrize(
    ("state", "wave", "now"),
    [
        ("draft", 0, "Draft"), ("submitted", 0, "Approval"), ("freezing", 0, "Confirm"), ("held", 0, "Confirm"),
        ("running", 2, "Wave 2"), ("paused", 1, "Wave 1"), ("done", 2, "Done"), ("cancelled", 1, "Cancelled"),
    ],
)  # fmt: skip
def test_the_step_of_now_is_marked(state, wave, now) -> None:
    assert [one.word for one in steps(broadcast(state, wave=wave), (), Words("en")) if one.at == "now"] == [now]


@pytest.mark.parametrize("state", BroadcastState)
def test_only_moves_of_the_state_are_shown(state) -> None:
    shown = moves(found(state, counts={(1, "failed"): 1}.items(), package_id=3), BOTH, "wang")
    assert [move for move in shown if state not in MOVES[move]] == []
    assert moves(found(state), (), "wang") == ()


def test_a_move_that_would_do_nothing_is_not_shown() -> None:
    assert "next" not in moves(found(counts={(1, "pending"): 1}.items()), BOTH, "li")
    assert "next" in moves(found(counts={(1, "sent"): 1, (2, "pending"): 1}.items()), BOTH, "li")
    assert "recall" not in moves(found(recalls={"chat:x": (0, timedelta(hours=24))}.items()), BOTH, "li")
    assert "recall" in moves(found(recalls={"chat:x": (2, timedelta(hours=24))}.items()), BOTH, "li")
    assert "revoke" not in moves(found(package_id=3, revoked_at=NOW), BOTH, "li")
    assert "retry" not in moves(found("done"), BOTH, "li")
    assert "approve" not in moves(found("submitted", writers=["zhang"]), BOTH, "zhang")
    assert "approve" in moves(found("submitted", writers=["zhang"]), BOTH, "wang")


def test_it_says_what_cannot_be_undone_and_what_can() -> None:
    counts = {(1, "delivered"): 300, (1, "sent"): 12}.items()
    recalls = {"chat:x": (40, timedelta(hours=24))}.items()
    assert gone(found(counts=counts, recalls=recalls), eye("zh")) == (
        "已发出 312 条，不能收回；其中 chat 40 条可在 24 小时内撤回。"
    )
    assert gone(found(), eye()) == ""


@pytest.mark.parametrize(
    ("at", "zone", "says"),
    [
        (NOW + timedelta(hours=3, minutes=13), "Asia/Shanghai", "今天 20:00 北京时间，3 小时 13 分后"),
        (NOW + timedelta(hours=12), "Asia/Shanghai", "明天 04:47 北京时间，12 小时 0 分后"),
        (NOW + timedelta(hours=1), "Europe/Berlin", "今天 10:47 Europe/Berlin 时间，1 小时 0 分后"),
        (NOW - timedelta(hours=1), "", "今天 15:47 北京时间"),
    ],
)
def test_a_planned_start_has_its_zone_written_out(at, zone, says) -> None:
    assert planned(at, zone, eye("zh")) == says


def test_a_start_that_was_missed_says_for_how_long() -> None:
    late = sheet(
        found("held", scheduled_at=NOW - timedelta(hours=2), why="missed its time"), eye(), rights=(), person=""
    )
    assert late.why.startswith("Its time passed 2 h 0 min ago")


def test_a_fault_of_ours_is_said_in_our_words_and_a_providers_in_its_own() -> None:
    assert "没有 {customer}" in failure("sms:a zh text: missing what=customer", Words("zh"))
    assert failure("550 no such user", Words("zh")) == "服务商报错：550 no such user"


def test_a_line_of_history_tells_who_what_and_why() -> None:
    more = {"why": "errors", "withdrawn": "12"}
    event = Event(id=1, at=NOW, kind=EventKind.BROADCAST, actor="", text="paused", more=more)
    told = line(event, eye())
    assert (told.what, told.text) == (
        "paused",
        "12 taken out of the queue · too many of the last ones failed; it paused by itself",
    )


def test_every_state_and_reason_has_a_word() -> None:
    assert set(BROADCAST_STATES) == set(BroadcastState)
    assert [one for one in RecipientState if f"recipient.{one}" not in NAMED] == []
    assert [one for one in (*Reason, *SuppressionKind) if f"bc_left.{one}" not in NAMED] == []
