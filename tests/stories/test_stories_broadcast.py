"""A broadcast from draft to done, through the whole gateway on a moved clock."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from channels.contract import GiveUp, Misconfigured, Status, TryLater, Uncertain
from gateway.broadcast.acts import Act, Draft, Reach
from gateway.broadcast.moves import Broadcasts
from router.broadcast_plan import Plan
from store.model import Message
from tests.streets import CANS, PLAN, SETTINGS, Street, ready

Town = Any
Build = Callable[..., Awaitable[Town]]


@pytest.fixture
async def street(town: Build) -> Street:
    return Street(await town(CANS, whole=SETTINGS))


async def test_everybody_gets_it_once_wave_after_wave(street: Street) -> None:
    await street.people(12)
    await street.started()
    await street.town.forward(seconds=5)
    assert len(street.got) == 2
    assert "客户0，新版本已发布" in street.mail.sent[0].text
    assert street.broadcast["why"] == "hold"
    await street.town.forward(hours=2, minutes=1)
    assert len(street.got) == 2 + 6
    await street.town.forward(hours=2, minutes=1)
    assert (street.broadcast["state"], street.states) == ("done", {"sent": 12})
    assert len(set(street.got)) == len(street.got) == 12


async def test_a_pause_takes_back_what_nobody_claimed_and_nobody_gets_it_twice(street: Street) -> None:
    await street.people(40)
    street.mail.fails = [TryLater("busy")] * 40
    await street.started(waves=["rest"])
    paused = await street.act("pause", why="Tea")
    assert paused.ok
    assert street.broadcast["state"] == "paused"
    assert set(street.states) <= {"pending", "sent", "queued"}
    before = len(street.got)
    street.mail.fails = []
    await street.town.forward(hours=1)
    assert len(street.got) == before
    await street.act("resume")
    await street.town.forward(minutes=5)
    assert (street.broadcast["state"], street.states) == ("done", {"sent": 40})
    assert len(set(street.got)) == len(street.got) == 40


async def test_many_failures_pause_it_and_going_on_is_a_decision(street: Street) -> None:
    await street.people(120)
    street.mail.fails = [GiveUp("no such mailbox")] * 8
    await street.started(waves=["rest"])
    await street.town.forward(seconds=10)
    assert (street.broadcast["state"], street.broadcast["why"]) == ("paused", "errors")
    await street.act("resume")
    await street.town.forward(minutes=1)
    assert street.broadcast["state"] == "done"
    assert street.states == {"failed": 8, "sent": 112}


async def test_an_account_that_is_refused_pauses_it_and_loses_nobody(street: Street) -> None:
    await street.people(10)
    street.mail.fails = [Misconfigured("wrong password")] * 4
    await street.started(waves=["rest"])
    await street.town.forward(seconds=2)
    assert (street.broadcast["state"], street.broadcast["why"]) == ("paused", "refused")
    street.mail.fails = []
    await street.act("resume")
    await street.town.forward(minutes=1)
    assert (street.broadcast["state"], street.states) == ("done", {"sent": 10})


async def test_an_unknown_outcome_is_reported_and_sent_again_only_on_demand(street: Street) -> None:
    await street.people(3)
    street.mail.fails = [Uncertain("no answer")]
    await street.started(waves=["rest"])
    await street.town.forward(hours=1)
    assert street.states == {"unknown": 1, "sent": 2}
    assert (await street.act("retry", again=("unknown",))).variables == {"count": "1"}
    await street.town.forward(seconds=5)
    assert (street.broadcast["state"], street.states) == ("done", {"sent": 3})


async def test_the_rest_is_cancelled(street: Street) -> None:
    await street.people(10)
    await street.started()
    await street.town.forward(seconds=3)
    made = await street.act("cancel")
    assert made.variables == {"sent": "2", "sending": "0"}
    await street.town.forward(hours=9)
    assert (street.broadcast["state"], street.states) == ("cancelled", {"sent": 2, "cancelled": 8})


async def test_a_receipt_that_comes_later_is_folded_in(street: Street) -> None:
    await street.people(2)
    await street.started(waves=["rest"])
    await street.town.forward(seconds=2)
    first, second = street.mail.sent[:2]
    await street.town.receipt("email:main", Status.DELIVERED, first)
    await street.town.receipt("email:main", Status.FAILED, second)
    assert street.states == {"delivered": 1, "failed": 1}


async def test_a_start_in_an_outage_is_held_for_a_person(street: Street) -> None:
    await street.people(2)
    await street.draft()
    await street.act("submit")
    await street.town.forward(seconds=2)
    at = street.town.clock.now().replace(hour=12, minute=0)
    assert (await street.act("schedule", count=2, at=at)).ok
    street.town.house.loops["broadcast"].wake()
    street.town.clock.move(at.replace(minute=31))
    await street.town.settle()
    assert (street.broadcast["state"], street.broadcast["why"]) == ("held", "missed its time")
    assert (await street.act("start", count=2)).ok
    await street.town.forward(seconds=3)
    assert len(street.got) == 2


async def test_it_starts_at_its_time(street: Street) -> None:
    await street.people(2)
    await street.draft()
    await street.act("submit")
    await street.town.forward(seconds=2)
    at = street.town.clock.now().replace(hour=12, minute=0)
    await street.act("schedule", count=2, at=at, zone="Asia/Shanghai")
    await street.town.forward(hours=8, minutes=59)
    assert street.got == []
    await street.town.forward(minutes=2)
    assert len(street.got) == 2


@pytest.mark.parametrize(
    ("moves", "answer"),
    [
        pytest.param([("start", "zhang", {"count": 3})], "not_now", id="a draft is not started"),
        pytest.param([("submit", "wang", {})], "no_right", id="somebody without the right"),
        pytest.param([("submit", "zhang", {}), ("approve", "zhang", {})], "no_right", id="the author approves nothing"),
        pytest.param([("submit", "li", {"version": 7})], "stale", id="an older page"),
        pytest.param([("approve", "li", {})], "not_now", id="nothing was submitted"),
    ],
)
async def test_what_is_refused(street: Street, moves: list[tuple[str, str, dict[str, Any]]], answer: str) -> None:
    await street.people(3, tel=True)
    await street.draft()
    made = [await street.act(move, by, **more) for move, by, more in moves]
    assert made[-1].answer == answer


async def test_a_text_message_needs_a_second_person_and_the_number_typed(street: Street) -> None:
    await street.people(3, tel=True)
    await street.draft(waves=["rest"])
    assert (await street.act("submit")).answer == "needs_second"
    assert (await street.act("approve", by="li")).ok
    await street.town.forward(seconds=2)
    assert (await street.act("start", count=4)).answer == "wrong_count"
    assert (await street.act("start", count=3)).ok
    await street.town.forward(seconds=3)
    assert len(street.got) == 3


async def test_an_advert_by_text_message_waits_for_the_morning(street: Street) -> None:
    await street.people(1, tel=True)
    await street.town.forward(hours=12)  # 23:00 in Shanghai
    await street.started(waves=["rest"], commercial=True)
    await street.town.forward(hours=8)
    assert street.got == []
    await street.town.forward(hours=1, minutes=5)
    assert len(street.got) == 1


async def test_what_was_taken_back_leaves_no_text_behind(street: Street) -> None:
    await street.people(4)
    street.mail.fails = [TryLater("busy")] * 4
    await street.started(waves=["rest"])
    await street.act("pause")
    assert {row["state"] for row in street.town.rows(Message)} == {"cancelled"}


async def test_no_link_goes_out_that_leads_nowhere(street: Street) -> None:
    await street.people(4)
    await street.town.house.writer.do(ready, None)
    await street.draft(waves=["2", "rest"])
    made = await street.town.house.broadcasts.draft(
        Draft(by="zhang", title="OLT", plan=Plan.model_validate(PLAN), package_id=1, number=1)
    )
    assert made.ok
    await street.act("submit")
    await street.town.forward(seconds=2)
    await street.act("start", count=4)
    await street.town.forward(seconds=5)
    assert len(street.got) == 2
    assert (await street.act("revoke")).ok
    await street.town.forward(hours=3)
    assert (street.broadcast["state"], street.broadcast["why"]) == ("paused", "revoked")
    assert len(street.got) == 2


async def test_whoever_edited_it_is_no_second_person(street: Street) -> None:
    await street.people(1, tel=True)
    await street.draft()
    plan = Plan.model_validate({**PLAN, "waves": ["rest"]})
    assert (await street.town.house.broadcasts.draft(Draft(by="li", title="改过", plan=plan, number=1))).ok
    assert (await street.act("submit")).answer == "needs_second"
    assert (await street.act("approve", by="li")).answer == "own_broadcast"


async def test_what_changed_while_its_audience_was_counted_is_counted_anew(street: Street) -> None:
    await street.people(1)
    await street.draft()
    counted = Reach(version=1, total=1, by_sms=0, pilots=0)
    await street.draft_again()
    moves = Broadcasts(street.town.house.standing)
    act = Act(by="zhang", number=1, move="submit", reach=counted)
    assert (await street.town.house.writer.do(moves.act, act)).answer == "stale"


async def test_more_people_than_were_approved_need_another_approval(street: Street) -> None:
    await street.people(1, tel=True)
    await street.draft(waves=["rest"])
    await street.act("submit")
    counted = Reach(version=street.broadcast["version"], total=1, by_sms=1, pilots=0)
    await street.people(3, tel=True)
    moves = Broadcasts(street.town.house.standing)
    await street.town.house.writer.do(moves.act, Act(by="li", number=1, move="approve", reach=counted))
    await street.town.settle()
    await street.town.forward(seconds=2)
    assert (street.broadcast["state"], street.broadcast["expected"], street.states) == ("submitted", 3, {})
    assert (await street.act("approve", by="li")).ok
    await street.town.forward(seconds=2)
    assert (street.broadcast["state"], street.broadcast["frozen"]) == ("approved", 3)
