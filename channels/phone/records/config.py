"""The block of one account of call records in config.yaml."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator

from channels.settings import Settings


class Account(Settings):
    """The call records of one switchboard or call centre."""

    provider: Literal["records"] = "records"
    time_zone: str = "Asia/Shanghai"
    """What the clock of the switchboard shows: an IANA name. Times in logs carry no zone."""
    region: str = Field(default="CN", pattern="^[A-Z]{2}$")
    """The country of numbers written without a country code (ISO 3166)."""
    extensions: str = r"\d{2,4}"
    """Numbers of the house itself, as a whole (regular expression): what such a one dials did not come in."""
    own_numbers: tuple[str, ...] = ()
    """Numbers that the house shows when it calls; what they dial did not come in."""
    folder: Path | None = None
    """Files put here are read; None: files come by the import command only."""
    every_seconds: float = Field(default=10, ge=1, le=3600)
    """How often the folder is looked at; a file is read when its size was the same at two looks."""
    stays: tuple[str, ...] = ("Master.csv", "queue_log")
    """Logs that grow and stay where they are (file name patterns); they are read again whenever they grew."""
    fresh_hours: float = Field(default=24, gt=0)
    """A call of the watched folder that is older is kept as history: it opens nothing and rings nobody."""

    @field_validator("time_zone")
    @classmethod
    def _is_a_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            raise ValueError("not a time zone of the IANA database, such as Asia/Shanghai") from None
        return name

    @field_validator("extensions")
    @classmethod
    def _is_a_pattern(cls, pattern: str) -> str:
        try:
            re.compile(pattern)
        except re.error:
            raise ValueError("not a regular expression") from None
        return pattern
