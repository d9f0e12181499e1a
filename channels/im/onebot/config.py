"""The block of one account behind a OneBot implementation in config.yaml."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from channels.qq_files import HOSTS
from channels.settings import Secret, Settings


class Account(Settings):
    """One QQ number that NapCat, LLOneBot, Lagrange or another program logs in with."""

    provider: Literal["onebot"] = "onebot"
    self_id: int = Field(ge=10_000, le=99_999_999_999)
    """The QQ number of the account; events of another one are refused."""
    secret: Secret | None = None
    """Signs what the program posts to us; without it nothing that is posted is believed."""
    access_token: Secret | None = None
    """Opens the program's HTTP interface to us, and our WebSocket to the program."""
    api_url: str | None = Field(default=None, pattern="^https?://")
    """The program's HTTP interface, such as http://127.0.0.1:5700; none: texts go through its WebSocket only."""
    probe_minutes: float = Field(default=10, ge=1, le=1440)
    """How often it is asked whether the account lives."""
    probe_group: int | None = Field(default=None, ge=1)
    """A group of yours that the probe writes to: the only proof that a text still gets out."""
    probe_user: int | None = Field(default=None, ge=1)
    """A person that the probe writes to, where there is no such group."""
    probe_text: str = Field(default="线路自检", min_length=1, max_length=100)
    """What the probe writes."""
    file_hosts: tuple[str, ...] = HOSTS
    """Hosts that files are fetched from, beside the one of `api_url`."""
    timeout_seconds: float = Field(default=10, gt=0, le=60)
    connections: int = Field(default=20, ge=1, le=1000)
    """How many requests to the program may be under way at once."""
    proxy: str | None = None

    @model_validator(mode="after")
    def _hears_and_speaks(self) -> Self:
        if not (self.secret or self.access_token):
            raise ValueError("give secret for events that are posted, or access_token for a WebSocket")
        if not (self.api_url or self.access_token):
            raise ValueError("give api_url, or access_token for a WebSocket, so that texts can be sent")
        return self
