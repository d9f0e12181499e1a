"""The Bot API's side of one bot on loopback: methods, long polling, webhooks and files, for tests and the sandbox.

Written from core.telegram.org/bots/api; it shares no code with the adapters, so that a mistake is not made twice. It
calls nobody but the gateway it was given. Every request and every object that it makes is kept, so that a test can hold
them against the machine-readable description of the API.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import logging
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import aiohttp
from aiohttp import web

from channels.simulation import Fault, Ticker

SLOWNESS: Final = timedelta(seconds=20)
HANDED: Final = 2.0
"""Seconds for which updates that were handed out count as being worked on, if they are not confirmed before."""
TRIES: Final = 3
"""Of a webhook that fails; Telegram gives up "after a reasonable amount of attempts" (#setwebhook)."""
BOT: Final = 7_000_000_001
Method = Callable[[Mapping[str, str]], Awaitable[Any]]


class TelegramRefusal(Exception):
    """An answer that says ok: false (#making-requests)."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code = code
        self.body: dict[str, Any] = {"ok": False, "error_code": code, "description": description}
        if parameters:
            self.body["parameters"] = parameters


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """One request for a method."""

    method: str
    params: Mapping[str, str] = field(repr=False)


class TelegramServer:
    """One bot: who it is, its updates on their way to the gateway, and the requests that came."""

    def __init__(self, *, clock: Ticker, gateway_url: str, username: str, public_url: str | None = None) -> None:
        self.clock = clock
        self.fault = Fault.UP
        self.token = f"{BOT}:{uuid.uuid4().hex}{uuid.uuid4().hex[:3]}"
        self.me: dict[str, Any] = {
            "id": BOT,
            "is_bot": True,
            "first_name": "驿站",
            "username": username,
            "can_join_groups": True,
            "can_read_all_group_messages": True,
            "supports_inline_queries": False,
        }
        self.calls: list[Call] = []
        self.made: list[tuple[str, Any]] = []
        """Every object that left, with the name of its type in the API's description."""
        self.errors: list[str] = []
        self.drops = 0
        """How many of the next requests are read and then dropped without an answer."""
        self.files: dict[str, bytes] = {}
        self.hook: dict[str, str] = {}
        """The webhook as it was set: url and secret_token; empty while updates are asked for."""
        self.url = ""
        self._gateway = gateway_url.rstrip("/")
        self._public = (public_url or gateway_url).rstrip("/")
        self._methods: dict[str, Method] = {
            "getMe": self._get_me,
            "getUpdates": self._get_updates,
            "setWebhook": self._set_webhook,
            "deleteWebhook": self._delete_webhook,
            "getWebhookInfo": self._get_webhook_info,
            "getFile": self._get_file,
        }
        self._numbers = itertools.count(4_000_000_001)
        self._pending: list[dict[str, Any]] = []
        self._failed = ""
        self._delivering = asyncio.Lock()
        self._poller: asyncio.Future[bool] | None = None
        self._working = 0
        self._handed = 0.0
        self._runner: web.AppRunner | None = None
        self._session: aiohttp.ClientSession | None = None

    def serves(self, method: str, answer: Method) -> None:
        """A method of the API is answered by `answer`."""
        self._methods[method] = answer

    async def start(self) -> None:
        """Listen on a free loopback port."""
        app = web.Application()
        app.router.add_route("*", "/bot{token}/{method}", self._called)
        app.router.add_get("/file/bot{token}/{path:.+}", self._file)
        # A client that gave up waiting is part of the play; nobody wants its traceback.
        silent = logging.Logger("telegram simulation", level=logging.CRITICAL)  # noqa: LOG001 - outside the tree
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, logger=silent)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        timeout = aiohttp.ClientTimeout(total=15)
        self._session = aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar())

    async def stop(self) -> None:
        """End the server and whoever waits at it."""
        self._end_poll(handed=False)
        if self._session:
            await self._session.close()
        if self._runner:
            await self._runner.cleanup()

    def secret(self, folder: Path, name: str, value: str) -> Mapping[str, str]:
        """A secret as the configuration refers to it."""
        file = folder / name
        file.write_text(value, encoding="utf-8")
        return {"file": str(file)}

    def busy(self) -> bool:
        """A request or callback is under way, or updates were handed out just now and are not confirmed yet."""
        return self._working > 0 or time.monotonic() - self._handed < HANDED

    @contextmanager
    def working(self) -> Iterator[None]:
        """Count as busy."""
        self._working += 1
        try:
            yield
        finally:
            self._working -= 1

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Within work: a time in which only the clock or a person can go on."""
        self._working -= 1
        try:
            yield
        finally:
            self._working += 1

    def unix(self) -> int:
        """Now in Unix seconds, as the API writes all moments."""
        return int(self.clock.now().timestamp())

    async def happened(self, **what: Any) -> None:
        """Something for the bot: it is called, or its waiting request is answered, or it waits for one of both."""
        one = {"update_id": next(self._numbers), **what}
        self.made.append(("Update", one))
        self._pending += [one, one] if self.fault is Fault.TWICE else [one]
        if self.hook:
            await self._deliver()
        else:
            self._end_poll(handed=True)

    def _end_poll(self, *, handed: bool) -> None:
        if self._poller and not self._poller.done():
            self._handed = time.monotonic() if handed else self._handed
            self._poller.set_result(handed)

    async def _deliver(self) -> None:
        """Call the webhook for each update in turn; one that it does not take waits with all after it."""
        with self.working():
            async with self._delivering:
                while self._pending and self.hook and await self._posted(self._pending[0]):
                    self._pending.pop(0)

    async def _posted(self, update: Mapping[str, Any]) -> bool:
        for _ in range(TRIES):
            status, body = await self._post(update)
            if 200 <= status < 300:
                await self._answered(body)
                return True
            self._failed = f"Wrong response from the webhook: {status}"
        self.errors.append(f"webhook: {self._failed}")
        return False

    async def _post(self, update: Mapping[str, Any]) -> tuple[int, bytes]:
        if self._session is None:
            raise RuntimeError("the simulator was not started")
        url = self.hook["url"].replace(self._public, self._gateway, 1)
        headers = {"Content-Type": "application/json"}
        if self.hook["secret_token"]:
            headers["X-Telegram-Bot-Api-Secret-Token"] = self.hook["secret_token"]
        body = json.dumps(update, ensure_ascii=False).encode()
        try:
            async with self._session.post(url, data=body, headers=headers) as response:
                return response.status, await response.read()
        except (aiohttp.ClientError, TimeoutError):
            return 0, b""

    async def _answered(self, body: bytes) -> None:
        """An answer to a webhook may itself be a request (#making-requests-when-getting-updates)."""
        with suppress(ValueError):
            asked = json.loads(body)
            if isinstance(asked, dict) and "method" in asked:
                params = {name: str(value) for name, value in asked.items() if name != "method"}
                await self._run(str(asked["method"]), params)

    async def _called(self, request: web.Request) -> web.StreamResponse:
        with self.working():
            params = {**request.query, **{name: str(value) for name, value in (await request.post()).items()}}
            if self.drops:
                self.drops -= 1
                if request.transport:
                    request.transport.close()
                return web.Response()
            try:
                await self._door(request.match_info["token"])
                result = await self._run(request.match_info["method"], params)
            except TelegramRefusal as refusal:
                return web.json_response(refusal.body, status=refusal.code)
            return web.json_response({"ok": True, "result": result})

    async def _run(self, name: str, params: Mapping[str, str]) -> Any:
        method = self._methods.get(name)
        if method is None:
            raise TelegramRefusal(404, "Not Found: method not found")
        self.calls.append(Call(method=name, params=params))
        return await method(params)

    async def _door(self, token: str) -> None:
        if self.fault is Fault.DOWN:
            raise TelegramRefusal(503, "Service Unavailable")
        if self.fault is Fault.SLOW:
            with self.waiting():
                await self.clock.sleep(SLOWNESS)
        if token != self.token:
            raise TelegramRefusal(401, "Unauthorized")

    async def _get_me(self, params: Mapping[str, str]) -> Any:
        del params
        self.made.append(("User", self.me))
        return self.me

    async def _get_updates(self, params: Mapping[str, str]) -> Any:
        """Waiting is counted in real seconds, as the client does; of two that wait the earlier one is sent away."""
        if self.hook:
            raise TelegramRefusal(
                409,
                "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete it first",
            )
        self._end_poll(handed=False)
        self._handed = 0.0
        offset = int(params.get("offset", 0))
        self._pending = [one for one in self._pending if one["update_id"] >= offset]
        if not self._pending and not await self._arrived(int(params.get("timeout", 0))):
            return []
        self._handed = time.monotonic()
        return self._pending[: int(params.get("limit", 100))]

    async def _arrived(self, seconds: int) -> bool:
        """Wait for updates; raises the refusal for whoever was pushed out by another request."""
        mine: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._poller = mine
        try:
            with self.waiting():
                handed = await asyncio.wait_for(mine, seconds)
        except TimeoutError:
            return False
        finally:
            self._poller = None if self._poller is mine else self._poller
        if not handed:
            raise TelegramRefusal(
                409, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
            )
        return True

    async def _set_webhook(self, params: Mapping[str, str]) -> bool:
        self.hook = {"url": params["url"], "secret_token": params.get("secret_token", "")} if params["url"] else {}
        self._end_poll(handed=False)
        await self._deliver()
        return True

    async def _delete_webhook(self, params: Mapping[str, str]) -> bool:
        del params
        self.hook = {}
        return True

    async def _get_webhook_info(self, params: Mapping[str, str]) -> Any:
        del params
        info: dict[str, Any] = {
            "url": self.hook.get("url", ""),
            "has_custom_certificate": False,
            "pending_update_count": len(self._pending),
        }
        if self._failed:
            info |= {"last_error_date": self.unix(), "last_error_message": self._failed}
        self.made.append(("WebhookInfo", info))
        return info

    async def _get_file(self, params: Mapping[str, str]) -> Any:
        content = self.files.get(params.get("file_id", ""))
        if content is None:
            raise TelegramRefusal(400, "Bad Request: invalid file_id")
        if len(content) > 20_000_000:
            raise TelegramRefusal(400, "Bad Request: file is too big")
        name = params["file_id"]
        made = {
            "file_id": name,
            "file_unique_id": name[:12],
            "file_size": len(content),
            "file_path": f"documents/{name}",
        }
        self.made.append(("File", made))
        return made

    async def _file(self, request: web.Request) -> web.Response:
        with self.working():
            content = self.files.get(request.match_info["path"].removeprefix("documents/"))
            if request.match_info["token"] != self.token or content is None:
                return web.json_response({"ok": False, "error_code": 404, "description": "Not Found"}, status=404)
            return web.Response(body=content)
