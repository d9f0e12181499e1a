"""Somebody presses that the upgrade went wrong: a ticket opens, the lead is paged, they are answered; it counts."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from channels.contract import Can, Window
from gateway.broadcast.links import token
from gateway.web.server import build_app
from store.model import Broadcast, Event, Message, Recipient, Ticket
from tests.parcels import SECRET, keep, sent

SMS = Can(book="tel", confirms=True)
MAIL = Can(book="email", vouches=False, threads=True)
ONE_WAY = Can(receives=False, replies=False)
CHATS = Can(groups=True, chats=True)
LIMITED = Can(window=Window(lasts=timedelta(hours=48), most=5))
LEAD = "+8613800000101"
BROKEN = {"what": "装完起不来，一直重启", "where": "滨江机房 2 号柜", "phone": "13900000009"}


@pytest.fixture
async def here(town: Any, tmp_path: Path) -> Any:
    folder = f"  broadcasts: {{packages: {{folder: {tmp_path}/packages}}}}\n"
    cans = {"sms:main": SMS, "email:main": MAIL, "wechat:robot": ONE_WAY, "qq:main": CHATS, "wechat:kf": LIMITED}
    return await town(cans, gateway=folder)


async def press(here: Any, path: str, *reports: dict[str, str]) -> list[str]:
    """Press with each report; returns what the page said."""
    said = []
    transport = httpx.ASGITransport(build_app(here.house), client=("192.0.2.7", 5))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
        for report in reports:
            found = re.search(r'name="seal" value="(\w+)"', (await client.get(path)).text)
            assert found
            answer = await client.post(f"{path}/wrong", data={"seal": found[1], **report}, follow_redirects=True)
            shown = re.search(r'role="status">([^<]+)', answer.text)
            said.append(shown[1] if shown else "")
            await here.settle()
    return said


def troubles(here: Any) -> tuple[bool, int]:
    """Whether the gate sees a report of the recipient, and how many the history has."""
    told = [one["text"] for one in here.rows(Event) if one["kind"] == "broadcast" and one["broadcast_id"] == 1]
    return here.rows(Recipient)[0]["trouble_at"] is not None, told.count("trouble")


async def test_a_press_opens_a_ticket_pages_the_lead_and_is_answered(here, tmp_path) -> None:
    path = await sent(here.house, tmp_path)
    (said,) = await press(here, path, BROKEN)
    assert said.startswith("已告诉值班工程师")
    [(number, kind, level)] = here.tickets
    assert (kind, level in (1, 2, 3)) == ("fault", True)
    ticket = here.rows(Ticket)[0]
    assert (ticket["channel"], ticket["reply_to"], ticket["site"]) == ("sms:main", "+8613900000001", "滨江机房")
    [page, *_] = here.channels["sms:main"].texts(LEAD)
    assert ("升级" in page, str(number) in page) == (True, True)
    [answer] = here.channels["sms:main"].texts("+8613900000001")
    assert str(number) in answer
    assert troubles(here) == (True, 1)
    [sending] = here.rows(Broadcast)
    assert (sending["state"], sending["why"]) == ("paused", "troubles")
    [heard] = here.heard
    assert heard.startswith("升级出问题了：采集网关升级包 2.3.1，装完起不来，一直重启。")
    assert heard.endswith("设备或站点：滨江机房 2 号柜。回电：13900000009。")


async def test_pressed_again_it_is_one_ticket_and_more_words_join_it(here, tmp_path) -> None:
    path = await sent(here.house, tmp_path)
    await press(here, path, BROKEN, BROKEN, {"what": "另外大屏也黑了"}, {"what": ""})
    assert len(here.tickets) == 1
    assert list(here.heard.values()) == [1001] * 3
    assert troubles(here) == (True, 3)


async def test_words_that_speak_of_anything_still_report_a_fault(here, tmp_path) -> None:
    path = await sent(here.house, tmp_path)
    await press(here, path, {"what": "谢谢，请问怎么用"})
    assert [kind for _, kind, _ in here.tickets] == ["fault"]


@pytest.mark.parametrize(
    ("channel", "more"),
    [
        pytest.param("wechat:robot", {"address": "robot"}, id="a channel that only sends"),
        pytest.param("email:main", {"address": "chen@example.cn"}, id="mail"),
        pytest.param("qq:main", {"address": "room", "group": True, "name": "滨江群"}, id="a chat group"),
        pytest.param("sms:main", {"address": "+8613900000001", "language": "en"}, id="in English"),
    ],
)
async def test_whatever_way_it_was_sent_by_the_ticket_opens_and_is_answered_there(
    here, tmp_path, channel, more
) -> None:
    path = await sent(here.house, tmp_path, channel=channel, **more)
    await press(here, path, BROKEN)
    assert [kind for _, kind, _ in here.tickets] == ["fault"]
    [answer] = [one for one in here.channels[channel].sent if one.to != LEAD and one.template != "page"]
    assert "1001" in answer.text
    assert (answer.in_reply_to, answer.quotes, answer.references) == (None, None, ())
    if more.get("group"):
        assert (answer.group, answer.to) == ("room", "")
    assert here.channels["sms:main"].texts(LEAD) != []


async def test_a_page_opens_no_window_of_a_provider_that_only_lets_us_answer(here, tmp_path) -> None:
    path = await sent(here.house, tmp_path, channel="wechat:kf", address="chen")
    await press(here, path, BROKEN)
    assert [kind for _, kind, _ in here.tickets] == ["fault"]
    assert here.channels["wechat:kf"].sent == []
    assert "failed" in {one["state"] for one in here.rows(Message)}
    await here.say("wechat:kf", "chen", "在吗")
    await here.forward(minutes=1)
    assert here.channels["wechat:kf"].sent == [] or here.channels["wechat:kf"].sent[0].quotes.startswith("k")


async def test_whoever_has_no_channel_at_all_is_heard_all_the_same(here, tmp_path) -> None:
    path = await sent(here.house, tmp_path, channel="", address="")
    await press(here, path, BROKEN)
    assert [kind for _, kind, _ in here.tickets] == ["fault"]
    assert here.channels["sms:main"].texts(LEAD) != []


@pytest.mark.parametrize(
    "words", [BROKEN, {"what": "1"}, {"what": "解决 1001 好了"}], ids=["words", "a digit", "an order"]
)
async def test_a_pilot_of_the_staff_reports_like_a_customer_and_orders_nothing(here, tmp_path, words) -> None:
    path = await sent(here.house, tmp_path, who="s:li", name="李雷", address="+8613800000102")
    await press(here, path, words)
    assert [kind for _, kind, _ in here.tickets] == ["fault"]
    ticket = here.rows(Ticket)[0]
    assert (ticket["state"], ticket["reply_to"]) == ("paging", "+8613800000102")
    assert here.channels["sms:main"].texts(LEAD) != []
    await here.say("sms:main", "+8613800000102", "接单 1001")
    assert here.rows(Ticket)[0]["owner"] == "li"


async def test_a_line_said_just_before_in_the_chat_is_no_part_of_the_report(here, tmp_path) -> None:
    path = await sent(here.house, tmp_path, channel="qq:main", address="chen")
    await here.say(
        "qq:main", "chen", "大家好，下午三点在二楼会议室开例会，请各位准时参加，会议纪要会后发给大家，谢谢配合"
    )
    await press(here, path, {"what": "请问怎么用"})
    assert [one for one in here.heard.values() if one] == [1001]
    assert here.tickets[0][1] == "fault"


async def test_each_customer_of_a_package_gets_a_ticket_although_all_use_the_same_words(here, tmp_path) -> None:
    path = await sent(here.house, tmp_path)
    other = Recipient(id=37, broadcast_id=1, who="c8", channel="sms:main", address="+8613900000002", state="sent")
    await here.house.writer.do(keep, other)
    await press(here, path, {"what": "装完起不来"})
    await press(here, f"/p/{token(SECRET, 37)}", {"what": "装完起不来"})
    assert [(row["number"], row["reply_to"][-1]) for row in here.rows(Ticket)] == [(1001, "1"), (1002, "2")]
    assert "1002" in here.channels["sms:main"].texts("+8613900000002")[0]
