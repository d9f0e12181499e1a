"""The block of one fax line in config.yaml."""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator

from channels.settings import Settings

PATTERNS = (
    r"(?P<time>20\d{6}[-_ T]?\d{4}(?:\d{2})?)[-_ ]+(?P<caller>\+?\d{3,20})",
    r"(?P<caller>\+?\d{3,20})[-_ ]+(?P<time>20\d{6}[-_ T]?\d{4}(?:\d{2})?)",
)
"""20261120-111205-02155558888.tif and 02155558888_202611201112.pdf."""


class Account(Settings):
    """One folder into which faxes fall."""

    folder: str = Field(min_length=1)
    """Where the fax server puts what it received."""
    done: str = Field(default="done", min_length=1)
    """Where a file goes once it is stored; below `folder` unless it is a whole path."""
    failed: str = Field(default="failed", min_length=1)
    """Where a file goes that cannot be read; likewise."""
    every_seconds: float = Field(default=5, gt=0, le=3600)
    """How often the folder is looked at; a file is taken when two looks find it alike."""
    patterns: tuple[str, ...] = PATTERNS
    """How file names tell `caller` and `time`: regular expressions with groups of these names; the first counts."""
    log: str = ""
    """HylaFAX's xferfaxlog: who called, when, and which faxes failed."""
    zone: str = "Asia/Shanghai"
    """Where the times of file names, logs and tables are local."""
    hours_back: int = Field(default=24, ge=1, le=720)
    """How old a failed fax of the log may be to be told."""
    max_mb: float = Field(default=20, gt=0, le=200)
    """A larger file is not taken."""
    ocr: bool = True
    """Read what a fax says; it takes the extra `ocr` and Tesseract."""
    ocr_languages: str = Field(default="chi_sim+eng", pattern=r"^[a-z_]{3,12}(\+[a-z_]{3,12})*$")
    """Tesseract's languages, joined by "+"."""
    ocr_seconds: float = Field(default=60, gt=0, le=600)
    """How long reading one file may take."""
    ocr_pages: int = Field(default=10, ge=1, le=100)
    """Pages that are read; the others are for people."""

    @field_validator("patterns")
    @classmethod
    def _are_patterns(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        for value in values:
            try:
                groups = re.compile(value).groupindex
            except re.error as error:
                raise ValueError(f"{value} is no regular expression: {error}") from None
            if not {"caller", "time"} & groups.keys():
                raise ValueError(f"{value} names neither (?P<caller>...) nor (?P<time>...)")
        return values

    @field_validator("zone")
    @classmethod
    def _is_a_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"{value} is no time zone; write Asia/Shanghai") from None
        return value
