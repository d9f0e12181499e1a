"""The block `router.dispatch`: how long somebody who is sent on site may think, and when a wish is brought to mind."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field

from router.blocks import Block, Span


class Dispatch(Block):
    """What holds for sending somebody on site."""

    answer_urgent: Span = timedelta(minutes=10)
    """How long an engineer may take to accept for a fault of level 1; silence is a no."""
    answer: Span = timedelta(minutes=30)
    """The same for everything else."""
    remind_before: Span = timedelta(hours=2)
    """So long before the time that a customer wants, whoever has the ticket hears that nobody was sent."""
    site_codes: bool = False
    """QR codes hang at the sites: an engineer without an app or a mail gets four digits for them by text."""
    offers: int = Field(default=3, ge=1, le=9)
    """How many engineers are named to whoever asks."""
