"""Signing in with the operator token; there are no accounts yet."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from gateway.web.access import KEY_COOKIE, LASTS
from gateway.web.desk import Desk, see_other


def routes(desk: Desk) -> list[BaseRoute]:
    """Return the routes of the sign-in page."""

    async def show(request: Request) -> Response:
        return desk.render(request, "sign_in.html", wrong=False)

    async def enter(request: Request) -> Response:
        form = await desk.form(request)
        if not desk.access.right(str(form.get("token", ""))):
            return desk.render(request, "sign_in.html", status=403, wrong=True)
        response = see_other(desk.home)
        age = int(LASTS.total_seconds())
        response.set_cookie(
            KEY_COOKIE, desk.access.key(), max_age=age, httponly=True, samesite="lax", secure=desk.access.secure
        )
        return response

    return [Route("/sign-in", show, methods=["GET"]), Route("/sign-in", enter, methods=["POST"])]
