"""The API about addresses that are not written to."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request

from gateway.broadcast.suppressing import Suppressing, Wish
from gateway.web.desk import Desk
from gateway.web.shapes_suppressions import AddressShape, ChangedShape, SuppressionShape
from store import suppressions

NOBODY = (
    "this list is changed by a person: sign in on the page, or send HTTP Basic with the key of one of the staff and "
    "the password; the operator token says nothing of who you are"
)
Limit = Annotated[int, Query(ge=1, le=1000)]


class SuppressionsApi:
    """The operations; one method each."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._moves = Suppressing(desk.house.standing)

    async def listing(
        self, search: str = "", method: str = "", before: int | None = None, limit: Limit = 100
    ) -> list[SuppressionShape]:
        """List addresses to which texts for many do not go, the newest first, those before an id."""
        found = await self._desk.read(
            lambda connection: suppressions.listed(connection, search=search, method=method, before=before, limit=limit)
        )
        return [SuppressionShape.model_validate(one) for one in found]

    async def suppress(self, wish: AddressShape, request: Request) -> ChangedShape:
        """Send nothing for many to an address any more."""
        return await self._change(self._moves.suppress, wish, request)

    async def allow(self, wish: AddressShape, request: Request) -> ChangedShape:
        """Let texts for many go to an address again."""
        return await self._change(self._moves.allow, wish, request)

    async def _change(self, move: Any, wish: AddressShape, request: Request) -> ChangedShape:
        by = self._desk.person(request)
        if by is None:
            raise HTTPException(403, NOBODY)
        given = Wish(method=wish.method, address=wish.address, by=by, why=wish.why)
        made = await self._desk.house.writer.do(move, given)
        return ChangedShape(ok=made.ok, answer=made.answer, variables=dict(made.variables))


def routes(desk: Desk) -> APIRouter:
    """Return the routes."""
    api, router = SuppressionsApi(desk), APIRouter()
    router.add_api_route("/suppressions", api.listing, methods=["GET"])
    router.add_api_route("/suppressions/suppress", api.suppress, methods=["POST"])
    router.add_api_route("/suppressions/allow", api.allow, methods=["POST"])
    return router
