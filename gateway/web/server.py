"""Puts the web layer together: webhooks first and bare, then the guarded pages and the API; and serves it."""

from __future__ import annotations

import asyncio
import re
import signal
import socket
from base64 import b64encode
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from hashlib import sha256
from importlib import resources

import structlog
import uvicorn
from argon2 import PasswordHasher
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.accounts import Busy
from gateway.app import House
from gateway.web import (
    account,
    board,
    broadcast_recipients,
    broadcasts,
    engineer,
    feeds,
    groups,
    health,
    ignored,
    landing,
    landing_code,
    landing_file,
    lead,
    leaving,
    packages,
    paste,
    rota,
    sign_in,
    site,
    suppressions,
    ticket,
    troubles,
)
from gateway.web.access import CODE_PAGE, OPEN, same_origin
from gateway.web.api import build_api
from gateway.web.desk import Desk, NotYourself
from gateway.web.hooks import PREFIX
from store.db import StoreUnavailable

log = structlog.get_logger()
API = "/api/v1"
LATER = "5"
"""Seconds after which a password is better shown again, when too many wait."""
BIGGEST = 2**63 - 1
"""What a number of the store can be."""
NUMBER = re.compile(r"\s*[+-]?([0-9_]{19,})(?:\.0*)?\s*")
GRACE = 3
"""Seconds that requests under way get at the end."""
LINKED = "websockets-sansio"
"""Which of the server's WebSocket implementations; it is loaded only where a channel takes such connections."""
SIGNALS = (signal.SIGTERM, signal.SIGINT)


def build_app(
    house: House,
    *,
    home: str = "/",
    note: str = "",
    hasher: PasswordHasher | None = None,
    more: Callable[[Desk], Sequence[BaseRoute]] | None = None,
) -> ASGIApp:
    """Build the application; `more` adds pages, and `home` moves the board out of their way.

    `note` is told at the sign-in, and `hasher` makes its digests: both are for the sandbox.
    """
    desk = Desk(house, home=home, note=note, hasher=hasher)
    pages = Starlette(routes=_routes(desk, more), exception_handlers=_answers(desk))
    packed = GZipMiddleware(pages, minimum_size=1_000)

    async def fitting(scope: Scope, receive: Receive, send: Send) -> None:
        # A part of a file is counted in the bytes of the file, and most packages are packed already.
        await (pages if landing_file.is_file(scope["path"]) else packed)(scope, receive, send)

    guarded = Guard(fitting, desk)

    async def front(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket") and scope["path"].startswith(PREFIX):
            await house.hooks(scope, receive, send)
        elif scope["type"] == "http":
            await guarded(scope, receive, send)

    return front


def _routes(desk: Desk, more: Callable[[Desk], Sequence[BaseRoute]] | None) -> list[BaseRoute]:
    return [
        *(more(desk) if more else ()),
        *board.routes(desk),
        *ticket.routes(desk),
        *broadcasts.routes(desk),
        *broadcast_recipients.routes(desk),
        *groups.routes(desk),
        *ignored.routes(desk),
        *troubles.routes(desk),
        *lead.routes(desk),
        *engineer.routes(desk),
        *site.routes(desk),
        *leaving.routes(desk),
        *suppressions.routes(desk),
        *landing.routes(desk),
        *landing_file.routes(desk),
        *landing_code.routes(desk),
        *sign_in.routes(desk),
        *account.routes(desk),
        *paste.routes(desk),
        *rota.routes(desk),
        *feeds.routes(desk),
        *packages.routes(desk),
        *health.routes(desk),
        Mount(API, build_api(desk)),
        Mount("/static", StaticFiles(directory=str(resources.files("gateway.web") / "static"))),
    ]


def _answers(desk: Desk) -> dict[object, Callable[[Request, Exception], Awaitable[Response]]]:
    async def refused(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        if landing.is_page(request.url.path):
            return landing.sorry(desk, request, status=status)
        if isinstance(error, NotYourself):
            return desk.message(request, "not_yourself", status=403)
        if status == 403:
            return desk.message(request, "form_refused", status=403)
        return desk.message(request, "not_found" if status == 404 else "failed", status=status)

    async def unavailable(request: Request, error: Exception) -> Response:
        return _unavailable(desk, request, error)

    async def busy(request: Request, _: Exception) -> Response:
        return _busy(desk, request)

    return {HTTPException: refused, StoreUnavailable: unavailable, Busy: busy, Exception: refused}


def _busy(desk: Desk, request: Request) -> Response:
    if request.url.path.startswith(API):
        answer: Response = JSONResponse({"detail": desk.eye(request).words("busy_why")}, status_code=429)
    else:
        answer = desk.message(request, "busy", status=429)
    answer.headers["retry-after"] = LATER
    return answer


def _unavailable(desk: Desk, request: Request, error: Exception) -> Response:
    log.warning("store unavailable", path=request.url.path, error=str(error))
    if request.url.path.startswith(API):
        return JSONResponse({"detail": "the database is not available; try again"}, status_code=503)
    if landing.is_page(request.url.path):
        return landing.sorry(desk, request, status=503)
    return desk.message(request, "failed", status=503, why="unavailable_why")


class Guard:
    """Lets in who may come in, and puts on every answer what a browser must know."""

    def __init__(self, app: ASGIApp, desk: Desk) -> None:
        self._app = app
        self._desk = desk
        same = "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
        self._policy = f"default-src 'self'; {same}"
        # Of these pages two have a script: the engineer's draws the signature, that of a package copies its address.
        styles = {
            "/a/": (desk.lead_style, ""),
            "/e/": (desk.visit_style, "script-src 'self'; "),
            "/s/": (desk.visit_style, ""),
            "/p/": (desk.landing_style, "script-src 'self'; "),
            "/u/": (desk.lead_style, ""),
        }
        self._hidden = {
            prefix: f"default-src 'none'; style-src 'sha256-{_digest(style)}'; {script}img-src data:; {same}"
            for prefix, (style, script) in styles.items()
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope)
        path = request.url.path

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._mark(MutableHeaders(scope=message), path)
            await send(message)

        refusal = await self._refusal(request) or self._nothing(request)
        await (refusal or self._app)(scope, receive, marked)

    async def _refusal(self, request: Request) -> Response | None:
        path, access = request.url.path, self._desk.access
        api = path.startswith(API)
        if answer := await self._unknown(request, basic=api):
            return answer
        if not access.admits(request, person=self._desk.person(request)):
            if api:
                return JSONResponse({"detail": self._desk.eye(request).words("refused_why")}, status_code=403)
            return self._desk.render(request, "refused.html", status=403)
        own = request.method in ("GET", "HEAD") or access.bearer(request.headers) or same_origin(request)
        if api and not own:
            return JSONResponse({"detail": "this request came from a page elsewhere"}, status_code=403)
        return None

    async def _unknown(self, request: Request, *, basic: bool) -> Response | None:
        """Find out who of the staff it is; an answer where that cannot be told, or the password is wrong."""
        try:
            right = await self._desk.who.look(request, basic=basic)
        except StoreUnavailable as error:
            return None if self._desk.access.admits(request) else _unavailable(self._desk, request, error)
        except Busy:
            return _busy(self._desk, request)
        words = self._desk.eye(request).words
        return None if right else JSONResponse({"detail": words("sign_in_wrong")}, status_code=403)

    def _nothing(self, request: Request) -> Response | None:
        if not _names_nothing(request.scope["path"]):
            return None
        if request.url.path.startswith(API):
            return JSONResponse({"detail": "no number is as great as this one"}, status_code=404)
        return self._desk.message(request, "not_found", status=404)

    def _mark(self, headers: MutableHeaders, path: str) -> None:
        feed = path.startswith(feeds.FEEDS)
        page = "/p/" if path == CODE_PAGE else path[:3]
        hidden = feed or page in self._hidden
        headers["content-security-policy"] = self._hidden[page] if hidden and not feed else self._policy
        headers["x-content-type-options"] = "nosniff"
        headers["referrer-policy"] = "no-referrer" if hidden else "same-origin"
        if hidden:
            headers["x-robots-tag"] = "noindex, nofollow"
        # Scripts and styles carry their digest in the address.
        if not ((feed or landing_file.is_file(path)) and "etag" in headers):
            headers["cache-control"] = "max-age=604800" if path.startswith("/static/") else "no-store"


def _names_nothing(path: str) -> bool:
    """Tell whether a number stands in a path that the store could not even look for."""
    if path.startswith(OPEN):
        return False
    found = [NUMBER.fullmatch(part) for part in path.split("/")]
    digits = [one[1].replace("_", "").lstrip("0") for one in found if one]
    return any(len(one) > len(str(BIGGEST)) or int(one or 0) > BIGGEST for one in digits)


def _digest(style: str) -> str:
    return b64encode(sha256(style.encode()).digest()).decode()


def listen(host: str, port: int) -> socket.socket:
    """Open the port, 0 for a free one; raises OSError when it is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
    except OSError:
        sock.close()
        raise
    return sock


async def serve(
    app: ASGIApp,
    host: str = "127.0.0.1",
    port: int = 8000,
    *,
    stop: asyncio.Event | None = None,
    sock: socket.socket | None = None,
    links: bool = False,
) -> None:
    """Serve until `stop` is set, or without one until a signal comes; requests under way are finished first.

    `links`: WebSockets are taken too. Raises OSError when the port is taken.
    """
    sock = sock or listen(host, port)
    config = uvicorn.Config(
        app,
        loop="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        # The peer decides who may see the pages; a forged X-Forwarded-For must not replace it.
        proxy_headers=False,
        timeout_graceful_shutdown=GRACE,
        ws=LINKED if links else "none",
    )
    server = uvicorn.Server(config)
    # Else uvicorn takes the signals for itself and kills the process with them before the house has closed.
    server.capture_signals = nullcontext  # type: ignore[method-assign, assignment]
    with ending(stop) as ended:
        serving = asyncio.create_task(server.serve(sockets=[sock]))
        stopping = asyncio.create_task(ended.wait())
        try:
            await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()
            server.should_exit = True
            await serving
            sock.close()


@contextmanager
def ending(stop: asyncio.Event | None) -> Iterator[asyncio.Event]:
    """Give the event given, or one that SIGTERM and SIGINT set."""
    if stop is not None:
        yield stop
        return
    ended, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in SIGNALS:
        loop.add_signal_handler(number, ended.set)
    try:
        yield ended
    finally:
        for number in SIGNALS:
            loop.remove_signal_handler(number)
