"""The block of one official QQ bot in config.yaml."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from channels.qq_files import HOSTS
from channels.settings import Secret, Settings


class Account(Settings):
    """One bot of the QQ open platform."""

    provider: Literal["official"] = "official"
    app_id: str = Field(pattern=r"^[0-9]{5,20}$")
    """The AppID of the bot; callbacks for another one are refused."""
    app_secret: Secret
    """The AppSecret: it asks for access tokens, and its key signs callbacks."""
    api_url: str = Field(default="https://api.sgroup.qq.com", pattern="^https?://")
    """Newer documents name https://api.bot.qq.com instead."""
    token_url: str = Field(default="https://bots.qq.com/app/getAppAccessToken", pattern="^https?://")
    """Where access tokens are asked for."""
    file_hosts: tuple[str, ...] = HOSTS
    """Hosts that files are fetched from, beside the one of `api_url`."""
    timeout_seconds: float = Field(default=10, gt=0, le=60)
    """The platform asks for 5 seconds at least, lest a text that was sent goes unconfirmed."""
    connections: int = Field(default=100, ge=1, le=1000)
    """How many requests to the platform may be under way at once."""
    proxy: str | None = None
