"""Alibaba Cloud's side of an account on loopback: the RPC API and its pushes, for tests, replay and the sandbox.

Written from the provider's documents (signature: help.aliyun.com/document_detail/2593177.html; pushes:
help.aliyun.com/zh/sms/developer-reference/smsup-http). It shares no code with the adapters and calls nobody but the
gateway it was given.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import re
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote_plus, unquote
from zoneinfo import ZoneInfo

import aiohttp
from aiohttp import web

from channels.simulated_work import Work
from channels.simulation import Fault, Ticker

SLOWNESS: Final = timedelta(seconds=20)
READ_TIMEOUT: Final = 15.0
AGAIN: Final = (0, 1, 5, 10)
"""Minutes before each attempt to push."""
OLD: Final = timedelta(minutes=15)
"""Requests older than this are refused (x-acs-date)."""
HEADER: Final = re.compile(r"ACS3-HMAC-SHA256 Credential=([^,]+),SignedHeaders=([^,]+),Signature=([0-9a-f]{64})")
SIGNED: Final = {"host", "x-acs-action", "x-acs-content-sha256", "x-acs-date", "x-acs-signature-nonce", "x-acs-version"}
SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
Parameters = Mapping[str, str]
Operation = Callable[[Parameters], Awaitable[Mapping[str, Any]]]


class AliyunRefusal(Exception):
    """An error answer: of the API's door with a status of its own, of the business with 200."""

    def __init__(self, code: str, message: str, status: int = 200) -> None:
        super().__init__(message)
        self.code = code
        self.status = status

    def response(self) -> web.Response:
        """As the provider words it."""
        body = {"RequestId": request_id(), "Code": self.code, "Message": str(self)}
        return web.json_response(body, status=self.status)


class AliyunServer:
    """The account, its HTTP server and its pushes; what a text or a call is, the simulators add."""

    def __init__(self, *, clock: Ticker, gateway_url: str) -> None:
        self.clock = clock
        self.key_id = f"LTAI{uuid.uuid4().hex[:20]}"
        self.key_secret = uuid.uuid4().hex
        self.push_secret = uuid.uuid4().hex
        self.fault = Fault.UP
        self.url = ""
        self._gateway = gateway_url.rstrip("/")
        self._operations: dict[str, Operation] = {}
        self._nonces: set[str] = set()
        work = self._work = Work()
        self.errors = work.errors
        """Pushes that were given up, and whatever went wrong here."""
        self.busy, self.working, self.waiting, self.spawn = work.busy, work.working, work.waiting, work.spawn
        self._runner: web.AppRunner | None = None
        self._session: aiohttp.ClientSession | None = None

    def serves(self, action: str, operation: Operation) -> None:
        """Requests for this action are answered by `operation`; Code OK is added."""
        self._operations[action] = operation

    async def start(self) -> None:
        """Listen on a free loopback port."""
        app = web.Application()
        app.router.add_post("/", self._called)
        silent = logging.Logger("aliyun simulation", level=logging.CRITICAL)  # noqa: LOG001 - on purpose outside the tree
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, logger=silent)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        timeout = aiohttp.ClientTimeout(total=READ_TIMEOUT)
        self._session = aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar())

    async def stop(self) -> None:
        """End the server, running calls and pushes."""
        await self._work.stop()
        if self._session:
            await self._session.close()
        if self._runner:
            await self._runner.cleanup()

    def credentials(self, folder: Path, name: str) -> Mapping[str, Any]:
        """The part of a configuration block that any channel of this account needs."""
        for what, value in (("key", self.key_secret), ("push", self.push_secret)):
            (folder / f"{name}_{what}").write_text(value, encoding="utf-8")
        return {
            "provider": "aliyun",
            "access_key_id": self.key_id,
            "access_key_secret": {"file": str(folder / f"{name}_key")},
            "push_secret": {"file": str(folder / f"{name}_push")},
            "api_url": self.url,
        }

    async def push(self, channel: str, account: str, what: str, found: Sequence[Mapping[str, Any]]) -> None:
        """Push an array to the address that was entered in the console, again after 1, 5 and 10 minutes."""
        url = f"{self._gateway}/in/{channel}/{account}/{self.push_secret}/{what}"
        body = json.dumps(list(found), ensure_ascii=False).encode()
        for minutes in AGAIN:
            if minutes:
                with self.waiting():
                    await self.clock.sleep(timedelta(minutes=minutes))
            if await self._posted(url, body):
                if self.fault is Fault.TWICE:
                    await self._posted(url, body)
                return
        self.errors.append(f"a push to {what} was given up")

    def moment(self) -> str:
        """Now, as pushes write it: the time in Beijing without a zone."""
        return self.clock.now().astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")

    async def _posted(self, url: str, body: bytes) -> bool:
        if self._session is None:
            raise RuntimeError("the simulator was not started")
        headers = {"Content-Type": "application/json;charset=UTF-8"}
        try:
            async with self._session.post(url, data=body, headers=headers) as response:
                answer = json.loads(await response.read()) if response.status == 200 else {}
                return isinstance(answer.get("code"), int)
        except (aiohttp.ClientError, TimeoutError, ValueError, AttributeError):
            return False

    async def _called(self, request: web.Request) -> web.Response:
        with self.working():
            try:
                await self._faulty()
                self._door(request)
                operation = self._operations.get(request.headers["x-acs-action"])
                if operation is None:
                    raise AliyunRefusal("InvalidAction.NotFound", "The action is not found.", 404)
                answer = await operation(decoded(request))
                return web.json_response({"RequestId": request_id(), "Code": "OK", "Message": "OK", **answer})
            except AliyunRefusal as refusal:
                return refusal.response()

    async def _faulty(self) -> None:
        if self.fault is Fault.DOWN:
            raise AliyunRefusal("ServiceUnavailable", "The request has failed.", 503)
        if self.fault is Fault.SLOW:
            with self.waiting():
                await self.clock.sleep(SLOWNESS)

    def _door(self, request: web.Request) -> None:
        """Check the signature as the provider describes it, by its own steps."""
        found = HEADER.fullmatch(request.headers.get("Authorization", ""))
        if found is None:
            raise AliyunRefusal("IncompleteSignature", "The request signature does not conform.", 400)
        names = found[2].split(";")
        if names != sorted(names) or not set(names) >= SIGNED:
            raise AliyunRefusal("IncompleteSignature", "A header is not signed.", 400)
        if found[1] != self.key_id:
            raise AliyunRefusal("InvalidAccessKeyId.NotFound", "Specified access key is not found.", 404)
        if not hmac.compare_digest(found[3], self._signature(request, names)):
            raise AliyunRefusal("SignatureDoesNotMatch", "Specified signature is not matched.", 400)
        sent = datetime.fromisoformat(request.headers["x-acs-date"])
        if abs(self.clock.now() - sent) > OLD:
            raise AliyunRefusal("InvalidTimeStamp.Expired", "Specified time stamp is expired.", 400)
        nonce = request.headers["x-acs-signature-nonce"]
        if nonce in self._nonces:
            raise AliyunRefusal("SignatureNonceUsed", "Specified signature nonce was used already.", 400)
        self._nonces.add(nonce)

    def _signature(self, request: web.Request, names: Sequence[str]) -> str:
        pairs = [f"{_percent(name)}={_percent(value)}" for name, value in sorted(decoded(request).items())]
        canonical = [
            request.method,
            request.path,
            "&".join(pairs),
            *[f"{name}:{request.headers[name].strip()}" for name in names],
            "",
            ";".join(names),
            hashlib.sha256(b"").hexdigest(),
        ]
        text = "ACS3-HMAC-SHA256\n" + hashlib.sha256("\n".join(canonical).encode()).hexdigest()
        return hmac.new(self.key_secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def request_id() -> str:
    """A fresh RequestId."""
    return str(uuid.uuid4()).upper()


def decoded(request: web.Request) -> dict[str, str]:
    """The parameters of the query, decoded."""
    pairs = (part.partition("=") for part in request.rel_url.raw_query_string.split("&") if part)
    return {unquote(name): unquote(value) for name, _, value in pairs}


def spoken(template: str, given: str) -> str:
    """An approved template, with ${names}, filled with the JSON of a request; raises the provider's refusals."""
    try:
        values = json.loads(given or "{}")
    except ValueError:
        raise AliyunRefusal("isv.INVALID_JSON_PARAM", "JSON参数不合法，只接受字符串值") from None
    missing = [name for name in re.findall(r"\$\{(\w+)\}", template) if not values.get(name)]
    if missing:
        raise AliyunRefusal("isv.TEMPLATE_MISSING_PARAMETERS", f"模板缺少变量{missing[0]}")
    if any(len(value) > 35 for value in values.values()):
        raise AliyunRefusal("isv.PARAM_LENGTH_LIMIT", "参数超出长度限制")
    if any(re.search(r"https?://|www\.|[【】]", value) for value in values.values()):
        raise AliyunRefusal("isv.PARAM_NOT_SUPPORT_URL", "不支持URL参数")
    return re.sub(r"\$\{(\w+)\}", lambda found: str(values[found[1]]), template)


def _percent(text: str) -> str:
    """RFC 3986 by the provider's own recipe: form encoding, then three signs put right."""
    return quote_plus(text).replace("+", "%20").replace("*", "%2A").replace("%7E", "~")
