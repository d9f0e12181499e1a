"""WeCom's side of a callback and of the access token, for tests, replay and the sandbox.

Written from developer.work.weixin.qq.com/document/path/90968 (encryption) and .../path/91039 (token); it shares no code
with the adapters, so that a mistake is not made twice. It calls nobody but the gateway it was given.
"""

from __future__ import annotations

import logging
import secrets
import string
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from hashlib import sha1, sha256
from pathlib import Path
from typing import Any, Final

import aiohttp
from aiohttp import web
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from channels.simulation import Fault, Ticker

SLOWNESS: Final = timedelta(seconds=20)
READ_TIMEOUT: Final = 5.0
"""Seconds that WeCom waits for an answer to a callback."""
TRIES: Final = 3
TOKEN: Final = "given"  # noqa: S105 - opens nothing
"""The access token that the simulated WeCom hands out."""


class WecomServer:
    """One app of an enterprise: its callback, and an HTTP server with the access token at its door."""

    def __init__(self, *, clock: Ticker, gateway_url: str, account: str, receiver: str) -> None:
        self.clock = clock
        self.fault = Fault.UP
        self.receiver = receiver
        """For whom callbacks are encrypted: the CorpID, and nobody for a smart bot."""
        self.secret = secrets.token_urlsafe(32)
        self.token = secrets.token_hex(8)
        self.aes_key = "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(42)) + "A"
        self.statuses: list[int] = []
        """What the gateway answered to callbacks; 0 for no answer."""
        self.url = ""
        self.app = web.Application()
        self._hook = f"{gateway_url.rstrip('/')}/in/wechat/{account}"
        self._working = 0
        self._runner: web.AppRunner | None = None
        self._session: aiohttp.ClientSession | None = None
        self.app.router.add_get("/cgi-bin/gettoken", self._gettoken)

    async def start(self) -> None:
        """Listen on a free loopback port."""
        silent = logging.Logger("wecom simulation", level=logging.CRITICAL)  # noqa: LOG001 - on purpose outside the tree
        self._runner = web.AppRunner(self.app, access_log=None, shutdown_timeout=0.1, logger=silent)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        timeout = aiohttp.ClientTimeout(total=READ_TIMEOUT)
        self._session = aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar())

    async def stop(self) -> None:
        """End what `start` began."""
        if self._session is not None:
            await self._session.close()
        if self._runner is not None:
            await self._runner.cleanup()

    def busy(self) -> bool:
        """A request or a callback is under way, and it does not wait on the clock."""
        return self._working > 0

    @contextmanager
    def working(self) -> Iterator[None]:
        """Count as busy."""
        self._working += 1
        try:
            yield
        finally:
            self._working -= 1

    def keep(self, folder: Path, **values: str) -> Mapping[str, Any]:
        """Write secrets into files of `folder` and return how a block names them."""
        named = {}
        for name, value in values.items():
            # Several accounts may live in one folder, each with secrets of its own.
            file = folder / f"wechat_{name}_{sha256(value.encode()).hexdigest()[:8]}"
            file.write_text(value, encoding="utf-8")
            named[name] = {"file": str(file)}
        return named

    async def door(self, request: web.Request) -> web.Response | None:
        """What is answered before a call is looked at; None to go on."""
        if self.fault is Fault.DOWN:
            return web.Response(status=503)
        if self.fault is Fault.SLOW:
            self._working -= 1
            await self.clock.sleep(SLOWNESS)
            self._working += 1
        if request.query.get("access_token") != TOKEN:
            return web.json_response({"errcode": 40014, "errmsg": "invalid access_token"})
        return None

    async def call_back(self, message: str, *, json: bool = False) -> None:
        """Tell the gateway something, encrypted; up to three times while it does not answer with 200."""
        query, encrypted = seal(message, token=self.token, aes_key=self.aes_key, receiver=self.receiver, at=self.now)
        body = f'{{"encrypt":"{encrypted}"}}' if json else envelope(self.receiver, encrypted)
        with self.working():
            for _ in range(2 if self.fault is Fault.TWICE else 1):
                await self._tried(query, body.encode(), "application/json" if json else "text/xml")

    @property
    def now(self) -> datetime:
        """The simulation's time."""
        return self.clock.now()

    async def verify(self) -> tuple[int, bytes, str]:
        """Check the callback address as the console does: status, answer, and what it should be."""
        echo = str(secrets.randbelow(10**18))
        query, encrypted = seal(echo, token=self.token, aes_key=self.aes_key, receiver=self.receiver, at=self.now)
        if self._session is None:
            raise RuntimeError("the simulator was not started")
        async with self._session.get(self._hook, params={**query, "echostr": encrypted}) as answer:
            return answer.status, await answer.read(), echo

    async def _tried(self, query: Mapping[str, str], body: bytes, kind: str) -> None:
        for _ in range(TRIES):
            status = await self._posted(query, body, kind)
            self.statuses.append(status)
            if status == 200:
                return

    async def _posted(self, query: Mapping[str, str], body: bytes, kind: str) -> int:
        if self._session is None:
            raise RuntimeError("the simulator was not started")
        try:
            async with self._session.post(
                self._hook, params=query, data=body, headers={"Content-Type": kind}
            ) as answer:
                await answer.read()
                return answer.status
        except (aiohttp.ClientError, TimeoutError):
            return 0

    async def _gettoken(self, request: web.Request) -> web.Response:
        if request.query.get("corpsecret") != self.secret:
            return web.json_response({"errcode": 40001, "errmsg": "invalid credential"})
        if request.query.get("corpid") != self.receiver:
            return web.json_response({"errcode": 40013, "errmsg": "invalid corpid"})
        return web.json_response({"errcode": 0, "errmsg": "ok", "access_token": TOKEN, "expires_in": 7200})


def envelope(receiver: str, encrypted: str) -> str:
    """The XML around a ciphertext."""
    return (
        f"<xml><ToUserName><![CDATA[{receiver}]]></ToUserName><AgentID><![CDATA[]]></AgentID>"
        f"<Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
    )


def seal(message: str, *, token: str, aes_key: str, receiver: str, at: datetime) -> tuple[Mapping[str, str], str]:
    """The query and the ciphertext of a callback."""
    key, body = b64decode(aes_key + "="), message.encode()
    plain = secrets.token_bytes(16) + len(body).to_bytes(4, "big") + body + receiver.encode()
    pad = 32 - len(plain) % 32
    writer = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    encrypted = b64encode(writer.update(plain + bytes([pad]) * pad) + writer.finalize()).decode()
    stamp, nonce = str(int(at.timestamp())), str(secrets.randbelow(10**9))
    signature = sha1("".join(sorted([token, stamp, nonce, encrypted])).encode()).hexdigest()  # noqa: S324 - as WeCom signs
    return {"msg_signature": signature, "timestamp": stamp, "nonce": nonce}, encrypted
