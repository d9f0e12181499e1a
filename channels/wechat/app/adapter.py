"""A WeCom app: colleagues write by callback, and get texts and cards with buttons at any time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any, Final

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
    Misconfigured,
    Outgoing,
    Parsed,
    Quota,
    Receipt,
    Refused,
    Remote,
    Reply,
    Uncertain,
    Unit,
    Unreadable,
    Webhook,
    Wire,
)
from channels.parts import in_parts
from channels.settings import Settings
from channels.text import split
from channels.wechat.app import cards, parse
from channels.wechat.app.config import Account
from channels.wecom_account import Said, WecomAccount, meant
from channels.wecom_callback import Callback

TEXT: Final = 2048
"""Bytes of a text; WeCom cuts off the rest (developer.work.weixin.qq.com/document/path/90236)."""
QUOTAS: Final = (Quota(most=30, within=timedelta(minutes=1)), Quota(most=1000, within=timedelta(hours=1)))
"""To one member; WeCom drops what is above without a word (developer.work.weixin.qq.com/document/path/90454)."""
CAN: Final = Can(
    book="wecom",
    pushes=True,
    chats=True,
    buttons=cards.BUTTONS,
    edits=True,
    text_limit=TEXT,
    unit=Unit.UTF8,
    quotas=QUOTAS,
)
FINAL: Final = {
    40003: "there is no such member",
    40031: "there is no such member",
    40058: "it does not take a value of ours",
    45002: "the text is too long",
    60111: "there is no such member",
    81013: "the member is not there, or does not see the app",
    82001: "nobody was named",
}
WRONG_AGENT: Final = frozenset((40056, 41011, 301003))
"""agent_id is not an app of this enterprise, or not the one of the secret."""


class App:
    """One app of one enterprise."""

    can = CAN
    recall_within = timedelta(hours=24)

    def __init__(self, account: Account, around: Around) -> None:
        self.name = f"wechat:{around.account}"
        self._agent = account.agent_id
        self._home = around.public_url
        self._wecom = WecomAccount(account, around)
        token, key = account.token.reveal(), account.aes_key.reveal()
        self._callback = Callback(token=token, aes_key=key, receiver=account.corp_id)

    def webhooks(self) -> Sequence[Webhook]:
        """The check of our address, and what people write and press."""
        return (
            Webhook(method="GET", prefix="", read=lambda wire: Parsed(reply=self._callback.echo(wire))),
            Webhook(method="POST", prefix="", read=self._read),
        )

    def reread(self, key: str, raw: bytes) -> Inbound | Unreadable:
        """Read a callback again that could not be read."""
        again = f"{key}:again"
        try:
            found = parse.callback(self._callback.xml_again(raw), raw=raw, agent_id=self._agent)
        except Malformed as broken:
            return Unreadable(key=again, raw=raw, where=broken.where, why=broken.why)
        except Refused as refused:
            return Unreadable(key=again, raw=raw, where="body", why=str(refused))
        return found or Unreadable(key=again, raw=raw, where="xml.Event", why="it says nothing")

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Send to one member: texts, or a card when there are buttons and the text fits on it; or change a card."""
        if outgoing.replaces is not None:
            return await self._replace(outgoing, outgoing.replaces)
        if "|" in outgoing.to or outgoing.to.startswith("@"):
            raise GiveUp("this names more than one member")
        bodies = _bodies(outgoing)
        sent = await in_parts(bodies, partial(self._part, outgoing.to))
        return Receipt(provider_id=sent, segments=len(bodies))

    async def recall(self, provider_id: str, to: str, *, group: str | None) -> None:
        """Take a message back in WeCom itself; who reads it in WeChat keeps it (path/94867)."""
        del to, group
        _raise(await self._wecom.call("message/recall", {"msgid": provider_id.partition("|")[0]}))

    async def fetch(self, remote: Remote) -> Attachment:
        """Bring a picture, voice, video or file; WeCom keeps it for three days."""
        return await self._wecom.media(remote)

    async def check(self) -> Sequence[Finding]:
        """Whether the secret opens the app of this agent_id."""
        what, cure = "WeCom app", "see corp_id, agent_id, secret and the app's trusted IPs"
        try:
            _raise(await self._wecom.ask("agent/get", {"agentid": str(self._agent)}))
        except ChannelError as error:
            return [*self._callback.check(), Finding(what=what, ok=False, note=str(error), cure=cure)]
        return [*self._callback.check(), Finding(what=what, ok=True, note="WeCom knows the app")]

    async def close(self) -> None:
        """Give back the sockets."""
        await self._wecom.close()

    def _read(self, wire: Wire) -> Parsed:
        """An empty answer within five seconds tells WeCom not to call again."""
        found = parse.callback(self._callback.xml(wire), raw=wire.body, agent_id=self._agent)
        return Parsed(reply=Reply(), inbounds=(found,) if found else ())

    async def _part(self, to: str, body: Mapping[str, Any]) -> str:
        said = await self._wecom.call("message/send", {"touser": to, "agentid": self._agent, **body})
        _raise(said)
        try:
            answer = said.read
            # A member without a licence is named in a list of its own, in an answer that says ok.
            if any(answer[name].text(default="") for name in ("invaliduser", "unlicenseduser")):
                raise GiveUp(f"WeCom took it for nobody: {FINAL[81013]}")
            sent, code = answer["msgid"].word(limit=255), answer["response_code"].text(default="", limit=512)
        except Malformed as broken:
            raise Uncertain(f"WeCom took it with an answer that cannot be read ({broken})") from None
        return f"{sent}|{code}" if code else sent

    async def _replace(self, outgoing: Outgoing, replaced: str) -> Receipt:
        """Turn a card into one without buttons; its code works once, and for 72 hours (path/94888)."""
        sent, _, code = replaced.partition("|")
        if not code:
            raise GiveUp("WeCom changes cards only, and this was a text")
        body = {"userids": [outgoing.to], "agentid": self._agent, "response_code": code}
        card = cards.told(outgoing.text, self._home)
        _raise(await self._wecom.call("message/update_template_card", {**body, "template_card": card}))
        return Receipt(provider_id=sent)


def _bodies(outgoing: Outgoing) -> list[Mapping[str, Any]]:
    card = cards.asked(outgoing)
    if card is not None:
        return [{"msgtype": "template_card", "template_card": card}]
    return [{"msgtype": "text", "text": {"content": part}} for part in split(outgoing.text, TEXT, Unit.UTF8)]


def _raise(said: Said) -> None:
    if said.code in WRONG_AGENT:
        raise Misconfigured(f"WeCom {said.code}: agent_id is not the app of this secret")
    error = meant(said.code, FINAL)
    if error is not None:
        raise error


def build(account: Settings, around: Around) -> Channel:
    """The channel of one app; nothing is connected yet."""
    if not isinstance(account, Account):
        raise TypeError("a WeCom app needs the settings of channels.wechat.app.config")
    return App(account, around)
