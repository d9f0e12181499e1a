"""What a broadcast is to do, as its author writes it: for whom, which words, in which waves, behind which gate."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final, Literal

from pydantic import Field, field_validator, model_validator

from router.blocks import Block, Span
from router.versions import parse

LANGUAGES: Final = ("zh", "en")
REST: Final = "rest"
WAVE: Final = re.compile(r"[1-9]\d{0,6}|[1-9]\d?%|100%|rest")


class Audience(Block):
    """Whom it is for: groups and customers, narrowed by filters that must all fit."""

    everyone: bool = False
    """Every contact that belongs to a customer."""
    groups: list[str] = Field(default=[])
    """Names of user groups."""
    customers: list[str] = Field(default=[])
    """Names of customers: all their people."""
    product: str = ""
    """Only where this is installed."""
    versions: str = ""
    """Of that product, such as "<2.3" or ">=2.0 <2.3"."""
    regions: list[str] = Field(default=[])
    """Only installations in one of these."""
    grades: list[str] = Field(default=[])
    contracts: list[str] = Field(default=[])

    @field_validator("versions")
    @classmethod
    def _is_range(cls, value: str) -> str:
        parse(value)
        return value

    @property
    def empty(self) -> bool:
        """Tell whether it names nobody at all."""
        return not (self.everyone or self.groups or self.customers)

    @property
    def filtered(self) -> bool:
        """Tell whether a filter narrows it; chat groups and lists then fall out, since nobody knows who is in them."""
        return bool(self.product or self.versions or self.regions or self.grades or self.contracts)


class Words(Block):
    """What is said in one language, with {name}, {customer}, {product}, {version}, {package}, {link} and {code}."""

    subject: str = Field(default="", max_length=200)
    """Of a mail; without one the title of the broadcast."""
    text: str = Field(min_length=1, max_length=20_000)
    short: str = Field(default="", max_length=500)
    """In place of `text` where a text is paid by length (SMS)."""


class Gate(Block):
    """What a wave must have shown before the next one goes."""

    success: float = Field(default=0.95, ge=0, le=1)
    """Part of the wave that was taken by its provider, of all that had an outcome."""
    troubles: int = Field(default=0, ge=0)
    """More reports than this that the upgrade went wrong shut the gate."""
    hold: Span = timedelta(hours=2)
    """How long after the last message of a wave reports are waited for."""
    automatic: bool = True
    """The next wave goes by itself; else a person says so."""


class Plan(Block):
    """Everything but the title and the package."""

    audience: Audience = Audience()
    texts: dict[Literal["zh", "en"], Words] = Field(min_length=1)
    """By language; who speaks another gets the first."""
    order: list[str] = Field(default=[])
    """Methods and channels, the best first (sms, mail, or a channel's name); [] as the site is set up."""
    commercial: bool = False
    """An advert: only to who did not refuse adverts, by SMS only in the hours that the law leaves."""
    security: bool = False
    """A notice that the contract owes: members of contractual groups get it although they refused adverts."""
    pilots: list[str] = Field(default=[])
    """Staff keys that get it first, as a wave of their own."""
    waves: list[str] = Field(default=["5", "10%", "50%", REST], min_length=1, max_length=20)
    """Sizes of the waves after the pilots: a number of messages, a part of all, and at last `rest`."""
    gate: Gate = Gate()
    link_days: int = Field(default=14, ge=1, le=366)
    """How long the link of a package holds, from the start."""
    remind_after: Span | None = None
    """Who has not fetched the package by then is reminded once; None: nobody is."""

    @field_validator("waves", mode="before")
    @classmethod
    def _may_be_numbers(cls, value: object) -> object:
        """Take a number that was written without quotes, as YAML and JSON invite to."""
        if not isinstance(value, list):
            return value
        return [str(wave) if isinstance(wave, int) and not isinstance(wave, bool) else wave for wave in value]

    @field_validator("waves")
    @classmethod
    def _are_waves(cls, value: list[str]) -> list[str]:
        for wave in value:
            if not WAVE.fullmatch(wave):
                raise ValueError(f"{wave!r} is no wave; write a number, a part such as 10%, or {REST}")
        if REST in value[:-1]:
            raise ValueError(f"{REST} leaves nothing for the waves after it; write it last")
        return value if value[-1] == REST else [*value, REST]

    @model_validator(mode="after")
    def _advert_or_duty(self) -> Plan:
        if self.commercial and self.security:
            raise ValueError("is an advert and a notice owed by contract at once; choose one")
        return self

    def words(self, language: str) -> Words:
        """Return what is said to somebody who speaks a language."""
        return next((one for key, one in self.texts.items() if key == language), next(iter(self.texts.values())))
