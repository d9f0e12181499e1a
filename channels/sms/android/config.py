"""The block of one sms account on an Android phone in config.yaml."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from channels.settings import Secret, Settings


class Account(Settings):
    """One phone with the app SMS Gateway for Android, reached directly or by the app's cloud or private server."""

    provider: Literal["android"] = "android"
    api_url: str = Field(default="https://api.sms-gate.app/3rdparty/v1", pattern="^https?://")
    """The app's cloud; for a phone in the house http://192.168.1.10:8080, for a private server its address."""
    send_path: str = Field(default="/messages", pattern="^/[a-z/]+$")
    """Apps before the end of 2024 want /message in local mode."""
    user: str = Field(min_length=1)
    password: Secret
    signing_key: Secret
    """Of webhooks: the app shows it under Settings, Webhooks, Signing Key."""
    device_id: str | None = None
    """Which phone sends, where the server knows several."""
    sim: int | None = Field(default=None, ge=1, le=3)
    """Which SIM card sends; without one the app decides."""
    priority: int = Field(default=0, ge=-128, le=127)
    """From 100 on a text bypasses the limits and delays that are set in the app."""
    ttl_minutes: int = Field(default=60, ge=1, le=10080)
    """A text that the phone could not send by then is dropped and reported as failed."""
    region: str = Field(default="CN", pattern="^[A-Z]{2}$")
    """The country of numbers written without a country code (ISO 3166)."""
    timeout_seconds: float = Field(default=10, gt=0, le=60)
    connections: int = Field(default=10, ge=1, le=1000)
    """How many requests to the phone or server may be under way at once."""
    proxy: str | None = None
