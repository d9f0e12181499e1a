"""Customers who write to a Telegram bot, alone or in groups and topics, by webhook or by long polling."""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any, Final
from urllib.parse import quote

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
    Misconfigured,
    Outgoing,
    Parsed,
    Receipt,
    Refused,
    Remote,
    Reply,
    Status,
    TryLater,
    Uncertain,
    Unit,
    Unreadable,
    Webhook,
    Wire,
)
from channels.im.telegram import compose, parse
from channels.im.telegram.albums import Albums
from channels.im.telegram.api import Api
from channels.im.telegram.config import Account
from channels.powers import Receipts
from channels.settings import Settings
from channels.telegram_account import (
    HOOK_SECRET,
    QUOTAS,
    TEXT_LIMIT,
    Gone,
    Moved,
    Unchanged,
    bot_id,
    message_id,
    place,
    usable,
)
from channels.untrusted import Untrusted

SECRET_HEADER: Final = "x-telegram-bot-api-secret-token"  # noqa: S105 - its name and not its value
SET_AGAIN: Final = timedelta(hours=6)
"""So often the webhook is set anew: somebody may have started another program with the token."""
BAD_SECRET: Final = "webhook_secret must be 16 to 256 characters of A-Z a-z 0-9 _ -"  # noqa: S105 - what is wrong with it
CAN: Final = Can(
    book="telegram",
    text_limit=TEXT_LIMIT,
    unit=Unit.UTF16,
    groups=True,
    chats=True,
    buttons=compose.BUTTONS,
    edits=True,
    quotas=QUOTAS,
)


class TelegramBot:
    """One bot for customers."""

    can = CAN
    recall_within = timedelta(hours=48)

    def __init__(self, account: Account, around: Around) -> None:
        self.name = f"telegram:{around.account}"
        self._account = account
        self._around = around
        self._me = parse.Me(id=bot_id(usable(account.token.reveal())), username=account.username)
        self._api = Api(account, around.now)
        self._albums = Albums()
        self._moved: dict[int, int] = {}
        """Groups that became supergroups while we run, and their new ids."""

    def webhooks(self) -> Sequence[Webhook]:
        """One address for all updates, unless they are asked for."""
        return (Webhook(method="POST", prefix="", read=self._read),) if self._account.transport == "webhook" else ()

    async def listen(self, accept: Accept, receipts: Receipts) -> None:
        """Ask for updates, each confirmed after its commit; with a webhook: set it, and set it again now and then."""
        del receipts  # Telegram tells nothing later
        if self._account.transport == "webhook":
            if not self._secret():
                raise Misconfigured(BAD_SECRET)
            while True:
                await self._api.webhook(self._address(), self._secret())
                await self._around.sleep(SET_AGAIN)
        await self._api.webhook("", "")
        offset: int | None = None
        while True:
            offset = await self._taken(await self._api.updates(offset), accept) or offset

    def reread(self, key: str, raw: bytes) -> Inbound | Unreadable:
        """Read an update again that could not be read."""
        try:
            found = parse.update(Untrusted.json(raw), self._me, raw=raw).inbound
        except Malformed as broken:
            return Unreadable(key=f"{key}:again", raw=raw, where=broken.where, why=broken.why)
        return found or Unreadable(key=f"{key}:again", raw=raw, where="body", why="it says nothing to us")

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Send the whole text, over 4096 units as several messages; `replaces` changes the earlier one instead.

        Once a part is out, a passing failure of a later one is Uncertain: the receiver has something.
        """
        chat = self._moved.get(compose.chat(outgoing), compose.chat(outgoing))
        parts = compose.parts(outgoing)
        sent = ""
        for at, part in enumerate(parts):
            try:
                if at == 0 and outgoing.replaces:
                    sent = await self._changed(outgoing.replaces, part)
                else:
                    chat, sent = await self._sent(outgoing, chat, part, at=at, last=at == len(parts) - 1)
            except TryLater as error:
                if at == 0:
                    raise
                raise Uncertain(f"part {at + 1} of {len(parts)} was not taken: {error}") from None
        return Receipt(provider_id=sent, status=Status.SENT, segments=len(parts))

    async def recall(self, provider_id: str, to: str, *, group: str | None) -> None:
        """Take a message back (core.telegram.org/bots/api#deletemessage); one that is gone already is as good."""
        del to, group  # the key names the chat, also after a group has moved
        try:
            chat, number = place(provider_id)
        except ValueError:
            raise GiveUp("what is to be taken back is no message of Telegram") from None
        try:
            await self._api.delete(chat, number)
        except Gone:
            return

    async def fetch(self, remote: Remote) -> Attachment:
        """Bring one file; raises TryLater, or GiveUp when it is gone or over 20 MB."""
        content = await self._api.file(remote.ref)
        return Attachment(name=remote.name, type=remote.type, content=content)

    async def check(self) -> Sequence[Finding]:
        """Ask who the bot is, whether it may read groups, and whether webhooks arrive."""
        what = "Telegram bot"
        try:
            me, hook = await self._api.me(), await self._api.webhook_info()
        except ChannelError as error:
            return [Finding(what=what, ok=False, note=str(error), cure="see token, api_url and proxy")]
        same = (me.username or "").lower() == self._me.username.lower()
        reads = bool(me.can_read_all_group_messages)
        return [
            Finding(what=what, ok=same, note="" if same else "username is another", cure="correct username"),
            Finding(
                what="Telegram groups",
                ok=reads,
                note="" if reads else "privacy mode is on: in groups only commands and answers to the bot arrive",
                cure="@BotFather /setprivacy, Disable, then remove the bot from its groups and add it again",
            ),
            self._webhook_found(hook.url, hook.last_error_message, hook.pending_update_count),
        ]

    async def close(self) -> None:
        """Give back the sockets."""
        await self._api.close()

    def _webhook_found(self, url: str, error: str | None, waiting: int) -> Finding:
        """The state of the webhook; the last error stays with Telegram until the next one, so it alone is no fault."""
        if self._account.transport == "webhook" and not self._secret():
            return Finding(what="Telegram webhook", ok=False, note=BAD_SECRET, cure="make another one")
        right = url == (self._address() if self._account.transport == "webhook" else "")
        note = f"{waiting} updates wait, the last delivery failed" if error and waiting else ""
        return Finding(
            what="Telegram webhook",
            ok=None if not right and not url else right and not note,
            note=note if right else "not set yet" if not url else "it leads elsewhere",
            cure="it is set when the gateway runs; see public_url, and that port 443, 80, 88 or 8443 is open",
        )

    def _address(self) -> str:
        return f"{self._around.public_url}/in/telegram/{quote(self._around.account, safe='')}"

    def _secret(self) -> str:
        """What webhooks carry; "" when there is none that Telegram would take, and then none is genuine."""
        secret = self._account.webhook_secret.reveal() if self._account.webhook_secret else ""
        return secret if re.fullmatch(HOOK_SECRET, secret) else ""

    def _read(self, wire: Wire) -> Parsed:
        """Read one update whose secret is ours; a press is answered in the same breath."""
        given = wire.headers.get(SECRET_HEADER, "")
        if not self._secret() or not hmac.compare_digest(
            given.encode("utf-8", "surrogateescape"), self._secret().encode()
        ):
            raise Refused("X-Telegram-Bot-Api-Secret-Token is missing or another")
        read = parse.update(Untrusted.json(wire.body), self._me, raw=wire.body)
        inbounds = (self._albums.joined(read.inbound, read.album),) if read.inbound else ()
        return Parsed(reply=_answered(read.press) if read.press else Reply(), inbounds=inbounds)

    async def _taken(self, updates: Sequence[dict[str, Any]], accept: Accept) -> int | None:
        """Hand over a batch; the number that confirms it, or None when there was nothing."""
        items: list[Inbound | Unreadable] = []
        presses = []
        for one in updates:
            raw = json.dumps(one, ensure_ascii=False).encode("utf-8", "replace")
            try:
                read = parse.update(Untrusted.json(raw), self._me, raw=raw)
            except Malformed as broken:
                key = f"update:{one.get('update_id')}"
                items.append(Unreadable(key=key, raw=raw, where=broken.where, why=broken.why))
                continue
            items += [self._albums.joined(read.inbound, read.album)] if read.inbound else []
            presses += [read.press] if read.press else []
        if items:
            await accept(items)
        for press in presses:
            await self._answer(press)
        numbers = [int(one["update_id"]) for one in updates if isinstance(one.get("update_id"), int)]
        return max(numbers) + 1 if numbers else None

    async def _answer(self, press: str) -> None:
        # The press itself is stored; unanswered, its button only turns for a while.
        with suppress(ChannelError):
            await self._api.answer_press(press)

    async def _sent(self, outgoing: Outgoing, chat: int, part: str, *, at: int, last: bool) -> tuple[int, str]:
        """Post one part, to the new id where the group has moved; returns where it went and the message's key."""
        try:
            message = await self._api.send(compose.message(outgoing, chat, part, first=at == 0, last=last))
        except Moved as moved:
            self._moved[chat] = moved.chat
            message = await self._api.send(compose.message(outgoing, moved.chat, part, first=at == 0, last=last))
        return message.chat.id, message_id(message.chat.id, message.message_id)

    async def _changed(self, replaced: str, text: str) -> str:
        try:
            chat, number = place(replaced)
        except ValueError:
            raise GiveUp("what is to be changed is no message of Telegram") from None
        try:
            await self._api.edit(chat, number, text)
        except Unchanged:
            return replaced  # a repeat: it is as it should be
        return replaced


def _answered(press: str) -> Reply:
    """The answer to a webhook may itself be a request (Bot API, "Making requests when getting updates")."""
    body = {"method": "answerCallbackQuery", "callback_query_id": press}
    return Reply(body=json.dumps(body).encode(), type="application/json")


def build(account: Settings, around: Around) -> Channel:
    """The channel of one account; nothing is connected yet."""
    if not isinstance(account, Account):
        raise TypeError("the telegram channel needs the settings of channels.im.telegram.config")
    return TelegramBot(account, around)
