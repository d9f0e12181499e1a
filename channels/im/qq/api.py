"""The platform's HTTP interface: access tokens, requests, and what the answers mean."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any, Final

from channels.contract import (
    Around,
    ChannelError,
    GiveUp,
    Malformed,
    Misconfigured,
    Token,
    Uncertain,
)
from channels.http import Answer, Http, failure
from channels.im.qq import codes
from channels.im.qq.config import Account
from channels.tokens import OwnTokens
from channels.untrusted import Untrusted

TOKEN_LASTS: Final = timedelta(hours=2)
"""Longest life of a token (api-v2/dev-prepare/interface-framework/api-use.html)."""


class QqApi:
    """Requests with the bot's access token; one that was refused is asked for anew once."""

    def __init__(self, account: Account, around: Around) -> None:
        self._account = account
        self._tokens = around.tokens or OwnTokens(around.now)
        timeout = timedelta(seconds=account.timeout_seconds)
        self._http = Http(timeout=timeout, now=around.now, proxy=account.proxy, connections=account.connections)

    async def post(self, path: str, body: dict[str, Any]) -> Untrusted:
        """Hand something over; raises the ChannelError that the answer means."""
        return await self._asked("POST", path, json.dumps(body, ensure_ascii=False).encode())

    async def get(self, path: str) -> Untrusted:
        """Ask for something."""
        return await self._asked("GET", path, None)

    async def close(self) -> None:
        """Give back the sockets."""
        await self._http.close()

    async def _asked(self, method: str, path: str, body: bytes | None) -> Untrusted:
        token = await self._tokens.get(self._name, self._new_token)
        answer = await self._request(method, path, body, token)
        if _refuses_token(answer):
            fresh = await self._tokens.get(self._name, self._new_token, refused=token)
            # A token that was refused is never shown twice: no answer of the platform would come of it.
            if fresh != token:
                answer = await self._request(method, path, body, fresh)
        return _understood(answer)

    async def _request(self, method: str, path: str, body: bytes | None, token: str) -> Answer:
        headers = {"Authorization": f"QQBot {token}", "X-Union-Appid": self._account.app_id}
        if body is not None:
            headers["Content-Type"] = "application/json"
        return await self._http.request(method, self._account.api_url.rstrip("/") + path, headers=headers, body=body)

    @property
    def _name(self) -> str:
        return f"qq:{self._account.app_id}"

    async def _new_token(self) -> Token:
        asked = {"appId": self._account.app_id, "clientSecret": self._account.app_secret.reveal()}
        answer = await self._http.request(
            "POST",
            self._account.token_url,
            headers={"Content-Type": "application/json"},
            body=json.dumps(asked).encode(),
        )
        wrong = _error(answer)
        if wrong is not None:
            # Nothing of the text was sent yet; a token that cannot be had is never a reason to drop it.
            raise Misconfigured(f"no access token: {wrong}") if isinstance(wrong, GiveUp) else wrong
        try:
            given = Untrusted.json(answer.body, "token")
            lasts = timedelta(seconds=max(0, given["expires_in"].integer()))
            return Token(value=given["access_token"].word(limit=4096), lasts=min(lasts, TOKEN_LASTS))
        except Malformed:
            raise Misconfigured(f"{answer.host} gave no access token") from None


def _understood(answer: Answer) -> Untrusted:
    wrong = _error(answer)
    if wrong is not None:
        raise wrong
    try:
        return Untrusted.json(answer.body, "answer")
    except Malformed:
        raise Uncertain(f"{answer.host} answered {answer.status} with nothing readable") from None


def _error(answer: Answer) -> ChannelError | None:
    """The code in the body counts first: it may stand in an answer of any status (error-trace/openapi.html)."""
    code = _code(answer)
    if code:
        error = codes.error(code)
        return failure(answer) or error if answer.status == 429 else error
    return failure(answer)


def _refuses_token(answer: Answer) -> bool:
    code = _code(answer)
    return code in codes.TOKEN or (answer.status == 401 and not code)


def _code(answer: Answer) -> int:
    """The platform's code: `err_code` where there is one, else `code`; 0 when all is well or nothing is said."""
    try:
        body = Untrusted.json(answer.body)
        return next((code for name in ("err_code", "code") if (code := _number(body, name))), 0)
    except Malformed:
        return 0


def _number(body: Untrusted, name: str) -> int:
    try:
        found = body.get(name)
        return found.integer() if found else 0
    except Malformed:
        return 0
