"""The page of one recipient of a broadcast: the package, what one must know of it, and a way to say it went wrong.

The address is the right to it: no sign-in and no cookie is needed to read and to fetch. Looking changes nothing but the
note that somebody looked.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from urllib.parse import parse_qsl

import segno
import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from channels.browsers import hinders_downloads, reads
from gateway.broadcast.fields import filled, parsed
from gateway.broadcast.links import recipient_of, right, token
from gateway.broadcast.trouble import report_of, reported, words
from gateway.web.access import CODE_PAGE, same_origin
from gateway.web.desk import Desk, see_other
from gateway.web.view import Eye
from gateway.web.words import LANGUAGES, NAMED, Words
from router.broadcast_plan import Plan
from store import landing
from store.db import StoreUnavailable
from store.landing import Found
from store.model import PackageState

log = structlog.get_logger()
PAGE: Final = "/p"
UNITS: Final = ("KB", "MB", "GB", "TB")
FORM: Final = 32_000
"""Bytes of a form; a long report is cut later, and not refused."""


def routes(desk: Desk) -> list[BaseRoute]:
    """Return the routes of the page."""
    page = LandingPage(desk)
    path = PAGE + "/{signed:str}"
    return [
        Route(path, page.show, methods=["GET"]),
        Route(f"{path}/wrong", page.wrong, methods=["POST"]),
    ]


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """What the page says of a package."""

    name: str
    version: str
    facts: tuple[tuple[str, str], ...]
    """What it is called, and what it is."""
    sha256: str
    notes: str
    intranet: bool
    ready: bool


class LandingPage:
    """The page and what it takes in."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def show(self, request: Request) -> Response:
        """Show what was sent; 404 for an address that is none of ours, 410 once it holds no more."""
        found = await believed(self._desk, request.path_params["signed"])
        if found is None:
            return unknown(self._desk, request)
        await self._note(request, found)
        return self._page(request, found)

    async def wrong(self, request: Request) -> Response:
        """Take the word that it went wrong; also from a page whose link holds no more."""
        signed = request.path_params["signed"]
        found = await believed(self._desk, signed)
        if found is None:
            return unknown(self._desk, request)
        form = await sealed_form(self._desk, request)
        eye = eye_of(self._desk, request, found)
        text = words(found, report_of(form), eye.words.language)
        taken = await reported(self._desk.house, found, text)
        return see_other(f"{PAGE}/{signed}", said="trouble" if taken else "trouble_full")

    async def _note(self, request: Request, found: Found) -> None:
        """Note that somebody looked: a person by a browser, and nobody's preview of the link."""
        ahead = "prefetch" in request.headers.get("sec-purpose", request.headers.get("purpose", ""))
        person = request.method == "GET" and reads(request.headers.get("user-agent", "")) and not ahead
        if person and found.recipient.opened_at is None:
            await noted(self._desk, landing.opened, found)

    def _page(self, request: Request, found: Found) -> Response:
        eye, now = eye_of(self._desk, request, found), self._desk.house.clock.now()
        gone = found.gone(now)
        address = address_of(self._desk, found)
        said = request.query_params.get("said", "")
        outside = hinders_downloads(request.headers.get("user-agent", ""))
        return self._desk.render(
            request,
            "landing.html",
            status=410 if gone else 200,
            eye=eye,
            style=self._desk.landing_style,
            title=found.broadcast.title,
            sender=sender(self._desk, eye),
            gone=gone,
            gone_as=f"land.{gone}" if gone != "revoked" or found.package else "land.revoked_text",
            ask=ask(self._desk, eye),
            package=shown(found, eye) if found.package and not gone else None,
            text="" if found.package or gone else text_of(found, address, eye.words.language),
            path=f"{PAGE}/{request.path_params['signed']}",
            address=address,
            outside=outside and not gone,
            drawn="" if gone else drawn(address),
            said=said if f"said.{said}" in NAMED else "",
        )


async def believed(desk: Desk, signed: str) -> Found | None:
    """Return whose page it is; None for an address that is wrong or not ours."""
    number = recipient_of(signed)
    if number is None:
        return None
    found = await desk.read(lambda connection: landing.found(connection, number))
    return found if found and right(found.broadcast.secret, signed) else None


async def noted(desk: Desk, move: Any, found: Found) -> None:
    """Have something written down that nobody waits for: what was asked for is given all the same."""
    try:
        await desk.house.writer.do(move, found.recipient.id)
    except StoreUnavailable as error:
        log.warning("a visit could not be noted", recipient=found.recipient.id, error=str(error))


async def sealed_form(desk: Desk, request: Request) -> Mapping[str, str]:
    """Read a form of ours; raises HTTPException 403 for one that is not, 413 for what nobody types: all may ask here.

    These pages send no referrer, and so browsers name no origin either ("null"): the seal is what tells.
    """
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > FORM:
            raise HTTPException(413)
    form = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    own = same_origin(request) or request.headers.get("origin") == "null"
    if not (own and desk.access.sealed(request, str(form.get("seal", "")))):
        raise HTTPException(403, "form_refused")
    return form


def is_page(path: str) -> bool:
    """Tell whether a path is one of those that recipients see."""
    return path == CODE_PAGE or path.startswith(f"{PAGE}/")


def unknown(desk: Desk, request: Request) -> Response:
    """Say that there is no such page."""
    return _none(desk, request, 404, desk.eye(request), heading="land.unknown", why="land.unknown_why")


def sorry(desk: Desk, request: Request, *, status: int) -> Response:
    """Say that something was refused or failed, on a page that needs nothing of the others."""
    if status == 404:
        return unknown(desk, request)
    key = {403: "form_refused", 503: "unavailable"}.get(status, "failed")
    heading = "failed" if key == "unavailable" else key
    return _none(desk, request, status, desk.eye(request), heading=heading, why=f"{key}_why")


def refused(desk: Desk, request: Request, found: Found, *, status: int) -> Response:
    """Say why there is no file: it was revoked, it is too late, or it cannot be had now."""
    gone = found.gone(desk.house.clock.now())
    back = f"{PAGE}/{request.path_params['signed']}"
    heading, link = (f"land.{gone}", "land.wrong") if gone else ("land.away", "land.back")
    return _none(desk, request, status, eye_of(desk, request, found), heading=heading, back=back, link=link)


def _none(
    desk: Desk, request: Request, status: int, eye: Eye, *, heading: str, why: str = "", back: str = "", link: str = ""
) -> Response:
    """Fill the page of what is not to be had; `back` is where else to look, by default where codes are typed."""
    return desk.render(
        request,
        "landing_none.html",
        status=status,
        style=desk.landing_style,
        eye=eye,
        heading=heading,
        why=why,
        ask=ask(desk, eye),
        back=back or PAGE,
        link=link or "land.code",
    )


def eye_of(desk: Desk, request: Request, found: Found) -> Eye:
    """Return who looks: the language asked for or kept by this browser, then the recipient's, then the browser's."""
    eye = desk.eye(request)
    given = found.recipient.language
    return eye if desk.chosen(request) or given not in LANGUAGES else replace(eye, words=Words(given))


def sender(desk: Desk, eye: Eye) -> str:
    """Return the name under which texts go out."""
    return desk.house.standing.sign(eye.words.language)


def ask(desk: Desk, eye: Eye) -> str:
    """Say whom to ask."""
    how = desk.house.config.gateway.broadcasts.support
    who = sender(desk, eye)
    return eye.words("land.ask", who=who, how=how) if how else eye.words("land.ask_here", who=who)


def address_of(desk: Desk, found: Found) -> str:
    """Return the whole address of the page, as it was sent."""
    signed = token(found.broadcast.secret, found.recipient.id)
    return f"{desk.house.config.gateway.public_url}{PAGE}/{signed}"


def shown(found: Found, eye: Eye) -> Shown | None:
    """Put a package into words."""
    one, w, values = found.package, eye.words, found.recipient.values or {}
    if one is None:
        return None
    installed = " ".join(filter(None, (values.get("product", ""), values.get("version", ""))))
    facts = (
        (w("land.version"), one.version),
        (w("land.file"), one.file),
        (w("land.size"), f"{human(one.size)} ({w('land.bytes', n=f'{one.size:,}')})"),
        (w("land.applies"), one.applies or w("land.every")),
        (w("land.yours"), installed if values.get("version") else ""),
        (w("land.until"), until(found.broadcast.link_until, eye)),
    )
    notes = one.notes.get(w.language) or next((text for text in one.notes.values() if text), "")
    return Shown(
        name=one.name,
        version=one.version,
        facts=tuple((name, value) for name, value in facts if value),
        sha256=one.sha256,
        notes=notes,
        intranet=one.intranet,
        ready=one.state == PackageState.READY,
    )


def until(instant: datetime | None, eye: Eye) -> str:
    """Write an instant with year and zone: the reader may be anywhere, and come back next year."""
    return f"{instant.astimezone(eye.zone):%Y-%m-%d %H:%M} {eye.zone}" if instant else ""


def human(size: int) -> str:
    """Write a number of bytes as people say it."""
    value, unit = size / 1024, 0
    while value >= 1024 and unit < len(UNITS) - 1:
        value, unit = value / 1024, unit + 1
    return f"{value:.1f} {UNITS[unit]}"


def text_of(found: Found, address: str, language: str) -> str:
    """Return the words of a broadcast without a package, filled with what is known of the recipient."""
    given = {**(found.recipient.values or {}), "name": found.recipient.name, "link": address}
    given["code"] = found.recipient.code or ""
    pieces = parsed(Plan.model_validate(found.broadcast.plan).words(language).text, "text", language).pieces
    return filled(pieces, given, [])


def drawn(address: str) -> str:
    """Draw the address as a QR code; the border is what the standard asks for (ISO/IEC 18004: four modules)."""
    out, plain = io.BytesIO(), {"xmldecl": False, "svgns": False, "svgclass": None, "lineclass": None}
    segno.make(address, error="l", micro=False).save(out, kind="svg", border=4, omitsize=True, light="#fff", **plain)
    return out.getvalue().decode().strip()
