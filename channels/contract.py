"""All that an adapter and the gateway say to each other; every type on the wire between them.

An adapter speaks the provider's ids only. It never sees a ticket, a database or the web framework.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Protocol, runtime_checkable

from channels.can import Can, Quota, Unit, Window
from channels.failures import ChannelError, GiveUp, Misconfigured, TryLater, Uncertain, Unreachable

__all__ = [
    "Accept", "Around", "Attachment", "Automatic", "Bounced", "Button", "Can", "Channel", "ChannelError", "Finding",
    "GiveUp", "Inbound", "Malformed", "Misconfigured", "Outgoing", "Parsed", "Polled", "Polls", "Quota", "Receipt",
    "Refused", "Remote", "Reply", "Rereads", "Spoken", "Status", "Token", "Tokens", "TryLater", "Uncertain", "Unit",
    "Unreachable", "Unreadable", "Update", "Webhook", "Window", "Wire",
]  # fmt: skip


class Automatic(StrEnum):
    """Mail that a machine wrote; it is kept and never answered (RFC 3834, RFC 3464)."""

    AUTO_REPLY = "auto-reply"
    BOUNCE = "bounce"
    BULK = "bulk"
    HISTORY = "history"
    """Of the past, brought in by an import: it is kept, and it opens nothing and rings nobody."""


class Bounced(StrEnum):
    """What a bounce says of the address (RFC 3463)."""

    HARD = "hard"
    """It will not take the next one either: there is no such mailbox or domain."""
    SOFT = "soft"
    """This mail was given up; the next one may arrive: the mailbox is full, the server away, the text refused."""
    DELAYED = "delayed"
    """It is still being tried: nothing failed."""


class Status(StrEnum):
    """What a provider says became of an Outgoing, from early to final."""

    ACCEPTED = "accepted"
    SENT = "sent"
    RINGING = "ringing"
    ANSWERED = "answered"
    """Somebody or something picked up; never proof that a human heard it."""
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Attachment:
    """A file that came with a message; `name` has no path in it."""

    name: str
    type: str
    content: bytes = field(repr=False)

    @property
    def size(self) -> int:
        """Length in bytes."""
        return len(self.content)

    @property
    def sha256(self) -> str:
        """Hex digest of the content."""
        return sha256(self.content).hexdigest()


@dataclass(frozen=True, kw_only=True, slots=True)
class Remote:
    """A file that still lies with the provider; the gateway asks the channel for it (`Fetches`) after the commit."""

    ref: str
    """What the channel's `fetch` needs to find it: a file id, a media id, an address."""
    name: str = ""
    type: str = "application/octet-stream"
    size: int | None = None
    """Bytes, where the provider says so."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Inbound:
    """One thing that somebody said, in the provider's own ids."""

    key: str
    """The provider's stable id of the message, or a digest where it has none; unique per account."""
    sender: str
    text: str = field(repr=False)
    """What is new: without quotes and signature."""
    raw: bytes = field(repr=False, default=b"")
    """The message as it came."""
    whole: str | None = field(repr=False, default=None)
    """The text with quotes and signature; None when it equals `text`."""
    sender_name: str = ""
    reply_to: str | None = None
    """Where answers go when not to `sender`."""
    group: str | None = None
    subject: str | None = None
    sent_at: datetime | None = None
    references: tuple[str, ...] = ()
    """Keys of inbound messages, ours or foreign, that this one answers or quotes; nearest first."""
    answers: tuple[str, ...] = ()
    """Keys of our own Outgoings that this one answers; nearest first."""
    automatic: Automatic | None = None
    attachments: tuple[Attachment, ...] = ()
    remotes: tuple[Remote, ...] = ()
    named: bool = False
    """In a group: the bot was spoken to (by mention, command or as an answer to it)."""
    group_name: str = ""
    """What people call the group."""
    customer: str = ""
    """The organisation, where the way by which it came proves that (a signed address)."""
    bounce: Bounced | None = None
    """Of a BOUNCE: what it means for the next mail to that address; None where it does not say."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Unreadable:
    """Genuine bytes that cannot be parsed; they go to quarantine with the place and the reason."""

    key: str
    raw: bytes = field(repr=False)
    where: str
    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Update:
    """A receipt that came later; found again by our key or, failing that, by the provider's id."""

    status: Status
    key: str | None = None
    provider_id: str | None = None
    code: str | None = None
    reason: str | None = None
    unreachable: bool = False
    """Of FAILED: the address will never take anything, as `Unreachable` says of a send."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Button:
    """Something to press under a text."""

    label: str
    says: str
    """What the press means, as if the person had written it: "1"."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Outgoing:
    """One text to one address.

    Providers that send free text use `text`; those with approved templates use `template` and `variables`.
    """

    key: str
    """Stable over attempts, so that a provider or a reader can recognise a repeat; [A-Za-z0-9-] only."""
    to: str
    text: str = field(repr=False)
    template: str = ""
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    language: str = "zh"
    """"zh" or "en"."""
    subject: str | None = None
    group: str | None = None
    in_reply_to: str | None = None
    """Key of the Inbound that this answers."""
    references: tuple[str, ...] = ()
    automatic: bool = False
    """Written by the gateway and not by a person; mail then carries Auto-Submitted (RFC 3834)."""
    buttons: tuple[Button, ...] = ()
    """Only where `Can.buttons` allows them."""
    replaces: str | None = None
    """Provider id of an earlier text that becomes this one, its buttons gone; only where `Can.edits`."""
    quotes: str | None = None
    """Provider id of the message to quote or to answer within a window: the newest of this person or group."""
    unsubscribe: str | None = None
    """Of a text for many: the https address where its reader says that they want no more, by one POST (RFC 8058)."""
    turn: int = 1
    """How many texts have answered that message, this one included (some providers want a sequence)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Receipt:
    """What the provider said when it took an Outgoing."""

    provider_id: str
    status: Status = Status.ACCEPTED
    segments: int = 1


class Refused(Exception):
    """An inbound request that is not ours or not genuine: answered 403, nothing is stored."""


class Malformed(Exception):
    """A genuine inbound request with a broken payload: answered 400, the raw bytes go to quarantine."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"{where}: {why}")
        self.where = where
        self.why = why


@dataclass(frozen=True, kw_only=True, slots=True)
class Wire:
    """One inbound HTTP request, free of any web framework."""

    method: str
    url: str
    """The public address that the provider called, rebuilt from configuration, with its query."""
    path: str
    """What follows /in/<channel>/<account>, "" or starting with "/"."""
    headers: Mapping[str, str]
    """Names in lower case."""
    query: Mapping[str, str]
    body: bytes = field(repr=False)
    at: datetime
    """When it came, aware UTC."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """One HTTP answer to a provider."""

    status: int = 200
    body: bytes = b""
    type: str = "text/plain; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)
    """More headers, such as Location."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Spoken:
    """What the gateway answers within a live exchange; `more` keeps the line open for another digit."""

    text: str
    language: str = "zh"
    more: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Parsed:
    """What one inbound request held. With `answer` the reply waits (seconds) for what the gateway has to say."""

    reply: Reply
    inbounds: Sequence[Inbound] = ()
    updates: Sequence[Update] = ()
    answer: Callable[[Spoken], Reply] | None = None
    connect: Callable[[Sequence[str]], Reply] | None = None
    """A caller waits to be put through: answered with the addresses of who is on duty, in the channel's book."""
    poll: bool = False
    """A mere hint that there is something to fetch: the account is polled now."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Webhook:
    """An address under /in/<channel>/<account> and the pure reading of what arrives there.

    `read` raises Refused or Malformed; an event that says nothing to us is an empty Parsed.
    """

    method: str
    prefix: str
    """Of the path after the account, such as "" or "/status"; the longest match wins."""
    read: Callable[[Wire], Parsed]


class Accept(Protocol):
    """Takes what a pull brought; returns after commit, with the cursor in the same transaction."""

    def __call__(self, items: Sequence[Inbound | Unreadable], *, cursor: str | None = None) -> Awaitable[int]:
        """Store the items and the cursor; returns how many were new."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Polled:
    """What one poll did; the range is the provider's own (for mail: UIDs)."""

    first: int | None = None
    last: int | None = None
    count: int = 0
    generation: str | None = None
    """What the range belongs to (for mail: UIDVALIDITY, RFC 3501 2.3.1.1)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One line of a channel's self-check for `yizhan doctor`."""

    what: str
    ok: bool | None
    """None: it could not be checked, and `note` says why."""
    note: str = ""
    cure: str = ""


class Channel(Protocol):
    """One account of one channel."""

    name: str
    """"<channel>:<account>", as in the configuration."""
    can: Can

    def webhooks(self) -> Sequence[Webhook]:
        """Where the provider calls us."""
        ...

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Hand one text to the provider; raises TryLater, GiveUp, Misconfigured or Uncertain."""
        ...

    async def check(self) -> Sequence[Finding]:
        """Ask the provider, without sending anything, whether the account works."""
        ...

    async def close(self) -> None:
        """Give back sockets."""
        ...


@runtime_checkable
class Polls(Protocol):
    """A channel that must be asked for its messages, at set times of day."""

    times: Sequence[str]
    """"HH:MM" in the site's time zone."""
    every: timedelta | None
    """In between as well, at this interval."""

    async def poll(self, cursor: str | None, accept: Accept) -> Polled:
        """Bring everything after `cursor`; raises ChannelError when the provider cannot be read."""
        ...


@runtime_checkable
class Rereads(Protocol):
    """A channel that can read quarantined bytes again once it was mended."""

    def reread(self, key: str, raw: bytes) -> Inbound | Unreadable:
        """Read bytes that were set aside under `key`."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Token:
    """An access token, and for how long from now it is good."""

    value: str = field(repr=False)
    lasts: timedelta


class Tokens(Protocol):
    """Access tokens that all processes share: at most one of them asks the provider for a new one at a time."""

    async def get(self, name: str, ask: Callable[[], Awaitable[Token]], *, refused: str | None = None) -> str:
        """Return the token called `name`, asking for one when there is none or it is near its end.

        `refused` is a token that the provider has just refused: it is not given again.
        """
        ...


async def _real_sleep(length: timedelta) -> None:
    await asyncio.sleep(max(0.0, length.total_seconds()))


@dataclass(frozen=True, kw_only=True, slots=True)
class Around:
    """What every adapter is given; everything a test replaces is here."""

    account: str
    public_url: str
    """Where providers reach us, without a trailing slash."""
    now: Callable[[], datetime]
    sleep: Callable[[timedelta], Awaitable[None]] = _real_sleep
    tokens: Tokens | None = None
    """None: the adapter keeps its own (`OwnTokens`)."""
