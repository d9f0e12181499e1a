"""The tickets that one transaction touches: loaded once, changed in memory, written set by set at its end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from gateway.duty import read_plan
from gateway.standing import Standing
from router.case import Case, Scene
from router.duty import on_duty
from router.policies import Client, asks_for_customers
from store import linking as ties
from store import people, tickets
from store.model import OPEN_STATES, Clock, Page, Ticket, Visit
from store.numbers import Numbers
from store.work import Work
from store.writer import Tx


@dataclass(slots=True)
class File:
    """One ticket with its pages and clocks, as they stand within the transaction."""

    ticket: Ticket
    pages: list[Page] = field(default_factory=list)
    clocks: list[Clock] = field(default_factory=list)
    undone: bool = False
    """A take of it was undone before."""
    similar: tuple[int, ...] = ()
    """Numbers of the tickets that may be the same matter; filled where somebody asks."""
    visits: list[Visit] = field(default_factory=list)
    """Filled where somebody speaks or acts (`gateway.visiting.bring`), and then `visited`."""
    visited: bool = False

    def case(self) -> Case:
        """Return what a decision may look at."""
        return Case(
            ticket=self.ticket,
            pages=tuple(self.pages),
            clocks=tuple(self.clocks),
            undone=self.undone,
            similar=self.similar,
            visits=tuple(self.visits),
        )


class Files:
    """The working set of one transaction."""

    def __init__(self, tx: Tx, standing: Standing) -> None:
        self.tx = tx
        self.standing = standing
        self.work = Work(tx)
        self.numbers = Numbers(tx)
        self.by_id: dict[int, File] = {}
        self.by_number: dict[int, File] = {}
        self.recent: dict[tuple[str, str], list[datetime]] = {}
        """When pages went to (destination, address) lately."""
        self.urgent: set[tuple[str, str]] = set()
        """(destination, address) that a page of level 1 went to in this transaction."""
        self.automatic: dict[str, int] = {}
        """How many automatic texts an address got within the hour."""
        self.hearing: int | None = None
        """The message whose effects are being performed."""
        self._threads: dict[int, list[str]] = {}
        self.folding: set[str] = set()
        """Whose bundle is already planned in this transaction."""
        self._linked: dict[tuple[str, str], str] | None = None
        self.clients: dict[int, Client] = {}
        """Customers of the tickets in hand, where a ladder or a promise hangs on who they are."""
        self.plan = read_plan(tx.connection, standing.router, tx.now)
        self.scene = self._scene()

    def _scene(self) -> Scene:
        duty = on_duty(self.plan, self.tx.now)
        return Scene(
            now=self.tx.now,
            duty=duty,
            settings=self.standing.router,
            plan=self.plan,
            clients=self.clients,
        )

    def replan(self) -> None:
        """Read anew who is on duty: a shift or an absence was written."""
        self.work.flush()
        self.plan = read_plan(self.tx.connection, self.standing.router, self.tx.now)
        self.scene = self._scene()

    def linked(self, book: str, *, value: str = "", person: str = "") -> str | None:
        """Return the staff key behind an address, or the address of a person, among those proved by a code."""
        if self._linked is None:
            self._linked = ties.staff_addresses(self.tx.connection)
        for (known_book, known_value), key in self._linked.items():
            if known_book == book and value and known_value == value.lower():
                return key
            if known_book == book and person and key == person:
                return known_value
        return None

    def forget_linked(self) -> None:
        """Have the addresses of the staff read again: one was added."""
        self.work.flush()
        self._linked = None

    def load(self, ids: Iterable[int]) -> list[File]:
        """Bring in tickets by id; those in hand are not read again."""
        wanted = list(dict.fromkeys(ids))
        missing = [i for i in wanted if i not in self.by_id]
        if missing:
            self.keep(self.work.load(Ticket, tickets.by_ids(self.tx.connection, missing)))
        return [self.by_id[i] for i in wanted if i in self.by_id]

    def load_numbers(self, numbers: Iterable[int]) -> list[File]:
        """Bring in tickets by number."""
        wanted = list(dict.fromkeys(numbers))
        missing = [n for n in wanted if n not in self.by_number]
        if missing:
            self.keep(self.work.load(Ticket, tickets.by_numbers(self.tx.connection, missing)))
        return [self.by_number[n] for n in wanted if n in self.by_number]

    def alive(self, file: File) -> File:
        """Return the ticket that is meant by this one: what it became a part of, and that in turn."""
        seen: set[int] = set()
        while file.ticket.merged_id is not None and file.ticket.id not in seen:
            seen.add(file.ticket.id)
            file = next(iter(self.load([file.ticket.merged_id])), file)
        return file

    def keep(self, found: Iterable[Ticket]) -> None:
        """Take tickets that were read into the set, with their pages and clocks."""
        fresh = [ticket for ticket in found if ticket.id not in self.by_id]
        for ticket in fresh:
            self.new(ticket)
        ids = [ticket.id for ticket in fresh]
        if not ids:
            return
        self.know(ticket.customer_id for ticket in fresh)
        for page in self.work.load(Page, tickets.pages_of(self.tx.connection, ids)):
            self.by_id[page.ticket_id].pages.append(page)
        for clock in self.work.load(Clock, tickets.clocks_of(self.tx.connection, ids)):
            self.by_id[clock.ticket_id].clocks.append(clock)
        again = [ticket.id for ticket in fresh if ticket.round > 1 and ticket.state in OPEN_STATES]
        for ticket_id in tickets.undone(self.tx.connection, again) if again else ():
            self.by_id[ticket_id].undone = True

    def know(self, customers: Iterable[int | None]) -> None:
        """Read the customers of tickets, once and together, where anything hangs on who they are."""
        missing = {one for one in customers if one is not None and one not in self.clients}
        if missing and asks_for_customers(self.standing.router):
            self.work.flush()
            for key, (name, grade, contract) in people.customers(self.tx.connection, missing).items():
                self.clients[key] = Client(name=name, grade=grade, contract=contract)

    def new(self, ticket: Ticket, *, fresh: bool = False) -> File:
        """Take a ticket into the set without reading more of it; `fresh`: it begins in this transaction."""
        file = File(ticket)
        if fresh:
            self._threads[ticket.id] = []
            self.know([ticket.customer_id])
        self.by_id[ticket.id] = file
        self.by_number[ticket.number] = file
        return file

    def thread(self, ticket_id: int) -> tuple[str, ...]:
        """Return the keys of the last things the customer said on a ticket, newest first."""
        if ticket_id not in self._threads:
            self._threads[ticket_id] = list(tickets.inbound_keys(self.tx.connection, ticket_id))
        return tuple(self._threads[ticket_id])

    def heard(self, ticket_id: int, key: str) -> None:
        """Put a message just judged in front of its ticket's thread."""
        self._threads[ticket_id] = [key, *self.thread(ticket_id)]
