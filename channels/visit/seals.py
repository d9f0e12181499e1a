"""What the form is signed with: the address of each customer, and each copy of the form.

Signatures are those of itsdangerous (HMAC-SHA256; itsdangerous.palletsprojects.com/en/stable/url_safe). A token is only
taken in the one spelling in which it is made: base64 has several for the same bytes.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from itsdangerous import BadData, URLSafeSerializer

from channels.contract import Refused

LONGEST: Final = 1000
"""Characters of a token; what is longer is not ours and is not looked into."""
NAME: Final = 100
"""Most characters of a customer's name."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Copy:
    """One copy of the form, as it was handed out."""

    nonce: str
    made_at: datetime


class Seals:
    """Signs and reads with the key of one account."""

    def __init__(self, key: str, *, epoch: int, valid_days: int | None) -> None:
        self._key = key
        self._epoch = epoch
        self._valid_days = valid_days

    def address(self, customer: str, now: datetime) -> str:
        """The token of a customer's address; raises ValueError for a name that is empty or too long."""
        name = " ".join(customer.split())
        if not 0 < len(name) <= NAME:
            raise ValueError(f"the name of a customer has 1 to {NAME} characters")
        if self._valid_days is None:
            return _text(self._addresses.dumps(name))
        until = int((now + timedelta(days=self._valid_days)).timestamp())
        return _text(self._addresses.dumps([name, until]))

    def customer(self, token: str, now: datetime) -> str:
        """Whose address it is; raises Refused for one that is altered, revoked or over."""
        match _read(self._addresses, token):
            case str(name):
                return name
            case [str(name), int(until)]:
                if now.timestamp() > until:
                    raise Refused("the address is over")
                return name
        raise Refused("the address is not one of ours")

    def copy(self, customer: str, copy: Copy) -> str:
        """The hidden field of a copy of the form; it is good for this customer alone."""
        return _text(self._copies(customer).dumps([copy.nonce, int(copy.made_at.timestamp())]))

    def opened(self, customer: str, seal: str) -> Copy | None:
        """Which copy it is; None for one that we never handed out to this customer."""
        match _read(self._copies(customer), seal):
            case [str(nonce), int(made)]:
                return Copy(nonce=nonce, made_at=datetime.fromtimestamp(made, UTC))
        return None

    @property
    def _addresses(self) -> URLSafeSerializer:
        return self._serializer(f"visit-address-{self._epoch}")

    def _copies(self, customer: str) -> URLSafeSerializer:
        return self._serializer(f"visit-form-{self._epoch}-{customer}")

    def _serializer(self, salt: str) -> URLSafeSerializer:
        signer = {"digest_method": hashlib.sha256, "key_derivation": "hmac"}
        return URLSafeSerializer(self._key, salt=salt, signer_kwargs=signer)


def _read(serializer: URLSafeSerializer, token: str) -> Any:
    """What was signed; None for what was not, or is spelled otherwise than we do."""
    if len(token) > LONGEST or not token.isascii():
        return None
    try:
        payload = serializer.loads(token)
    except BadData:
        return None
    return payload if _text(serializer.dumps(payload)) == token else None


def _text(dumped: str | bytes) -> str:
    return dumped if isinstance(dumped, str) else dumped.decode("ascii")
