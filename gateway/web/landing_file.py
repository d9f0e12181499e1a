"""Hands out the file of a package, whole or in parts, as fast as the asker takes it and never faster (RFC 9110 14)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing
from typing import Any, Final

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from gateway.broadcast.ranges import Beyond, Part, disposition, same, tag, wanted
from gateway.broadcast.storage import StorageTrouble
from gateway.web.desk import Desk
from gateway.web.landing import PAGE, believed, noted, refused, unknown
from store import landing
from store.landing import Found
from store.model import Package, PackageState

log = structlog.get_logger()
FILE: Final = re.compile(rf"{PAGE}/[^/]+/file")
KEPT: Final = "private, no-cache"
"""A browser may keep the file and has to ask each time whether it may still be had."""


def is_file(path: str) -> bool:
    """Tell whether a path is that of a file, which is never packed and keeps its own rule for caches."""
    return FILE.fullmatch(path) is not None


def routes(desk: Desk) -> list[BaseRoute]:
    """Return the route of the file."""

    async def fetch(request: Request) -> Response:
        return await fetched(desk, request)

    return [Route(PAGE + "/{signed:str}/file", fetch, methods=["GET"])]


async def fetched(desk: Desk, request: Request) -> Response:
    """Answer with the file, a part of it, or why not."""
    found = await believed(desk, request.path_params["signed"])
    if found is None or found.package is None:
        return unknown(desk, request)
    gone, package = found.gone(desk.house.clock.now()), found.package
    if gone or package.state != PackageState.READY:
        return refused(desk, request, found, status=410 if gone else 503)
    try:
        return await answered(desk, request, found, package)
    except StorageTrouble as error:
        log.error("a package cannot be read", package=package.id, error=str(error))
        return refused(desk, request, found, status=503)


async def answered(desk: Desk, request: Request, found: Found, package: Package) -> Response:
    """Answer with what was asked for: nothing new, a part, or the whole; raises StorageTrouble."""
    asked, etag = request.headers, tag(package.sha256)
    if same(asked.get("if-none-match"), etag):
        return Response(status_code=304, headers=about(package))
    part = wanted(asked.get("range"), asked.get("if-range"), etag=etag, size=package.size)
    if isinstance(part, Beyond):
        return Response(status_code=416, headers={"content-range": f"bytes */{package.size}", **about(package)})
    if request.method == "HEAD":
        return Parcel(package, part, bytes_=nothing(), sent=_nobody)
    return await opened(desk, found, package, part)


async def opened(desk: Desk, found: Found, package: Package, part: Part | None) -> Parcel:
    """Begin to read: what cannot be read at all is told before a byte was promised."""
    span = part or Part(0, package.size)
    chunks = desk.house.storage.read(package.place, span.start, span.end)
    first = await anext(chunks, b"")

    async def sent() -> None:
        if span.end == package.size and found.recipient.downloaded_at is None:
            await noted(desk, landing.downloaded, found)

    return Parcel(package, part, bytes_=followed(first, chunks), sent=sent)


async def followed(first: bytes, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Give the first bytes and then the others; whoever stops early gives back the file."""
    async with aclosing(chunks):  # type: ignore[type-var]  # what a storage reads is a generator
        yield first
        async for chunk in chunks:
            yield chunk


async def nothing() -> AsyncIterator[bytes]:
    """Give no bytes."""
    return
    yield b""


async def _nobody() -> None:
    """Note nothing: looking at the head is no download."""


def about(package: Package) -> Mapping[str, str]:
    """Return what every answer about the file says."""
    return {
        "etag": tag(package.sha256),
        "accept-ranges": "bytes",
        "cache-control": KEPT,
        "content-disposition": disposition(package.file or package.name),
    }


class Parcel(Response):
    """Sends the bytes one after the other; memory holds one chunk, and the next is read once that one is taken."""

    def __init__(
        self, package: Package, part: Part | None, *, bytes_: AsyncIterator[bytes], sent: Callable[[], Awaitable[None]]
    ) -> None:
        span = part or Part(0, package.size)
        headers = {**about(package), "content-length": str(span.end - span.start)}
        if part:
            headers["content-range"] = part.of(package.size)
        self.status_code = 206 if part else 200
        self.background = None
        self.media_type = "application/octet-stream"
        self.init_headers(headers)
        self._package = package
        self._size = span.end - span.start
        self._bytes = bytes_
        self._sent = sent

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send; `sent` is awaited once the last byte was handed to the connection of somebody who still listens."""
        start: dict[str, Any] = {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
        gone = asyncio.create_task(_gone(receive))
        try:
            async with aclosing(self._bytes):  # type: ignore[type-var]  # a generator of this module
                await send(start)
                whole = scope["method"] == "HEAD" or await self._stream(send, gone)
            if whole:
                await send({"type": "http.response.body", "body": b"", "more_body": False})
                await self._sent()
        finally:
            gone.cancel()

    async def _stream(self, send: Send, gone: asyncio.Task[None]) -> bool:
        """Return whether all of it went; where not, the connection is closed short and the asker sees it."""
        left = self._size
        try:
            async for chunk in self._bytes:
                if gone.done():
                    return False
                left -= len(chunk)
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
        except StorageTrouble as error:
            log.error("a package broke off", package=self._package.id, error=str(error))
            return False
        if left:
            log.error("a package is not as long as it was", package=self._package.id, missing=left)
        return not left and not gone.done()


async def _gone(receive: Receive) -> None:
    """Wait until the asker is gone."""
    while (await receive())["type"] != "http.disconnect":
        continue
