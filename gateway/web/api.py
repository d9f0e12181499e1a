"""The API under /api/v1: the same tickets and the same moves as the pages, as JSON, with OpenAPI."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, FastAPI, HTTPException, Query
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from channels.contract import Polls
from gateway.drilling import Wish as DrillWish
from gateway.duty import read_duty
from gateway.health import gather
from gateway.health_drill import known as drilled
from gateway.ignored import TakeUp
from gateway.moves import STALE, Made, StandIn, Wish
from gateway.splitting import Split
from gateway.web import (
    api_accounts,
    api_broadcasts,
    api_groups,
    api_packages,
    api_rota,
    api_suppressions,
    troubles,
)
from gateway.web.desk import Desk
from gateway.web.ignored import DAYS
from gateway.web.questions import whole
from gateway.web.shapes import (
    CorrectionShape,
    DutyShape,
    IgnoredShape,
    LinkShape,
    MadeShape,
    MailboxShape,
    MessageShape,
    MoveShape,
    OpenShape,
    PollShape,
    QuarantineShape,
    ReleasedShape,
    Role,
    StandInShape,
    SwapShape,
    TicketShape,
    TroubleShape,
    WholeShape,
)
from gateway.web.shapes_visits import OutingShape
from gateway.web.shapes_watch import DrillShape, FoundShape, HealthShape, PlannedShape, ProofShape
from gateway.web.ticket import command
from router import swaps
from router.kinds import CHAT
from store import corrections, linking, polls, quarantine, tickets, visits
from store.model import Ticket
from store.rows import nouns

Limit = Annotated[int, Query(ge=1, le=1000)]


class Api:
    """The operations; one method each."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._house = desk.house

    async def list_tickets(self, state: Literal["open", "all"] = "open", limit: Limit = 200) -> list[TicketShape]:
        """List tickets: the worst and oldest open first, or all, the newest first."""
        found = await self._desk.read(
            lambda connection: nouns(Ticket, tickets.listed(connection, open_only=state == "open", limit=limit))
        )
        return [TicketShape.model_validate(ticket) for ticket in found]

    async def show_ticket(self, number: int) -> WholeShape:
        """Show one ticket with its history, messages, pages and clocks."""
        found = await self._desk.read(lambda connection: whole(connection, number))
        if found is None:
            raise HTTPException(404, f"there is no ticket {number}")
        return WholeShape.model_validate(found)

    async def list_visits(self, state: Literal["open", "all"] = "open", limit: Limit = 200) -> list[OutingShape]:
        """List visits, the newest first: those that are not over, or all."""
        found = await self._desk.read(
            lambda connection: visits.listed(connection, open_only=state == "open", limit=limit)
        )
        return [OutingShape.model_validate(dict(one)) for one in found]

    async def make_move(self, number: int, move: MoveShape, request: Request) -> MadeShape:
        """Make a move on a ticket; 409 when the ticket is not at the given version any more."""
        move.by = self._desk.acting(request, move.by)
        if move.by not in self._desk.names:
            raise HTTPException(422, f"{move.by!r} is not among the staff: {', '.join(self._desk.names)}")
        made = await self._made(number, move)
        found = await self._desk.read(lambda connection: nouns(Ticket, tickets.by_numbers(connection, [number])))
        if not found:
            raise HTTPException(404, f"there is no ticket {number}")
        if made.answer == STALE:
            raise HTTPException(409, f"the ticket is at version {found[0].version} now")
        return MadeShape(
            ok=made.ok,
            answer=made.answer,
            variables=dict(made.variables),
            ticket=TicketShape.model_validate(found[0]),
        )

    async def _made(self, number: int, move: MoveShape) -> Made:
        writer, desk = self._house.writer, self._desk
        if move.move == "split" and move.message:
            split = Split(
                person=move.by,
                number=number,
                message_id=int(move.message),
                following=move.following,
                receipt=move.receipt,
                version=move.version,
            )
            return await writer.do(desk.splitting.split, split)
        given = {"level": move.level, "kind": move.kind, "minutes": move.minutes, "other": move.other}
        order = command(
            move.move, text=move.text, to=move.to, **{name: str(value or "") for name, value in given.items()}
        )
        if order is None:
            raise HTTPException(422, "this move is not understood")
        wish = Wish(person=move.by, number=number, command=order, version=move.version)
        return await writer.do(desk.moves.make, wish)

    async def list_polls(self) -> list[MailboxShape]:
        """List the accounts that are pulled, with when each was read."""
        return [await self._mailbox(account) for account in self._house.polling]

    async def _mailbox(self, account: str) -> MailboxShape:
        channel = self._house.channels[account]
        last, good = await self._desk.read(
            lambda connection: (
                polls.last_poll(connection, account),
                polls.last_poll(connection, account, succeeded=True),
            )
        )
        return MailboxShape(
            account=account,
            times=list(channel.times) if isinstance(channel, Polls) else [],
            last=PollShape.model_validate(last) if last else None,
            last_good=PollShape.model_validate(good) if good else None,
        )

    async def poll_now(self, account: str) -> MailboxShape:
        """Have an account read at once; the answer does not wait for it."""
        if account not in self._house.polling:
            raise HTTPException(404, f"{account} is not an account that is pulled")
        self._house.poll_now(account)
        return await self._mailbox(account)

    async def list_quarantine(self, released: bool = False, limit: Limit = 100) -> list[QuarantineShape]:  # noqa: FBT001, FBT002, RUF100
        """List what could not be read or judged, newest first."""
        found = await self._desk.read(
            lambda connection: quarantine.quarantined(connection, limit=limit, released=released)
        )
        return [QuarantineShape.model_validate(one) for one in found]

    async def release(self, ident: int) -> ReleasedShape:
        """Take something in quarantine in again: a message is judged again, bytes are read again by their channel."""
        if not await self._house.release(ident):
            raise HTTPException(404, f"nothing in quarantine has the id {ident}")
        return ReleasedShape(id=str(ident), released=True)

    async def list_ignored(self, days: Annotated[int, Query(ge=1, le=90)] = DAYS) -> list[IgnoredShape]:
        """List what opened nothing in the last days, newest first."""
        since = self._house.clock.now() - timedelta(days=days)
        found = await self._desk.read(lambda connection: corrections.ignored(connection, since))
        return [IgnoredShape(message=MessageShape.model_validate(one.message), why=one.why) for one in found]

    async def open_ignored(self, ident: int, wanted: OpenShape, request: Request) -> MadeShape:
        """Open a ticket for what was ignored, and keep the correction; 404 when it has one already."""
        wanted.by = self._desk.acting(request, wanted.by)
        if wanted.by not in self._desk.names or wanted.kind == CHAT:
            raise HTTPException(422, f"give one of the staff and a kind of matter: {', '.join(self._desk.names)}")
        item = TakeUp(message_id=ident, by=wanted.by, kind=wanted.kind, level=wanted.level)
        number = await self._house.writer.do(self._desk.taking_up.take_up, item)
        if number is None:
            raise HTTPException(404, f"no ignored message has the id {ident}")
        found = await self._desk.read(lambda connection: nouns(Ticket, tickets.by_numbers(connection, [number])))
        return MadeShape(ok=True, answer="opened", variables={}, ticket=TicketShape.model_validate(found[0]))

    async def list_troubles(
        self,
        ticket: int | None = None,
        before: int | None = None,
        show: Literal["few", "all"] = "few",
        limit: Limit = 200,
    ) -> list[TroubleShape]:
        """List texts and calls that did not go as planned, newest first; `all` with what a bundle said anyway."""
        found = await self._desk.read(
            lambda c: troubles.find(c, number=ticket, before=before, every=show == "all", limit=limit)
        )
        return [TroubleShape.model_validate(one) for one in found]

    async def list_corrections(self) -> list[CorrectionShape]:
        """List what people said of each message that had been judged, oldest first."""
        found = await self._desk.read(corrections.latest)
        return [CorrectionShape.model_validate(one) for one in found]

    async def show_duty(self) -> DutyShape:
        """Show who is on duty now."""
        router, now = self._house.config.router, self._house.clock.now()
        duty = await self._desk.read(lambda connection: read_duty(connection, router, now))
        return DutyShape(lead=duty.lead, second=duty.second, manager=duty.manager)

    async def show_health(self) -> HealthShape:
        """Say how the gateway does: the same findings as /readyz, the page and `yizhan doctor`."""
        found = await run_in_threadpool(gather, self._house)
        ready = not [one for one in found if one.ok is False and one.grave]
        return HealthShape(ready=ready, findings=[FoundShape.model_validate(one) for one in found])

    async def list_drills(self) -> list[ProofShape]:
        """List when each person's phone was last proved by each method."""
        config, now = self._house.config, self._house.clock.now()
        found = await self._desk.read(lambda connection: drilled(connection, config, now))
        return [ProofShape.model_validate(one) for one in found]

    async def run_drill(self, wanted: DrillShape) -> list[PlannedShape]:
        """Prove phones now, or as soon as it may be; returns when each is asked."""
        if wanted.person and wanted.person not in self._desk.names:
            raise HTTPException(422, f"{wanted.person!r} is not among the staff: {', '.join(self._desk.names)}")
        wish = DrillWish(person=wanted.person, method=wanted.method)
        planned = await self._house.writer.do(self._house.drills.begin, wish)
        return [PlannedShape.model_validate(one) for one in planned]

    async def put_link(self, link: LinkShape, request: Request) -> None:
        """Keep a one-time code for a contact or one of the staff; only the operator does so for somebody else."""
        if (link.contact_id is None) == (not link.person) or (link.person and link.person not in self._desk.names):
            raise HTTPException(422, "give a contact_id or the key of one of the staff")
        if link.person:
            self._desk.acting(request, link.person)
        await self._house.writer.do(linking.put_code, linking.new_code(link.model_dump(mode="json")))

    async def set_duty(self, role: Role, change: StandInShape, request: Request) -> DutyShape:
        """Let somebody stand in for a role; an `until` that is over ends it."""
        by = self._desk.acting(request, change.by)
        if change.person not in self._desk.names:
            raise HTTPException(422, f"{change.person!r} is not among the staff: {', '.join(self._desk.names)}")
        if change.until is not None and change.until.tzinfo is None:
            raise HTTPException(422, "until needs a time zone, such as 2026-11-24T20:00:00+08:00")
        until = change.until.astimezone(UTC) if change.until else None
        item = StandIn(role=role, person=change.person, until=until, by=by)
        await self._house.writer.do(self._desk.moves.stand_in, item)
        return await self.show_duty()

    async def propose_swap(self, wanted: SwapShape, request: Request) -> MadeShape:
        """Ask the other side for a swap of shifts; `ok` false says in `answer` and `variables` why it cannot be."""
        wanted.by = self._desk.acting(request, wanted.by)
        if not {wanted.by, wanted.other} <= self._desk.names.keys():
            raise HTTPException(422, f"give two of the staff: {', '.join(self._desk.names)}")
        days = [wanted.day, *([wanted.for_day] if wanted.for_day else [])]
        wish = swaps.Wish(person=wanted.by, other=wanted.other, days=tuple(day.isoformat() for day in days))
        made = await self._house.writer.do(self._desk.moves.swap, wish)
        return MadeShape(ok=made.ok, answer=made.answer, variables=dict(made.variables), ticket=None)


def build_api(desk: Desk) -> FastAPI:
    """Build the application that is mounted at /api/v1."""
    api = Api(desk)
    router = APIRouter()
    router.add_api_route("/tickets", api.list_tickets, methods=["GET"])
    router.add_api_route("/tickets/{number}", api.show_ticket, methods=["GET"])
    router.add_api_route("/tickets/{number}/moves", api.make_move, methods=["POST"])
    router.add_api_route("/visits", api.list_visits, methods=["GET"])
    router.add_api_route("/polls", api.list_polls, methods=["GET"])
    router.add_api_route("/polls/{account}/now", api.poll_now, methods=["POST"], status_code=202)
    router.add_api_route("/quarantine", api.list_quarantine, methods=["GET"])
    router.add_api_route("/quarantine/{ident}/release", api.release, methods=["POST"])
    router.add_api_route("/ignored", api.list_ignored, methods=["GET"])
    router.add_api_route("/ignored/{ident}/open", api.open_ignored, methods=["POST"])
    router.add_api_route("/troubles", api.list_troubles, methods=["GET"])
    router.add_api_route("/corrections", api.list_corrections, methods=["GET"])
    router.add_api_route("/health", api.show_health, methods=["GET"])
    router.add_api_route("/drills", api.list_drills, methods=["GET"])
    router.add_api_route("/drills", api.run_drill, methods=["POST"])
    router.add_api_route("/links", api.put_link, methods=["POST"], status_code=204)
    router.add_api_route("/duty", api.show_duty, methods=["GET"])
    router.add_api_route("/duty/{role}", api.set_duty, methods=["PUT"])
    router.add_api_route("/rota/swaps", api.propose_swap, methods=["POST"])
    # The documentation pages of FastAPI load scripts from elsewhere, so there are none.
    app = FastAPI(title="Yizhan", version="1", docs_url=None, redoc_url=None, openapi_url="/openapi.json")
    app.include_router(router)
    app.include_router(api_rota.routes(desk))
    app.include_router(api_groups.routes(desk))
    app.include_router(api_suppressions.routes(desk))
    app.include_router(api_broadcasts.routes(desk))
    app.include_router(api_packages.routes(desk))
    app.include_router(api_accounts.routes(desk))
    return app
