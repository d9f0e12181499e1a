"""The signed part of a recipient's address, and the code that stands for it where no link may be sent."""

from __future__ import annotations

import hmac
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable
from hashlib import sha256
from typing import Final

from gateway.post import DIGITS, short_id

ALPHABET: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without 0, O, 1 and I, which people mistake for each other."""
CODE: Final = 8
LEAVING: Final = "leaving "
"""What the signature of the page to unsubscribe is made over besides the recipient."""
SIGNED: Final = 16
"""Signs of the signature: 96 bits."""


def new_secret() -> str:
    """Draw the key of one broadcast, in hex."""
    return secrets.token_hex(32)


def new_code() -> str:
    """Draw the code of one recipient."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE))


def token(secret: str, recipient_id: int) -> str:
    """Return the signed part of a recipient's address; it holds while the broadcast keeps its secret."""
    return f"{short_id(recipient_id)}-{_signature(secret, recipient_id)}"


def leaving(secret: str, recipient_id: int) -> str:
    """Return the signed part of the page where a recipient says that they want no more.

    It is signed by another word than `token`: whoever passes the link of a package on must not hand out this one too.
    """
    return f"{short_id(recipient_id)}-{_signature(secret, recipient_id, LEAVING)}"


def recipient_of(given: str) -> int | None:
    """Return whose address this claims to be, not yet believed; None when it cannot be one of ours."""
    ident = given.partition("-")[0]
    if not ident or len(given) > 40 or set(ident) - set(DIGITS):
        return None
    number = int(ident, 36)
    return number if number < 2**63 else None


def right(secret: str, given: str, *, made: Callable[[str, int], str] = token) -> bool:
    """Tell whether the signature is ours, by `token` or by `leaving`; never with an empty secret."""
    number = recipient_of(given)
    if number is None or not secret:
        return False
    return hmac.compare_digest(given.encode(), made(secret, number).encode())


def _signature(secret: str, recipient_id: int, word: str = "") -> str:
    made = hmac.new(secret.encode(), f"{word}{recipient_id}".encode(), sha256).digest()
    return urlsafe_b64encode(made).decode()[:SIGNED]
