"""WeChat customer service: a callback hints that there is something, sync_msg brings it, send_msg answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
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
    Inbound,
    Malformed,
    Outgoing,
    Parsed,
    Polled,
    Receipt,
    Remote,
    Reply,
    TryLater,
    Uncertain,
    Unit,
    Unreadable,
    Update,
    Webhook,
    Window,
    Wire,
)
from channels.settings import Settings
from channels.text import split, units
from channels.untrusted import Untrusted
from channels.wechat.kf import parse
from channels.wechat.kf.config import Account
from channels.wechat.kf.nicknames import Nicknames
from channels.wecom_account import WecomAccount, meant
from channels.wecom_callback import Callback

TEXT: Final = 2048
"""Bytes of a text (path/94677)."""
HEAD: Final = 1024
"""Bytes above the buttons of a menu."""
BUTTONS: Final = 10
PAGES: Final = 100
"""Answers of 1000 messages that one poll reads; the next goes on from there."""
TOKEN_LASTS: Final = timedelta(minutes=10)
BAD_HINT: Final = 95007
CAN: Final = Can(
    book="wechat-kf",
    text_limit=TEXT,
    unit=Unit.UTF8,
    chats=True,
    buttons=BUTTONS,
    window=Window(lasts=timedelta(hours=48), most=5),
)
GONE: Final = {
    40003: "the customer is unknown",
    40096: "the customer is unknown",
    95000: "open_kfid is wrong",
    95001: "five texts have gone out since the customer last wrote",
    95002: "the customer last wrote more than 48 hours ago",
    95004: "there is no such customer-service account",
    95013: "the conversation has ended",
    95018: "a servicer in WeCom has the conversation, or it has ended",
}
"""developer.work.weixin.qq.com/document/path/90313."""


class CustomerService:
    """One customer-service account."""

    can = CAN
    times: Sequence[str] = ()
    every: timedelta | None = timedelta(minutes=5)
    """A net below the hints."""

    def __init__(self, account: Account, around: Around) -> None:
        self.name = f"wechat:{around.account}"
        self._account = account
        self._now = around.now
        self._wecom = WecomAccount(account, around)
        self._nicknames = Nicknames(self._wecom)
        token, key = account.token.reveal(), account.aes_key.reveal()
        self._callback = Callback(token=token, aes_key=key, receiver=account.corp_id)
        self._hinted: tuple[str, datetime] | None = None

    def webhooks(self) -> Sequence[Webhook]:
        """The check of our address, and the hints."""
        return (
            Webhook(method="GET", prefix="", read=lambda wire: Parsed(reply=self._callback.echo(wire))),
            Webhook(method="POST", prefix="", read=self._hint),
        )

    async def poll(self, cursor: str | None, accept: Accept) -> Polled:
        """Bring everything after the cursor, at first the last three days; raises ChannelError."""
        count = 0
        for _ in range(PAGES):
            page = await self._page(cursor)
            count += await accept(await self._named(page.items), cursor=page.cursor or None)
            if not page.more or page.cursor == (cursor or ""):
                break
            cursor = page.cursor
        return Polled(count=count)

    def reread(self, key: str, raw: bytes) -> Inbound | Unreadable:
        """Read a message again that could not be read."""
        again = f"{key}:again"
        try:
            row = Untrusted.json(raw, "message")
            found = parse.message(row, raw=raw, open_kfid=self._account.open_kfid)
        except Malformed as broken:
            return Unreadable(key=again, raw=raw, where=broken.where, why=broken.why)
        if found is None or isinstance(found, Update):
            return Unreadable(key=again, raw=raw, where="message.origin", why="no customer said this")
        return found

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Answer a customer; a text over 2048 bytes takes several of the five, and the last one's receipt counts."""
        bodies = _bodies(outgoing)
        sent = ""
        for at, body in enumerate(bodies, start=1):
            try:
                sent = await self._part(outgoing, body, at if len(bodies) > 1 else 0)
            except ChannelError as error:
                if at == 1:
                    raise
                raise Uncertain(f"part {at} of {len(bodies)} was not taken: {error}") from None
        return Receipt(provider_id=sent, segments=len(bodies))

    async def fetch(self, remote: Remote) -> Attachment:
        """Bring a picture, voice, video or file; WeCom keeps it for three days."""
        return await self._wecom.media(remote)

    async def check(self) -> Sequence[Finding]:
        """Whether the enterprise has the account, and the app may see it."""
        what = "WeChat customer service"
        cure = "see corp_id, secret, open_kfid and the app's permissions"
        try:
            said = await self._wecom.call("kf/account/list", {"offset": 0, "limit": 100})
            error = meant(said.code, GONE)
            if error is not None:
                raise error
            known = {one["open_kfid"].text(default="") for one in said.read["account_list"].items()}
        except (ChannelError, Malformed) as error:
            return [*self._callback.check(), Finding(what=what, ok=False, note=str(error), cure=cure)]
        found = self._account.open_kfid in known
        note = "the account is there" if found else "open_kfid is not among the accounts that the app sees"
        return [*self._callback.check(), Finding(what=what, ok=found, note=note, cure="" if found else cure)]

    async def close(self) -> None:
        """Give back the sockets."""
        await self._wecom.close()

    def _hint(self, wire: Wire) -> Parsed:
        """A hint carries no message: it is remembered for ten minutes, and the account is polled."""
        fields = self._callback.xml(wire)
        ours = fields.get("OpenKfId") in (None, "", self._account.open_kfid)
        if fields.get("Event") != "kf_msg_or_event" or not ours:
            return Parsed(reply=Reply())
        token = fields.get("Token", "").strip()
        if len(token) > 128:
            raise Malformed("xml.Token", "longer than 128 characters")
        self._hinted = (token, wire.at) if token else None
        return Parsed(reply=Reply(), poll=True)

    async def _page(self, cursor: str | None) -> parse.Page:
        said = await self._wecom.call("kf/sync_msg", self._asked(cursor))
        if said.code == BAD_HINT and self._hinted is not None:
            self._hinted = None
            said = await self._wecom.call("kf/sync_msg", self._asked(cursor))
        error = meant(said.code, GONE)
        if error is not None:
            raise error
        try:
            return parse.page(said.body, open_kfid=self._account.open_kfid)
        except Malformed as broken:
            raise TryLater(f"sync_msg answered with something that cannot be read ({broken})") from None

    def _asked(self, cursor: str | None) -> Mapping[str, Any]:
        """Without a fresh token WeCom allows few calls, which the timer stays below."""
        asked: dict[str, Any] = {"open_kfid": self._account.open_kfid, "limit": 1000, "voice_format": 0}
        if cursor:
            asked["cursor"] = cursor
        if self._hinted is not None and self._now() - self._hinted[1] < TOKEN_LASTS:
            asked["token"] = self._hinted[0]
        return asked

    async def _named(self, items: Sequence[Inbound | Unreadable]) -> Sequence[Inbound | Unreadable]:
        names = await self._nicknames.of([one.sender for one in items if isinstance(one, Inbound)])
        return [
            replace(one, sender_name=names.get(one.sender, "")) if isinstance(one, Inbound) else one for one in items
        ]

    async def _part(self, outgoing: Outgoing, body: Mapping[str, Any], at: int) -> str:
        """Send one message under an id of ours, which a failure that is told later names."""
        to = {"touser": outgoing.to, "open_kfid": self._account.open_kfid, "msgid": _msgid(outgoing.key, at)}
        said = await self._wecom.call("kf/send_msg", {**to, **body})
        error = meant(said.code, GONE)
        if error is not None:
            raise error
        try:
            return said.read["msgid"].word(limit=64)
        except Malformed as broken:
            raise Uncertain(f"WeCom took it with an answer that cannot be read ({broken})") from None


def _bodies(outgoing: Outgoing) -> list[Mapping[str, Any]]:
    """A menu when there are buttons and the text fits above them; else as many texts as it takes."""
    if 0 < len(outgoing.buttons) <= BUTTONS and units(outgoing.text, Unit.UTF8) <= HEAD:
        click = [
            {"type": "click", "click": {"id": parse.menu_id(outgoing.key, one.says), "content": one.label}}
            for one in outgoing.buttons
        ]
        return [{"msgtype": "msgmenu", "msgmenu": {"head_content": outgoing.text, "list": click}}]
    return [{"msgtype": "text", "text": {"content": part}} for part in split(outgoing.text, TEXT, Unit.UTF8)]


def _msgid(key: str, at: int) -> str:
    """At most 32 bytes of [0-9a-zA-Z_-]; a longer key stands there as its digest."""
    whole = f"{key}-{at}" if at else key
    return whole if len(whole) <= 32 else sha256(whole.encode()).hexdigest()[:32]


def build(account: Settings, around: Around) -> Channel:
    """The channel of one account; nothing is connected yet."""
    if not isinstance(account, Account):
        raise TypeError("customer service needs the settings of channels.wechat.kf.config")
    return CustomerService(account, around)
