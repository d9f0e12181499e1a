"""Groups and chats: short lines are read as one message, and the bot says little."""

from datetime import timedelta
from typing import Any

import pytest

from channels.contract import Can, Window
from store.model import Ticket

GROUPS = Can(groups=True, chats=True, threads=False)
SMS = Can(book="tel", confirms=True)
LINES = ("在吗", "滨江机房", "断电了，业务全断")
ROOM = {"group": "room", "group_name": "滨江群"}


@pytest.fixture
async def here(town: Any) -> Any:
    """A house with a chat of groups, and texts for the staff."""
    return await town({"qq:main": GROUPS, "sms:main": SMS})


def answers(here: Any) -> list[str]:
    found: list[str] = here.channels["qq:main"].texts()
    return found


@pytest.mark.parametrize("at_once", [True, False], ids=["in one batch", "one by one"])
async def test_short_lines_within_a_minute_are_one_matter(here, at_once: bool) -> None:
    if at_once:
        await here.say("qq:main", "chen", *LINES, **ROOM)
    else:
        for line in LINES:
            await here.say("qq:main", "chen", line, **ROOM)
            await here.forward(seconds=20)
    assert here.tickets == [(1001, "fault", 1)]
    assert here.heard == dict.fromkeys(LINES, 1001)
    assert [("1001" in text) for text in answers(here)] == [True]
    [page, *_] = here.channels["sms:main"].texts("+8613800000101")
    assert "滨江机房" in page
    assert page.count("在吗") <= 1


async def test_the_lines_of_another_person_are_not_mixed_in(here) -> None:
    await here.say("qq:main", "sun", "在吗", **ROOM)
    await here.say("qq:main", "chen", "断电了，业务全断", **ROOM)
    assert here.heard == {"在吗": None, "断电了，业务全断": 1001}


async def test_lines_of_another_group_are_not_mixed_in(here) -> None:
    await here.say("qq:main", "chen", "在吗", group="elsewhere")
    await here.say("qq:main", "chen", "断电了，业务全断", **ROOM)
    assert here.heard["在吗"] is None


async def test_lines_more_than_a_minute_apart_are_not_one_message(here) -> None:
    await here.say("qq:main", "chen", "在吗", **ROOM)
    await here.forward(seconds=61)
    await here.say("qq:main", "chen", "断电了，业务全断", **ROOM)
    assert here.heard == {"在吗": None, "断电了，业务全断": 1001}


async def test_an_order_of_the_staff_is_read_alone(town) -> None:
    here = await town({"qq:main": GROUPS, "sms:main": Can(book="tel", chats=True)})
    await here.say("sms:main", "+8613900000001", "滨江机房断电了，业务全断")
    await here.say("sms:main", "+8613800000101", "在吗")
    await here.say("sms:main", "+8613800000101", "1")
    assert [row["owner"] for row in here.rows(Ticket)] == ["zhang"]


async def test_two_people_with_one_outage_share_a_ticket_and_one_receipt(here) -> None:
    first = await here.say("qq:main", "chen", "滨江机房断电了，业务全断", **ROOM)
    await here.say("qq:main", "sun", "滨江机房断电了，业务全断，怎么回事", **ROOM)
    assert [number for number, _, _ in here.tickets] == [1001]
    [receipt] = here.channels["qq:main"].sent
    assert (receipt.group, receipt.to, receipt.quotes) == ("room", "chen", first)


async def test_chatter_opens_nothing_and_is_not_answered(here) -> None:
    for who, line in (("chen", "早上好"), ("sun", "哈哈哈"), ("wu", "中午吃什么"), ("chen", "收到，谢谢")):
        await here.say("qq:main", who, line, **ROOM)
        await here.forward(minutes=2)
    assert (here.tickets, answers(here)) == ([], [])


async def test_in_a_group_nothing_is_said_of_taking_and_arriving(here) -> None:
    await here.say("qq:main", "chen", "滨江机房断电了，业务全断", **ROOM)
    for order in ("1", "到场1001"):
        await here.say("sms:main", "+8613800000101", order)
    assert len(answers(here)) == 1
    await here.say("sms:main", "+8613800000101", "回复1001 备用电源已接通")
    assert "备用电源已接通" in answers(here)[-1]
    assert len(answers(here)) == 2


async def test_outside_a_group_it_is_said(here) -> None:
    await here.say("qq:main", "chen", "滨江机房断电了，业务全断")
    for order in ("1", "解决1001 换了电源"):
        await here.say("sms:main", "+8613800000101", order)
    before = len(answers(here))
    await here.say("qq:main", "chen", "5")
    assert answers(here)[before:] == ["【服务台】谢谢您的评价，单号1001。"]


async def test_in_a_group_nobody_is_thanked_for_a_rating(here) -> None:
    await here.say("qq:main", "chen", "滨江机房断电了，业务全断", **ROOM)
    for order in ("1", "解决1001 换了电源"):
        await here.say("sms:main", "+8613800000101", order)
    before = len(answers(here))
    await here.say("qq:main", "chen", "5", **ROOM)
    assert answers(here)[before:] == []
    assert [row["rating"] for row in here.rows(Ticket)] == [5]


async def test_who_names_the_bot_hears_how_to_report(here) -> None:
    key = await here.say("qq:main", "chen", "你好", named=True, **ROOM)
    [answer] = here.channels["qq:main"].sent
    assert (answer.text, answer.quotes, answer.group) == (
        "【服务台】我在。请写明地点和现象，我会登记并通知值班人员。",
        key,
        "room",
    )
    assert here.tickets == []


async def test_who_names_the_bot_about_a_matter_hears_where_it_stands_once(here) -> None:
    await here.say("qq:main", "chen", "滨江机房断电了，业务全断", named=True, **ROOM)
    assert len(answers(here)) == 1
    await here.say("sms:main", "+8613800000101", "1")
    await here.forward(minutes=3)
    await here.say("qq:main", "chen", "现在怎么样了", named=True, **ROOM)
    assert len(answers(here)) == 2
    assert "1001" in answers(here)[1]
    assert "张三" in answers(here)[1]


async def test_who_names_the_bot_from_another_group_with_a_known_outage_gets_one_answer(here) -> None:
    await here.say("qq:main", "chen", "滨江机房断电了，业务全断", **ROOM)
    await here.say("qq:main", "sun", "滨江机房断电了，业务全断了", group="elsewhere", named=True)
    [answer] = [one for one in here.channels["qq:main"].sent if one.group == "elsewhere"]
    assert "1001" in answer.text


async def test_somebody_who_names_the_bot_all_the_time_is_answered_so_often_an_hour(town) -> None:
    here = await town({"qq:main": GROUPS, "sms:main": SMS}, "  receipts_per_hour: 2")
    for _ in range(4):
        await here.say("qq:main", "chen", "你好", named=True, **ROOM)
        await here.forward(minutes=2)
    assert len(answers(here)) == 2
    await here.forward(hours=1)
    await here.say("qq:main", "chen", "你好", named=True, **ROOM)
    assert len(answers(here)) == 3


async def test_the_window_of_a_group_is_another_than_that_of_a_person(town) -> None:
    short = Window(lasts=timedelta(minutes=5), most=5)
    here = await town({"qq:main": Can(groups=True, group_window=short), "sms:main": SMS})
    await here.say("qq:main", "chen", "滨江机房断电了，业务全断", **ROOM)
    await here.say("qq:main", "sun", "东站医院断电了，业务全断")
    await here.forward(minutes=6)
    await here.say("sms:main", "+8613800000101", "回复1001 好了")
    await here.say("sms:main", "+8613800000101", "回复1002 好了")
    assert [one.to for one in here.channels["qq:main"].sent if "好了" in one.text] == ["sun"]
