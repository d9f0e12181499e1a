"""The page of the addresses that are not written to: found, added by hand, and allowed again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from sqlalchemy import Connection
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from gateway.broadcast.acts import Made
from gateway.broadcast.suppressing import Suppressing, Wish, methods
from gateway.web.desk import Desk, see_other
from gateway.web.view import Eye
from gateway.web.words import NAMED
from gateway.web.words_reasons import refusal
from store import suppressions
from store.model import Suppression

MOST = 100
"""Lines on one page."""
PLACES = 19
"""Digits of an id at most."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One line of the page."""

    ident: int
    at: str
    method: str
    way: str
    address: str
    kind: str
    reason: str
    by: str


def routes(desk: Desk) -> list[BaseRoute]:
    """Return the routes of the page."""
    moves = Suppressing(desk.house.standing)

    async def show(request: Request) -> Response:
        return await page(desk, request, said=request.query_params.get("said", ""))

    async def change(request: Request) -> Response:
        return await changed(desk, request, moves)

    return [Route("/suppressions", show, methods=["GET"]), Route("/suppressions", change, methods=["POST"])]


async def page(
    desk: Desk, request: Request, *, said: str = "", status: int = 200, given: Mapping[str, str] | None = None
) -> Response:
    """Show the newest, or those that were searched for; `given` is what a refused form held."""
    query = _query(request.query_params)
    before = request.query_params.get("before", "")
    last = int(before) if before.isascii() and before.isdecimal() and len(before) < PLACES else None

    def ask(connection: Connection) -> tuple[Sequence[Suppression], int]:
        found = suppressions.listed(connection, **query, before=last, limit=MOST)
        return found, suppressions.counted(connection, **query)

    found, count = await desk.read(ask)
    eye = desk.eye(request)
    older = urlencode({**query, "before": found[-1].id}) if len(found) == MOST else ""
    return desk.render(
        request,
        "suppressions.html",
        status=status,
        eye=eye,
        rows=rows(found, eye),
        count=count,
        methods=methods(desk.house.standing.ways),
        older=f"/suppressions?{older}" if older else "",
        said=f"said.{said}" if f"said.{said}" in NAMED else "",
        given={"method": "", "address": "", "why": "", **(given or {})},
        **query,
    )


def _query(params: QueryParams) -> dict[str, str]:
    return {"search": params.get("search", "")[:200].strip(), "method": params.get("method", "")[:50]}


def rows(found: Sequence[Suppression], eye: Eye) -> list[Row]:
    """Lay out what was found."""
    return [
        Row(
            ident=one.id,
            at=eye.at(one.at),
            method=one.channel,
            way=eye.words.named("method", one.channel),
            address=one.address,
            kind=eye.words.named("suppression", one.kind),
            reason=one.why if one.by else refusal(one.why, eye.words),
            by=eye.name(one.by) if one.by else eye.words("suppression_itself"),
        )
        for one in found
    ]


async def changed(desk: Desk, request: Request, moves: Suppressing) -> Response:
    """Add an address or allow one again, and show the list."""
    form = await desk.form(request)
    method, address, why = (str(form.get(name, "")) for name in ("method", "address", "why"))
    allow = form.get("move") == "allow"
    wish = Wish(method=method, address=address, by=desk.person(request) or "", why=why)
    made: Made = await desk.house.writer.do(moves.allow if allow else moves.suppress, wish)
    if not made.ok:
        given = {} if allow else {"method": method, "address": address, "why": why}
        return await page(desk, request, said=f"suppression_{made.answer}", status=422, given=given)
    word = "allowed" if allow else "suppressed"
    query = {name: value for name, value in _query(request.query_params).items() if value}
    return see_other("/suppressions", **query, said=word if made.answer == "done" else "suppression_same")
