"""One open reverse WebSocket: frames in, actions out, and the answers found again by their echo.

botuniverse/onebot-11, communication/ws.md and communication/ws-reverse.md.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Final

from channels.contract import Malformed, TryLater, Uncertain
from channels.powers import Link
from channels.untrusted import Untrusted

LARGEST: Final = 1024 * 1024
"""Bytes of one frame at most."""
Event = Callable[[bytes], Awaitable[None]]


class Conversation:
    """What goes over one link; `acts` says whether it takes actions (a client of the role Event does not)."""

    def __init__(self, link: Link, *, acts: bool, timeout: timedelta) -> None:
        self.acts = acts
        self._link = link
        self._timeout = timeout.total_seconds()
        self._waiting: dict[str, asyncio.Future[Untrusted]] = {}

    async def hear(self, event: Event) -> None:
        """Hand every event on until the other end goes; whoever waits for an answer then is told that none comes."""
        try:
            while (frame := await self._link.receive()) is not None:
                raw = frame.encode() if isinstance(frame, str) else frame
                if len(raw) <= LARGEST and not self._answered(raw):
                    await event(raw)
        finally:
            self.acts = False
            for waiting in self._waiting.values():
                if not waiting.done():
                    waiting.set_exception(Uncertain("the connection was lost before the answer"))

    async def act(self, action: str, params: dict[str, Any], *, echo: str) -> Untrusted:
        """Ask for an action; raises TryLater while nothing was sent, and Uncertain after that."""
        frame = json.dumps({"action": action, "params": params, "echo": echo}, ensure_ascii=False)
        with self._wait(echo) as answer:
            try:
                await self._link.send(frame)
            except ConnectionError:
                raise TryLater("the connection was lost before the text left") from None
            try:
                return await asyncio.wait_for(answer, self._timeout)
            except TimeoutError:
                raise Uncertain("the program did not answer in time") from None

    @contextmanager
    def _wait(self, echo: str) -> Iterator[asyncio.Future[Untrusted]]:
        answer: asyncio.Future[Untrusted] = asyncio.get_running_loop().create_future()
        self._waiting[echo] = answer
        try:
            yield answer
        finally:
            del self._waiting[echo]
            # An answer that nobody fetched any more is no accident worth a line in the log.
            if answer.done() and not answer.cancelled():
                answer.exception()

    def _answered(self, raw: bytes) -> bool:
        """Whether a frame is the answer to an action; one that came too late is dropped."""
        try:
            frame = Untrusted.json(raw, "frame")
            if not frame["post_type"].missing or frame["retcode"].missing:
                return False
            echo = frame["echo"].text(default="")
        except Malformed:
            return False
        answer = self._waiting.get(echo)
        if answer is not None and not answer.done():
            answer.set_result(frame)
        return True
