"""Whether a QQ account that is quiet is dead: what the probe says, and what it does to find out."""

from datetime import timedelta

import pytest

from channels.powers import Links, Probes

GROUP = "20002000"


@pytest.fixture
def channel_name():
    return "qq/onebot"


async def test_a_quiet_account_that_still_gets_a_text_out_is_alive(house):
    channel = house.rebuilt(probe_group=int(GROUP), probe_text="自检")
    assert (isinstance(channel, Probes), isinstance(channel, Links)) == (True, True)
    assert channel.probe_every == timedelta(minutes=10)
    finding = await channel.probe()
    assert (finding.ok, finding.note) == (True, "alive: a text got out; no event so far")
    assert [(one.text, one.group) for one in house.simulator.heard] == [("自检", GROUP)]
    await channel.close()


async def test_a_person_may_be_written_to_instead(house):
    channel = house.rebuilt(probe_user=30003009, probe_minutes=30)
    finding = await channel.probe()
    assert (finding.ok, channel.probe_every) == (True, timedelta(minutes=30))
    assert [(one.to, one.text) for one in house.simulator.heard] == [("30003009", "线路自检")]
    await channel.close()


async def test_an_account_that_calls_itself_online_and_gets_nothing_out_is_dead(house):
    channel = house.rebuilt(probe_group=int(GROUP))
    house.simulator.retcode = 1200
    finding = await channel.probe()
    assert finding.ok is False
    assert finding.note.startswith("dead: online by the program's word, but no text gets out (onebot 1200")
    assert "log the account in again" in finding.cure
    await channel.close()


async def test_an_account_that_is_logged_out_is_dead(house):
    house.simulator.online = False
    finding = await house.channel.probe()
    assert (finding.ok, finding.note) == (False, "dead: the account is logged out")
    assert house.simulator.heard == []


async def test_another_account_is_not_ours(house):
    house.simulator.logged_in_as = 4711
    finding = await house.channel.probe()
    assert (finding.ok, finding.note) == (False, "dead: the program is logged in with another account")


async def test_a_program_that_does_not_run_is_dead(house):
    channel = house.rebuilt(api_url="http://127.0.0.1:1")
    finding = await channel.probe()
    assert finding.ok is False
    assert finding.note.startswith("dead: the program does not answer")
    await channel.close()


async def test_without_somebody_to_write_to_nothing_is_proved(house):
    await house.simulator.heartbeat()
    await house.clock.advance(timedelta(seconds=42))
    finding = await house.channel.probe()
    assert finding.ok is None
    assert finding.note == "online by the program's word, last event 42 s ago; set probe_group or probe_user for proof"


async def test_the_check_writes_to_nobody(house):
    channel = house.rebuilt(probe_group=int(GROUP))
    (finding,) = await channel.check()
    assert (finding.ok, house.simulator.heard) == (True, [])
    await channel.close()


async def test_a_heartbeat_that_calls_the_account_offline_is_remembered(house):
    house.simulator.online = False
    await house.simulator.heartbeat()
    house.simulator.online = True
    (finding,) = await house.channel.check()
    assert finding.note == "online by the program's word, last event 0 s ago, which called the account offline"
