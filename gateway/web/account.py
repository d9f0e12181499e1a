"""One's own account: what one may do, a new password, and signing out."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from gateway.web.desk import Desk, see_other
from gateway.web.sign_in import forget, signed_in
from router.passwords import LEAST


def routes(desk: Desk) -> list[BaseRoute]:
    """Return the routes of the page."""
    page = AccountPage(desk)
    return [
        Route("/account", page.show, methods=["GET"]),
        Route("/account/password", page.change, methods=["POST"]),
        Route("/account/everywhere", page.leave, methods=["POST"]),
    ]


class AccountPage:
    """The page and its forms."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def show(self, request: Request) -> Response:
        """Show it to whoever signed in."""
        person = self._desk.person(request)
        if person is None:
            return see_other("/sign-in", next="/account")
        said = "account_said.changed" if request.query_params.get("said") == "changed" else ""
        return self._page(request, person, said=said)

    async def change(self, request: Request) -> Response:
        """Set a new password; this browser stays signed in."""
        person = self._desk.person(request)
        form = await self._desk.form(request)
        if person is None:
            return see_other("/sign-in", next="/account")
        now, new, again = (str(form.get(name, "")) for name in ("now", "new", "again"))
        flaw = "differ" if new != again else self._desk.accounts.flaw(person, new)
        if not flaw and await self._desk.accounts.verify(person, now) is None:
            flaw = "wrong"
        if flaw:
            return self._page(request, person, error=f"flaw.{flaw}", status=422)
        response = see_other("/account", said="changed")
        signed_in(self._desk, response, await self._desk.accounts.give(person, new, by=person))
        return response

    async def leave(self, request: Request) -> Response:
        """End every session of this person, in every browser."""
        person = self._desk.person(request)
        await self._desk.form(request)
        if person is not None:
            await self._desk.accounts.sign_out(person, by=person)
        response = see_other("/sign-in", said="everywhere")
        forget(self._desk, response)
        return response

    def _page(self, request: Request, person: str, *, said: str = "", error: str = "", status: int = 200) -> Response:
        rights: Sequence[str] = self._desk.accounts.people[person].rights
        return self._desk.render(
            request,
            "account.html",
            status=status,
            login=person,
            rights=[f"right.{right}" for right in rights],
            said=said,
            error=error,
            least=LEAST,
        )
