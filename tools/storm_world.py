"""The providers of a broadcast that is killed and paused: they fail, stall, answer late, and count what they took."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import re
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from aiohttp import web

from channels import registry
from channels.telegram_simulation import TelegramRefusal
from channels.twilio_simulation import TwilioRefusal
from tools.kill_world import SystemTime, free_port

SEND_SECONDS = 3.0
LATE = (0.3, 1.5)
"""Seconds of an answer that comes late; and of one that never comes in time below."""
STALLED = SEND_SECONDS + 1.0
FATES = (("refused", 0.012), ("cut", 0.008), ("stalled", 0.006), ("never", 0.004), ("late", 0.03))
"""What happens to a send and how often; the first four are the three percent that fail."""
MARK = re.compile(r"K\d{5}")
CUSTOMERS = "+86139"
"""What the numbers of the recipients begin with."""
LEAD = "+8613800000101"
NAMES = ("sms:main", "email:main", "telegram:main", "wechat:main")


class Storm:
    """Four providers; `async with Storm(folder, seed) as storm`."""

    def __init__(self, folder: Path, seed: int, *, fates: Sequence[tuple[str, float]] = FATES) -> None:
        self.random = random.Random(seed)  # noqa: S311 - a repeatable run, not a secret
        self.port = free_port()
        self._parts = fates
        self.taken: Counter[str] = Counter()
        """How often each address was taken to have got the broadcast."""
        self.fates: Counter[str] = Counter()
        self.last = 0.0
        """When a provider last took anything (seconds since 1970)."""
        self.paged: dict[str, float] = {}
        """When the lead was texted about which mark."""
        self._folder = folder
        self._stack = contextlib.AsyncExitStack()
        url = f"http://127.0.0.1:{self.port}"
        more = {"wechat": {"provider": "app"}}
        self.made: dict[str, Any] = {
            name: registry.simulator(name, clock=SystemTime(), gateway_url=url, account="main", **more.get(name, {}))
            for name in ("sms", "email", "telegram", "wechat")
        }

    async def __aenter__(self) -> Storm:
        self._sms()
        self._email()
        self._telegram()
        self._wechat()
        for simulator in self.made.values():
            await simulator.start()
            self._stack.push_async_callback(simulator.stop)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    def fate(self) -> str:
        """Draw what happens to a send."""
        dice = self.random.random()
        for name, part in self._parts:
            if dice < part:
                self.fates[name] += 1
                return name
            dice -= part
        return "good"

    def took(self, address: str) -> None:
        """Count a message that a provider accepted."""
        self.taken[address] += 1
        self.last = time.time()

    async def tarry(self, fate: str) -> None:
        """Answer late, or not in time."""
        if fate == "late":
            await asyncio.sleep(self.random.uniform(*LATE))
        elif fate == "stalled":
            await asyncio.sleep(STALLED)

    def _sms(self) -> None:
        sms = self.made["sms"]
        inner = sms._create

        async def create(form: Any) -> Mapping[str, Any]:
            to, body = form.get("To", ""), form.get("Body", "")
            if to == LEAD:
                for mark in MARK.findall(body):
                    self.paged.setdefault(mark, time.time())
            if not to.startswith(CUSTOMERS):
                return await inner(form)  # type: ignore[no-any-return]  # the lead, and whoever reported an outage
            fate = self.fate()
            if fate == "refused":
                raise TwilioRefusal(20429, "Too many requests", 429)
            if fate == "never":
                raise TwilioRefusal(21614, "not a mobile number")
            answer: Mapping[str, Any] = await inner(form)
            self.took(to)
            await self.tarry("stalled" if fate == "cut" else fate)
            return answer

        sms.twilio.serves("Messages", create)

    def _email(self) -> None:
        mail = self.made["email"]
        inner = mail.handle_DATA

        async def data(server: Any, session: Any, envelope: Any) -> str:
            fate = self.fate()
            if fate == "refused":
                return "451 4.7.1 try again later"
            if fate == "never":
                return "550 5.1.1 no such user"
            answer: str = await inner(server, session, envelope)
            for to in envelope.rcpt_tos:
                self.took(to)
            if fate == "cut":
                server.transport.close()
            await self.tarry(fate)
            return answer

        mail.handle_DATA = data

    def _telegram(self) -> None:
        server = self.made["telegram"].server
        inner = server._methods["sendMessage"]

        async def send(params: Mapping[str, str]) -> Any:
            fate = self.fate()
            if fate == "refused":
                raise TelegramRefusal(429, "Too Many Requests: retry after 1", retry_after=1)
            if fate == "never":
                raise TelegramRefusal(403, "Forbidden: bot was blocked by the user")
            result = await inner(params)
            self.took(str(params["chat_id"]))
            await self.tarry("stalled" if fate == "cut" else fate)
            return result

        server.serves("sendMessage", send)

    def _wechat(self) -> None:
        app = self.made["wechat"]

        async def around(request: web.Request, handler: Any) -> web.StreamResponse:
            if not request.path.endswith("/message/send"):
                answer: web.StreamResponse = await handler(request)
                return answer
            fate = self.fate()
            if fate == "refused":
                return web.Response(status=503)
            if fate == "never":
                return web.json_response({"errcode": 81013, "errmsg": "user & party & tag all invalid"})
            answered: web.StreamResponse = await handler(request)
            self.took(str((await request.json())["touser"]))
            if fate == "cut" and request.transport is not None:
                request.transport.close()
            await self.tarry(fate)
            return answered

        app.wecom.app.middlewares.append(web.middleware(around))

    def write_config(self, url: str, *, rate: float) -> None:
        """Point the gateway at this world."""
        people = {
            "zhang": {"name": "张三", "addresses": {"tel": LEAD}, "rights": ["broadcast"]},
            "li": {"name": "李雷", "addresses": {"tel": "+8613800000102"}, "rights": ["broadcast", "approve"]},
        }
        channels = {name: {"main": dict(one.block(self._folder))} for name, one in self.made.items()}
        gateway: dict[str, Any] = {
            "port": self.port,
            "public_url": f"http://127.0.0.1:{self.port}",
            "send_seconds": SEND_SECONDS,
            "quotas": {name: [] for name in NAMES},
        }
        if rate:
            gateway["limits"] = {name: {"per_second": rate, "burst": max(2, int(rate / 4))} for name in NAMES}
        router = {"people": people, "rota": {"lead": "zhang"}, "fold": {"window": "1s", "free": 100000}}
        config = {"gateway": gateway, "channels": channels, "router": router, "store": {"url": url}}
        (self._folder / "config.yaml").write_text(json.dumps(config, ensure_ascii=False), encoding="utf-8")
