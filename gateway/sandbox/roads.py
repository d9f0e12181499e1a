"""The other roads of the sandbox: every further channel of the program, with somebody who writes on it."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from channels.contract import Can
from channels.simulation import Simulator
from gateway.sandbox.screen import Bubble, bubbles
from gateway.sandbox.state import Box
from gateway.web.desk import Desk, see_other
from gateway.web.paste import accounts
from gateway.web.view import Eye

PAGE = "/sandbox/roads"
LONGEST = 4000
"""Characters of a text that may be typed here."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Road:
    """One account, what it can do, and what was said on it."""

    name: str
    """"<channel>:<account>"."""
    can: Can
    person: str
    """An ordinary id there, to begin with."""
    group: str
    bubbles: tuple[Bubble, ...]
    fault: str


def routes(desk: Desk, box: Box) -> list[BaseRoute]:
    """Return the routes of the page."""
    page = RoadsPage(desk, box)
    return [Route(PAGE, page.show, methods=["GET"]), Route(f"{PAGE}/say", page.say, methods=["POST"])]


class RoadsPage:
    """The page and its form."""

    def __init__(self, desk: Desk, box: Box) -> None:
        self._desk = desk
        self._box = box

    async def show(self, request: Request) -> Response:
        """Show every road."""
        eye = self._desk.eye(request)
        pasted = accounts(self._box.house)
        roads = [self._road(name, one, eye) for name, one in self._box.roads.items() if name not in pasted]
        return self._desk.render(request, "sandbox/roads.html", eye=eye, roads=roads, pastes=bool(pasted))

    def _road(self, name: str, simulator: Simulator, eye: Eye) -> Road:
        said = self._box.spoken.get(name, [])
        return Road(
            name=name,
            can=self._box.house.channels[name].can,
            person=said[-1].sender if said else str(getattr(simulator, "person", "+8613900000001")),
            group=str(getattr(simulator, "group", "")),
            bubbles=bubbles(simulator.heard, said, eye),
            fault=simulator.fault.value,
        )

    async def say(self, request: Request) -> Response:
        """Somebody writes, phones, faxes or fills the form."""
        form = await self._desk.form(request)
        name, text = str(form.get("road", "")), str(form.get("text", "")).strip()[:LONGEST]
        if name not in self._box.roads:
            raise HTTPException(404)
        if text:
            sender = str(form.get("from", "")).strip()
            group = str(form.get("group", "")).strip() or None
            await self._box.say(name, sender=sender, text=text, group=group)
        return see_other(PAGE)
