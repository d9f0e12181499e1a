"""The page of one ticket, and the forms by which somebody at a desk acts on it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from gateway.duty import read_plan
from gateway.moves import STALE, Made, Wish
from gateway.splitting import Split
from gateway.web.desk import Desk, see_other
from gateway.web.history import sheet
from gateway.web.questions import Whole, whole
from gateway.web.visits import choices
from gateway.web.words import NAMED
from router.case import Case, Outing, Scene
from router.commands import Command
from router.dispatch import Candidate, offers
from router.duty import on_duty
from router.grammar import Intent
from router.kinds import NAMES as KINDS
from store import visits

INTENTS: Mapping[str, Intent] = {
    intent.value: intent
    for intent in (
        Intent.TAKE,
        Intent.ESCALATE,
        Intent.SNOOZE,
        Intent.ARRIVE,
        Intent.RESOLVE,
        Intent.RELEASE,
        Intent.UNDO,
        Intent.TRANSFER,
        Intent.NOTE,
        Intent.LEVEL,
        Intent.KIND,
        Intent.REPLY,
        Intent.MERGE,
        Intent.CHILD,
        Intent.APART,
        Intent.RESOLVE_ALL,
        Intent.DISMISS,
        Intent.HOLD,
        Intent.RESUME,
        Intent.WORKAROUND,
        Intent.SECOND_LINE,
        Intent.DISPATCH,
        Intent.LEAVE,
    )
}
"""The moves that a page offers."""
PERSON_COOKIE = "yizhan_person"
PAIRED = ("merge", "child", "dismiss")
"""The moves that name another ticket."""
WRITTEN = ("reply", "note", "resolve", "hold", "workaround", "second_line")
"""The moves that carry words; each has a field of its own."""
NAMING = {"transfer": "to", "dispatch": "send"}
"""The moves that name one of the staff, each by a field of its own."""
LONGEST_NUMBER = 9
"""Digits of a ticket number that somebody may name."""
KEPT = ("by", "to", "send", "other", "text_resolve_all", *(f"text_{move}" for move in WRITTEN))
"""Fields that are shown again, as they were, after a refusal."""


def routes(desk: Desk) -> list[BaseRoute]:
    """Return the routes of the ticket page."""

    async def show(request: Request) -> Response:
        return await page(desk, request, said=request.query_params.get("said", ""))

    async def act(request: Request) -> Response:
        return await acted(desk, request)

    return [
        Route("/t/{number:int}", show, methods=["GET"]),
        Route("/t/{number:int}", act, methods=["POST"]),
        picture_of(desk),
    ]


async def page(
    desk: Desk, request: Request, *, said: str = "", typed: Mapping[str, str] | None = None, status: int = 200
) -> Response:
    """Show a ticket; `typed` is put back into the forms after a refusal."""
    number = request.path_params["number"]
    found = await desk.read(lambda connection: whole(connection, number))
    if found is None:
        return desk.message(request, "not_found", status=404)
    eye = desk.eye(request)
    whom = await desk.read(lambda connection: whom_to_send(connection, desk, found))
    laid = sheet(found, eye)
    links = {asked.key: desk.access.link(asked.key, number) for asked in laid.asked if asked.open}
    return desk.render(
        request,
        "ticket.html",
        status=status,
        eye=eye,
        sheet=laid,
        ticket=found.ticket,
        links=links,
        going={one.ident: desk.access.engineer_link(one.key, number) for one in laid.outings if one.out},
        whom=choices(whom, desk.names, eye.words.language),
        said=said if f"said.{said}" in NAMED else "",
        typed=defaultdict(str, typed or {}),
        kept=any((typed or {}).get(f"text_{move}") for move in WRITTEN),
        kinds=tuple(KINDS),
        written=WRITTEN,
        me=(typed or {}).get("by") or desk.person(request) or request.cookies.get(PERSON_COOKIE, ""),
    )


def whom_to_send(connection: Connection, desk: Desk, found: Whole) -> list[Candidate]:
    """Rank whom to send on site for a ticket, as a text would be answered."""
    settings, now = desk.house.config.router, desk.house.clock.now()
    plan = read_plan(connection, settings, now)
    out = tuple(Outing(person=p, number=n) for p, n in visits.out(connection, tuple(settings.people)))
    scene = Scene(now=now, duty=on_duty(plan, now), settings=settings, out=out)
    return offers(Case(ticket=found.ticket, visits=tuple(found.visits)), scene)


def picture_of(desk: Desk) -> BaseRoute:
    """Return the route of a drawn signature."""

    async def show(request: Request) -> Response:
        ident = request.path_params["visit"]
        found = await desk.read(lambda connection: visits.picture(connection, ident))
        if found is None:
            return desk.message(request, "not_found", status=404)
        return Response(found, media_type="image/png", headers={"content-security-policy": "default-src 'none'"})

    return Route("/t/{number:int}/signature/{visit:int}", show, methods=["GET"])


async def acted(desk: Desk, request: Request) -> Response:
    """Make the move of a form; a refused one shows the page again with what was typed."""
    form = await desk.form(request)
    number = request.path_params["number"]
    person = desk.acting(request, str(form.get("by", "")))
    made = await moved(desk, form, number, person)
    if made.ok:
        response = see_other(f"/t/{number}", said=made.answer)
    else:
        typed = {name: str(form.get(name, "")) for name in KEPT}
        status = 409 if made.answer == STALE else 422
        response = await page(desk, request, said=made.answer, typed=typed, status=status)
    if person in desk.names:
        response.set_cookie(PERSON_COOKIE, person, httponly=True, samesite="lax", secure=desk.access.secure)
    return response


async def moved(desk: Desk, form: FormData, number: int, person: str) -> Made:
    """Make the move of a form."""
    move, _, about = str(form.get("move", "")).partition(":")
    if move == "split" and about.isdecimal() and person in desk.names:
        split = Split(
            person=person,
            number=number,
            message_id=int(about),
            following=bool(form.get("following")),
            receipt=bool(form.get("receipt")),
            version=version(form),
        )
        return await desk.house.writer.do(desk.splitting.split, split)
    order = read(form)
    if order is None or person not in desk.names:
        return Made(ok=False, answer="help")
    if move == "merge" and about and order.numbers[0] > number:
        # A suggestion makes the later ticket a part of the earlier, whichever of the two pages it stands on.
        turned = replace(order, numbers=(number,))
        wish = Wish(person=person, number=order.numbers[0], command=turned)
    else:
        wish = Wish(person=person, number=number, command=order, version=version(form))
    return await desk.house.writer.do(desk.moves.make, wish)


def version(form: FormData) -> int | None:
    """Return the version that the form was shown with."""
    given = str(form.get("version", ""))
    return int(given) if given.isdecimal() else None


def read(form: FormData) -> Command | None:
    """Return the move of a form, or None for one that there is not."""
    if form.get("accept"):
        return command("level", level=str(form["accept"]))
    move, _, about = str(form.get("move", "")).partition(":")
    text = str(form.get(f"text_{move}", "")).strip()
    if move in WRITTEN and not text:
        return None
    return command(
        move,
        text=text,
        to=str(form.get(NAMING[move], "")) if move in NAMING else "",
        level=str(form.get("level", "")) if move == "level" else "",
        kind=str(form.get("kind", "")) if move == "kind" else "",
        other=about or str(form.get("other", "")).strip() if move in PAIRED else "",
    )


def command(
    move: str,
    *,
    text: str = "",
    to: str = "",
    level: str = "",
    kind: str = "",
    minutes: str = "",
    other: str = "",
) -> Command | None:
    """Return a move by its name, with what it needs; None when it is unknown or something in it is."""
    intent = INTENTS.get(move)
    if intent is None or (level and level not in ("1", "2", "3")) or (kind and kind not in KINDS):
        return None
    if minutes and not (minutes.isdecimal() and 5 <= int(minutes) <= 120):
        return None
    if (move in PAIRED) != (other.isdecimal() and len(other) <= LONGEST_NUMBER):
        return None
    if move == "dispatch" and not to:
        return None
    return Command(
        intent=intent,
        numbers=(int(other),) if other else (),
        text=text or None,
        person=to or None,
        level=int(level) if level else None,
        kind=kind or None,
        minutes=int(minutes) if minutes else None,
    )
