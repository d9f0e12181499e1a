"""The official QQ bot: callbacks in, answers to them out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final
from urllib.parse import quote

from channels.contract import (
    Around,
    Attachment,
    Can,
    Channel,
    ChannelError,
    Finding,
    GiveUp,
    Inbound,
    Malformed,
    Outgoing,
    Parsed,
    Receipt,
    Remote,
    TryLater,
    Uncertain,
    Unreadable,
    Webhook,
    Window,
    Wire,
)
from channels.im.qq import parse
from channels.im.qq.api import QqApi
from channels.im.qq.config import Account
from channels.im.qq.signature import Signature, json_reply
from channels.qq_files import QqFiles
from channels.settings import Settings
from channels.text import split
from channels.untrusted import Untrusted

LONGEST: Final = 2000
"""Code points of one text; the platform names no number, only the code 40054007 for one that is too long."""
ANSWERS: Final = 5
"""Texts of ours to one of theirs (api-v2/server-inter/message/send-receive/send.html)."""
TAKEN: Final = json_reply({"op": 12})
CAN: Final = Can(
    book="qq-open",
    text_limit=LONGEST,
    links=False,
    groups=True,
    chats=True,
    window=Window(lasts=timedelta(minutes=60), most=ANSWERS),
    group_window=Window(lasts=timedelta(minutes=5), most=ANSWERS),
)


class QqBot:
    """One bot of the open platform."""

    can = CAN

    def __init__(self, account: Account, around: Around) -> None:
        self.name = f"qq:{around.account}"
        self._signature = Signature(account.app_id, account.app_secret)
        self._api = QqApi(account, around)
        self._files = QqFiles(
            hosts=account.file_hosts,
            api_url=account.api_url,
            timeout=timedelta(seconds=account.timeout_seconds),
            proxy=account.proxy,
        )

    def webhooks(self) -> Sequence[Webhook]:
        """Callbacks, and the question whether the address is ours."""
        return (Webhook(method="POST", prefix="", read=self._callback),)

    def reread(self, key: str, raw: bytes) -> Inbound | Unreadable:
        """Read a callback again that was genuine and could not be read."""
        try:
            found = parse.message(Untrusted.json(raw), raw=raw)
        except Malformed as broken:
            return Unreadable(key=f"{key}:again", raw=raw, where=broken.where, why=broken.why)
        return found or Unreadable(key=f"{key}:again", raw=raw, where="body.t", why="it says nothing")

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Answer the message `quotes`; a longer text goes out in several, each of which counts as an answer.

        Without a message to answer nothing is sent: the platform took the right to write first away on 2025-04-21.
        """
        if not outgoing.quotes:
            raise GiveUp("QQ lets a bot only answer, and there is no message to answer")
        parts = split(outgoing.text, LONGEST, self.can.unit)
        receipt = await self._part(outgoing, parts[0], 0)
        for at, part in enumerate(parts[1:], start=1):
            try:
                sent = await self._part(outgoing, part, at)
            except ChannelError as error:
                raise Uncertain(f"part {at + 1} of {len(parts)} was not taken: {error}") from None
            receipt = replace(sent, segments=receipt.segments + 1)
        return receipt

    async def fetch(self, remote: Remote) -> Attachment:
        """Bring one file."""
        return await self._files.fetch(remote)

    async def check(self) -> Sequence[Finding]:
        """Whether the platform knows the bot."""
        what = "qq bot"
        try:
            me = await self._api.get("/users/@me")
            me["id"].word()
        except (TryLater, Uncertain) as error:
            return (Finding(what=what, ok=None, note=str(error)),)
        except Malformed as broken:
            return (Finding(what=what, ok=None, note=f"the answer lacks {broken.where}"),)
        except ChannelError as error:
            cure = "compare app_id and app_secret with q.qq.com, and its list of allowed addresses with ours"
            return (Finding(what=what, ok=False, note=str(error), cure=cure),)
        return (Finding(what=what, ok=True, note="the platform knows the bot"),)

    async def close(self) -> None:
        """Give back the sockets."""
        await self._api.close()

    async def _part(self, outgoing: Outgoing, text: str, at: int) -> Receipt:
        answer = await self._api.post(_path(outgoing), _body(outgoing, text, at))
        try:
            return Receipt(provider_id=answer["id"].word(limit=255))
        except Malformed:
            raise Uncertain("QQ took the text and gave it no id") from None

    def _callback(self, wire: Wire) -> Parsed:
        asked = self._signature.challenge(wire)
        if asked is not None:
            return Parsed(reply=asked)
        self._signature.check(wire)
        event = Untrusted.json(wire.body)
        if parse.operation(event) != 0:
            return Parsed(reply=TAKEN)
        found = parse.message(event, raw=wire.body)
        return Parsed(reply=TAKEN, inbounds=(found,) if found else ())


def build(account: Settings, around: Around) -> Channel:
    """The channel of one account; nothing is connected yet."""
    if not isinstance(account, Account):
        raise TypeError("the official qq channel needs the settings of channels.im.qq.config")
    return QqBot(account, around)


def _path(outgoing: Outgoing) -> str:
    place, openid = ("groups", outgoing.group) if outgoing.group else ("users", outgoing.to)
    return f"/v2/{place}/{quote(openid, safe='')}/messages"


def _body(outgoing: Outgoing, text: str, at: int) -> dict[str, Any]:
    """The text as an answer; in a group it names the person first (message/trans/text-chain.html).

    No two answers to one message may have the same number; those of further parts start far above any turn.
    """
    mention = f"<@{outgoing.to}> " if outgoing.group and outgoing.to and at == 0 else ""
    return {
        "content": mention + text,
        "msg_type": 0,
        "msg_id": outgoing.quotes,
        "msg_seq": outgoing.turn + 100 * at,
    }
