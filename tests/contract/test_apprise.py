"""Pushes through Apprise to a service on loopback."""

import asyncio
import logging
from datetime import timedelta
from pathlib import Path

import pytest

from channels.contract import Around, GiveUp, Misconfigured, Status, TryLater, Uncertain
from channels.im.apprise.adapter import ApprisePush
from channels.im.apprise.config import Account
from channels.simulation import Fault

from .conftest import TEXT, build


@pytest.fixture
def channel_name():
    return "apprise"


def absent():
    raise ImportError("No module named 'apprise'")


async def test_a_page_arrives_with_its_title_and_says_that_it_cannot_be_answered_here(house):
    receipt = await house.channel.send(house.outgoing(subject="1042 滨江机房"))
    (heard,) = house.simulator.heard
    assert (heard.to, heard.subject) == ("lead-phone", "1042 滨江机房")
    assert heard.text == f"{TEXT}\n此渠道不能回复。"
    assert (receipt.provider_id, receipt.status) == ("d-1", Status.SENT)


async def test_an_english_page_says_so_in_english(house):
    await house.channel.send(house.outgoing("P1 1042: no power", language="en", subject=None))
    (heard,) = house.simulator.heard
    assert (heard.text, heard.subject) == ("P1 1042: no power\nThis cannot be answered here.", None)


@pytest.mark.parametrize("text", ["a < b & <c>", "第一行\n第二行", "{{app_id}} :smile: \\n %20"])
async def test_the_text_arrives_as_it_was_written(house, text):
    await house.channel.send(house.outgoing(text))
    assert house.simulator.heard[0].text == f"{text}\n此渠道不能回复。"


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 503])
async def test_what_the_service_does_not_take_is_tried_later_since_nothing_more_is_known(house, status):
    house.simulator.status = status
    with pytest.raises(TryLater):
        await house.channel.send(house.outgoing())
    assert house.simulator.asked == 1


async def test_a_service_that_is_down_is_tried_later(house):
    house.simulator.fault = Fault.DOWN
    with pytest.raises(TryLater):
        await house.channel.send(house.outgoing())
    house.simulator.fault = Fault.UP
    await house.channel.send(house.outgoing())
    assert len(house.simulator.heard) == 1


async def test_a_service_that_cannot_be_reached_is_tried_later(house, tmp_path):
    (tmp_path / "gone").write_text("json://127.0.0.1:1/x/y")
    channel = house.rebuilt(targets={"lead-phone": {"file": str(tmp_path / "gone")}})
    with pytest.raises(TryLater):
        await channel.send(house.outgoing())


async def test_a_service_that_does_not_answer_in_time_leaves_it_uncertain(house):
    house.simulator.fault = Fault.SLOW
    channel = house.rebuilt(timeout_seconds=0.3)
    with pytest.raises(Uncertain):
        await channel.send(house.outgoing())
    await house.clock.advance(timedelta(seconds=20))
    await asyncio.sleep(0.05)
    assert house.simulator.asked == 1


async def test_a_name_that_is_no_target_is_given_up(house):
    with pytest.raises(GiveUp):
        await house.channel.send(house.outgoing(to="nobody"))
    assert house.simulator.asked == 0


async def test_without_the_library_a_send_and_the_self_check_name_the_cure(house):
    account = Account.model_validate(house.block)
    around = Around(account="main", public_url=house.gateway.url, now=house.clock.now)
    channel = ApprisePush(account, around, load=absent)
    with pytest.raises(Misconfigured, match=r"pip install yizhan\[push\]"):
        await channel.send(house.outgoing())
    (finding,) = await channel.check()
    assert (finding.ok, finding.cure) == (False, "pip install yizhan[push]")


async def test_an_address_that_the_library_cannot_read_is_named_without_being_shown(house, tmp_path):
    (tmp_path / "odd").write_text("nonsense://hunter2token")
    channel = house.rebuilt(targets={"lead-phone": {"file": str(tmp_path / "odd")}})
    with pytest.raises(Misconfigured) as caught:
        await channel.send(house.outgoing())
    (finding,) = await channel.check()
    assert (finding.what, finding.ok) == ("the address of lead-phone can be read", False)
    assert "hunter2" not in f"{caught.value!r}{finding}"


async def test_neither_an_error_nor_a_log_line_holds_an_address_or_a_text(house, tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    said = []
    (tmp_path / "odd").write_text(f"nonsense://{house.simulator.token}")
    odd = house.rebuilt(targets={"lead-phone": {"file": str(tmp_path / "odd")}})
    await house.channel.send(house.outgoing())
    house.simulator.status = 401
    for channel in (house.channel, odd):
        with pytest.raises((TryLater, Misconfigured)) as caught:
            await channel.send(house.outgoing())
        said += [str(caught.value), repr(channel), *(f"{finding}" for finding in await channel.check())]
    everything = "\n".join([*said, caplog.text])
    assert [part for part in (house.simulator.token, TEXT, "机柜无供电") if part in everything] == []


async def test_it_is_a_way_to_push_and_nothing_comes_back(house):
    can = house.channel.can
    assert (can.receives, can.replies, can.pushes, can.confirms, can.buttons) == (False, False, True, False, 0)
    assert house.channel.webhooks() == ()


@pytest.mark.parametrize(
    ("name", "url", "why"),
    [
        ("lead phone", "json://x", "has a name"),
        ("lead", "just a token", "is no address"),
        ("lead", "", "is no address"),
    ],
)
async def test_a_target_without_a_name_or_an_address_is_refused(house, tmp_path: Path, name, url, why):
    (tmp_path / "url").write_text(url)
    with pytest.raises(ValueError, match=why):
        build("apprise", {"targets": {name: {"file": str(tmp_path / "url")}}}, house.gateway.url, house.clock)


async def test_an_account_needs_a_target(house):
    with pytest.raises(ValueError, match="targets"):
        house.rebuilt(targets={})
