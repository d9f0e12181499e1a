"""The open platform's side of one bot and everybody's chats, on loopback; knows nothing of the adapter.

Written from tencent-connect/bot-docs (sign.md, event-emit.md, send-receive/event.md, send.md, error-trace/openapi.md)
and the events shown in nonebot/adapter-qq#195 and #222.
"""

from __future__ import annotations

import itertools
import json
import logging
import re
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import aiohttp
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from channels.simulation import Fault, Heard, Ticker

SLOWNESS: Final = timedelta(seconds=20)
ALONE, IN_GROUP = timedelta(minutes=60), timedelta(minutes=5)
"""For how long a message may be answered."""
ANSWERS: Final = 5
STANDING: Final = "given"
"""An access token that was handed out before the simulation began and is good as well."""
LINK: Final = re.compile(r"https?://|www\.")


class QqRefusal(Exception):
    """An error answer of the platform."""

    def __init__(self, code: int, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.status = status

    def response(self) -> web.Response:
        """As the platform words it."""
        body = {"message": str(self), "code": self.code, "err_code": self.code, "trace_id": uuid.uuid4().hex}
        return web.json_response(body, status=self.status)


@dataclass(kw_only=True, slots=True)
class Said:
    """A message that may be answered."""

    at: datetime
    place: str
    answers: set[int]


class QqSimulator:
    """One bot, its callbacks and the interface for its answers."""

    person = "E4F4AEA33253A2797FB897C50B81D7ED"
    group = "C9F778FE6ADF9D1D1DBE395BF744A33A"
    exempt: Mapping[str, str] = {
        "url": "the signature covers time and body only",
        "type": "the signature covers time and body only",
    }

    def __init__(self, *, clock: Ticker, gateway_url: str, account: str) -> None:
        self.fault = Fault.UP
        self.heard: list[Heard] = []
        self.errors: list[str] = []
        """Callbacks that were not answered as they must be."""
        self.tokens: set[str] = {STANDING}
        self.files: dict[str, bytes] = {}
        """Files of messages by name, at `url`/files/<name>."""
        self.url = ""
        self.app_id, self.secret = "102030407", "naOC0ocQE3shWLAfffVLB1rhYPG7"
        self.clock = clock
        self._callback_url = f"{gateway_url.rstrip('/')}/in/qq/{account}"
        self._account = account
        self._said: dict[str, Said] = {}
        self._order = itertools.count(1)
        self._working = 0
        self._runner: web.AppRunner | None = None
        self._session: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        """Listen on a free loopback port."""
        app = web.Application()
        app.router.add_post("/app/getAppAccessToken", self._token)
        app.router.add_get("/users/@me", self._me)
        app.router.add_post("/v2/{place:users|groups}/{openid}/messages", self._message)
        app.router.add_get("/files/{name}", self._file)
        # A client that gave up waiting is part of the play; nobody wants its traceback.
        silent = logging.Logger("qq simulation", level=logging.CRITICAL)  # noqa: LOG001 - on purpose outside the tree
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, logger=silent)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=15))

    async def stop(self) -> None:
        """End the server."""
        if self._session:
            await self._session.close()
        if self._runner:
            await self._runner.cleanup()

    def block(self, folder: Path) -> Mapping[str, Any]:
        """The account's block for config.yaml; the secret is written into `folder`."""
        secret = folder / f"qq_{self._account}_secret"
        secret.write_text(self.secret, encoding="utf-8")
        return {
            "provider": "official",
            "app_id": self.app_id,
            "app_secret": {"file": str(secret)},
            "api_url": self.url,
            "token_url": f"{self.url}/app/getAppAccessToken",
        }

    def busy(self) -> bool:
        """A request or callback is under way at this instant."""
        return self._working > 0

    async def say(
        self,
        *,
        sender: str,
        text: str,
        subject: str | None = None,
        group: str | None = None,
        answers: str | None = None,
        named: bool = True,
        files: Mapping[str, tuple[str, bytes]] | None = None,
    ) -> str:
        """A person writes to the bot or, in a group, before it; returns the message id.

        `named` mentions the bot in a group; without it the group must have opened all its messages to the bot.
        `files` are names with type and content. A quote carries the words of what it quotes and no id that we know.
        """
        del subject
        key = f"ROBOT1.0_{uuid.uuid4().hex}"
        place = f"groups/{group}" if group else f"users/{sender}"
        self._said[key] = Said(at=self.clock.now(), place=place, answers=set())
        data = self._text(key, sender, text, group) | self._attached(files or {}) | self._quote(answers)
        kind = "C2C_MESSAGE_CREATE"
        if group:
            kind = "GROUP_AT_MESSAGE_CREATE" if named else "GROUP_MESSAGE_CREATE"
        await self.event(kind, data)
        return key

    async def event(self, kind: str, data: Mapping[str, Any]) -> int:
        """Call back with any event; returns the status of the answer."""
        number = next(self._order)
        status = await self._called({"op": 0, "id": f"{kind}:{number}", "d": data, "s": number, "t": kind})
        if self.fault is Fault.TWICE:
            await self._called({"op": 0, "id": f"{kind}:{number}", "d": data, "s": number, "t": kind})
        return status

    async def ask(self) -> Mapping[str, Any]:
        """Ask whether the address is the bot's (op 13), as when it is saved on q.qq.com; returns the answer."""
        token, time = uuid.uuid4().hex[:20], str(int(self.clock.now().timestamp()))
        body = json.dumps({"d": {"plain_token": token, "event_ts": time}, "op": 13})
        headers = {"User-Agent": "QQBot-Callback", "X-Bot-Appid": self.app_id}
        _, answer = await self._posted(body.encode(), headers)
        said: Mapping[str, Any] = json.loads(answer)
        expected = {"plain_token": token, "signature": self._signed((time + token).encode())}
        if said != expected:
            self.errors.append("the address was not proved")
        return said

    def _text(self, key: str, sender: str, text: str, group: str | None) -> dict[str, Any]:
        author = {"id": sender, "union_openid": "", "username": "张三", "bot": False}
        data: dict[str, Any] = {
            "id": key,
            "content": f" {text} " if group else text,
            "timestamp": self.clock.now().isoformat(timespec="seconds"),
            "message_scene": {"source": "default"},
            "message_type": 0,
        }
        if not group:
            return data | {"author": author | {"user_openid": sender}}
        return data | {"author": author | {"member_openid": sender}, "group_openid": group, "group_id": group}

    def _attached(self, files: Mapping[str, tuple[str, bytes]]) -> dict[str, Any]:
        self.files.update({name: content for name, (_, content) in files.items()})
        listed = [
            {"content_type": kind, "filename": name, "size": len(content), "url": f"{self.url}/files/{name}"}
            for name, (kind, content) in files.items()
        ]
        return {"attachments": listed} if listed else {}

    def _quote(self, answers: str | None) -> dict[str, Any]:
        words = next((one.text for one in self.heard if one.id == answers), None)
        if words is None:
            return {}
        return {"message_type": 103, "msg_elements": [{"msg_idx": "REFIDX_x", "message_type": 0, "content": words}]}

    async def _called(self, event: Mapping[str, Any]) -> int:
        body = json.dumps(event, ensure_ascii=False).encode()
        time = str(int(self.clock.now().timestamp()))
        headers = {
            "User-Agent": "QQBot-Callback",
            "X-Bot-Appid": self.app_id,
            "X-Signature-Method": "Ed25519",
            "X-Signature-Timestamp": time,
            "X-Signature-Ed25519": self._signed(time.encode() + body),
        }
        status, answer = await self._posted(body, headers)
        if status != 200 or json.loads(answer) != {"op": 12}:
            self.errors.append(f"a callback was answered {status}")
        return status

    async def _posted(self, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        if self._session is None:
            raise RuntimeError("the simulator was not started")
        with self._work():
            sent = {**headers, "Content-Type": "application/json"}
            async with self._session.post(self._callback_url, data=body, headers=sent) as response:
                return response.status, await response.read()

    def _signed(self, text: bytes) -> str:
        seed = self.secret
        while len(seed) < 32:
            seed *= 2
        return Ed25519PrivateKey.from_private_bytes(seed[:32].encode()).sign(text).hex()

    @contextmanager
    def _work(self) -> Iterator[None]:
        self._working += 1
        try:
            yield
        finally:
            self._working -= 1

    async def _door(self) -> None:
        if self.fault is Fault.DOWN:
            raise QqRefusal(50055001, "service unavailable", 503)
        if self.fault is Fault.SLOW:
            self._working -= 1
            try:
                await self.clock.sleep(SLOWNESS)
            finally:
                self._working += 1

    async def _token(self, request: web.Request) -> web.Response:
        with self._work():
            asked = await request.json()
            if (asked.get("appId"), asked.get("clientSecret")) != (self.app_id, self.secret):
                return web.json_response({"code": 100016, "message": "invalid appid or secret"})
            token = uuid.uuid4().hex
            self.tokens.add(token)
            return web.json_response({"access_token": token, "expires_in": "7200"})

    async def _me(self, request: web.Request) -> web.Response:
        with self._work():
            try:
                await self._door()
                self._authorized(request)
            except QqRefusal as refusal:
                return refusal.response()
            return web.json_response({"id": "6158788878435714165", "username": "simulated", "bot": True})

    async def _file(self, request: web.Request) -> web.Response:
        content = self.files.get(request.match_info["name"])
        return web.Response(status=404) if content is None else web.Response(body=content)

    async def _message(self, request: web.Request) -> web.Response:
        with self._work():
            try:
                await self._door()
                self._authorized(request)
                place, openid = request.match_info["place"], request.match_info["openid"]
                return web.json_response(self._taken(place, openid, await request.json()))
            except QqRefusal as refusal:
                return refusal.response()
            except json.JSONDecodeError:
                return QqRefusal(12002, "request invalid").response()

    def _authorized(self, request: web.Request) -> None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme != "QQBot" or token not in self.tokens:
            raise QqRefusal(11244, "token not exist or expire", 401)

    def _taken(self, place: str, openid: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        unknown = set(body) - {"content", "msg_type", "msg_id", "msg_seq", "event_id"}
        if unknown or body.get("msg_type") != 0 or not isinstance(body.get("msg_seq", 1), int):
            raise QqRefusal(12002, f"request invalid: {sorted(unknown)}")
        text = body.get("content")
        if not isinstance(text, str) or not text.strip():
            raise QqRefusal(50006, "empty message")
        if len(text) > 4000:
            raise QqRefusal(40054007, "message too long")
        if LINK.search(text):
            raise QqRefusal(40054010, "url not allowed")
        self._answered(f"{place}/{openid}", body)
        key = f"ROBOT1.0_{uuid.uuid4().hex}"
        group = openid if place == "groups" else None
        to = openid
        if group:
            found = re.match(r"<@(\w+)> ", text)
            to, text = (found[1], text[found.end() :]) if found else ("", text)
        self.heard.append(Heard(at=self.clock.now(), to=to, text=text, id=key, group=group))
        return {"id": key, "timestamp": self.clock.now().isoformat(timespec="seconds")}

    def _answered(self, place: str, body: Mapping[str, Any]) -> None:
        said = self._said.get(body.get("msg_id", ""))
        if "msg_id" not in body:
            raise QqRefusal(40034105, "no permission for active messages")
        if said is None or said.place != place:
            raise QqRefusal(40034024, "msg_id invalid")
        if self.clock.now() - said.at > (IN_GROUP if place.startswith("groups/") else ALONE):
            raise QqRefusal(40034005, "reply msg_id expired")
        number = body.get("msg_seq", 1)
        if number in said.answers:
            raise QqRefusal(40054005, "message deduplicated")
        if len(said.answers) >= ANSWERS:
            raise QqRefusal(40034128, "passive reply limit exceeded")
        said.answers.add(number)


def build(*, clock: Ticker, gateway_url: str, account: str) -> QqSimulator:
    """The platform's side of one qq account."""
    return QqSimulator(clock=clock, gateway_url=gateway_url, account=account)
