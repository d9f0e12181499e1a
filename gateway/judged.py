"""What became of one message."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """What became of one message."""

    message_id: int
    spoken: str | None = None
    """What a caller who is still on the line should hear."""
    language: str = "zh"
    more: bool = False
