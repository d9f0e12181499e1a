"""The block of one group robot in config.yaml."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from channels.settings import Secret, Settings


class Account(Settings):
    """One robot of one WeCom group."""

    provider: Literal["robot"] = "robot"
    key: Secret
    """What follows key= in the robot's webhook address."""
    api_url: str = Field(default="https://qyapi.weixin.qq.com", pattern="^https?://")
    timeout_seconds: float = Field(default=10, gt=0, le=60)
    connections: int = Field(default=20, ge=1, le=1000)
    """How many requests to the provider may be under way at once."""
    proxy: str | None = None
