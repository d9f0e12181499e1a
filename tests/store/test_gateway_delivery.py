"""A whole house on a moved clock, on both databases: no page is lost to a quota, a silent provider or a race."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from sqlalchemy import select

from channels.contract import Can, Channel, Finding, GiveUp, Inbound, Outgoing, Receipt, Webhook
from channels.contract import Status as Said
from gateway import config
from gateway.accepted import Accepted
from gateway.app import House
from gateway.claiming import Claiming
from gateway.clock import MovedClock
from gateway.failing import Failing, Recovery
from gateway.moves import Moves, Wish
from gateway.out import Out
from router.commands import Command
from router.grammar import Intent
from store import troubles
from store.db import Database, open_database, table_of
from store.model import Event, Message, Ticket

START = datetime(2026, 11, 24, 10, tzinfo=UTC)
PEOPLE = """
router:
  time_zone: UTC
  people:
    zhang: {name: 张三, addresses: {tel: "+8613800000101"}}
    li: {name: 李雷, addresses: {tel: "+8613800000102"}}
    wang: {name: 王经理, addresses: {tel: "+8613800000103"}}
  rota: {lead: zhang, second: li, manager: wang}
"""
NAMES = {"+8613800000101": "zhang", "+8613800000102": "li", "+8613800000103": "wang"}
FAULT = "滨江机房全部断电，业务中断"
SITES = [f"{letter}{number}站点" for letter in "甲乙丙丁戊己庚辛壬癸" for number in range(200)]


@dataclass
class Account:
    """An account of a provider that takes everything, says that it arrived or says nothing, and remembers it."""

    name: str
    can: Can
    clock: MovedClock
    house: list[House] = field(default_factory=list)
    sent: list[tuple[float, str, str]] = field(default_factory=list)
    """Seconds from the start, to whom, template."""
    confirms: bool = True
    refuses: bool = False

    def webhooks(self) -> Sequence[Webhook]:
        return ()

    async def send(self, outgoing: Outgoing) -> Receipt:
        if self.refuses:
            raise GiveUp("refused")
        whom = NAMES.get(outgoing.to, outgoing.to)
        self.sent.append(((self.clock.now() - START).total_seconds(), whom, outgoing.template))
        return Receipt(provider_id=outgoing.key, status=Said.DELIVERED if self.confirms else Said.SENT)

    async def check(self) -> Sequence[Finding]:
        return ()

    async def close(self) -> None:
        return None


SMS, VOICE = Can(book="tel", confirms=True), Can(book="tel", confirms=True, receives=False, speaks=True)


@dataclass
class Desk:
    """The house with its accounts."""

    house: House
    clock: MovedClock
    accounts: dict[str, Account]

    async def report(self, text: str, *, key: str = "m", sender: str = "u1") -> None:
        await self.house.intake.accept("wechat:in", [Inbound(key=key, sender=sender, text=text, raw=text.encode())])
        await self.settle()

    async def settle(self) -> None:
        calm = 0
        while calm < 3:
            await asyncio.sleep(0.001)
            calm = calm + 1 if self.house.settled() else 0

    async def run(self, seconds: float) -> None:
        """Let the time go up to this many seconds after the start."""
        to = START + timedelta(seconds=seconds)
        while (at := self.clock.next()) is not None and at <= to:
            self.clock.move(at)
            await self.settle()
        self.clock.move(to)
        await self.settle()

    def sent(self, account: str) -> list[tuple[float, str]]:
        return [(at, whom) for at, whom, _ in self.accounts[account].sent]

    def events(self, *kinds: str) -> list[str]:
        with self.house.database.read() as connection:
            c = table_of(Event).c
            return list(connection.execute(select(c.text).where(c.kind.in_(kinds)).order_by(c.id)).scalars())

    def states(self) -> Counter[str]:
        with self.house.database.read() as connection:
            c = table_of(Message).c
            return Counter(connection.execute(select(c.state).where(c.direction == "out")).scalars())


@asynccontextmanager
async def opened_desk(
    url: str, settings: str = "", *, people: str = PEOPLE, works: bool = True, **cans: Can
) -> AsyncIterator[Desk]:
    clock = MovedClock(START)
    wanted = {"sms_a": SMS, "phone_a": VOICE, "wechat_in": Can(chats=False), **cans}
    accounts = {
        name: Account(name=name, can=can, clock=clock) for n, can in wanted.items() for name in [n.replace("_", ":")]
    }
    known = config.parse(people + settings, channels=False)
    database = open_database(url, now=clock.now, node=1)
    channels = cast("Mapping[str, Channel]", accounts)
    async with House(known, clock=clock, database=database, channels=channels, works=works) as house:
        desk = Desk(house=house, clock=clock, accounts=accounts)
        if works:
            await desk.settle()
        yield desk


async def test_calls_beyond_a_quota_become_texts_or_other_peoples_and_nobody_is_called_more_often(url: str) -> None:
    quota = 'gateway: {quotas: {"phone:a": [{most: 1, within: 1h}]}}'
    async with opened_desk(url, quota) as desk:
        await desk.report(FAULT)
        await desk.run(600)
        calls = Counter(whom for _, whom in desk.sent("phone:a"))
        assert calls == {"zhang": 1, "li": 1, "wang": 1}
        lines = [line for line in desk.events("suppressed") if "quota" in line]
        assert "quota of phone:a (1 in 1 h per number) would be passed: wang by sms instead" in lines
        assert (240, "wang") in desk.sent("sms:a")


async def test_another_account_of_the_way_is_used_before_anything_else(url: str) -> None:
    quota = 'gateway: {quotas: {"phone:a": [{most: 1, within: 1h}]}}'
    async with opened_desk(url, quota, phone_b=VOICE) as desk:
        await desk.report(FAULT)
        await desk.run(299)
        assert desk.sent("phone:a") == [(60, "zhang"), (240, "li")]
        assert desk.sent("phone:b") == [(240, "zhang")]
        assert "quota of phone:a (1 in 1 h per number) is used up: asked by phone:b instead" in desk.events(
            "suppressed"
        )


async def test_what_other_tickets_used_meanwhile_is_seen_when_somebody_is_asked(url: str) -> None:
    quota = 'gateway: {quotas: {"sms:a": [{most: 2, within: 1h}]}}'
    async with opened_desk(url, quota) as desk:
        await desk.report("甲1站点打印机坏了", key="a")
        await desk.run(300)
        await desk.report("乙2站点投影仪坏了", key="b", sender="u2")
        await desk.run(500)
        await desk.report("丙3站点交换机故障，全部断网，业务中断", key="c", sender="u3")
        await desk.run(505)
        assert [one for one in desk.sent("sms:a") if one[1] == "zhang"] == [(0, "zhang"), (300, "zhang")]
        assert (500, "zhang") in desk.sent("phone:a")


async def test_a_customers_text_waits_for_its_quota_and_goes_then(url: str) -> None:
    quota = 'gateway: {quotas: {"wechat:in": [{most: 1, within: 10m, per: account}]}}'
    async with opened_desk(url, quota) as desk:
        await desk.report("甲1站点打印机坏了", key="a")
        await desk.report("乙2站点的投影仪没有信号", key="b", sender="u2")
        await desk.run(599)
        assert desk.sent("wechat:in") == [(0, "u1")]
        await desk.run(601)
        assert desk.sent("wechat:in") == [(0, "u1"), (600, "u2")]


async def test_many_outages_in_an_hour_stay_within_the_quotas(url: str, kind: str) -> None:
    if kind != "sqlite":
        pytest.skip("the same code; once is enough")
    quota = 'gateway: {quotas: {"sms:a": [{most: 3, within: 1h}], "phone:a": [{most: 3, within: 1h}]}}'
    async with opened_desk(url, quota) as desk:
        for place in range(12):
            await desk.run(place * 150)
            await desk.report(f"{SITES[place * 7]}全部断电，业务中断", key=f"k{place}", sender=f"u{place}")
        await desk.run(3599)
        for account in ("sms:a", "phone:a"):
            assert all(count <= 3 for count in Counter(whom for _, whom in desk.sent(account)).values())


async def test_where_nobody_else_can_be_asked_the_page_waits_for_room(url: str) -> None:
    alone = """
router:
  time_zone: UTC
  people: {zhang: {name: 张三, addresses: {tel: "+8613800000101"}}}
  rota: {lead: zhang}
  policies: {other: {steps: [{after: 0m, who: [lead]}], how: [{after: 0m, by: sms}]}}
gateway: {quotas: {"sms:a": [{most: 1, within: 10m}]}}
"""
    clock = MovedClock(START)
    accounts = {name: Account(name=name, can=can, clock=clock) for name, can in (("sms:a", SMS), ("wechat:in", Can()))}
    database = open_database(url, now=clock.now, node=1)
    known = config.parse(alone, channels=False)
    async with House(known, clock=clock, database=database, channels=cast("Any", accounts)) as house:
        desk = Desk(house=house, clock=clock, accounts=accounts)
        await desk.report("您好，请问怎么申请新账号？", key="a")
        await desk.run(200)
        await desk.report("请问怎么修改密码？", key="b", sender="u2")
        await desk.run(700)
        assert desk.sent("sms:a")[:2] == [(0, "zhang"), (600, "zhang")]
        assert any("it waits until" in line for line in desk.events("suppressed"))


async def test_without_a_receipt_a_page_goes_on_by_the_next_account(url: str) -> None:
    async with opened_desk(url, sms_b=SMS) as desk:
        desk.accounts["sms:a"].confirms = False
        desk.accounts["phone:a"].confirms = False
        await desk.report("甲1站点打印机坏了")
        await desk.run(100)
        assert desk.sent("sms:a") == [(0, "zhang")]
        assert desk.sent("sms:b") == [(90, "zhang")]
        assert "no receipt within 90 s: nobody knows if it arrived" in desk.events("failed")


async def test_with_a_receipt_nothing_more_happens(url: str) -> None:
    async with opened_desk(url, sms_b=SMS) as desk:
        await desk.report("甲1站点打印机坏了")
        await desk.run(300)
        assert (desk.sent("sms:a"), desk.sent("sms:b")) == ([(0, "zhang")], [])
        assert desk.events("failed") == []


async def test_a_call_that_reached_the_phone_speaks_for_the_text_without_a_receipt(url: str) -> None:
    async with opened_desk(url, sms_b=SMS) as desk:
        desk.accounts["sms:a"].confirms = False
        await desk.report(FAULT)
        await desk.run(100)
        assert desk.sent("phone:a") == [(60, "zhang")]
        assert desk.sent("sms:b") == []


async def test_a_mail_that_is_out_is_no_reason_to_wait_for_a_text_without_a_receipt(url: str) -> None:
    people = PEOPLE.replace('tel: "+8613800000101"', 'tel: "+8613800000101", email: zhang@example.cn').rstrip()
    how = "[{after: 0s, by: sms}, {after: 60s, by: mail}]"
    policy = f"  policies: {{fault-3: {{steps: [{{after: 0s, who: [lead]}}], how: {how}}}}}"
    async with opened_desk(url, people=f"{people}\n{policy}\n", sms_b=SMS, email_m=Can(book="email")) as desk:
        desk.accounts["sms:a"].confirms = desk.accounts["email:m"].confirms = False
        await desk.report("甲1站点打印机坏了")
        await desk.run(100)
        assert len(desk.sent("email:m")) == 1
        assert desk.sent("sms:b") == [(90, "zhang")]


async def test_a_page_that_leaves_late_is_written_down(url: str) -> None:
    async with opened_desk(url, "gateway: {limits: {}}", works=False) as desk:
        await desk.house.intake.accept("wechat:in", [Inbound(key="m", sender="u", text=FAULT, raw=b"x")])
        await desk.house.intake.judge()
        desk.clock.move(START + timedelta(seconds=31))
        out = dispatcher(desk, desk.house.writer)
        await stepped(out)
        assert desk.events("late") == ["it left 31 s after it was due, at try 1"]
        with desk.house.database.read() as connection:
            (late,) = troubles.listed(connection, but=(), limit=5)
            assert (late.kind, late.account, late.method, late.state) == ("late", "sms:a", "sms", "delivered")
            assert troubles.counted(connection, START, but=()) == 1
            assert troubles.counted(connection, START + timedelta(minutes=1), but=()) == 0


class Between:
    """The writer, with something that happens right after a claim was committed."""

    def __init__(self, writer: Any, happens: Callable[[], Any]) -> None:
        self._writer = writer
        self._happens = happens

    async def do(self, move: Any, item: Any) -> Any:
        answer = await self._writer.do(move, item)
        if getattr(move, "__qualname__", "") == "Claiming.take":
            await self._happens()
        return answer


def dispatcher(desk: Desk, writer: Any) -> Out:
    standing = desk.house.standing
    return Out(
        owner="test",
        writer=writer,
        channels=cast("Mapping[str, Channel]", desk.accounts),
        failing=Failing(standing),
        recovery=Recovery(standing),
        clock=desk.clock,
        settings=desk.house.config.gateway,
        database=desk.house.database,
        claiming=Claiming(standing.all_quotas(), standing.router.zone),
        accepted=Accepted(standing),
    )


async def stepped(out: Out) -> None:
    await out.step()
    while out.busy:  # noqa: ASYNC110 - nothing tells it
        await asyncio.sleep(0.001)


def numbers(database: Database) -> list[int]:
    with database.read() as connection:
        return list(connection.execute(select(table_of(Ticket).c.number).order_by(table_of(Ticket).c.number)).scalars())


async def test_who_took_a_ticket_between_claim_and_send_is_not_texted(url: str) -> None:
    async with opened_desk(url, works=False) as desk:
        house = desk.house
        await house.intake.accept("wechat:in", [Inbound(key="m", sender="u", text=FAULT, raw=b"x")])
        await house.intake.judge()
        (number,) = numbers(house.database)

        async def taken() -> None:
            wish = Wish(person="li", number=number, command=Command(intent=Intent.TAKE, numbers=(number,)))
            await house.writer.do(Moves(house.standing).make, wish)

        await stepped(dispatcher(desk, Between(house.writer, taken)))
        assert [one for one in desk.sent("sms:a") if one[1] == "zhang"] == []
        assert "it was answered before this left: not sent" in desk.events("suppressed")
        assert desk.states()["cancelled"] == 1


async def test_a_page_that_still_waits_is_sent_after_the_look(url: str) -> None:
    async with opened_desk(url, works=False) as desk:
        house = desk.house
        await house.intake.accept("wechat:in", [Inbound(key="m", sender="u", text=FAULT, raw=b"x")])
        await house.intake.judge()

        async def nothing() -> None:
            return None

        await stepped(dispatcher(desk, Between(house.writer, nothing)))
        assert desk.sent("sms:a") == [(0, "zhang")]


async def test_a_bundle_of_which_one_was_taken_is_written_again_without_it(url: str) -> None:
    async with opened_desk(url, works=False) as desk:
        house = desk.house
        out = dispatcher(desk, house.writer)
        for place, text in enumerate(
            ("甲1站点打印机坏了", "乙2站点投影仪坏了", "丙3站点扫描仪坏了", "丁4站点空调坏了")
        ):
            await house.intake.accept("wechat:in", [Inbound(key=f"m{place}", sender=f"u{place}", text=text, raw=b"x")])
            await house.intake.judge()
        await stepped(out)
        desk.clock.move(START + timedelta(seconds=120))
        await house.writer.do(house.due.fire, None)
        known = numbers(house.database)

        async def taken() -> None:
            wish = Wish(person="li", number=known[1], command=Command(intent=Intent.TAKE, numbers=(known[1],)))
            await house.writer.do(Moves(house.standing).make, wish)

        await stepped(dispatcher(desk, Between(house.writer, taken)))
        assert [one for one in desk.accounts["sms:a"].sent if one[1] == "zhang"] == [(0, "zhang", "page")]
        await stepped(out)
        with house.database.read() as connection:
            c = table_of(Message).c
            bundles = connection.execute(
                select(c.state, c.variables).where(c.template == "page_fold").order_by(c.id)
            ).all()
        assert [(row[0], len(row[1]["numbers"].split())) for row in bundles] == [("cancelled", 4), ("delivered", 3)]
        assert str(known[1]) not in bundles[1][1]["numbers"].split()


async def test_hundreds_of_tickets_in_a_minute_ring_no_more_than_one_ladder(url: str, kind: str) -> None:
    if kind != "sqlite":
        pytest.skip("the same code; once is enough")
    async with opened_desk(url, works=True) as desk:
        for second in range(20):
            await desk.run(second * 3)
            inbound = [
                Inbound(key=f"k{n}", sender=f"u{n}", text=f"{SITES[n]}全部断电，业务中断", raw=b"x")
                for n in range(second * 10, second * 10 + 10)
            ]
            await desk.house.intake.accept("wechat:in", inbound)
            await desk.settle()
        await desk.run(595)
        calls = Counter(whom for _, whom in desk.sent("phone:a"))
        texts = Counter(whom for _, whom in desk.sent("sms:a"))
        assert len(numbers(desk.house.database)) > 150
        assert calls == {"zhang": 3, "li": 2, "wang": 2}, calls
        assert max(texts.values()) < 20, texts
        assert len(desk.events("storm")) == 3
