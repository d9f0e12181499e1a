"""A second opinion: after the page and never in its way, raising, proposing, failing unseen."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from channels.contract import Can, TryLater, Unit
from gateway.moves import Moves, Wish
from gateway.opinions import Answered
from router.commands import Command
from router.grammar import Intent
from store.model import Opinion, Page, Ticket
from tests.chat_completions import ChatCompletions

SMS = Can(receives=True, sends=True, book="tel", unit=Unit.SMS, text_limit=500)
CUSTOMER = "+8613900000001"
LEAD = "+8613800000101"
OUTAGE = "东站医院的叫号屏不太对劲，麻烦看看，我电话13912345678"


@dataclass
class Beside:
    """A town with an endpoint beside it."""

    town: Any
    endpoint: ChatCompletions

    async def settle(self) -> None:
        """Wait until nothing happens but what waits on the clock."""
        calm = 0
        while calm < 5:
            await asyncio.sleep(0.001)
            house = self.town.house
            calm = calm + 1 if house.settled() or (self.endpoint.waiting and house.waits_for_provider()) else 0

    async def forward(self, **length: float) -> None:
        """Move the clock, each thing at its time."""
        clock = self.town.clock
        to = clock.now() + timedelta(**length)
        while (at := clock.next()) is not None and at <= to:
            clock.move(at)
            await self.settle()
        clock.move(to)
        await self.settle()

    async def say(self, *texts: str, sender: str = CUSTOMER) -> None:
        """Say something by text, and let all follow that follows in half a minute."""
        self.town.settle = self.settle
        await self.town.say("sms:main", sender, *texts)
        await self.forward(seconds=25)

    def metric(self, outcome: str) -> float:
        """How often an outcome was counted."""
        registry = self.town.house.metrics.registry
        return float(registry.get_sample_value("yizhan_second_opinions_total", {"outcome": outcome}) or 0)

    def stands(self) -> tuple[Any, ...]:
        """Level, by whom, and what is proposed, of the last ticket."""
        row = self.town.rows(Ticket)[-1]
        return row["level"], row["level_by"], row["proposed"]


Build = Callable[..., Awaitable[Beside]]


@pytest.fixture
async def beside(town: Any, tmp_path: Path) -> AsyncIterator[Build]:
    """Build a town that asks an endpoint; `more` is put into the block."""
    made: list[ChatCompletions] = []

    class Late:
        """The clock of a town that is built later."""

        clock: Any = None

        def now(self) -> Any:
            """Aware UTC."""
            return self.clock.now()

        async def sleep(self, length: timedelta) -> None:
            """Wait on it."""
            await self.clock.sleep(length)

    async def build(more: str = "", *, key: str = "a-key") -> Beside:
        ticker = Late()
        endpoint = ChatCompletions(ticker)
        await endpoint.start()
        made.append(endpoint)
        (tmp_path / "key").write_text(key)
        block = f"  second_opinion: {{url: '{endpoint.url}', model: small, key: {{file: {tmp_path / 'key'}}}{more}}}\n"
        built = await town({"sms:main": SMS}, settings=block)
        ticker.clock = built.clock
        built.clock.move(built.clock.now() + timedelta(hours=6))  # 09:00: no quiet hours
        return Beside(built, endpoint)

    yield build
    for one in made:
        await one.stop()


async def test_it_is_asked_after_the_page_has_gone_and_raises_as_a_person_would(beside: Build) -> None:
    here = await beside()
    here.endpoint.answer(kind="fault", level=1, reason="叫号全停")
    here.town.channels["sms:main"].fails = [TryLater("busy", after=timedelta(seconds=8))]
    gone_before: list[int] = []
    says = here.endpoint.says

    def answer(body: dict[str, Any]) -> str:
        gone_before.append(len(here.town.channels["sms:main"].texts(LEAD)))
        return says(body)

    here.endpoint.says = answer
    await here.say(OUTAGE)
    assert here.endpoint.wrong == []
    assert gone_before == [1]
    assert here.stands() == (1, "second opinion", None)
    assert here.town.history("level") == ["3 -> 1: 叫号全停"]
    assert here.town.channels["sms:main"].texts(LEAD)[-1].startswith("【服务台】P1 1001")
    assert [row["round"] for row in here.town.rows(Page)][-1] == 2
    assert here.metric("raised") == 1


async def test_a_milder_level_is_only_proposed_and_one_reply_accepts_it(beside: Build) -> None:
    here = await beside()
    here.endpoint.answer(kind="fault", level=3, reason="只有一台打印机卡纸")
    await here.say("滨江机房全部断电，业务中断")
    assert here.stands() == (1, "", 3)
    assert here.town.history("proposed") == ["1 -> 3: 只有一台打印机卡纸"]
    pages = len(here.town.rows(Page))
    await here.say("级别 3 1001", sender=LEAD)
    assert here.stands() == (3, "zhang", None)
    assert len(here.town.rows(Page)) == pages


async def test_what_is_no_fault_to_it_is_proposed_as_the_mildest_level(beside: Build) -> None:
    here = await beside()
    here.endpoint.answer(kind="consultation", level=None, reason="只是在问")
    await here.say("滨江机房全部断电，业务中断")
    assert here.stands() == (1, "", 3)


async def test_a_level_that_a_person_has_set_is_never_touched(beside: Build) -> None:
    here = await beside()
    here.endpoint.answer(kind="fault", level=1, reason="全停")
    here.endpoint.slow = timedelta(seconds=10)
    await _said(here, OUTAGE)
    wish = Wish(person="li", number=1001, command=Command(intent=Intent.LEVEL, level=2))
    await here.town.house.writer.do(Moves(here.town.house.standing).make, wish)
    await here.forward(seconds=20)
    assert len(here.endpoint.asked) == 1
    assert here.stands() == (2, "li", None)
    assert here.metric("kept") == 1


async def _said(here: Beside, text: str) -> None:
    here.town.settle = here.settle
    await here.town.say("sms:main", CUSTOMER, text)
    await here.forward(seconds=4)
    assert here.endpoint.waiting == 1


async def test_whoever_has_the_ticket_is_told_when_it_is_raised(beside: Build) -> None:
    here = await beside()
    here.endpoint.answer(kind="fault", level=1, reason="全停")
    here.endpoint.slow = timedelta(seconds=10)
    await _said(here, OUTAGE)
    await here.say("1", sender=LEAD)
    assert here.town.channels["sms:main"].texts(LEAD)[-1] == (
        "【服务台】1001第二意见认为是P1：全停。不对请回 级别 3 1001"
    )


async def test_a_slow_endpoint_holds_nothing_up_and_is_given_up(beside: Build) -> None:
    here = await beside(", timeout_seconds: 5")
    here.endpoint.answer(kind="fault", level=1, reason="全停")
    here.endpoint.slow = timedelta(seconds=60)
    await _said(here, OUTAGE)
    await here.say("滨江机房全部断电，业务中断", sender="+8613900000002")
    assert len(here.town.tickets) == 2
    assert any("P1 1002" in text for text in here.town.channels["sms:main"].texts(LEAD))
    await here.forward(minutes=20)
    assert [row["outcome"] for row in here.town.rows(Opinion)] == ["timeout", "timeout"]
    assert [row["attempt"] for row in here.town.rows(Opinion)] == [3, 3]
    assert [(number, level) for number, _, level in here.town.tickets] == [(1001, 3), (1002, 1)]
    assert here.metric("timeout") == 2


NONSENSE = [
    pytest.param("not json", id="no JSON"),
    pytest.param("[]", id="a list"),
    pytest.param('{"kind": "fault", "level": 1}', id="no reason"),
    pytest.param('{"kind": "fault", "level": 4, "reason": "x"}', id="no such level"),
    pytest.param('{"kind": "fault", "level": true, "reason": "x"}', id="a truth value"),
    pytest.param('{"kind": "fault", "level": null, "reason": "x"}', id="a fault without a level"),
    pytest.param('{"kind": "consultation", "level": 1, "reason": "x"}', id="a level on a question"),
    pytest.param('{"kind": "disaster", "level": 1, "reason": "x"}', id="no such kind"),
    pytest.param('{"kind": "fault", "level": 1, "reason": ""}', id="an empty reason"),
    pytest.param('{"kind": "fault", "level": 1, "reason": "x", "also": 1}', id="one key too many"),
    pytest.param(json.dumps({"kind": "fault", "level": 1, "reason": "x" * 300}), id="a long reason"),
    pytest.param("[" * 3000, id="deeply nested"),
]


@pytest.mark.parametrize("content", NONSENSE)
async def test_nonsense_changes_nothing(beside: Build, content: str) -> None:
    here = await beside()
    here.endpoint.says = lambda _: content
    await here.say(OUTAGE)
    assert here.stands() == (3, "", None)
    assert here.metric("nonsense") == 1
    assert len(here.endpoint.asked) == 1


@pytest.mark.parametrize(
    ("raw", "finish"),
    [
        pytest.param(b"<html>", "stop", id="no JSON at all"),
        pytest.param(b'{"choices": []}', "stop", id="no choice"),
        pytest.param(None, "length", id="cut off"),
        pytest.param(b" " * 300_000, "stop", id="too long"),
    ],
)
async def test_an_answer_of_another_shape_changes_nothing(beside: Build, raw: bytes | None, finish: str) -> None:
    here = await beside()
    here.endpoint.answer(kind="fault", level=1, reason="全停")
    here.endpoint.raw, here.endpoint.finish = raw, finish
    await here.say(OUTAGE)
    assert here.stands() == (3, "", None)
    assert here.metric("nonsense") == 1


@pytest.mark.parametrize(
    ("status", "outcome", "tries"), [(500, "failing", 3), (429, "failing", 3), (400, "refused", 1)]
)
async def test_an_endpoint_that_refuses_is_asked_a_few_times_at_most(
    beside: Build, status: int, outcome: str, tries: int
) -> None:
    here = await beside()
    here.endpoint.status = status
    await here.say(OUTAGE)
    await here.forward(minutes=20)
    assert (here.metric(outcome), len(here.endpoint.asked)) == (1, tries)
    assert here.stands() == (3, "", None)


async def test_a_wrong_key_is_refused_once(beside: Build) -> None:
    here = await beside(key="another")
    await here.say(OUTAGE)
    assert here.metric("refused") == 1


async def test_an_endpoint_that_is_away_is_seen_by_nobody(beside: Build) -> None:
    here = await beside()
    await here.endpoint.stop()
    await here.say(OUTAGE)
    await here.forward(minutes=20)
    assert here.metric("unreachable") == 1
    assert here.town.tickets == [(1001, "fault", 3)]
    assert all(loop.failures == 0 for loop in here.town.house.loops.values())


async def test_after_a_while_away_it_is_asked_again(beside: Build) -> None:
    here = await beside()
    here.endpoint.answer(kind="fault", level=2, reason="部分受影响")
    here.endpoint.status = 503
    await here.say(OUTAGE)
    here.endpoint.status = 200
    await here.forward(minutes=2)
    assert here.stands() == (2, "second opinion", None)


async def test_no_more_is_asked_in_an_hour_than_the_site_wants(beside: Build) -> None:
    here = await beside(", per_hour: 2")
    here.endpoint.answer(kind="fault", level=3, reason="小问题")
    for index, place in enumerate(("滨江机房", "东站医院", "三号楼", "北门")):
        await here.say(f"{place}打印机第{index}次卡纸打不出来", sender=f"+86139000000{index + 10}")
        await here.forward(minutes=3)
    assert len(here.endpoint.asked) == 2
    assert [row["outcome"] for row in here.town.rows(Opinion)] == ["agrees", "agrees", "skipped", "skipped"]


async def test_persons_do_not_leave_the_house(beside: Build) -> None:
    here = await beside()
    here.endpoint.answer(kind="fault", level=3, reason="小问题")
    await here.say("我是王建国主任，联系人：李小明，13912345678，mail a.b@x.com，张三说3号窗口打印机坏了")
    (seen,) = here.endpoint.seen()
    assert seen["channel"] == "sms"
    for hidden in ("13912345678", "a.b@x.com", "李小明", "张三", "王建国", CUSTOMER):
        assert hidden not in json.dumps(here.endpoint.asked, ensure_ascii=False)
    assert "3号窗口打印机坏了" in seen["text"]


@pytest.mark.parametrize(
    ("more", "text"),
    [
        pytest.param(", languages: [en]", OUTAGE, id="another language"),
        pytest.param(", kinds: [consultation]", OUTAGE, id="another kind"),
        pytest.param("", "谢谢，辛苦了", id="what opens nothing"),
    ],
)
async def test_only_what_the_site_wants_is_asked_about(beside: Build, more: str, text: str) -> None:
    here = await beside(more)
    await here.say(text)
    assert here.endpoint.asked == []


async def test_without_the_block_there_is_no_loop_and_no_question(town: Any) -> None:
    built = await town({"sms:main": SMS})
    await built.say("sms:main", CUSTOMER, OUTAGE)
    assert "opinion" not in built.house.loops
    assert built.rows(Opinion) == []


async def test_a_question_that_died_with_its_process_is_asked_again_once_the_lease_is_over(beside: Build) -> None:
    here = await beside(", timeout_seconds: 5")
    here.endpoint.answer(kind="fault", level=1, reason="全停")
    house = here.town.house
    taken = here.town.house.opinions.take
    lost: list[Any] = []

    def once(tx: Any, wants: Any) -> Any:
        answers = taken(tx, wants)
        if not lost and answers[0][1] is not None:
            lost.append(answers[0][1])
            return [(answers[0][0], None)]  # handed out, and whoever had it is gone
        return answers

    house.opinions.take = once
    await here.say(OUTAGE)
    assert (len(lost), here.endpoint.asked) == (1, [])
    await here.forward(seconds=60)
    assert here.stands() == (1, "second opinion", None)
    # What the first one says long after is not heard.
    late = Answered(opinion=lost[0].opinion, outcome="timeout")
    assert await house.writer.do(house.opinions.weigh, late) == ""


async def test_a_kind_that_a_person_has_said_is_never_touched(beside: Build) -> None:
    here = await beside()
    here.endpoint.answer(kind="fault", level=1, reason="全停")
    here.endpoint.slow = timedelta(seconds=10)
    await _said(here, OUTAGE)
    await here.say("类型 咨询 1001", sender=LEAD)
    assert [(row["kind"], row["level"], row["level_by"]) for row in here.town.rows(Ticket)] == [
        ("consultation", None, "zhang")
    ]
    assert here.metric("kept") == 1
