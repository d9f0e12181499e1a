"""What a caller hears, as TwiML (twilio.com/docs/voice/twiml); pure."""

from __future__ import annotations

from typing import Final

from twilio.twiml.voice_response import Dial, VoiceResponse

from channels.contract import Reply
from channels.numbers import Number
from channels.phone.hotline.config import Account

NOTHING: Final = ("没有收到留言，再见。", "No message was recorded. Goodbye.")
"""After a recording in which nobody spoke the document goes on (twilio.com/docs/api/twiml/record)."""
PAUSE: Final = "wwww"
"""Two seconds for a switchboard to pick up before the extension is dialled (twilio.com/docs/voice/twiml/number)."""


def through(account: Account, person: Number, *, action: str, caller_id: str | None, welcome: bool) -> Reply:
    """Ring one person; what became of it is posted to `action`, whose answer goes on."""
    response = VoiceResponse()
    if welcome:
        _say(response, account, account.welcome_chinese, account.welcome_english)
    shown = {"caller_id": caller_id} if caller_id else {}
    dial = Dial(action=action, method="POST", timeout=account.ring_seconds, answer_on_bridge=True, **shown)
    digits = {"send_digits": f"{PAUSE}{person.extension}"} if person.extension else {}
    dial.number(person.address, **digits)
    response.append(dial)
    return _reply(response)


def message(account: Account, *, action: str, recording: str) -> Reply:
    """Ask for a message and record it; where it lies is posted to `recording` once it can be fetched."""
    response = VoiceResponse()
    _say(response, account, account.message_chinese, account.message_english)
    response.record(
        action=action,
        method="POST",
        timeout=account.silence_seconds,
        max_length=account.message_seconds,
        finish_on_key="#",
        play_beep=True,
        recording_status_callback=recording,
        recording_status_callback_method="POST",
        recording_status_callback_event="completed",
    )
    _say(response, account, *NOTHING)
    response.hangup()
    return _reply(response)


def thanks(account: Account) -> Reply:
    """Say that the message is there, and hang up."""
    response = VoiceResponse()
    _say(response, account, account.thanks_chinese, account.thanks_english)
    response.hangup()
    return _reply(response)


def goodbye() -> Reply:
    """Hang up without a word."""
    response = VoiceResponse()
    response.hangup()
    return _reply(response)


def _say(response: VoiceResponse, account: Account, chinese: str, english: str) -> None:
    if chinese:
        response.say(chinese, language=account.chinese_language, voice=account.chinese_voice)
    if english:
        response.say(english, language=account.english_language, voice=account.english_voice)


def _reply(response: VoiceResponse) -> Reply:
    return Reply(body=str(response).encode(), type="text/xml; charset=utf-8")
