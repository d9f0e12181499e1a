"""The block of one pager bot in config.yaml."""

from __future__ import annotations

import re

from pydantic import Field, field_validator

from channels.settings import Secret, Settings
from channels.telegram_account import API_URL, safe_address


class Account(Settings):
    """The staff's private bot; never the one that customers write to."""

    token: Secret
    """As @BotFather gave it."""
    allowed: list[str] = Field(min_length=1)
    """User ids at Telegram of those who may speak to the bot; of everybody else nothing is kept or answered."""
    poll_seconds: int = Field(default=25, ge=1, le=50)
    """How long Telegram keeps a request for messages open while there are none."""
    api_url: str = Field(default=API_URL, pattern="^https?://")
    timeout_seconds: float = Field(default=10, gt=0, le=60)
    proxy: str | None = None

    @field_validator("allowed")
    @classmethod
    def _are_ids(cls, allowed: list[str]) -> list[str]:
        if not all(re.fullmatch(r"[1-9]\d{0,19}", one) for one in allowed):
            raise ValueError("allowed holds user ids, which are plain numbers; @userinfobot tells yours")
        return allowed

    @field_validator("api_url")
    @classmethod
    def _is_safe(cls, url: str) -> str:
        return safe_address(url)
