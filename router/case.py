"""Everything about one ticket that a decision may look at, gathered beforehand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from router.duty import OnDuty, plan_of
from router.effects import Rung
from router.policies import Client
from router.promises import Days, Matter, Terms, terms_for
from router.rota import Plan
from router.settings import RouterSettings
from store.model import (
    HELD_STATES,
    OUT_STATES,
    Clock,
    ClockKind,
    Page,
    PageState,
    Ticket,
    TicketState,
    Visit,
    VisitState,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Outing:
    """Somebody is out for a ticket, or was asked to go."""

    person: str
    number: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Scene:
    """What holds for all tickets at one instant."""

    now: datetime
    duty: OnDuty
    settings: RouterSettings
    plan: Plan | None = None
    """Who is on duty when; None where nothing was changed against the rota."""
    out: tuple[Outing, ...] = ()
    """Who is out; gathered only where somebody is to be sent."""
    clients: Mapping[int, Client] = field(default_factory=dict)
    """By customer id, where ladders or promises hang on who they are."""

    @property
    def days(self) -> Days:
        """By which days promises are counted."""
        return Days(calendar=self.settings.calendar, zone=self.settings.zone)

    def terms(self, ticket: Ticket) -> Terms:
        """Return what the customer of a ticket was promised."""
        client = self.client(ticket.customer_id)
        return terms_for(self.settings, contract=client.contract, grade=client.grade)

    def matter(self, ticket: Ticket) -> Matter:
        """Return what the promises of a ticket depend on."""
        return Matter(kind=ticket.kind, level=ticket.level)

    def bound(self, ticket: Ticket) -> dict[str, str]:
        """Return what a line of history that starts a promise must remember: whose figures hold, if not everybody's."""
        name = self.terms(ticket).name
        return {"terms": name} if name else {}

    @property
    def rota(self) -> Plan:
        """Who is on duty when."""
        return self.plan or plan_of(self.settings)

    def client(self, customer_id: int | None) -> Client:
        """Return what is known of a customer."""
        return self.clients.get(customer_id or 0, Client())

    def absent(self, person: str) -> bool:
        """Tell whether one of the staff is away; when all are, or somebody has a role nevertheless, they are not."""
        duty = self.duty
        there = (*duty.everyone, duty.lead, duty.second, duty.manager)
        return person in self.settings.people and person not in there

    def name(self, person: str | None) -> str:
        """Return a person's name for a text; a key that left the configuration stays as it is."""
        found = self.settings.people.get(person or "")
        return found.name if found else (person or "")


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """One ticket with its pages and clocks."""

    ticket: Ticket
    pages: tuple[Page, ...] = ()
    clocks: tuple[Clock, ...] = ()
    undone: bool = False
    """A take of it was undone before."""
    similar: tuple[int, ...] = ()
    """Numbers of the tickets that may be the same matter, by an open suggestion."""
    visits: tuple[Visit, ...] = ()
    """Oldest first; gathered where somebody speaks or acts."""

    @property
    def number(self) -> int:
        """The number people say."""
        return self.ticket.number

    @property
    def waiting(self) -> bool:
        """Nobody has it yet."""
        return self.ticket.state == TicketState.PAGING

    @property
    def held(self) -> bool:
        """Somebody has it and it is not settled."""
        return self.ticket.state in HELD_STATES

    @property
    def merged(self) -> bool:
        """It is a part of another ticket."""
        return self.ticket.state == TicketState.MERGED

    @property
    def open(self) -> bool:
        """It is neither settled nor a part of another."""
        return self.waiting or self.held

    @property
    def rungs(self) -> tuple[Rung, ...]:
        """The frozen ladder."""
        return tuple(Rung(**rung) for rung in self.ticket.plan)

    def asked(self) -> tuple[str, ...]:
        """Return who was asked in this round, in order."""
        return tuple(page.person for page in self.pages if page.round == self.ticket.round)

    def open_page(self, person: str) -> Page | None:
        """Return the person's page that still waits for an answer."""
        for page in self.pages:
            if page.person == person and page.round == self.ticket.round and page.state == PageState.OPEN:
                return page
        return None

    def visit_of(self, person: str) -> Visit | None:
        """Return the newest visit that a person was sent on and that is not over."""
        own = (v for v in reversed(self.visits) if v.engineer == person and v.state in OUT_STATES)
        return next(own, None)

    @property
    def wish(self) -> Visit | None:
        """The visit that the customer asked for and nobody was sent on."""
        return next((v for v in self.visits if v.state == VisitState.ASKED), None)

    def has(self, person: str) -> bool:
        """Tell whether somebody may act on it as theirs: its owner, and whoever was sent on site."""
        return self.ticket.owner == person or self.visit_of(person) is not None

    def clock(self, kind: ClockKind) -> Clock | None:
        """Return the running clock of this kind."""
        return next((c for c in self.clocks if c.kind == kind and c.stopped_at is None), None)

    def last_clock(self, kind: ClockKind) -> Clock | None:
        """Return the newest clock of this kind, running or not."""
        return next((c for c in reversed(self.clocks) if c.kind == kind), None)


def stored(rungs: tuple[Rung, ...]) -> list[Mapping[str, object]]:
    """Turn a ladder into what the ticket's row keeps."""
    return [{"after": r.after, "person": r.person, "by": r.by, "last": r.last, "giver": r.giver} for r in rungs]
