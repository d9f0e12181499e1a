"""The server interface of one WeCom enterprise: the access token, calls in JSON, media; errors turned into ours.

Token: developer.work.weixin.qq.com/document/path/91039; codes: .../path/90313.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import Any, Final, Protocol
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
from channels.settings import Secret
from channels.tokens import OwnTokens
from channels.untrusted import Untrusted

BAD_TOKEN: Final = frozenset((40014, 41001, 42001))
"""The access token is wrong, missing or over."""
TRY_LATER: Final = {-1: "the system is busy", 45009: "too many calls", 45033: "too many calls at once"}
MISCONFIGURED: Final = {
    40001: "the secret is wrong",
    40013: "corp_id is wrong",
    40014: "the access token is refused",
    41001: "the access token is missing",
    42001: "the access token is over",
    48002: "the app may not call this interface",
    60011: "the app has no right to this",
    60020: "our address is not among the trusted IPs of the app",
    301002: "the app may not do this",
}
LARGEST: Final = 20 * 1024 * 1024
"""Bytes of a file that is taken in."""


class WecomSettings(Protocol):
    """What the blocks of the enterprise's channels have in common."""

    @property
    def corp_id(self) -> str: ...  # noqa: D102
    @property
    def secret(self) -> Secret: ...  # noqa: D102
    @property
    def api_url(self) -> str: ...  # noqa: D102
    @property
    def timeout_seconds(self) -> float: ...  # noqa: D102
    @property
    def connections(self) -> int: ...  # noqa: D102
    @property
    def proxy(self) -> str | None: ...  # noqa: D102


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """An answer of the interface, whose code is a number."""

    code: int
    body: bytes = field(repr=False)

    @property
    def read(self) -> Untrusted:
        """The body, to be read field by field."""
        return Untrusted.json(self.body, "wecom")


class WecomAccount:
    """One app of one enterprise."""

    def __init__(self, settings: WecomSettings, around: Around) -> None:
        self._base = settings.api_url.rstrip("/") + "/cgi-bin"
        self._corp_id, self._secret = settings.corp_id, settings.secret
        self._tokens = around.tokens or OwnTokens(around.now)
        self._name = f"wecom:{settings.corp_id}:{sha256(settings.secret.reveal().encode()).hexdigest()[:12]}"
        self._http = Http(
            timeout=timedelta(seconds=settings.timeout_seconds),
            now=around.now,
            proxy=settings.proxy,
            connections=settings.connections,
        )

    async def call(self, path: str, body: Mapping[str, Any]) -> Said:
        """Post JSON; raises by HTTP status, and Uncertain when the answer has no code. A refused token is renewed."""
        said = await self._posted(path, body, token := await self._token())
        if said.code in BAD_TOKEN:
            said = await self._posted(path, body, await self._token(refused=token))
        return said

    async def ask(self, path: str, query: Mapping[str, str]) -> Said:
        """Ask by GET, for what changes nothing; raises as `call` does."""
        answer = await self._got(path, query, token := await self._token())
        if _code(answer) in BAD_TOKEN:
            answer = await self._got(path, query, await self._token(refused=token))
        return _said(answer)

    async def media(self, remote: Remote) -> Attachment:
        """Bring a file by its media_id; raises GiveUp when it is gone or larger than 20 MB."""
        query = {"media_id": remote.ref}
        answer = await self._got("media/get", query, token := await self._token())
        if _code(answer) in BAD_TOKEN:
            answer = await self._got("media/get", query, await self._token(refused=token))
        code = _code(answer)
        if code:
            raise meant(code, {40007: "the file is gone: WeCom keeps it for three days"}) or GiveUp(f"WeCom {code}")
        if len(answer.body) > LARGEST:
            raise GiveUp("the file is larger than 20 MB")
        kind = answer.headers.get("Content-Type", "").partition(";")[0].strip() or remote.type
        return Attachment(name=remote.name or "file", type=kind, content=answer.body)

    async def close(self) -> None:
        """Give back the sockets."""
        await self._http.close()

    async def _posted(self, path: str, body: Mapping[str, Any], token: str) -> Said:
        content = json.dumps(body, ensure_ascii=False).encode()
        url = f"{self._base}/{path}?{urlencode({'access_token': token})}"
        headers = {"Content-Type": "application/json; charset=utf-8"}
        answer = await self._http.request("POST", url, headers=headers, body=content)
        _raise_for_status(answer)
        return _said(answer)

    async def _got(self, path: str, query: Mapping[str, str], token: str) -> Answer:
        asked = urlencode({"access_token": token, **query})
        try:
            answer = await self._http.request("GET", f"{self._base}/{path}?{asked}")
        except Uncertain as error:
            raise TryLater(str(error)) from None
        _raise_for_status(answer)
        return answer

    async def _token(self, *, refused: str | None = None) -> str:
        return await self._tokens.get(self._name, self._ask, refused=refused)

    async def _ask(self) -> Token:
        query = urlencode({"corpid": self._corp_id, "corpsecret": self._secret.reveal()})
        try:
            answer = await self._http.request("GET", f"{self._base}/gettoken?{query}")
            _raise_for_status(answer)
            said = Untrusted.json(answer.body, "gettoken")
            error = meant(said["errcode"].integer(default=0), {})
            if error is not None:
                raise Misconfigured(str(error)) if isinstance(error, GiveUp) else error
            lasts = timedelta(seconds=said["expires_in"].integer())
            return Token(value=said["access_token"].word(limit=1024), lasts=lasts)
        except (Uncertain, Malformed) as error:
            raise TryLater(f"WeCom gave no access token ({error})") from None


def meant(code: int, final: Mapping[int, str]) -> ChannelError | None:
    """Our error for a code; `final` are those of one interface. None for 0; a code that nobody lists is final."""
    if not code:
        return None
    if code in TRY_LATER:
        return TryLater(f"WeCom {code}: {TRY_LATER[code]}")
    if code in MISCONFIGURED:
        return Misconfigured(f"WeCom {code}: {MISCONFIGURED[code]}")
    return GiveUp(f"WeCom {code}: {final.get(code, 'it does not take this')}")


def _raise_for_status(answer: Answer) -> None:
    error = failure(answer)
    if error is not None:
        raise error


def _said(answer: Answer) -> Said:
    try:
        return Said(code=Untrusted.json(answer.body, "wecom")["errcode"].integer(), body=answer.body)
    except Malformed as error:
        raise Uncertain(f"{answer.host} answered with something that cannot be read ({error})") from None


def _code(answer: Answer) -> int:
    """The code of an answer that may as well be a file: an error is JSON with an errcode."""
    if answer.body.lstrip()[:1] != b"{" or len(answer.body) > 4096:
        return 0
    try:
        return Untrusted.json(answer.body, "media")["errcode"].integer(default=0)
    except Malformed:
        return 0
