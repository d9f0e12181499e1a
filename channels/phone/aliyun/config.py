"""The block of one phone account at Aliyun in config.yaml."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from channels.aliyun_push import SECRET
from channels.aliyun_templates import Registry, Template
from channels.settings import Secret, Settings


class Account(Settings):
    """One number that calls, speaks approved templates and takes one key."""

    provider: Literal["aliyun"] = "aliyun"
    access_key_id: str = Field(min_length=1, max_length=128)
    access_key_secret: Secret
    push_secret: Secret
    """Part of the address that keys and receipts are pushed to: 16 to 128 of A-Z a-z 0-9 _ -; a shorter one lets
    nothing in."""
    number: str = Field(pattern=r"^[0-9]{3,16}$")
    """The bought number that calls, as the console shows it: 057112345678."""
    templates: dict[str, Template]
    """Our templates' names and the approved ones that open the call."""
    templates_en: dict[str, Template] = Field(default_factory=dict)
    """The same for people who hear English; without one they hear the Chinese."""
    fallback: str = ""
    """The name under `templates` that carries what has no template of its own."""
    keys: dict[str, Template] = Field(min_length=1)
    """What is said after each key; the words cannot tell whether the ticket was taken."""
    bye: Template | None = None
    """What is said at the end."""
    play_times: int = Field(default=2, ge=1, le=3)
    """How often the opening is said."""
    digit_seconds: int = Field(default=6, ge=1, le=60)
    """How long a key is awaited."""
    api_url: str = Field(default="https://dyvmsapi.aliyuncs.com", pattern="^https?://")
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
    def _names_fit(self) -> Self:
        if self.fallback and self.fallback not in self.templates:
            raise ValueError("fallback names no template")
        wrong = sorted(key for key in self.keys if key not in {*"0123456789*#"})
        if wrong:
            raise ValueError("keys are 0 to 9, * and #")
        return self

    @property
    def registry(self) -> Registry:
        """The templates, to look one up."""
        return Registry(zh=self.templates, en=self.templates_en, fallback=self.fallback)
