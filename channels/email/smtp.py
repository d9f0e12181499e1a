"""Handing mails to the SMTP server (RFC 5321, RFC 6409) over one connection that is kept for a short while."""

from __future__ import annotations

import asyncio
import base64
import re
import ssl
from collections.abc import Awaitable

from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPException,
    SMTPResponseException,
    SMTPServerDisconnected,
    SMTPTimeoutError,
)

from channels.contract import ChannelError, GiveUp, Misconfigured, TryLater, Uncertain, Unreachable
from channels.email.config import Smtp

GONE = (SMTPServerDisconnected, SMTPTimeoutError, ConnectionError, TimeoutError)
_MAILBOX = (550, 551, 553, 501, 510, 511)
_NOWHERE = re.compile(r"5\.(?:1\.(?:1|2|3|6|10)|2\.1)\b")
"""No such mailbox or domain, moved without a new address, switched off (RFC 3463 3.2 and 3.3, RFC 7505 4.2).

Without such a status a 550 may as well be a policy (RFC 5321 4.2.3).
"""


class Sender:
    """The way out of one account; one mail at a time."""

    def __init__(self, settings: Smtp, address: str) -> None:
        """`settings` with user and password filled in; `address` is the envelope sender."""
        self._settings = settings
        self._address = address
        self._lock = asyncio.Lock()
        self._client: SMTP | None = None
        self._idle: asyncio.TimerHandle | None = None

    async def send(self, to: str, message: bytes) -> None:
        """Hand one message over; raises TryLater, GiveUp, Misconfigured, or Uncertain when the answer got lost."""
        async with self._lock:
            self._rest(stop=True)
            try:
                client = await self._addressed(to)
                await self._data(client, message)
            except BaseException:
                self._drop()
                raise
            self._rest()

    async def check(self) -> None:
        """Connect, log in and NOOP; raises as `send` does."""
        async with self._lock:
            self._drop()
            client = await self._connected()
            try:
                await _said(client.noop())
            finally:
                self._drop()

    async def close(self) -> None:
        """Give back the connection."""
        async with self._lock:
            client, self._client = self._client, None
            self._rest(stop=True)
            if client is not None and client.is_connected:
                try:
                    await client.quit(timeout=2)
                except (SMTPException, OSError, TimeoutError):
                    client.close()

    async def _addressed(self, to: str) -> SMTP:
        """A connection that has taken sender and recipient; a kept one that died meanwhile is replaced once."""
        if self._client is not None:
            try:
                return await self._envelope(self._client, to)
            except GONE:
                self._drop()
        try:
            return await self._envelope(await self._connected(), to)
        except GONE:
            raise TryLater("the mail server closed the connection or did not answer before the mail was sent") from None

    async def _envelope(self, client: SMTP, to: str) -> SMTP:
        try:
            await client.mail(self._address)
        except SMTPResponseException as refusal:
            raise _refused_sender(refusal.code) from None
        try:
            await client.rcpt(to)
        except SMTPResponseException as refusal:
            raise refused_recipient(refusal.code, refusal.message) from None
        return client

    async def _data(self, client: SMTP, message: bytes) -> None:
        try:
            await client.data(message)
        except SMTPResponseException as refusal:
            if 400 <= refusal.code < 500:
                raise TryLater(f"the mail server refuses the mail for now ({refusal.code})") from None
            raise GiveUp(f"the mail server refuses the mail ({refusal.code})") from None
        except (*GONE, SMTPException):
            raise Uncertain("the mail was sent and the server's answer did not come") from None

    async def _connected(self) -> SMTP:
        settings = self._settings
        context = ssl.create_default_context(cafile=settings.ca_file) if settings.tls != "none" else None
        client = SMTP(
            hostname=settings.host,
            port=settings.port,
            use_tls=settings.tls == "implicit",
            start_tls=settings.tls == "starttls",
            tls_context=context,
            timeout=settings.timeout_seconds,
        )
        self._client = client
        try:
            await client.connect()
            await self._log_in(client)
        except SMTPAuthenticationError as refusal:
            raise _refused_login(refusal.code) from None
        except (SMTPException, OSError, TimeoutError, ValueError) as error:
            raise self._unreached(error) from None
        return client

    async def _log_in(self, client: SMTP) -> None:
        settings = self._settings
        if settings.oauth_token:
            # SASL XOAUTH2 (developers.google.com/gmail/imap/xoauth2-protocol)
            words = f"user={settings.user}\1auth=Bearer {settings.oauth_token.reveal()}\1\1"
            answer = await client.execute_command(b"AUTH", b"XOAUTH2", base64.b64encode(words.encode()))
            if answer.code != 235:
                raise SMTPAuthenticationError(answer.code, "")
        elif settings.password and settings.login:
            await client.login(settings.user, settings.password.reveal())

    def _unreached(self, error: Exception) -> ChannelError:
        cause: BaseException | None = error
        while cause is not None:
            if isinstance(cause, ssl.SSLCertVerificationError):
                return Misconfigured(
                    f"the certificate of {self._settings.host} is not trusted; check smtp.host, or set smtp.ca_file"
                )
            cause = cause.__cause__ or cause.__context__
        if "not supported" in str(error):
            return Misconfigured(
                "the mail server offers neither the login nor the encryption that smtp asks for; check smtp.tls"
            )
        return TryLater(f"the mail server cannot be reached ({type(error).__name__})")

    def _rest(self, *, stop: bool = False) -> None:
        """Close the connection after a while without a mail."""
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None
        if not stop:
            self._idle = asyncio.get_running_loop().call_later(self._settings.idle_seconds, self._drop)

    def _drop(self) -> None:
        self._rest(stop=True)
        client, self._client = self._client, None
        if client is not None:
            client.close()


async def _said(call: Awaitable[object]) -> None:
    try:
        await call
    except (SMTPException, OSError, TimeoutError) as error:
        raise TryLater(f"the mail server does not answer ({type(error).__name__})") from None


def _refused_login(code: int) -> ChannelError:
    if 400 <= code < 500:
        return TryLater(f"the mail server cannot log anybody in just now ({code})")
    return Misconfigured(f"the mail server refuses the login ({code}); check smtp.user and the password")


def _refused_sender(code: int) -> ChannelError:
    if 400 <= code < 500:
        return TryLater(f"the mail server takes no mail just now ({code})")
    return Misconfigured(f"the mail server refuses our address as sender ({code}); check address and the smtp login")


def refused_recipient(code: int, said: str) -> ChannelError:
    """Our error for the answer to RCPT; nothing of its words is repeated, since they hold the address."""
    if 400 <= code < 500:
        return TryLater(f"the mail server takes nothing for this address just now ({code})")
    if code >= 500 and _NOWHERE.match(said):
        return Unreachable(f"the mail server says that there is no such mailbox ({code} {said.split(maxsplit=1)[0]})")
    if code in _MAILBOX:
        return GiveUp(f"the mail server says that there is no such mailbox ({code})")
    if code in (530, 554):
        return Misconfigured(f"the mail server relays nothing for us ({code}); check the smtp login")
    return GiveUp(f"the mail server refuses the address ({code})")
