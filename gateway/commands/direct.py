"""The way to the running gateway: straight, since a password or the operator token goes along.

A proxy of the environment would read both, and so would whatever a redirect leads to.
"""

from __future__ import annotations

import json
from http.client import HTTPResponse
from typing import Any
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener


class _Stays(HTTPRedirectHandler):
    def redirect_request(self, *_: object, **__: object) -> None:
        """Follow nowhere: the answer is raised as the HTTPError that it is to us."""


_opener = build_opener(ProxyHandler({}), _Stays())


def straight(request: Request, timeout: float) -> HTTPResponse:
    """Send a request and return the answer; raises HTTPError for a refusal and for a redirect, and OSError."""
    answer: HTTPResponse = _opener.open(request, timeout=timeout)
    return answer


def detail(said: bytes) -> Any:
    """Return what a refusal says: its `detail` where it is JSON, else its words."""
    try:
        found = json.loads(said)
    except ValueError:
        return said[:500].decode("utf-8", "replace")
    return found.get("detail", found) if isinstance(found, dict) else found
