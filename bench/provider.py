"""The smallest provider: takes Twilio's POST of a message, notes when it came, answers 201 with a sid."""

from __future__ import annotations

import asyncio
import itertools
import time
from dataclasses import dataclass
from urllib.parse import parse_qs


@dataclass(frozen=True, slots=True)
class Taken:
    """One text handed over; `at` by the clock of perf_counter."""

    at: float
    to: str
    text: str
    callback: str


class Provider:
    """`async with Provider() as provider`."""

    def __init__(self) -> None:
        self.taken: list[Taken] = []
        self.url = ""
        self._numbers = itertools.count(1)

    async def __aenter__(self) -> Provider:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Connection(self), "127.0.0.1", 0, backlog=1024)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    def take(self, at: float, body: bytes) -> bytes:
        form = parse_qs(body.decode())
        callback = form.get("StatusCallback", [""])[0]
        self.taken.append(Taken(at, form["To"][0], form["Body"][0], callback))
        answer = b'{"sid":"SM%032d","status":"queued","num_segments":"1","error_code":null}' % next(self._numbers)
        return (
            b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(answer)
        ) + answer


class _Connection(asyncio.Protocol):
    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        at = time.perf_counter()
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end].lower()
            length = int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0] or 0)
            if len(self._buffer) < end + 4 + length:
                return
            body, self._buffer = self._buffer[end + 4 : end + 4 + length], self._buffer[end + 4 + length :]
            self._transport.write(self._provider.take(at, body))  # type: ignore[attr-defined]
