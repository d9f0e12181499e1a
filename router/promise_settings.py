"""The keys of the `router` block about promises: what was promised, to whom something else, and what silence means."""

from __future__ import annotations

from datetime import timedelta
from typing import Self

from pydantic import Field, model_validator

from router.blocks import Block, Span


class Promise(Block):
    """What the contract promises for one level; `resolve` counts from arrival."""

    respond: Span
    arrive: Span
    resolve: Span


def default_contract() -> dict[int, Promise]:
    """Build the contract table of the design, section 2."""
    rows = {1: (10, 1, 4), 2: (15, 2, 4), 3: (30, 2, 4)}
    return {
        level: Promise(
            respond=timedelta(minutes=respond), arrive=timedelta(hours=arrive), resolve=timedelta(hours=resolve)
        )
        for level, (respond, arrive, resolve) in rows.items()
    }


class SecondLine(Block):
    """What is promised of senior staff and the manufacturer (contract, design section 2)."""

    arrive: Span = timedelta(hours=4)
    """From when it was handed over."""
    resolve: Span = timedelta(hours=4)
    """From when they came."""


class Hold(Block):
    """How long a ticket may be on hold."""

    default: Span = timedelta(hours=24)
    longest: Span = timedelta(hours=72)

    @model_validator(mode="after")
    def fits(self) -> Self:
        """Refuse a usual hold that is longer than the longest."""
        if not timedelta(0) < self.default <= self.longest:
            raise ValueError("hold.default must be more than nothing and no longer than hold.longest")
        return self


def default_still() -> dict[int, timedelta]:
    """Say after how long whoever took a ticket and did nothing is asked whether they are still on it, by level."""
    return {1: timedelta(minutes=30), 2: timedelta(hours=1), 3: timedelta(hours=4)}


class Promises(Block):
    """The part of the router's settings that speaks of promises."""

    contract: dict[int, Promise] = Field(default_factory=default_contract)
    contracts: dict[str, dict[int, Promise]] = Field(default={})
    """Figures for customers with this contract or grade; they replace those of `contract` level by level."""
    complaint_answer: Span = timedelta(days=1)
    """Whole days are working days of the calendar."""
    emergency_arrive: Span = timedelta(hours=4)
    second_line: SecondLine = SecondLine()
    hold: Hold = Hold()
    workaround_after: Span = timedelta(days=5)
    """After a workaround the owner is reminded this often that the cause is still open; whole days are working days."""
    still: dict[int, Span] = Field(default_factory=default_still)
    """Without a move or a note for so long, the owner of a ticket of this level is asked; level 3 is all else."""
    still_wait: Span = timedelta(minutes=10)
    """How long the answer is awaited before somebody else is asked."""

    @model_validator(mode="after")
    def every_level(self) -> Self:
        """Refuse tables that leave a level out, or name one that there is not."""
        if set(self.contract) != {1, 2, 3}:
            raise ValueError("contract needs exactly the levels 1, 2 and 3")
        if set(self.still) != {1, 2, 3}:
            raise ValueError("still needs exactly the levels 1, 2 and 3, such as still: {1: 30m, 2: 1h, 3: 4h}")
        for name, figures in self.contracts.items():
            if not figures or set(figures) - {1, 2, 3}:
                raise ValueError(f"contracts.{name} needs figures for some of the levels 1, 2 and 3")
        if min(*self.still.values(), self.still_wait, self.workaround_after) <= timedelta(0):
            raise ValueError("still, still_wait and workaround_after must be more than nothing")
        return self
