"""What comes in and is no ordinary report: machines, and texts that nobody would write."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from channels.contract import Automatic, Can, Inbound, Outgoing, Receipt, Status, Uncertain
from gateway import config
from gateway.app import House
from gateway.clock import MovedClock
from gateway.replay.standin import StandIn
from store import tickets
from store.db import open_database

CONFIG = """
router:
  time_zone: UTC
  people:
    zhang: {name: 张三, addresses: {tel: "+8613800000101", wechat: zhang}}
    li: {name: 李雷, addresses: {tel: "+8613800000102", wechat: li}}
  rota: {lead: zhang, second: li}
"""
WEIRD = (
    "",
    "\x00",
    "\x00\x01\x02\x1f\x7f",
    "\ud800 half of a pair",
    "坏" * 10_000,
    "a-" * 5_000,
    "\n" * 3_000,
    "{number} {sign} %s {0}",
    "'; DROP TABLE ticket; --",
    "🙂👨‍👩‍👧‍👦" * 300,
    "\u202e反\u200b了",
    "0",
    "1001" * 500,
    "<script>alert(1)</script>",
    "[RESOLVED] | | | alert: | |",
)
Say = Callable[[Inbound], Awaitable[list[dict[str, Any]]]]


@pytest.fixture
async def house(empty_file: Path, tmp_path: Path):
    """A house whose channels only keep what they are given."""
    file = shutil.copy(empty_file, tmp_path / "yizhan.db")
    clock = MovedClock(datetime(2026, 11, 24, 10, 0, tzinfo=UTC))
    database = open_database(f"sqlite:///{file}", now=clock.now)
    channels = {f"{name}:replay": StandIn(name) for name in ("wechat", "hotline")}
    async with House(
        config.parse(CONFIG, channels=False), clock=clock, database=database, channels=channels
    ) as running:
        yield running


@pytest.fixture
def say(house) -> Say:
    """Hear one message and return the lines of history that it caused."""
    seen = [0]

    async def heard(inbound: Inbound) -> list[dict[str, Any]]:
        house.clock.move(house.clock.now() + timedelta(minutes=1))
        await house.intake.accept("wechat:replay", [inbound])
        calm = 0
        while calm < 3:
            await asyncio.sleep(0.001)
            calm = calm + 1 if house.settled() else 0
        with house.database.read() as connection:
            rows = [dict(row) for row in tickets.told(connection, seen[0])]
        seen[0] = rows[-1]["id"] if rows else seen[0]
        return rows

    return heard


def told(rows: list[dict[str, Any]], *kinds: str) -> list[tuple[str, Any]]:
    return [(row["kind"], row["number"]) for row in rows if row["kind"] in kinds]


async def test_an_alert_sent_as_bulk_mail_opens_a_ticket_is_never_answered_and_its_recovery_joins(say):
    def alert(key: str, host: str, kind: str, state: str) -> Inbound:
        text = f"Notification Type: {kind}\nHost: {host}\nInfo: all services interrupted"
        subject = f"** {kind} Host Alert: {host} is {state} **"
        return Inbound(key=key, sender="nagios@example.com", subject=subject, text=text, automatic=Automatic.BULK)

    opened = await say(alert("a", "core-sw-01", "PROBLEM", "DOWN"))
    joined = await say(alert("b", "core-sw-01", "RECOVERY", "UP"))
    other = await say(alert("c", "core-sw-02", "PROBLEM", "DOWN"))
    assert told(opened, "opened", "reply") == [("opened", 1001)]
    assert told(joined, "opened", "joined", "reply") == [("joined", 1001)]
    assert told(other, "opened", "joined", "reply") == [("opened", 1002)]
    solved = await say(Inbound(key="d", sender="zhang", text="解决 1001 换了电源"))
    assert [row["more"].get("to") for row in solved if row["kind"] == "reply"] == ["zhang"]


@pytest.mark.parametrize("automatic", [Automatic.AUTO_REPLY, Automatic.BOUNCE, Automatic.BULK], ids=str)
async def test_what_machines_answer_opens_nothing(say, automatic):
    rows = await say(
        Inbound(
            key="a",
            sender="x@example.com",
            subject="Newsletter",
            text="Read about our team event.",
            automatic=automatic,
        )
    )
    assert told(rows, "opened", "joined", "reply", "ignored") == [("ignored", None)]


@pytest.mark.parametrize("sender", ["chen", "zhang"], ids=["a customer", "one of the staff"])
async def test_no_text_whatever_is_set_aside(say, house, sender):
    for place, text in enumerate(WEIRD):
        rows = await say(Inbound(key=f"w{place}", sender=sender, subject=text[:200] or None, text=text))
        assert told(rows, "quarantined") == [], repr(text[:20])
    with house.database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM message WHERE state = 'quarantined'").scalar() == 0


async def test_the_same_batch_knows_itself(house, say):
    batch = [
        Inbound(key="a", sender="chen", text="东站医院3号楼打印机坏了"),
        Inbound(key="b", sender="sun", text="怎么样了", references=("a",)),
        Inbound(key="c", sender="chen", text="还没好"),
    ]
    await house.intake.accept("wechat:replay", batch[:2])
    rows = await say(batch[2])
    assert told(rows, "opened", "joined") == [("opened", 1001), ("joined", 1001), ("joined", 1001)]


async def test_a_ladder_has_one_timer_however_often_it_is_changed(house, say):
    for place, (sender, text) in enumerate(
        [("chen", "滨江机房全部断电，业务中断"), ("zhang", "上报 1001"), ("li", "稍后 1001 5"), ("li", "转 zhang 1001")]
    ):
        await say(Inbound(key=f"t{place}", sender=sender, text=text))
    with house.database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM timer WHERE kind = 'step'").scalar() == 1


async def test_a_page_answered_while_it_was_being_sent_is_not_sent_again(empty_file, tmp_path):
    clock = MovedClock(datetime(2026, 11, 24, 10, 0, tzinfo=UTC))
    file = shutil.copy(empty_file, tmp_path / "yizhan.db")
    database = open_database(f"sqlite:///{file}", now=clock.now)
    phone = Hanging()
    known = config.parse(CONFIG, channels=False)
    async with House(known, clock=clock, database=database, channels={phone.name: phone}) as house:
        await house.intake.accept(phone.name, [Inbound(key="a", sender="+86139", text="滨江机房全部断电，业务中断")])
        await phone.got("page")
        await house.intake.accept(phone.name, [Inbound(key="b", sender="+8613800000101", text="接单 1001")])
        await phone.got("taken")
        phone.answers.set()
        for _ in range(120):
            clock.move(clock.now() + timedelta(seconds=1))
            await asyncio.sleep(0.002)
    assert phone.sent.count("page") == 1


class Hanging:
    """Texts whose provider never says what became of the pages."""

    name = "sms:a"
    can = Can(book="tel")

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.answers = asyncio.Event()
        self.news = asyncio.Condition()

    async def got(self, template: str) -> None:
        async with self.news:
            await self.news.wait_for(lambda: template in self.sent)

    async def send(self, outgoing: Outgoing) -> Receipt:
        async with self.news:
            self.sent.append(outgoing.template)
            self.news.notify_all()
        if outgoing.template == "page":
            await self.answers.wait()
            raise Uncertain("the connection broke")
        return Receipt(provider_id=outgoing.key, status=Status.DELIVERED)

    def webhooks(self):
        return ()

    async def check(self):
        return ()

    async def close(self) -> None:
        """Nothing to give back."""
