"""Every inbound webhook: size first, then the signature, then the parse, then the store, and only then an answer.

Plain ASGI, since this is the hot path: a framework's route costs more than the whole of the work here.
"""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping, Sequence
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, quote

import structlog

from channels.contract import (
    Channel,
    ChannelError,
    Inbound,
    Malformed,
    Parsed,
    Refused,
    Reply,
    Unreadable,
    Webhook,
    Wire,
)
from channels.powers import Links
from gateway.clock import Clock
from gateway.intake import Intake
from gateway.log import trail
from gateway.metrics import Metrics
from store.db import StoreUnavailable

log = structlog.get_logger()
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
PREFIX = "/in/"


BUG = "webhook"
"""Where a request failed that was neither refused nor malformed."""


def _nobody(_channel: str) -> Sequence[str]:
    return ()


def _ignored(_channel: str) -> None:
    """Leave it to the interval: no loop of this process polls."""


class TooLong(Exception):
    """The body is longer than allowed."""


class Gone(Exception):
    """The caller went away before the whole body had come."""


class Hooks:
    """The ASGI application under /in/."""

    def __init__(
        self,
        channels: Mapping[str, Channel],
        intake: Intake,
        clock: Clock,
        *,
        public_url: str,
        body_limit: int,
        metrics: Metrics,
        duty: Callable[[str], Sequence[str]] = _nobody,
        poll: Callable[[str], None] = _ignored,
    ) -> None:
        self._channels = channels
        self._duty = duty
        """Where the people on duty are reached, in the address book of a channel account."""
        self._poll = poll
        self._routes = {name: sorted(c.webhooks(), key=lambda h: -len(h.prefix)) for name, c in channels.items()}
        self._intake = intake
        self._clock = clock
        self._public_url = public_url
        self._body_limit = body_limit
        self._metrics = metrics
        self.under_way = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or talk over one WebSocket."""
        if scope["type"] == "websocket":
            await self._converse(scope, receive, send)
            return
        self.under_way += 1
        try:
            reply = await self._reply(scope, receive)
        finally:
            self.under_way -= 1
        await _answer(send, reply)

    async def _converse(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Admit first, then accept; what comes is stored before the channel goes on."""
        name, path = _split(scope["path"])
        channel = self._channels.get(name)
        await receive()  # websocket.connect
        wire = self._wire({**scope, "method": "GET"}, path, b"")
        try:
            if not isinstance(channel, Links):
                raise Refused("no such WebSocket")
            channel.admit(wire)
        except Refused as refused:
            self._refused(name, 403, str(refused))
            await send({"type": "websocket.close", "code": 1008})
            return
        await send({"type": "websocket.accept"})
        await self._talk(name, channel, wire, Frames(receive, send))

    async def _talk(self, name: str, channel: Links, wire: Wire, frames: Frames) -> None:
        async def accept(items: Sequence[Inbound | Unreadable], *, cursor: str | None = None) -> int:
            ids = await self._intake.accept(name, items, cursor=cursor)
            self._metrics.inbound(name, "accepted", len(items))
            return sum(1 for ident in ids if ident is not None)

        try:
            await channel.converse(wire, frames, accept)
        except (ConnectionError, ChannelError, StoreUnavailable) as error:
            log.warning("WebSocket ended", channel=name, why=type(error).__name__)
        except Exception:
            log.exception("WebSocket failed in an unknown way", channel=name)
        finally:
            await frames.close()

    async def _reply(self, scope: Scope, receive: Receive) -> Reply:
        name, path = _split(scope["path"])
        hook = self._hook(name, path, scope["method"])
        if isinstance(hook, Reply):
            return hook
        try:
            body = await _body(receive, self._body_limit, _announced(scope["headers"]))
        except TooLong:
            return self._refused(name, 413, "the body is too long")
        except Gone:
            self._metrics.inbound(name, "broken_off")
            return Reply(status=400, body=b"the body is not complete")
        return await self._read(name, hook, self._wire(scope, path, body))

    async def _read(self, name: str, hook: Webhook, wire: Wire) -> Reply:
        try:
            return await self._take(name, hook.read(wire))
        except Refused as refused:
            return self._refused(name, 403, str(refused))
        except Malformed as broken:
            reply = Reply(status=400, body=f"{broken.where}: {broken.why}".encode())
            return await self._set_aside(name, wire, where=broken.where, why=broken.why, reply=reply)
        except Exception as error:
            log.exception("webhook failed in an unknown way", channel=name)
            reply = Reply(status=500, body=b"failed; the request was kept")
            return await self._set_aside(name, wire, where=BUG, why=trail(error), reply=reply)

    def _hook(self, name: str, path: str, method: str) -> Webhook | Reply:
        fitting = [hook for hook in self._routes.get(name, ()) if _under(path, hook.prefix)]
        if not fitting:
            return Reply(status=404, body=b"no such webhook")
        same = [hook for hook in fitting if hook.method == method and hook.prefix == fitting[0].prefix]
        return same[0] if same else Reply(status=405, body=b"wrong method")

    def _wire(self, scope: Scope, path: str, body: bytes) -> Wire:
        query = scope["query_string"].decode("latin-1")
        raw_path = (scope.get("raw_path") or quote(scope["path"]).encode()).decode("latin-1").partition("?")[0]
        return Wire(
            method=scope["method"],
            url=f"{self._public_url}{raw_path}{'?' + query if query else ''}",
            path=path,
            headers={key.decode("latin-1").lower(): value.decode("latin-1") for key, value in scope["headers"]},
            query=dict(parse_qsl(query, keep_blank_values=True)),
            body=body,
            at=self._clock.now(),
        )

    async def _take(self, name: str, parsed: Parsed) -> Reply:
        try:
            ids = await self._intake.accept(name, parsed.inbounds) if parsed.inbounds else []
            if parsed.updates:
                await self._intake.receive(name, parsed.updates)
        except StoreUnavailable:
            return self._unavailable(name)
        self._metrics.inbound(name, "accepted", len(parsed.inbounds))
        if parsed.poll:
            self._poll(name)
        if parsed.connect is not None:
            return parsed.connect(self._duty(name))
        if parsed.answer is not None and parsed.inbounds:
            return parsed.answer(await self._intake.answer(ids[0], channel=name, key=parsed.inbounds[0].key))
        return parsed.reply

    async def _set_aside(self, name: str, wire: Wire, *, where: str, why: str, reply: Reply) -> Reply:
        """Keep the raw bytes; a provider that repeats the same request finds them kept already."""
        query = wire.url.partition("?")[2].encode()
        digest = sha256(b"\n".join((wire.method.encode(), wire.path.encode(), query, wire.body)))
        item = Unreadable(key=f"malformed:{digest.hexdigest()}", raw=wire.body or query, where=where, why=why)
        try:
            await self._intake.accept(name, [item])
        except StoreUnavailable:
            return self._unavailable(name)
        self._metrics.inbound(name, "failed" if where == BUG else "malformed")
        return reply

    def _unavailable(self, name: str) -> Reply:
        self._metrics.inbound(name, "unavailable")
        return Reply(status=503, body=b"try again")

    def _refused(self, name: str, status: int, why: str) -> Reply:
        log.warning("webhook refused", channel=name, status=status, why=why)
        self._metrics.inbound(name, "refused")
        return Reply(status=status, body=b"refused")


class Frames:
    """One open WebSocket as a channel sees it (ASGI 3.0, websocket messages)."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._open = True

    async def receive(self) -> str | bytes | None:
        """Wait for the next frame; None when the other end has gone."""
        event = await self._receive()
        if event["type"] != "websocket.receive":
            self._open = False
            return None
        frame: str | bytes = event["text"] if event.get("text") is not None else event.get("bytes", b"")
        return frame

    async def send(self, frame: str) -> None:
        """Send a text frame; raises ConnectionError when the other end has gone."""
        if not self._open:
            raise ConnectionError("the WebSocket is closed")
        try:
            await self._send({"type": "websocket.send", "text": frame})
        except Exception as error:  # each server has an error of its own for a connection that went
            self._open = False
            raise ConnectionError("the WebSocket is closed") from error

    async def close(self) -> None:
        """Close our end."""
        if self._open:
            self._open = False
            with contextlib.suppress(RuntimeError, ConnectionError, OSError):
                await self._send({"type": "websocket.close", "code": 1001})


def _split(path: str) -> tuple[str, str]:
    parts = path.removeprefix(PREFIX).split("/", 2)
    rest = f"/{parts[2]}" if len(parts) > 2 else ""
    return ":".join(parts[:2]), rest


def _under(path: str, prefix: str) -> bool:
    return not prefix or path == prefix or path.startswith(f"{prefix}/")


def _announced(headers: Iterable[tuple[bytes, bytes]]) -> int:
    """Return the length that the caller announces; 0 where it does not."""
    length = next((value for key, value in headers if key.lower() == b"content-length"), b"")
    return int(length) if length.isdigit() else 0


async def _body(receive: Receive, limit: int, announced: int) -> bytes:
    if announced > limit:
        raise TooLong
    chunks: list[bytes] = []
    size = 0
    while True:
        event = await receive()
        if event["type"] == "http.disconnect":
            raise Gone
        chunk = event.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise TooLong
        chunks.append(chunk)
        if not event.get("more_body"):
            return b"".join(chunks)


async def _answer(send: Send, reply: Reply) -> None:
    headers = [(b"content-type", reply.type.encode()), (b"content-length", str(len(reply.body)).encode())]
    headers += [(name.lower().encode(), value.encode()) for name, value in reply.headers.items()]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body})
