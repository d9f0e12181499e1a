"""The block of one customer-service account in config.yaml."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from channels.settings import Secret, Settings


class Account(Settings):
    """One customer-service account (客服账号) of a WeCom enterprise."""

    provider: Literal["kf"] = "kf"
    corp_id: str = Field(pattern="^[A-Za-z0-9_-]{6,64}$")
    """CorpID of the enterprise."""
    secret: Secret
    """Secret of the app that may call the customer-service interfaces."""
    token: Secret
    """Token of that app's callback."""
    aes_key: Secret
    """EncodingAESKey of that app's callback, 43 characters."""
    open_kfid: str = Field(pattern="^[A-Za-z0-9_-]{1,64}$")
    """The customer-service account that is read and answered from (wk...)."""
    api_url: str = Field(default="https://qyapi.weixin.qq.com", pattern="^https?://")
    timeout_seconds: float = Field(default=10, gt=0, le=60)
    connections: int = Field(default=100, ge=1, le=1000)
    """How many requests to the provider may be under way at once."""
    proxy: str | None = None
