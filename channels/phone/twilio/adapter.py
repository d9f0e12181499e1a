"""The phone channel: calls that speak a text and bring back the digit that was pressed, through Twilio."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from channels import twilio_account
from channels.contract import (
    Around,
    Can,
    Channel,
    Finding,
    Malformed,
    Outgoing,
    Parsed,
    Receipt,
    Reply,
    Spoken,
    Status,
    Webhook,
    Wire,
)
from channels.numbers import number
from channels.phone.twilio import parse, speech
from channels.phone.twilio.config import Account
from channels.settings import Settings
from channels.twilio_account import Signature, TwilioApi
from channels.untrusted import Untrusted

CAN: Final = Can(book="tel", receives=False, confirms=True, text_limit=speech.TEXT_LIMIT, links=False, speaks=True)
EVENTS: Final = ("initiated", "ringing", "answered", "completed")
PAUSE: Final = "wwww"
"""Two seconds for a switchboard to pick up before the extension is dialled (Twilio's description, SendDigits)."""


class Phone:
    """One number that calls."""

    can = CAN

    def __init__(self, account: Account, around: Around) -> None:
        self.name = f"phone:{around.account}"
        self._account = account
        self._around = around
        self._signature = Signature(account)
        self._api = TwilioApi(account, around.now)

    def webhooks(self) -> Sequence[Webhook]:
        """Pressed digits, and what became of a call."""
        return (
            Webhook(method="POST", prefix="/digits", read=self._digits),
            Webhook(method="POST", prefix="/status", read=self._status),
        )

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Start a call that speaks the text; raises GiveUp for a text that no call can carry."""
        text = outgoing.text
        action = self._action(outgoing.key, 1)
        twiml = speech.opening(self._account, text=text, language=outgoing.language, action=action)
        called = number(outgoing.to, self._account.region)
        form = [
            ("To", called.address),
            ("From", self._account.number),
            ("Twiml", twiml),
            ("Timeout", str(self._account.ring_seconds)),
            ("StatusCallback", self._callback("/status", key=outgoing.key)),
            *(("StatusCallbackEvent", event) for event in EVENTS),
            *((("SendDigits", f"{PAUSE}{called.extension}"),) if called.extension else ()),
        ]
        made = await self._api.create("Calls", form)
        return Receipt(provider_id=made.sid, status=parse.STATUS.get(made.status, Status.ACCEPTED))

    async def check(self) -> Sequence[Finding]:
        """Whether the account is active."""
        return await self._api.check()

    async def close(self) -> None:
        """Give back the sockets."""
        await self._api.close()

    def _digits(self, wire: Wire) -> Parsed:
        fields = self._signature.fields(wire)
        query = _query(wire)
        key, turn = query["key"].word(limit=128), query["n"].integer()
        pressed = parse.digits(fields, raw=wire.body, key=key, turn=turn, region=self._account.region)
        if pressed is None:
            return Parsed(reply=speech.reply(speech.ending(self._account, text="", language="zh")))

        def answer(spoken: Spoken) -> Reply:
            return self._answer(spoken, key=key, turn=turn + 1)

        return Parsed(reply=twilio_account.EMPTY, inbounds=(pressed,), answer=answer)

    def _answer(self, spoken: Spoken, *, key: str, turn: int) -> Reply:
        if not spoken.more:
            return speech.reply(speech.ending(self._account, text=spoken.text, language=spoken.language))
        action = self._action(key, turn)
        return speech.reply(speech.asking(self._account, text=spoken.text, language=spoken.language, action=action))

    def _status(self, wire: Wire) -> Parsed:
        fields = self._signature.fields(wire)
        update = parse.update(fields, key=wire.query.get("key"))
        return Parsed(reply=twilio_account.EMPTY, updates=() if update is None else (update,))

    def _action(self, key: str, turn: int) -> str:
        return self._callback("/digits", key=key, n=str(turn))

    def _callback(self, path: str, **query: str) -> str:
        return twilio_account.callback(self._around.public_url, "phone", self._around.account, path, **query)


def build(account: Settings, around: Around) -> Channel:
    """The channel of one account; nothing is connected yet."""
    if not isinstance(account, Account):
        raise TypeError("the phone channel needs the settings of channels.phone.twilio.config")
    return Phone(account, around)


def _query(wire: Wire) -> Untrusted:
    if not wire.query:
        raise Malformed("query", "missing")
    return Untrusted(dict(wire.query), "query")
