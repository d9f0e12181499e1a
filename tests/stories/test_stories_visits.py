"""Requests for a visit through the whole gateway: by the form, by free words, and what is kept and shown of them."""

import asyncio
import html
import re
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from click.testing import CliRunner

from channels import registry
from channels.contract import Around, Can, Inbound
from channels.powers import Invites
from gateway import config
from gateway.__main__ import main
from gateway.app import House
from gateway.clock import MovedClock
from gateway.replay.standin import StandIn
from gateway.web.server import build_app
from store.db import open_database

CONFIG = """
gateway: {public_url: "http://127.0.0.1:8000"}
router:
  time_zone: Asia/Shanghai
  people:
    zhang: {name: 张三, addresses: {tel: "+8613800000101"}}
  rota: {lead: zhang}
  sites: [滨江机房]
"""
START = datetime(2026, 11, 26, 2, 0, tzinfo=UTC)
FIELDS = {
    "place": "滨江机房",
    "what": "更换核心交换机",
    "wanted": "明天下午两点",
    "contact": "李工",
    "phone": "13900000001",
    "bring": "光纤熔接机",
}


@dataclass
class Desk:
    """A house with the form and somebody who texts."""

    house: House
    web: httpx.AsyncClient
    address: str
    texts: StandIn
    config: Path
    numbers: list[int] = field(default_factory=list)

    async def settled(self) -> None:
        calm = 0
        while calm < 3:
            await asyncio.sleep(0.001)
            calm = calm + 1 if self.house.settled() else 0

    async def form(self, **changes: str) -> httpx.Response:
        """Open the form, fill it in and send it."""
        page = await self.web.get(self.address)
        seal = re.search(r'name="seal" value="([^"]+)"', page.text)
        assert seal
        answer = await self.web.post(self.address, data=FIELDS | {"seal": seal[1], "lang": "zh"} | changes)
        await self.settled()
        return answer

    async def text(self, words: str, *, key: str = "a") -> None:
        await self.house.intake.accept("sms:replay", [Inbound(key=key, sender="+8613900000002", text=words)])
        await self.settled()

    async def whole(self, number: int) -> dict[str, Any]:
        answer = await self.web.get(f"/api/v1/tickets/{number}")
        found: dict[str, Any] = answer.json()
        return found


@pytest.fixture
async def desk(empty_file: Path, tmp_path: Path) -> AsyncIterator[Desk]:
    file = shutil.copy(empty_file, tmp_path / "yizhan.db")
    clock = MovedClock(START)
    (tmp_path / "key").write_text("a key that is long enough")
    settings = registry.settings("visit").model_validate({"key": {"file": str(tmp_path / "key")}})
    around = Around(account="main", public_url="http://127.0.0.1:8000", now=clock.now)
    form = registry.build("visit", settings, around)
    assert isinstance(form, Invites)
    texts = StandIn("sms")
    texts.can = Can(book="tel")
    database = open_database(f"sqlite:///{file}", now=clock.now)
    (tmp_path / "config.yaml").write_text(f"{CONFIG}store: {{url: 'sqlite:///{file}'}}\n", "utf-8")
    parsed = config.parse(CONFIG, channels=False)
    async with House(
        parsed, clock=clock, database=database, channels={"visit:main": form, "sms:replay": texts}
    ) as house:
        transport = httpx.ASGITransport(build_app(house), client=("127.0.0.1", 5))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as web:
            path = urlsplit(form.invitation("市第一医院")).path
            yield Desk(house, web, path, texts, tmp_path / "config.yaml")


async def test_a_form_opens_a_ticket_with_its_visit_and_the_number_comes_by_text(desk: Desk) -> None:
    answer = await desk.form()
    assert (answer.status_code, "已收到" in answer.text) == (200, True)
    whole = await desk.whole(1001)
    assert (whole["ticket"]["kind"], whole["ticket"]["site"]) == ("site_visit", "滨江机房")
    (visit,) = whole["visits"]
    assert {name: visit[name] for name in ("place", "wanted", "contact", "phone", "bring", "state")} == {
        "place": "滨江机房",
        "wanted": "明天下午两点",
        "contact": "李工",
        "phone": "+8613900000001",
        "bring": "光纤熔接机",
        "state": "asked",
    }
    assert datetime.fromisoformat(visit["wanted_at"]) == datetime(2026, 11, 27, 6, 0, tzinfo=UTC)
    sent = [outgoing.text for outgoing in desk.texts.sent if outgoing.to == "+8613900000001"]
    assert len(sent) == 1
    assert "1001" in sent[0]


async def test_a_double_press_opens_one_ticket(desk: Desk) -> None:
    page = await desk.web.get(desk.address)
    seal = re.search(r'name="seal" value="([^"]+)"', page.text)
    assert seal
    for _ in range(2):
        await desk.web.post(desk.address, data=FIELDS | {"seal": seal[1]})
    await desk.settled()
    whole = await desk.whole(1001)
    assert len([one for one in whole["messages"] if one["direction"] == "in"]) == 1
    assert (await desk.web.get("/api/v1/tickets/1002")).status_code == 404


async def test_free_words_are_read_into_a_visit_as_well(desk: Desk) -> None:
    await desk.text("请后天上午九点派人到滨江机房巡检培训，找王工，带测温枪")
    (visit,) = (await desk.whole(1001))["visits"]
    assert (visit["place"], visit["contact"], visit["bring"]) == ("滨江机房", "王工", "测温枪")
    assert datetime.fromisoformat(visit["wanted_at"]) == datetime(2026, 11, 28, 1, 0, tzinfo=UTC)


async def test_what_is_no_request_for_a_visit_has_none(desk: Desk) -> None:
    await desk.text("滨江机房全部断电，业务中断")
    whole = await desk.whole(1001)
    assert (whole["ticket"]["kind"], whole["visits"]) == ("fault", [])


@pytest.mark.parametrize(("language", "said"), [("zh", ("上门地点", "希望时间")), ("en", ("Visit at", "Wanted"))])
async def test_the_page_of_the_ticket_shows_the_visit(desk: Desk, language: str, said: tuple[str, str]) -> None:
    await desk.form(contact="<李工>")
    page = html.unescape((await desk.web.get("/t/1001", headers={"accept-language": language})).text)
    for name, text in zip(said, ("滨江机房", "明天下午两点 (11-27 14:00)"), strict=True):
        assert f"<dt>{name}</dt><dd>{text}</dd>" in page
    assert "<dd><李工></dd>" in page  # escaped on the page


async def test_the_command_shows_the_visit(desk: Desk) -> None:
    await desk.form()
    words = ["tickets", "show", "1001", "--config", str(desk.config)]
    shown = CliRunner().invoke(main, words, catch_exceptions=False).stdout
    assert (
        "visit asked: at 滨江机房; wanted 明天下午两点 (11-27 14:00:00); ask for 李工; phone +8613900000001; "
        "bring 光纤熔接机\n"
    ) in shown


async def test_a_form_with_the_number_of_one_of_the_staff_is_no_order_of_theirs(desk: Desk) -> None:
    await desk.form(phone="13800000101", what="1")
    whole = await desk.whole(1001)
    assert (whole["ticket"]["state"], whole["ticket"]["kind"]) == ("paging", "site_visit")


async def test_a_refused_address_and_a_wrong_form_leave_nothing_behind(desk: Desk) -> None:
    refused = await desk.web.post(f"{desk.address}x", data=FIELDS)
    wrong = await desk.form(phone="12")
    assert (refused.status_code, wrong.status_code) == (403, 422)
    assert (await desk.web.get("/api/v1/tickets/1001")).status_code == 404
    assert (await desk.web.get("/api/v1/quarantine")).json() == []


async def test_the_headers_of_the_form_reach_the_browser(desk: Desk) -> None:
    page = await desk.web.get(desk.address, headers={"accept-language": "en"})
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    assert (page.headers["cache-control"], page.headers["content-language"]) == ("no-store", "en")
    assert page.headers["content-type"] == "text/html; charset=utf-8"


async def test_tomorrow_counts_from_when_it_was_said_and_not_from_when_it_was_judged(desk: Desk) -> None:
    said_at = START - timedelta(days=1)
    inbound = Inbound(
        key="late", sender="+8613900000003", text="请明天上午十一点派人到滨江机房巡检培训", sent_at=said_at
    )
    await desk.house.intake.accept("sms:replay", [inbound])
    await desk.settled()
    (visit,) = (await desk.whole(1001))["visits"]
    assert datetime.fromisoformat(visit["wanted_at"]) == datetime(2026, 11, 26, 3, 0, tzinfo=UTC)


async def test_no_request_of_one_person_is_lost_even_where_it_is_like_an_earlier_one(desk: Desk) -> None:
    await desk.form()
    await desk.form(place="东岭收费站", what="巡检", wanted="下周三上午9点")
    await desk.form(what="换电池", wanted="12月8日上午9点")
    first, second = [await desk.whole(number) for number in (1001, 1002)]
    assert [whole["ticket"]["title"] for whole in (first, second)] == [
        "滨江机房 上门服务:更换核心交换机",
        "东岭收费站 上门服务:巡检",
    ]
    assert [visit["wanted"] for visit in first["visits"]] == ["明天下午两点", "12月8日上午9点"]
    assert [visit["wanted"] for visit in second["visits"]] == ["下周三上午9点"]


async def test_thanks_and_chases_ask_for_no_further_visit(desk: Desk) -> None:
    await desk.text("请后天上午九点派人到滨江机房巡检培训，找王工")
    await desk.text("谢谢", key="b")
    await desk.text("工程师什么时候到", key="c")
    assert len((await desk.whole(1001))["visits"]) == 1
