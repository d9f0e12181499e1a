"""The block of one official account in config.yaml."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from channels.settings import Secret, Settings


class Account(Settings):
    """One verified official account (公众号)."""

    provider: Literal["official"] = "official"
    app_id: str = Field(pattern="^wx[A-Za-z0-9]{8,32}$")
    """AppID of the account."""
    secret: Secret
    """AppSecret."""
    token: Secret
    """Token of the server configuration."""
    aes_key: Secret | None = None
    """EncodingAESKey, 43 characters; without it the plain mode (明文模式) is expected, whose body nobody signs."""
    api_url: str = Field(default="https://api.weixin.qq.com", pattern="^https?://")
    timeout_seconds: float = Field(default=10, gt=0, le=60)
    connections: int = Field(default=100, ge=1, le=1000)
    """How many requests to the provider may be under way at once."""
    proxy: str | None = None
