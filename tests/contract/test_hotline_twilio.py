"""Customers who phone, between the hotline and the simulated Twilio."""

from datetime import timedelta
from xml.etree import ElementTree

import pytest

from channels.contract import Attachment, GiveUp, Remote, TryLater
from channels.phone.hotline.simulated_twiml import faults
from channels.simulation import Fault

from .conftest import A_NUMBER, START

LEAD, SECOND = "+8613800000101", "+8613800000102"


@pytest.fixture
def channel_name():
    return "hotline/twilio"


async def phoned(house, **more):
    sid = await house.simulator.call(A_NUMBER, **more)
    await house.settled()
    assert house.simulator.twilio.errors == []
    return sid


async def looked(house, clock):
    """The log is read once all has settled."""
    await clock.advance(timedelta(minutes=2))
    await house.channel.poll(house.gateway.cursor, house.gateway.accept)
    return house.gateway.heard


def told(house):
    return [(one.key, one.sender, one.text) for one in house.gateway.inbounds]


def rung(house):
    return [(leg.to, leg.shown, leg.status) for leg in house.simulator.visits[-1].legs]


async def test_a_call_is_put_through_to_the_lead_and_told_with_its_length_and_who_took_it(house):
    sid = await phoned(house, answered_after=5, talks=185)
    assert rung(house) == [(LEAD, A_NUMBER, "completed")]
    assert told(house) == [(sid, A_NUMBER, f"[来电] 已接听 3分05秒，应答 {LEAD}")]
    assert [one.text for one in house.simulator.heard] == [
        "您好，这里是技术支持热线，正在为您接通值班人员，请稍候。",
        "Thank you for calling support. Please hold while we connect you.",
    ]


async def test_the_second_is_rung_when_the_lead_does_not_answer_and_is_welcomed_once(house):
    house.gateway.duty = (LEAD, SECOND)
    sid = await phoned(house, answered_after=5, answered_by=SECOND, talks=45)
    assert rung(house) == [(LEAD, A_NUMBER, "no-answer"), (SECOND, A_NUMBER, "completed")]
    assert told(house) == [(sid, A_NUMBER, f"[来电] 已接听 45 秒，应答 {SECOND}")]
    assert len(house.simulator.heard) == 2


async def test_nobody_answers_and_a_message_is_left_that_can_be_fetched(house):
    house.gateway.duty = (LEAD, SECOND, "+8613800000103")
    sid = await phoned(house, leaves_message="滨江机房没有电了，请马上派人过来。" * 5)
    (inbound,) = house.gateway.inbounds
    assert (inbound.key, inbound.sender, inbound.text) == (sid, A_NUMBER, "[未接来电] 留言 21 秒，请回电")
    assert [to for to, _, _ in rung(house)] == [LEAD, SECOND]
    (remote,) = inbound.remotes
    assert remote.type == "audio/mpeg"
    fetched = await house.channel.fetch(remote)
    assert isinstance(fetched, Attachment)
    assert (fetched.name, fetched.content[:3]) == (f"{house.simulator.visits[0].recording}.mp3", b"ID3")
    assert "滨江机房没有电了" in fetched.content.decode()


async def test_without_anybody_on_duty_a_message_is_taken_at_once(house):
    house.gateway.duty = ()
    await phoned(house, leaves_message="请回电话给我们好吗")
    assert (rung(house), [text for _, _, text in told(house)]) == ([], ["[未接来电] 留言 2 秒，请回电"])
    assert house.simulator.heard[0].text.startswith("值班人员暂时无法接听")
    assert house.simulator.heard[-1].text == "Thank you. We will call you back. Goodbye."


@pytest.mark.parametrize("verb", ["Say", "Dial", "Record", ""])
async def test_a_caller_who_leaves_nothing_is_found_in_the_log_whenever_they_hang_up(house, clock, verb):
    sid = await phoned(house, hangs_up=verb)
    assert house.gateway.inbounds == []
    (inbound,) = await looked(house, clock)
    assert (inbound.key, inbound.sender, inbound.text) == (sid, A_NUMBER, "[未接来电] 未留言，请回电")
    assert START - timedelta(minutes=5) < inbound.sent_at <= START


async def test_one_call_has_one_key_whoever_tells_of_it_first(house, clock):
    first = await phoned(house, leaves_message="请马上派人")
    second = await phoned(house, answered_after=3)
    third = await phoned(house, hangs_up="Say")
    pushed = {one.key: one.text for one in house.gateway.inbounds}
    found = {one.key: one.text for one in await looked(house, clock)}
    assert (set(pushed), set(found)) == ({first, second}, {first, second, third})
    assert {key: found[key] for key in pushed} == pushed


async def test_what_no_webhook_told_is_read_from_the_log_with_its_recording(house, clock):
    house.simulator.tells = False
    house.gateway.duty = ()
    sid = await phoned(house, leaves_message="机房进水了快来")
    (inbound,) = await looked(house, clock)
    assert (inbound.key, inbound.text) == (sid, "[未接来电] 留言 1 秒，请回电")
    assert (await house.channel.fetch(inbound.remotes[0])).content == b"ID3" + "机房进水了快来".encode()


async def test_calls_while_the_gateway_is_down_are_brought_in_later(house, clock):
    house.gateway.fails = 2
    sid = await house.simulator.call(A_NUMBER)
    assert [one.key for one in await looked(house, clock)] == [sid]


async def test_a_call_that_has_just_ended_is_left_for_its_message(house, clock):
    await phoned(house, hangs_up="Say")
    await house.channel.poll(None, house.gateway.accept)
    assert house.gateway.heard == []
    await clock.advance(timedelta(seconds=90))
    await house.channel.poll(house.gateway.cursor, house.gateway.accept)
    assert len(house.gateway.heard) == 1
    before = house.gateway.cursor
    await clock.advance(timedelta(minutes=5))
    await house.channel.poll(before, house.gateway.accept)
    assert house.gateway.cursor > before


async def test_a_caller_who_hung_up_while_it_rang_gets_nobody_else_out_of_bed(house):
    house.gateway.duty = (LEAD, SECOND)
    await phoned(house, hangs_up="Dial")
    assert [to for to, _, _ in rung(house)] == [LEAD]
    assert (house.gateway.parsed[-1].connect, b"<Record" in house.gateway.parsed[-1].reply.body) == (None, False)


async def test_the_log_is_read_from_where_it_was_left(house, clock):
    await phoned(house, hangs_up="Say")
    await clock.advance(timedelta(minutes=2))
    await house.channel.poll((START + timedelta(minutes=1)).isoformat(), house.gateway.accept)
    assert house.gateway.heard == []


async def test_a_number_without_its_country_is_one_of_the_region(house, clock):
    await house.simulator.call("13800138000", hangs_up="Say")
    assert [one.sender for one in await looked(house, clock)] == [A_NUMBER]


async def test_the_document_that_rings_a_switchboard_dials_its_extension_and_answers_when_bridged(house):
    await phoned(house, hangs_up="Say")
    connect = house.gateway.parsed[0].connect
    (dial,) = ElementTree.fromstring(connect(["021-55558888转802"]).body).iter("Dial")
    assert (dial.get("answerOnBridge"), dial.get("timeout"), dial.get("callerId")) == ("true", "20", None)
    assert [(one.text, one.get("sendDigits")) for one in dial] == [("+862155558888", "wwww802")]


async def test_a_call_under_way_holds_the_log_back(house, clock):
    await phoned(house, hangs_up="Say")
    house.simulator.visits[0].status = "in-progress"
    await looked(house, clock)
    assert house.gateway.heard == []
    house.simulator.visits[0].status = "completed"
    assert len(await looked(house, clock)) == 1


async def test_a_recording_that_is_not_ready_is_waited_for_but_not_for_ever(house, clock):
    house.simulator.tells = False
    await phoned(house, leaves_message="机房进水了快来")
    house.simulator.visits[0].status = "busy"  # ended; its recording is listed as processing
    assert await looked(house, clock) == []
    await clock.advance(timedelta(hours=13))
    (inbound,) = await looked(house, clock)
    assert inbound.text == "[未接来电] 未留言，请回电"


async def test_everything_twice_is_one_message(house):
    house.simulator.fault = Fault.TWICE
    await phoned(house, leaves_message="请马上派人")
    assert {one.key for one in house.gateway.inbounds} == {house.simulator.visits[0].sid}
    assert len({repr(one) for one in house.gateway.inbounds}) == 1


@pytest.mark.parametrize("shown", ["anonymous", "+266696687", "Restricted", ""])
async def test_a_withheld_number_is_said_and_our_own_is_shown_to_the_staff(house, clock, shown):
    sid = await house.simulator.call(shown, leaves_message="请马上派人")
    assert house.simulator.twilio.errors == []
    assert told(house) == [(sid, "anonymous", "[未接来电] 主叫隐藏号码，留言 1 秒，请听留言")]
    assert rung(house) == [(LEAD, "+15005550006", "no-answer")]


async def test_the_caller_is_not_rung_himself_nor_what_is_no_number(house):
    house.gateway.duty = (A_NUMBER, "zhang", LEAD)
    await phoned(house, leaves_message="请马上派人")
    assert [to for to, _, _ in rung(house)] == [LEAD]


async def test_another_caller_id_and_an_extension_reach_the_dialled_phone(house):
    house.gateway.duty = ("021-55558888转802",)
    house.gateway.channel = house.rebuilt(caller_id="+8675512345678")
    await phoned(house, leaves_message="请马上派人")
    assert rung(house) == [("+862155558888", "+8675512345678", "no-answer")]


async def test_no_address_of_ours_carries_a_number(house):
    house.gateway.duty = (LEAD, SECOND)
    await phoned(house, leaves_message="请马上派人")
    urls = " ".join(wire.url for wire in house.gateway.wires)
    assert [number for number in (A_NUMBER, LEAD, SECOND) if number[1:] in urls] == []
    assert len(house.gateway.wires) == 5


async def test_a_sealed_number_of_another_call_is_refused(house):
    await phoned(house, leaves_message="请马上派人")
    url = next(wire.url for wire in house.gateway.wires if wire.path == "/recording")
    more = {"RecordingUrl": "https://api.twilio.com/x", "RecordingDuration": "3", "RecordingStatus": "completed"}
    answered = await house.simulator.twilio.callback(url, {"CallSid": "CA1", **more})
    assert answered.status == 400


@pytest.mark.parametrize(
    "ref",
    [
        "http://api.twilio.com/2010-04-01/Accounts/{sid}/Recordings/RE1.mp3",
        "https://api.twilio.com.evil.example/2010-04-01/Accounts/{sid}/Recordings/RE1.mp3",
        "https://api.twilio.com:8443/2010-04-01/Accounts/{sid}/Recordings/RE1.mp3",
        "https://api.twilio.com/2010-04-01/Accounts/AC1/Recordings/RE1.mp3",
        "https://api.twilio.com/2010-04-01/Accounts/{sid}/Recordings/../../x",
        "file:///etc/passwd",
        "https://[::1",
    ],
)
async def test_only_recordings_of_the_account_are_fetched(house, ref):
    with pytest.raises(GiveUp):
        await house.channel.fetch(Remote(ref=ref.format(sid=house.simulator.twilio.account_sid)))


async def test_a_recording_that_is_gone_is_given_up_and_a_provider_that_is_down_is_tried_later(house, faulty):
    await phoned(house, leaves_message="请马上派人")
    remote = house.gateway.inbounds[0].remotes[0]
    gone = Remote(ref=remote.ref.replace("/RE", "/REx"))
    with pytest.raises(GiveUp):
        await house.channel.fetch(gone)
    house.simulator.fault = Fault.DOWN
    with pytest.raises(TryLater):
        await house.channel.fetch(remote)
    channel = house.rebuilt(api_url=faulty.url, timeout_seconds=0.2)
    faulty.how = "hangs"
    with pytest.raises(TryLater):
        await channel.fetch(Remote(ref=remote.ref.replace(house.simulator.twilio.url, faulty.url)))
    await channel.close()


async def test_a_log_that_cannot_be_read_leaves_the_cursor(house, faulty):
    faulty.status, faulty.body = 200, b'{"calls": 3}'
    channel = house.rebuilt(api_url=faulty.url)
    with pytest.raises(TryLater):
        await channel.poll(None, house.gateway.accept)
    await channel.close()
    assert house.gateway.cursor is None


async def test_a_hotline_sends_nothing(house):
    with pytest.raises(GiveUp):
        await house.channel.send(house.outgoing())


@pytest.mark.parametrize(
    ("twiml", "fault"),
    [
        ("<Reponse/>", "12100"),
        ("<Response><Speak>x</Speak></Response>", "12200 Speak"),
        ("<Response><Say loud='yes'>x</Say></Response>", "12200 Say has no attribute loud"),
        ("<Response><Say/></Response>", "13520"),
        ("<Response><Dial timeout='0'><Number>+8613800138000</Number></Dial></Response>", "12200 Dial timeout"),
        ("<Response><Dial/></Response>", "12200 Dial with 0"),
        ("<Response><Dial><Number>13800138000</Number></Dial></Response>", "13223"),
        ("<Response><Number>+8613800138000</Number></Response>", "12200 Number may not"),
        ("<Response><Record maxLength='99999'/></Response>", "12200 Record maxLength"),
        ("<Response><Hangup>bye</Hangup></Response>", "12200 words within Hangup"),
    ],
)
def test_the_simulator_refuses_what_twilio_would(twiml, fault):
    assert any(one.startswith(fault) for one in faults(ElementTree.fromstring(twiml)))
