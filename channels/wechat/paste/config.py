"""The block of one account of pasted conversations in config.yaml."""

from __future__ import annotations

from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator

from channels.settings import Settings


class Account(Settings):
    """What helps to read what people copy out of WeChat."""

    provider: Literal["paste"] = "paste"
    ours: tuple[str, ...] = ()
    """Names under which our own people write in these groups: their lines become no messages."""
    zone: str = "Asia/Shanghai"
    """The time zone of the clock beside the lines (IANA name)."""
    longest: int = Field(default=200_000, ge=1000, le=2_000_000)
    """Characters that one pasted conversation may have."""

    @field_validator("zone")
    @classmethod
    def _is_known(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("no such time zone; write a name such as Asia/Shanghai") from None
        return zone
