"""The block of one app in config.yaml."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from channels.settings import Secret, Settings


class Account(Settings):
    """One self-built app (自建应用) of a WeCom enterprise."""

    provider: Literal["app"] = "app"
    corp_id: str = Field(pattern="^[A-Za-z0-9_-]{6,64}$")
    """CorpID of the enterprise."""
    agent_id: int = Field(ge=1)
    """AgentId of the app."""
    secret: Secret
    """Secret of the app."""
    token: Secret
    """Token of the app's callback."""
    aes_key: Secret
    """EncodingAESKey of the app's callback, 43 characters."""
    api_url: str = Field(default="https://qyapi.weixin.qq.com", pattern="^https?://")
    timeout_seconds: float = Field(default=10, gt=0, le=60)
    connections: int = Field(default=100, ge=1, le=1000)
    """How many requests to the provider may be under way at once."""
    proxy: str | None = None
