"""The block of one phone account in config.yaml."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from channels.settings import Secret, Settings


class Account(Settings):
    """One number that calls people and takes the digit they press."""

    provider: Literal["twilio"] = "twilio"
    account_sid: str = Field(pattern="^AC[0-9a-fA-F]{32}$")
    auth_token: Secret
    number: str = Field(pattern=r"^\+[1-9][0-9]{6,14}$")
    """The caller id in E.164: bought from the provider or verified there."""
    webhook_shared_key: Secret | None = None
    """Set when Twilio signs webhooks with a shared key (HMAC-SHA256) and not with the auth token."""
    api_url: str = Field(default="https://api.twilio.com", pattern="^https?://")
    region: str = Field(default="CN", pattern="^[A-Z]{2}$")
    """The country of numbers written without a country code (ISO 3166)."""
    timeout_seconds: float = Field(default=10, gt=0, le=60)
    connections: int = Field(default=100, ge=1, le=1000)
    """How many requests to the provider may be under way at once."""
    proxy: str | None = None
    ring_seconds: int = Field(default=25, ge=5, le=600)
    """How long the phone rings; below about 30 most mailboxes do not answer in its place."""
    digit_seconds: int = Field(default=6, ge=1, le=60)
    """How long a key is awaited after the text was spoken."""
    chinese_language: str = "cmn-CN"
    chinese_voice: str = "Polly.Zhiyu"
    english_language: str = "en-US"
    english_voice: str = "Polly.Joanna"
    """Languages and voices as in twilio.com/docs/voice/twiml/say/text-speech."""
