"""The form for what no program may read: a conversation that a person copied out of a group."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from channels.contract import Malformed
from channels.powers import Pastes
from gateway.app import House
from gateway.web.desk import Desk


def accounts(house: House) -> list[str]:
    """Return the accounts that conversations can be pasted for."""
    return [name for name, channel in house.channels.items() if isinstance(channel, Pastes)]


def routes(desk: Desk) -> list[BaseRoute]:
    """Return the routes of the form; without an account for it there are none."""
    if not accounts(desk.house):
        return []
    page = PastePage(desk)
    return [Route("/paste", page.show, methods=["GET"]), Route("/paste", page.take, methods=["POST"])]


class PastePage:
    """The form and what it does."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def show(self, request: Request) -> Response:
        """Show the empty form, and after a good one how many messages came of it."""
        return self._page(request, said=request.query_params.get("said", ""))

    async def take(self, request: Request) -> Response:
        """Take a conversation; one that names nobody comes back with the text in place."""
        form = await self._desk.form(request)
        text, group = str(form.get("text", "")), str(form.get("group", "")).strip()[:200]
        account = str(form.get("account", ""))
        channel = self._desk.house.channels.get(account)
        if not isinstance(channel, Pastes):
            return self._page(request, text=text, group=group, error="paste_no_account", status=422)
        if not group:
            return self._page(request, text=text, group=group, error="paste_no_group", status=422)
        try:
            found = channel.pasted(text, group=group)
        except Malformed:
            return self._page(request, text=text, group=group, error="paste_nobody", status=422)
        ids = await self._desk.house.intake.accept(account, found)
        new = sum(1 for ident in ids if ident is not None)
        eye = self._desk.eye(request)
        return self._page(request, said=eye.words("paste_taken", new=new, known=len(ids) - new), group=group)

    def _page(
        self, request: Request, *, text: str = "", group: str = "", said: str = "", error: str = "", status: int = 200
    ) -> Response:
        known = accounts(self._desk.house)
        return self._desk.render(
            request, "paste.html", status=status, accounts=known, text=text, group=group, said=said, error=error
        )
