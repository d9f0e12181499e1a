"""Signatures for visits: the address of an engineer's page, that of a site, and the digits that are asked there.

They hold over restarts and processes only with an operator token, of which their key is made.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from itsdangerous import BadSignature, URLSafeSerializer

from gateway.config import Config

LASTS: Final = timedelta(days=7)
"""How long an engineer's page lasts."""
LONGEST: Final = 600
"""Signs of a token; what is longer is none of ours."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Going:
    """What an engineer's page may do: this person, on this ticket."""

    person: str
    number: int


def key_of(config: Config) -> bytes | None:
    """Return the key of all signatures of the pages; None without an operator token."""
    token = config.gateway.operator_token
    return sha256(b"yizhan pages" + token.reveal().encode()).digest() if token else None


class Seals:
    """Signs and reads with one key."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._pages = _serializer(key, "engineer")
        self._sites = _serializer(key, "site")

    def page(self, going: Going, now: datetime) -> str:
        """Return the signed part of an engineer's page."""
        until = int((now + LASTS).timestamp())
        return str(self._pages.dumps([going.person, going.number, until]))

    def read_page(self, signed: str, now: datetime) -> Going | None:
        """Return what a signed part allows; None when it is forged or older than a week."""
        match _loaded(self._pages, signed):
            case [str(person), int(number), int(until)] if until > now.timestamp():
                return Going(person=person, number=number)
        return None

    def site(self, name: str) -> str:
        """Return the signed part of a site's address, which stands on paper there and has no end."""
        return str(self._sites.dumps(name))

    def read_site(self, signed: str) -> str | None:
        """Return the site of a signed part; None when it is forged."""
        found = _loaded(self._sites, signed)
        return found if isinstance(found, str) else None

    def digits(self, visit_id: int) -> str:
        """Return the four digits by which an engineer without a link is known on the page of a site."""
        made = hmac.new(self._key, f"visit {visit_id}".encode(), sha256).digest()
        return str(1000 + int.from_bytes(made[:8]) % 9000)


def _serializer(key: bytes, salt: str) -> URLSafeSerializer:
    return URLSafeSerializer(key, salt=salt, signer_kwargs={"digest_method": sha256})


def _loaded(serializer: URLSafeSerializer, signed: str) -> Any:
    if len(signed) > LONGEST:
        return None
    try:
        return serializer.loads(signed)
    except BadSignature:
        return None
