"""Twilio's side of an account on loopback: the REST API and signed callbacks, for tests, replay and the sandbox.

Written from Twilio's documents (twilio.com/docs/iam/test-credentials, .../usage/webhooks/webhooks-security); it shares
no code with the adapters, so that a mistake is not made twice. It calls nobody but the gateway it was given.
"""

from __future__ import annotations

import hmac
import logging
import re
import uuid
from base64 import b64encode
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from email.utils import format_datetime
from functools import partial
from hashlib import sha1
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp
from aiohttp import web
from multidict import MultiMapping

from channels.simulated_work import Work
from channels.simulation import Fault, Ticker

SLOWNESS: Final = timedelta(seconds=20)
READ_TIMEOUT: Final = 15.0
"""Seconds that Twilio waits for a webhook (twilio.com/docs/usage/webhooks/webhooks-connection-overrides)."""
DIALLED: Final = re.compile(r"\+[1-9]\d{1,14}|\d{3,8}|[a-z]+:\S+")
Form = MultiMapping[str]
Create = Callable[[Form], Awaitable[Mapping[str, Any]]]
Show = Callable[[web.Request], web.Response]


class TwilioRefusal(Exception):
    """An error answer of the REST API (twilio.com/docs/usage/twilios-response#response-formats-exceptions)."""

    def __init__(self, code: int, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.status = status

    def response(self) -> web.Response:
        """As Twilio words it."""
        more = f"https://www.twilio.com/docs/errors/{self.code}"
        body = {"code": self.code, "message": str(self), "more_info": more, "status": self.status}
        return web.json_response(body, status=self.status)


@dataclass(frozen=True, kw_only=True, slots=True)
class Answered:
    """What the gateway answered to a callback."""

    status: int
    body: bytes


class TwilioServer:
    """The account, its HTTP server and its callbacks; what a message or a call is, the simulators add."""

    def __init__(self, *, clock: Ticker, gateway_url: str, public_url: str | None, number: str) -> None:
        self.clock = clock
        self.number = number
        self.account_sid = new_sid("AC")
        self.auth_token = uuid.uuid4().hex
        self.fault = Fault.UP
        self._gateway = gateway_url.rstrip("/")
        self._public = (public_url or gateway_url).rstrip("/")
        self._resources: dict[str, Create] = {}
        self._pages: dict[str, Show] = {}
        work = self._work = Work()
        self.errors = work.errors
        """What Twilio's debugger would show: callbacks that failed twice, TwiML that cannot be played."""
        self.busy, self.working, self.waiting, self.spawn = work.busy, work.working, work.waiting, work.spawn
        self._runner: web.AppRunner | None = None
        self._session: aiohttp.ClientSession | None = None
        self.url = ""

    def serves(self, resource: str, create: Create) -> None:
        """POST of "Messages" or "Calls" is answered by `create`."""
        self._resources[resource] = create

    def shows(self, path: str, show: Show) -> None:
        """GET of a path below the account, such as "/Calls.json", is answered by `show`; to be said before `start`."""
        self._pages[path] = show

    async def start(self) -> None:
        """Listen on a free loopback port."""
        app = web.Application()
        for path, show in self._pages.items():
            app.router.add_get(f"/2010-04-01/Accounts/{{sid}}{path}", partial(self._shown, show))
        app.router.add_post("/2010-04-01/Accounts/{sid}/{resource}.json", self._create)
        app.router.add_get("/2010-04-01/Accounts/{sid}.json", self._account)
        # A client that gave up waiting is part of the play; nobody wants its traceback.
        silent = logging.Logger("twilio simulation", level=logging.CRITICAL)  # noqa: LOG001 - on purpose outside the tree
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, logger=silent)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port: int = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{port}"
        timeout = aiohttp.ClientTimeout(total=READ_TIMEOUT)
        self._session = aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar())

    async def stop(self) -> None:
        """End the server, running calls and callbacks."""
        await self._work.stop()
        if self._session:
            await self._session.close()
        if self._runner:
            await self._runner.cleanup()

    def credentials(self, folder: Path, name: str) -> Mapping[str, Any]:
        """The part of a configuration block that any channel of this account needs."""
        secret = folder / f"{name}_auth_token"
        secret.write_text(self.auth_token, encoding="utf-8")
        return {
            "provider": "twilio",
            "account_sid": self.account_sid,
            "auth_token": {"file": str(secret)},
            "number": self.number,
            "api_url": self.url,
        }

    async def callback(self, url: str, fields: Mapping[str, str]) -> Answered | None:
        """Call one of the gateway's webhooks; TWICE calls it twice and returns the first answer."""
        form = {"AccountSid": self.account_sid, "ApiVersion": "2010-04-01", **fields}
        with self.working():
            answered = await self._delivered(url, form)
            if self.fault is Fault.TWICE:
                await self._delivered(url, form)
        return answered

    def webhook(self, channel: str, account: str) -> str:
        """The address that an account holder writes into Twilio's console."""
        return f"{self._public}/in/{channel}/{account}"

    def moment(self) -> str:
        """Now, as the API writes it (RFC 2822)."""
        return format_datetime(self.clock.now())

    async def _delivered(self, url: str, form: Mapping[str, str]) -> Answered | None:
        """One retry after a server error, a timeout or a broken connection, as by default at Twilio."""
        headers = {"X-Twilio-Signature": self._signature(url, form), "I-Twilio-Idempotency-Token": str(uuid.uuid4())}
        answered = await self._posted(url, form, headers)
        if answered is None or answered.status >= 500:
            answered = await self._posted(url, form, headers)
        if answered is None or answered.status >= 400:
            status = "no answer" if answered is None else str(answered.status)
            self.errors.append(f"11200 {urlsplit(url).path}: {status}")
        return answered

    async def _posted(self, url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Answered | None:
        if self._session is None:
            raise RuntimeError("the simulator was not started")
        try:
            async with self._session.post(self._inside(url), data=form, headers=headers) as response:
                return Answered(status=response.status, body=await response.read())
        except (aiohttp.ClientError, TimeoutError):
            return None

    def _inside(self, url: str) -> str:
        """The way through the reverse proxy: the public address is signed, the gateway's own one is called."""
        if url.startswith(self._public):
            return self._gateway + url[len(self._public) :]
        parts = urlsplit(url)
        return f"{self._gateway}{parts.path}" + (f"?{parts.query}" if parts.query else "")

    def _signature(self, url: str, form: Mapping[str, str]) -> str:
        """The address, then every name and value sorted by name, HMAC-SHA1 under the auth token, base64."""
        text = url + "".join(name + form[name] for name in sorted(form))
        return b64encode(hmac.new(self.auth_token.encode(), text.encode(), sha1).digest()).decode()

    async def _create(self, request: web.Request) -> web.Response:
        with self.working():
            try:
                await self._door(request)
                create = self._resources.get(request.match_info["resource"])
                if create is None:
                    raise TwilioRefusal(20404, "The requested resource was not found", 404)
                return web.json_response(await create(await request.post()), status=201)  # type: ignore[arg-type]
            except TwilioRefusal as refusal:
                return refusal.response()

    async def _shown(self, show: Show, request: web.Request) -> web.Response:
        with self.working():
            try:
                await self._door(request)
                return show(request)
            except TwilioRefusal as refusal:
                return refusal.response()

    async def _account(self, request: web.Request) -> web.Response:
        with self.working():
            try:
                await self._door(request)
            except TwilioRefusal as refusal:
                return refusal.response()
            return web.json_response(self._account_resource())

    def _account_resource(self) -> Mapping[str, Any]:
        return {
            "sid": self.account_sid,
            "owner_account_sid": self.account_sid,
            "auth_token": "redacted",
            "friendly_name": "simulated",
            "status": "active",
            "type": "Full",
            "date_created": self.moment(),
            "date_updated": self.moment(),
            "subresource_uris": {},
            "uri": f"/2010-04-01/Accounts/{self.account_sid}.json",
        }

    async def _door(self, request: web.Request) -> None:
        if self.fault is Fault.DOWN:
            raise TwilioRefusal(20503, "Service unavailable", 503)
        if self.fault is Fault.SLOW:
            with self.waiting():
                await self.clock.sleep(SLOWNESS)
        expected = aiohttp.encode_basic_auth(self.account_sid, self.auth_token)
        if request.headers.get("Authorization") != expected or request.match_info["sid"] != self.account_sid:
            raise TwilioRefusal(20003, "Authenticate", 401)


def new_sid(prefix: str) -> str:
    """A fresh id: two letters and 32 hex digits."""
    return f"{prefix}{uuid.uuid4().hex}"


def required(form: Form, name: str, code: int, *instead: str) -> str:
    """A posted parameter, or "" when one of `instead` came in its place; raises the refusal that Twilio documents."""
    value = form.get(name, "")
    if not value and not any(form.get(other) for other in instead):
        raise TwilioRefusal(code, f"A '{name}' is required")
    return value


def dialled(form: Form, *, missing: int, invalid: int) -> str:
    """The number in "To"; raises the refusal that Twilio documents."""
    to = required(form, "To", missing)
    if not DIALLED.fullmatch(to):
        raise TwilioRefusal(invalid, f"The 'To' number {to} is not a valid phone number.")
    return to


def magic(form: Form, to: Mapping[str, int], sender: Mapping[str, int]) -> None:
    """Raise what Twilio's documented test numbers stand for (twilio.com/docs/iam/test-credentials)."""
    for code in (sender.get(form.get("From", "")), to.get(form.get("To", ""))):
        if code is not None:
            raise TwilioRefusal(code, f"Test number for error {code}", 429 if code == 14107 else 400)
