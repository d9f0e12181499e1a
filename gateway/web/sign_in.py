"""Signing in: one of the staff with a password, or the operator with the token; and signing out."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from gateway.accounts import Session
from gateway.web.access import KEY_COOKIE, LASTS, SESSION_COOKIE
from gateway.web.desk import Desk, see_other

SAID = ("out", "everywhere")
NAME = 200
"""Characters of a name that are looked at."""


def routes(desk: Desk) -> list[BaseRoute]:
    """Return the routes of the sign-in page."""
    page = SignIn(desk)
    return [
        Route("/sign-in", page.show, methods=["GET"]),
        Route("/sign-in", page.enter, methods=["POST"]),
        Route("/sign-out", page.leave, methods=["POST"]),
    ]


class SignIn:
    """The page and its two forms."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def show(self, request: Request) -> Response:
        """Show the forms."""
        said = request.query_params.get("said", "")
        back = local(request.query_params.get("next", ""))
        return self._page(request, back=back, said=f"sign_in_said.{said}" if said in SAID else "")

    async def enter(self, request: Request) -> Response:
        """Let somebody in."""
        form = await self._desk.form(request)
        return await (self._operator(request, form) if "token" in form else self._person(request, form))

    async def _operator(self, request: Request, form: FormData) -> Response:
        back = local(str(form.get("next", "")))
        if not self._desk.access.right(str(form.get("token", ""))):
            return self._page(request, status=403, back=back, error="token_wrong")
        response = goes(back or self._desk.home)
        keep(self._desk, response, KEY_COOKIE, self._desk.access.key())
        return response

    async def _person(self, request: Request, form: FormData) -> Response:
        back, person = local(str(form.get("next", ""))), str(form.get("person", ""))[:NAME]
        session = await self._desk.accounts.verify(person, str(form.get("password", "")))
        if session is None:
            return self._page(request, status=403, back=back, error="sign_in_wrong", person=person)
        response = goes(back or self._desk.home)
        signed_in(self._desk, response, session)
        return response

    async def leave(self, request: Request) -> Response:
        """Sign out with this browser."""
        await self._desk.form(request)
        response = see_other("/sign-in", said="out")
        forget(self._desk, response)
        return response

    def _page(self, request: Request, *, status: int = 200, **context: Any) -> Response:
        context = {"back": "", "said": "", "error": "", "person": "", **context}
        token = bool(self._desk.access.token)
        return self._desk.render(request, "sign_in.html", status=status, note=self._desk.note, token=token, **context)


def local(path: str) -> str:
    """Return a path of ours, or "" for an address elsewhere that somebody put into a link."""
    try:
        parts = urlsplit(path)
    except ValueError:
        return ""
    ours = path.startswith("/") and not path.startswith("//") and not parts.scheme and not parts.netloc
    return path if ours and path.isprintable() and "\\" not in path else ""


def goes(path: str) -> Response:
    """Answer a form: the browser fetches this page, which may have a query."""
    return RedirectResponse(path, status_code=303)


def signed_in(desk: Desk, response: Response, session: Session) -> None:
    """Let the browser remember who signed in."""
    keep(desk, response, SESSION_COOKIE, desk.access.session(session))


def keep(desk: Desk, response: Response, name: str, value: str) -> None:
    """Set a cookie that lasts as long as a sign-in."""
    age = int(LASTS.total_seconds())
    response.set_cookie(name, value, max_age=age, httponly=True, samesite="lax", secure=desk.access.secure)


def forget(desk: Desk, response: Response) -> None:
    """Take both cookies from the browser."""
    for name in (SESSION_COOKIE, KEY_COOKIE):
        response.delete_cookie(name, httponly=True, samesite="lax", secure=desk.access.secure)
