"""Pushes through the library Apprise (github.com/caronc/apprise), which is loaded when the first one goes out."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any, Final

from channels.contract import (
    Around,
    Can,
    Channel,
    Finding,
    GiveUp,
    Misconfigured,
    Outgoing,
    Receipt,
    Status,
    TryLater,
    Uncertain,
    Webhook,
)
from channels.im.apprise import parse
from channels.im.apprise.config import Account
from channels.settings import Settings

CAN: Final = Can(receives=False, replies=False, pushes=True, text_limit=1000)
"""The limit is that of the services with the least room (2,048 bytes with WeCom's group robots), with reserve."""
ABSENT: Final = "the package apprise is not installed"
CURE: Final = "pip install yizhan[push]"
TALKATIVE: Final = ("apprise", "urllib3")
"""Loggers that write addresses with their tokens, or texts: apprise from DEBUG on and in its errors about an address
that it cannot read, urllib3 (by which most of its services send) the path of each request."""


def library() -> Any:
    """Load Apprise and keep it and what it sends by from logging addresses; raises ImportError where it is absent."""
    loaded = import_module("apprise")
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    return loaded


class ApprisePush:
    """The named targets of one account."""

    can = CAN

    def __init__(self, account: Account, around: Around, *, load: Callable[[], Any] = library) -> None:
        self.name = f"apprise:{around.account}"
        self._account = account
        self._load = load

    def webhooks(self) -> Sequence[Webhook]:
        """None: nothing comes back."""
        return ()

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Push to the one target that `to` names; the library tells success from failure and nothing else.

        A failure is TryLater: it may be a network that is down or a token that is void, nobody can tell which, and
        for a page once too often is better than never; a void token is found when the outbox gives up.
        """
        target = self._account.targets.get(outgoing.to)
        if target is None:
            raise GiveUp("there is no target of that name")
        service = await self._service(target.reveal())
        pushing = service.async_notify(title=parse.title(outgoing), body=parse.body(outgoing), body_format="text")
        try:
            taken = await asyncio.wait_for(pushing, self._account.timeout_seconds)
        except TimeoutError:
            raise Uncertain("the push service did not answer in time") from None
        except Exception as error:  # noqa: BLE001 - its text may hold the address, and the library has 170 services
            raise TryLater(f"the push failed ({type(error).__name__})") from None
        if not taken:
            raise TryLater("the push service did not take it")
        return Receipt(provider_id=outgoing.key, status=Status.SENT)

    async def check(self) -> Sequence[Finding]:
        """Whether the library is there and can read each address; only a push would show whether a token is good."""
        try:
            await asyncio.to_thread(self._load)
        except ImportError:
            return (Finding(what="apprise is installed", ok=False, note=ABSENT, cure=CURE),)
        return tuple([await self._read(name) for name in self._account.targets])

    async def close(self) -> None:
        """There is nothing to give back: the library opens a connection for each push."""

    async def _read(self, name: str) -> Finding:
        what = f"the address of {name} can be read"
        try:
            await self._service(self._account.targets[name].reveal())
        except Misconfigured as error:
            return Finding(what=what, ok=False, note=str(error), cure="see the list of services of Apprise")
        return Finding(what=what, ok=True, note="whether its token is good shows only when something is pushed")

    async def _service(self, url: str) -> Any:
        """The library with this one target; raises Misconfigured, without the address, which holds a token."""
        return await asyncio.to_thread(self._made, url)

    def _made(self, url: str) -> Any:
        try:
            loaded = self._load()
        except ImportError:
            raise Misconfigured(f"{ABSENT}; {CURE}") from None
        service = loaded.Apprise()
        try:
            readable = service.add(url)
        except Exception as error:  # noqa: BLE001 - as above
            raise Misconfigured(f"the address of the target cannot be read ({type(error).__name__})") from None
        if not readable:
            raise Misconfigured("the address of the target cannot be read")
        return service


def build(account: Settings, around: Around) -> Channel:
    """The channel of one account; the library is not loaded yet."""
    if not isinstance(account, Account):
        raise TypeError("the apprise channel needs the settings of channels.im.apprise.config")
    return ApprisePush(account, around)
