"""One story of how the gateway does: to supervisors, to people, to Prometheus."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import insert

from channels.contract import Can
from gateway.drilling import Wish
from gateway.health import Found, gather
from gateway.watching import TIMERS
from gateway.web.health import answer
from gateway.web.server import build_app
from store import pulses
from store.db import table_of
from store.model import Timer

SMS = Can(book="tel")
CHEN, ZHANG = "+8613900000001", "+8613800000101"
OUTAGE = "滨江机房全部断电，业务中断"
HERE, ELSEWHERE = ("127.0.0.1", 5), ("203.0.113.7", 5)


def client(house: Any, peer: tuple[str, int] = HERE) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(build_app(house), client=peer)
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000", headers={"accept-language": "en"})


def marks(house: Any) -> dict[str, str]:
    return {one.what: one.mark for one in gather(house)}


async def write(here: Any, *statements: Any) -> None:
    def move(tx: Any, items: Any) -> list[None]:
        for statement in statements:
            tx.connection.execute(statement)
        return [None] * len(items)

    await here.house.writer.do(move, None)


async def test_a_gateway_that_does_its_work_has_nothing_to_tell(town: Any) -> None:
    here = await town({"sms:main": SMS})
    await here.settle()
    found = gather(here.house)
    assert [one.what for one in found if one.ok is False] == []
    assert [one.what for one in found if one.ok is None] == [
        "the heartbeat leaves",
        "every phone was proven within 14 days",
    ]
    assert [one.cure for one in found if one.ok is not True and not one.cure] == []


async def test_what_the_store_tells_of_is_found(town: Any) -> None:
    gateway = "  silence: {'sms:main': 1h}\n  drill: {methods: [sms]}\n"
    here = await town({"sms:main": SMS}, gateway=gateway)
    await here.settle()
    await here.say("sms:main", ZHANG, "退订")
    await here.house.writer.do(pulses.beat, pulses.Beat(name="sms:main", at=here.clock.now()))
    here.house.channels["sms:main"].fails = []
    here.clock._now += timedelta(hours=2)
    late = here.clock.now() - timedelta(minutes=9)
    row = {"id": 1, "due": late, "kind": "close", "ticket_id": 7, "round": 0, "about": "", "part": 0.0}
    await write(here, insert(table_of(Timer)).values(row))
    found = {one.what: one for one in gather(here.house)}
    wrong = {what: one.note for what, one in found.items() if one.ok is False}
    assert wrong["no due time is overdue"].startswith("close of 2026-11-24 04:51Z")
    assert wrong["sms:main gave a sign of life within 1h"].startswith("last 2026-11-24 03:00Z")
    assert wrong["no phone of the staff sent an opt-out word"] == "zhang 2026-11-24 03:00Z"
    assert found["no due time is overdue"].mark == "failed"
    assert found["no phone of the staff sent an opt-out word"].mark == "warns"


async def test_a_hole_in_the_rota_is_found_a_week_ahead(town: Any) -> None:
    here = await town({"sms:main": SMS})
    rota = {"layers": [{"name": "days", "people": ["zhang"], "begins": "2026-01-05 08:00", "ends": "2026-11-28 08:00"}]}
    router = here.house.config.router
    changed = router.model_copy(update={"rota": type(router.rota).model_validate(rota)})
    object.__setattr__(here.house.config, "router", changed)
    note = next(one.note for one in gather(here.house) if one.group == "rota")
    assert note == "hole lead 2026-11-28 08:00Z to 2026-12-29 03:00Z"


async def test_a_supervisor_hears_reasons_and_a_stranger_hears_of_nobody(town: Any) -> None:
    here = await town({"sms:main": SMS})
    await here.say("sms:main", ZHANG, "退订")
    async with client(here.house) as web, client(here.house, ELSEWHERE) as stranger:
        near, far = (await web.get("/readyz")).json(), (await stranger.get("/readyz")).json()
        assert (await stranger.get("/health")).status_code == 403
        here.house.loops["send"].failures = 3
        ill = await stranger.get("/readyz")
    assert near == {
        "ready": True,
        "reasons": [],
        "warnings": ["no phone of the staff sent an opt-out word: zhang 2026-11-24 03:00Z"],
    }
    assert far == {"ready": True, "reasons": [], "warnings": ["no phone of the staff sent an opt-out word"]}
    assert (ill.status_code, ill.json()["ready"]) == (503, False)
    assert ill.json()["reasons"][0].startswith("loop send: 3 failures in a row")


def test_a_warning_keeps_nobody_from_being_ready() -> None:
    warns = Found(group="rota", what="somebody leads", ok=False)
    assert answer([warns], whole=True).status_code == 200
    assert answer([warns, Found(group="store", what="it answers", ok=False, grave=True)], whole=True).status_code == 503


async def test_the_page_and_the_api_tell_the_same_in_the_same_words(town: Any) -> None:
    here = await town({"sms:main": SMS})
    await here.say("sms:main", ZHANG, "退订")
    async with client(here.house) as web:
        page, told = (await web.get("/health")).text, (await web.get("/api/v1/health")).json()
    assert told["ready"] is True
    assert {one["what"] for one in told["findings"]} == set(marks(here.house))
    assert [one["what"] for one in told["findings"] if one["what"].replace("'", "&#39;") not in page] == []
    assert "Last proven" not in page
    assert page.index("opt-out word") < page.index("the store answers")


async def test_the_page_shows_when_each_phone_was_proved(town: Any) -> None:
    here = await town({"sms:main": SMS})
    await here.forward(hours=6)
    await here.house.writer.do(here.house.drills.begin, Wish(person="zhang", method="sms"))
    await here.forward(seconds=1)
    await here.say("sms:main", ZHANG, "测试")
    async with client(here.house) as web:
        page = (await web.get("/health")).text
        told = (await web.get("/api/v1/drills")).json()
        begun = (await web.post("/api/v1/drills", json={"person": "li"})).json()
        refused = await web.post("/api/v1/drills", json={"person": "nobody"})
    assert [(one["person"], one["method"], one["answer"]) for one in told] == [("zhang", "sms", "yes")]
    assert page.index("Last proven") < page.index("张三") < page.index("answered")
    assert [(one["person"], one["method"]) for one in begun] == [("li", "sms")]
    assert refused.status_code == 422


ON_TOP = (
    "yizhan_pages_unanswered",
    "yizhan_oldest_due_seconds",
    "yizhan_timer_overdue_seconds",
    "yizhan_heartbeat_age_seconds",
)


async def test_the_four_measures_that_matter_stand_on_top(town: Any) -> None:
    here = await town({"sms:main": SMS}, gateway="  drill: {methods: [sms]}\n")
    await here.say("sms:main", CHEN, OUTAGE)
    await here.forward(minutes=11)
    async with client(here.house) as web:
        text = (await web.get("/metrics")).text
    families = {family.name: family for family in text_string_to_metric_families(text)}
    assert tuple(families)[:4] == ON_TOP

    def value(name: str, **labels: str) -> float:
        return next(one.value for one in families[name].samples if one.labels == labels)

    assert value("yizhan_pages_unanswered") == 2
    assert value("yizhan_oldest_due_seconds", lane="page") == 0
    assert value("yizhan_heartbeat_age_seconds") == float("inf")
    assert value("yizhan_promises_overdue", clock="respond") == 1
    assert value("yizhan_sign_of_life_age_seconds", account="sms:main") < 60 * 11
    assert value("yizhan_open_tickets", state="paging", level="1") == 1


async def test_a_store_that_is_away_is_the_only_thing_measured(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    here = await town({"sms:main": SMS})
    await here.settle()
    from store.db import StoreUnavailable

    def away() -> Any:
        raise StoreUnavailable("gone")

    monkeypatch.setattr(here.house.database, "read", away)
    async with client(here.house) as web:
        text, ready = (await web.get("/metrics")).text, await web.get("/readyz")
    assert "yizhan_store_up 0.0" in text
    assert "yizhan_pages_unanswered" not in text
    assert (ready.status_code, ready.json()["reasons"]) == (503, ["the store answers: gone"])


async def test_late_due_times_that_were_told_of_say_since_when(town: Any) -> None:
    here = await town({"sms:main": SMS})
    await here.house.writer.do(pulses.missed, (TIMERS, True))
    late = here.clock.now() - timedelta(minutes=9)
    row = {"id": 1, "due": late, "kind": "close", "ticket_id": 7, "round": 0, "about": "", "part": 0.0}
    await write(here, insert(table_of(Timer)).values(row))
    note = next(one.note for one in gather(here.house) if one.group == "due")
    assert note == "close of 2026-11-24 02:51Z, told of at 2026-11-24 03:00Z"
