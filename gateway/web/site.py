"""The page behind the QR code of a site: whoever was sent there reports that they are there.

The code hangs on a wall, so the page tells of tickets no more than number, level and state, and changes nothing when
it is opened. Who reports is known by the link of their own page, which their phone remembers, or by the digits of
their text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from gateway.signing import Going
from gateway.visit_acts import Act
from gateway.web.access import same_origin
from gateway.web.desk import Desk, see_other
from gateway.web.engineer import COOKIE
from gateway.web.words import NAMED
from store import visits

NUMBER: Final = re.compile(r"[1-9]\d{3,8}")
DIGITS: Final = re.compile(r"\d{4}")


def routes(desk: Desk) -> list[BaseRoute]:
    """Return the routes of a site's page."""

    async def show(request: Request) -> Response:
        return await page(desk, request)

    async def act(request: Request) -> Response:
        return await reported(desk, request)

    path = "/s/{signed:str}"
    return [Route(path, show, methods=["GET"]), Route(path, act, methods=["POST"])]


def known(desk: Desk, request: Request) -> Going | None:
    """Return who looks, when their phone has opened the link of an engineer's page."""
    going = desk.access.read_engineer_link(request.cookies.get(COOKIE, ""))
    return going if going and going.person in desk.names else None


async def page(desk: Desk, request: Request) -> Response:
    """Show what is open at a site, and the form to report."""
    site = desk.access.seals.read_site(request.path_params["signed"])
    if site is None:
        return desk.render(request, "lead_expired.html", status=403, style=desk.lead_style)
    eye, going = desk.eye(request), known(desk, request)
    rows, mine = await desk.read(lambda connection: _here(connection, site, going.person if going else ""))
    said = request.query_params.get("said", "")
    return desk.render(
        request,
        "site.html",
        eye=eye,
        style=desk.visit_style,
        site=site,
        rows=[
            (one["number"], eye.words.level(one["level"], one["kind"])[1], eye.words.state(one["state"])[1])
            for one in rows
        ],
        mine=mine,
        person=eye.name(going.person) if going else "",
        said=said if f"said.{said}" in NAMED else "",
    )


def _here(connection: Connection, site: str, person: str) -> tuple[Sequence[Mapping[str, Any]], list[int]]:
    """Return the open tickets of a site, and the numbers of those that a person was sent for."""
    found = visits.listed(connection, open_only=True, sites=site)
    mine = sorted({row["number"] for row in found if person and row["engineer"] == person})
    return [dict(one) for one in visits.open_at(connection, site)], mine


async def reported(desk: Desk, request: Request) -> Response:
    """Take somebody as there."""
    signed = request.path_params["signed"]
    site = desk.access.seals.read_site(signed)
    if site is None:
        return desk.render(request, "lead_expired.html", status=403, style=desk.lead_style)
    form = await request.form(max_files=0, max_fields=4, max_part_size=1_000)
    if not same_origin(request) and request.headers.get("origin") != "null":
        raise HTTPException(403, "form_refused")
    number, digits = str(form.get("number", "")).strip(), str(form.get("digits", "")).strip()
    going = known(desk, request)
    if not NUMBER.fullmatch(number) or not (DIGITS.fullmatch(digits) or (going and not digits)):
        return see_other(f"/s/{signed}", said="site_refused")
    person = going.person if going and not digits else ""
    act = Act(kind="report", number=int(number), person=person, site=site, digits=digits)
    made = await desk.house.writer.do(desk.visit_acts.make, act)
    return see_other(f"/s/{signed}", said=made.answer)
