"""Fetches the pictures and files of a smart bot, which lie encrypted on WeCom's storage for five minutes.

AES-256-CBC, the first 16 bytes of the key as IV, padded by PKCS#7 to 32 bytes
(developer.work.weixin.qq.com/document/path/100719 and .../path/101463, "多媒体资源解密").
"""

from __future__ import annotations

import mimetypes
from base64 import b64decode
from binascii import Error as NotBase64
from email.message import Message
from typing import Final
from urllib.parse import urldefrag, urlsplit

import filetype
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from channels.contract import Attachment, GiveUp, Remote
from channels.http import Answer, Http, failure

LARGEST: Final = 20 * 1024 * 1024
"""Bytes that are taken in."""
LOOPBACK: Final = frozenset(("127.0.0.1", "localhost", "::1"))


class Files:
    """The storage, and whom of it we trust."""

    def __init__(self, http: Http, *, hosts: tuple[str, ...], loopback: bool, key: str = "") -> None:
        self._http = http
        self._hosts = hosts
        self._loopback = loopback
        self._key = key

    async def fetch(self, remote: Remote) -> Attachment:
        """Bring one file in the clear; raises GiveUp when it is gone, elsewhere, too large or cannot be decrypted."""
        url, key = urldefrag(remote.ref)
        self._allow(url)
        if remote.size is not None and remote.size > LARGEST:
            raise GiveUp("the file is larger than 20 MB")
        answer = await self._http.request("GET", url)
        error = failure(answer)
        if error is not None:
            raise GiveUp(f"the file is no longer there ({error})") if answer.status in (403, 404, 410) else error
        if len(answer.body) > LARGEST + 32:
            raise GiveUp("the file is larger than 20 MB")
        content = decrypted(answer.body, key or self._key)
        return Attachment(name=_name(remote, answer, content), type=_type(remote, content), content=content)

    def _allow(self, url: str) -> None:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
        if self._loopback and parts.scheme == "http" and host in LOOPBACK:
            return
        known = any(host == one or (one.startswith(".") and host.endswith(one)) for one in self._hosts)
        if parts.scheme != "https" or not known or parts.username or parts.port not in (None, 443):
            raise GiveUp("the file lies where nothing is fetched from: see file_hosts")


def decrypted(content: bytes, key: str) -> bytes:
    """The file in the clear; raises GiveUp when the key does not fit."""
    try:
        aes = b64decode(key + "=" * (-len(key) % 4), validate=True)
        reader = Cipher(algorithms.AES(aes), modes.CBC(aes[:16])).decryptor()
        padded = reader.update(content) + reader.finalize()
    except (NotBase64, ValueError):
        raise GiveUp("the file cannot be decrypted") from None
    pad = padded[-1] if padded else 0
    if not 1 <= pad <= 32 or padded[-pad:] != bytes([pad]) * pad:
        raise GiveUp("the file cannot be decrypted: its key does not fit")
    return padded[:-pad]


def _type(remote: Remote, content: bytes) -> str:
    """What the content says it is, or else what was said of it."""
    found = filetype.guess_mime(content[:8192])
    said = remote.type if "*" not in remote.type else "application/octet-stream"
    return found or mimetypes.guess_type(remote.name)[0] or said


def _name(remote: Remote, answer: Answer, content: bytes) -> str:
    """The name that was told, or the one in the answer, with an ending that fits the content."""
    header = Message()
    header["Content-Disposition"] = answer.headers.get("Content-Disposition", "")
    name = (header.get_filename("") or remote.name).replace("\\", "/").rpartition("/")[2].strip()[:255] or "file"
    kind = filetype.guess_extension(content[:8192])
    return name if "." in name or not kind else f"{name}.{kind}"
