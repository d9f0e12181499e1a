"""A customer with a ladder of its own at night, somebody who went away, somebody who is awake; in the whole house."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from channels.contract import Can, GiveUp
from store.model import Address, Contact, Customer, Event, Message, Presence
from store.work import Work
from store.writer import Tx

SMS = Can(book="tel", confirms=True)
VOICE = Can(book="tel", speaks=True)
PUSH = Can(pushes=True, edits=True, buttons=4)
WAYS = {"sms:main": SMS, "phone:main": VOICE, "pager:main": PUSH}
OUTAGE = "滨江机房全部断电，业务中断"
ZHANG, LI, WANG, CHEN = "+8613800000101", "+8613800000102", "+8613800000103", "+8613900000001"
START = datetime.fromisoformat("2026-11-24T03:00:00+00:00")
NAMES = {ZHANG: "zhang", "101": "zhang", LI: "li", WANG: "wang"}
VIP = """
  policies:
    vip-night:
      steps: [{after: 0s, who: [lead, second]}]
      how: [{after: 0s, by: voice}]
      repeat: 5m
  choose:
    - {policy: vip-night, for: [fault-1], customers: ["华信*"], grades: [A], hours: {begin: "22:00", end: "07:00"}}
"""


async def put(town: Any, *rows: Any) -> None:
    """Write rows as the house does."""

    def write(tx: Tx, asks: Sequence[Any]) -> list[None]:
        work = Work(tx)
        for ask in asks:
            for row in ask:
                work.add(row)
        work.flush()
        return [None] * len(asks)

    await town.house.writer.do(write, rows)


def away(person: str, **length: float) -> Presence:
    return Presence(id=77, person=person, kind="away", begins=START, ends=START + timedelta(**length), at=START)


def customer(grade: str, name: str = "华信证券") -> tuple[Customer, Contact, Address]:
    return (
        Customer(id=5, name=name, grade=grade),
        Contact(id=6, name="陈工", customer_id=5, created_at=START),
        Address(id=7, contact_id=6, book="tel", value=CHEN),
    )


def asked(town: Any) -> list[str]:
    """Return every page that was written: minutes after the first, who, by which account."""
    pages = [row for row in town.rows(Message) if row["direction"] == "out" and row["page_id"] is not None]
    first = pages[0]["at"] if pages else START
    whom = lambda row: NAMES.get(row["recipient"], row["recipient"])  # noqa: E731
    return [
        f"{(row['at'] - first).total_seconds() / 60:g} {whom(row)} {row['channel'].partition(':')[0]}" for row in pages
    ]


def suppressed(town: Any) -> list[tuple[str, str]]:
    return [(row["text"], row["more"]["to"]) for row in town.rows(Event) if row["kind"] == "suppressed"]


@pytest.mark.parametrize(
    ("grade", "pages"),
    [
        pytest.param("A", ["0 zhang phone", "0 li phone"], id="is rung at once, lead and second together"),
        pytest.param("B", ["0 zhang sms", "1 zhang phone"], id="of another grade gets the ladder of the contract"),
    ],
)
async def test_a_customer_at_night(town, grade, pages):
    here = await town({"sms:main": SMS, "phone:main": VOICE}, VIP)
    await put(here, *customer(grade))
    await here.say("sms:main", CHEN, OUTAGE)
    await here.forward(minutes=2)
    assert asked(here) == pages


async def test_the_ladder_that_was_chosen_repeats_as_it_says(town):
    here = await town({"sms:main": SMS, "phone:main": VOICE}, VIP)
    await put(here, *customer("A"))
    await here.say("sms:main", CHEN, OUTAGE)
    await here.forward(minutes=6)
    assert asked(here)[2:] == ["5 zhang phone", "5 li phone"]


async def test_a_ticket_read_back_from_the_store_knows_its_customer(town):
    here = await town({"sms:main": SMS, "phone:main": VOICE}, VIP)
    await put(here, *customer("A"))
    await here.say("sms:main", CHEN, "打印机有点慢")
    await here.forward(minutes=1)
    begun = len(asked(here))
    await here.say("sms:main", ZHANG, "级别 1 1001")
    await here.forward(seconds=1)
    assert [line.split(" ", 1)[1] for line in asked(here)[begun:]] == ["zhang phone", "li phone"]


async def test_by_day_the_same_customer_is_like_the_others(town):
    here = await town({"sms:main": SMS, "phone:main": VOICE}, VIP)
    await put(here, *customer("A"))
    await here.forward(hours=5)
    await here.say("sms:main", CHEN, OUTAGE)
    assert asked(here) == ["0 zhang sms"]


async def test_who_went_away_since_the_ladder_began_is_passed_over_and_the_next_is_asked_at_once(town):
    here = await town({"sms:main": SMS})
    await here.say("sms:main", CHEN, OUTAGE)
    await put(here, away("zhang", hours=2))
    await here.forward(minutes=1)
    assert asked(here) == ["0 zhang sms", "1 li sms"]
    assert set(suppressed(here)) == {("away: passed over, the next one is asked", "zhang")}


async def test_a_ladder_of_which_everybody_went_away_goes_on_with_the_others(town):
    here = await town({"sms:main": SMS})
    await here.forward(hours=5)
    await here.say("sms:main", CHEN, "请问怎么修改登录密码")
    await put(here, away("zhang", hours=20))
    await here.forward(hours=8, minutes=5)
    assert asked(here) == ["0 zhang sms", "240 li sms", "480 li sms"]


async def test_whoever_is_awake_is_pushed_instead_of_texted_and_called_and_the_history_says_so(town):
    here = await town(WAYS)
    assert await here.say("sms:main", ZHANG, "醒着 60")
    await here.say("sms:main", CHEN, "滨江机房两台交换机告警，部分业务受影响")
    assert here.tickets == [(1001, "fault", 2)]
    await here.forward(minutes=4)
    assert asked(here) == ["0 zhang pager", "1.5 zhang pager"]
    told = ("awake until 04:00: pushed instead of called", "zhang")
    assert suppressed(here) == [told, told]
    assert "04:00" in here.channels["sms:main"].texts(ZHANG)[0]


async def test_a_page_of_level_1_that_somebody_awake_leaves_unanswered_is_texted_and_called_as_usual(town):
    short = """
  policies:
    fault-1:
      steps: [{after: 0s, who: [lead]}, {after: 9m, who: [second]}]
      how: [{after: 0s, by: sms}, {after: 1m, by: voice}]
"""
    here = await town(WAYS, short)
    await here.say("sms:main", ZHANG, "awake 60")
    await here.say("sms:main", CHEN, OUTAGE)
    await here.forward(minutes=8)
    assert asked(here) == ["0 zhang pager", "1 zhang pager", "3 zhang pager", "3 zhang sms", "4 zhang phone"]


async def test_a_push_that_fails_is_followed_by_a_text_at_once_although_the_person_is_awake(town):
    here = await town(WAYS)
    await here.say("sms:main", ZHANG, "awake 60")
    here.channels["pager:main"].fails = [GiveUp("blocked")]
    await here.say("sms:main", CHEN, OUTAGE)
    await here.forward(seconds=1)
    assert asked(here) == ["0 zhang pager", "0 zhang sms"]


@pytest.mark.parametrize("end", ["睡了", "awake 0"])
async def test_somebody_asleep_again_is_texted_and_called(town, end):
    here = await town(WAYS)
    await here.say("sms:main", ZHANG, "awake 60")
    await here.say("sms:main", ZHANG, end)
    await here.say("sms:main", CHEN, OUTAGE)
    await here.forward(minutes=1)
    assert asked(here) == ["0 zhang pager", "0 zhang sms", "1 zhang phone"]


async def test_being_awake_is_over_by_itself(town):
    here = await town(WAYS)
    await here.say("sms:main", ZHANG, "awake 30")
    await here.forward(minutes=30)
    await here.say("sms:main", CHEN, OUTAGE)
    assert asked(here) == ["0 zhang pager", "0 zhang sms"]


async def test_without_an_app_being_awake_changes_nothing_and_is_answered_so(town):
    here = await town({"sms:main": SMS, "phone:main": VOICE})
    await here.say("sms:main", ZHANG, "awake 60")
    assert here.channels["sms:main"].texts(ZHANG) == ["【服务台】没有能推送到您的应用，仍会发短信打电话叫您。"]
    await here.say("sms:main", CHEN, OUTAGE)
    await here.forward(minutes=1)
    assert asked(here) == ["0 zhang sms", "1 zhang phone"]
    assert not here.rows(Presence)


async def test_a_flood_wakes_the_app_of_somebody_awake(town):
    here = await town(WAYS)
    await here.say("sms:main", ZHANG, "awake 60")
    await here.say("sms:main", CHEN, OUTAGE)
    await here.say("sms:main", "+8613900000002", "东站医院全部断网，业务中断")
    await here.forward(minutes=2, seconds=1)
    assert {line.split()[-1] for line in asked(here)} == {"pager"}
    assert any("2" in text for text in here.channels["pager:main"].texts())
