"""Who can be answered only for a while: how often, which message, and by which other way when it is over."""

from datetime import timedelta

import pytest

from channels.contract import Can, GiveUp, Status, TryLater, Uncertain, Window

KF = Can(window=Window(lasts=timedelta(hours=48), most=5))
SMS = Can(book="tel", confirms=True)
LEAD = "+8613800000101"
PHONE = "+8613900000009"
FAULT = "滨江机房断电了，业务全断"


@pytest.fixture
async def here(town):
    """A house with a chat of a window, and texts."""
    return await town({"wechat:kf": KF, "sms:main": SMS})


async def answer(here, words: str) -> None:
    await here.say("sms:main", LEAD, f"回复1001 {words}")


async def there(here) -> None:
    """Have the lead on site, so that nobody is asked for the ticket again and again."""
    await here.say("sms:main", LEAD, "1")
    await here.say("sms:main", LEAD, "到场 1001")


async def test_answers_quote_the_newest_message_and_count_on_from_it(here) -> None:
    first = await here.say("wechat:kf", "chen", FAULT)
    await answer(here, "在路上")
    newest = await here.say("wechat:kf", "chen", "快点，还没好")
    await answer(here, "到了")
    sent = here.channels["wechat:kf"].sent
    assert [(one.quotes, one.turn) for one in sent] == [(first, 1), (first, 2), (newest, 1)]


async def test_a_message_is_answered_five_times_and_no_more(here) -> None:
    await here.say("wechat:kf", "chen", FAULT)
    for n in range(6):
        await answer(here, f"第{n}次")
    assert [one.turn for one in here.channels["wechat:kf"].sent] == [1, 2, 3, 4, 5]
    assert "this provider lets us answer a message 5 times" in here.history("failed")


async def test_after_two_days_the_window_is_closed(here) -> None:
    await here.say("wechat:kf", "chen", FAULT)
    await there(here)
    await here.forward(hours=49)
    await answer(here, "好了")
    assert "好了" not in "".join(here.channels["wechat:kf"].texts())
    assert "the last message is older than the 48 h in which this provider lets us answer" in here.history("failed")


async def test_a_closed_window_is_gone_round_by_the_number_that_was_asked_for(here) -> None:
    await here.say("wechat:kf", "chen", FAULT)
    assert "请回复您的手机号" in here.channels["wechat:kf"].texts()[0]
    await here.say("wechat:kf", "chen", "139 0000 0009")
    assert here.channels["wechat:kf"].texts()[-1] == "【服务台】已记下您的电话，谢谢。"
    await there(here)
    await here.forward(hours=49)
    await answer(here, "好了")
    assert ["好了" in text for text in here.channels["sms:main"].texts(PHONE)] == [True]


async def test_what_may_still_arrive_is_not_sent_another_way(here) -> None:
    await here.say("wechat:kf", "chen", FAULT)
    await here.say("wechat:kf", "chen", PHONE)
    here.channels["wechat:kf"].fails += [TryLater("busy"), Uncertain("no answer")]
    await answer(here, "在路上")
    await here.forward(minutes=2)
    await answer(here, "到了")
    assert here.channels["sms:main"].texts(PHONE) == []


async def test_the_other_way_is_tried_once(here) -> None:
    await here.say("wechat:kf", "chen", FAULT)
    await here.say("wechat:kf", "chen", PHONE)
    here.channels["wechat:kf"].fails.append(GiveUp("blocked"))
    await answer(here, "在路上")
    [text] = [one for one in here.channels["sms:main"].sent if one.to == PHONE]
    await here.receipt("sms:main", Status.FAILED, text)
    await here.forward(minutes=2)
    assert len(here.channels["sms:main"].texts(PHONE)) == 1
