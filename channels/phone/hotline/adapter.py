"""A number that customers call: put through to who is on duty, else a message is taken, through Twilio."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Final
from urllib.parse import urlsplit

from channels import twilio_account
from channels.calls import ANONYMOUS
from channels.contract import (
    Accept,
    Around,
    Attachment,
    Can,
    Channel,
    Finding,
    GiveUp,
    Outgoing,
    Parsed,
    Polled,
    Receipt,
    Remote,
    Reply,
    TryLater,
    Uncertain,
    Webhook,
    Wire,
)
from channels.numbers import Number, number
from channels.phone.hotline import parse, speech
from channels.phone.hotline.config import Account
from channels.phone.hotline.history import History
from channels.phone.hotline.seal import Seal
from channels.settings import Settings
from channels.twilio_account import API_URL, Signature, TwilioApi
from channels.untrusted import Untrusted

CAN: Final = Can(book="tel", sends=False, replies=False, links=False, vouches=False)
"""A caller id can be forged, so nobody is vouched for."""
LARGEST: Final = 20 * 1024 * 1024
"""Bytes of a recording; an hour of Twilio's MP3 is about 14 million."""


class Hotline:
    """One number that is called."""

    can = CAN
    times: Sequence[str] = ()

    def __init__(self, account: Account, around: Around) -> None:
        self.name = f"hotline:{around.account}"
        self.every: timedelta | None = timedelta(seconds=account.look_every_seconds)
        self._account = account
        self._around = around
        self._signature = Signature(account)
        self._seal = Seal(account.auth_token)
        self._api = TwilioApi(account, around.now)
        self._history = History(account, around, self._api)

    def webhooks(self) -> Sequence[Webhook]:
        """A call, what became of ringing somebody, the end of a message, and the message itself."""
        return (
            Webhook(method="POST", prefix="", read=self._incoming),
            Webhook(method="POST", prefix="/dialled", read=self._dialled),
            Webhook(method="POST", prefix="/recorded", read=self._recorded),
            Webhook(method="POST", prefix="/recording", read=self._recording),
        )

    async def poll(self, cursor: str | None, accept: Accept) -> Polled:
        """Bring the calls that ended and of which no webhook told."""
        return await self._history.poll(cursor, accept)

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Refuse: the hotline is called and calls nobody."""
        del outgoing
        raise GiveUp("a hotline sends nothing; texts and calls have their own channels")

    async def fetch(self, remote: Remote) -> Attachment:
        """Bring a recording; raises TryLater, or GiveUp when it is gone, too large or not of this account."""
        self._admit(remote.ref)
        try:
            content = await self._api.media(remote.ref)
        except Uncertain as error:
            raise TryLater(str(error)) from None
        if len(content) > LARGEST:
            raise GiveUp(f"the recording is larger than {LARGEST} bytes")
        return Attachment(name=remote.name, type=remote.type, content=content)

    async def check(self) -> Sequence[Finding]:
        """Whether the account is active."""
        return await self._api.check()

    async def close(self) -> None:
        """Give back the sockets."""
        await self._api.close()

    def _incoming(self, wire: Wire) -> Parsed:
        who = parse.caller(self._signature.fields(wire), region=self._account.region)
        return Parsed(reply=self._message(who), connect=partial(self._connect, who, 0))

    def _dialled(self, wire: Wire) -> Parsed:
        """Somebody was rung: the talk is over, or the next one is tried, or a message is taken."""
        fields = self._signature.fields(wire)
        who = parse.caller(fields, region=self._account.region)
        query = Untrusted(dict(wire.query), "query")
        tried, sealed = query["n"].integer(), query["who"].word(limit=1024)
        talked, seconds, here = parse.dialled(fields)
        if talked:
            by = self._seal.open(sealed, call=who.call)
            inbound = parse.answered(who, seconds=seconds, by=by, raw=wire.body)
            return Parsed(reply=speech.goodbye(), inbounds=(inbound,))
        if not here:
            return Parsed(reply=speech.goodbye())
        return Parsed(reply=self._message(who), connect=partial(self._connect, who, tried))

    def _recorded(self, wire: Wire) -> Parsed:
        self._signature.fields(wire)
        return Parsed(reply=speech.thanks(self._account))

    def _recording(self, wire: Wire) -> Parsed:
        """A message can be fetched: this, and not its end, brings it in."""
        found = parse.recorded(self._signature.fields(wire))
        if found is None:
            return Parsed(reply=twilio_account.EMPTY)
        call, seconds, url = found
        sealed = Untrusted(dict(wire.query), "query")["who"].word(limit=1024)
        who = parse.Caller(call=call, address=self._seal.open(sealed, call=call))
        inbound = parse.left(who, seconds=seconds, url=url, raw=wire.body)
        return Parsed(reply=twilio_account.EMPTY, inbounds=(inbound,))

    def _connect(self, who: parse.Caller, tried: int, addresses: Sequence[str]) -> Reply:
        """Ring the next of those on duty, who is not the caller, or take a message."""
        people = [number(one, self._account.region) for one in addresses]
        left = [one for one in people if one.e164 and one.e164 != who.address][: self._account.most_rung][tried:]
        return self._ring(who, left[0], tried) if left else self._message(who)

    def _ring(self, who: parse.Caller, person: Number, tried: int) -> Reply:
        sealed = self._seal.close(person.address, call=who.call)
        action = self._callback("/dialled", n=str(tried + 1), who=sealed)
        # A withheld number cannot be shown to a third party; Twilio would refuse the call.
        shown = self._account.caller_id or (self._account.number if who.address == ANONYMOUS else None)
        return speech.through(self._account, person, action=action, caller_id=shown, welcome=tried == 0)

    def _message(self, who: parse.Caller) -> Reply:
        sealed = self._seal.close(who.address, call=who.call)
        recording = self._callback("/recording", who=sealed)
        return speech.message(self._account, action=self._callback("/recorded", n="1"), recording=recording)

    def _callback(self, path: str, **query: str) -> str:
        return twilio_account.callback(self._around.public_url, "hotline", self._around.account, path, **query)

    def _admit(self, url: str) -> None:
        """Raise GiveUp unless the address is a recording of this account at a host that we know."""
        own = urlsplit(self._account.api_url)
        try:
            asked = urlsplit(url)
            place = (asked.hostname, asked.port)
        except ValueError:
            raise GiveUp("the address of the recording is no address") from None
        known = {(urlsplit(API_URL).hostname, None), (own.hostname, own.port)}
        safe = asked.scheme == "https" or (asked.scheme == own.scheme == "http" and _loopback(asked.hostname))
        of_us = asked.path.startswith(f"/2010-04-01/Accounts/{self._account.account_sid}/Recordings/")
        if not (safe and place in known and of_us and ".." not in asked.path):
            raise GiveUp("the recording does not lie with this account")


def build(account: Settings, around: Around) -> Channel:
    """The channel of one account; nothing is connected yet."""
    if not isinstance(account, Account):
        raise TypeError("the hotline channel needs the settings of channels.phone.hotline.config")
    return Hotline(account, around)


def _loopback(host: str | None) -> bool:
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return host == "localhost"
