"""The private bot that pages the lead on duty: texts with buttons out, presses and answers back, by long polling.

Only `telegram.Bot` of python-telegram-bot is used. Its Updater confirms updates before anybody has stored them, and its
Application catches what a handler raises, so that neither can wait for a commit.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Final, TypeVar

from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions, Message
from telegram import Update as Incoming

from channels.contract import (
    Accept,
    Around,
    Can,
    Channel,
    ChannelError,
    Finding,
    GiveUp,
    Inbound,
    Malformed,
    Outgoing,
    Receipt,
    Status,
    TryLater,
    Uncertain,
    Unit,
    Unreadable,
    Webhook,
)
from channels.http import Http
from channels.im.pager import parse
from channels.im.pager.config import Account
from channels.im.pager.request import Carried, Request, UpdatesRequest, as_it_came
from channels.powers import Receipts
from channels.settings import Settings
from channels.telegram_account import QUOTAS, TEXT_LIMIT, Unchanged, buttons, data, message_id, place, usable
from channels.text import split
from channels.untrusted import Untrusted

BUTTONS: Final = 8
CAN: Final = Can(
    book="telegram",
    text_limit=TEXT_LIMIT,
    unit=Unit.UTF16,
    pushes=True,
    chats=True,
    buttons=BUTTONS,
    edits=True,
    quotas=QUOTAS,
)
WANTED: Final = ("message", "edited_message", "callback_query")
NO_PREVIEW: Final = LinkPreviewOptions(is_disabled=True)
Made = TypeVar("Made")


class Pager:
    """One private bot."""

    can = CAN

    def __init__(self, account: Account, around: Around) -> None:
        self.name = f"pager:{around.account}"
        self._account = account
        self._allowed = frozenset(account.allowed)
        timeout = timedelta(seconds=account.timeout_seconds)
        waits = timeout + timedelta(seconds=account.poll_seconds)
        self._https = [Http(timeout=wait, now=around.now, proxy=account.proxy) for wait in (timeout, waits)]
        self._bot = Bot(
            usable(account.token.reveal()),
            base_url=f"{account.api_url}/bot",
            base_file_url=f"{account.api_url}/file/bot",
            request=Request(self._https[0], account.timeout_seconds),
            get_updates_request=UpdatesRequest(self._https[1], account.timeout_seconds),
        )

    def webhooks(self) -> Sequence[Webhook]:
        """None: it works behind any router, and does not hang on the public edge."""
        return ()

    async def listen(self, accept: Accept, receipts: Receipts) -> None:
        """Ask for updates, each confirmed after its commit; raises ChannelError when Telegram cannot be asked."""
        del receipts  # Telegram tells nothing later
        await _ours(self._bot.delete_webhook())
        offset: int | None = None
        while True:
            asked = self._bot.get_updates(
                offset=offset, timeout=timedelta(seconds=self._account.poll_seconds), allowed_updates=WANTED
            )
            updates = await _ours(asked)
            await self._taken(updates, accept)
            offset = updates[-1].update_id + 1 if updates else offset

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Send the whole text, the buttons under its last part; `replaces` changes the earlier message instead.

        Once a part is out, a passing failure of a later one is Uncertain: the receiver has something.
        """
        if outgoing.group or not outgoing.to.isdigit():
            raise GiveUp("the pager speaks to single people at Telegram only")
        parts = split(outgoing.text, TEXT_LIMIT, Unit.UTF16)
        sent = ""
        for at, part in enumerate(parts):
            try:
                if at == 0 and outgoing.replaces:
                    sent = await self._changed(outgoing.replaces, part)
                else:
                    sent = await self._sent(outgoing, part, last=at == len(parts) - 1)
            except TryLater as error:
                if at == 0:
                    raise
                raise Uncertain(f"part {at + 1} of {len(parts)} was not taken: {error}") from None
        return Receipt(provider_id=sent, status=Status.SENT, segments=len(parts))

    def reread(self, key: str, raw: bytes) -> Inbound | Unreadable:
        """Read an update again that could not be read."""
        try:
            found = parse.update(Untrusted.json(raw), self._allowed, raw=raw).inbound
        except Malformed as broken:
            return Unreadable(key=f"{key}:again", raw=raw, where=broken.where, why=broken.why)
        return found or Unreadable(key=f"{key}:again", raw=raw, where="body", why="it says nothing to us")

    async def check(self) -> Sequence[Finding]:
        """Ask who the bot is."""
        try:
            me = await _ours(self._bot.get_me())
        except ChannelError as error:
            return [Finding(what="Telegram pager", ok=False, note=str(error), cure="see token, api_url and proxy")]
        return [
            Finding(what="Telegram pager", ok=True, note=f"@{me.username}"),
            Finding(
                what="Telegram pager in groups",
                ok=not me.can_join_groups,
                note="anybody can add it to a group, where it stays silent" if me.can_join_groups else "",
                cure="@BotFather /setjoingroups, Disable",
            ),
        ]

    async def close(self) -> None:
        """Give back the sockets."""
        for http in self._https:
            await http.close()

    async def _taken(self, updates: Sequence[Incoming], accept: Accept) -> None:
        """Hand over a batch, and let the buttons stop turning once it is stored."""
        items: list[Inbound | Unreadable] = []
        presses = []
        for one in updates:
            came = as_it_came(one)
            try:
                read = parse.update(Untrusted.json(came), self._allowed, raw=came)
            except Malformed as broken:
                items.append(Unreadable(key=f"update:{one.update_id}", raw=came, where=broken.where, why=broken.why))
                continue
            items += [read.inbound] if read.inbound else []
            presses += [read.press] if read.press else []
        if items:
            await accept(items)
        for press in presses:
            await self._answered(press)

    async def _answered(self, press: str) -> None:
        # The press itself is stored; unanswered, its button only turns for a while.
        with suppress(ChannelError):
            await _ours(self._bot.answer_callback_query(press))

    async def _sent(self, outgoing: Outgoing, part: str, *, last: bool) -> str:
        markup = _keyboard(outgoing) if last else None
        chat = int(outgoing.to)
        asked = self._bot.send_message(chat, part, reply_markup=markup, link_preview_options=NO_PREVIEW)
        return _key(await _ours(asked))

    async def _changed(self, replaced: str, text: str) -> str:
        try:
            chat, number = place(replaced)
        except ValueError:
            raise GiveUp("what is to be changed is no message of Telegram") from None
        asked = self._bot.edit_message_text(text, chat, number, link_preview_options=NO_PREVIEW)
        try:
            await _ours(asked)
        except Unchanged:
            return replaced  # a repeat: it is as it should be
        return replaced


async def _ours(asked: Awaitable[Made]) -> Made:
    """What the library brings, or the error of ours that it carries."""
    try:
        return await asked
    except Carried as carried:
        raise carried.error from None
    except (AttributeError, KeyError, TypeError, ValueError) as broken:
        raise Uncertain(f"Telegram says ok with something that cannot be read ({type(broken).__name__})") from None


def _keyboard(outgoing: Outgoing) -> InlineKeyboardMarkup | None:
    """Two buttons in a row."""
    shown = [
        InlineKeyboardButton(one.label, callback_data=data(one, outgoing.key)) for one in buttons(outgoing, BUTTONS)
    ]
    return InlineKeyboardMarkup([shown[at : at + 2] for at in range(0, len(shown), 2)]) if shown else None


def _key(message: Message) -> str:
    return message_id(message.chat.id, message.message_id)


def build(account: Settings, around: Around) -> Channel:
    """The channel of one account; nothing is connected yet."""
    if not isinstance(account, Account):
        raise TypeError("the pager channel needs the settings of channels.im.pager.config")
    # The library writes texts and numbers into the log: at DEBUG always, and at CRITICAL what it could not read.
    logging.getLogger("telegram").setLevel(logging.CRITICAL + 1)
    return Pager(account, around)
