"""What every block of the `router` part of config.yaml is made of: lengths of time, times of day, time zones."""

from __future__ import annotations

import re
from datetime import time, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, PlainSerializer

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
SPAN = re.compile(r"(\d+(?:\.\d+)?)([smhd])")


def read_span(value: Any) -> timedelta:
    """Read "90s", "10m", "4h" or "1d"; raises ValueError with the cure."""
    if isinstance(value, timedelta):
        return value
    if isinstance(value, str) and (found := SPAN.fullmatch(value.strip())):
        return timedelta(seconds=float(found[1]) * UNITS[found[2]])
    raise ValueError("write a length of time such as 90s, 10m, 4h or 1d")


def read_zone(value: str) -> str:
    """Accept an IANA zone name only; raises ValueError with the cure."""
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{value!r} is not a time zone; write an IANA name such as Asia/Shanghai") from None
    return value


def read_time(value: Any) -> time:
    """Read "HH:MM"; YAML turns an unquoted 08:30 into a number, so the cure says to quote it."""
    if isinstance(value, time):
        return value
    if isinstance(value, str) and re.fullmatch(r"([01]?\d|2[0-3]):[0-5]\d", value):
        hour, minute = value.split(":")
        return time(int(hour), int(minute))
    raise ValueError('write a time of day in quotes, such as "08:30"')


def write_span(value: timedelta) -> str:
    """Write a length of time so that `read_span` reads it again."""
    seconds = value.total_seconds()
    unit, size = next((one for one in reversed(UNITS.items()) if seconds % one[1] == 0), ("s", 1))
    return f"{seconds / size:.15g}{unit}" if seconds else "0s"


Span = Annotated[timedelta, BeforeValidator(read_span), PlainSerializer(write_span, return_type=str, when_used="json")]
Zone = Annotated[str, AfterValidator(read_zone)]
TimeOfDay = Annotated[time, BeforeValidator(read_time)]


class Block(BaseModel):
    """A configuration block: an unknown key is an error, and nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Hours(Block):
    """A span of the day in the site's zone; it may pass midnight."""

    begin: TimeOfDay
    end: TimeOfDay

    def holds(self, at: time) -> bool:
        """Tell whether a time of day lies in it; a span that ends where it begins is the whole day."""
        if self.begin < self.end:
            return self.begin <= at < self.end
        return at >= self.begin or at < self.end
