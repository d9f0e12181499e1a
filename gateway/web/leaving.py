"""The page of who wants no more texts for many, behind a signed link: one button, without signing in.

Looking never changes anything: mail filters open links, too. A mail program posts on behalf of its reader, without a
cookie and from anywhere (RFC 8058 3.2), so nothing but the address itself proves that it may.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from gateway.broadcast.leaving import Leave, Leaving, place
from gateway.broadcast.links import leaving, recipient_of, right
from gateway.web.desk import Desk, see_other
from store import broadcasts
from store.model import Broadcast, Recipient, Suppression, SuppressionKind
from store.suppressions import suppressed

ONE_CLICK: Final = ("List-Unsubscribe", "One-Click")
"""What a mail program posts (RFC 8058 3.1)."""
BY_MAIL_PROGRAM: Final = "by the mail program's own button"
BY_PAGE: Final = "on the page of their link"
Found = tuple[Recipient, Broadcast]


def routes(desk: Desk) -> list[BaseRoute]:
    """Return the routes of the page."""
    moves = Leaving(desk.house.standing.ways)

    async def show(request: Request) -> Response:
        found = await _found(desk, request)
        return await page(desk, request, found) if found else gone(desk, request)

    async def act(request: Request) -> Response:
        found = await _found(desk, request)
        return await acted(desk, request, moves, found) if found else gone(desk, request)

    path = "/u/{signed:str}"
    return [Route(path, show, methods=["GET"]), Route(path, act, methods=["POST"])]


async def _found(desk: Desk, request: Request) -> Found | None:
    """Return whose page it is; None for one that is not ours. A link to unsubscribe never grows too old."""
    signed = request.path_params["signed"]
    ident = recipient_of(signed)

    def ask(connection: Connection) -> Found | None:
        recipient = broadcasts.recipient(connection, ident) if ident is not None else None
        broadcast = broadcasts.by_id(connection, recipient.broadcast_id) if recipient else None
        proved = broadcast is not None and right(broadcast.secret, signed, made=leaving)
        return (recipient, broadcast) if recipient and broadcast and proved else None

    return await desk.read(ask)


def gone(desk: Desk, request: Request) -> Response:
    """Answer a link that is not ours."""
    return desk.render(request, "lead_expired.html", status=404, style=desk.lead_style)


async def page(desk: Desk, request: Request, found: Found) -> Response:
    """Show the button, or what was pressed and the way back."""
    recipient, broadcast = found
    pair = place(desk.house.standing.ways, recipient)
    stands: Suppression | None = await desk.read(lambda connection: suppressed(connection, [pair]).get(pair))
    eye = desk.eye(request)
    return desk.render(
        request,
        "leaving.html",
        eye=eye,
        style=desk.lead_style,
        sign=desk.house.standing.sign(eye.words.language),
        title=broadcast.title,
        address=recipient.address,
        way=eye.words.named("method", pair[0]),
        shared="|" in recipient.who,
        left=stands is not None and stands.kind == SuppressionKind.OPTED_OUT,
        barred=stands is not None and stands.kind == SuppressionKind.OPTED_OUT and stands.by != "",
    )


async def acted(desk: Desk, request: Request, moves: Leaving, found: Found) -> Response:
    """Take what was pressed; whoever posts says the same by any form that is not the one to come back."""
    form = await request.form(max_files=0, max_fields=8, max_part_size=1_000)
    one_click = str(form.get(ONE_CLICK[0], "")) == ONE_CLICK[1]
    again = str(form.get("move", "")) == "again" and not one_click
    why = BY_MAIL_PROGRAM if one_click else BY_PAGE
    await desk.house.writer.do(moves.leave, Leave(recipient_id=found[0].id, again=again, why=why))
    if one_click:
        return await page(desk, request, found)  # a redirect is not followed by those who post for their readers
    return see_other(request.url.path)
