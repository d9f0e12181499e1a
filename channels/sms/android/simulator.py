"""A simulated phone with the app SMS Gateway for Android, and everybody's phones; knows nothing of the adapter.

Written from the app's description (capcom6/android-sms-gateway, assets/api/swagger.json) and its documentation.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import re
import uuid
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import aiohttp
from aiohttp import web

from channels.simulated_work import Work
from channels.simulation import Fault, Heard, Ticker

SLOWNESS: Final = timedelta(seconds=20)
READ_TIMEOUT: Final = 30.0
"""Seconds that the app waits for a webhook."""
AGAIN: Final = (0, 10, 20, 40)
"""Seconds before each attempt; the real app goes on for two days."""
NUMBER: Final = re.compile(r"\+[1-9]\d{6,14}|\d{3,6}")
EVENTS: Final = ("sms:received", "sms:sent", "sms:delivered", "sms:failed")


class SmsSimulator:
    """One Android phone and the people who text with it."""

    exempt: Mapping[str, str] = {
        "url": "the app signs the body and the time, not the address",
        "type": "the app signs the body and the time, not the content type",
    }

    def __init__(self, *, clock: Ticker, gateway_url: str, account: str) -> None:
        self.heard: list[Heard] = []
        self.fault = Fault.UP
        self.unreachable: dict[str, str] = {}
        """Numbers to which the phone cannot send, with the reason it gives."""
        self.password = uuid.uuid4().hex
        self.signing_key = uuid.uuid4().hex
        self.messages: dict[str, Mapping[str, Any]] = {}
        self.url = ""
        self._clock = clock
        self._webhook = f"{gateway_url.rstrip('/')}/in/sms/{account}"
        self._account = account
        self._device = uuid.uuid4().hex[:21]
        self._work = Work()
        self.errors = self._work.errors
        self._runner: web.AppRunner | None = None
        self._session: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        """Listen on a free loopback port."""
        app = web.Application()
        app.router.add_post("/messages", self._create)
        app.router.add_get("/devices", self._devices)
        app.router.add_get("/webhooks", self._webhooks)
        silent = logging.Logger("android simulation", level=logging.CRITICAL)  # noqa: LOG001 - on purpose outside the tree
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, logger=silent)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        timeout = aiohttp.ClientTimeout(total=READ_TIMEOUT)
        self._session = aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar())

    async def stop(self) -> None:
        """End what `start` began."""
        await self._work.stop()
        if self._session:
            await self._session.close()
        if self._runner:
            await self._runner.cleanup()

    def block(self, folder: Path) -> Mapping[str, Any]:
        """The account's block for config.yaml; the secrets are written into `folder`."""
        files = {name: folder / f"sms_{self._account}_{name}" for name in ("password", "signing_key")}
        files["password"].write_text(self.password, encoding="utf-8")
        files["signing_key"].write_text(self.signing_key, encoding="utf-8")
        secrets = {name: {"file": str(file)} for name, file in files.items()}
        return {"provider": "android", "api_url": self.url, "user": "sms", **secrets}

    def busy(self) -> bool:
        """A request or webhook is under way at this instant."""
        return self._work.busy()

    async def say(
        self,
        *,
        sender: str,
        text: str,
        subject: str | None = None,
        group: str | None = None,
        answers: str | None = None,
    ) -> str:
        """A person texts the phone; returns the id of the event. A text has no subject, group or reference."""
        del subject, group, answers
        message = hashlib.sha256(f"{sender}{text}".encode()).hexdigest()[:8]
        payload = {
            "messageId": message,
            "message": text,
            "sender": sender,
            "recipient": None,
            "phoneNumber": sender,
            "simNumber": 1,
            "receivedAt": self._clock.now().isoformat(timespec="milliseconds"),
        }
        return await self.tell("sms:received", payload)

    async def tell(self, event: str, payload: Mapping[str, Any]) -> str:
        """The phone calls the webhook for one event, again after an answer that is not 2xx; returns the event's id."""
        ident = uuid.uuid4().hex[:21]
        told = {"deviceId": self._device, "event": event, "id": ident, "payload": payload, "webhookId": "w-1"}
        body = json.dumps(told, ensure_ascii=False).encode()
        with self._work.working():
            for seconds in AGAIN:
                if seconds:
                    with self._work.waiting():
                        await self._clock.sleep(timedelta(seconds=seconds))
                if await self._posted(body):
                    if self.fault is Fault.TWICE:
                        await self._posted(body)
                    return ident
        self.errors.append(f"the webhook for {event} was given up")
        return ident

    async def _posted(self, body: bytes) -> bool:
        if self._session is None:
            raise RuntimeError("the simulator was not started")
        stamp = str(int(self._clock.now().timestamp()))
        signature = hmac.new(self.signing_key.encode(), body + stamp.encode(), hashlib.sha256).hexdigest()
        headers = {"Content-Type": "application/json", "X-Signature": signature, "X-Timestamp": stamp}
        try:
            async with self._session.post(self._webhook, data=body, headers=headers) as response:
                return 200 <= response.status < 300
        except (aiohttp.ClientError, TimeoutError):
            return False

    async def _create(self, request: web.Request) -> web.Response:
        with self._work.working():
            refused = await self._door(request)
            if refused is not None:
                return refused
            message = await request.json()
            numbers = message.get("phoneNumbers", [])
            text = (message.get("textMessage") or {}).get("text", "")
            if not (len(numbers) == 1 and NUMBER.fullmatch(numbers[0]) and 0 < len(text) < 65536):
                return _error(400, "Invalid request")
            ident = message.get("id") or uuid.uuid4().hex[:21]
            if len(ident) > 36 or ident in self.messages:
                return _error(409 if ident in self.messages else 400, "Message with such ID already exists")
            self.messages[ident] = message
            self._work.spawn(self._send(ident, numbers[0], text))
            recipients = [{"phoneNumber": numbers[0], "state": "Pending"}]
            body = {"id": ident, "deviceId": self._device, "state": "Pending", "recipients": recipients}
            return web.json_response(body, status=202)

    async def _send(self, ident: str, to: str, text: str) -> None:
        base = {"messageId": ident, "sender": None, "recipient": to, "phoneNumber": to, "simNumber": 1}
        at = self._clock.now().isoformat(timespec="milliseconds")
        if to in self.unreachable:
            await self.tell("sms:failed", {**base, "failedAt": at, "reason": self.unreachable[to]})
            return
        self.heard.append(Heard(at=self._clock.now(), to=to, text=text, id=ident))
        await self.tell("sms:sent", {**base, "sentAt": at})
        await self.tell("sms:delivered", {**base, "deliveredAt": at})

    async def _devices(self, request: web.Request) -> web.Response:
        with self._work.working():
            listed = [{"id": self._device, "name": "simulated", "lastSeen": self._clock.now().isoformat()}]
            return await self._door(request) or web.json_response(listed)

    async def _webhooks(self, request: web.Request) -> web.Response:
        with self._work.working():
            listed = [{"id": event, "url": self._webhook, "event": event} for event in EVENTS]
            return await self._door(request) or web.json_response(listed)

    async def _door(self, request: web.Request) -> web.Response | None:
        if self.fault is Fault.DOWN:
            return _error(503, "Queue limits exceeded")
        if self.fault is Fault.SLOW:
            with self._work.waiting():
                await self._clock.sleep(SLOWNESS)
        if request.headers.get("Authorization") != aiohttp.encode_basic_auth("sms", self.password):
            return _error(401, "Unauthorized")
        return None


def build(*, clock: Ticker, gateway_url: str, account: str) -> SmsSimulator:
    """One phone with the app, for one sms account."""
    return SmsSimulator(clock=clock, gateway_url=gateway_url, account=account)


def _error(status: int, message: str) -> web.Response:
    return web.json_response({"code": status, "message": message}, status=status)
