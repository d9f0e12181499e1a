"""The block of one Telegram bot for customers in config.yaml."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from channels.settings import Secret, Settings
from channels.telegram_account import API_URL, safe_address


class Account(Settings):
    """One bot; never the one that pages."""

    token: Secret
    """As @BotFather gave it."""
    username: str = Field(pattern="^[A-Za-z][A-Za-z0-9_]{3,31}$")
    """The bot's name without @, by which people call it in groups."""
    transport: Literal["polling", "webhook"] = "polling"
    webhook_secret: Secret | None = None
    """What Telegram sends in X-Telegram-Bot-Api-Secret-Token; needed with transport: webhook."""
    poll_seconds: int = Field(default=25, ge=1, le=50)
    """How long Telegram keeps a request for messages open while there are none."""
    api_url: str = Field(default=API_URL, pattern="^https?://")
    timeout_seconds: float = Field(default=10, gt=0, le=60)
    proxy: str | None = None

    @field_validator("api_url")
    @classmethod
    def _is_safe(cls, url: str) -> str:
        return safe_address(url)

    @model_validator(mode="after")
    def _has_a_secret(self) -> Self:
        if self.transport == "webhook" and self.webhook_secret is None:
            raise ValueError("transport: webhook needs a webhook_secret")
        return self
