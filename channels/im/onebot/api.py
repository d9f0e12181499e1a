"""Actions of a OneBot program: through its open WebSocket, else by its HTTP interface.

botuniverse/onebot-11, communication/http.md, communication/ws.md and communication/authorization.md.
"""

from __future__ import annotations

import itertools
import json
from datetime import timedelta
from typing import Any

from channels.contract import Around, Malformed, TryLater, Uncertain
from channels.http import Answer, Http, failure
from channels.im.onebot import retcodes
from channels.im.onebot.config import Account
from channels.im.onebot.conversation import Conversation
from channels.untrusted import Untrusted


class OneBotApi:
    """Where actions go, and what the answers mean."""

    def __init__(self, account: Account, around: Around) -> None:
        self._account = account
        self._http = Http(
            timeout=timedelta(seconds=account.timeout_seconds),
            now=around.now,
            proxy=account.proxy,
            connections=account.connections,
        )
        self._open: list[Conversation] = []
        self._echoes = itertools.count(1)

    def opened(self, conversation: Conversation) -> None:
        """From now on actions may go through this conversation."""
        self._open.append(conversation)

    def ended(self, conversation: Conversation) -> None:
        """It takes no actions any more."""
        self._open.remove(conversation)

    async def call(self, action: str, params: dict[str, Any] | None = None) -> Untrusted | None:
        """Return the `data` of the answer; None when it was only taken, to be done some time (retcode 1).

        Raises TryLater when no way to the program is open, and the ChannelError that the return code means.
        """
        conversation = next((one for one in reversed(self._open) if one.acts), None)
        if conversation is not None:
            answer = await conversation.act(action, params or {}, echo=f"yizhan-{next(self._echoes)}")
            return _data(answer)
        if self._account.api_url is None:
            raise TryLater("the program has no WebSocket open to us, and api_url is not set")
        return _understood(await self._posted(action, params or {}))

    async def close(self) -> None:
        """Give back the sockets."""
        await self._http.close()

    async def _posted(self, action: str, params: dict[str, Any]) -> Answer:
        headers = {"Content-Type": "application/json"}
        if self._account.access_token is not None:
            headers["Authorization"] = f"Bearer {self._account.access_token.reveal()}"
        url = f"{(self._account.api_url or '').rstrip('/')}/{action}"
        return await self._http.request("POST", url, headers=headers, body=json.dumps(params).encode())


def _understood(answer: Answer) -> Untrusted | None:
    wrong = failure(answer)
    if wrong is not None:
        raise wrong
    try:
        return _data(Untrusted.json(answer.body, "answer"))
    except Malformed:
        raise Uncertain(f"{answer.host} answered {answer.status} without a return code") from None


def _data(answer: Untrusted) -> Untrusted | None:
    try:
        code = answer["retcode"].integer()
    except Malformed:
        raise Uncertain("the answer has no return code") from None
    if code == retcodes.ASYNC:
        return None
    if code != retcodes.DONE:
        raise retcodes.error(code)
    return answer["data"]
