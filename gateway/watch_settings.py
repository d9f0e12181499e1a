"""The keys of the `gateway` block by which the gateway watches itself: heartbeat, silence of accounts, drill."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Literal

from pydantic import Field, field_validator

from channels.settings import Secret, Settings
from router.blocks import Span, TimeOfDay
from router.rota_settings import Weekday

Method = Literal["sms", "voice", "push", "mail"]
LEAST = timedelta(minutes=1)
"""Signs of life are written down once a minute: a shorter silence would be one at every look."""


class Heartbeat(Settings):
    """An outside address that rings somebody when it is no longer asked for."""

    url: Secret
    """Whoever knows it can keep it quiet, so it is a secret."""
    every: Span = timedelta(seconds=60)
    method: Literal["GET", "POST"] = "GET"

    @field_validator("url")
    @classmethod
    def _is_an_address(cls, value: Secret) -> Secret:
        if value.reveal() and not value.reveal().startswith(("https://", "http://")):
            raise ValueError("is no address; write one that begins with https:// into the secret")
        return value

    @field_validator("every")
    @classmethod
    def _is_not_pressing(cls, value: timedelta) -> timedelta:
        if value < timedelta(seconds=10):
            raise ValueError("is too often; write 10s or more")
        return value


class Drill(Settings):
    """Once a week every phone is proved on every method."""

    weekday: Weekday = "tue"
    at: TimeOfDay = time(10)
    """In the site's zone; put off when the office is closed."""
    who: Literal["everyone", "on duty"] = "everyone"
    methods: list[Method] = Field(default=["sms", "voice", "push"], min_length=1)


class WatchSettings(Settings):
    """What the gateway does to be missed when it fails."""

    heartbeat: Heartbeat | None = None
    silence: dict[str, Span] = Field(default_factory=dict)
    """By account, such as email:support: without a sign of life for this long it is late."""
    drill: Drill | None = None

    @field_validator("silence")
    @classmethod
    def _leaves_time(cls, value: dict[str, timedelta]) -> dict[str, timedelta]:
        if short := [name for name, length in value.items() if length < LEAST]:
            raise ValueError(f"{short[0]} is given less than a minute; write 1m or more")
        return value
