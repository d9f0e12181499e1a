"""The block of one hotline account in config.yaml."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from channels.settings import Secret, Settings


class Account(Settings):
    """One number that customers call: it is put through to who is on duty, or takes a message."""

    provider: Literal["twilio"] = "twilio"
    account_sid: str = Field(pattern="^AC[0-9a-fA-F]{32}$")
    auth_token: Secret
    number: str = Field(pattern=r"^\+[1-9][0-9]{6,14}$")
    """The number that customers dial, in E.164."""
    webhook_shared_key: Secret | None = None
    """Set when Twilio signs webhooks with a shared key (HMAC-SHA256) and not with the auth token."""
    api_url: str = Field(default="https://api.twilio.com", pattern="^https?://")
    region: str = Field(default="CN", pattern="^[A-Z]{2}$")
    """The country of numbers written without a country code (ISO 3166)."""
    timeout_seconds: float = Field(default=10, gt=0, le=60)
    connections: int = Field(default=100, ge=1, le=1000)
    """How many requests to the provider may be under way at once."""
    proxy: str | None = None
    caller_id: str | None = Field(default=None, pattern=r"^\+[1-9][0-9]{6,14}$")
    """What the phones of the staff show; None: the customer's number, and ours where that is withheld."""
    ring_seconds: int = Field(default=20, ge=5, le=600)
    """How long each phone rings; below about 30 most mailboxes do not answer in its place."""
    most_rung: int = Field(default=2, ge=0, le=5)
    """How many people are tried, one after the other; 0 takes a message at once."""
    message_seconds: int = Field(default=180, ge=10, le=3600)
    """Longest message."""
    silence_seconds: int = Field(default=8, ge=2, le=60)
    """This much silence ends a message."""
    look_every_seconds: float = Field(default=60, ge=10)
    """How often the call log is looked through for calls that left no message."""
    settle_seconds: float = Field(default=60, ge=0)
    """How long after its end a call is left alone there, so that its message comes first."""
    welcome_chinese: str = "您好，这里是技术支持热线，正在为您接通值班人员，请稍候。"
    welcome_english: str = "Thank you for calling support. Please hold while we connect you."
    message_chinese: str = (
        "值班人员暂时无法接听。请在提示音后留言，说明单位、姓名和故障，说完请按井号键，我们会尽快回电。"
    )
    message_english: str = "Nobody can answer right now. Please leave a message after the tone, then press pound."
    thanks_chinese: str = "留言已收到，我们会尽快给您回电，再见。"
    thanks_english: str = "Thank you. We will call you back. Goodbye."
    """What the caller hears; an empty text is left out."""
    chinese_language: str = "cmn-CN"
    chinese_voice: str = "Polly.Zhiyu"
    english_language: str = "en-US"
    english_voice: str = "Polly.Joanna"
    """Languages and voices as in twilio.com/docs/voice/twiml/say/text-speech."""
