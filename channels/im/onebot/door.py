"""Who may post events to us or open a WebSocket: the program that knows our secrets, for our account only.

botuniverse/onebot-11, communication/http-post.md, communication/ws-reverse.md and communication/authorization.md.
"""

from __future__ import annotations

import hmac
from datetime import timedelta
from hashlib import sha1
from typing import Final

from channels.contract import Refused, Wire
from channels.settings import Secret

LARGEST: Final = 1024 * 1024
"""Bytes of one event at most."""
FRESH: Final = timedelta(minutes=5)
"""How far the time of a posted event may be from ours: the signature covers it, so a replay is refused by it."""
SOCKET: Final = "/ws"
"""The path of the WebSocket below the account."""
ROLES: Final = ("universal", "event", "api")


def posted(wire: Wire, *, self_id: int, secret: Secret | None) -> None:
    """Refuse an event that is not signed with the secret (HMAC-SHA1 over the raw body), too large or not ours."""
    if secret is None:
        raise Refused("nothing is taken by POST without a secret")
    if len(wire.body) > LARGEST:
        raise Refused("the body is too large")
    _ours(wire, self_id)
    expected = f"sha1={hmac.new(secret.reveal().encode(), wire.body, sha1).hexdigest()}"
    if not _same(wire.headers.get("x-signature", ""), expected):
        raise Refused("the signature is missing or does not fit")


def opened(wire: Wire, *, self_id: int, token: Secret | None) -> None:
    """Refuse a WebSocket without the access token, which stands in the header or in the query."""
    if token is None:
        raise Refused("no WebSocket is taken without an access_token")
    if wire.path.rstrip("/") != SOCKET:
        raise Refused("there is no WebSocket at this path")
    _ours(wire, self_id)
    scheme, _, given = wire.headers.get("authorization", "").partition(" ")
    if scheme.lower() not in ("bearer", "token") or not given:
        given = wire.query.get("access_token", "")
    if not _same(given.strip(), token.reveal()):
        raise Refused("the access token is missing or wrong")
    if role(wire) not in ROLES:
        raise Refused("the role of the client is unknown")


def role(wire: Wire) -> str:
    """What the client of a WebSocket does: api takes actions, event brings events, universal both."""
    return wire.headers.get("x-client-role", "universal").strip().lower()


def _ours(wire: Wire, self_id: int) -> None:
    if wire.headers.get("x-self-id", "").strip() != str(self_id):
        raise Refused("it is of another account")


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())
