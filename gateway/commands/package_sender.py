"""Sends a package to the running gateway in slices, and goes on after interruptions until it is there."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from http.client import HTTPException
from pathlib import Path
from typing import Any, BinaryIO, Final

from gateway.commands.direct import detail, straight

SLICE: Final = 8 * 1024 * 1024
READ: Final = 1 << 20
TIMEOUT: Final = 120.0
TRIES: Final = 12
"""Interruptions in a row, without a byte more, after which it is given up for now: that is about two minutes."""
LONGEST: Final = 15.0
LATER: Final = frozenset({408, 423, 429, 502, 503, 504})
"""Answers that mean: try again."""
Told = Callable[[str, int, int], None]
"""Called with what goes on ("checksum", "upload", "check"), how far it is, and the whole."""


class Refused(Exception):
    """The gateway said no, and said why."""

    def __init__(self, status: int, detail: Any) -> None:
        super().__init__(str(detail.get("says", detail)) if isinstance(detail, dict) else str(detail))
        self.status = status
        self.detail = detail


class Interrupted(Exception):
    """The gateway could not be reached any more; what came is kept there."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sender:
    """One person's way to one gateway."""

    base: str
    """Address of the API, such as http://127.0.0.1:8000/api/v1."""
    person: str
    password: str = field(repr=False)
    told: Told = lambda _what, _at, _size: None
    pause: Callable[[float], None] = time.sleep
    size: int = SLICE

    def add(self, file: Path, wish: Mapping[str, Any]) -> dict[str, Any]:
        """Upload a file and return the package; raises Refused, Interrupted, or OSError where it cannot be read."""
        digest, size = self.digest(file)
        named = {**wish, "file": file.name, "size": size}
        try:
            _, kept = self._patiently(lambda: self.ask("POST", "/packages", named))
        except Refused as error:
            return _same(error, digest)
        ident = kept["package"]["id"]
        with file.open("rb") as opened:
            self._send(opened, ident, int(kept["offset"]), size)
        self.told("check", size, size)
        finish = {"sha256": digest}
        while True:
            status, done = self._patiently(lambda: self.ask("POST", f"/packages/{ident}/finish", finish))
            if status != 202:
                return dict(done["package"])
            self.pause(1.0)

    def digest(self, file: Path) -> tuple[str, int]:
        """Return checksum and size of a file."""
        running, at, size = sha256(), 0, file.stat().st_size
        with file.open("rb") as opened:
            while piece := opened.read(READ):
                running.update(piece)
                at += len(piece)
                self.told("checksum", at, size)
        return running.hexdigest(), at

    def _send(self, file: BinaryIO, ident: str, at: int, size: int) -> None:
        tries = 0
        while at < size:
            self.told("upload", at, size)
            file.seek(at)
            piece = file.read(self.size)
            try:
                now = self._slice(ident, at, piece)
            except (Interrupted, Refused) as error:
                tries += 1
                self._again(error, tries)
                now = self._offset(ident, at)
            tries = 0 if now > at else tries
            at = now

    def _slice(self, ident: str, at: int, piece: bytes) -> int:
        headers = {"Upload-Offset": str(at), "Content-Type": "application/offset+octet-stream"}
        try:
            self._open("PATCH", f"/packages/{ident}/upload", piece, headers)
        except Refused as error:
            if error.status == 409 and isinstance(error.detail, dict) and error.detail.get("answer") == "elsewhere":
                return int(error.detail["offset"])
            raise
        return at + len(piece)

    def _offset(self, ident: str, at: int) -> int:
        """Ask how far the upload is; where nobody answers it stays where it was, and is tried again from there."""
        try:
            return int(self.ask("GET", f"/packages/{ident}/upload")[1]["offset"])
        except (Interrupted, Refused) as error:
            if isinstance(error, Refused) and error.status not in LATER:
                raise
            return at

    def _patiently(self, ask: Callable[[], tuple[int, Any]]) -> tuple[int, Any]:
        tries = 0
        while True:
            try:
                return ask()
            except (Interrupted, Refused) as error:
                tries += 1
                self._again(error, tries)

    def _again(self, error: Interrupted | Refused, tries: int) -> None:
        """Wait before another try, longer each time; raises where there is to be none."""
        if tries > TRIES or (isinstance(error, Refused) and error.status not in LATER):
            raise error
        self.pause(min(2.0 ** (tries - 1), LONGEST))

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Say something in JSON and return status and answer."""
        sent = None if body is None else json.dumps(body).encode()
        status, said = self._open(method, path, sent, {"Content-Type": "application/json"})
        return status, json.loads(said) if said else None

    def _open(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> tuple[int, bytes]:
        key = b64encode(f"{self.person}:{self.password}".encode()).decode()
        known = {"Authorization": f"Basic {key}", "Accept-Language": "en", **headers}
        request = urllib.request.Request(self.base + path, body, known, method=method)  # noqa: S310
        try:
            with straight(request, TIMEOUT) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            raise Refused(error.code, detail(error.read(65_536))) from None
        except (OSError, HTTPException) as error:
            raise Interrupted(str(error)) from error


def _same(error: Refused, digest: str) -> dict[str, Any]:
    """Return the package that is there already where it is the very same file; else raise."""
    package = error.detail.get("package") if isinstance(error.detail, dict) else None
    if not package or package["state"] != "ready" or package["sha256"] != digest:
        raise error
    return dict(package)
