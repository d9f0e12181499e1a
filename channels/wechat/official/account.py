"""The server interface of an official account: the stable access token, texts, files; errors turned into ours.

developers.weixin.qq.com/doc/offiaccount/Basic_Information/getStableAccessToken.html; codes:
.../Getting_Started/Global_Return_Code.html.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlencode

from channels.contract import (
    Around,
    Attachment,
    ChannelError,
    GiveUp,
    Malformed,
    Misconfigured,
    Remote,
    Token,
    TryLater,
    Uncertain,
)
from channels.http import Answer, Http, failure
from channels.tokens import OwnTokens
from channels.untrusted import Untrusted
from channels.wechat.official.config import Account

BAD_TOKEN: Final = frozenset((40001, 40014, 41001, 42001))
TRY_LATER: Final = frozenset((-1, 45009, 45011))
MISCONFIGURED: Final = BAD_TOKEN | {40002, 40013, 40125, 40164, 41002, 41004, 48001, 50002, 61024, 89503}
"""Wrong AppID or AppSecret, our address not on the list, an account that may not call this."""
FINAL: Final = {
    40003: "there is no such follower",
    40007: "the file is gone: WeChat keeps it for three days",
    43004: "the person does not follow the account",
    45002: "the text is too long",
    45015: "the person last wrote more than 48 hours ago",
    45047: "the texts that may follow their last message are used up",
    45048: "the person blocked the account",
}
LARGEST: Final = 20 * 1024 * 1024


class OfficialAccount:
    """One official account."""

    def __init__(self, settings: Account, around: Around) -> None:
        self._settings = settings
        self._base = settings.api_url.rstrip("/") + "/cgi-bin"
        self._tokens = around.tokens or OwnTokens(around.now)
        self._http = Http(
            timeout=timedelta(seconds=settings.timeout_seconds),
            now=around.now,
            proxy=settings.proxy,
            connections=settings.connections,
        )

    async def text(self, to: str, content: str) -> None:
        """Send one text; raises by HTTP status and by code. A refused token is renewed once."""
        body = {"touser": to, "msgtype": "text", "text": {"content": content}}
        answer = await self._called("POST", "message/custom/send", {}, body)
        try:
            code = Untrusted.json(answer.body, "send")["errcode"].integer()
        except Malformed as broken:
            raise Uncertain(f"{answer.host} answered with something that cannot be read ({broken})") from None
        _raise(code)

    async def media(self, remote: Remote) -> Attachment:
        """Bring a file by its media_id; raises GiveUp when it is gone, too large, or a video, which lies elsewhere."""
        try:
            answer = await self._called("GET", "media/get", {"media_id": remote.ref}, None)
        except Uncertain as error:
            raise TryLater(str(error)) from None
        _raise(_code(answer))
        if answer.body.lstrip()[:12] == b'{"video_url"':
            raise GiveUp("WeChat gives videos only from another host")
        if len(answer.body) > LARGEST:
            raise GiveUp("the file is larger than 20 MB")
        kind = answer.headers.get("Content-Type", "").partition(";")[0].strip() or remote.type
        return Attachment(name=remote.name or "file", type=kind, content=answer.body)

    async def token(self, *, refused: str | None = None) -> str:
        """The access token; raises TryLater or Misconfigured."""
        return await self._tokens.get(f"weixin:{self._settings.app_id}", self._ask, refused=refused)

    async def close(self) -> None:
        """Give back the sockets."""
        await self._http.close()

    async def _called(self, method: str, path: str, query: Mapping[str, str], body: Mapping[str, Any] | None) -> Answer:
        answer = await self._once(method, path, {"access_token": (token := await self.token()), **query}, body)
        if _code(answer) in BAD_TOKEN:
            renewed = await self.token(refused=token)
            answer = await self._once(method, path, {"access_token": renewed, **query}, body)
        return answer

    async def _once(self, method: str, path: str, query: Mapping[str, str], body: Mapping[str, Any] | None) -> Answer:
        content = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json; charset=utf-8"}
        url = f"{self._base}/{path}" + (f"?{urlencode(query)}" if query else "")
        answer = await self._http.request(method, url, headers=headers, body=content)
        error = failure(answer)
        if error is not None:
            raise error
        return answer

    async def _ask(self) -> Token:
        asked = {"appid": self._settings.app_id, "secret": self._settings.secret.reveal()}
        try:
            body = {"grant_type": "client_credential", **asked}
            answer = await self._once("POST", "stable_token", {}, body)
            _raise(_code(answer))
            said = Untrusted.json(answer.body, "stable_token")
            lasts = timedelta(seconds=said["expires_in"].integer())
            return Token(value=said["access_token"].word(limit=1024), lasts=lasts)
        except GiveUp as error:
            raise Misconfigured(str(error)) from None
        except (Uncertain, Malformed) as error:
            raise TryLater(f"WeChat gave no access token ({error})") from None


def _raise(code: int) -> None:
    error = meant(code)
    if error is not None:
        raise error


def meant(code: int) -> ChannelError | None:
    """Our error for a code; None for 0."""
    if code in TRY_LATER:
        return TryLater(f"WeChat {code}: busy, or too many calls")
    if code in MISCONFIGURED:
        return Misconfigured(f"WeChat {code}: see app_id, secret, the IP list and the account's permissions")
    return GiveUp(f"WeChat {code}: {FINAL.get(code, 'it does not take this')}") if code else None


def _code(answer: Answer) -> int:
    """The code of an answer that may as well be a file or a token; 0 where there is none."""
    if answer.body.lstrip()[:1] != b"{" or len(answer.body) > 4096:
        return 0
    try:
        return Untrusted.json(answer.body, "answer")["errcode"].integer(default=0)
    except Malformed:
        return 0  # a file that begins like JSON; what must be JSON is read again by who asked
