"""python-telegram-bot's way to the Bot API over the HTTP client of this house.

Its own HTTPXRequest goes through a library that writes every address, with the token in it, into the log.
"""

from __future__ import annotations

import json
from typing import Any, Final
from urllib.parse import urlencode

from telegram import Update
from telegram.error import TelegramError
from telegram.request import BaseRequest, RequestData

from channels.contract import ChannelError, Uncertain
from channels.http import Http
from channels.telegram_account import refusal

FORM: Final = {"Content-Type": "application/x-www-form-urlencoded"}
RAW: Final = "raw"


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


class UpdatesRequest(Request):
    """The same for getUpdates: every update is kept as it came and hidden from the library.

    It reads whole batches strictly: one update of another shape, and it logs all of them and returns none, for ever.
    What it does not know it leaves alone in `api_kwargs`.
    """

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """Put each update as text beside its number; the library documents this method for overriding."""
        answer = json.loads(payload)
        wrapped = [
            {"update_id": one["update_id"], RAW: json.dumps(one, ensure_ascii=False)} for one in answer["result"]
        ]
        return {"ok": True, "result": wrapped}


def as_it_came(update: Update) -> bytes:
    """An update as it came through an UpdatesRequest."""
    return str(update.api_kwargs[RAW]).encode("utf-8", "replace")
