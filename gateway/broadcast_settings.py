"""The key `gateway.broadcasts`: who must approve, when a broadcast stops itself, where packages lie."""

from __future__ import annotations

from datetime import time, timedelta

from pydantic import Field

from channels.settings import Secret, Settings
from router.blocks import Hours, Span


class ObjectStore(Settings):
    """Storage that speaks the S3 protocol (MinIO and the like)."""

    bucket: str = Field(min_length=3)
    endpoint: str = Field(default="", pattern="^(https?://[^ ]+)?$")
    """Of a storage of one's own; without one that of AWS."""
    region: str = ""
    prefix: str = "packages/"
    access_key: Secret | None = None
    secret_key: Secret | None = None


class Packages(Settings):
    """Where packages lie, and how large they may be."""

    folder: str = "data/packages"
    """For uploads under way, and for whole packages where there is no `s3`."""
    s3: ObjectStore | None = None
    most: int = Field(default=8_000_000_000, ge=1)
    """Bytes of one package."""


class Broadcasts(Settings):
    """How broadcasts are sent."""

    approve_above: int = Field(default=50, ge=0)
    """More messages than this need a second person."""
    approve_sms: bool = True
    """A second person approves whatever goes out by SMS."""
    error_rate: float = Field(default=0.05, gt=0, le=1)
    """More failures than this among the last outcomes pause a broadcast."""
    error_window: int = Field(default=100, ge=10)
    """How many of the last outcomes are looked at."""
    late_after: Span = timedelta(minutes=30)
    """A start that is later than this, as after an outage, is held for a person to decide."""
    advert_hours: Hours = Hours(begin=time(8), end=time(22))
    """When adverts may go out by SMS, in the site's zone."""
    spare_senders: int = Field(default=4, ge=0)
    """Of `senders`, how many broadcasts leave free for pages and answers."""
    support: str = Field(default="", max_length=200)
    """How users reach the support, such as a telephone number: said where a link does not hold any more."""
    tries: int = Field(default=6, ge=1)
    """Of one message that its provider could not take for now."""
    packages: Packages = Packages()
