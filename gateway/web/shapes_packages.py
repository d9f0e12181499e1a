"""The shapes of the API about packages."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from gateway.broadcast.naming import LONGEST_NAME
from gateway.web.shape import Id, Shape

Notes = dict[Literal["zh", "en"], str]


class AboutShape(BaseModel):
    """What people say of a package, and may change."""

    product: str = Field(default="", max_length=LONGEST_NAME)
    applies: str = Field(default="", max_length=200)
    """The installed versions that it is for, such as ">=2.0 <2.3"; "" is every one."""
    notes: Notes = Field(default_factory=dict)
    """What is new, by language; each of at most 20,000 characters."""
    intranet: bool = False
    """It can be fetched only inside the customer's own network."""


class BeginShape(AboutShape):
    """The file that somebody wants to upload."""

    name: str = Field(min_length=1, max_length=2 * LONGEST_NAME)
    version: str = Field(min_length=1, max_length=2 * LONGEST_NAME)
    file: str = Field(min_length=1, max_length=1_000)
    size: int = Field(ge=1, lt=1 << 62)


class FinishShape(BaseModel):
    """The end of an upload."""

    sha256: str = Field(default="", pattern="^([0-9a-fA-F]{64})?$")
    """Of the whole file as the sender has it; without one only the length is compared."""


class WhyShape(BaseModel):
    """Why something is done; it stands in the history."""

    why: str = Field(default="", max_length=200)


class PackageShape(Shape):
    """One package; `received` says how much of an upload has come, and `sha256` is empty until it is whole."""

    id: Id
    name: str
    version: str
    file: str
    size: int
    received: int
    sha256: str
    product: str
    applies: str
    notes: dict[str, str]
    intranet: bool
    state: str
    by: str
    at: datetime
    revoked_at: datetime | None
    revoked_by: str
    downloads: int = 0
    """How many recipients have fetched it."""


class UploadShape(BaseModel):
    """How far an upload is."""

    offset: int
    size: int
    state: str


class KeptShape(BaseModel):
    """What became of a request: a word for programs, the same as a sentence, and the package."""

    answer: str
    says: str
    package: PackageShape | None = None
    offset: int = 0
