"""Who may see the pages, which forms are ours, and the signatures for both.

The pages answer this machine itself, whoever shows the operator token, and the staff who signed in.
"""

from __future__ import annotations

import hmac
import ipaddress
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final
from urllib.parse import urlsplit

from itsdangerous import BadSignature, URLSafeSerializer
from starlette.requests import Request

from gateway.accounts import Session
from gateway.config import Config
from gateway.signing import Going, Seals, key_of

OPEN: Final = (
    "/in/",
    "/a/",
    "/e/",
    "/s/",
    "/p/",
    "/u/",
    "/static/",
    "/healthz",
    "/readyz",
    "/sign-in",
    "/sign-out",
    "/rota/",
)
"""Paths that anybody may ask for: webhooks sign themselves; the pages of a lead, an engineer, a site, a package and
of who wants no more texts, and the calendars of the rota carry their right in their address."""
CODE_PAGE: Final = "/p"
"""Open as well, but not what begins with it: it asks for the code of a page."""
FORWARDED: Final = ("x-forwarded-for", "forwarded", "x-real-ip")
LASTS: Final = timedelta(hours=12)
"""How long a lead's page and a sign-in last."""
KEY_COOKIE: Final = "yizhan_key"
SESSION_COOKIE: Final = "yizhan_session"
FORM_COOKIE: Final = "yizhan_form"


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """What a lead's page may do: this person, on this ticket."""

    person: str
    number: int


class Access:
    """The rules of one running gateway."""

    def __init__(self, config: Config, now: Callable[[], datetime]) -> None:
        token = config.gateway.operator_token
        self.token = token.reveal() if token else ""
        # With a token the links survive a restart and hold over several processes.
        key = key_of(config) or secrets.token_bytes(32)
        self.seals = Seals(key)
        self._key = key
        self._now = now
        self._links = URLSafeSerializer(key, salt="lead", signer_kwargs={"digest_method": sha256})
        self._keys = URLSafeSerializer(key, salt="sign-in", signer_kwargs={"digest_method": sha256})
        self._sessions = URLSafeSerializer(key, salt="person", signer_kwargs={"digest_method": sha256})
        self.secure = config.gateway.public_url.startswith("https:")
        self._hosts = {"localhost", "127.0.0.1", "::1", urlsplit(config.gateway.public_url).hostname or "localhost"}

    def admits(self, request: Request, *, person: str | None = None) -> bool:
        """Tell whether this request may see the pages; `person` is who of the staff makes it."""
        path = request.url.path
        return path.startswith(OPEN) or path == CODE_PAGE or person is not None or self.operator(request)

    def operator(self, request: Request) -> bool:
        """Tell whether it comes from somebody who may see everything: with the token, signed in, or from here."""
        return self.bearer(request.headers) or self.alone(request) or self.signed_in(request)

    def alone(self, request: Request) -> bool:
        """Tell whether it comes from this machine itself, through nobody, under a name of ours.

        The name matters: a page elsewhere whose name was pointed at 127.0.0.1 would else read along (DNS rebinding).
        """
        if request.client is None or any(name in request.headers for name in FORWARDED):
            return False
        try:
            loopback = ipaddress.ip_address(request.client.host).is_loopback
        except ValueError:
            return False
        return loopback and host_of(request) in self._hosts

    def bearer(self, headers: Mapping[str, str]) -> bool:
        """Tell whether the operator token stands in the Authorization header (RFC 6750 2.1)."""
        kind, _, given = headers.get("authorization", "").partition(" ")
        return kind.lower() == "bearer" and self.right(given)

    def right(self, given: str) -> bool:
        """Tell whether this is the operator token; never without one set."""
        return bool(self.token) and hmac.compare_digest(given.strip().encode(), self.token.encode())

    def signed_in(self, request: Request) -> bool:
        """Tell whether somebody signed in with the token less than 12 hours ago."""
        try:
            until = float(self._keys.loads(request.cookies.get(KEY_COOKIE, "")))
        except (BadSignature, TypeError, ValueError):
            return False
        return until > self._now().timestamp()

    def key(self) -> str:
        """Return the cookie of somebody who showed the token."""
        return str(self._keys.dumps(self._until()))

    def session(self, session: Session) -> str:
        """Return the cookie of one of the staff who signed in."""
        return str(self._sessions.dumps([session.person, session.epoch, self._until()]))

    def read_session(self, request: Request) -> Session | None:
        """Return who signed in with this browser less than 12 hours ago; the store says whether it still holds."""
        try:
            person, epoch, until = self._sessions.loads(request.cookies.get(SESSION_COOKIE, ""))
        except (BadSignature, TypeError, ValueError):
            return None
        return Session(person=str(person), epoch=int(epoch)) if until > self._now().timestamp() else None

    def link(self, person: str, number: int) -> str:
        """Return the signed part of a lead's page."""
        return str(self._links.dumps([person, number, self._until()]))

    def read_link(self, signed: str) -> Link | None:
        """Return what a signed part allows; None when it is forged or older than 12 hours."""
        try:
            person, number, until = self._links.loads(signed)
        except (BadSignature, TypeError, ValueError):
            return None
        return Link(person=str(person), number=int(number)) if until > self._now().timestamp() else None

    def engineer_link(self, person: str, number: int) -> str:
        """Return the signed part of an engineer's page."""
        return self.seals.page(Going(person=person, number=number), self._now())

    def read_engineer_link(self, signed: str) -> Going | None:
        """Return what a signed part allows; None when it is forged or older than a week."""
        return self.seals.read_page(signed, self._now())

    def seal(self, cookie: str) -> str:
        """Return the form field that belongs to a form cookie."""
        return hmac.new(self._key, b"form" + cookie.encode(), sha256).hexdigest()[:32]

    def form_cookie(self, request: Request) -> str:
        """Return the form cookie of this browser, a new one where it has none."""
        return request.cookies.get(FORM_COOKIE) or secrets.token_hex(8)

    def own_form(self, request: Request, sealed: str) -> bool:
        """Tell whether a form was shown by us to this very browser."""
        return same_origin(request) and self.sealed(request, sealed)

    def sealed(self, request: Request, sealed: str) -> bool:
        """Tell whether the seal belongs to this browser's cookie, whatever it says of where the form stood."""
        cookie = request.cookies.get(FORM_COOKIE, "")
        return bool(cookie) and hmac.compare_digest(sealed.encode(), self.seal(cookie).encode())

    def _until(self) -> int:
        return int((self._now() + LASTS).timestamp())


def host_of(request: Request) -> str | None:
    """Return the name that the request was sent to, as it says itself; None without one, or with one that is none.

    The framework puts our own address in the place of a Host that it finds invalid, which a browser may well send.
    """
    try:
        return urlsplit(f"//{request.headers.get('host', '')}").hostname
    except ValueError:
        return None


def same_origin(request: Request) -> bool:
    """Tell whether a browser says that its own page here made the request; tools that say nothing pass.

    Sec-Fetch-Site is the browser's own word (W3C Fetch Metadata); older browsers send Origin with every POST.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host", "")
