"""A smart bot by callback: WeCom calls us, and each message can be answered once, within an hour.

The address for the answer comes with the message (developer.work.weixin.qq.com/document/path/101138). It is a secret
of that message, so it is kept in memory alone: after a restart, or in another process, it is gone, and the text has to
go another way.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final
from urllib.parse import urlsplit

from channels.contract import (
    Around,
    Attachment,
    Can,
    Finding,
    GiveUp,
    Inbound,
    Malformed,
    Outgoing,
    Parsed,
    Receipt,
    Refused,
    Remote,
    Reply,
    Uncertain,
    Unit,
    Unreadable,
    Webhook,
    Window,
    Wire,
)
from channels.http import Answer, Http, failure
from channels.untrusted import Untrusted
from channels.wechat.bot import codes, parse, words
from channels.wechat.bot.config import Account
from channels.wechat.bot.files import Files
from channels.wecom_callback import Callback

HOUR: Final = Window(lasts=timedelta(hours=1), most=1)
KEPT: Final = 10_000
"""Addresses in memory; the oldest goes first."""
CAN: Final = Can(
    book="wecom",
    text_limit=20_000,
    unit=Unit.UTF8,
    groups=True,
    chats=True,
    buttons=words.BUTTONS,
    window=HOUR,
    group_window=HOUR,
)


class CalledBot:
    """One smart bot, called back."""

    can = CAN

    def __init__(self, account: Account, around: Around, *, files: Files, http: Http) -> None:
        self.name = f"wechat:{around.account}"
        self._account = account
        self._files = files
        self._http = http
        self._addresses = Addresses(account.api_url, around.now)
        token = account.token.reveal() if account.token else ""
        key = account.aes_key.reveal() if account.aes_key else ""
        self._callback = Callback(token=token, aes_key=key, receiver="")

    def webhooks(self) -> Sequence[Webhook]:
        """The check of our address, and the messages."""
        return (
            Webhook(method="GET", prefix="", read=lambda wire: Parsed(reply=self._callback.echo(wire))),
            Webhook(method="POST", prefix="", read=self._message),
        )

    def reread(self, key: str, raw: bytes) -> Inbound | Unreadable:
        """Read the body of a callback again that was genuine and could not be read."""
        again = f"{key}:again"
        try:
            found = self._read(Untrusted.json(self._callback.json_again(raw), "message"), raw)
        except Malformed as broken:
            return Unreadable(key=again, raw=raw, where=broken.where, why=broken.why)
        except Refused as refused:
            return Unreadable(key=again, raw=raw, where="body", why=str(refused))
        return found or Unreadable(key=again, raw=raw, where="message.msgtype", why="it says nothing to us")

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Answer the message that `quotes` names; raises GiveUp when that is no longer possible."""
        bodies = words.bodies(outgoing)
        if len(bodies) > 1:
            raise GiveUp("the text is too long for the one answer that a message may have")
        key = outgoing.quotes or ""
        url = self._addresses.of(key)
        content = json.dumps(bodies[0], ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json"}
        try:
            _accept(await self._http.request("POST", url, headers=headers, body=content))
        except Uncertain:
            self._addresses.spend(key)
            raise
        self._addresses.spend(key)
        return Receipt(provider_id=sha256(f"{outgoing.quotes}:{outgoing.key}".encode()).hexdigest()[:32])

    async def fetch(self, remote: Remote) -> Attachment:
        """Bring one file and decrypt it; WeCom keeps it for five minutes."""
        return await self._files.fetch(remote)

    async def check(self) -> Sequence[Finding]:
        """Nothing can be asked: WeCom has no call for a bot that was not spoken to."""
        note = "not checked: only a message to the bot shows that its callback works"
        return [*self._callback.check(), Finding(what="WeCom smart bot", ok=None, note=note)]

    async def close(self) -> None:
        """Give back the sockets."""
        await self._http.close()

    def _message(self, wire: Wire) -> Parsed:
        body = self._callback.json(wire)
        told = Untrusted.json(body, "message")
        bot_id = self._account.bot_id
        if bot_id and told["aibotid"].text(default="") != bot_id:
            raise Refused("it is meant for another bot")
        found = self._read(told, wire.body)
        if found is None:
            return Parsed(reply=Reply())
        self._addresses.keep(found.key, told["response_url"].text(default="", limit=4000))
        return Parsed(reply=Reply(), inbounds=(found,))

    def _read(self, told: Untrusted, raw: bytes) -> Inbound | None:
        return parse.message(told, raw=raw, bot_name=self._account.bot_name, bot_id=self._account.bot_id)


class Addresses:
    """Where each message can be answered, once and for an hour."""

    def __init__(self, api_url: str, now: Callable[[], datetime]) -> None:
        self._server = urlsplit(api_url)
        self._now = now
        self._kept: OrderedDict[str, tuple[str, datetime]] = OrderedDict()

    def keep(self, key: str, url: str) -> None:
        """Remember the address of a message; one that is not on WeCom's server is not believed."""
        parts = urlsplit(url)
        if (parts.scheme, parts.netloc) != (self._server.scheme, self._server.netloc):
            return
        self._kept[key] = (url, self._now() + HOUR.lasts)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)

    def of(self, key: str) -> str:
        """The address of a message; raises GiveUp when there is none any more."""
        url, until = self._kept.get(key, ("", self._now()))
        if not url:
            raise GiveUp("that message was answered already, or came before a restart: its answer address is gone")
        if until <= self._now():
            raise GiveUp("that message is older than an hour: WeCom takes no answer to it any more")
        return url

    def spend(self, key: str) -> None:
        """It is good for one answer."""
        self._kept.pop(key, None)


def _accept(answer: Answer) -> None:
    """Raise what an answer means; a 200 is no success until its code says so."""
    error = failure(answer)
    if error is not None:
        raise error
    try:
        said: Any = Untrusted.json(answer.body, "response")["errcode"].integer()
    except Malformed as broken:
        raise Uncertain(f"{answer.host} answered with something that cannot be read ({broken})") from None
    refused = codes.meant(said)
    if refused is not None:
        raise refused
