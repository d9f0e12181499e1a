"""The long connection of a smart bot: one WebSocket that we open, over which both sides speak JSON.

Frames: developer.work.weixin.qq.com/document/path/101463. Ours are {cmd, headers: {req_id}, body} and each gets an
acknowledgement {headers: {req_id}, errcode, errmsg}; WeCom's are aibot_msg_callback and aibot_event_callback. A bot
has one connection: a newer one ends the older. Its own client, since the official one cannot be told that it failed.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import uuid4

import aiohttp

from channels.contract import ChannelError, Malformed, Misconfigured, TryLater, Uncertain
from channels.untrusted import Untrusted

PING_EVERY: Final = timedelta(seconds=30)
MISSED_PINGS: Final = 2
"""Unanswered pings after which the connection counts as dead, as in the official client."""
LARGEST_FRAME: Final = 4 * 1024 * 1024
CALLBACKS: Final = frozenset(("aibot_msg_callback", "aibot_event_callback"))
Told = Callable[[Untrusted, bytes], Awaitable[None]]
"""Takes the body of one callback and the frame as it came."""
Sleep = Callable[[timedelta], Awaitable[None]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Answered:
    """An acknowledgement."""

    req_id: str
    code: int


class Connection:
    """The connection of one bot, while `run` runs."""

    def __init__(self, url: str, *, timeout: timedelta, sleep: Sleep, proxy: str | None = None) -> None:
        self._url = url
        self._timeout = timeout.total_seconds()
        self._sleep = sleep
        self._proxy = proxy
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._waiting: dict[str, asyncio.Future[int]] = {}
        self._running = False
        self._signed_in = asyncio.Event()

    @property
    def open(self) -> bool:
        """Whether the bot is signed in just now."""
        return self._signed_in.is_set()

    async def run(self, credentials: Mapping[str, str], told: Told) -> None:
        """Sign in and hand over what comes, until cancelled; raises Misconfigured or TryLater when it ends."""
        self._running = True
        try:
            async with self._opened() as socket:
                await self._talk(socket, credentials, told)
        finally:
            self._running = False
        raise TryLater("WeCom closed the connection")

    async def send(self, cmd: str, body: Mapping[str, Any]) -> Answered:
        """As `request`, once the bot is signed in; raises TryLater when it is not, or not soon."""
        if self._running and not self.open:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._timeout):
                    await self._signed_in.wait()
        if not self.open:
            raise TryLater("the connection to WeCom is not open in this process")
        return await self.request(cmd, body)

    async def request(self, cmd: str, body: Mapping[str, Any]) -> Answered:
        """Send one frame and wait for its acknowledgement, whatever its code.

        Raises TryLater while nothing was written, and Uncertain when no acknowledgement came.
        """
        socket, req_id = self._socket, f"{cmd}-{uuid4().hex}"
        if socket is None or socket.closed:
            raise TryLater("the connection to WeCom is not open in this process")
        answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._waiting[req_id] = answer
        try:
            await socket.send_str(json.dumps({"cmd": cmd, "headers": {"req_id": req_id}, "body": body}))
            async with asyncio.timeout(self._timeout):
                return Answered(req_id=req_id, code=await answer)
        except TimeoutError:
            raise Uncertain("WeCom did not acknowledge in time") from None
        except (aiohttp.ClientError, OSError):
            raise Uncertain("the connection to WeCom broke off") from None
        finally:
            self._waiting.pop(req_id, None)

    async def _talk(self, socket: aiohttp.ClientWebSocketResponse, credentials: Mapping[str, str], told: Told) -> None:
        """Read and ping until one of them ends or fails."""
        tasks = [asyncio.ensure_future(self._read(socket, told))]
        try:
            await self._sign_in(credentials)
            tasks.append(asyncio.ensure_future(self._ping()))
            ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in ended:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    @asynccontextmanager
    async def _opened(self) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=self._timeout)
        async with aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()) as session:
            try:
                async with asyncio.timeout(self._timeout):
                    socket = await session.ws_connect(self._url, proxy=self._proxy, max_msg_size=LARGEST_FRAME)
            except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
                raise _unopened(error) from None
            self._socket = socket
            try:
                yield socket
            finally:
                self._socket = None
                self._signed_in.clear()
                await socket.close()

    async def _sign_in(self, credentials: Mapping[str, str]) -> None:
        try:
            answer = await self.request("aibot_subscribe", credentials)
        except Uncertain as error:
            raise TryLater(str(error)) from None
        if answer.code:
            raise Misconfigured(f"WeCom does not let the bot in (error {answer.code}): see bot_id and secret")
        self._signed_in.set()

    async def _read(self, socket: aiohttp.ClientWebSocketResponse, told: Told) -> None:
        try:
            async for message in socket:
                if message.type is aiohttp.WSMsgType.TEXT:
                    await self._frame(message.data.encode("utf-8", "replace"), told)
        finally:
            for waiting in self._waiting.values():
                if not waiting.done():
                    waiting.set_exception(aiohttp.ClientConnectionError())

    async def _frame(self, raw: bytes, told: Told) -> None:
        try:
            frame = Untrusted.json(raw, "frame")
            cmd = frame["cmd"].text(default="")
            req_id = frame["headers"]["req_id"].text(default="")
            code = frame["errcode"].integer(default=0)
        except Malformed:
            return  # neither an acknowledgement nor a callback: it says nothing to anybody
        if cmd in CALLBACKS:
            await told(frame["body"], raw)
        elif not cmd and (waiting := self._waiting.get(req_id)) is not None and not waiting.done():
            waiting.set_result(code)

    async def _ping(self) -> None:
        missed = 0
        while True:
            await self._sleep(PING_EVERY)
            try:
                await self.request("ping", {})
                missed = 0
            except Uncertain:
                missed += 1
            if missed >= MISSED_PINGS:
                raise TryLater("WeCom answers no ping any more")


def _unopened(error: Exception) -> ChannelError:
    """Our error for a connection that could not be opened."""
    match error:
        case aiohttp.WSServerHandshakeError(status=401 | 403 | 404):
            return Misconfigured(f"WeCom refused the connection ({error.status}): see socket_url")
        case aiohttp.InvalidURL() | ValueError():
            return Misconfigured("socket_url is not a valid address")
    return TryLater(f"the connection to WeCom could not be opened ({type(error).__name__})")
