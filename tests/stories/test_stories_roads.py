"""The same outage told on every road: one ticket each, the lead is asked, and the lead's answer comes back there."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from channels import registry
from channels.contract import Around, Can
from channels.powers import Pastes
from gateway.sandbox.house import Running, opened
from gateway.sandbox.people import ACCOUNT, ACCOUNTS, STAFF
from gateway.speed import SpeedClock
from store.db import table_of
from store.model import Message, Page, Ticket

LEAD = STAFF[0]
WORDS = "滨江机房全部断电，业务中断"


def roads() -> list[str]:
    """The accounts of the sandbox on which a customer can speak, beside its own texts and mail."""
    found = []
    for line in registry.makes():
        channel, _, provider = line.partition("/")
        own = channel in ACCOUNTS and provider in (*registry.providers(channel)[:1], "")
        can: Can = registry.can(line)
        if can.receives and not own and line not in ("pager", "wechat/paste"):
            found.append(f"{channel}:{provider or ACCOUNT}")
    return found


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, office: datetime) -> dict[str, dict[str, Any]]:
    """What became of the outage on each road, told one after another in one sandbox."""
    return asyncio.run(_tell_all(tmp_path_factory.mktemp("roads"), office))


async def _tell_all(folder: Path, office: datetime) -> dict[str, dict[str, Any]]:
    async with opened(folder=folder, clock=SpeedClock(office)) as running:
        return {road: await _tell(running, road) for road in roads()}


async def _tell(running: Running, road: str) -> dict[str, Any]:
    box, simulator = running.box, running.box.roads[road]
    person, can = str(getattr(simulator, "person", "+8613900000001")), running.house.channels[road].can
    group = str(getattr(simulator, "group", "")) if can.groups else ""
    words = f"{WORDS}，机柜{roads().index(road) + 41}号"
    await box.say(road, sender=person, text=words, group=group or None)
    message = await _until(lambda: _row(running, Message, channel=road, direction="in", state="judged"))
    ticket = _row(running, Ticket, id=message["ticket_id"]) if message else None
    if ticket is None:
        return {"message": message, "ticket": None}
    before = len(simulator.heard)
    await box.text(LEAD.phone, f"{ticket['number']} 马上派人去{ticket['number']}")
    back = await _until(lambda: _heard(running, road, f"马上派人去{ticket['number']}", before))
    pages = _row(running, Page, ticket_id=ticket["id"], person=LEAD.key)
    return {
        "message": message,
        "ticket": ticket,
        "page": pages,
        "back": back,
        "person": person,
        "group": group or None,
        "words": words,
        "can": can,
    }


def _heard(running: Running, road: str, words: str, before: int) -> str | None:
    """Where the lead's words were heard: on the road itself, or by text where it only receives."""
    if any(words in one.text for one in running.box.roads[road].heard[before:]):
        return road
    texts = running.box.simulators["sms"].heard
    return "sms" if any(words in one.text and one.to != LEAD.phone for one in texts) else None


def _row(running: Running, noun: Any, **columns: Any) -> Any:
    table = table_of(noun)
    wanted = [table.c[name] == value for name, value in columns.items()]
    with running.house.database.read() as connection:
        return connection.execute(select(table).where(*wanted).order_by(table.c.id.desc()).limit(1)).mappings().first()


async def _until(found: Any, *, tries: int = 1500) -> Any:
    for _ in range(tries):
        if (value := found()) is not None:
            return value
        await asyncio.sleep(0.01)
    return None


@pytest.mark.parametrize("road", roads())
def test_an_outage_opens_one_ticket_with_the_right_sender_group_and_words(told, road) -> None:
    one = told[road]
    assert one["ticket"] is not None
    assert one["message"]["group"] == one["group"]
    if one["can"].sends:
        assert (one["ticket"]["channel"], one["ticket"]["reply_to"]) == (road, one["person"])
        assert one["ticket"]["group"] == one["group"]
        assert one["words"] in one["message"]["text"]
    else:
        assert one["ticket"]["channel"] == "sms:main"


@pytest.mark.parametrize("road", roads())
def test_the_lead_is_asked(told, road) -> None:
    assert told[road]["page"] is not None


@pytest.mark.parametrize("road", roads())
def test_the_answer_of_the_lead_comes_back_by_the_same_road_or_by_text(told, road) -> None:
    assert told[road]["back"] == (road if told[road]["can"].sends else "sms")


def test_a_conversation_is_pasted_into_an_account_of_its_own() -> None:
    channel = registry.build(
        "wechat", registry.settings("wechat", "paste").model_validate({"provider": "paste"}), around()
    )
    assert isinstance(channel, Pastes)
    found = channel.pasted("张三 10:32\n机房断电了\n李四 10:33\n打印机坏了", group="客户群")
    assert [(one.group, one.text) for one in found] == [("客户群", "机房断电了"), ("客户群", "打印机坏了")]


def around() -> Around:
    return Around(account="main", public_url="http://127.0.0.1:1", now=lambda: datetime(2026, 11, 20, tzinfo=UTC))
