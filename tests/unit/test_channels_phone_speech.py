"""What a call says."""

from xml.etree import ElementTree

import pytest

from channels.contract import GiveUp
from channels.phone.twilio import speech
from channels.phone.twilio.config import Account
from channels.settings import Secret

ACCOUNT = Account(account_sid="AC" + "0" * 32, auth_token=Secret("t"), number="+15005550006")
ACTION = "https://support.example.cn/in/phone/main/digits?key=d-1&n=1"


def verbs(twiml):
    return list(ElementTree.fromstring(twiml))


def test_a_page_is_spoken_twice_waits_each_time_and_hangs_up():
    twiml = speech.opening(ACCOUNT, text="机柜无供电", language="zh", action=ACTION)
    assert [verb.tag for verb in verbs(twiml)] == ["Gather", "Gather", "Say", "Hangup"]
    for gather in verbs(twiml)[:2]:
        assert gather.attrib == {"action": ACTION, "method": "POST", "numDigits": "1", "timeout": "6"}
        assert [(say.text, say.attrib) for say in gather] == [
            ("机柜无供电", {"language": "cmn-CN", "voice": "Polly.Zhiyu"})
        ]
    assert verbs(twiml)[2].text == "没有收到按键，再见。"


def test_an_english_page_has_an_english_voice_to_its_end():
    twiml = speech.opening(ACCOUNT, text="No power", language="en", action=ACTION)
    says = ElementTree.fromstring(twiml).iter("Say")
    assert {(say.get("language"), say.get("voice")) for say in says} == {("en-US", "Polly.Joanna")}
    assert verbs(twiml)[2].text == "No key was pressed. Goodbye."


@pytest.mark.parametrize("text", ["a < b & c > \"d\" 'e'", "机柜🆘", "<Hangup/>", "line\nbreak"])
def test_any_text_arrives_as_it_was_written(text):
    twiml = speech.opening(ACCOUNT, text=text, language="zh", action=ACTION)
    assert verbs(twiml)[0][0].text == text


def test_what_xml_cannot_hold_is_a_pause():
    assert verbs(speech.ending(ACCOUNT, text="a\x00b\x0bc\ufffe", language="en"))[0].text == "a b c "


@pytest.mark.parametrize(
    ("text", "times"),
    [
        pytest.param("急" * speech.TEXT_LIMIT, 2, id="the longest text that the channel claims, twice"),
        pytest.param("急" * 3000, 1, id="a longer one once"),
        pytest.param("&" * 600, 1, id="escapes count as Twilio counts them"),
    ],
)
def test_a_long_text_is_repeated_while_it_fits(text, times):
    twiml = speech.opening(ACCOUNT, text=text, language="zh", action=ACTION)
    assert [verb.tag for verb in verbs(twiml)].count("Gather") == times
    assert len(twiml) <= 4000


def test_a_text_that_no_call_can_carry_is_given_up():
    with pytest.raises(GiveUp, match="too long for a call"):
        speech.opening(ACCOUNT, text="急" * 4000, language="zh", action=ACTION)


@pytest.mark.parametrize(("text", "tags"), [("再见", ["Say", "Hangup"]), ("", ["Hangup"])])
def test_an_ending_says_its_text_and_hangs_up(text, tags):
    assert [verb.tag for verb in verbs(speech.ending(ACCOUNT, text=text, language="zh"))] == tags
