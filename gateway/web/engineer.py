"""The page of whoever was sent on site, behind a signed link: any phone will do, without a script or a sign-in.

Looking never changes anything. What is pressed means one ticket and one person; the link is what only they have.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from gateway.moves import Made, Wish
from gateway.signing import LASTS, Going
from gateway.visit_acts import Act
from gateway.web.access import same_origin
from gateway.web.desk import Desk, see_other
from gateway.web.questions import Whole, whole
from gateway.web.view import row
from gateway.web.visits import outing, requested
from gateway.web.words import NAMED
from router.commands import Command
from router.grammar import Intent
from store.model import OUT_STATES, Visit, VisitState

COOKIE: Final = "yizhan_engineer"
"""Lets the same phone report by the code of a site without typing; it holds the signed part of the link."""
PICTURE: Final = 100_000
"""Bytes of a drawn signature."""
SIDES: Final = 2_000
"""Most pixels of one side of it."""
SENT_PART: Final = 150_000
NAME: Final = 60
POSITION: Final = re.compile(r"-?\d{1,2}\.\d{1,6},-?\d{1,3}\.\d{1,6},\d{1,6}")
PNG: Final = b"\x89PNG\r\n\x1a\n"


def routes(desk: Desk) -> list[BaseRoute]:
    """Return the routes of the engineer's page."""

    async def show(request: Request) -> Response:
        return await page(desk, request)

    async def act(request: Request) -> Response:
        return await acted(desk, request)

    path = "/e/{signed:str}"
    return [Route(path, show, methods=["GET"]), Route(path, act, methods=["POST"])]


async def page(desk: Desk, request: Request) -> Response:
    """Show the ticket of a link with the visit that is theirs."""
    signed = request.path_params["signed"]
    link = desk.access.read_engineer_link(signed)
    found = await desk.read(lambda connection: whole(connection, link.number)) if link else None
    if link is None or link.person not in desk.names or found is None:
        return desk.render(request, "lead_expired.html", status=403, style=desk.lead_style)
    eye = desk.eye(request).on(found.ticket)
    visit = own(found, link.person)
    said = request.query_params.get("said", "")
    response = desk.render(
        request,
        "engineer.html",
        eye=eye,
        style=desk.visit_style,
        person=eye.name(link.person),
        row=row(found.ticket, found.clocks, eye),
        ticket=found.ticket,
        customer=found.customer,
        requested=requested(visit, eye) if visit else (),
        phone=visit.phone if visit else "",
        outing=outing(visit, eye) if visit else None,
        may=allowed(visit),
        said=said if f"said.{said}" in NAMED else "",
    )
    response.set_cookie(
        COOKIE,
        signed,
        max_age=int(LASTS.total_seconds()),
        path="/s/",
        httponly=True,
        samesite="lax",
        secure=desk.access.secure,
    )
    return response


def own(found: Whole, person: str) -> Visit | None:
    """Return the person's visit that is under way, else the newest one that they were sent on."""
    mine = [visit for visit in reversed(found.visits) if visit.engineer == person]
    return next((visit for visit in mine if visit.state in OUT_STATES), next(iter(mine), None))


def allowed(visit: Visit | None) -> tuple[str, ...]:
    """Return what the state of a visit has room for."""
    if visit is None:
        return ()
    proof = () if visit.proof else (("prove",) if visit.code_digest else ()) + ("sign",)
    return {
        VisitState.SENT: ("accept", "decline"),
        VisitState.ACCEPTED: ("leave", "arrive", "decline"),
        VisitState.ON_THE_WAY: ("arrive",),
        VisitState.ARRIVED: (*proof, "resolve"),
        VisitState.DONE: proof,
        VisitState.SECOND_LINE: proof,
    }.get(VisitState(visit.state), ())


async def acted(desk: Desk, request: Request) -> Response:
    """Do what was pressed, and show the page anew."""
    signed = request.path_params["signed"]
    link = desk.access.read_engineer_link(signed)
    if link is None or link.person not in desk.names:
        return desk.render(request, "lead_expired.html", status=403, style=desk.lead_style)
    form = await request.form(max_files=0, max_fields=8, max_part_size=SENT_PART)
    # No form cookie here: the link itself is what only its holder knows.
    if not same_origin(request) and request.headers.get("origin") != "null":
        raise HTTPException(403, "form_refused")
    found = await desk.read(lambda connection: whole(connection, link.number))
    move = str(form.get("move", ""))
    if found is None or move not in allowed(own(found, link.person)):
        return see_other(f"/e/{signed}", said="visit_none")
    made = await done(desk, form, link, move)
    return see_other(f"/e/{signed}", said=made.answer)


async def done(desk: Desk, form: FormData, link: Going, move: str) -> Made:
    """Make the move of a form."""
    writer, text = desk.house.writer, str(form.get("text", "")).strip()
    if move in ("accept", "decline", "arrive", "sign"):
        act = read(form, link, move)
        return act if isinstance(act, Made) else await writer.do(desk.visit_acts.make, act)
    minutes = str(form.get("minutes", "")).strip()
    order = {
        "leave": Command(
            intent=Intent.LEAVE, minutes=min(max(int(minutes), 1), 1440) if re.fullmatch(r"\d{1,4}", minutes) else None
        ),
        "prove": Command(intent=Intent.PROVE, text=text),
        "resolve": Command(intent=Intent.RESOLVE, text=text or None),
    }[move]
    return await writer.do(desk.moves.make, Wish(person=link.person, number=link.number, command=order))


def read(form: FormData, link: Going, move: str) -> Act | Made:
    """Read an act out of a form, or say what is wrong with it."""
    if move == "sign":
        name = " ".join(str(form.get("name", "")).split())[:NAME]
        drawn = picture(str(form.get("picture", "")))
        if not name or drawn is None:
            return Made(ok=False, answer="sign_needed" if drawn is not None else "picture_refused")
        return Act(kind="sign", number=link.number, person=link.person, name=name, picture=drawn)
    if move == "arrive":
        where = position(str(form.get("position", "")))
        how = "position" if where else "button"
        return Act(kind="arrive", number=link.number, person=link.person, how=how, position=where)
    return Act(kind="accept" if move == "accept" else "decline", number=link.number, person=link.person)


def position(given: str) -> str:
    """Return a position that can be one: latitude, longitude and metres; "" for everything else."""
    if not POSITION.fullmatch(given):
        return ""
    latitude, longitude, _ = given.split(",")
    return given if abs(float(latitude)) <= 90 and abs(float(longitude)) <= 180 else ""


def picture(url: str) -> bytes | None:
    """Return the PNG of a drawing, b"" for none, None for what is too big or no such picture.

    The header is that of ISO/IEC 15948: eight bytes of signature, then IHDR with width and height.
    """
    head = "data:image/png;base64,"
    if not url:
        return b""
    try:
        body = base64.b64decode(url.removeprefix(head), validate=True)
    except (binascii.Error, ValueError):
        return None
    sides = (int.from_bytes(body[16:20]), int.from_bytes(body[20:24]))
    png = url.startswith(head) and body.startswith(PNG) and body[12:16] == b"IHDR"
    return body if png and len(body) <= PICTURE and all(0 < side <= SIDES for side in sides) else None
