"""The methods of the Bot API that the customers' bot uses, through aiogram."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final

from channels.contract import GiveUp
from channels.im.telegram.config import Account
from channels.im.telegram.library import Bot, TelegramMethod, methods, ready, types
from channels.im.telegram.session import Session
from channels.telegram_account import usable

WANTED: Final = ["message", "edited_message", "callback_query"]
"""The updates that we read; others are not even sent."""
LARGEST: Final = 20_000_000
"""Largest file that a bot may fetch, in bytes (core.telegram.org/bots/api#getfile)."""


class RawUpdates(TelegramMethod[list[dict[str, Any]]]):
    """getUpdates whose answer is kept as it is: one update that aiogram cannot read would hold up all others."""

    __returning__ = list[dict[str, Any]]
    __api_method__ = "getUpdates"

    offset: int | None = None
    timeout: int = 0
    allowed_updates: list[str] = WANTED


class Api:
    """One bot; every method raises ChannelError."""

    def __init__(self, account: Account, now: Callable[[], datetime]) -> None:
        _build_models()
        self._session = Session(account, now)
        self._bot = Bot(usable(account.token.reveal()), session=self._session)
        self._poll_seconds = account.poll_seconds

    async def send(self, message: methods.SendMessage) -> types.Message:
        """Post a message."""
        return await self._bot(message)

    async def edit(self, chat: int, number: int, text: str) -> None:
        """Change a message and take its buttons away."""
        edited = methods.EditMessageText(
            chat_id=chat, message_id=number, text=text, link_preview_options=types.LinkPreviewOptions(is_disabled=True)
        )
        await self._bot(edited)

    async def delete(self, chat: int, number: int) -> None:
        """Take a message back."""
        await self._bot(methods.DeleteMessage(chat_id=chat, message_id=number))

    async def answer_press(self, query: str) -> None:
        """Let the button stop turning."""
        await self._bot(methods.AnswerCallbackQuery(callback_query_id=query))

    async def updates(self, offset: int | None) -> Sequence[dict[str, Any]]:
        """Wait for updates from `offset` on; those before it are confirmed by asking so."""
        asked = RawUpdates(offset=offset, timeout=self._poll_seconds)
        return await self._bot(asked, request_timeout=self._poll_seconds)

    async def webhook(self, url: str, secret: str) -> None:
        """Have updates posted to `url` with the secret in a header; "" ends that, so that they can be asked for."""
        if url:
            await self._bot(methods.SetWebhook(url=url, secret_token=secret, allowed_updates=WANTED))
        else:
            await self._bot(methods.DeleteWebhook())

    async def webhook_info(self) -> types.WebhookInfo:
        """Where updates are posted to, and the last failure."""
        return await self._bot(methods.GetWebhookInfo())

    async def me(self) -> types.User:
        """Who the bot is."""
        return await self._bot(methods.GetMe())

    async def file(self, file_id: str) -> bytes:
        """Bring a file from the server of the API; raises GiveUp for one over 20 MB or without a path."""
        found = await self._bot(methods.GetFile(file_id=file_id))
        if (found.file_size or 0) > LARGEST:
            raise GiveUp("the file is larger than 20 MB")
        path = found.file_path or ""
        if not path or path.startswith("/") or ".." in path or not path.isascii() or "?" in path or "#" in path:
            raise GiveUp("the file has no path at the server")
        url = self._session.api.file_url(self._bot.token, path)
        content = b"".join([chunk async for chunk in self._session.stream_content(url)])
        if len(content) > LARGEST:
            raise GiveUp("the file is larger than 20 MB")
        return content

    async def close(self) -> None:
        """Give back the sockets."""
        await self._session.close()


def _build_models() -> None:
    """Build what is used here, and leave the other 390 models of aiogram alone."""
    used = (types.Message, types.File, types.WebhookInfo, types.User, types.MessageEntity, types.ReplyParameters)
    shown = (types.InlineKeyboardMarkup, types.InlineKeyboardButton, types.LinkPreviewOptions)
    asked = (methods.SendMessage, methods.EditMessageText, methods.AnswerCallbackQuery, methods.GetMe, methods.GetFile)
    hooked = (methods.SetWebhook, methods.DeleteWebhook, methods.GetWebhookInfo)
    ready(*used, *shown, *asked, *hooked, methods.DeleteMessage)
