"""Twilio's voice webhooks, already proved genuine, read into records; pure.

Fields: twilio.com/docs/voice/twiml#request-parameters and twilio.com/docs/voice/twiml/gather#action.
"""

from __future__ import annotations

from typing import Final

from multidict import MultiDict

from channels.contract import Inbound, Status, Update
from channels.numbers import number
from channels.untrusted import Untrusted

STATUS: Final = {
    "queued": Status.ACCEPTED,
    "initiated": Status.ACCEPTED,
    "ringing": Status.RINGING,
    "in-progress": Status.ANSWERED,
    "completed": Status.ANSWERED,
    "busy": Status.FAILED,
    "failed": Status.FAILED,
    "no-answer": Status.FAILED,
    "canceled": Status.FAILED,
}
REASON: Final = {
    "busy": "the line was busy or the call was rejected",
    "failed": "the call could not be connected",
    "no-answer": "nobody answered",
    "canceled": "the call was cancelled before it was answered",
}


def digits(fields: MultiDict[str], *, raw: bytes, key: str, turn: int, region: str) -> Inbound | None:
    """The digit pressed in turn `turn` of the call that carries the Outgoing `key`; None when none was pressed.

    Twilio repeats a request under the same CallSid and turn, so its key stays the same.
    """
    form = Untrusted.form(fields)
    call = form["CallSid"].word(limit=64)
    person = "From" if form["Direction"].text(default="outbound-api") == "inbound" else "To"
    sender = number(form[person].word(), region).address
    pressed = form["Digits"].text(default="", limit=16).strip()
    if not pressed:
        return None
    return Inbound(key=f"{call}:{turn}", sender=sender, text=pressed, raw=raw, answers=(key,))


def update(fields: MultiDict[str], *, key: str | None) -> Update | None:
    """What became of a call; None for a status that says nothing to us."""
    form = Untrusted.form(fields)
    call = form["CallSid"].word(limit=64)
    word = form["CallStatus"].word()
    status = STATUS.get(word)
    if status is None:
        return None
    failed = status is Status.FAILED
    return Update(
        status=status, key=key, provider_id=call, code=word if failed else None, reason=REASON[word] if failed else None
    )
