"""The API about the accounts of the staff. It is the operator's: none of the staff sets the password of another."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException
from starlette.requests import Request

from gateway.account_rows import accounts
from gateway.accounts import Busy
from gateway.web.desk import Desk
from gateway.web.shapes_accounts import AccountShape, DoneShape, PasswordShape
from gateway.web.words import Words


class AccountsApi:
    """The operations; one method each."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._accounts = desk.accounts

    def _operator(self, request: Request) -> str:
        """Return who acts, "" for the operator who is nobody; raises HTTPException 403 for one of the staff alone."""
        if not self._desk.access.operator(request):
            raise HTTPException(403, "this is for the operator: from this machine itself, or with the operator token")
        return self._desk.person(request) or ""

    async def list_accounts(self, request: Request) -> list[AccountShape]:
        """List everybody of the staff with their rights, and whether they have a password."""
        self._operator(request)
        people, now = self._accounts.people, self._desk.house.clock.now()
        found = await self._desk.read(lambda connection: accounts(connection, people, now))
        return [AccountShape.model_validate(one) for one in found]

    async def set_password(self, person: str, wanted: PasswordShape, request: Request) -> DoneShape:
        """Set a password; every session of that person ends."""
        by = self._operator(request)
        if person not in self._accounts.people:
            raise HTTPException(404, f"{person!r} is not among the staff: {', '.join(self._desk.names)}")
        if flaw := self._accounts.flaw(person, wanted.password):
            raise HTTPException(422, Words("en")(f"flaw.{flaw}"))
        try:
            await self._accounts.give(person, wanted.password, by=by)
        except Busy:
            raise HTTPException(429, self._desk.eye(request).words("busy_why")) from None
        return DoneShape(person=person, done="set")

    async def remove(self, person: str, request: Request) -> DoneShape:
        """Take a password away, also that of somebody who is not among the staff any more."""
        return self._done(person, "removed", there=await self._accounts.remove(person, by=self._operator(request)))

    async def unlock(self, person: str, request: Request) -> DoneShape:
        """Forget the wrong passwords."""
        return self._done(person, "unlocked", there=await self._accounts.unlock(person, by=self._operator(request)))

    def _done(self, person: str, done: str, *, there: bool) -> DoneShape:
        if not there:
            raise HTTPException(404, f"{person} has no password")
        return DoneShape(person=person, done=done)


def routes(desk: Desk) -> APIRouter:
    """Return the routes of the API about accounts."""
    api = AccountsApi(desk)
    router = APIRouter()
    router.add_api_route("/accounts", api.list_accounts, methods=["GET"])
    router.add_api_route("/accounts/{person}/password", api.set_password, methods=["PUT"])
    router.add_api_route("/accounts/{person}/password", api.remove, methods=["DELETE"])
    router.add_api_route("/accounts/{person}/unlock", api.unlock, methods=["POST"])
    return router
