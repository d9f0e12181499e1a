"""Proof that a callback is the platform's, and the answer to its question whether the address is ours.

The rule: bot.q.qq.com/wiki, api-v2/dev-prepare/interface-framework/sign.html and event-emit.html.
"""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from channels.contract import Refused, Reply, Wire
from channels.settings import Secret

SEED: Final = 32
"""Bytes of an Ed25519 seed (RFC 8032 5.1.5)."""
FRESH: Final = timedelta(minutes=5)
"""How far the signed time may be from ours."""
LARGEST: Final = 256 * 1024
"""Bytes of a callback at most; those of real ones are a few thousand."""
CHALLENGE: Final = 1024
"""Bytes of the question for our address at most."""
_TIME: Final = re.compile(r"[0-9]{1,12}", re.ASCII)
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{1,128}", re.ASCII)
_SIGNED: Final = re.compile(r"[0-9a-fA-F]{128}", re.ASCII)


class Signature:
    """Checks and makes signatures with the key that both sides derive from the bot's secret."""

    def __init__(self, app_id: str, secret: Secret) -> None:
        self._app_id = app_id
        self._key = _key(secret.reveal())

    def check(self, wire: Wire) -> None:
        """Refuse a callback that is not signed, signed for another bot, changed, too old or too large."""
        if len(wire.body) > LARGEST:
            raise Refused("the body is too large")
        self._ours(wire)
        time, signed = wire.headers.get("x-signature-timestamp", ""), wire.headers.get("x-signature-ed25519", "")
        if not (_TIME.fullmatch(time) and _SIGNED.fullmatch(signed)):
            raise Refused("the signature or its time is missing or malformed")
        try:
            self._key.public_key().verify(bytes.fromhex(signed), time.encode() + wire.body)
        except InvalidSignature:
            raise Refused("the signature does not fit") from None
        if abs(wire.at.timestamp() - int(time)) > FRESH.total_seconds():
            raise Refused("the callback is older than five minutes")
        # The one thing that strangers may have us sign is time and token of a question; it never begins like this.
        if not wire.body.lstrip().startswith(b"{"):
            raise Refused("a callback is an object")

    def challenge(self, wire: Wire) -> Reply | None:
        """Answer the question (op 13) whether this address belongs to the bot; None for anything else.

        The question comes without a signature that covers it, so anybody may ask. What we sign is therefore digits and
        a token of letters and digits only: never something that could be sent to us as a callback.
        """
        if len(wire.body) > CHALLENGE or b'"plain_token"' not in wire.body:
            return None
        try:
            asked = json.loads(wire.body.decode("utf-8"))
        except (ValueError, RecursionError):
            return None
        match asked:
            case {"op": 13, "d": {"plain_token": str(token), "event_ts": str(time)}} if _fits(token, time):
                self._ours(wire)
                signed = self._key.sign(f"{time}{token}".encode()).hex()
                return json_reply({"plain_token": token, "signature": signed})
        return None

    def _ours(self, wire: Wire) -> None:
        if wire.headers.get("x-bot-appid") != self._app_id:
            raise Refused("the callback is for another bot")


def json_reply(body: object) -> Reply:
    """An answer in JSON."""
    return Reply(body=json.dumps(body).encode(), type="application/json")


def _fits(token: str, time: str) -> bool:
    return _TOKEN.fullmatch(token) is not None and _TIME.fullmatch(time) is not None


def _key(secret: str) -> Ed25519PrivateKey:
    """Derive the key: the seed is the secret, repeated until it fills 32 bytes."""
    seed = secret.encode()
    if not seed:
        raise ValueError("app_secret is empty")
    return Ed25519PrivateKey.from_private_bytes((seed * SEED)[:SEED])
