"""The page on which somebody types the code that stands for a link, where a text may carry none."""

from __future__ import annotations

import unicodedata
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from gateway.broadcast.links import ALPHABET, CODE, token
from gateway.broadcast.tries import Tries, asker
from gateway.web.access import CODE_PAGE
from gateway.web.desk import Desk, see_other
from gateway.web.landing import PAGE, ask, sealed_form
from store import landing

LONGEST: Final = 60
"""What is typed beyond is no code."""


def routes(desk: Desk) -> list[BaseRoute]:
    """Return the routes of the page."""
    page = CodePage(desk)
    return [Route(CODE_PAGE, page.show, methods=["GET"]), Route(CODE_PAGE, page.take, methods=["POST"])]


def code_in(typed: str) -> str:
    """Return the code that was typed, however it was written; "" for what can be none."""
    plain = unicodedata.normalize("NFKC", typed[:LONGEST]).upper()
    code = "".join(char for char in plain if char not in " -_.·—–\t\r\n")
    return code if len(code) == CODE and set(code) <= set(ALPHABET) else ""


class CodePage:
    """The form, and who has tried too often."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._tries = Tries()

    async def show(self, request: Request) -> Response:
        """Show the form."""
        return self._page(request)

    async def take(self, request: Request) -> Response:
        """Lead to the page of a code; wrong ones, old ones and those of what was revoked are answered alike."""
        form = await sealed_form(self._desk, request)
        typed = str(form.get("code", ""))
        now = self._desk.house.clock.now()
        who = asker(request.client.host if request.client else "", request.headers)
        if (wait := self._tries.paused(who, now)) is not None:
            minutes = -int(-wait.total_seconds() // 60)
            return self._page(request, error="land.code_pause", status=429, minutes=minutes)
        code = code_in(typed)
        if not code:
            return self._page(request, error="land.code_shape", status=422, typed=typed)
        # Counted before the store is asked: else many tries at once are all looked at.
        self._tries.wrong(who, now)
        found = await self._desk.read(lambda connection: landing.by_code(connection, code))
        if found is None or not found.broadcast.secret or found.gone(now):
            return self._page(request, error="land.code_wrong", status=404, typed=typed)
        self._tries.right(who, now)
        return see_other(f"{PAGE}/{token(found.broadcast.secret, found.recipient.id)}")

    def _page(
        self, request: Request, *, error: str = "", status: int = 200, typed: str = "", minutes: int = 0
    ) -> Response:
        eye = self._desk.eye(request)
        response = self._desk.render(
            request,
            "landing_code.html",
            status=status,
            eye=eye,
            style=self._desk.landing_style,
            error=eye.words(error, minutes=minutes) if error else "",
            typed=typed[:LONGEST],
            ask=ask(self._desk, eye),
        )
        if minutes:
            response.headers["retry-after"] = str(minutes * 60)
        return response
