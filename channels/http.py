"""One outgoing HTTP client for all adapters: timeouts, proxy, redaction, and status codes turned into our errors.

It never follows a redirect, never repeats a request, and never puts a path, a header or a body into an error text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import aiohttp

from channels.contract import ChannelError, GiveUp, Misconfigured, TryLater, Uncertain

CONNECT = timedelta(seconds=5)
"""Longest wait for a free connection or a new one; ending there proves that nothing was written."""


MOST = 25_000_000
"""Bytes of the longest answer that is read; the largest files that we fetch have 20 MB."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What a provider's server answered, whatever the status."""

    host: str
    status: int
    headers: Mapping[str, str]
    """Names without regard to case."""
    body: bytes = field(repr=False)
    at: datetime
    """When it came, aware UTC."""


class Http:
    """Connections to one provider, opened on first use inside the running loop and kept alive."""

    def __init__(
        self,
        *,
        timeout: timedelta,
        now: Callable[[], datetime],
        proxy: str | None = None,
        connections: int = 100,
        most: int = MOST,
    ) -> None:
        self._timeout = timeout
        self._now = now
        self._proxy = proxy
        self._connections = connections
        self._most = most
        """Bytes of an answer; the rest is not read."""
        self._session: aiohttp.ClientSession | None = None

    async def request(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> Answer:
        """One exchange; raises TryLater while nothing was written, and Uncertain after that."""
        host = ""
        try:
            host = urlsplit(url).hostname or ""
            return await self._exchange(method, url, host=host, headers=headers, body=body)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise TryLater(f"{host} could not be reached ({type(error).__name__})") from None
        except (ValueError, aiohttp.NonHttpUrlClientError):
            raise Misconfigured("the provider's address is not a valid http address") from None
        except TimeoutError:
            raise Uncertain(f"{host} did not answer in time") from None
        except (aiohttp.ClientError, OSError) as error:
            raise Uncertain(f"{host} broke off before its answer ended ({type(error).__name__})") from None

    async def close(self) -> None:
        """Give back the sockets; a later request opens new ones."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _exchange(
        self, method: str, url: str, *, host: str, headers: Mapping[str, str] | None, body: bytes | None
    ) -> Answer:
        async with self._open().request(
            method, url, headers=headers, data=body, allow_redirects=False, proxy=self._proxy
        ) as response:
            content = await response.content.read(-1) if self._small(response) else await self._bounded(response)
            return Answer(host=host, status=response.status, headers=response.headers, body=content, at=self._now())

    def _small(self, response: aiohttp.ClientResponse) -> bool:
        return response.content_length is not None and response.content_length <= self._most

    async def _bounded(self, response: aiohttp.ClientResponse) -> bytes:
        """Read an answer of unknown or great length; raises GiveUp where it is longer than may be."""
        parts, size = [], 0
        async for part in response.content.iter_chunked(1 << 16):
            size += len(part)
            if size > self._most:
                response.close()
                raise GiveUp(f"{response.url.host} answered with more than {self._most} bytes")
            parts.append(part)
        return b"".join(parts)

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            total = self._timeout.total_seconds()
            connect = min(CONNECT.total_seconds(), total / 2)
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=total, connect=connect),
                connector=aiohttp.TCPConnector(limit=self._connections, limit_per_host=self._connections),
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
            )
        return self._session


def failure(answer: Answer) -> ChannelError | None:
    """The shared status table: which of our errors an HTTP status means; None for 2xx.

    429 and 5xx: TryLater, with Retry-After (RFC 9110 10.2.3) where given; 401, 403 and a redirect: Misconfigured;
    every other 4xx: GiveUp.
    """
    said = f"{answer.host} answered {answer.status}"
    match answer.status:
        case status if 200 <= status < 300:
            return None
        case 401 | 403:
            return Misconfigured(said)
        case 429:
            return TryLater(said, after=retry_after(answer))
        case status if 400 <= status < 500:
            return GiveUp(said)
        case status if status >= 500:
            return TryLater(said, after=retry_after(answer))
    return Misconfigured(said)


def retry_after(answer: Answer) -> timedelta | None:
    """How long the server asks us to wait: seconds or a date (RFC 9110 10.2.3); None when absent or unreadable."""
    value = answer.headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return timedelta(seconds=min(int(value[:9]), 86_400))
    try:
        until = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return max(until - answer.at, timedelta())
