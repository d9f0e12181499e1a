"""The page behind a signed link: the lead takes, passes on or puts off one ticket, from any phone, without signing in.

Looking never changes anything, whoever looks: mail filters and chat previews open links, too.
"""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from gateway.moves import Wish
from gateway.web.access import Link, same_origin
from gateway.web.desk import Desk, see_other
from gateway.web.questions import Whole, whole
from gateway.web.ticket import command, version
from gateway.web.view import Eye, masked, row
from gateway.web.words import NAMED
from store import tickets
from store.model import HELD_STATES, ClockKind, TicketState

MOVES = ("take", "escalate", "snooze")
"""What a link may do; everything else needs a reply or the ticket page."""


def routes(desk: Desk) -> list[BaseRoute]:
    """Return the routes of the lead's page."""

    async def show(request: Request) -> Response:
        return await page(desk, request)

    async def act(request: Request) -> Response:
        return await acted(desk, request)

    path = "/a/{signed:str}"
    return [Route(path, show, methods=["GET"]), Route(path, act, methods=["POST"])]


async def page(desk: Desk, request: Request) -> Response:
    """Show the ticket of a link."""
    link = desk.access.read_link(request.path_params["signed"])
    if link is None or link.person not in desk.names:
        return expired(desk, request)
    found = await desk.read(lambda connection: whole(connection, link.number))
    if found is None:
        return expired(desk, request)
    numbers = await desk.read(
        lambda connection: [
            t["number"] for t in tickets.by_ids(connection, tickets.waiting_for(connection, link.person))
        ]
    )
    eye = desk.eye(request)
    said = request.query_params.get("said", "")
    return desk.render(
        request,
        "lead.html",
        eye=eye,
        style=desk.lead_style,
        person=eye.name(link.person),
        row=row(found.ticket, found.clocks, eye),
        ticket=found.ticket,
        sender=masked(found.ticket.reply_to),
        before=before(found, eye),
        note=settled(found, link, eye),
        others=[number for number in numbers if number != link.number],
        said=said if f"said.{said}" in NAMED else "",
    )


def before(found: Whole, eye: Eye) -> str:
    """Return until when somebody must answer."""
    running = [clock for clock in found.clocks if clock.kind == ClockKind.RESPOND and clock.stopped_at is None]
    return eye.at(running[0].due_at) if running else ""


def settled(found: Whole, link: Link, eye: Eye) -> str:
    """Say who has it already; "" while it still waits."""
    ticket = found.ticket
    if ticket.state == TicketState.PAGING:
        return ""
    if ticket.state not in HELD_STATES:
        return eye.words("lead_settled")
    key = "lead_yours" if ticket.owner == link.person else "lead_taken"
    return eye.words(key, who=eye.name(ticket.owner), at=eye.at(ticket.taken_at), number=ticket.number)


def expired(desk: Desk, request: Request) -> Response:
    """Answer a link that is forged, too old, or of somebody who left."""
    return desk.render(request, "lead_expired.html", status=403, style=desk.lead_style)


async def acted(desk: Desk, request: Request) -> Response:
    """Make the move of a button; pressed twice, it answers the same."""
    signed = request.path_params["signed"]
    link = desk.access.read_link(signed)
    if link is None or link.person not in desk.names:
        return expired(desk, request)
    form = await request.form(max_files=0, max_fields=8, max_part_size=1_000)
    move = str(form.get("move", ""))
    order = command(move) if move in MOVES else None
    # No form cookie here: the link itself is what only its holder knows.
    if order is None or (not same_origin(request) and request.headers.get("origin") != "null"):
        raise HTTPException(403, "form_refused")
    wish = Wish(person=link.person, number=link.number, command=order, version=version(form))
    made = await desk.house.writer.do(desk.moves.make, wish)
    return see_other(f"/a/{signed}", said=made.answer)
