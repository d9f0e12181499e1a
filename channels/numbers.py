"""Phone numbers as people and providers write them, brought into one form; pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers

EXTENSION = re.compile(r"[\s,;]*(?:转|轉|分机|分機|内线|extension|ext\.?|x|#)[\s:：.]*(\d{1,6})\s*$", re.IGNORECASE)
DASHED = re.compile(r"-(\d{1,5})\s*$")
SHORT = re.compile(r"[\s()-]+")
MOBILE_CN = re.compile(r"\+861[3-9]\d{9}")
"""Told apart without the library, which takes 50 microseconds a number."""
TEXTED = frozenset(
    {
        phonenumbers.PhoneNumberType.MOBILE,
        phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
        phonenumbers.PhoneNumberType.PERSONAL_NUMBER,
        phonenumbers.PhoneNumberType.UNKNOWN,
    }
)
"""Where it is not known, the provider may say; landlines, hotlines and pagers are left alone."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Number:
    """One number; without `e164` it is a service number, a sender name or nothing that can be dialled abroad."""

    e164: str | None
    """"+" and digits (ITU-T E.164), when the number is valid."""
    raw: str
    """What was given, in compatibility form (NFKC); digits only where it is nothing else."""
    extension: str | None = None

    @property
    def address(self) -> str:
        """The one form under which a person is known: E.164 where there is one."""
        return self.e164 or self.raw


def number(text: str, region: str = "CN") -> Number:
    """Read a number; `region` (ISO 3166) is where one without a country code belongs.

    Service numbers such as 10086 or 95588, names and invalid numbers keep their own form.
    """
    given = unicodedata.normalize("NFKC", text).strip()
    marked = EXTENSION.search(given)
    if marked:
        found = _valid(given[: marked.start()], region)
        if found:
            return Number(e164=found, raw=given, extension=marked[1])
    found = _valid(given, region)
    if found:
        return Number(e164=found, raw=given)
    dashed = DASHED.search(given)
    if dashed:
        found = _valid(given[: dashed.start()], region)
        if found:
            return Number(e164=found, raw=given, extension=dashed[1])
    return Number(e164=None, raw=_bare(given))


@lru_cache(maxsize=4096)
def country(address: str) -> str:
    """The country of a number in E.164 (ISO 3166); "" where there is none."""
    if not address.startswith("+"):
        return ""
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(address)) or ""
    except phonenumbers.NumberParseException:
        return ""


def masked(address: str) -> str:
    """An address for a log line: country and last two digits stay, the person does not show."""
    if len(address) < 8:
        return "*" * len(address)
    return f"{address[:3]}{'*' * (len(address) - 5)}{address[-2:]}"


@lru_cache(maxsize=4096)  # customers write more than once, and the metadata of a country never changes
def _valid(text: str, region: str) -> str | None:
    # A name such as "BANK1234567" would be dialled by its letters (ITU-T E.161); here letters never are a number.
    if any(c.isalpha() for c in text):
        return None
    try:
        parsed = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(parsed):
        return None
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))


def _bare(text: str) -> str:
    digits = SHORT.sub("", text)
    return digits if digits.isdigit() else text


@lru_cache(maxsize=65_536)
def takes_texts(address: str) -> bool:
    """Tell whether a text may be sent there: never to an extension, a service number or what is surely a landline."""
    if MOBILE_CN.fullmatch(address):
        return True
    if not address.startswith("+") or not address[1:].isdigit():
        return False
    try:
        kind = phonenumbers.number_type(phonenumbers.parse(address))
    except phonenumbers.NumberParseException:
        return False
    return kind in TEXTED
