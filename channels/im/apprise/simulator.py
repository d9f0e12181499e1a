"""A service that takes pushes as JSON on loopback, and the phones that it wakes.

Written from Apprise's document of its json:// service (appriseit.com/services/json): POST of an object with version,
title, message, attachments and type; any 2xx is success.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from aiohttp import web

from channels.simulation import Fault, Heard, Ticker

SLOWNESS: Final = timedelta(seconds=20)
PHONE: Final = "lead-phone"


class PushSink:
    """One service with one phone behind it."""

    person = PHONE
    exempt: Final = {
        "length": "a line below the text says that it cannot be answered here; the tests of apprise compare the rest",
    }

    def __init__(self, *, clock: Ticker, account: str) -> None:
        self.fault = Fault.UP
        self.heard: list[Heard] = []
        self.status = 200
        """What every push is answered with."""
        self.asked = 0
        """Requests that came, taken or not."""
        self.token = secrets.token_hex(16)
        self._clock = clock
        self._account = account
        self._working = 0
        self._runner: web.AppRunner | None = None
        self._port = 0

    async def start(self) -> None:
        """Listen on a free loopback port."""
        app = web.Application()
        app.router.add_post("/{token}/{phone}", self._push)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self._port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """End the service."""
        if self._runner:
            await self._runner.cleanup()

    @property
    def address(self) -> str:
        """The phone's address as Apprise writes it; it holds the token."""
        return f"json://127.0.0.1:{self._port}/{self.token}/{PHONE}"

    def block(self, folder: Path) -> Mapping[str, Any]:
        """The account's block for config.yaml; the address is written into `folder`."""
        secret = folder / f"apprise_{self._account}_target"
        secret.write_text(self.address, encoding="utf-8")
        return {"targets": {PHONE: {"file": str(secret)}}}

    def busy(self) -> bool:
        """A push is being answered at this instant."""
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
        """Nothing can be said here: these services have no way back; returns ""."""
        del sender, text, subject, group, answers
        return ""

    async def _push(self, request: web.Request) -> web.Response:
        self.asked += 1
        if self.fault is Fault.DOWN:
            return web.Response(status=503)
        if request.match_info["token"] != self.token:
            return web.Response(status=401)
        if self.fault is Fault.SLOW:
            await self._clock.sleep(SLOWNESS)
        self._working += 1
        try:
            return self._taken(await request.json(), request.match_info["phone"])
        finally:
            self._working -= 1

    def _taken(self, push: Mapping[str, Any], phone: str) -> web.Response:
        if 200 <= self.status < 300:
            for _ in range(2 if self.fault is Fault.TWICE else 1):
                heard = Heard(
                    at=self._clock.now(), to=phone, text=push["message"], subject=push["title"] or None, id=self.token
                )
                self.heard.append(heard)
        return web.Response(status=self.status)


def build(*, clock: Ticker, gateway_url: str, account: str) -> PushSink:
    """The service behind one apprise account; it never calls the gateway."""
    del gateway_url
    return PushSink(clock=clock, account=account)
