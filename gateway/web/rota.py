"""The page of the rota: who is on duty, the turns ahead, what is wrong with them, stand-ins and absences."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from gateway.duty import read_plan
from gateway.rota_moves import Back, Gone, RotaMoves, Stand, Stands, Withdrawn
from gateway.rota_table import moment
from gateway.web.desk import Desk, see_other
from gateway.web.ticket import PERSON_COOKIE
from gateway.web.view import Eye
from gateway.web.words import NAMED
from gateway.web.words_reasons import reason
from router.rota import ROLES, Flaw, Plan, Turn, flaws_ahead, turns
from store.model import PresenceKind

DAYS, WEEK = 14, 7
MOST = 120
"""Turns on the page; an hourly rota has more."""
WHY = 200
"""Characters of a reason."""
SHAPES: Mapping[str, str] = {"hole": "▲", "double": "◆", "overlap": "●", "calendar": "■"}
"""What is wrong, the worst first."""
FIELDS = ("role", "person", "begins", "ends", "why")


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One row of a table: a turn, a stand-in, an absence or a flaw, in words."""

    role: str
    person: str
    begins: str
    ends: str
    by: str
    shape: str = ""
    ident: int = 0


def routes(desk: Desk) -> list[BaseRoute]:
    """Return the routes of the page."""
    acts = Acts(desk)

    async def show(request: Request) -> Response:
        return await page(desk, request, said=request.query_params.get("said", ""))

    async def act(request: Request) -> Response:
        return await acts.do(request)

    return [Route("/rota", show, methods=["GET"]), Route("/rota", act, methods=["POST"])]


async def page(
    desk: Desk, request: Request, *, said: str = "", status: int = 200, typed: Mapping[str, str] | None = None
) -> Response:
    """Show the rota; `typed` is what a refused form held."""
    eye, settings = desk.eye(request), desk.house.config.router
    plan = await desk.read(lambda connection: read_plan(connection, settings, eye.now))
    last = eye.now + timedelta(days=DAYS)
    spans = {role: turns(plan, role, eye.now, last) for role in ROLES}
    wrong = sorted(flaws_ahead(plan, eye.now, timedelta(days=WEEK)), key=lambda flaw: list(SHAPES).index(flaw.what))
    ahead = sorted((turn for part in spans.values() for turn in part), key=lambda t: (t.begins, ROLES.index(t.role)))
    shown = [turn for turn in ahead if turn.person or turn.role == "lead"]
    given = dict.fromkeys(("act", *FIELDS), "") | dict(typed or {})
    return desk.render(
        request,
        "rota.html",
        status=status,
        eye=eye,
        now=[_line(part[0], eye, last) for part in spans.values()],
        rows=[_line(turn, eye, last) for turn in shown[:MOST]],
        cut=MOST if len(shown) > MOST else 0,
        flaws=[_flaw(flaw, eye) for flaw in wrong],
        stands=_stands(plan, eye),
        away=_away(plan, eye),
        days=DAYS,
        week=WEEK,
        roles=ROLES,
        zone=settings.time_zone,
        typed=given,
        said=said if f"said.{said}" in NAMED else "",
        me=desk.person(request) or request.cookies.get(PERSON_COOKIE, ""),
    )


def _when(at: datetime, eye: Eye) -> str:
    return f"{at.astimezone(eye.zone):%m-%d %H:%M}"


def _line(turn: Turn, eye: Eye, last: datetime) -> Line:
    return Line(
        role=eye.words.named("role", turn.role),
        person=eye.names.get(turn.person or "", turn.person or "") or eye.words("rota_nobody"),
        begins=_when(turn.begins, eye),
        ends=eye.words("rota_beyond", days=DAYS) if turn.ends == last else _when(turn.ends, eye),
        by=eye.words.named("turn_by", turn.by),
        shape=SHAPES["hole"] if turn.person is None and turn.role == "lead" else "",
    )


def _flaw(flaw: Flaw, eye: Eye) -> Line:
    people = " / ".join(eye.names.get(person, person) for person in flaw.people)
    return Line(
        role=eye.words.named("role", flaw.role),
        person=people,
        begins=_when(flaw.begins, eye),
        ends=_when(flaw.ends, eye),
        by=eye.words.named("flaw", f"double.{flaw.role}" if flaw.what == "double" else flaw.what).format(people=people),
        shape=SHAPES[flaw.what],
    )


def _stands(plan: Plan, eye: Eye) -> list[Line]:
    return [
        Line(
            role=eye.words.named("role", shift.role),
            person=eye.names.get(shift.person, shift.person),
            begins=_when(shift.begins, eye),
            ends=_when(shift.ends, eye) if shift.ends else eye.words("rota_open"),
            by=reason(shift.why, eye.words),
            ident=shift.id,
        )
        for shift in sorted(plan.shifts, key=lambda shift: shift.begins)
    ]


def _away(plan: Plan, eye: Eye) -> list[Line]:
    return [
        Line(
            role="",
            person=eye.names.get(one.person, one.person),
            begins=_when(one.begins, eye),
            ends=_when(one.ends, eye),
            by=one.why,
            ident=one.id,
        )
        for one in sorted(plan.presences, key=lambda one: one.begins)
        if one.kind == PresenceKind.AWAY
    ]


class Acts:
    """What the forms of the page do; each answers with what to say, "rota_..." of the words."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._house = desk.house
        self._moves = RotaMoves(desk.house.standing)

    async def do(self, request: Request) -> Response:
        """Do what one form asks for, and show the page again."""
        form = await self._desk.form(request)
        acts: Mapping[str, Callable[[FormData, str], Awaitable[tuple[int, str]]]] = {
            "stand_in": self._stand_in,
            "withdraw": self._withdraw,
            "away": self._leave,
            "back": self._back,
        }
        act, by = str(form.get("act", "")), self._desk.acting(request, str(form.get("by", "")))
        if act not in acts or by not in self._desk.names:
            return await page(self._desk, request, said="rota_who", status=422, typed=_typed(form))
        status, said = await acts[act](form, by)
        if status != 303:
            return await page(self._desk, request, said=said, status=status, typed=_typed(form))
        response = see_other("/rota", said=said)
        response.set_cookie(PERSON_COOKIE, by, httponly=True, samesite="lax", secure=self._desk.access.secure)
        return response

    async def _stand_in(self, form: FormData, by: str) -> tuple[int, str]:
        role, person = str(form.get("role", "")), str(form.get("person", ""))
        if role not in ROLES or person not in self._desk.names:
            return 422, "rota_who"
        span, wrong = self._span(form)
        if span is None:
            return 422, wrong
        stand = Stand(role=role, person=person, begins=span[0], ends=span[1])
        item = Stands(stands=[stand], by=by, why=str(form.get("why", ""))[:WHY])
        await self._house.writer.do(self._moves.stand_in, item)
        return 303, "rota_stands"

    async def _leave(self, form: FormData, by: str) -> tuple[int, str]:
        person = str(form.get("person", ""))
        if person not in self._desk.names:
            return 422, "rota_who"
        span, wrong = self._span(form)
        if span is None:
            return 422, wrong
        why = str(form.get("why", ""))[:WHY]
        item = Gone(person=person, begins=span[0], ends=span[1], by=by, why=why)
        await self._house.writer.do(self._moves.leave, item)
        return 303, "rota_away"

    async def _withdraw(self, form: FormData, by: str) -> tuple[int, str]:
        done = await self._house.writer.do(self._moves.withdraw, Withdrawn(ident=_ident(form), by=by))
        return (303, "rota_withdrawn") if done else (409, "rota_gone")

    async def _back(self, form: FormData, by: str) -> tuple[int, str]:
        done = await self._house.writer.do(self._moves.come_back, Back(ident=_ident(form), by=by))
        return (303, "rota_back") if done else (409, "rota_gone")

    def _span(self, form: FormData) -> tuple[tuple[datetime, datetime] | None, str]:
        """Read the times of a form; without a beginning it is now."""
        now, zone = self._house.clock.now(), self._house.config.router.zone
        first, last = (str(form.get(name, "")).strip() for name in ("begins", "ends"))
        begin, end = moment(first, zone) if first else now, moment(last, zone)
        if begin is None or end is None:
            return None, "rota_time"
        return ((begin, end), "") if end > max(begin, now) else (None, "rota_span")


def _typed(form: FormData) -> Mapping[str, str]:
    return {name: str(form.get(name, "")) for name in ("act", *FIELDS)}


def _ident(form: FormData) -> int:
    given = str(form.get("ident", ""))
    return int(given) if given.isdecimal() and len(given) < 20 else 0
