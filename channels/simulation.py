"""What a simulated provider offers to the sandbox, to replay and to the tests.

A simulator speaks its provider's wire protocol on loopback. It is written from the provider's documents and imports
neither the adapter nor the parser of its channel, so that a mistake is not shared by both ends.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol, runtime_checkable


class Fault(StrEnum):
    """What is wrong with the simulated provider just now."""

    UP = "up"
    DOWN = "down"
    """Every request of ours is refused at the door (connection refused or 503)."""
    SLOW = "slow"
    """Answers come, but only after 20 seconds of the simulation's clock."""
    TWICE = "twice"
    """Every callback and message arrives two times."""


class Ticker(Protocol):
    """The simulation's clock."""

    def now(self) -> datetime:
        """Aware UTC."""
        ...

    async def sleep(self, length: timedelta) -> None:
        """Wait on the simulation's clock."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Heard:
    """One text that reached a simulated phone or mailbox; for a call: what was spoken."""

    at: datetime
    to: str
    text: str
    subject: str | None = None
    id: str = ""
    """The provider's id: a Sid, a Message-ID."""
    group: str | None = None


@dataclass(kw_only=True, slots=True)
class Ringing:
    """A call on a simulated phone that nobody has taken or ended yet."""

    at: datetime
    to: str
    id: str
    answered: bool = False
    spoken: list[str] = field(default_factory=list)


class Simulator(Protocol):
    """The provider's side of one channel account.

    Two more attributes are for the contract tests only: `person`, the id of an ordinary person there, and `exempt`,
    which parts of the suite cannot be asked of this provider (headers, body, url, type, receipts, statuses,
    retry-after, length) and why.
    """

    fault: Fault
    heard: list[Heard]
    """Everything that customers and staff got, oldest first."""

    async def start(self) -> None:
        """Listen on a free loopback port."""
        ...

    async def stop(self) -> None:
        """End what `start` began."""
        ...

    def block(self, folder: Path) -> Mapping[str, Any]:
        """The account's block for config.yaml that points at this simulator; secrets are written into `folder`."""
        ...

    async def say(
        self,
        *,
        sender: str,
        text: str,
        subject: str | None = None,
        group: str | None = None,
        answers: str | None = None,
    ) -> str:
        """A person speaks; returns the provider's id. `answers` is the id of what this replies to, theirs or ours."""
        ...

    def busy(self) -> bool:
        """A request or callback is under way at this instant (waiting on the clock does not count)."""
        ...


@runtime_checkable
class Phones(Simulator, Protocol):
    """A simulator whose phones ring."""

    def ringing(self) -> Sequence[Ringing]:
        """Calls that ring or are answered and not ended."""
        ...

    async def press(self, number: str, digit: str | None) -> None:
        """Answer the oldest ringing call of `number` if needed and press a digit; None lets voicemail take it."""
        ...

    async def hang_up(self, number: str) -> None:
        """End the call of `number`; unanswered, it counts as busy."""
        ...


Make = Callable[..., Simulator]
Wake = Callable[[], Awaitable[None]]
