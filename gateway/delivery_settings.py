"""The keys of `gateway` that say how much a provider takes, how long a page waits for a receipt, and what is late."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from pydantic import Field, field_validator

from channels.settings import Settings
from router.blocks import Hours, Span

METHODS = ("push", "sms", "voice", "mail")


class QuotaBlock(Settings):
    """At most `most` texts within a sliding window."""

    most: int = Field(ge=1)
    within: Span
    per: str = Field(default="number", pattern="^(number|template|group|account)$")
    """number: to one recipient; template: of one template to one recipient; group: to one group; account: in all."""
    hours: Hours | None = None
    """It holds only in these hours of the day."""


def default_waits() -> dict[str, timedelta]:
    """Give how long a page waits for its receipt."""
    return {"sms": timedelta(seconds=90), "voice": timedelta(seconds=60), "push": timedelta(seconds=60)}


class DeliverySettings(Settings):
    """What the dispatcher and the pager are told of providers."""

    quotas: dict[str, list[QuotaBlock]] = Field(default_factory=dict)
    """By account, such as sms:main; an own list takes the place of what the provider's documents say."""
    receipt_after: dict[str, Span] = Field(default_factory=default_waits)
    """By method: a page without a receipt by then goes on by the next account or method; 0s waits for none."""
    late_after: Span = timedelta(seconds=30)
    """A page that leaves later than this after it was due is written down as late."""

    @field_validator("receipt_after", mode="before")
    @classmethod
    def _keep_the_others(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        for method in value:
            if method not in METHODS:
                raise ValueError(f"{method!r} is no method; write one of {', '.join(METHODS)}")
        return {**default_waits(), **value}
