"""python-telegram-bot's way to the Bot API over the HTTP client of this house.

Its own HTTPXRequest goes through a library that writes every address, with the token in it, into the log.
"""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode

from telegram.error import TelegramError
from telegram.request import BaseRequest, RequestData

from channels.contract import ChannelError, Uncertain
from channels.http import Http
from channels.telegram_account import refusal

FORM: Final = {"Content-Type": "application/x-www-form-urlencoded"}


class Carried(TelegramError):
    """One of our errors on its way through the library, which lets only its own kind pass unchanged."""

    def __init__(self, error: ChannelError) -> None:
        super().__init__(str(error))
        self.error = error


class Request(BaseRequest):
    """Requests as forms; every failure is a Carried, and Telegram's own words decide which."""

    def __init__(self, http: Http, timeout_seconds: float) -> None:
        self._http = http
        self._timeout = timeout_seconds

    @property
    def read_timeout(self) -> float | None:
        """Seconds; the client of this house does the counting."""
        return self._timeout

    async def initialize(self) -> None:
        """Sockets are opened on first use."""

    async def shutdown(self) -> None:
        """Give back the sockets."""
        await self._http.close()

    async def do_request(  # noqa: PLR0917 - the library's signature
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = None,  # noqa: ARG002 - see `read_timeout` above
        write_timeout: Any = None,  # noqa: ARG002
        connect_timeout: Any = None,  # noqa: ARG002
        pool_timeout: Any = None,  # noqa: ARG002
    ) -> tuple[int, bytes]:
        """One exchange; raises Carried for anything but an ok with a result."""
        body = urlencode(request_data.json_parameters).encode("ascii") if request_data else b""
        try:
            answer = await self._http.request(method, url, headers=FORM, body=body)
            error = refusal(answer)
            if error is None and b'"result"' not in answer.body:
                error = Uncertain(f"{answer.host} says ok without a result")
        except ChannelError as failed:
            error = failed
        if error:
            raise Carried(error) from None
        return answer.status, answer.body
