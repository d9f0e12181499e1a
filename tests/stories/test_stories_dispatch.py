"""Somebody is sent on site: asked, on the way, there, proved, done; or not, and then the next one is."""

import base64
import re
import struct
import zlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from channels.contract import Can
from gateway.signing import Going, Seals, key_of
from gateway.web.server import build_app
from store.model import Clock, Message, Ticket, Visit

SMS = Can(book="tel")
PUSH = Can(book="pager", pushes=True)
WHOLE = """
gateway:
  signature: {zh: 服务台, en: Support}
  operator_token: {file: TOKEN}
router:
  time_zone: UTC
  people:
    zhang: {name: 张三, addresses: {tel: "+8613800000101"}}
    li: {name: 李雷, skills: [核心交换机], areas: [滨江], addresses: {tel: "+8613800000102"}}
    zhao: {name: 赵六, skills: [OLT], addresses: {tel: "+8613800000104", pager: "104"}}
    wang: {name: 王经理, engineer: false, addresses: {tel: "+8613800000103"}}
  rota: {lead: zhang, second: li, manager: wang}
  sites: [滨江机房, 东站医院]
  dispatch: {site_codes: true}
"""
ZHANG, LI, ZHAO, WANG = (f"+86138000001{end}" for end in ("01", "02", "04", "03"))
CUSTOMER = "+8613900000001"
FAULT = "滨江机房核心交换机断电，业务中断"


@pytest.fixture
async def here(town, tmp_path: Path) -> Any:
    """A fault of level 1 that Zhang has taken."""
    (tmp_path / "token").write_text("a token of some length")
    built = await town({"sms:main": SMS, "pager:main": PUSH}, whole=WHOLE.replace("TOKEN", str(tmp_path / "token")))
    await built.say("sms:main", CUSTOMER, FAULT)
    await built.say("sms:main", ZHANG, "1")
    return built


def texts(town: Any, to: str) -> list[str]:
    return list(town.channels["sms:main"].texts(to))


def visit(town: Any, index: int = -1) -> dict[str, Any]:
    return dict(town.rows(Visit)[index])


def ticket(town: Any) -> dict[str, Any]:
    return dict(town.rows(Ticket)[0])


def seals(town: Any) -> Seals:
    key = key_of(town.house.config)
    assert key
    return Seals(key)


def page_of(town: Any, person: str) -> str:
    return f"/e/{seals(town).page(Going(person=person, number=1001), town.clock.now())}"


def browser(town: Any, *, elsewhere: bool = False) -> httpx.AsyncClient:
    """Somebody at a desk beside the gateway, or elsewhere with a phone."""
    transport = httpx.ASGITransport(build_app(town.house), client=("192.0.2.7" if elsewhere else "127.0.0.1", 5))
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000")


async def on_site(town: Any) -> str:
    """Send Li, who accepts and arrives; returns the customer's code."""
    await town.say("sms:main", ZHANG, "派 李雷 1001")
    await town.say("sms:main", LI, "1")
    found = re.search(r"确认码(\d{4})", " ".join(texts(town, CUSTOMER)))
    assert found
    await town.say("sms:main", LI, "到场 1001")
    return found[1]


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


PNG = (
    b"\x89PNG\r\n\x1a\n"
    + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    + chunk(b"IDAT", zlib.compress(b"\0\0"))
    + chunk(b"IEND", b"")
)
"""One black pixel."""


async def test_a_visit_from_the_order_to_the_proof(here) -> None:
    await here.say("sms:main", ZHANG, "派 1001")
    assert (
        texts(here, ZHANG)[-1]
        == "【服务台】1001可派：李雷(近滨江,懂核心交换机,空闲) 张三(空闲) 赵六(空闲)。回 派 姓名 1001"
    )
    await here.say("sms:main", ZHANG, "派 李雷 1001")
    assert texts(here, ZHANG)[-1] == "【服务台】1001已问李雷能否上门，03:10前没答应会告诉您。"
    assert texts(here, LI)[-1].startswith("【服务台】上门 P1 1001 滨江机房：")
    assert (visit(here)["state"], visit(here)["engineer"], visit(here)["by"]) == ("sent", "li", "zhang")
    await here.forward(minutes=2)
    await here.say("sms:main", LI, "1")
    assert (visit(here)["state"], ticket(here)["owner"]) == ("accepted", "zhang")
    assert texts(here, ZHANG)[-1] == "【服务台】1001：李雷答应上门。"
    assert "由您上门" in texts(here, LI)[-2]
    code = re.search(r"李雷上门。.*确认码(\d{4})告诉他", texts(here, CUSTOMER)[-1])
    assert code
    await here.forward(minutes=1)
    await here.say("sms:main", LI, "出发 1001 40")
    assert texts(here, CUSTOMER)[-1] == "【服务台】单号1001：李雷已出发，约40分钟到。"
    await here.forward(minutes=40)
    await here.say("sms:main", LI, "到场")
    now = here.clock.now()
    assert (visit(here)["state"], visit(here)["arrived_by"], visit(here)["arrived_at"]) == ("arrived", "reply", now)
    assert (ticket(here)["state"], ticket(here)["owner"], ticket(here)["arrived_at"]) == ("on_site", "zhang", now)
    await here.say("sms:main", LI, f"确认码 1001 {code[1]}")
    assert (visit(here)["proof"], visit(here)["proved_at"]) == ("code", now)
    await here.forward(minutes=5)
    await here.say("sms:main", LI, "解决 1001 更换电源模块")
    assert (visit(here)["state"], visit(here)["report"]) == ("done", "更换电源模块")
    assert (ticket(here)["state"], ticket(here)["resolved_at"]) == ("resolved", here.clock.now())
    assert "更换电源模块" in texts(here, CUSTOMER)[-1]


async def test_who_declines_is_not_proposed_again_and_the_next_is_sent(here) -> None:
    await here.say("sms:main", ZHANG, "派 李雷 1001")
    await here.say("sms:main", LI, "2")
    assert texts(here, ZHANG)[-1] == "【服务台】1001：李雷去不了。还可派：张三(空闲) 赵六(空闲)。回 派 姓名 1001"
    assert texts(here, LI)[-1] == "【服务台】1001：已记下您去不了，会另派人。"
    await here.say("sms:main", ZHANG, "派 赵六 1001")
    assert [(row["engineer"], row["state"]) for row in here.rows(Visit)] == [("li", "declined"), ("zhao", "sent")]
    await here.forward(minutes=10)
    assert [row["state"] for row in here.rows(Visit)] == ["declined", "declined"]
    assert texts(here, ZHANG)[-1] == "【服务台】1001：赵六没有答复。还可派：张三(空闲)。回 派 姓名 1001"
    assert ticket(here)["owner"] == "zhang"


async def test_a_wrong_code_proves_nothing_and_five_are_the_end(here) -> None:
    code = await on_site(here)
    wrong = "1000" if code != "1000" else "1001"
    for _ in range(4):
        await here.say("sms:main", LI, f"确认码 1001 {wrong}")
    assert texts(here, LI)[-1] == "【服务台】1001：确认码不对，还可试1次。"
    await here.say("sms:main", LI, f"确认码 {wrong}")
    await here.say("sms:main", LI, f"确认码 1001 {code}")
    assert texts(here, LI)[-1] == "【服务台】1001：确认码错得太多，请客户在上门页面签名。"
    assert (visit(here)["proof"], visit(here)["tries"]) == ("", 5)


async def test_the_code_alone_is_enough_and_nobody_but_the_customer_reads_it(here) -> None:
    code = await on_site(here)
    async with browser(here) as web:
        before = await web.get("/api/v1/tickets/1001"), await web.get("/t/1001")
    assert [code in answer.text for answer in before] == [False, False]
    assert code not in " ".join(here.history("reply"))
    await here.say("sms:main", LI, f"code {code}")
    assert visit(here)["proof"] == "code"
    kept = [row["text"] for row in here.rows(Message) if row["template"] == "customer_visit_code"]
    assert kept == ["【服务台】单号1001由李雷上门。完工满意后请把确认码****告诉他，完工前请勿告知。"]


async def test_in_a_group_no_code_is_told(town, tmp_path) -> None:
    (tmp_path / "token").write_text("a token of some length")
    group = Can(book="chat", chats=True)
    built = await town({"sms:main": SMS, "chat:main": group}, whole=WHOLE.replace("TOKEN", str(tmp_path / "token")))
    await built.say("chat:main", "c1", FAULT, group="g1")
    await built.say("sms:main", ZHANG, "1")
    await built.say("sms:main", ZHANG, "派 李雷 1001")
    await built.say("sms:main", LI, "同意")
    assert (visit(built)["state"], visit(built)["code_digest"]) == ("accepted", "")
    await built.say("sms:main", LI, "确认码 1001 4821")
    assert texts(built, LI)[-1] == "【服务台】1001：没有给客户发过确认码，请客户在上门页面签名。"


async def test_who_is_on_the_way_is_told_when_it_was_solved_without_them(here) -> None:
    await here.say("sms:main", ZHANG, "派 李雷 1001")
    await here.say("sms:main", LI, "1")
    await here.say("sms:main", ZHANG, "解决 1001 远程重启")
    assert texts(here, LI)[-1] == "【服务台】1001已处理完，您不用再去。"
    assert (visit(here)["state"], visit(here)["report"]) == ("called_off", "")


async def test_who_cannot_go_after_all_says_so_before_they_are_there(here) -> None:
    await here.say("sms:main", ZHANG, "派 李雷 1001")
    await here.say("sms:main", LI, "1")
    await here.say("sms:main", LI, "去不了 1001")
    assert (visit(here)["state"], "李雷去不了" in texts(here, ZHANG)[-1]) == ("declined", True)


async def test_somebody_whom_no_text_reaches_counts_as_one_who_does_not_go(town, tmp_path) -> None:
    (tmp_path / "token").write_text("a token of some length")
    whole = WHOLE.replace("TOKEN", str(tmp_path / "token"))
    whole = whole.replace('addresses: {tel: "+8613800000104", pager: "104"}', "addresses: {radio: ch7}")
    built = await town({"sms:main": SMS}, whole=whole)
    await built.say("sms:main", CUSTOMER, FAULT)
    await built.say("sms:main", ZHANG, "1")
    await built.say("sms:main", ZHANG, "派 赵六 1001")
    assert (visit(built)["state"], "赵六没有答复" in texts(built, ZHANG)[-1]) == ("declined", True)


async def test_a_wish_is_the_visit_that_is_sent_and_is_brought_to_mind_two_hours_before(here) -> None:
    await here.say("sms:main", "+8613900000002", "请今天下午两点派人到东站医院，找李工 13800138000")
    await here.say("sms:main", ZHANG, "接单 1002")
    await here.forward(hours=8, minutes=59)
    due = "【服务台】1002：客户约14:00上门（东站医院），还没派人。看人选回 派 1002"
    assert due not in texts(here, ZHANG)
    await here.forward(minutes=1)
    assert texts(here, ZHANG)[-1] == due
    await here.say("sms:main", ZHANG, "派 赵六 1002")
    wish = visit(here)
    assert (len(here.rows(Visit)), wish["state"], wish["contact"], wish["engineer"]) == (1, "sent", "李工", "zhao")
    assert "找李工" in texts(here, ZHAO)[-1]


async def test_a_wish_that_somebody_goes_for_is_not_brought_to_mind(here) -> None:
    await here.say("sms:main", "+8613900000002", "请今天下午两点派人到东站医院，找李工 13800138000")
    await here.say("sms:main", ZHANG, "接单 1002")
    await here.say("sms:main", ZHANG, "派 赵六 1002")
    await here.say("sms:main", ZHAO, "1")
    await here.forward(hours=11)
    assert [text for text in texts(here, ZHANG) if "还没派人" in text] == []


async def test_an_engineer_without_an_order_goes_and_reports_like_one(here) -> None:
    await here.say("sms:main", ZHANG, "出发 1001")
    assert texts(here, CUSTOMER)[-1] == "【服务台】单号1001：张三已出发。"
    await here.say("sms:main", ZHANG, "到场 1001")
    assert (visit(here)["engineer"], visit(here)["state"]) == ("zhang", "arrived")


async def test_the_second_arrival_of_a_ticket_moves_no_clock(here) -> None:
    await here.say("sms:main", ZHANG, "派 李雷 1001")
    await here.say("sms:main", LI, "1")
    await here.say("sms:main", ZHANG, "到场 1001")
    first = ticket(here)["arrived_at"]
    await here.forward(minutes=10)
    await here.say("sms:main", LI, "到场 1001")
    assert (ticket(here)["arrived_at"], visit(here)["arrived_at"]) == (first, here.clock.now())
    assert [row["started_at"] for row in here.rows(Clock) if row["kind"] == "resolve"] == [first]


async def test_the_link_comes_by_an_app_only(here) -> None:
    await here.say("sms:main", ZHANG, "派 赵六 1001")
    await here.say("sms:main", ZHAO, "1")
    (pushed,) = here.channels["pager:main"].texts("104")
    assert "/e/" in pushed
    assert [text for text in here.channels["sms:main"].texts() if "/e/" in text] == []


async def test_the_engineers_page_goes_the_whole_way_without_a_script(here) -> None:
    await here.say("sms:main", ZHANG, "派 赵六 1001")
    async with browser(here, elsewhere=True) as web:
        link = page_of(here, "zhao")
        first = await web.get(link)
        assert (first.status_code, "核心交换机" in first.text, "<script" in first.text) == (200, True, False)
        assert visit(here)["state"] == "sent"
        for form, state in (
            ({"move": "accept"}, "accepted"),
            ({"move": "leave", "minutes": "25"}, "on_the_way"),
            ({"move": "arrive", "position": ""}, "arrived"),
        ):
            answer = await web.post(link, data=form)
            await here.settle()
            assert (answer.status_code, visit(here)["state"]) == (303, state)
        assert (visit(here)["arrived_by"], visit(here)["position"]) == ("button", "")
        await web.post(link, data={"move": "sign", "name": "陈主任"})
        assert (visit(here)["proof"], visit(here)["proved_by"], visit(here)["signature"]) == ("signature", "陈主任", "")
        await web.post(link, data={"move": "resolve", "text": "更换电源模块"})
        await here.settle()
        last = await web.get(link)
        assert (visit(here)["state"], "这次上门已结束" in last.text) == ("done", True)
        late = await web.post(link, data={"move": "arrive"})
        assert late.headers["location"].endswith("said=visit_none")
    async with browser(here) as web:
        shown = await web.get("/t/1001")
        assert ("陈主任" in shown.text, "更换电源模块" in shown.text) == (True, True)


async def test_a_position_is_kept_as_evidence_and_a_drawing_as_a_picture(here) -> None:
    await here.say("sms:main", ZHANG, "派 李雷 1001")
    await here.say("sms:main", LI, "1")
    async with browser(here, elsewhere=True) as web:
        link = page_of(here, "li")
        await web.post(link, data={"move": "arrive", "position": "30.246120,120.199120,12"})
        assert (visit(here)["arrived_by"], visit(here)["position"]) == ("position", "30.246120,120.199120,12")
        refused = await web.post(link, data={"move": "sign", "name": "陈主任", "picture": "data:image/png;base64,AAAA"})
        assert (refused.headers["location"][-15:], visit(here)["proof"]) == ("picture_refused", "")
        drawn = "data:image/png;base64," + base64.b64encode(PNG).decode()
        await web.post(link, data={"move": "sign", "name": "陈主任", "picture": drawn})
    async with browser(here) as web:
        page = await web.get("/t/1001")
        assert "30.246120, 120.199120" in page.text
        source = re.search(r'src="(/t/1001/signature/\d+)"', page.text)
        assert source
        assert (await web.get(source[1])).content == PNG
    async with browser(here, elsewhere=True) as web:
        assert (await web.get(source[1])).status_code == 403


async def test_who_scans_the_code_of_a_site_reports_by_the_digits_of_their_text(here) -> None:
    await here.say("sms:main", ZHANG, "派 李雷 1001")
    await here.say("sms:main", LI, "1")
    digits = re.search(r"填单号和(\d{4})", " ".join(texts(here, LI)))
    assert digits
    path = f"/s/{seals(here).site('滨江机房')}"
    async with browser(here, elsewhere=True) as web:
        shown = await web.get(path)
        assert (shown.status_code, "1001" in shown.text, CUSTOMER in shown.text) == (200, True, False)
        wrong = await web.post(path, data={"number": "1001", "digits": "0000"})
        assert (wrong.headers["location"][-12:], visit(here)["state"]) == ("site_refused", "accepted")
        right = await web.post(path, data={"number": "1001", "digits": digits[1]})
        assert right.headers["location"].endswith("said=arrived")
    assert (visit(here)["state"], visit(here)["arrived_by"], visit(here)["site_tries"]) == ("arrived", "code", 1)
    assert ticket(here)["state"] == "on_site"


async def test_the_code_of_another_site_and_too_many_tries_report_nobody(here) -> None:
    await here.say("sms:main", ZHANG, "派 李雷 1001")
    await here.say("sms:main", LI, "1")
    digits = seals(here).digits(visit(here)["id"])
    other = f"/s/{seals(here).site('东站医院')}"
    async with browser(here, elsewhere=True) as web:
        await web.post(other, data={"number": "1001", "digits": digits})
        assert (await web.get("/s/forged")).status_code == 403
        path = f"/s/{seals(here).site('滨江机房')}"
        for _ in range(5):
            await web.post(path, data={"number": "1001", "digits": "0000"})
        await web.post(path, data={"number": "1001", "digits": digits})
    assert visit(here)["state"] == "accepted"


async def test_a_phone_that_opened_its_own_page_reports_by_one_press(here) -> None:
    await here.say("sms:main", ZHANG, "派 李雷 1001")
    await here.say("sms:main", LI, "1")
    path = f"/s/{seals(here).site('滨江机房')}"
    async with browser(here, elsewhere=True) as web:
        await web.get(page_of(here, "li"))
        assert 'name="number" value="1001"' in (await web.get(path)).text
        await web.post(path, data={"number": "1001"})
    assert visit(here)["arrived_by"] == "code"


async def test_an_order_by_page_api_or_command_is_the_same_as_one_by_text(here) -> None:
    async with browser(here) as web:
        page = await web.get("/t/1001")
        assert "李雷(近滨江,懂核心交换机,空闲)" in page.text
        made = await web.post("/api/v1/tickets/1001/moves", json={"by": "wang", "move": "dispatch", "to": "li"})
        assert (made.json()["ok"], made.json()["answer"]) == (True, "visit_sent")
        again = await web.post("/api/v1/tickets/1001/moves", json={"by": "wang", "move": "dispatch", "to": "li"})
        assert (again.json()["ok"], again.json()["answer"]) == (False, "visit_already")
        (listed,) = (await web.get("/api/v1/visits")).json()
        assert (listed["number"], listed["engineer"], listed["by"]) == (1001, "li", "wang")
        assert (await web.get("/api/v1/visits", params={"state": "all"})).json() == [listed]
    await here.say("sms:main", LI, "2")
    assert "李雷去不了" in texts(here, WANG)[-1]
    assert "李雷去不了" in texts(here, ZHANG)[-1]


async def test_a_link_of_another_week_or_hand_opens_nothing(here) -> None:
    await here.say("sms:main", ZHANG, "派 李雷 1001")
    link = page_of(here, "li")
    async with browser(here, elsewhere=True) as web:
        assert (await web.get(link + "x")).status_code == 403
        stranger = await web.post(page_of(here, "zhao"), data={"move": "accept"})
        assert (stranger.headers["location"][-10:], visit(here)["state"]) == ("visit_none", "sent")
        foreign = await web.post(link, data={"move": "accept"}, headers={"origin": "https://evil.example"})
        assert (foreign.status_code, visit(here)["state"]) == (403, "sent")
        here.clock.move(here.clock.now() + timedelta(days=7, seconds=1))
        assert (await web.get(link)).status_code == 403


async def test_a_visit_goes_on_when_its_ticket_becomes_a_part_of_another(here) -> None:
    await here.say("sms:main", "+8613900000002", "东站医院收费系统全部瘫痪，业务中断")
    await here.say("sms:main", ZHANG, "接单 1002")
    await here.say("sms:main", ZHANG, "派 赵六 1002")
    await here.say("sms:main", ZHAO, "1")
    await here.say("sms:main", ZHANG, "合并 1002 1001")
    await here.say("sms:main", ZHAO, "到场")
    assert (visit(here)["state"], ticket(here)["state"]) == ("arrived", "on_site")
    await here.say("sms:main", ZHANG, "解决 1001 换模块")
    assert (visit(here)["state"], visit(here)["report"]) == ("done", "换模块")
