"""The board: every open matter, the worst and oldest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from gateway.duty import read_duty
from gateway.web.desk import Desk
from gateway.web.paste import accounts
from gateway.web.troubles import ORDINARY, SHOWN_FOR
from gateway.web.view import Board, Eye, Ties, board
from router.settings import RouterSettings
from store import matters, quarantine, tickets, troubles
from store.model import Clock, Ticket
from store.rows import nouns

MOST = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """What the store says for the board."""

    board: Board
    lead: str
    aside: int
    """How much lies in quarantine, up to 100."""
    troubles: int = 0
    """Texts of the last 24 h that did not go as planned."""


def routes(desk: Desk) -> list[BaseRoute]:
    """Return the board's route."""

    async def show(request: Request) -> Response:
        eye = desk.eye(request)
        every = request.query_params.get("show") == "all"
        settings = desk.house.config.router
        found = await desk.read(lambda connection: find(connection, eye, settings, every=every))
        pastes = bool(accounts(desk.house))
        casts = desk.access.operator(request) or desk.may(desk.person(request), "broadcast")
        return desk.render(request, "board.html", eye=eye, found=found, every=every, pastes=pastes, casts=casts)

    return [Route(desk.home, show, methods=["GET"])]


def find(connection: Connection, eye: Eye, settings: RouterSettings, *, every: bool) -> Found:
    """Ask the store for the board."""
    found = nouns(Ticket, tickets.listed(connection, open_only=not every, limit=MOST))
    clocks = nouns(Clock, tickets.clocks_of(connection, [ticket.id for ticket in found]))
    duty = read_duty(connection, settings, eye.now)
    return Found(
        board=board(found, clocks, eye, ties(connection, found)),
        lead=eye.name(duty.lead),
        aside=len(quarantine.quarantined(connection)),
        troubles=troubles.counted(connection, eye.now - SHOWN_FOR, but=ORDINARY),
    )


def ties(connection: Connection, found: Sequence[Ticket]) -> Ties:
    """Ask the store how the tickets of the board hang together with each other and with those that are not on it."""
    shown = {ticket.id for ticket in found}
    parents = {ticket.parent_id for ticket in found if ticket.parent_id is not None} - shown
    rows = matters.suggested(connection, None)
    similar = {row["other"]: row["number"] for row in rows} | {row["number"]: row["other"] for row in rows}
    elsewhere = tickets.by_ids(connection, parents) if parents else ()
    return Ties(numbers={row["id"]: row["number"] for row in elsewhere}, similar=similar)
