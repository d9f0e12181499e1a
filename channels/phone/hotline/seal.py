"""Numbers within the addresses of our own webhooks, which stand in other people's logs, made unreadable there.

Not every request of Twilio's repeats who called (a recording's does not) or says who picked up, so the address carries
it. The seal is deterministic authenticated encryption (AES-SIV, RFC 5297), bound to the call.
"""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha512

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from channels.contract import Malformed
from channels.settings import Secret


class Seal:
    """Seals and opens under a key made of the account's secret."""

    def __init__(self, secret: Secret) -> None:
        self._cipher = AESSIV(sha512(b"hotline number in an address\0" + secret.reveal().encode()).digest())

    def close(self, number: str, *, call: str) -> str:
        """The number as a word of A-Z, a-z, 0-9, - and _."""
        return urlsafe_b64encode(self._cipher.encrypt(number.encode(), [call.encode()])).decode().rstrip("=")

    def open(self, word: str, *, call: str) -> str:
        """The number again; raises Malformed for a word of another call or secret."""
        try:
            sealed = urlsafe_b64decode(word + "=" * (-len(word) % 4))
            return self._cipher.decrypt(sealed, [call.encode()]).decode()
        except (InvalidTag, binascii.Error, ValueError):
            raise Malformed("query.who", "sealed for another call or under another auth_token") from None
