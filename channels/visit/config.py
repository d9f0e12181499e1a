"""The block of one visit account in config.yaml."""

from __future__ import annotations

from pydantic import Field, field_validator

from channels.settings import Secret, Settings

SHORTEST = 16
"""Characters of the key; an address stays good for years, so that a short key could be tried out at leisure."""


class Account(Settings):
    """One form, which each customer reaches by an address that is signed for that customer."""

    key: Secret
    """Signs the addresses and the forms; changed, every address that was handed out is void."""
    epoch: int = Field(default=1, ge=1)
    """Raised, every address that was handed out before is void."""
    valid_days: int | None = Field(default=None, ge=1, le=3650)
    """For how long an address made from now on is good; without it for as long as key and epoch stay."""
    house: str = Field(default="", max_length=40)
    """Whose form it is, as the head of the page says."""
    region: str = Field(default="CN", pattern="^[A-Z]{2}$")
    """The country of numbers written without a country code (ISO 3166)."""

    @field_validator("key")
    @classmethod
    def _long_enough(cls, key: Secret) -> Secret:
        if 0 < len(key.reveal()) < SHORTEST:
            raise ValueError(f"is shorter than {SHORTEST} characters; make one with: openssl rand -hex 32")
        return key
