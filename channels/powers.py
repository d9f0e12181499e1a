"""What a channel may be able to do beyond the contract; the gateway asks each one by isinstance."""

from __future__ import annotations

from collections.abc import Awaitable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, runtime_checkable

from channels.contract import Accept, Attachment, Finding, Inbound, Outgoing, Remote, Update, Wire


@runtime_checkable
class Listens(Protocol):
    """A channel that keeps a connection of its own open, or watches something."""

    async def listen(self, accept: Accept, receipts: Receipts) -> None:
        """Run until cancelled and hand over what comes; raises ChannelError when the connection is lost.

        The gateway starts it again after a pause, and with several processes only one of them listens at a time.
        """
        ...


class Receipts(Protocol):
    """Takes receipts that came outside a webhook; returns after commit."""

    def __call__(self, updates: Sequence[Update]) -> Awaitable[None]:
        """Store them."""
        ...


class Link(Protocol):
    """One open WebSocket (RFC 6455) that a provider's program opened to us."""

    async def receive(self) -> str | bytes | None:
        """Wait for the next frame; None when the other end has gone."""
        ...

    async def send(self, frame: str) -> None:
        """Send a text frame; raises ConnectionError when the other end has gone."""
        ...


@runtime_checkable
class Links(Protocol):
    """A channel whose provider opens a WebSocket to us, at any path below /in/<channel>/<account>."""

    def admit(self, wire: Wire) -> None:
        """Check the opening request, whose body is empty; raises Refused."""
        ...

    async def converse(self, wire: Wire, link: Link, accept: Accept) -> None:
        """Talk until the other end goes or the task is cancelled; `accept` returns after commit."""
        ...


@runtime_checkable
class Fetches(Protocol):
    """A channel whose files lie with the provider until they are asked for."""

    async def fetch(self, remote: Remote) -> Attachment:
        """Bring one file; raises TryLater, or GiveUp when it is gone or too large."""
        ...


@runtime_checkable
class Probes(Protocol):
    """A channel that can look dead and quiet alike: it is asked at intervals whether it lives."""

    probe_every: timedelta

    async def probe(self) -> Finding:
        """Ask in a way that only a living account answers."""
        ...


@runtime_checkable
class Enriches(Protocol):
    """A channel that can read what a file of a message says (a scanned fax), before the message is stored."""

    async def enrich(self, inbound: Inbound) -> Inbound:
        """Return the message with what was read; never raises, says in the text that it could not be read."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class NotTaken:
    """A row of an import that could not be understood."""

    line: int
    """Counted from 1, as an editor shows it."""
    why: str


@runtime_checkable
class Imports(Protocol):
    """A channel whose past is brought in from files."""

    imports: str
    """What `yizhan import` calls it: calls or faxes."""

    def rows(self, name: str, content: bytes) -> Iterator[Inbound | NotTaken]:
        """Read one file; what opens nothing any more is for the caller to decide, by `sent_at`."""
        ...


@runtime_checkable
class Pastes(Protocol):
    """A channel that no program may read: a person pastes the conversation."""

    def pasted(self, text: str, *, group: str) -> list[Inbound]:
        """Parse a pasted conversation into what each person said; raises Malformed when no line names anybody."""
        ...


@runtime_checkable
class Invites(Protocol):
    """A channel that a customer enters by a signed address of its own."""

    def invitation(self, customer: str) -> str:
        """The address for a customer, to be handed out as a link or a QR code."""
        ...


@runtime_checkable
class Recalls(Protocol):
    """A channel whose provider takes a text back that was sent, as if it had never come."""

    recall_within: timedelta
    """How long after the send."""

    async def recall(self, provider_id: str, to: str, *, group: str | None) -> None:
        """Take one text back. Raises GiveUp when the provider does not, as when it is too late, else as `send`."""
        ...


@runtime_checkable
class Previews(Protocol):
    """A channel that sends something else than the text: it can say beforehand what, without sending it."""

    def preview(self, outgoing: Outgoing) -> str:
        """Return what would go out, as far as it is known here.

        Raises GiveUp where nothing would, and where words would be lost: a page is better cut than not sent, what
        goes to many is not.
        """
        ...
