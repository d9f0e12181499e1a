"""The block of one sms account in config.yaml."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from channels.settings import Secret, Settings


class Account(Settings):
    """One number, or one pool of numbers, that texts come from and go to."""

    provider: Literal["twilio"] = "twilio"
    account_sid: str = Field(pattern="^AC[0-9a-fA-F]{32}$")
    auth_token: Secret
    number: str | None = None
    """The sender in E.164, as bought from the provider."""
    messaging_service_sid: str | None = Field(default=None, pattern="^MG[0-9a-fA-F]{32}$")
    """A pool of senders, instead of `number` or beside it."""
    webhook_shared_key: Secret | None = None
    """Set when Twilio signs webhooks with a shared key (HMAC-SHA256) and not with the auth token."""
    api_url: str = Field(default="https://api.twilio.com", pattern="^https?://")
    region: str = Field(default="CN", pattern="^[A-Z]{2}$")
    """The country of numbers written without a country code (ISO 3166)."""
    timeout_seconds: float = Field(default=10, gt=0, le=60)
    connections: int = Field(default=100, ge=1, le=1000)
    """How many requests to the provider may be under way at once."""
    proxy: str | None = None

    @model_validator(mode="after")
    def _has_a_sender(self) -> Self:
        if not (self.number or self.messaging_service_sid):
            raise ValueError("give number, or messaging_service_sid for a pool of numbers")
        return self
