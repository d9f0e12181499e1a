"""WeCom's side of a smart bot: the long connection, and the storage of files; knows nothing of the adapter.

Written from developer.work.weixin.qq.com/document/path/101463.
"""

from __future__ import annotations

import asyncio
import json
import re
import secrets
from base64 import b64encode
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from aiohttp import WSMsgType, web
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from channels.simulation import Fault, Heard, Ticker
from channels.wechat.bot.simulator_called import CallbackSimulator, shown
from channels.wecom_simulation import WecomServer

GROUP: Final = "wrkSFfCgAAabcdefghijklmnopqrstuv"
CHAT_TYPES: Final = (None, 0, 1, 2)


class BotSimulator:
    """One smart bot at WeCom, the people who talk to it, and their groups."""

    def __init__(self, clock: Ticker) -> None:
        self.fault = Fault.UP
        self.heard: list[Heard] = []
        self.person = "zhangsan"
        self.group = "wrkSFfCgAA0001"
        self.exempt: Mapping[str, str] = {"unheard": "it sends over the connection that it listens on"}
        self.bot_id = f"aib{secrets.token_hex(12)}"
        self.secret = secrets.token_urlsafe(32)
        self.bot_name = "驿站"
        self.refuses: dict[str, int] = {}
        """Conversations that messages cannot be sent to, with the error code."""
        self.takes = 1000
        """Messages in all that are taken; the next are too many."""
        self.pings = 0
        self.silent = False
        """Nothing is acknowledged any more, as when the other end has died."""
        self.url = ""
        self.frames: list[dict[str, Any]] = []
        """Everything that the bot sent, oldest first."""
        self._clock = clock
        self._files: dict[str, tuple[str, bytes]] = {}
        self._socket: web.WebSocketResponse | None = None
        self._runner: web.AppRunner | None = None
        self._working = 0

    async def start(self) -> None:
        """Listen on a free loopback port."""
        app = web.Application()
        app.router.add_get("/", self._connect)
        app.router.add_get("/file/{id}", self._file)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """End what `start` began."""
        if self._socket is not None:
            await self._socket.close()
        if self._runner is not None:
            await self._runner.cleanup()

    def block(self, folder: Path) -> Mapping[str, Any]:
        """The account's block for config.yaml; the secret is written into `folder`."""
        secret = folder / "wechat_bot_secret"
        secret.write_text(self.secret, encoding="utf-8")
        return {
            "provider": "bot",
            "transport": "connection",
            "bot_id": self.bot_id,
            "secret": {"file": str(secret)},
            "bot_name": self.bot_name,
            "socket_url": self.url.replace("http", "ws", 1) + "/",
        }

    def busy(self) -> bool:
        """A frame is being answered."""
        return self._working > 0

    async def say(
        self,
        *,
        sender: str,
        text: str,
        subject: str | None = None,
        group: str | None = None,
        answers: str | None = None,
    ) -> str:
        """Somebody writes to the bot, in a group by mentioning it; returns the msgid."""
        del subject, answers
        content = f"@{self.bot_name} {text}" if group else text
        return await self.tell(sender, {"msgtype": "text", "text": {"content": content}}, group=group)

    async def press_button(self, sender: str, card: Mapping[str, Any], says: str, *, group: str | None = None) -> str:
        """Somebody presses a button of a card that the bot sent."""
        pressed = {"card_type": card["card_type"], "event_key": says, "task_id": card["task_id"]}
        event = {"eventtype": "template_card_event", "template_card_event": pressed}
        body = {"msgtype": "event", "create_time": int(self._clock.now().timestamp()), "event": event}
        return await self.tell(sender, body, group=group, cmd="aibot_event_callback")

    def put(self, content: bytes, *, disposition: str = "") -> tuple[str, str]:
        """Lay an encrypted file into the storage; returns its address and its key."""
        key, name = secrets.token_bytes(32), uuid4().hex
        pad = 32 - len(content) % 32
        writer = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
        self._files[name] = (disposition, writer.update(content + bytes([pad]) * pad) + writer.finalize())
        return f"{self.url}/file/{name}", b64encode(key).decode().rstrip("=")

    async def tell(
        self, sender: str, body: Mapping[str, Any], *, group: str | None = None, cmd: str = "aibot_msg_callback"
    ) -> str:
        """Push one callback to the bot that is connected; nobody gets it while none is."""
        msgid = f"CAIQ{uuid4().hex}"
        chat = {"chatid": group, "chattype": "group"} if group else {"chattype": "single"}
        whole = {"msgid": msgid, "aibotid": self.bot_id, **chat, "from": {"userid": sender}, **body}
        frame = {"cmd": cmd, "headers": {"req_id": uuid4().hex}, "body": whole}
        await self.raw(json.dumps(frame, ensure_ascii=False))
        if self.fault is Fault.TWICE:
            await self.raw(json.dumps(frame, ensure_ascii=False))
        return msgid

    async def raw(self, frame: str) -> None:
        """Push a frame as it stands, once a bot is connected."""
        for _ in range(1000):
            if self._socket is not None and not self._socket.closed:
                await self._socket.send_str(frame)
                return
            await asyncio.sleep(0.002)
        raise RuntimeError("no bot is connected")

    async def hang_up(self, _number: str = "") -> None:
        """The connection breaks off."""
        if self._socket is not None:
            await self._socket.close()

    async def _connect(self, request: web.Request) -> web.StreamResponse:
        if self.fault is Fault.DOWN:
            raise web.HTTPServiceUnavailable
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for message in socket:
            if message.type is WSMsgType.TEXT and not self.silent:
                self._working += 1
                try:
                    await self._answer(socket, json.loads(message.data))
                finally:
                    self._working -= 1
        return socket

    async def _answer(self, socket: web.WebSocketResponse, frame: dict[str, Any]) -> None:
        """Acknowledge a frame of the bot's as WeCom does: with its req_id and a code."""
        code = await self._code(socket, frame)
        answer = {
            "headers": {"req_id": frame["headers"]["req_id"]},
            "errcode": code,
            "errmsg": "ok" if not code else "x",
        }
        with suppress(ConnectionError):
            await socket.send_str(json.dumps(answer))

    async def _code(self, socket: web.WebSocketResponse, frame: dict[str, Any]) -> int:
        body = frame.get("body", {})
        if frame["cmd"] == "aibot_subscribe":
            if (body["bot_id"], body["secret"]) != (self.bot_id, self.secret):
                return 40001
            await self._replace(socket)
            return 0
        if socket is not self._socket:
            return 40013
        if frame["cmd"] == "ping":
            self.pings += 1
            return 0
        return self._sent(frame, body) if frame["cmd"] == "aibot_send_msg" else 40008

    async def _replace(self, socket: web.WebSocketResponse) -> None:
        """A newer connection ends the older one, which is told so."""
        old, self._socket = self._socket, socket
        if old is not None and not old.closed:
            event = {"msgtype": "event", "event": {"eventtype": "disconnected_event"}, "aibotid": self.bot_id}
            frame = {"cmd": "aibot_event_callback", "headers": {"req_id": uuid4().hex}, "body": event}
            with suppress(ConnectionError):
                await old.send_str(json.dumps(frame))
                await old.close()

    def _sent(self, frame: dict[str, Any], body: dict[str, Any]) -> int:
        """What is wrong with a message, by WeCom's checks; 0 when it was taken."""
        chat = body.get("chatid", "")
        if body.get("chat_type") not in CHAT_TYPES:
            return 40008
        if chat in self.refuses or len(self.frames) >= self.takes:
            return self.refuses.get(chat, 93006)
        text, code = shown(body)
        if code:
            return code
        self.frames.append(body)
        group = chat if body.get("chat_type") == 2 else None
        mention = re.match(r"<@([^>]+)> ", text)
        to = mention[1] if mention and group else chat
        said = text[mention.end() :] if mention and group else text
        at, req_id = self._clock.now(), frame["headers"]["req_id"]
        self.heard.append(Heard(at=at, to=to, text=said, id=req_id, group=group))
        return 0

    async def _file(self, request: web.Request) -> web.Response:
        if request.match_info["id"] not in self._files:
            raise web.HTTPForbidden
        disposition, content = self._files[request.match_info["id"]]
        headers = {"Content-Disposition": disposition} if disposition else {}
        return web.Response(body=content, headers=headers)


def build(
    *, clock: Ticker, gateway_url: str, account: str, transport: str = "connection", **more: Any
) -> BotSimulator | CallbackSimulator:
    """The provider's side of one bot: which the gateway connects to, or with "callback" that calls the gateway."""
    del more
    if transport == "callback":
        return CallbackSimulator(WecomServer(clock=clock, gateway_url=gateway_url, account=account, receiver=""))
    return BotSimulator(clock)
