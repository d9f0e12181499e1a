"""An official account: followers write by callback, and are answered within 48 hours by customer-service messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from channels.contract import (
    Around,
    Attachment,
    Can,
    Channel,
    ChannelError,
    Finding,
    Inbound,
    Malformed,
    Outgoing,
    Parsed,
    Receipt,
    Refused,
    Remote,
    Reply,
    Unit,
    Unreadable,
    Webhook,
    Window,
    Wire,
)
from channels.parts import in_parts
from channels.settings import Settings
from channels.text import split
from channels.wechat.official import parse
from channels.wechat.official.account import OfficialAccount
from channels.wechat.official.config import Account
from channels.wecom_callback import LARGEST, Callback, elements, prove

TEXT: Final = 2048
"""Bytes of a text."""
CAN: Final = Can(
    book="wechat-official",
    chats=True,
    text_limit=TEXT,
    unit=Unit.UTF8,
    window=Window(lasts=timedelta(hours=48), most=5),
)
"""Five texts to each message since 12 June 2023, 20 before (the platform's notice of 30 May 2023)."""


class Official:
    """One official account."""

    can = CAN

    def __init__(self, account: Account, around: Around) -> None:
        self.name = f"wechat:{around.account}"
        self._weixin = OfficialAccount(account, around)
        self._token = account.token.reveal()
        key = account.aes_key
        self._callback = key and Callback(token=self._token, aes_key=key.reveal(), receiver=account.app_id)

    def webhooks(self) -> Sequence[Webhook]:
        """The check of our address, and what followers write."""
        return (
            Webhook(method="GET", prefix="", read=self._echo),
            Webhook(method="POST", prefix="", read=self._read),
        )

    def reread(self, key: str, raw: bytes) -> Inbound | Unreadable:
        """Read a callback again that could not be read."""
        again = f"{key}:again"
        try:
            found = parse.callback(self._callback.xml_again(raw) if self._callback else elements(raw), raw=raw)
        except Malformed as broken:
            return Unreadable(key=again, raw=raw, where=broken.where, why=broken.why)
        except Refused as refused:
            return Unreadable(key=again, raw=raw, where="body", why=str(refused))
        return found or Unreadable(key=again, raw=raw, where="xml.Event", why="it says nothing")

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Answer a follower; a text over 2048 bytes takes several of the five. WeChat gives no id: ours stands."""
        parts = split(outgoing.text, TEXT, Unit.UTF8)

        async def send(part: str) -> str:
            await self._weixin.text(outgoing.to, part)
            return outgoing.key

        return Receipt(provider_id=await in_parts(parts, send), segments=len(parts))

    async def fetch(self, remote: Remote) -> Attachment:
        """Bring a picture, voice or file; WeChat keeps it for three days."""
        return await self._weixin.media(remote)

    async def check(self) -> Sequence[Finding]:
        """Whether WeChat gives an access token."""
        what, wrong = "WeChat official account", self._callback.check() if self._callback else []
        try:
            await self._weixin.token()
        except ChannelError as error:
            cure = "see app_id, secret and the account's IP list"
            return [*wrong, Finding(what=what, ok=False, note=str(error), cure=cure)]
        return [*wrong, Finding(what=what, ok=True, note="WeChat gives an access token")]

    async def close(self) -> None:
        """Give back the sockets."""
        await self._weixin.close()

    def _echo(self, wire: Wire) -> Parsed:
        """The check of the address is plain in both modes."""
        prove(wire, self._token, signature="signature")
        return Parsed(reply=Reply(body=wire.query.get("echostr", "").encode("utf-8", "replace")))

    def _read(self, wire: Wire) -> Parsed:
        """An empty answer within five seconds tells WeChat not to call again."""
        found = parse.callback(self._opened(wire), raw=wire.body)
        return Parsed(reply=Reply(), inbounds=(found,) if found else ())

    def _opened(self, wire: Wire) -> Mapping[str, str]:
        if self._callback:
            return self._callback.xml(wire)
        prove(wire, self._token, signature="signature")
        if len(wire.body) > LARGEST:
            raise Refused("too large for a callback")
        return elements(wire.body)


def build(account: Settings, around: Around) -> Channel:
    """The channel of one official account; nothing is connected yet."""
    if not isinstance(account, Account):
        raise TypeError("an official account needs the settings of channels.wechat.official.config")
    return Official(account, around)
