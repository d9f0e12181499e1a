"""The block of one sms account at Aliyun in config.yaml."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from channels.aliyun_push import SECRET
from channels.aliyun_templates import Registry, Template
from channels.settings import Secret, Settings


class Account(Settings):
    """One sign and its approved templates."""

    provider: Literal["aliyun"] = "aliyun"
    access_key_id: str = Field(min_length=1, max_length=128)
    access_key_secret: Secret
    push_secret: Secret
    """Part of the address that receipts and replies are pushed to: 16 to 128 of A-Z a-z 0-9 _ -; a shorter one lets
    nothing in."""
    sign_name: str = Field(min_length=1, max_length=64)
    """The approved sign, without brackets."""
    templates: dict[str, Template]
    """Our templates' names and the approved ones."""
    templates_en: dict[str, Template] = Field(default_factory=dict)
    """The same for people who read English; without one they get the Chinese."""
    fallback: str = ""
    """The name under `templates` that carries what has no template of its own."""
    api_url: str = Field(default="https://dysmsapi.aliyuncs.com", pattern="^https?://")
    timeout_seconds: float = Field(default=10, gt=0, le=60)
    connections: int = Field(default=100, ge=1, le=1000)
    """How many requests to the provider may be under way at once."""
    proxy: str | None = None

    @field_validator("push_secret")
    @classmethod
    def _fits_into_a_path(cls, value: Secret) -> Secret:
        if not SECRET.fullmatch(value.reveal()):
            raise ValueError("push_secret is letters, digits, _ or -")
        return value

    @model_validator(mode="after")
    def _fallback_is_there(self) -> Self:
        if self.fallback and self.fallback not in self.templates:
            raise ValueError("fallback names no template")
        return self

    @property
    def registry(self) -> Registry:
        """The templates, to look one up."""
        return Registry(zh=self.templates, en=self.templates_en, fallback=self.fallback)
