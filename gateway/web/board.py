"""The board: every open matter, the worst and oldest first."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from gateway.web.desk import Desk
from gateway.web.paste import accounts
from gateway.web.view import Board, Eye, board
from router.duty import on_duty
from router.settings import RouterSettings
from store import people, quarantine, tickets
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


def routes(desk: Desk) -> list[BaseRoute]:
    """Return the board's route."""

    async def show(request: Request) -> Response:
        eye = desk.eye(request)
        every = request.query_params.get("show") == "all"
        settings = desk.house.config.router
        found = await desk.read(lambda connection: find(connection, eye, settings, every=every))
        pastes = bool(accounts(desk.house))
        return desk.render(request, "board.html", eye=eye, found=found, every=every, pastes=pastes)

    return [Route(desk.home, show, methods=["GET"])]


def find(connection: Connection, eye: Eye, settings: RouterSettings, *, every: bool) -> Found:
    """Ask the store for the board."""
    found = nouns(Ticket, tickets.listed(connection, open_only=not every, limit=MOST))
    clocks = nouns(Clock, tickets.clocks_of(connection, [ticket.id for ticket in found]))
    duty = on_duty(settings.rota, settings.people, people.stand_ins(connection, eye.now))
    return Found(
        board=board(found, clocks, eye), lead=eye.name(duty.lead), aside=len(quarantine.quarantined(connection))
    )
