"""The block `handover`: reminders of shifts, hand-overs that must be accepted, and the weekly word to a group."""

from __future__ import annotations

from datetime import time, timedelta

from pydantic import Field

from router.blocks import Block, Span, TimeOfDay


class WeeklyPost(Block):
    """Who is on call, told to a group every Monday."""

    group: str = Field(pattern=r"^[a-z]+:[a-z0-9-]+\|\S+$")
    """Where: the account and the group's own id, with | between."""
    at: TimeOfDay = time(9)
    """Of Monday, in the site's zone."""
    language: str = Field(default="zh", pattern="^(zh|en)$")

    @property
    def place(self) -> tuple[str, str]:
        """Destination and group."""
        destination, _, group = self.group.partition("|")
        return destination, group


class HandOver(Block):
    """How a shift passes from one to the next."""

    remind: list[Span] = Field(default=[timedelta(hours=24), timedelta(hours=1)])
    """How long before a shift whoever takes over is reminded; none: not at all."""
    wait: Span = timedelta(minutes=15)
    """How long the new lead has to accept; then the previous one stays."""
    accept: bool = True
    """Ask the new lead; without, the lead passes by the clock alone."""
    post: WeeklyPost | None = None
