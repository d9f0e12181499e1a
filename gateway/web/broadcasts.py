"""The pages of broadcasts: the list, the form of a draft, and one broadcast from its draft until it is done."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from gateway.broadcast.acts import Act, Draft
from gateway.broadcast.fields import NAMES
from gateway.broadcast.testing import Testing, TestSend
from gateway.rota_table import moment
from gateway.web.broadcast_find import Choices, Kept, choices, found
from gateway.web.broadcast_form import SINGLE, Filled, Typed, empty, read, typed
from gateway.web.broadcast_letters import Reached, reach
from gateway.web.broadcast_sheet import sheet
from gateway.web.broadcast_view import Found, item
from gateway.web.desk import Desk, enter, see_other
from gateway.web.view import Eye
from gateway.web.words import NAMED
from router.broadcast_plan import Plan
from router.broadcasts import MOVES
from store import broadcast_lists, broadcasts
from store.model import BroadcastState

MOST = 50
"""Lines of the list."""
FIELDS = 400
"""Fields of a form: every group and every one of the staff may be ticked."""
WHY = 200
KEPT = 32
"""Previews that are kept for pages that refresh themselves."""
STATUS: Mapping[str, int] = {
    "no_right": 403,
    "own_broadcast": 403,
    "unknown_broadcast": 404,
    "stale": 409,
    "not_now": 409,
}
"""What a refused move is answered with; 422 else."""
LOOKED = (BroadcastState.SUBMITTED, BroadcastState.APPROVED, BroadcastState.SCHEDULED, BroadcastState.HELD)
"""States in which somebody is about to decide, and sees what would go out."""
PLACED = (*SINGLE, "groups", "pilots")


@dataclass(frozen=True, kw_only=True, slots=True)
class Who:
    """Who looks at a page of broadcasts, and what they may do."""

    person: str | None
    name: str
    may: bool
    """Write and send broadcasts."""
    approves: bool

    @property
    def rights(self) -> tuple[str, ...]:
        """The rights by name."""
        return ("broadcast",) * self.may + ("approve",) * self.approves


def who_is(desk: Desk, request: Request) -> Who:
    """Tell who makes a request."""
    person = desk.person(request)
    return Who(
        person=person,
        name=desk.names.get(person or "", ""),
        may=desk.may(person, "broadcast"),
        approves=desk.may(person, "approve"),
    )


def routes(desk: Desk) -> list[BaseRoute]:
    """Return the routes of these pages."""
    pages = Pages(desk)
    return [
        Route("/broadcasts", pages.list, methods=["GET"]),
        Route("/broadcasts/new", pages.new, methods=["GET"]),
        Route("/broadcasts/new", pages.create, methods=["POST"]),
        Route("/broadcasts/{number:int}", pages.show, methods=["GET"]),
        Route("/broadcasts/{number:int}", pages.act, methods=["POST"]),
    ]


class Pages:
    """The pages and what their forms do."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._house = desk.house
        self._testing = Testing(desk.house.standing)
        self._counted: Kept = {}
        self._seen: dict[tuple[int, int, str], Reached] = {}

    async def list(self, request: Request) -> Response:
        """Show the list."""
        eye, every = self._desk.eye(request), request.query_params.get("show") == "all"
        before = request.query_params.get("before", "")
        last = int(before) if before.isdecimal() and len(before) < 10 else None

        def ask(connection: Any) -> list[Any]:
            rows = broadcasts.listed(connection, open_only=not every, before=last, limit=MOST)
            counts = broadcast_lists.progress(connection, [one.id for one in rows])
            return [item(one, counts[one.id], eye) for one in rows]

        items = await self._desk.read(ask)
        query = {"show": "all"} if every else {}
        older = f"/broadcasts?{urlencode({**query, 'before': items[-1].number})}" if len(items) == MOST else ""
        return self._render(request, "list.html", eye=eye, items=items, every=every, older=older)

    async def new(self, request: Request) -> Response:
        """Show the form of a new broadcast."""
        who = who_is(self._desk, request)
        if not who.may:
            return self._turned_away(request, who)
        return await self._new(request, empty(self._desk.eye(request).words))

    async def _new(self, request: Request, fields: Typed, *, status: int = 200, **more: Any) -> Response:
        context = {"wrong": {}, "said": "", **more}
        form = await self._form(fields, action="/broadcasts/new", version=None)
        return self._render(request, "new.html", status=status, **{**form, **context})

    async def create(self, request: Request) -> Response:
        """Keep a new draft."""
        who = who_is(self._desk, request)
        form = await self._desk.form(request, fields=FIELDS)
        filled = await self._filled(form)
        if filled.plan is None:
            return await self._new(request, filled.typed, status=422, wrong=filled.wrong)
        draft = Draft(by=who.person or "", title=filled.title, plan=filled.plan, package_id=filled.package_id)
        made = await self._house.broadcasts.draft(draft)
        if not made.ok:
            return await self._new(request, filled.typed, status=STATUS.get(made.answer, 422), said=made.answer)
        return see_other(f"/broadcasts/{made.variables['number']}", said="saved")

    async def show(self, request: Request) -> Response:
        """Show one broadcast."""
        return await self._page(request, said=request.query_params.get("said", ""))

    async def act(self, request: Request) -> Response:
        """Make the move of a form; a refused one shows the page again with what was typed."""
        form = await self._desk.form(request, fields=FIELDS)
        who, number = who_is(self._desk, request), request.path_params["number"]
        move = str(form.get("move", ""))
        if move == "edit":
            return await self._edit(request, form, who, number)
        if move == "test":
            return await self._test(request, who, number)
        given = self._read(form, who, number, move)
        if isinstance(given, str):
            return await self._page(request, said=given, status=422, kept=_kept(form))
        made = await self._house.broadcasts.act(given)
        if made.ok:
            return see_other(f"/broadcasts/{number}", said=made.answer)
        problems = made.variables.get("problems", "").splitlines()
        status = STATUS.get(made.answer, 422)
        return await self._page(request, said=made.answer, status=status, kept=_kept(form), problems=problems)

    async def _edit(self, request: Request, form: FormData, who: Who, number: int) -> Response:
        filled = await self._filled(form)
        if filled.plan is None:
            return await self._page(request, status=422, filled=filled)
        draft = Draft(
            by=who.person or "",
            title=filled.title,
            plan=filled.plan,
            package_id=filled.package_id,
            number=number,
            version=_number(form, "version"),
        )
        made = await self._house.broadcasts.draft(draft)
        if made.ok:
            return see_other(f"/broadcasts/{number}", said="saved")
        return await self._page(request, said=made.answer, status=STATUS.get(made.answer, 422), filled=filled)

    async def _test(self, request: Request, who: Who, number: int) -> Response:
        done = await self._house.writer.do(self._testing.test, TestSend(by=who.person or "", number=number))
        if done.ok:
            return see_other(f"/broadcasts/{number}", said="tested")
        return await self._page(request, said=done.answer, status=STATUS.get(done.answer, 422))

    def _read(self, form: FormData, who: Who, number: int, move: str) -> Act | str:
        """Read a move out of a form, or say what is wrong with it."""
        if move not in MOVES:
            return "not_now"
        at: datetime | None = None
        zone = ""
        if move == "schedule":
            zone = str(form.get("zone", "")).strip() or self._house.config.router.time_zone
            try:
                at = moment(str(form.get("at", "")), ZoneInfo(zone))
            except (ZoneInfoNotFoundError, ValueError, OSError):
                return "bad_time"
            if at is None:
                return "bad_time"
        again = tuple(str(one) for one in form.getlist("again"))
        if move == "retry" and "unknown" in again and not form.get("twice"):
            return "tick"
        return Act(
            by=who.person or "",
            number=number,
            move=move,
            version=_number(form, "version"),
            count=_number(form, "count"),
            at=at,
            zone=zone,
            why=" ".join(str(form.get("why", "")).split())[:WHY],
            again=again,
        )

    async def _page(
        self,
        request: Request,
        *,
        said: str = "",
        status: int = 200,
        kept: Mapping[str, str] | None = None,
        filled: Filled | None = None,
        problems: Sequence[str] = (),
    ) -> Response:
        number, eye, who = request.path_params["number"], self._desk.eye(request), who_is(self._desk, request)
        channels, again = self._house.channels, "x-refresh" in request.headers
        one = await self._desk.read(lambda connection: found(connection, number, channels, eye.now, kept=self._counted))
        if one is None:
            return self._desk.message(request, "not_found", status=404)
        context: dict[str, Any] = {
            "eye": eye,
            "sheet": sheet(one, eye, rights=who.rights, person=who.person),
            "said": said if f"said.bc_{said}" in NAMED else "",
            "problems": problems,
            "kept": kept or defaultdict(str),
            "refused": status >= 400,
            "live": one.broadcast.state != BroadcastState.DRAFT,
        }
        if one.broadcast.state != BroadcastState.DRAFT:
            seen = await self._reach(one, eye, again=again) if one.broadcast.state in LOOKED else None
            cost = eye.words("bc_confirm_cost", most=seen.segments) if seen and seen.segments else ""
            submitted = one.broadcast.state == BroadcastState.SUBMITTED
            context |= {"cost": cost, "reach": seen if submitted else None, "letters": seen.letters if seen else ()}
            return self._render(request, "status.html", status=status, **context)
        context |= await self._draft(one, eye, filled)
        return self._render(request, "draft.html", status=status, **context)

    async def _draft(self, one: Found, eye: Eye, filled: Filled | None) -> Mapping[str, Any]:
        """Gather what the page of a draft shows besides; a refused form stays as it was typed."""
        kept = one.broadcast
        plan = Plan.model_validate(kept.plan)
        fields = filled.typed if filled else typed(kept.title, plan, kept.package_id, eye.words)
        form = await self._form(fields, action=f"/broadcasts/{kept.number}", version=kept.version)
        seen = await self._reach(one, eye)
        return {**form, "wrong": filled.wrong if filled else {}, "reach": seen, "letters": seen.letters}

    async def _reach(self, one: Found, eye: Eye, *, again: bool = False) -> Reached:
        """Look at what would go out; a page that refreshes itself (`again`) does not count 100,000 people each time."""
        key = (one.broadcast.id, one.broadcast.version, eye.words.language)
        if again and key in self._seen:
            return self._seen[key]
        standing = self._house.standing
        found = await self._desk.read(lambda connection: reach(connection, standing, one, eye))
        self._seen.pop(key, None)
        self._seen[key] = found
        while len(self._seen) > KEPT:
            self._seen.pop(next(iter(self._seen)))
        return found

    async def _form(self, fields: Typed, *, action: str, version: int | None) -> Mapping[str, Any]:
        """Gather what the form offers."""
        offered: Choices = await self._desk.read(choices)
        known = {group.name for group, _ in offered.groups}
        package = fields.values["package"]
        audience = ("product", "versions", "regions", "grades", "contracts")
        methods = self._house.standing.ways
        ways = [name for name, can in methods.can.items() if can.sends and not can.speaks]
        return {
            "action": action,
            "version": version,
            "typed": fields,
            "packages": offered.packages,
            "lost": package if package and all(str(one.id) != package for one in offered.packages) else "",
            "groups": [{"name": g.name, "members": n, "contractual": g.contractual} for g, n in offered.groups],
            "missing": [name for name in fields.groups if name not in known],
            "products": offered.products,
            "narrowed": any(fields.values[name] for name in audience),
            "people": list(self._desk.names.items()),
            "ways": ", ".join(dict.fromkeys(methods.method(name) for name in ways)),
            "fields": " ".join(f"{{{name}}}" for name in NAMES),
            "placed": PLACED,
        }

    async def _filled(self, form: FormData) -> Filled:
        """Read the form of a draft; names of customers are looked up."""
        offered = await self._desk.read(choices)
        ways = self._house.standing.ways
        known = offered.known(self._house.config.router, {name: ways.method(name) for name in ways.can})
        filled = read([(name, str(value)) for name, value in form.multi_items()], known)
        names = [" ".join(line.split()) for line in filled.typed.values["customers"].splitlines() if line.strip()]
        if names:
            there = await self._desk.read(lambda connection: broadcast_lists.customers_known(connection, names))
            missing = [name for name in names if name not in there]
            if missing:
                return filled.but(customers=("customers", ", ".join(missing)))
        return filled

    def _render(self, request: Request, page: str, *, status: int = 200, **context: Any) -> Response:
        given = {"who": who_is(self._desk, request), "said": "", "problems": (), **context}
        return self._desk.render(request, f"broadcasts/{page}", status=status, **given)

    def _turned_away(self, request: Request, who: Who) -> Response:
        """Lead somebody who is not signed in to where one signs in, and back; others have no right."""
        if who.person is None:
            return RedirectResponse(enter(request), status_code=303)
        return self._desk.message(request, "bc_refused", status=403, why="bc_no_right")


def _kept(form: FormData) -> Mapping[str, str]:
    """Keep what was typed into a refused form."""
    return {name: str(form.get(name, "")) for name in ("count", "at", "zone")}


def _number(form: FormData, name: str) -> int | None:
    given = str(form.get(name, "")).strip()
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 10 else None
