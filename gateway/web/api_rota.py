"""The API about the rota: who is on duty when, what is wrong with that, stand-ins, absences and calendars."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, timedelta
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query
from starlette.requests import Request

from gateway.duty import read_plan
from gateway.rota_moves import Back, FeedWish, Gone, RotaMoves, Stand, Stands, Withdrawn, new_secret
from gateway.web.desk import Desk
from gateway.web.feeds import feed_path
from gateway.web.shapes_rota import (
    EndedShape,
    FeedShape,
    FeedWishShape,
    FlawShape,
    GoneShape,
    IdsShape,
    NowShape,
    PresenceShape,
    RotaShape,
    ShiftShape,
    StandsShape,
    TurnShape,
)
from router.rota import ROLES, Plan, flaws_ahead, turns

Days = Annotated[int, Query(ge=1, le=366)]


class RotaApi:
    """The operations; one method each."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._house = desk.house
        self._moves = RotaMoves(desk.house.standing)

    async def _plan(self) -> Plan:
        router, now = self._house.config.router, self._house.clock.now()
        return await self._desk.read(lambda connection: read_plan(connection, router, now))

    def _known(self, people: Iterable[str]) -> None:
        for person in people:
            if person not in self._desk.names:
                raise HTTPException(422, f"{person!r} is not among the staff: {', '.join(self._desk.names)}")

    async def show(self, days: Days = 14) -> RotaShape:
        """Show who has each role now, and the turns, stand-ins and absences of the days ahead."""
        plan, now = await self._plan(), self._house.clock.now()
        ahead = {role: turns(plan, role, now, now + timedelta(days=days)) for role in ROLES}
        first = [spans[0] for spans in ahead.values()]
        return RotaShape(
            now=[
                NowShape(
                    role=one.role,
                    person=one.person,
                    name=self._desk.names.get(one.person or ""),
                    until=one.ends if one.ends < now + timedelta(days=days) else None,
                    by=one.by,
                )
                for one in first
            ],
            turns=[TurnShape.model_validate(turn) for spans in ahead.values() for turn in spans],
            shifts=[ShiftShape.model_validate(shift) for shift in plan.shifts],
            presences=[PresenceShape.model_validate(one) for one in plan.presences],
        )

    async def flaws(self, days: Days = 7) -> list[FlawShape]:
        """List what begins to be wrong in the days ahead: holes, doubles, overlaps, unknown make-up workdays."""
        plan, now = await self._plan(), self._house.clock.now()
        return [FlawShape.model_validate(flaw) for flaw in flaws_ahead(plan, now, timedelta(days=days))]

    async def stand_in(self, wish: StandsShape, request: Request) -> IdsShape:
        """Let people stand in, all of them or none; one that is over is refused."""
        by = self._desk.acting(request, wish.by)
        self._known(one.person for one in wish.shifts)
        if any(one.ends <= self._house.clock.now() for one in wish.shifts):
            raise HTTPException(422, "one of them is over already")
        stands = [
            Stand(
                role=one.role,
                person=one.person,
                begins=one.begins.astimezone(UTC),
                ends=one.ends.astimezone(UTC),
            )
            for one in wish.shifts
        ]
        ids = await self._house.writer.do(self._moves.stand_in, Stands(stands=stands, by=by, why=wish.why))
        return IdsShape.model_validate({"ids": ids}, from_attributes=False)

    async def withdraw(self, ident: int, by: str, request: Request) -> None:
        """End a stand-in; 404 when there is none of this id that is not over."""
        by = self._desk.acting(request, by)
        if not await self._house.writer.do(self._moves.withdraw, Withdrawn(ident=ident, by=by)):
            raise HTTPException(404, f"no stand-in has the id {ident}")

    async def leave(self, wish: GoneShape, request: Request) -> IdsShape:
        """Write an absence down; one that is over is refused."""
        by = self._desk.acting(request, wish.by)
        self._known([wish.person])
        if wish.ends <= self._house.clock.now():
            raise HTTPException(422, "this is over already")
        begin, end = wish.begins.astimezone(UTC), wish.ends.astimezone(UTC)
        item = Gone(person=wish.person, begins=begin, ends=end, by=by, why=wish.why)
        ident = await self._house.writer.do(self._moves.leave, item)
        return IdsShape.model_validate({"ids": [ident]}, from_attributes=False)

    async def come_back(self, request: Request, person: str, by: str, *, planned: bool = False) -> EndedShape:
        """End the absence of a person, with `planned` those to come as well; 404 when there is none."""
        by = self._desk.acting(request, by)
        self._known([person])
        ended = await self._house.writer.do(self._moves.come_back, Back(person=person, by=by, planned=planned))
        if not ended:
            raise HTTPException(404, f"{person} is not away")
        return EndedShape(ended=ended)

    async def open_feed(self, wish: FeedWishShape, request: Request) -> FeedShape:
        """Make a secret address for a calendar; it is told this once."""
        by = self._desk.acting(request, wish.by)
        self._known([wish.person] if wish.person else [])
        secret, digest = new_secret()
        await self._house.writer.do(self._moves.open_feed, FeedWish(person=wish.person, by=by, digest=digest))
        path = feed_path(secret)
        return FeedShape(path=path, url=f"{self._house.config.gateway.public_url}{path}")

    async def revoke_feeds(self, request: Request, by: str, person: str = "") -> EndedShape:
        """Close every address of a person's calendar, "" for those of the whole rota; 404 when there is none."""
        by = self._desk.acting(request, by)
        self._known([person] if person else [])
        ended = await self._house.writer.do(self._moves.revoke_feeds, FeedWish(person=person, by=by))
        if not ended:
            raise HTTPException(404, "there is no such address")
        return EndedShape(ended=ended)


def routes(desk: Desk) -> APIRouter:
    """Return the routes of the API about the rota."""
    api, router = RotaApi(desk), APIRouter()
    router.add_api_route("/rota", api.show, methods=["GET"])
    router.add_api_route("/rota/flaws", api.flaws, methods=["GET"])
    router.add_api_route("/rota/shifts", api.stand_in, methods=["POST"], status_code=201)
    router.add_api_route("/rota/shifts/{ident}", api.withdraw, methods=["DELETE"], status_code=204)
    router.add_api_route("/rota/presences", api.leave, methods=["POST"], status_code=201)
    router.add_api_route("/rota/presences/{person}", api.come_back, methods=["DELETE"])
    router.add_api_route("/rota/feeds", api.open_feed, methods=["POST"], status_code=201)
    router.add_api_route("/rota/feeds", api.revoke_feeds, methods=["DELETE"])
    return router
