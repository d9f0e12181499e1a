"""A customer who wants no more texts by SMS: it is kept, shown with its reason, and rings nobody."""

import pytest

from channels.contract import Can
from gateway.broadcast.suppressing import Against, leave_alone
from store.db import table_of
from store.model import Direction, Message, MessageState, Suppression, SuppressionKind

CHEN = "+8613900000001"
TEXTS = {"sms:main": Can(book="tel"), "fax:main": Can(book="tel", sends=False), "im:main": Can()}


@pytest.fixture
async def here(town):
    return await town(TEXTS)


async def written(here, to=CHEN):
    """Let a text for many have gone to a number."""
    house = here.house
    row = Message(
        id=house.database.ids(),
        direction=Direction.OUT,
        channel="sms:main",
        key="0-x",
        state=MessageState.SENT,
        at=house.clock.now(),
        recipient=to,
        template="broadcast",
        text="x",
        language="zh",
    )
    with house.database.engine.begin() as connection:
        connection.execute(table_of(Message).insert(), [{**row.model_dump(), "raw": b""}])


def kept(here):
    return [(row["channel"], row["address"], row["kind"], row["why"]) for row in here.rows(Suppression)]


async def test_a_word_alone_bars_the_number_and_is_no_matter(here):
    await written(here)
    await here.say("sms:main", CHEN, "ＴＤ")
    assert kept(here) == [("sms", CHEN, "opted_out", "wrote ＴＤ")]
    assert (here.tickets, here.channels["sms:main"].sent) == ([], [])
    assert here.history("ignored") == ["wants no more texts for many by SMS"]
    assert here.history("broadcast") == ["suppressed"]


async def test_a_number_that_nobody_wrote_to_is_heard_as_everybody_is(here):
    await here.say("sms:main", CHEN, "STOP")
    assert kept(here) == []
    assert here.history("broadcast") == []


async def test_a_known_customer_is_heard_without_a_broadcast(here):
    await here.say("sms:main", CHEN, "滨江机房断电了")
    await here.say("sms:main", CHEN, "退订")
    assert [row[1] for row in kept(here)] == [CHEN]
    assert len(here.tickets) == 1


async def test_said_twice_it_stands_once_and_start_takes_it_back(here):
    await written(here)
    await here.say("sms:main", CHEN, "T", "退订")
    assert len(kept(here)) == 1
    await here.say("sms:main", CHEN, "START")
    assert kept(here) == []
    assert here.history("broadcast") == ["suppressed", "allowed"]
    assert here.tickets == []


@pytest.mark.parametrize("word", ["START", "恢复"])
async def test_no_word_lifts_what_the_staff_wrote_down(here, word):
    staff = Against(method="sms", address=CHEN, kind=SuppressionKind.OPTED_OUT, why="asked by phone", by="zhang")
    await here.house.writer.do(leave_alone, staff)
    await here.say("sms:main", CHEN, word)
    assert [one[3] for one in kept(here)] == ["asked by phone"]
    assert here.history("broadcast") == ["suppressed"]


async def test_restored_means_the_fault_where_one_is_open(here):
    await written(here)
    await here.say("sms:main", CHEN, "滨江机房断电了")
    await here.say("sms:main", CHEN, "退订")
    await here.say("sms:main", CHEN, "恢复")
    assert len(kept(here)) == 1
    assert here.history("ignored") == ["wants no more texts for many by SMS"]


@pytest.mark.parametrize("channel", ["fax:main", "im:main"])
async def test_elsewhere_such_a_word_means_nothing(here, channel):
    await written(here)
    await here.say(channel, CHEN, "N")
    assert kept(here) == []


async def test_the_staff_keep_their_own_rule(here):
    await written(here, to="+8613800000101")
    await here.say("sms:main", "+8613800000101", "T")
    assert kept(here) == []
