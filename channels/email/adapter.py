"""The email channel: one support mailbox, fetched over IMAP and answered over SMTP."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from datetime import timedelta
from typing import Final

from channels.contract import (
    Accept,
    Around,
    Can,
    Channel,
    ChannelError,
    Finding,
    Inbound,
    Outgoing,
    Polled,
    Receipt,
    Unreadable,
    Webhook,
)
from channels.email.compose import compose, message_id, recipient
from channels.email.config import Account
from channels.email.imap import Session
from channels.email.mailbox import Mailbox
from channels.email.reading import Reader
from channels.email.smtp import Sender
from channels.email.structure import Limits
from channels.settings import Settings

CAN: Final = Can(threads=True, links=True, vouches=False, book="email")


class Email:
    """One account of mail."""

    def __init__(self, account: Account, around: Around) -> None:
        self.name = f"email:{around.account}"
        self.can = CAN
        self.times: Sequence[str] = account.times
        self.every = timedelta(minutes=account.every_minutes) if account.every_minutes else None
        self._account = account
        self._around = around
        limits = Limits(size=int(account.max_mb * 1e6), parts=account.max_parts, depth=account.max_depth)
        self._reader = Reader(limits, account.our_domain)
        self._mailbox = Mailbox(account, self._reader, open_session=self._session)
        self._sender = Sender(account.smtp_login(), account.address)

    def webhooks(self) -> Sequence[Webhook]:
        """None: mail is fetched."""
        return ()

    async def poll(self, cursor: str | None, accept: Accept) -> Polled:
        """Bring everything after `cursor`; raises ChannelError when the mailbox cannot be read."""
        return await self._mailbox.poll(cursor, accept)

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Hand one mail to the server; raises TryLater, GiveUp, Misconfigured or Uncertain."""
        to = recipient(outgoing, self._account)
        await self._sender.send(to, compose(outgoing, self._account, now=self._around.now()))
        return Receipt(provider_id=message_id(outgoing.key, self._account.our_domain))

    def reread(self, key: str, raw: bytes) -> Inbound | Unreadable:
        """Read a mail that was set aside; the key is found anew in the mail itself."""
        del key
        return self._reader.again(raw)

    async def check(self) -> Sequence[Finding]:
        """Log in at both servers and look at the mailbox without changing anything."""
        account = self._account
        return (
            await _found(f"mailbox {account.imap.mailbox} at {account.imap.host}:{account.imap.port}", self._look()),
            await _found(f"mail out over {account.smtp.host}:{account.smtp.port}", self._sender.check()),
        )

    async def close(self) -> None:
        """Give back sockets."""
        await self._sender.close()

    def _session(self) -> Session:
        return Session(self._account.imap_login())

    async def _look(self) -> None:
        session = self._session()
        try:
            await session.open()
            await session.select(self._account.imap.mailbox, examine=True)
        finally:
            await session.close()


def build(account: Settings, around: Around) -> Channel:
    """The channel of one account; nothing is connected yet."""
    if not isinstance(account, Account):
        raise TypeError("the email channel needs the settings of channels.email.config")
    return Email(account, around)


async def _found(what: str, look: Awaitable[None]) -> Finding:
    try:
        await look
    except ChannelError as problem:
        reason, _, cure = str(problem).partition("; ")
        return Finding(what=what, ok=False, note=reason, cure=cure)
    return Finding(what=what, ok=True)
