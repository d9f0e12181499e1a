"""Proves and opens the encrypted callbacks of WeCom: apps and customer service (XML), smart bots (JSON).

SHA1 over the sorted token, timestamp, nonce and ciphertext; AES-256-CBC, padded by PKCS#7 to 32 bytes; inside stand 16
random bytes, the length, the message, and for whom it is (developer.work.weixin.qq.com/document/path/90968).
"""

from __future__ import annotations

import hmac
import json
import struct
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Mapping, Sequence
from datetime import timedelta
from hashlib import sha1
from typing import Final
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring
from wechatpy.crypto import PrpCrypto
from wechatpy.exceptions import InvalidAppIdException

from channels.contract import Finding, Malformed, Refused, Reply, Wire

FRESH: Final = timedelta(minutes=5)
"""How far the signed time may lie from ours; WeCom repeats a callback within seconds."""
LARGEST: Final = 1024 * 1024
"""Bytes of a callback; WeCom's have a few thousand."""

NO_KEY: Final = "aes_key is not an EncodingAESKey: it has 43 letters and digits"


class Callback:
    """What one app or bot is called with."""

    def __init__(self, *, token: str, aes_key: str, receiver: str) -> None:
        self._token = token
        self._key = _key(aes_key)
        self._receiver = receiver

    def check(self) -> Sequence[Finding]:
        """What is wrong with the settings of the callback, if anything."""
        cure = "copy the EncodingAESKey from the admin console"
        return [] if self._key else [Finding(what="callback", ok=False, note=NO_KEY, cure=cure)]

    def echo(self, wire: Wire) -> Reply:
        """Answer the check of our address with what it encrypted, alone; raises Refused."""
        return Reply(body=self._opened(wire, wire.query.get("echostr", "")))

    def xml(self, wire: Wire) -> Mapping[str, str]:
        """The elements of a genuine callback in XML; raises Refused, or Malformed for a broken inside."""
        return elements(self._opened(wire, _encrypt_of_xml(wire.body)))

    def xml_again(self, body: bytes) -> Mapping[str, str]:
        """The elements of a callback that was proved genuine when it came; raises Refused or Malformed."""
        return elements(self._decrypted(_encrypt_of_xml(body)))

    def json(self, wire: Wire) -> bytes:
        """The body of a genuine callback in JSON; raises Refused."""
        return self._opened(wire, _encrypt_of_json(wire.body))

    def json_again(self, body: bytes) -> bytes:
        """The inside of a callback that was proved genuine when it came; raises Refused."""
        return self._decrypted(_encrypt_of_json(body))

    def _opened(self, wire: Wire, encrypted: str) -> bytes:
        """What stands inside, once the signature, the time and the receiver fit; raises Refused."""
        prove(wire, self._token, encrypted, signature="msg_signature")
        return self._decrypted(encrypted)

    def _decrypted(self, encrypted: str) -> bytes:
        if self._key is None:
            raise Refused(NO_KEY)
        try:
            text = PrpCrypto(self._key).decrypt(encrypted, self._receiver)
        except InvalidAppIdException:
            raise Refused("it is encrypted for another account, or with another aes_key") from None
        except (NotBase64, ValueError, IndexError, LookupError, struct.error):
            # The library lets every fault of a broken body through as it comes.
            raise Refused("it cannot be decrypted") from None
        return str(text).encode()


def prove(wire: Wire, token: str, *more: str, signature: str) -> None:
    """Raise Refused unless the parameter `signature` signs the token, the time, the nonce and `more`, just now."""
    stamp, nonce = (wire.query.get(name, "") for name in ("timestamp", "nonce"))
    signed = _sha1("".join(sorted([token, stamp, nonce, *more])))
    if not hmac.compare_digest(signed.encode(), wire.query.get(signature, "").encode("utf-8", "replace")):
        raise Refused(f"{signature} does not fit: wrong token, or not from the provider")
    known = stamp.isascii() and stamp.isdigit()
    if not known or abs(wire.at.timestamp() - int(stamp[:12])) > FRESH.total_seconds():
        raise Refused("the callback is older than five minutes")


def elements(body: bytes) -> Mapping[str, str]:
    """The elements of genuine XML and their texts; raises Malformed for what is none, or has a DTD."""
    try:
        return _flat(body)
    except (ParseError, DefusedXmlException, ValueError):
        raise Malformed("xml", "not XML") from None


def _sha1(text: str) -> str:
    return sha1(text.encode("utf-8", "replace")).hexdigest()  # noqa: S324 - the hash that WeCom signs with


def _key(aes_key: str) -> bytes | None:
    """The 32 bytes of an EncodingAESKey; None for what is none."""
    try:
        key = b64decode(f"{aes_key}=", validate=True)
    except (NotBase64, ValueError):
        return None
    return key if len(key) == 32 else None


def _encrypt_of_xml(body: bytes) -> str:
    """The ciphertext of an envelope that nobody has vouched for yet: whatever is odd in it is Refused."""
    if len(body) > LARGEST:
        raise Refused("too large for a callback")
    try:
        encrypted = _flat(body).get("Encrypt", "")
    except (ParseError, DefusedXmlException, ValueError):
        raise Refused("not the XML of a callback") from None
    if not encrypted:
        raise Refused("there is nothing encrypted in it")
    return encrypted


def _encrypt_of_json(body: bytes) -> str:
    """The same of an envelope in JSON."""
    if len(body) > LARGEST:
        raise Refused("too large for a callback")
    try:
        encrypted = json.loads(body.decode("utf-8"))["encrypt"]
    except (ValueError, KeyError, TypeError, RecursionError):
        encrypted = None
    if not isinstance(encrypted, str) or not encrypted:
        raise Refused("there is nothing encrypted in it")
    return encrypted


def _flat(body: bytes) -> Mapping[str, str]:
    """The children of the root and their texts; DTDs, and with them entities, are forbidden."""
    root = fromstring(body, forbid_dtd=True)
    return {child.tag: child.text or "" for child in root}
