"""Files that lie with QQ's servers until they are asked for; for every channel that QQ's messages come by."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from datetime import timedelta
from pathlib import PurePosixPath, PureWindowsPath
from typing import Final
from urllib.parse import SplitResult, urlsplit, urlunsplit

import aiohttp

from channels.contract import Attachment, ChannelError, GiveUp, Remote, TryLater

LARGEST: Final = 20 * 1024 * 1024
"""Bytes of one file at most."""
HOSTS: Final = ("multimedia.nt.qq.com.cn", "gchat.qpic.cn", "c2cpicdw.qpic.cn")
"""Where QQ keeps the files of chats, by the addresses in its own events."""
_TYPE: Final = re.compile(r"[\w.+-]{1,60}/[\w.+-]{1,60}", re.ASCII)


class QqFiles:
    """Fetches by https from the hosts that the account allows, following no redirect.

    http is upgraded to https; it stays http only where the account's own API is on this machine as well, as in tests.
    """

    def __init__(self, *, hosts: Iterable[str], api_url: str | None, timeout: timedelta, proxy: str | None) -> None:
        api = urlsplit(api_url or "").hostname or ""
        self._hosts = frozenset(host.lower() for host in (*hosts, api) if host)
        self._loopback = loopback(api)
        self._timeout = timeout.total_seconds()
        self._proxy = proxy

    async def fetch(self, remote: Remote) -> Attachment:
        """Bring one file; raises TryLater, or GiveUp when it is gone, too large or at an address that is not QQ's."""
        url = self._allowed(remote.ref)
        timeout = aiohttp.ClientTimeout(total=self._timeout)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout, trust_env=False) as session,
                session.get(url, allow_redirects=False, proxy=self._proxy) as response,
            ):
                _check(response.status)
                content = await _capped(response)
                kind = remote.type if _TYPE.fullmatch(remote.type) else response.content_type
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            raise TryLater(f"the file could not be fetched ({type(error).__name__})") from None
        return Attachment(name=remote.name or "file", type=kind, content=content)

    def _allowed(self, ref: str) -> str:
        try:
            parts = urlsplit(ref if "://" in ref else f"https://{ref}")
            host, port = (parts.hostname or "").lower(), parts.port
        except ValueError:
            raise GiveUp("the address of the file is no address") from None
        if parts.scheme not in ("http", "https") or host not in self._hosts or parts.username is not None:
            raise GiveUp("the file lies at an address that this account does not allow")
        if self._loopback and loopback(host):
            return urlunsplit(parts)
        if port not in (None, 80, 443):
            raise GiveUp("the file lies at a port that is not that of https")
        return urlunsplit(SplitResult("https", host, parts.path, parts.query, ""))


def loopback(host: str) -> bool:
    """Whether a host is this very machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def file_name(given: str) -> str:
    """Return a name without a path in it."""
    return PureWindowsPath(PurePosixPath(given).name).name[:255]


def _check(status: int) -> None:
    if status == 200:
        return
    error: ChannelError = GiveUp(f"the file is not there any more ({status})")
    if status in (401, 403, 429) or status >= 500:
        error = TryLater(f"the file cannot be had now ({status})")
    if 300 <= status < 400:
        error = GiveUp("the file has moved, and redirects are not followed")
    raise error


async def _capped(response: aiohttp.ClientResponse) -> bytes:
    content = bytearray()
    async for chunk in response.content.iter_chunked(65_536):
        content += chunk
        if len(content) > LARGEST:
            raise GiveUp("the file is larger than 20 MB")
    return bytes(content)
