"""The router's block as a site writes it: the judgement's own settings, and the endpoint that is asked beside it.

The router itself knows of no endpoint and of no secret.
"""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from channels.settings import Secret, Settings
from router.settings import RouterSettings

Asked = Literal["fault", "consultation", "site_visit", "change_request"]
"""The kinds about which a second opinion can change something."""


class SecondOpinion(Settings):
    """An endpoint of the kind of OpenAI's /v1/chat/completions that is asked after a page has gone."""

    url: str = Field(pattern="^https?://[^ ]+$")
    """The whole address, such as http://127.0.0.1:11434/v1/chat/completions."""
    model: str = Field(min_length=1)
    """The model's name, as the endpoint knows it."""
    key: Secret | None = None
    """Sent as a bearer token; a model of one's own may need none."""
    timeout_seconds: float = Field(default=20.0, gt=0, le=120)
    """For one answer."""
    per_hour: int = Field(default=60, ge=1, le=3600)
    """Questions in an hour, repeated ones included; what is more is not asked."""
    languages: list[Literal["zh", "en"]] = Field(default=["zh", "en"], min_length=1)
    """Of the message."""
    kinds: list[Asked] = Field(default=["fault", "consultation"], min_length=1)
    """Of the ticket, as it was judged."""
    proxy: str | None = None
    """An HTTP proxy on the way out."""

    @field_validator("url")
    @classmethod
    def _has_no_key(cls, value: str) -> str:
        parts = urlsplit(value)
        if "@" in parts.netloc or parts.query:
            raise ValueError("a key does not belong into the address; write it under key as {env: NAME}")
        return value

    @property
    def host(self) -> str:
        """To whom the words go."""
        return urlsplit(self.url).hostname or ""


class RouterBlock(RouterSettings):
    """The whole block."""

    second_opinion: SecondOpinion | None = None
    """Without it nobody is asked and no text of a message leaves for one."""
