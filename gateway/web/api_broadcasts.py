"""The API about broadcasts: the same moves as the pages and the commands, made by a person who is known."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Query
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from gateway.broadcast import yaml_form
from gateway.broadcast.acts import Act, Draft, Made
from gateway.broadcast.result import TYPE
from gateway.broadcast.testing import MOST, Testing, TestSend
from gateway.web.answers_broadcasts import FORBIDDEN, WRONG, said
from gateway.web.broadcast_recipients import sheet
from gateway.web.desk import Desk
from gateway.web.previews_broadcasts import previewed, tested, told
from gateway.web.questions_broadcasts import allowed, by_wave, may, unknown, whole
from gateway.web.shapes_broadcasts import (
    ActShape,
    BroadcastEventShape,
    BroadcastMadeShape,
    BroadcastShape,
    FaultShape,
    FaultsShape,
    PackageShape,
    PreviewShape,
    RecipientShape,
    RecipientsShape,
    RefusalShape,
    RefusedShape,
    TestedShape,
    TestShape,
    WaveShape,
    WholeBroadcastShape,
    WishShape,
)
from gateway.web.words_composing import TESTED
from router.broadcast_plan import LANGUAGES
from store import broadcasts
from store.model import Broadcast, PackageState, Recipient

Limit = Annotated[int, Query(ge=1, le=1000)]
NOBODY = (
    "a broadcast is changed by a person: sign in on the page, or send HTTP Basic with the key of one of the staff "
    "and the password; the operator token says nothing of who you are"
)
RIGHTS = ("broadcast", "approve")
BODIES: Mapping[str, type[BaseModel]] = {"new": WishShape, "edit": WishShape, "test": TestShape}
"""What the body of an operation is, by its name; of the others it is a move."""


class FaultRoute(APIRoute):
    """Answers what is wrong with a request in our words: where, what, cure."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Put our words in place of the checker's."""
        handler, kind = super().get_route_handler(), BODIES.get(self.name, ActShape)

        async def handled(request: Request) -> Response:
            try:
                return await handler(request)
            except RequestValidationError as error:
                found = yaml_form.faults(error.errors(), kind)
                raise wrong(*[FaultShape(place=one.key, what=one.what, cure=one.cure) for one in found]) from None

        return handled


def wrong(*faults: FaultShape) -> HTTPException:
    """Make the answer to a request that cannot be used."""
    return HTTPException(422, [one.model_dump() for one in faults])


class BroadcastApi:
    """The operations; one method each."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._house = desk.house
        self._testing = Testing(desk.house.standing)

    async def listed(
        self, state: Literal["open", "all"] = "open", before: int | None = None, limit: Limit = 100
    ) -> list[BroadcastShape]:
        """List broadcasts, the newest first: those that are not over, or all; `before` is the last number seen."""
        found = await self._desk.read(
            lambda connection: broadcasts.listed(connection, open_only=state == "open", before=before, limit=limit)
        )
        return [BroadcastShape.model_validate(one) for one in found]

    async def new(self, request: Request, wish: WishShape) -> BroadcastMadeShape:
        """Write a draft; answers with its number."""
        return await self._drafted(request, wish, None)

    async def edit(self, request: Request, number: int, wish: WishShape) -> BroadcastMadeShape:
        """Write a draft anew; 409 when it is no draft any more, or is not at the given version."""
        return await self._drafted(request, wish, number)

    async def _drafted(self, request: Request, wish: WishShape, number: int | None) -> BroadcastMadeShape:
        person = self._person(request, "broadcast")
        package_id, lost = await self._desk.read(lambda connection: self._looked_up(connection, wish))
        if lost:
            raise wrong(*[FaultShape(place=place, what=what, cure=cure) for place, what, cure in lost])
        draft = Draft(by=person, title=wish.title, plan=wish.plan, package_id=package_id, number=number)
        made = await self._house.broadcasts.draft(replace(draft, version=wish.version if number else None))
        return await self._answered(made, person, "edit", number or int(made.variables.get("number", 0)))

    def _looked_up(self, connection: Connection, wish: WishShape) -> tuple[int | None, list[tuple[str, str, str]]]:
        lost = list(unknown(connection, self._house.standing, wish.plan))
        if wish.package is None:
            return None, lost
        found = broadcasts.package_named(connection, wish.package.name, wish.package.version)
        if found is None or found.state != PackageState.READY:
            what, cure = said("no_package", "edit", {})
            lost.append(("package", f"{wish.package.name} {wish.package.version}: {what}", cure))
        return found.id if found else None, lost

    async def act(self, request: Request, number: int, act: ActShape) -> BroadcastMadeShape:
        """Make a move; 409 says why it cannot be made and what is true now."""
        person = self._person(request, "approve" if act.move == "approve" else "broadcast")
        given = act.model_dump(exclude={"zone", "again"})
        item = Act(by=person, number=number, zone=act.zone or "", again=tuple(act.again), **given)
        made = await self._house.broadcasts.act(item)
        return await self._answered(made, person, act.move, number, given=str(act.count))

    def _who(self, request: Request) -> str:
        person = self._desk.person(request)
        if person is None:
            raise HTTPException(403, NOBODY)
        return person

    def _person(self, request: Request, right: str) -> str:
        person = self._who(request)
        if not self._desk.may(person, right):
            raise HTTPException(403, _refusal("no_right", "", {"by": person}).model_dump())
        return person

    async def _answered(self, made: Made, person: str, move: str, number: int, **known: str) -> BroadcastMadeShape:
        found = await self._desk.read(lambda connection: broadcasts.find(connection, number))
        shape = BroadcastShape.model_validate(found) if found else None
        if made.ok and shape:
            return BroadcastMadeShape(answer=made.answer, variables=dict(made.variables), broadcast=shape)
        if made.answer == "unknown_broadcast":
            raise HTTPException(404, f"there is no broadcast {number}")
        counted = await self._desk.read(lambda c: broadcasts.counts(c, found.id)) if found else {}
        moves = self._allowed(may(found, counted), found, person) if found else []
        refusal = _refusal(made.answer, move, {"by": person, "may": ", ".join(moves), **known, **made.variables})
        if made.answer in WRONG:
            raise wrong(FaultShape(place=WRONG[made.answer], what=refusal.what, cure=refusal.cure))
        told = refusal.model_copy(update={"now": shape, "may": moves})
        raise HTTPException(403 if made.answer in FORBIDDEN else 409, told.model_dump(mode="json"))

    def _allowed(self, moves: list[str], found: Broadcast, person: str | None) -> list[str]:
        if person is None:
            return moves
        return allowed(moves, found, person, {right: self._desk.may(person, right) for right in RIGHTS})

    async def show(self, request: Request, number: int, *, channels: bool = True) -> WholeBroadcastShape:
        """Show one broadcast with all that is counted, and what may be done now.

        Without `channels` nothing is counted by channel: for who asks every second.
        """
        found = await self._desk.read(lambda connection: whole(connection, number, channels=channels))
        if found is None:
            raise HTTPException(404, f"there is no broadcast {number}")
        own, package, counts = (found.pop(name) for name in ("broadcast", "package", "counts"))
        waves = by_wave(counts)
        progress = [WaveShape(wave=n, size=sum(own.values()), states=own) for n, own in waves.items() if n]
        return WholeBroadcastShape(
            **BroadcastShape.model_validate(own).model_dump(),
            **found,
            plan=own.plan,
            states=waves[0],
            progress=progress,
            package=PackageShape.model_validate(package) if package else None,
            may=self._allowed(may(own, counts), own, self._desk.person(request)),
        )

    async def preview(self, number: int, lang: Literal["zh", "en"] = "en") -> PreviewShape:
        """Show what it would come to now: whom it reaches, each channel's text for two recipients, what is wrong."""
        standing = self._house.standing
        found: PreviewShape = await self._of(number, lambda connection, own: previewed(connection, standing, own, lang))
        return found

    async def test(
        self, request: Request, number: int, wish: TestShape, lang: Literal["zh", "en"] = "en"
    ) -> TestedShape:
        """Send it to the own addresses of the person who asks, and to nobody else."""
        person = self._who(request)
        item = TestSend(by=person, number=number, channels=tuple(wish.channels))
        done = await self._house.writer.do(self._testing.test, item)
        if done.answer == "unknown_broadcast":
            raise HTTPException(404, f"there is no broadcast {number}")
        if not done.ok:
            problems = "; ".join(one.words for one in told(done.problems, lang))
            words = TESTED[done.answer][LANGUAGES.index(lang)].format(most=MOST)
            refusal = RefusalShape(answer=done.answer, what=words, cure=problems)
            raise HTTPException(403 if done.answer in FORBIDDEN else 409, refusal.model_dump(mode="json"))
        return tested(done, lang)

    async def recipients(
        self,
        number: int,
        *,
        state: str | None = None,
        channel: str | None = None,
        wave: int | None = None,
        reason: str | None = None,
        search: str = "",
        after: int = 0,
        limit: Limit = 100,
    ) -> RecipientsShape:
        """List recipients page by page: `after` is what the page before said."""
        filters: Mapping[str, Any] = {"state": state, "channel": channel, "wave": wave, "reason": reason}
        found: list[Recipient] = await self._of(
            number,
            lambda connection, own: broadcasts.recipients(
                connection, own.id, search=search, after=after, limit=limit, **filters
            ),
        )
        rows = [RecipientShape.model_validate(one) for one in found]
        return RecipientsShape(rows=rows, after=rows[-1].id if len(rows) == limit else None)

    async def result(self, request: Request, number: int) -> Response:
        """Send what became of every recipient as an XLSX table; `lang` chooses its language."""
        sent = await sheet(self._desk, number, self._desk.eye(request))
        if sent is None:
            raise HTTPException(404, f"there is no broadcast {number}")
        return sent

    async def events(self, number: int) -> list[BroadcastEventShape]:
        """List what was done to a broadcast, the oldest first."""
        found = await self._of(number, lambda connection, own: broadcasts.history(connection, own.id))
        return [BroadcastEventShape.model_validate(one) for one in found]

    async def _of(self, number: int, question: Callable[..., Any]) -> Any:
        def ask(connection: Any) -> Any:
            own = broadcasts.find(connection, number)
            return None if own is None else question(connection, own)

        found = await self._desk.read(ask)
        if found is None:
            raise HTTPException(404, f"there is no broadcast {number}")
        return found


def _refusal(answer: str, move: str, known: Mapping[str, str]) -> RefusalShape:
    what, cure = said(answer, move, known)
    return RefusalShape(answer=answer, what=what, cure=cure)


def routes(desk: Desk) -> APIRouter:
    """Return the routes of the API about broadcasts."""
    api, router = BroadcastApi(desk), APIRouter(prefix="/broadcasts", route_class=FaultRoute)
    plain: dict[int | str, dict[str, Any]] = {422: {"model": FaultsShape}, 403: {"model": RefusedShape}}
    asked = {**plain, 409: {"model": RefusedShape}}
    router.add_api_route("", api.listed, methods=["GET"], responses=plain)
    router.add_api_route("", api.new, methods=["POST"], status_code=201, responses=plain)
    router.add_api_route("/{number}", api.show, methods=["GET"], responses=plain)
    router.add_api_route("/{number}", api.edit, methods=["PUT"], responses=asked)
    router.add_api_route("/{number}/moves", api.act, methods=["POST"], responses=asked)
    router.add_api_route("/{number}/preview", api.preview, methods=["GET"], responses=plain)
    router.add_api_route("/{number}/test", api.test, methods=["POST"], responses=asked)
    router.add_api_route("/{number}/recipients", api.recipients, methods=["GET"], responses=plain)
    router.add_api_route("/{number}/events", api.events, methods=["GET"], responses=plain)
    binary = {200: {"content": {TYPE: {}}}, **plain}
    router.add_api_route(
        "/{number}/result.xlsx", api.result, methods=["GET"], responses=binary, response_class=Response
    )
    return router
