"""The page of the sandbox and its buttons; everything that is typed goes over the providers' wire."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from channels.simulation import Fault
from gateway.duty import read_plan
from gateway.sandbox.people import ACCOUNTS, CUSTOMERS, STAFF, Player
from gateway.sandbox.screen import Card, Device, bubbles, cards
from gateway.sandbox.state import Box
from gateway.web.desk import Desk, see_other
from gateway.web.view import Eye
from router.rota import roles_of
from store import outbox, tickets
from store.model import Clock, Event, Ticket
from store.rows import nouns

MOST = 8
"""Tickets that the page shows; the board has them all."""
DIGITS = ("1", "2", "3", "9", "0")
SPEEDS: Mapping[str, float] = {"pause": 0.0, "x1": 1.0, "x60": 60.0}
LEAPS: Mapping[str, timedelta] = {
    "1m": timedelta(minutes=1),
    "5m": timedelta(minutes=5),
    "1h": timedelta(hours=1),
}
LONGEST = 4000
"""Characters of a text that may be typed here."""


def routes(desk: Desk, box: Box) -> list[BaseRoute]:
    """Return the routes of the sandbox page."""
    page = SandboxPage(desk, box)
    acts = {
        "text": page.text,
        "mail": page.mail,
        "press": page.press,
        "clock": page.clock,
        "fault": page.fault,
    }
    posts = [Route(f"/sandbox/{name}", act, methods=["POST"]) for name, act in acts.items()]
    return [Route("/", page.show, methods=["GET"]), *posts]


class SandboxPage:
    """The page and what its forms do."""

    def __init__(self, desk: Desk, box: Box) -> None:
        self._desk = desk
        self._box = box

    async def show(self, request: Request) -> Response:
        """Show everything."""
        eye = self._desk.eye(request)
        customer = chosen(request.query_params.get("customer", ""))
        return self._desk.render(
            request,
            "sandbox/page.html",
            eye=eye,
            customer=customer,
            customers=CUSTOMERS,
            phone=self._phone(customer, eye),
            mailbox=self._mailbox(customer, eye),
            staff=await self._desk.read(lambda connection: self._staff(connection, eye)),
            cards=await self._desk.read(lambda connection: find(connection, eye)),
            speed=self._box.clock.speed,
            now=eye.now.astimezone(eye.zone),
            faults={name: one.fault.value for name, one in self._box.simulators.items()},
            fault_names=[fault.value for fault in Fault],
            digits=DIGITS,
        )

    def _staff(self, connection: Connection, eye: Eye) -> list[Device]:
        """Lay out the phones of the staff with what each is on duty for now, and with what a ringing call says."""
        plan = read_plan(connection, self._desk.house.config.router, eye.now)
        duty = roles_of(plan, eye.now)
        return [
            replace(
                one,
                roles=tuple(role for role, person in duty.items() if person == one.player.key),
                says=_says(connection, one),
            )
            for one in (self._phone(player, eye) for player in STAFF)
        ]

    def _phone(self, player: Player, eye: Eye) -> Device:
        spoken = [one for one in self._box.spoken["sms"] if one.sender == player.phone]
        calls = [replace(one, subject=eye.words("spoken")) for one in self._box.heard("phone", player.phone)]
        heard = [*self._box.heard("sms", player.phone), *calls]
        return Device(player=player, bubbles=bubbles(heard, spoken, eye), call=self._box.ringing(player.phone))

    def _mailbox(self, player: Player, eye: Eye) -> Device:
        spoken = [one for one in self._box.spoken["email"] if one.sender == player.mailbox]
        heard = self._box.heard("email", player.mailbox)
        last = heard[-1].id if heard else ""
        return Device(player=player, bubbles=bubbles(heard, spoken, eye), last=last)

    async def text(self, request: Request) -> Response:
        """Somebody texts."""
        form = await self._desk.form(request)
        words = field(form, "text")
        if words:
            await self._box.text(somebody(field(form, "from")).phone, words)
        return back(form)

    async def mail(self, request: Request) -> Response:
        """Somebody writes a mail."""
        form = await self._desk.form(request)
        words = field(form, "text")
        if words:
            player = somebody(field(form, "from"))
            answers = field(form, "answers") or None
            await self._box.mail(player.mailbox, subject=field(form, "subject"), text=words, answers=answers)
        return back(form)

    async def press(self, request: Request) -> Response:
        """Somebody presses a key, hangs up, or lets voicemail answer."""
        form = await self._desk.form(request)
        number, key = somebody(field(form, "from")).phone, field(form, "key")
        if key == "hang_up":
            await self._box.hang_up(number)
        elif key == "voicemail":
            await self._box.press(number, None)
        elif key in DIGITS:
            await self._box.press(number, key)
        return back(form)

    async def clock(self, request: Request) -> Response:
        """Set the clock."""
        form = await self._desk.form(request)
        act = field(form, "act")
        if act in SPEEDS:
            self._box.clock.run(SPEEDS[act])
        elif act in LEAPS:
            await self._box.forward(LEAPS[act])
        return back(form)

    async def fault(self, request: Request) -> Response:
        """Switch a provider."""
        form = await self._desk.form(request)
        provider, state = field(form, "provider"), field(form, "state")
        if provider not in self._box.simulators or state not in {fault.value for fault in Fault}:
            raise HTTPException(404)
        self._box.break_(provider, Fault(state))
        return back(form)


def _says(connection: Connection, phone: Device) -> str:
    call = phone.call
    said = outbox.find(connection, f"phone:{ACCOUNTS['phone']}", key=None, provider_id=call.id) if call else None
    return said.text if said else ""


def field(form: FormData, name: str) -> str:
    """Return a field of a form, without the spaces around it."""
    return str(form.get(name, "")).strip()[:LONGEST]


def back(form: FormData) -> Response:
    """Go back to the page, with the same customer."""
    customer = field(form, "customer")
    query: dict[str, Any] = {"customer": customer} if customer and customer != CUSTOMERS[0].key else {}
    return see_other("/", **query)


def chosen(key: str) -> Player:
    """Return the customer whose phone is shown."""
    return next((player for player in CUSTOMERS if player.key == key), CUSTOMERS[0])


def somebody(key: str) -> Player:
    """Return one of the players; raises HTTPException 404."""
    for player in (*STAFF, *CUSTOMERS):
        if player.key == key:
            return player
    raise HTTPException(404)


def find(connection: Connection, eye: Eye) -> tuple[Card, ...]:
    """Ask the store for the newest tickets."""
    found = nouns(Ticket, tickets.listed(connection, open_only=False, limit=MOST))
    ids = [ticket.id for ticket in found]
    clocks = nouns(Clock, tickets.clocks_of(connection, ids))
    events = [event for ident in ids for event in nouns(Event, tickets.history(connection, ident))]
    return cards(found, clocks, events, eye)
