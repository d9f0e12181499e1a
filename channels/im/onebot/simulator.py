"""A OneBot v11 program with a QQ account and everybody's chats, on loopback; knows nothing of the adapter.

Written from botuniverse/onebot-11 (communication/, event/message.md, api/public.md). It posts events and serves HTTP,
or, with `transport="websocket"`, opens a reverse WebSocket and does both over that.
"""

from __future__ import annotations

import hmac
import itertools
import json
import logging
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from hashlib import sha1
from pathlib import Path
from typing import Any, Final

import aiohttp
from aiohttp import web

from channels.simulation import Fault, Heard, Ticker

SLOWNESS: Final = timedelta(seconds=20)
RECALLS: Final = timedelta(minutes=2)
ACTIONS: Final[dict[str, dict[str, type | tuple[type, ...]]]] = {
    "send_private_msg": {"user_id": int, "message": (list, str)},
    "send_group_msg": {"group_id": int, "message": (list, str)},
    "delete_msg": {"message_id": int},
    "get_status": {},
    "get_login_info": {},
}
"""Actions that are played, and their parameters (api/public.md)."""
SENT: Final = {"text": "text", "at": "qq", "reply": "id", "image": "file"}
"""Segments that can be sent, and the field that each needs (message/segment.md)."""
STATUSES: Final = {1400: 400, 1401: 401, 1403: 403, 1404: 404}
"""HTTP statuses of return codes (communication/ws.md)."""


class OneBotSimulator:
    """One program and its account."""

    person = "30003000"
    group = "40004000"
    exempt: Mapping[str, str] = {
        "url": "the signature covers the body only",
        "type": "the signature covers the body only",
    }

    def __init__(self, *, clock: Ticker, gateway_url: str, account: str, transport: str) -> None:
        self.fault = Fault.UP
        self.heard: list[Heard] = []
        self.errors: list[str] = []
        """Events that were not answered with 204."""
        self.asked: list[tuple[str, Mapping[str, Any]]] = []
        """Actions with their parameters, oldest first."""
        self.events: list[Mapping[str, Any]] = []
        """Events that were reported."""
        self.retcode = 0
        """What sending answers: 0, 1 for taken, or an error."""
        self.online = True
        self.logged_in_as = 0
        self.url = ""
        self.self_id = 10_001_000
        self.clock = clock
        self.secret, self.token = uuid.uuid4().hex, uuid.uuid4().hex
        self._gateway = f"{gateway_url.rstrip('/')}/in/qq/{account}"
        self._account = account
        self._transport = transport
        self._ids = itertools.count(-2_147_483_000, 7)
        self._working = 0
        self._runner: web.AppRunner | None = None
        self._session: aiohttp.ClientSession | None = None
        self._socket: aiohttp.ClientWebSocketResponse | None = None

    async def start(self) -> None:
        """Listen on a free loopback port; the WebSocket is opened by `connect`."""
        app = web.Application()
        app.router.add_post("/{action}", self._serve)
        # A client that gave up waiting is part of the play; nobody wants its traceback.
        silent = logging.Logger("onebot simulation", level=logging.CRITICAL)  # noqa: LOG001 - on purpose outside the tree
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, logger=silent)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=15))

    async def stop(self) -> None:
        """End the server and the WebSocket."""
        if self._socket:
            await self._socket.close()
        if self._session:
            await self._session.close()
        if self._runner:
            await self._runner.cleanup()

    def block(self, folder: Path) -> Mapping[str, Any]:
        """The account's block for config.yaml; the secrets are written into `folder`."""
        block: dict[str, Any] = {"provider": "onebot", "self_id": self.self_id}
        for name, value in (("secret", self.secret), ("access_token", self.token)):
            file = folder / f"qq_{self._account}_{name}"
            file.write_text(value, encoding="utf-8")
            block[name] = {"file": str(file)}
        return block if self._transport == "websocket" else block | {"api_url": self.url}

    def busy(self) -> bool:
        """A request or event is under way at this instant."""
        return self._working > 0

    async def connect(self, *, role: str = "Universal", token: str | None = None) -> int:
        """Open the reverse WebSocket; returns the HTTP status: 101, or that of the refusal."""
        headers = {
            "X-Self-ID": str(self.self_id),
            "X-Client-Role": role,
            "Authorization": f"Bearer {self.token if token is None else token}",
        }
        try:
            self._socket = await self._opened().ws_connect(f"{self._gateway}/ws", headers=headers)
        except aiohttp.WSServerHandshakeError as refused:
            return refused.status
        return 101

    async def serve_socket(self, *, most: int) -> None:
        """Answer so many actions that come over the WebSocket."""
        for _ in range(most):
            if self._socket is None:
                raise RuntimeError("connect first")
            asked = json.loads((await self._socket.receive()).data)
            code, data = await self._done(asked["action"], asked.get("params", {}))
            await self._socket.send_json(_answer(code, data) | {"echo": asked.get("echo")})

    async def disconnect(self) -> None:
        """Close the WebSocket."""
        if self._socket:
            await self._socket.close()
        self._socket = None

    async def say(
        self,
        *,
        sender: str,
        text: str,
        subject: str | None = None,
        group: str | None = None,
        answers: str | None = None,
        named: bool = True,
        segments: list[Mapping[str, Any]] | None = None,
    ) -> str:
        """A person writes; returns "<account>:<message id>". `named` mentions the account in a group."""
        del subject
        message: list[Mapping[str, Any]] = []
        if answers:
            message.append({"type": "reply", "data": {"id": answers.rpartition(":")[2]}})
        if group and named:
            message.append({"type": "at", "data": {"qq": str(self.self_id)}})
        message.append({"type": "text", "data": {"text": text}})
        number = next(self._ids)
        await self.report(self._message(number, int(sender), group, [*message, *(segments or [])]))
        return f"{self.self_id}:{number}"

    async def report(self, event: Mapping[str, Any]) -> None:
        """Report an event over the WebSocket where one is open, else by POST; TWICE does it two times."""
        self.events.append(event)
        for _ in range(2 if self.fault is Fault.TWICE else 1):
            if self._socket is not None:
                await self._socket.send_json(event)
            else:
                await self.post(event)

    async def post(self, event: Mapping[str, Any]) -> int:
        """Report an event by POST; returns the status."""
        body = json.dumps(event, ensure_ascii=False).encode()
        headers = {
            "Content-Type": "application/json",
            "X-Self-ID": str(self.self_id),
            "X-Signature": f"sha1={hmac.new(self.secret.encode(), body, sha1).hexdigest()}",
        }
        with self._work():
            async with self._opened().post(self._gateway, data=body, headers=headers) as response:
                if response.status != 204:
                    self.errors.append(f"an event was answered {response.status}")
                return response.status

    async def heartbeat(self) -> None:
        """Report that the program runs (event/meta.md)."""
        status = {"online": self.online, "good": self.online}
        await self.report(
            self._head("meta_event") | {"meta_event_type": "heartbeat", "status": status, "interval": 5000}
        )

    def _message(
        self, number: int, sender: int, group: str | None, message: list[Mapping[str, Any]]
    ) -> Mapping[str, Any]:
        who = {"user_id": sender, "nickname": "张三", "sex": "unknown", "age": 0}
        event = self._head("message") | {
            "message_id": number,
            "user_id": sender,
            "message": message,
            "raw_message": "".join(_coded(one) for one in message),
            "font": 0,
            "sender": who,
        }
        if group is None:
            return event | {"message_type": "private", "sub_type": "friend"}
        more = {"card": "张三@某公司", "area": "", "level": "1", "role": "member", "title": ""}
        said = {"message_type": "group", "sub_type": "normal", "group_id": int(group), "anonymous": None}
        return event | said | {"sender": who | more}

    def _head(self, kind: str) -> dict[str, Any]:
        return {"time": int(self.clock.now().timestamp()), "self_id": self.self_id, "post_type": kind}

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise RuntimeError("the simulator was not started")
        return self._session

    @contextmanager
    def _work(self) -> Iterator[None]:
        self._working += 1
        try:
            yield
        finally:
            self._working -= 1

    async def _serve(self, request: web.Request) -> web.Response:
        with self._work():
            if self.fault is Fault.DOWN:
                return web.Response(status=503)
            given = request.headers.get("Authorization", "") or f"Bearer {request.query.get('access_token', '')}"
            if given != f"Bearer {self.token}":
                return web.Response(status=401 if given == "Bearer " else 403)
            try:
                params = json.loads(await request.read() or b"{}")
            except ValueError:
                return web.Response(status=400)
            code, data = await self._done(request.match_info["action"], params)
            return web.json_response(_answer(code, data), status=STATUSES.get(code, 200))

    async def _done(self, action: str, params: Mapping[str, Any]) -> tuple[int, Mapping[str, Any] | None]:
        """Do an action; returns the return code and the data."""
        if self.fault is Fault.SLOW:
            self._working -= 1
            await self.clock.sleep(SLOWNESS)
            self._working += 1
        known = ACTIONS.get(action)
        if known is None:
            return 1404, None
        if set(params) != set(known) or not all(isinstance(params[name], kind) for name, kind in known.items()):
            return 1400, None
        self.asked.append((action, params))
        if action == "get_status":
            return 0, {"online": self.online, "good": self.online}
        if action == "get_login_info":
            return 0, {"user_id": self.logged_in_as or self.self_id, "nickname": "值班"}
        if action == "delete_msg":
            return self._deleted(params["message_id"])
        return self._sent(params)

    def _deleted(self, number: int) -> tuple[int, None]:
        """QQ takes a text of one's own back for two minutes; what the program answers beyond is 100."""
        found = next((one for one in self.heard if one.id == f"{self.self_id}:{number}"), None)
        if found is None or self.clock.now() - found.at > RECALLS:
            return 100, None
        self.heard.remove(found)
        return 0, None

    def _sent(self, params: Mapping[str, Any]) -> tuple[int, Mapping[str, Any] | None]:
        message = params["message"]
        if isinstance(message, str):
            message = [{"type": "text", "data": {"text": message}}]
        wrong = [one for one in message if not isinstance(one["data"].get(SENT.get(one["type"], "")), str)]
        if wrong or not message:
            return 1400, None
        if self.retcode:
            return self.retcode, None
        number = next(self._ids)
        group = str(params["group_id"]) if "group_id" in params else None
        to = str(params.get("user_id", next((one["data"]["qq"] for one in message if one["type"] == "at"), "")))
        text = "".join(one["data"]["text"] for one in message if one["type"] == "text")
        key = f"{self.self_id}:{number}"
        self.heard.append(Heard(at=self.clock.now(), to=to, text=text.lstrip(" "), id=key, group=group))
        return 0, {"message_id": number}


def build(*, clock: Ticker, gateway_url: str, account: str, transport: str = "http") -> OneBotSimulator:
    """The program's side of one qq account; `transport` is "http" or "websocket"."""
    return OneBotSimulator(clock=clock, gateway_url=gateway_url, account=account, transport=transport)


def _answer(code: int, data: Mapping[str, Any] | None) -> dict[str, Any]:
    """As communication/http.md words it."""
    return {"status": {0: "ok", 1: "async"}.get(code, "failed"), "retcode": code, "data": data}


def _coded(segment: Mapping[str, Any]) -> str:
    """A segment as a CQ code (message/string.md)."""
    if segment["type"] == "text":
        text = str(segment["data"]["text"])
        return text.replace("&", "&amp;").replace("[", "&#91;").replace("]", "&#93;")
    pairs = "".join(f",{name}={_inside(str(value))}" for name, value in segment["data"].items())
    return f"[CQ:{segment['type']}{pairs}]"


def _inside(value: str) -> str:
    escapes = (("&", "&amp;"), ("[", "&#91;"), ("]", "&#93;"), (",", "&#44;"))
    for plain, escaped in escapes:
        value = value.replace(plain, escaped)
    return value
