"""The shapes of the API for addresses that are not written to."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from gateway.web.shape import Shape
from store.model import SuppressionKind


class SuppressionShape(Shape):
    """One address to which texts for many do not go."""

    id: int
    channel: str
    """The method (sms, mail) or, for others, the channel's name."""
    address: str
    kind: SuppressionKind
    why: str
    at: datetime
    by: str
    """A staff key; "" where it came of itself or from the owner of the address."""


class AddressShape(Shape):
    """An address to leave alone or to write to again, and why; who says so is known by the password."""

    method: str
    address: str
    why: str


class ChangedShape(Shape):
    """What became of it; `same`: it was so already."""

    ok: bool
    answer: Literal["done", "same", "no_right", "no_why", "no_method", "no_address"]
    variables: dict[str, str]
