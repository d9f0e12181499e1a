"""A smart bot over a connection of ours: it hears at once, and writes to any conversation that it knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from hashlib import sha256
from typing import Any, Final

from channels.contract import (
    Accept,
    Around,
    Attachment,
    Can,
    ChannelError,
    Finding,
    Inbound,
    Malformed,
    Outgoing,
    Receipt,
    Remote,
    TryLater,
    Uncertain,
    Unit,
    Unreadable,
    Webhook,
)
from channels.http import Http
from channels.powers import Receipts
from channels.untrusted import Untrusted
from channels.wechat.bot import codes, parse, words
from channels.wechat.bot.config import Account
from channels.wechat.bot.connection import Connection
from channels.wechat.bot.files import Files

CAN: Final = Can(book="wecom", text_limit=20_000, unit=Unit.UTF8, groups=True, chats=True, buttons=words.BUTTONS)
"""A little below the 20480 bytes of one markdown, so that a mention fits in as well."""


class LinkedBot:
    """One smart bot; only the process that listens can send."""

    can = CAN

    def __init__(self, account: Account, around: Around, *, files: Files, http: Http) -> None:
        self.name = f"wechat:{around.account}"
        self._account = account
        self._files = files
        self._http = http
        timeout = timedelta(seconds=account.timeout_seconds)
        self._link = Connection(account.socket_url, timeout=timeout, sleep=around.sleep, proxy=account.proxy)

    def webhooks(self) -> Sequence[Webhook]:
        """Nobody calls: we keep the connection."""
        return ()

    async def listen(self, accept: Accept, receipts: Receipts) -> None:
        """Keep the connection and hand over what comes; raises Misconfigured or TryLater when it ends."""
        del receipts  # WeCom tells of no delivery

        async def told(body: Untrusted, frame: bytes) -> None:
            if _taken_over(body):
                raise TryLater("a newer connection of this bot took over: it may have one only")
            item = self._item(body, frame)
            if item is not None:
                await accept([item])

        secret = self._account.secret.reveal() if self._account.secret else ""
        await self._link.run({"bot_id": self._account.bot_id, "secret": secret}, told)

    def reread(self, key: str, raw: bytes) -> Inbound | Unreadable:
        """Read a frame again that could not be read."""
        again = f"{key}:again"
        try:
            found = self._read(Untrusted.json(raw, "frame")["body"], raw)
        except Malformed as broken:
            return Unreadable(key=again, raw=raw, where=broken.where, why=broken.why)
        return found or Unreadable(key=again, raw=raw, where="frame.body.msgtype", why="it says nothing to us")

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Send a text, or a card when it has buttons; one too long goes out as several, and the last one counts."""
        to: Mapping[str, Any] = {
            "chatid": outgoing.group or outgoing.to,
            "chat_type": 2 if outgoing.group else 1,
        }
        parts = words.bodies(outgoing)
        receipt = ""
        for at, part in enumerate(parts, start=1):
            try:
                receipt = await self._part({**to, **part})
            except ChannelError as error:
                if at == 1:
                    raise
                raise Uncertain(f"part {at} of {len(parts)} was not taken: {error}") from None
        return Receipt(provider_id=receipt, segments=len(parts))

    async def fetch(self, remote: Remote) -> Attachment:
        """Bring one file and decrypt it; WeCom keeps it for five minutes."""
        return await self._files.fetch(remote)

    async def check(self) -> Sequence[Finding]:
        """Whether the connection is open; none is opened for this, since that would end the one in use."""
        what = "WeCom smart bot"
        if self._link.open:
            return [Finding(what=what, ok=True, note="the connection is open")]
        note = "not checked: a second connection would end the one of the running gateway"
        return [Finding(what=what, ok=None, note=note)]

    async def close(self) -> None:
        """Give back the sockets of downloads; the connection ends with `listen`."""
        await self._http.close()

    async def _part(self, body: Mapping[str, Any]) -> str:
        answer = await self._link.send("aibot_send_msg", body)
        error = codes.meant(answer.code)
        if error is not None:
            raise error
        return answer.req_id

    def _item(self, body: Untrusted, frame: bytes) -> Inbound | Unreadable | None:
        try:
            return self._read(body, frame)
        except Malformed as broken:
            return Unreadable(key=sha256(frame).hexdigest(), raw=frame, where=broken.where, why=broken.why)

    def _read(self, body: Untrusted, frame: bytes) -> Inbound | None:
        return parse.message(body, raw=frame, bot_name=self._account.bot_name, bot_id=self._account.bot_id)


def _taken_over(body: Untrusted) -> bool:
    """Whether WeCom says that it is about to end this connection."""
    try:
        event = body.get("event")
        return event is not None and event["eventtype"].text(default="") == "disconnected_event"
    except Malformed:
        return False
