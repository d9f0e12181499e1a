"""The page of what opened nothing: a person sees what was taken for chatter, and opens a ticket where it was not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from gateway.ignored import TakeUp
from gateway.web.desk import Desk, see_other
from gateway.web.ticket import PERSON_COOKIE
from gateway.web.view import Eye
from gateway.web.words import NAMED
from gateway.web.words_reasons import reason
from router.kinds import CHAT
from router.kinds import NAMES as KINDS
from router.rules import Kind
from store import corrections
from store.corrections import Ignored

DAYS = 7
SHOWN = 600
"""Characters of a message on the page."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One ignored message as it is shown."""

    ident: int
    at: str
    way: str
    sender: str
    subject: str
    text: str
    taken_for: str
    why: str


def routes(desk: Desk) -> list[BaseRoute]:
    """Return the routes of the page."""

    async def show(request: Request) -> Response:
        return await page(desk, request, said=request.query_params.get("said", ""))

    async def open_one(request: Request) -> Response:
        return await opened(desk, request)

    return [Route("/ignored", show, methods=["GET"]), Route("/ignored", open_one, methods=["POST"])]


async def page(desk: Desk, request: Request, *, said: str = "", status: int = 200) -> Response:
    """Show what was ignored in the last days, newest first."""
    since = desk.house.clock.now() - timedelta(days=DAYS)
    found = await desk.read(lambda connection: corrections.ignored(connection, since))
    eye = desk.eye(request)
    return desk.render(
        request,
        "ignored.html",
        status=status,
        eye=eye,
        rows=rows(found, eye),
        days=DAYS,
        kinds=[kind for kind in KINDS if kind != CHAT],
        said=said if f"said.{said}" in NAMED else "",
        me=desk.person(request) or request.cookies.get(PERSON_COOKIE, ""),
    )


def rows(found: Sequence[Ignored], eye: Eye) -> list[Row]:
    """Lay out what was ignored."""
    return [
        Row(
            ident=one.message.id,
            at=eye.at(one.message.at),
            way=eye.way(one.message.channel),
            sender=one.message.sender_name or one.message.sender,
            subject=one.message.subject or "",
            text=one.message.text[:SHOWN],
            taken_for=eye.words.named("kind", one.message.verdict["kind"]),
            why=reason(one.why, eye.words),
        )
        for one in found
    ]


async def opened(desk: Desk, request: Request) -> Response:
    """Open a ticket for one of them, and show it."""
    form = await desk.form(request)
    kind, level = (str(form.get(name, "")) for name in ("kind", "level"))
    person = desk.acting(request, str(form.get("by", "")))
    ident = str(form.get("message", ""))
    if person not in desk.names or kind not in KINDS or kind == CHAT or level not in ("1", "2", "3"):
        return await page(desk, request, said="help", status=422)
    if not (ident.isdecimal() and len(ident) < 20):
        return await page(desk, request, said="no_message", status=422)
    item = TakeUp(message_id=int(ident), by=person, kind=cast("Kind", kind), level=int(level))
    number = await desk.house.writer.do(desk.taking_up.take_up, item)
    if number is None:
        return await page(desk, request, said="no_message", status=409)
    response = see_other(f"/t/{number}", said="opened")
    response.set_cookie(PERSON_COOKIE, person, httponly=True, samesite="lax", secure=desk.access.secure)
    return response
