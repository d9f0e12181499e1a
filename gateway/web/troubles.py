"""The page of troubles: every text that did not go as planned, with its reason, the newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from gateway.asking import FOLDED, JOINED, RUNG_ALREADY
from gateway.web.desk import Desk
from gateway.web.view import Eye
from gateway.web.words_reasons import reason, refusal
from store import troubles
from store.model import MessageState
from store.troubles import Trouble

MOST = 200
"""Lines on one page."""
ORDINARY = (FOLDED, RUNG_ALREADY, JOINED)
"""Said by another text or call anyway: no trouble, and shown only to those who ask for all."""
SHOWN_FOR = timedelta(hours=24)
"""What the board counts."""
PLACES = 19
"""Digits of an id at most."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One line of the page."""

    at: str
    what: str
    tone: str
    number: int | None
    whom: str
    by: str
    account: str
    reason: str


def routes(desk: Desk) -> list[BaseRoute]:
    """Return the route of the page."""

    async def show(request: Request) -> Response:
        eye = desk.eye(request)
        asked = {name: _number(request, name) for name in ("ticket", "before")}
        every = request.query_params.get("show") == "all"
        found = await desk.read(lambda c: find(c, number=asked["ticket"], before=asked["before"], every=every))
        query = {"show": "all"} if every else {}
        ticket = {"ticket": str(asked["ticket"])} if asked["ticket"] is not None else {}
        older = {"before": str(found[-1].id)} if len(found) == MOST else None
        return desk.render(
            request,
            "troubles.html",
            eye=eye,
            rows=rows(found, eye),
            ticket=asked["ticket"],
            every=every,
            fewer=f"/troubles?{urlencode(ticket)}",
            more=f"/troubles?{urlencode({**ticket, 'show': 'all'})}",
            older=f"/troubles?{urlencode({**ticket, **query, **older})}" if older else "",
        )

    return [Route("/troubles", show, methods=["GET"])]


def _number(request: Request, name: str) -> int | None:
    given = request.query_params.get(name, "").strip().lstrip("#")
    return int(given) if given.isascii() and given.isdecimal() and len(given) < PLACES else None


def find(
    connection: Connection,
    *,
    number: int | None = None,
    before: int | None = None,
    every: bool = False,
    limit: int = MOST,
) -> list[Trouble]:
    """Ask the store; without `every`, what another text or call said anyway is left out."""
    but = () if every else ORDINARY
    return troubles.listed(connection, number=number, before=before, but=but, limit=limit)


def rows(found: Sequence[Trouble], eye: Eye) -> list[Row]:
    """Lay out what was found."""
    return [
        Row(
            at=eye.at(one.at),
            what=_what(one, eye),
            tone="late" if one.kind == "late" else one.kind,
            number=one.number,
            whom=eye.name(one.to) if one.to else "",
            by=eye.words.named("method", one.method) if one.method else "",
            account=one.account,
            reason=refusal(one.reason, eye.words) if one.kind == "failed" else reason(one.reason, eye.words),
        )
        for one in found
    ]


def _what(one: Trouble, eye: Eye) -> str:
    word = eye.words.named("event", one.kind)
    if one.state == MessageState.UNKNOWN and one.kind == "failed":
        return eye.words("trouble_unknown")
    if one.state == MessageState.CANCELLED and one.kind == "suppressed":
        return eye.words("trouble_cancelled")
    return word
