"""What a call says, as TwiML (twilio.com/docs/voice/twiml); pure."""

from __future__ import annotations

import re
from typing import Final

from twilio.twiml.voice_response import Gather, VoiceResponse

from channels.contract import GiveUp, Reply
from channels.phone.twilio.config import Account

TWIML_LIMIT: Final = 4000
"""Longest TwiML that a call may be created with (Twilio's API description, CreateCall, Twiml)."""
TEXT_LIMIT: Final = 1200
"""Code points of a text that fits twice beside two addresses, and about five minutes of speech."""
NO_KEY: Final = {"zh": "没有收到按键，再见。", "en": "No key was pressed. Goodbye."}
UNSPEAKABLE: Final = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot hold (section 2.2)."""


def opening(account: Account, *, text: str, language: str, action: str) -> str:
    """The TwiML of a new call; raises GiveUp when the text does not fit even once."""
    for times in (2, 1):
        twiml = asking(account, text=text, language=language, action=action, times=times)
        if len(twiml) <= TWIML_LIMIT:
            return twiml
    raise GiveUp(f"the text is too long for a call: more than {TWIML_LIMIT} characters of TwiML")


def asking(account: Account, *, text: str, language: str, action: str, times: int = 2) -> str:
    """Speak the text, wait for one digit, both `times` times, then say goodbye; a digit is posted to `action`.

    Without a digit a Gather falls through to what follows it (twilio.com/docs/voice/twiml/gather).
    """
    response = VoiceResponse()
    for _ in range(times):
        gather = Gather(num_digits=1, action=action, method="POST", timeout=account.digit_seconds)
        _say(gather, account, text, language)
        response.append(gather)
    _say(response, account, NO_KEY["en" if language == "en" else "zh"], language)
    response.hangup()
    return str(response)


def ending(account: Account, *, text: str, language: str) -> str:
    """Speak the text and hang up; an empty text only hangs up."""
    response = VoiceResponse()
    if text:
        _say(response, account, text, language)
    response.hangup()
    return str(response)


def reply(twiml: str) -> Reply:
    """TwiML as an HTTP answer."""
    return Reply(body=twiml.encode(), type="text/xml; charset=utf-8")


def _say(verb: VoiceResponse | Gather, account: Account, text: str, language: str) -> None:
    english = language == "en"
    verb.say(
        UNSPEAKABLE.sub(" ", text),
        language=account.english_language if english else account.chinese_language,
        voice=account.english_voice if english else account.chinese_voice,
    )
