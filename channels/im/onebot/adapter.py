"""A personal QQ account behind a OneBot v11 program: events come by POST or WebSocket, actions go by either as well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Any, Final

from channels.contract import (
    Accept,
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
    Refused,
    Remote,
    Reply,
    Uncertain,
    Unreadable,
    Webhook,
    Wire,
)
from channels.im.onebot import door, parse, probe
from channels.im.onebot.api import OneBotApi
from channels.im.onebot.config import Account
from channels.im.onebot.conversation import Conversation
from channels.powers import Link
from channels.qq_files import QqFiles
from channels.settings import Settings
from channels.text import split
from channels.untrusted import Untrusted

LONGEST: Final = 3000
"""Code points of one text; the specification names no number, and clients refuse beyond some 4500."""
CAN: Final = Can(book="qq", text_limit=LONGEST, groups=True, chats=True)
TAKEN: Final = Reply(status=204)


class OneBot:
    """One QQ number."""

    can = CAN
    recall_within = timedelta(minutes=2)

    def __init__(self, account: Account, around: Around) -> None:
        self.name = f"qq:{around.account}"
        self.probe_every = timedelta(minutes=account.probe_minutes)
        self._account = account
        self._around = around
        self._timeout = timedelta(seconds=account.timeout_seconds)
        self._api = OneBotApi(account, around)
        self._pulse = probe.Pulse()
        self._files = QqFiles(
            hosts=account.file_hosts, api_url=account.api_url, timeout=self._timeout, proxy=account.proxy
        )

    def webhooks(self) -> Sequence[Webhook]:
        """Events that the program posts."""
        return (Webhook(method="POST", prefix="", read=self._posted),)

    def admit(self, wire: Wire) -> None:
        """Check the opening of a WebSocket at /in/qq/<account>/ws."""
        door.opened(wire, self_id=self._account.self_id, token=self._account.access_token)

    async def converse(self, wire: Wire, link: Link, accept: Accept) -> None:
        """Take events from a WebSocket, and hand actions to it while it is open."""
        conversation = Conversation(link, acts=door.role(wire) != "event", timeout=self._timeout)

        async def event(raw: bytes) -> None:
            found = self._framed(raw)
            if found is not None:
                await accept([found])

        self._api.opened(conversation)
        try:
            await conversation.hear(event)
        finally:
            self._api.ended(conversation)

    def reread(self, key: str, raw: bytes) -> Inbound | Unreadable:
        """Read an event again that was genuine and could not be read."""
        try:
            found = parse.message(Untrusted.json(raw), raw=raw, self_id=self._account.self_id)
        except Malformed as broken:
            return Unreadable(key=f"{key}:again", raw=raw, where=broken.where, why=broken.why)
        return found or Unreadable(key=f"{key}:again", raw=raw, where="body.post_type", why="it says nothing")

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Write to the person or the group; a longer text goes out in several, and the first one quotes."""
        parts = split(outgoing.text, LONGEST, self.can.unit)
        receipt = await self._part(outgoing, parts[0], first=True)
        for at, part in enumerate(parts[1:], start=2):
            try:
                sent = await self._part(outgoing, part, first=False)
            except ChannelError as error:
                raise Uncertain(f"part {at} of {len(parts)} was not taken: {error}") from None
            receipt = replace(sent, segments=receipt.segments + 1)
        return receipt

    async def recall(self, provider_id: str, to: str, *, group: str | None) -> None:
        """Take a message back (api/public.md, delete_msg); QQ itself allows two minutes."""
        del to, group
        number = parse.message_id(provider_id, self._account.self_id)
        if not number:
            raise GiveUp("the program gave no id of this text, so that it cannot be taken back")
        await self._api.call("delete_msg", {"message_id": int(number)})

    async def fetch(self, remote: Remote) -> Attachment:
        """Bring one file."""
        return await self._files.fetch(remote)

    async def probe(self) -> Finding:
        """Tell a dead account from a quiet one."""
        return await probe.alive(self._api, self._account, self._pulse, self._around.now())

    async def check(self) -> Sequence[Finding]:
        """Whether the program runs and our account is logged in; writes nothing."""
        wrong = await probe.logged_in(self._api, self._account)
        note = f"online by the program's word, {self._pulse.said(self._around.now())}"
        return (wrong or Finding(what=probe.WHAT, ok=True, note=note),)

    async def close(self) -> None:
        """Give back the sockets."""
        await self._api.close()

    async def _part(self, outgoing: Outgoing, text: str, *, first: bool) -> Receipt:
        self_id = self._account.self_id
        quoted = parse.message_id(outgoing.quotes or outgoing.in_reply_to, self_id) if first else ""
        action, params = _action(outgoing, text, quoted=quoted, first=first)
        answer = await self._api.call(action, params)
        if answer is None:
            return Receipt(provider_id=parse.key(self_id, f"async-{outgoing.key}"))
        try:
            return Receipt(provider_id=parse.key(self_id, str(answer["message_id"].integer())))
        except Malformed:
            raise Uncertain("the program took the text and gave it no id") from None

    def _posted(self, wire: Wire) -> Parsed:
        door.posted(wire, self_id=self._account.self_id, secret=self._account.secret)
        event = Untrusted.json(wire.body)
        if abs(wire.at - parse.at(event)) > door.FRESH:
            raise Refused("the event is older than five minutes")
        found = self._read(event, wire.body)
        return Parsed(reply=TAKEN, inbounds=(found,) if found else ())

    def _framed(self, raw: bytes) -> Inbound | Unreadable | None:
        """One frame with an event; it cannot be a replay, since the connection itself was proved."""
        try:
            return self._read(Untrusted.json(raw), raw)
        except Malformed as broken:
            key = f"{self._account.self_id}:{sha256(raw).hexdigest()}"
            return Unreadable(key=key, raw=raw, where=broken.where, why=broken.why)

    def _read(self, event: Untrusted, raw: bytes) -> Inbound | None:
        if not parse.belongs(event, self._account.self_id):
            return None
        sign = parse.sign(event)
        self._pulse.felt(self._around.now(), online=sign.online if sign else None)
        return None if sign else parse.message(event, raw=raw, self_id=self._account.self_id)


def build(account: Settings, around: Around) -> Channel:
    """The channel of one account; nothing is connected yet."""
    if not isinstance(account, Account):
        raise TypeError("the onebot channel needs the settings of channels.im.onebot.config")
    return OneBot(account, around)


def _action(outgoing: Outgoing, text: str, *, quoted: str, first: bool) -> tuple[str, dict[str, Any]]:
    """The action and its parameters; in a group the first part names the person, who may have no number."""
    message: list[dict[str, Any]] = []
    if quoted:
        message.append({"type": "reply", "data": {"id": quoted}})
    if outgoing.group and first and _number(outgoing.to):
        message += [{"type": "at", "data": {"qq": outgoing.to}}, {"type": "text", "data": {"text": " "}}]
    message.append({"type": "text", "data": {"text": text}})
    target = outgoing.group or outgoing.to
    if not _number(target):
        raise GiveUp("this is no QQ number")
    if outgoing.group:
        return "send_group_msg", {"group_id": int(target), "message": message}
    return "send_private_msg", {"user_id": int(target), "message": message}


def _number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 15
