"""The sandbox: a whole house whose people text, mail, press keys, move the clock and break providers."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest

from channels.simulation import Fault
from gateway.config import load
from gateway.sandbox import run
from gateway.sandbox.house import Running, opened
from gateway.sandbox.people import CUSTOMERS, STAFF
from gateway.speed import SpeedClock

CUSTOMER = CUSTOMERS[0]
LEAD, SECOND, MANAGER = STAFF
OUTAGE = "滨江机房全部断电，业务中断"


@pytest.fixture
async def sandbox(tmp_path: Path, office: datetime) -> AsyncIterator[Running]:
    async with opened(folder=tmp_path, clock=SpeedClock(office), whole=False) as running:
        running.box.clock.run(0)
        yield running


@pytest.fixture
async def web(sandbox: Running) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=sandbox.url, headers={"accept-language": "zh"}) as client:
        yield client


def texts(sandbox: Running, number: str) -> list[str]:
    return [one.text for one in sandbox.box.heard("sms", number)]


def test_its_staff_are_called_as_the_configuration_says(tmp_path: Path) -> None:
    assert [(player.phone, player.role) for player in STAFF] == [
        ("+8613800000101", "lead"),
        ("+8613800000102", "second"),
        ("+8613800000103", "manager"),
    ]


async def test_what_it_writes_is_a_configuration_that_yizhan_reads(sandbox) -> None:
    config = load(str(sandbox.config))
    assert {name: sorted(accounts) for name, accounts in config.channels.items()} == {
        "sms": ["main"],
        "phone": ["main"],
        "email": ["support"],
    }
    assert config.gateway.public_url == sandbox.url


async def test_a_text_pages_the_lead_and_a_digit_takes_it(sandbox) -> None:
    await sandbox.box.text(CUSTOMER.phone, OUTAGE)
    assert ["1001" in text for text in texts(sandbox, LEAD.phone)] == [True]
    await sandbox.box.text(LEAD.phone, "1")
    await sandbox.box.forward(timedelta(minutes=20))
    assert sandbox.box.phones.ringing() == []
    assert texts(sandbox, MANAGER.phone) == []


async def test_the_ladder_climbs_while_the_clock_is_moved_each_thing_at_its_time(sandbox) -> None:
    begin = sandbox.box.clock.now()
    await sandbox.box.text(CUSTOMER.phone, OUTAGE)
    await sandbox.box.forward(timedelta(minutes=9))
    calls = {player.key: 0 for player in STAFF}
    for player in STAFF:
        got = [round((one.at - begin).total_seconds() / 60) for one in sandbox.box.heard("sms", player.phone)]
        calls[player.key] = got[0]
    assert calls == {"zhang": 0, "li": 3, "wang": 6}
    assert sandbox.box.clock.now() == begin + timedelta(minutes=9)


async def test_a_clock_moved_on_again_before_it_is_there_adds_up(sandbox) -> None:
    begin, minute = sandbox.box.clock.now(), timedelta(minutes=1)
    await asyncio.gather(*(sandbox.box.forward(minute) for _ in range(3)))
    assert sandbox.box.clock.now() == begin + 3 * minute
    await sandbox.box.forward(minute)
    assert sandbox.box.clock.now() == begin + 4 * minute


async def test_the_phones_say_what_their_people_are_on_duty_for_now(sandbox, web) -> None:
    begin = (await web.get("/")).text
    assert ["主责 张三 的手机" in begin, "经理 王经理 的手机" in begin] == [True, True]
    stand_in = {"person": "wang", "until": None, "by": "command"}
    assert (await web.put("/api/v1/duty/lead", json=stand_in)).status_code == 200
    later = (await web.get("/")).text
    assert ["同事 张三 的手机" in later, "主责·经理 王经理 的手机" in later] == [True, True]


async def test_a_phone_that_rings_shows_what_the_voice_will_say(sandbox, web) -> None:
    await sandbox.box.text(CUSTOMER.phone, OUTAGE)
    await sandbox.box.forward(timedelta(minutes=1))
    assert re.search(r"接听后播报：一级故障，单号一零零一[^<]*接单请按1", (await web.get("/")).text)


async def test_a_ringing_phone_is_answered_with_a_key(sandbox) -> None:
    await sandbox.box.text(CUSTOMER.phone, OUTAGE)
    await sandbox.box.forward(timedelta(minutes=1))
    assert sandbox.box.ringing(LEAD.phone)
    await sandbox.box.press(LEAD.phone, "1")
    await sandbox.box.quiet(3)
    assert sandbox.box.ringing(LEAD.phone) is None
    assert "接单" in sandbox.box.heard("phone", LEAD.phone)[-1].text


async def test_a_key_pressed_after_the_call_is_over_does_nothing(sandbox) -> None:
    await sandbox.box.press(LEAD.phone, "1")
    await sandbox.box.hang_up(LEAD.phone)
    assert sandbox.box.phones.ringing() == []


async def test_a_mail_is_read_at_once_and_its_receipt_answers_it(sandbox) -> None:
    await sandbox.box.mail(
        CUSTOMER.mailbox, subject="三楼交换机不通", text="三楼交换机不通，部分用户上不了网", answers=None
    )
    [receipt] = sandbox.box.heard("email", CUSTOMER.mailbox)
    assert "1001" in (receipt.subject or "") + receipt.text
    await sandbox.box.mail(CUSTOMER.mailbox, subject=f"Re: {receipt.subject}", text="还是不通", answers=receipt.id)
    async with httpx.AsyncClient(base_url=sandbox.url) as client:
        assert len((await client.get("/api/v1/tickets")).json()) == 1


async def test_when_texts_are_down_the_phone_rings_instead(sandbox) -> None:
    sandbox.box.break_("sms", Fault.DOWN)
    await sandbox.box.text(CUSTOMER.phone, OUTAGE)
    assert [one.to for one in sandbox.box.phones.ringing()] == [LEAD.phone]


async def test_what_is_delivered_twice_becomes_one_ticket(sandbox) -> None:
    sandbox.box.break_("sms", Fault.TWICE)
    await sandbox.box.text(CUSTOMER.phone, OUTAGE)
    async with httpx.AsyncClient(base_url=sandbox.url) as client:
        assert [one["number"] for one in (await client.get("/api/v1/tickets")).json()] == [1001]


async def test_the_page_says_that_nothing_leaves_this_machine_and_links_to_the_board(web) -> None:
    page, board = await web.get("/"), await web.get("/board")
    assert "沙箱：不会向真实号码发送" in page.text
    assert 'href="/board"' in page.text
    assert "服务台看板" in board.text


async def test_the_forms_of_the_page_do_what_they_say(sandbox, web) -> None:
    seal = (await web.get("/")).text.partition('name="seal" value="')[2][:32]

    async def post(name: str, **fields: str) -> int:
        answer: httpx.Response = await web.post(f"/sandbox/{name}", data={"seal": seal, "customer": "c2", **fields})
        return answer.status_code

    begin = sandbox.box.clock.now()
    done = [
        await post("text", **{"from": "c2", "text": "港口二号全部断电，业务中断"}),
        await post("clock", act="1m"),
        await post("press", **{"from": "zhang", "key": "hang_up"}),
        await post("press", **{"from": "zhang", "key": "voicemail"}),
        await post("fault", provider="phone", state="slow"),
        await post("clock", act="x60"),
    ]
    wrong = [
        await post("fault", provider="pigeon", state="up"),
        await post("fault", provider="sms", state="upside down"),
        await post("text", **{"from": "stranger", "text": "x"}),
    ]
    assert (done, wrong) == ([303] * 6, [404] * 3)
    assert sandbox.box.clock.now() >= begin + timedelta(minutes=1)
    assert (sandbox.box.phones.fault, sandbox.box.clock.speed) == (Fault.SLOW, 60)
    assert sandbox.box.spoken["sms"][0].sender == CUSTOMERS[1].phone


async def test_a_form_from_elsewhere_texts_nobody(sandbox, web) -> None:
    await web.get("/")
    answer = await web.post("/sandbox/text", data={"from": "c1", "text": OUTAGE, "seal": "x"})
    assert (answer.status_code, sandbox.box.spoken["sms"]) == (403, [])


async def test_it_serves_until_it_is_stopped(tmp_path: Path, unused_tcp_port: int) -> None:
    stop = asyncio.Event()
    running = asyncio.create_task(run(port=unused_tcp_port, folder=tmp_path, stop=stop))
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{unused_tcp_port}") as client:
        for _ in range(500):
            if (tmp_path / "yizhan.db").exists():
                break
            await asyncio.sleep(0.01)
        assert (await client.get("/healthz")).text == "ok\n"
    stop.set()
    await running
    assert (tmp_path / "config.yaml").exists()


async def test_a_port_that_is_taken_is_said_at_once(sandbox, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="in use"):
        await run(port=int(sandbox.url.rpartition(":")[2]), folder=tmp_path / "other")
