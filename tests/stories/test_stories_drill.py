"""Phones are proved: each by each method, by its own answer, at a fit time, and who stays silent is told of."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from channels.contract import Can
from gateway.drilling import Wish
from store.model import Inquiry, Message, Timer

CANS = {"sms:main": Can(book="tel"), "phone:main": Can(book="tel", speaks=True, live=True)}
DRILL = "  drill: {weekday: tue, at: '10:00', who: on duty, methods: [sms, voice]}\n"
ZHANG, LI = "+8613800000101", "+8613800000102"
CHEN = "+8613900000001"
OUTAGE = "滨江机房全部断电，业务中断"


def asked(here: Any) -> dict[tuple[str, str], str]:
    return {(row["person"], row["method"]): row["answer"] for row in here.rows(Inquiry) if row["kind"] == "drill"}


async def press(here: Any, who: str, digit: str) -> None:
    """Press a digit in the last call to somebody."""
    call = [one for one in here.channels["phone:main"].sent if one.to == who][-1]
    await here.say("phone:main", who, digit, answers=(call.key,))


async def test_the_weekly_drill_proves_each_phone_by_its_own_answer_and_tells_who_was_silent(town: Any) -> None:
    here = await town(CANS, gateway=DRILL)
    await here.settle()
    await here.forward(hours=6, minutes=59, seconds=59)
    assert asked(here) == {}
    await here.forward(seconds=2)
    assert here.channels["sms:main"].texts(ZHANG) == ["【服务台】这是测试告警，不用处理。请回1，确认您的手机能收能回。"]
    await here.forward(minutes=3)
    assert [one.template for one in here.channels["phone:main"].sent] == ["voice_test", "voice_test"]
    await here.say("sms:main", ZHANG, "1")
    assert asked(here)["zhang", "sms"] == "yes"
    assert asked(here)["zhang", "voice"] == ""
    await press(here, ZHANG, "1")
    assert asked(here)["zhang", "voice"] == "yes"
    await here.forward(minutes=40)
    assert asked(here) == {
        ("zhang", "sms"): "yes",
        ("zhang", "voice"): "yes",
        ("li", "sms"): "lapsed",
        ("li", "voice"): "lapsed",
    }
    assert here.history("alarm") == ["the drill was not answered: li sms, li voice"]
    told = here.channels["sms:main"].texts(ZHANG)[-1]
    assert told.startswith("【服务台】测试呼叫有2项没有回应：李雷sms")
    ahead = [row["due"] - here.clock.now() for row in here.rows(Timer) if row["kind"] == "drill"]
    assert len(ahead) == 1
    assert timedelta(days=6) < ahead[0] < timedelta(days=7)


async def test_a_call_hears_thanks_for_its_digit_and_its_words_again_for_a_zero(town: Any) -> None:
    here = await town(CANS, gateway=DRILL)
    await here.settle()
    await here.forward(hours=7, minutes=4)
    await press(here, ZHANG, "0")
    await press(here, ZHANG, "1")
    spoken = [row["verdict"]["spoken"] for row in here.rows(Message) if row["direction"] == "in"]
    assert spoken[0] == "这是测试电话，不用处理。请按1，确认您的手机能接能按。"
    assert "您的手机能收能回" in spoken[1]


async def test_a_text_never_proves_a_call(town: Any) -> None:
    here = await town(CANS)
    await here.forward(hours=7)
    await here.house.writer.do(here.house.drills.begin, Wish(person="zhang", method="voice"))
    await here.forward(seconds=1)
    await here.say("sms:main", ZHANG, "1")
    assert asked(here) == {("zhang", "voice"): ""}


async def test_a_drill_asked_for_at_night_waits_for_the_office(town: Any) -> None:
    here = await town(CANS)
    planned = await here.house.writer.do(here.house.drills.begin, Wish(person="li"))
    assert [f"{one.at:%H:%M:%S} {one.method}" for one in planned] == ["08:30:00 sms", "08:31:30 voice"]
    await here.forward(hours=5)
    assert here.channels["sms:main"].texts(LI) == []
    await here.forward(hours=1)
    assert len(here.channels["sms:main"].texts(LI)) == 1


async def test_no_phone_is_proved_while_an_outage_waits_for_somebody(town: Any) -> None:
    here = await town(CANS, gateway=DRILL)
    await here.settle()
    await here.forward(hours=6, minutes=58)
    await here.say("sms:main", CHEN, OUTAGE)
    await here.forward(minutes=5)
    assert asked(here) == {}
    await here.say("sms:main", ZHANG, "到场 1001")
    await here.forward(minutes=54)
    assert asked(here) == {}
    await here.forward(minutes=8)
    assert set(asked(here)) == {("zhang", "sms"), ("zhang", "voice"), ("li", "sms"), ("li", "voice")}


async def test_a_drill_that_is_no_longer_wanted_is_not_run(town: Any) -> None:
    here = await town(CANS, gateway=DRILL)
    assert [row["about"] for row in here.rows(Timer) if row["kind"] == "drill"] == ["weekly"]
    other = here.house.standing.config.gateway.model_copy(update={"drill": None})
    object.__setattr__(here.house.standing.config, "gateway", other)
    await here.house.writer.do(here.house.drills.plan, None)
    assert [row for row in here.rows(Timer) if row["kind"] == "drill"] == []
