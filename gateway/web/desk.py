"""What every page needs: the house it reads from, the language, the templates, and the form seal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import sha256
from importlib import resources
from typing import Any, TypeVar
from urllib.parse import urlencode

from argon2 import PasswordHasher
from jinja2 import Environment, PackageLoader, StrictUndefined
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from gateway.accounts import Accounts
from gateway.app import House
from gateway.ignored import TakingUp
from gateway.moves import Moves
from gateway.splitting import Splitting
from gateway.visit_acts import VisitActs
from gateway.web.access import FORM_COOKIE, Access
from gateway.web.view import Eye
from gateway.web.who import Who, person_of
from gateway.web.words import LANGUAGES, Words, preferred

R = TypeVar("R")
LANGUAGE_COOKIE = "yizhan_language"
YEAR = 365 * 24 * 3600
FORM_FIELDS = 40
FORM_PART = 200_000
"""Bytes of one field of a form."""


class NotYourself(HTTPException):
    """Somebody who signed in said that another did it."""


class Desk:
    """One per running gateway; `home` is where the board stands, `note` the key of what the sign-in page says first."""

    def __init__(self, house: House, *, home: str = "/", note: str = "", hasher: PasswordHasher | None = None) -> None:
        self.house = house
        self.home = home
        self.note = note
        self.access = Access(house.config, house.clock.now)
        self.moves = Moves(house.standing)
        self.splitting = Splitting(house.standing)
        self.taking_up = TakingUp(house.standing)
        self.visit_acts = VisitActs(house.standing, self.access.seals)
        staff = house.config.router.people
        self.accounts = Accounts(
            staff, database=house.database, writer=house.writer, now=house.clock.now, hasher=hasher
        )
        self.who = Who(self.accounts, self.access)
        self.names = {key: person.name for key, person in staff.items()}
        self._addresses = {value: person.name for person in staff.values() for value in person.addresses.values()}
        static = resources.files("gateway.web").joinpath("static")
        self._lead_style = static.joinpath("lead.css").read_text(encoding="utf-8")
        self._visit_style = static.joinpath("visit.css").read_text(encoding="utf-8")
        self._landing_style = static.joinpath("landing.css").read_text(encoding="utf-8")
        self._stamp = sha256(b"".join(one.read_bytes() for one in static.iterdir())).hexdigest()[:8]
        loader = PackageLoader("gateway.web", "templates")
        self._templates = Environment(
            loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
        )

    @property
    def lead_style(self) -> str:
        """The style that stands in the lead's page itself, so that it is one request."""
        return self._lead_style

    @property
    def visit_style(self) -> str:
        """The same for the pages of an engineer and of a site."""
        return self._lead_style + self._visit_style

    @property
    def landing_style(self) -> str:
        """The same for the pages of a package."""
        return self.visit_style + self._landing_style

    async def read(self, question: Callable[[Connection], R]) -> R:
        """Ask the store, away from the loop; raises StoreUnavailable."""

        def ask() -> R:
            with self.house.database.read() as connection:
                return question(connection)

        return await run_in_threadpool(ask)

    def person(self, request: Request) -> str | None:
        """Return the staff key of who makes the request: signed in, or on the API by name and password."""
        return person_of(request)

    def acting(self, request: Request, by: str) -> str:
        """Return who acts: the operator says who it is, and whoever signed in is themselves; raises NotYourself."""
        person = self.person(request)
        if person is None or self.access.operator(request):
            return by
        if by not in ("", person):
            raise NotYourself(403, self.eye(request).words("not_yourself_why"))
        return person

    def may(self, person: str | None, right: str) -> bool:
        """Tell whether somebody has a right: broadcast, approve."""
        return self.accounts.may(person, right)

    def eye(self, request: Request) -> Eye:
        """Return who looks: the language asked for, then the one kept, then the browser's."""
        language = self.chosen(request) or preferred(request.headers.get("accept-language", ""))
        ways = self.house.standing.ways
        return Eye(
            words=Words(language),
            zone=self.house.config.router.zone,
            now=self.house.clock.now(),
            names=self.names,
            method={name: ways.method(name) for name in ways.can},
            addresses=self._addresses,
        )

    def chosen(self, request: Request) -> str:
        """Return the language that was asked for here, or kept by this browser; "" for none."""
        asked = request.query_params.get("lang") or request.cookies.get(LANGUAGE_COOKIE) or ""
        return asked if asked in LANGUAGES else ""

    def render(self, request: Request, template: str, *, status: int = 200, **context: Any) -> Response:
        """Fill a template; a browser without a form cookie gets one."""
        eye: Eye = context.pop("eye", None) or self.eye(request)
        cookie = self.access.form_cookie(request)
        page = self._templates.get_template(template).render(
            w=eye.words,
            eye=eye,
            home=self.home,
            stamp=self._stamp,
            seal=self.access.seal(cookie),
            switch=_switch(request, eye.words),
            signed_in=self.names.get(self.person(request) or "", ""),
            enter=enter(request),
            **context,
        )
        response = HTMLResponse(page, status_code=status)
        if FORM_COOKIE not in request.cookies:
            self._keep(response, FORM_COOKIE, cookie)
        if request.query_params.get("lang") in LANGUAGES:
            self._keep(response, LANGUAGE_COOKIE, eye.words.language)
        return response

    def _keep(self, response: Response, name: str, value: str) -> None:
        response.set_cookie(name, value, max_age=YEAR, httponly=True, samesite="lax", secure=self.access.secure)

    def message(self, request: Request, key: str, *, status: int, why: str = "") -> Response:
        """Answer with one of the short pages: not found, refused, failed."""
        return self.render(request, "message.html", status=status, heading=key, why=why or f"{key}_why")

    async def form(self, request: Request, *, fields: int = FORM_FIELDS) -> FormData:
        """Read a form of ours; raises HTTPException 403 for one that is not."""
        form = await request.form(max_files=0, max_fields=fields, max_part_size=FORM_PART)
        if not self.access.own_form(request, str(form.get("seal", ""))):
            raise HTTPException(403, "form_refused")
        return form


def see_other(path: str, **query: str) -> Response:
    """Answer a POST: the browser fetches the page anew (RFC 9110 15.4.4)."""
    return RedirectResponse(f"{path}?{urlencode(query)}" if query else path, status_code=303)


def enter(request: Request) -> str:
    """Return the address of the sign-in page that leads back to the page that was asked for."""
    path = request.url.path
    if request.method != "GET" or path == "/sign-in":
        return "/sign-in"
    query = urlencode([pair for pair in request.query_params.multi_items() if pair[0] != "said"])
    return f"/sign-in?{urlencode({'next': f'{path}?{query}' if query else path})}"


def _switch(request: Request, words: Words) -> Mapping[str, str]:
    other = LANGUAGES[1 - LANGUAGES.index(words.language)]
    query = {name: value for name, value in request.query_params.items() if name not in ("lang", "said")}
    return {
        "href": f"{request.url.path}?{urlencode({**query, 'lang': other})}",
        "lang": Words(other).tag,
    }
