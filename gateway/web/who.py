"""Finds out who of the staff makes a request: by the cookie of who signed in, or by name and password on the API."""

from __future__ import annotations

import binascii
from base64 import b64decode
from typing import Final

from starlette.requests import Request

from gateway.accounts import Accounts
from gateway.web.access import Access

PERSON: Final = "yizhan.person"
"""Where the request keeps it (ASGI lets servers and applications add keys of their own)."""
PUBLIC: Final = ("/static/", "/in/", "/healthz")
"""Answers to these are the same for everybody."""


class Who:
    """Asked once a request, before anything else looks at it."""

    def __init__(self, accounts: Accounts, access: Access) -> None:
        self._accounts = accounts
        self._access = access

    async def look(self, request: Request, *, basic: bool) -> bool:
        """Note who it is; False where one of the staff was named and the password is wrong.

        Raises StoreUnavailable and Busy.

        `basic`: a password may stand in the request itself (RFC 7617). A name that is nobody's is no fault: a proxy
        in front may have asked for one of its own.
        """
        request.scope[PERSON] = None
        if request.url.path.startswith(PUBLIC):
            return True
        given = _basic(request.headers.get("authorization", "")) if basic else None
        if given is not None and (self._accounts.meant(given[0]) is not None or not self._access.operator(request)):
            session = await self._accounts.remembered(*given)
            request.scope[PERSON] = session.person if session else None
            return session is not None
        kept = self._access.read_session(request)
        if kept is not None and await self._accounts.stands(kept):
            request.scope[PERSON] = kept.person
        return True


def person_of(request: Request) -> str | None:
    """Return the staff key that was noted; None where nobody signed in."""
    found = request.scope.get(PERSON)
    return found if isinstance(found, str) else None


def _basic(header: str) -> tuple[str, str] | None:
    kind, _, coded = header.partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        name, colon, password = b64decode(coded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return (name, password) if colon else ("", "")
