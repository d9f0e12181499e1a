"""The mail provider of one account on loopback: an IMAP mailbox and an SMTP server that keeps what people get.

Written from RFC 3501, RFC 5321 and RFC 5322; it needs aiosmtpd (`pip install yizhan[sandbox]`).
"""

from __future__ import annotations

import asyncio
import email
import email.policy
import itertools
from collections.abc import Callable, Mapping
from datetime import timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any, Final

from channels.email.simulator_imap import ImapServer
from channels.simulation import Fault, Heard, Ticker

ADDRESS: Final = "support@huaxin.example"
PASSWORD: Final = "mail-password-of-the-simulation"  # noqa: S105  opens nothing but this simulator
SLOWNESS: Final = timedelta(seconds=20)


class EmailSimulator:
    """One mailbox at a provider, and everybody's mail programs."""

    person = "zhang@customer.example"

    def __init__(self, clock: Ticker, account: str, *, address: str, wants_id: bool) -> None:
        self.fault = Fault.UP
        self.heard: list[Heard] = []
        self.address = address
        self.imap = ImapServer(user=address, password=PASSWORD, gate=self._gate, wants_id=wants_id)
        self._clock = clock
        self._account = account
        self._numbers = itertools.count(1)
        self._smtp: asyncio.Server | None = None
        self._smtp_port = 0
        self._working = 0
        self._waiting = 0

    async def start(self) -> None:
        """Listen on two free loopback ports."""
        await self.imap.start()
        loop = asyncio.get_running_loop()
        self._smtp = await loop.create_server(self._smtp_protocol(), "127.0.0.1", self._smtp_port)
        self._smtp_port = self._smtp.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """End what `start` began."""
        if self._smtp is not None:
            self._smtp.close()
        await self.imap.stop()

    def block(self, folder: Path) -> Mapping[str, Any]:
        """The account's block for config.yaml; the password is written into `folder`."""
        secret = folder / f"email_{self._account}_password"
        secret.write_text(PASSWORD, encoding="utf-8")
        server = {"host": "127.0.0.1"}
        return {
            "address": self.address,
            "password": {"file": str(secret)},
            "imap": {**server, "port": self.imap.port, "tls": False},
            "smtp": {**server, "port": self._smtp_port, "tls": "none"},
        }

    def busy(self) -> bool:
        """A command is under way at this instant."""
        return self.imap.working + self._working > self._waiting

    async def say(
        self,
        *,
        sender: str,
        text: str,
        subject: str | None = None,
        group: str | None = None,
        answers: str | None = None,
    ) -> str:
        """A person writes to the mailbox; returns the Message-ID. Mail knows no groups."""
        del group
        mail = EmailMessage(policy=email.policy.SMTP)
        ident = f"<said-{next(self._numbers)}@{sender.rpartition('@')[2] or 'customer.example'}>"
        mail["Return-Path"] = f"<{sender}>"
        mail["From"], mail["To"], mail["Message-ID"] = sender, self.address, ident
        mail["Date"] = format_datetime(self._clock.now())
        if subject is not None:
            mail["Subject"] = subject
        if answers is not None:
            mail["In-Reply-To"] = mail["References"] = answers
        mail.set_content(text)
        for _ in range(2 if self.fault is Fault.TWICE else 1):
            self.imap.folders["INBOX"].add(mail.as_bytes())
        return ident

    async def _gate(self) -> None:
        if self.fault is Fault.DOWN:
            raise ConnectionResetError
        if self.fault is Fault.SLOW:
            self._waiting += 1
            try:
                await self._clock.sleep(SLOWNESS)
            finally:
                self._waiting -= 1

    def _smtp_protocol(self) -> Callable[[], asyncio.BaseProtocol]:
        from aiosmtpd.smtp import SMTP, AuthResult  # noqa: PLC0415  only the sandbox has aiosmtpd

        def check(*given: Any) -> Any:
            data = given[-1]
            good = (data.login, data.password) == (self.address.encode(), PASSWORD.encode())
            return AuthResult(success=good, handled=False)

        def protocol() -> asyncio.BaseProtocol:
            if self.fault is Fault.DOWN:
                return _Closed()
            made: asyncio.BaseProtocol = SMTP(
                self,
                hostname="mail.simulation.example",
                authenticator=check,
                auth_require_tls=False,
                enable_SMTPUTF8=True,
            )
            return made

        return protocol

    async def handle_MAIL(  # noqa: N802  aiosmtpd finds it by this name
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        """Take a sender who has logged in (RFC 4954)."""
        del server
        if not session.authenticated:
            return "530 5.7.0 Authentication required"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Keep a mail for each of its recipients."""
        del server, session
        self._working += 1
        try:
            await self._gate()
        except ConnectionError:
            return "421 4.3.2 shutting down"
        finally:
            self._working -= 1
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        body = mail.get_body(("plain",))
        text = (
            str(body.get_content()).replace("\r\n", "\n").removesuffix("\n") if isinstance(body, EmailMessage) else ""
        )
        for to in envelope.rcpt_tos:
            heard = Heard(at=self._clock.now(), to=to, text=text, subject=mail["Subject"], id=str(mail["Message-ID"]))
            self.heard.append(heard)
        return "250 OK"


class _Closed(asyncio.Protocol):
    """A door that is shut."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.close()


def build(
    *,
    clock: Ticker,
    gateway_url: str,
    account: str,
    address: str = ADDRESS,
    wants_id: bool = True,
) -> EmailSimulator:
    """The provider's side of one email account; mail calls nobody, so `gateway_url` is not used."""
    del gateway_url
    return EmailSimulator(clock, account, address=address, wants_id=wants_id)
