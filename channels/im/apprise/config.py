"""The block of one apprise account in config.yaml."""

from __future__ import annotations

import re

from pydantic import Field, field_validator

from channels.settings import Secret, Settings

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class Account(Settings):
    """Named targets; the addresses of people in the book "apprise" are these names."""

    targets: dict[str, Secret] = Field(min_length=1)
    """Name to the service's address as Apprise writes it; a secret, since it holds the service's token."""
    timeout_seconds: float = Field(default=10, gt=0, le=60)

    @field_validator("targets")
    @classmethod
    def _named_and_filled(cls, targets: dict[str, Secret]) -> dict[str, Secret]:
        for name, url in targets.items():
            if not NAME.fullmatch(name):
                raise ValueError("a target has a name of letters, digits, . _ and -; rename it")
            if "://" not in url.reveal():
                raise ValueError(f"the target {name} is no address; write service://token into the secret")
        return targets
