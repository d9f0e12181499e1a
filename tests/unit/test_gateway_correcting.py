"""What people say of a judgement is kept with its words, by text, on the page and by the API; and what it changes."""

import re
from datetime import timedelta
from typing import Any

import httpx
import pytest

from channels.contract import Automatic, Can
from gateway.splitting import Split, Splitting
from gateway.web.server import build_app
from store import corrections
from store.model import Correction, Message, Page, Ticket

SMS, CHAT, MAIL = Can(book="tel"), Can(chats=True, groups=True, replies=True), Can(book="email", vouches=False)
CHEN, SUN = "+8613900000001", "+8613900000002"
ZHANG, LI = "+8613800000101", "+8613800000102"
FAULT = "东站医院3号楼我这台打印机坏了"


@pytest.fixture
async def here(town):
    """A house with texts, a chat and mail."""
    return await town({"sms:main": SMS, "telegram:main": CHAT, "email:support": MAIL})


def web(here) -> httpx.AsyncClient:
    app = build_app(here.house)
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app, client=("127.0.0.1", 5)),
        base_url="http://127.0.0.1:8000",
        headers={"accept-language": "en"},
    )


def kept(here) -> list[tuple[Any, ...]]:
    names = ("by", "kind_before", "kind_after", "level_before", "level_after", "text")
    return [tuple(row[name] for name in names) for row in here.rows(Correction)]


def hidden(page: httpx.Response, name: str) -> str:
    found = re.search(rf'name="{name}" value="(\w+)"', page.text)
    assert found
    return found[1]


@pytest.mark.parametrize(
    ("reply", "kind", "level"),
    [
        pytest.param("级别 2 1001", "fault", 2, id="a level"),
        pytest.param("级别 3 1001", "fault", 3, id="a level that is confirmed"),
        pytest.param("类型 投诉 1001", "complaint", None, id="a kind"),
        pytest.param("kind fault p1 1001", "fault", 1, id="a kind with its level"),
        pytest.param("误报 1001", "praise_or_chat", None, id="a false alarm"),
    ],
)
async def test_a_reply_keeps_what_the_message_really_was(here, reply, kind, level) -> None:
    await here.say("sms:main", CHEN, FAULT)
    await here.say("sms:main", ZHANG, reply)
    assert kept(here) == [("zhang", "fault", kind, 3, level, FAULT)]
    (row,) = here.rows(Correction)
    (said,) = [m for m in here.rows(Message) if m["text"] == FAULT]
    assert (row["message_id"], row["ticket_id"], row["channel"]) == (said["id"], said["ticket_id"], "sms:main")
    assert here.tickets == [(1001, kind, level)]


async def test_a_false_alarm_stops_the_paging_and_tells_no_customer(here) -> None:
    await here.say("sms:main", CHEN, "滨江机房全部断电，业务中断")
    before = here.channels["sms:main"].texts(CHEN)
    await here.say("sms:main", ZHANG, "误报 1001")
    await here.forward(hours=2)
    assert here.channels["sms:main"].texts(CHEN) == before
    assert [(page["person"], page["state"]) for page in here.rows(Page)] == [("zhang", "cancelled")]
    assert here.rows(Ticket)[0]["state"] == "closed"
    assert here.history("breach") == []
    assert here.history("kind") == ["fault -> praise_or_chat"]


async def test_the_same_words_after_a_false_alarm_are_a_matter_of_their_own(here) -> None:
    await here.say("sms:main", CHEN, FAULT)
    await here.say("sms:main", ZHANG, "误报 1001")
    await here.say("sms:main", CHEN, FAULT)
    assert here.tickets == [(1001, "praise_or_chat", None), (1002, "fault", 3)]


async def test_lines_judged_together_are_kept_together(here) -> None:
    await here.say("telegram:main", "c1", "你好", "3号楼打印机坏了")
    await here.say("sms:main", ZHANG, "级别 2 1001")
    assert [row[-1] for row in kept(here)] == ["你好\n3号楼打印机坏了"]


async def test_what_the_customer_made_worse_is_corrected_by_the_words_that_did_it(here) -> None:
    await here.say("sms:main", CHEN, FAULT)
    await here.forward(minutes=5)
    worse = "工单1001：现在全院系统都瘫痪了，业务中断"
    await here.say("sms:main", CHEN, worse)
    assert here.tickets == [(1001, "fault", 1)]
    await here.say("sms:main", ZHANG, "级别 2 1001")
    assert kept(here)[0][3:] == (1, 2, worse)


async def test_the_last_word_on_a_message_holds(here) -> None:
    await here.say("sms:main", CHEN, FAULT)
    await here.say("sms:main", ZHANG, "级别 1 1001")
    await here.say("sms:main", LI, "级别 2 1001")
    with here.house.database.read() as connection:
        found = corrections.latest(connection)
        later = corrections.latest(connection, since=found[-1].id)
    assert [(one.by, one.level_after) for one in found] == [("li", 2)]
    assert later == []


OUTAGE = "西站收费站全部断电，业务中断"


async def test_what_was_said_of_a_ticket_outlives_its_merge(here) -> None:
    await here.say("sms:main", CHEN, FAULT)
    await here.say("sms:main", SUN, OUTAGE)
    await here.say("sms:main", ZHANG, "级别 2 1002")
    await here.say("sms:main", ZHANG, "合并 1002 1001")
    await here.say("sms:main", LI, "误报 1002")
    rows = [(row["by"], row["kind_after"], row["level_after"], row["text"]) for row in here.rows(Correction)]
    none = ("li", "praise_or_chat", None)
    assert rows == [("zhang", "fault", 2, OUTAGE), (*none, OUTAGE), (*none, OUTAGE)]
    assert [row["state"] for row in here.rows(Ticket)] == ["closed", "merged"]


async def test_the_level_that_came_with_a_merge_is_corrected_by_the_words_behind_it(here) -> None:
    await here.say("sms:main", CHEN, FAULT)
    await here.say("sms:main", SUN, OUTAGE)
    await here.say("sms:main", ZHANG, "合并 1002 1001")
    await here.say("sms:main", ZHANG, "级别 2 1001")
    assert kept(here) == [("zhang", "fault", "fault", 1, 2, OUTAGE)]


async def test_a_ticket_whose_first_words_were_split_off_teaches_nothing_by_them(here) -> None:
    await here.say("sms:main", CHEN, FAULT)
    await here.say("sms:main", CHEN, "关于1001，是靠窗的那台")
    first = next(row for row in here.rows(Message) if row["text"] == FAULT)
    split = Split(person="zhang", number=1001, message_id=first["id"])
    await here.house.writer.do(Splitting(here.house.standing).split, split)
    await here.say("sms:main", ZHANG, "级别 2 1001")
    await here.say("sms:main", ZHANG, "级别 1 1002")
    assert [row[3:] for row in kept(here)] == [(3, 1, FAULT)]


async def test_what_was_split_off_together_is_kept_together(here) -> None:
    await here.say("sms:main", CHEN, OUTAGE)
    more = ("关于1001，另外二楼网络断了", "关于1001，上不了网")
    for words in more:
        await here.say("sms:main", CHEN, words)
    second = next(row for row in here.rows(Message) if row["text"] == more[0])
    split = Split(person="zhang", number=1001, message_id=second["id"], following=True)
    await here.house.writer.do(Splitting(here.house.standing).split, split)
    await here.say("sms:main", ZHANG, "级别 1 1002")
    assert [row[-1] for row in kept(here)] == ["\n".join(more)]


async def test_the_page_corrects_kind_and_level_without_a_script(here) -> None:
    await here.say("sms:main", CHEN, FAULT)
    async with web(here) as desk:
        for move, field, value in (("kind", "kind", "consultation"), ("level", "level", "2")):
            page = await desk.get("/t/1001")
            form = {"seal": hidden(page, "seal"), "version": hidden(page, "version"), "by": "li"}
            answer = await desk.post("/t/1001", data={**form, "move": move, field: value})
            assert answer.status_code == 303
            await here.settle()
        wrong = await desk.post("/t/1001", data={**form, "move": "kind", "kind": "followup"})
        history = (await desk.get("/t/1001")).text
    assert [row[:5] for row in kept(here)] == [
        ("li", "fault", "consultation", 3, None),
        ("li", "consultation", "fault", None, 2),
    ]
    assert (wrong.status_code, "kind corrected" in history) == (422, True)


DOUBTFUL = """  rules:
    - {name: red lamp, kind: fault, force: true, any: [蓝色代码]}
    - {name: red lamp bad, level: 1, force: true, any: [蓝色代码]}
    - {name: red lamp not so bad, level: 2, force: true, any: [蓝色代码]}
"""


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        pytest.param(
            "蓝色代码",
            "P1？P2 1001：蓝色代码。限03:10前接单。回1接单 2上报 3稍后，改级回 级别2 1001",
            id="room for all",
        ),
        pytest.param("滨江机房南侧走廊尽头的第三排第七列机柜出现蓝色代码请看", "。回1接单 2上报 3稍后", id="no room"),
        pytest.param("全院挂号系统都打不开，所有窗口停了", "", id="no doubt"),
    ],
)
async def test_a_doubt_is_shown_with_the_reply_that_ends_it(town, said, wanted) -> None:
    here = await town({"sms:main": SMS, "push:main": Can(book="pager", pushes=True)}, DOUBTFUL)
    await here.say("sms:main", CHEN, said)
    async with web(here) as desk:
        page = (await desk.get("/t/1001")).text
        await here.say("sms:main", ZHANG, "级别 2 1001")
        after = (await desk.get("/t/1001")).text
    text, pushed = here.channels["sms:main"].texts(ZHANG)[0], here.channels["push:main"].texts("101")[0]
    assert ("？" in text, "改级回 级别2 1001" in pushed, "In doubt" in page) == (bool(wanted),) * 3
    assert text.endswith(wanted)
    assert "In doubt" not in after


THANKS = "谢谢王工，辛苦了"


async def test_what_was_ignored_is_listed_and_one_press_makes_it_a_matter(here) -> None:
    await here.say("sms:main", CHEN, THANKS)
    assert here.tickets == []
    async with web(here) as desk:
        board = await desk.get("/")
        page = await desk.get("/ignored")
        form = {"seal": hidden(page, "seal"), "message": hidden(page, "message"), "by": "li"}
        wrong = await desk.post("/ignored", data={**form, "kind": "praise_or_chat", "level": "2"})
        opened = await desk.post("/ignored", data={**form, "kind": "fault", "level": "2"})
        again = await desk.post("/ignored", data={**form, "kind": "fault", "level": "2"})
        await here.settle()
        after = await desk.get("/ignored")
        ticket = (await desk.get("/t/1001")).text
    assert ('href="/ignored"' in board.text, THANKS in page.text, THANKS in after.text) == (True, True, False)
    assert [r.status_code for r in (wrong, opened, again)] == [422, 303, 409]
    assert opened.headers["location"] == "/t/1001?said=opened"
    assert here.tickets == [(1001, "fault", 2)]
    assert kept(here) == [("li", "praise_or_chat", "fault", None, 2, THANKS)]
    assert (THANKS in ticket, "李雷 said so" in ticket) == (True, True)
    assert len(here.channels["sms:main"].texts(ZHANG)) == 1


async def test_the_api_does_the_same(here) -> None:
    await here.say("sms:main", CHEN, THANKS)
    async with web(here) as desk:
        (listed,) = (await desk.get("/api/v1/ignored")).json()
        path = f"/api/v1/ignored/{listed['message']['id']}/open"
        refused = [
            await desk.post(path, json=body)
            for body in ({"by": "nobody"}, {"by": "li", "kind": "praise_or_chat"}, {"by": "li", "kind": "followup"})
        ]
        opened = await desk.post(path, json={"by": "li", "kind": "complaint"})
        await here.settle()
        again = await desk.post(path, json={"by": "li"})
        moved = await desk.post("/api/v1/tickets/1001/moves", json={"by": "zhang", "move": "kind", "kind": "fault"})
        found = (await desk.get("/api/v1/corrections")).json()
    assert listed["message"]["verdict"]["kind"] == "praise_or_chat"
    assert ([r.status_code for r in refused], again.status_code) == ([422, 422, 422], 404)
    assert (opened.json()["ticket"]["kind"], moved.json()["ticket"]["level"]) == ("complaint", 3)
    assert [(one["by"], one["kind_after"], one["level_after"]) for one in found] == [("zhang", "fault", 3)]


async def test_old_news_codes_and_bounces_are_not_among_what_was_ignored(here) -> None:
    await here.say("sms:main", CHEN, THANKS)
    await here.forward(days=8)
    await here.say("telegram:main", "c1", "绑定 123456")
    await here.say("email:support", "x@example.cn", "Undelivered", automatic=Automatic.BOUNCE)
    await here.say("sms:main", CHEN, "祝大家节日快乐")
    with here.house.database.read() as connection:
        now = here.clock.now()
        lately = corrections.ignored(connection, now - timedelta(days=7))
        ever = corrections.ignored(connection, now - timedelta(days=30))
    assert [one.message.text for one in lately] == ["祝大家节日快乐"]
    assert [one.message.text for one in ever] == ["祝大家节日快乐", THANKS]
