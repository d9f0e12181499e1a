"""aiogram's way to the Bot API over the HTTP client of this house.

aiogram's own AiohttpSession does not tell a request that never left from one without an answer, puts the address with
the token in it into its errors, and its reading of a refusal breaks on a 5xx without a description.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from datetime import datetime, timedelta
from typing import Any, cast
from urllib.parse import urlencode

from channels.contract import Uncertain
from channels.http import Answer, Http, failure
from channels.im.telegram.config import Account
from channels.im.telegram.library import (
    BaseSession,
    Bot,
    ClientDecodeError,
    TelegramAPIServer,
    TelegramMethod,
    TelegramType,
)
from channels.telegram_account import refusal

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Session(BaseSession):
    """Requests as forms; every failure is one of our errors, and Telegram's own words decide which."""

    def __init__(self, account: Account, now: Callable[[], datetime]) -> None:
        super().__init__(api=TelegramAPIServer.from_base(account.api_url), timeout=account.timeout_seconds)
        timeout = timedelta(seconds=account.timeout_seconds)
        self._http = Http(timeout=timeout, now=now, proxy=account.proxy)
        waits = timeout + timedelta(seconds=account.poll_seconds)
        self._long = Http(timeout=waits, now=now, proxy=account.proxy, connections=2)

    async def close(self) -> None:
        """Give back the sockets."""
        await self._http.close()
        await self._long.close()

    async def make_request(
        self, bot: Bot, method: TelegramMethod[TelegramType], timeout: int | None = None
    ) -> TelegramType:
        """Call one method; with any `timeout` it is one that waits. Raises ChannelError."""
        url = self.api.api_url(token=bot.token, method=method.__api_method__)
        client = self._http if timeout is None else self._long
        answer = await client.request("POST", url, headers=FORM, body=self._form(bot, method))
        error = refusal(answer)
        if error:
            raise error
        try:
            text = answer.body.decode("utf-8", "replace")
            read = self.check_response(bot=bot, method=method, status_code=answer.status, content=text)
        except ClientDecodeError:
            raise Uncertain(f"{answer.host} says ok with something that cannot be read") from None
        return cast("TelegramType", read.result)

    async def stream_content(
        self,
        url: str,
        headers: dict[str, Any] | None = None,
        timeout: int = 30,  # noqa: ARG002 - aiogram's signature
        chunk_size: int = 65536,  # noqa: ARG002 - as above
        raise_for_status: bool = True,
    ) -> AsyncGenerator[bytes, None]:
        """Bring a file, in one piece; raises ChannelError."""
        answer: Answer = await self._http.request("GET", url, headers=headers)
        error = failure(answer)
        if error and raise_for_status:
            raise error
        yield answer.body

    def _form(self, bot: Bot, method: TelegramMethod[TelegramType]) -> bytes:
        """The parameters as Telegram wants them; a file of ours is never among them."""
        fields = method.model_dump(warnings=False)
        ready = {name: self.prepare_value(value, bot=bot, files={}) for name, value in fields.items()}
        return urlencode([(name, value) for name, value in ready.items() if value]).encode("ascii")
