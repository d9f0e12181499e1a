"""The block of one WeCom smart bot in config.yaml."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from channels.settings import Secret, Settings


class Account(Settings):
    """One smart bot (智能机器人) in API mode, by callback or by a long connection."""

    provider: Literal["bot"] = "bot"
    transport: Literal["callback", "connection"] = "callback"
    """callback: WeCom calls us, and each message can be answered once within an hour.
    connection: we keep a WebSocket open, need no public address, and can write at any time."""
    token: Secret | None = None
    """For callback: the Token of the bot's API mode."""
    aes_key: Secret | None = None
    """For callback: the EncodingAESKey, 43 characters."""
    bot_id: str = Field(default="", pattern="^[0-9A-Za-z_-]{0,64}$")
    """For connection: the Bot ID. For callback, given: messages of another bot are refused."""
    secret: Secret | None = None
    """For connection: the Secret of the long connection."""
    bot_name: str = ""
    """What the bot is called in groups, to be taken out of the text; without it, the first @word is."""
    api_url: str = Field(default="https://qyapi.weixin.qq.com", pattern="^https?://")
    """For callback: where answers are posted; an answer address elsewhere is not used."""
    socket_url: str = Field(default="wss://openws.work.weixin.qq.com", pattern="^wss?://")
    file_hosts: tuple[str, ...] = (".myqcloud.com",)
    """Where pictures and files may be fetched from: host names, or ends of them with a dot before."""
    timeout_seconds: float = Field(default=10, gt=0, le=60)
    connections: int = Field(default=100, ge=1, le=1000)
    """How many requests to the provider may be under way at once."""
    proxy: str | None = None

    @model_validator(mode="after")
    def _has_what_its_transport_needs(self) -> Self:
        if self.transport == "callback" and not (self.token and self.aes_key):
            raise ValueError("transport callback needs token and aes_key")
        if self.transport == "connection" and not (self.bot_id and self.secret):
            raise ValueError("transport connection needs bot_id and secret")
        return self
